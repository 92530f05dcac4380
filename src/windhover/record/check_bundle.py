"""Checks a Windhover bundle with nothing but Python's standard library.

    python check_bundle.py FOLDER [HEAD…]

FOLDER is the unpacked bundle; each HEAD is one that you were told while it happened (every notice
carries one). This file travels in every bundle, and is short so that you can read it before you
trust it. It forms each digest again and decides nothing else.
"""

import hashlib
import json
import sqlite3
import sys
from pathlib import Path


def sized(data: bytes) -> bytes:
    """A text with its length before it: 8 bytes, big-endian."""
    return len(data).to_bytes(8, "big") + data


def walk(journal: Path) -> dict[str, int]:
    """Every head of the chain → the number of its entry. Raises `SystemExit` at the first bad one."""
    connection = sqlite3.connect(f"file:{journal}?mode=ro&immutable=1", uri=True)
    meta = dict(connection.execute("SELECT key, value FROM meta ORDER BY key"))
    root = json.dumps(meta, separators=(",", ":"), ensure_ascii=False).encode()
    digest, heads = hashlib.sha256(root).digest(), {}
    rows = connection.execute(
        "SELECT seq, now_ns, kind, type, body, digest FROM entries ORDER BY seq"
    )
    for expected, (seq, now_ns, kind, type_, body, stored) in enumerate(rows, start=1):
        row = seq.to_bytes(8, "big") + now_ns.to_bytes(8, "big", signed=True)
        row += sized(kind.encode()) + sized(type_.encode()) + sized(body)
        digest = hashlib.sha256(digest + row).digest()
        if seq != expected or digest != stored:
            raise SystemExit(f"BROKEN at entry {expected}")
        heads[digest.hex()] = seq
    connection.close()
    return heads


def main(folder: Path, told: list[str]) -> None:
    """Check the bundle that is named on the command line; exit 1 where it does not hold."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name, file in manifest["files"].items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != file["sha256"]:
            raise SystemExit(f"BROKEN: {name} is missing or is not the file of the manifest")
    heads = walk(folder / "journal.sqlite")
    last = max(heads, key=lambda head: heads[head], default="")
    if manifest["entries"] and last != manifest["head"]:
        raise SystemExit("BROKEN: the manifest names another head")
    for head in told:
        if not any(one.startswith(head.lower()) for one in heads):
            raise SystemExit(f"BROKEN: the head {head} that you were told is not in this chain")
    sys.stdout.write(f"{manifest['notice']} The record holds: {len(heads)} entries.\n".lstrip())


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
