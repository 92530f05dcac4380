"""Every target up to so many inputs each, one after the other; the dated result is quoted in docs/measured.md.

python -m tests.fuzz.soak [--runs 10000000] [--only NAME] [--seconds N] [--keep] [--folder FOLDER]

`--seconds` ends a target's turn; `--folder` goes on where an earlier run stopped, with what it had found, and
adds to its counts, so that many short turns make one long run. A crash, a hang above 10 s, or more than 3 GB of memory fails the target and leaves the input beside the
result. `--keep` writes the smallest inputs that reached new code into the corpus that the tests run.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import sysconfig
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fuzz.targets import CORPUS, targets

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv/peers/atheris/bin/python"
KEPT = 30
KEPT_OCTETS = 400


def folder_of(name: str, results: Path) -> Path:
    """Where a target's inputs lie."""
    return results / name.replace(" ", "_")


def fuzz(name: str, runs: int, seconds: int, results: Path) -> dict[str, Any]:
    """One target; what libFuzzer says of it."""
    folder = folder_of(name, results)
    # Our own packages and the tests' are lent to atheris' environment: one Python, two folders.
    lent = os.pathsep.join((str(ROOT / "src"), str(ROOT), sysconfig.get_paths()["purelib"]))
    command = [str(PYTHON), "-m", "tests.fuzz.one", name, str(runs), str(folder)]
    if seconds:
        command.append(f"-max_total_time={seconds}")
    began_s = _processor_s()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": lent},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    said = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stderr))
    covered = re.findall(r"cov: (\d+)", done.stderr)
    return {
        "target": name,
        "inputs": int(said.get("number_of_executed_units", 0)),
        "seconds": round(_processor_s() - began_s),
        "memory_mb": int(said.get("peak_rss_mb", 0)),
        "covered": int(covered[-1]) if covered else 0,
        "passed": done.returncode == 0,
        "words": "" if done.returncode == 0 else done.stderr[-1500:],
    }


def _processor_s() -> float:
    """Of the programs that this one has run to their end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def keep(name: str, results: Path) -> int:
    """The smallest inputs of a run into the corpus of the tests."""
    folder = folder_of(name, results)
    found = sorted(
        {path.read_bytes() for path in folder.iterdir() if path.stat().st_size <= KEPT_OCTETS},
        key=lambda one: (len(one), one),
    )
    chosen = found[:: max(1, len(found) // KEPT)][:KEPT]
    CORPUS.mkdir(exist_ok=True)
    lines = "".join(one.hex() + "\n" for one in chosen if one)
    (CORPUS / f"{name.replace(' ', '_')}.hex").write_text(lines)
    return len(chosen)


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=10_000_000)
    options.add_argument("--seconds", type=int, default=0)
    options.add_argument("--only", action="append", default=[])
    options.add_argument("--keep", action="store_true")
    options.add_argument("--folder", type=Path)
    asked = options.parse_args()
    if not PYTHON.exists():
        sys.stderr.write(f"{PYTHON} is missing: make .venv/peers/atheris/.installed\n")
        return 2
    day = datetime.now(UTC)
    results = asked.folder or ROOT / "soak-results" / f"fuzz-{day:%Y%m%d-%H%M%S}"
    results.mkdir(parents=True, exist_ok=True)
    table = results / "result.json"
    told = json.loads(table.read_text()) if table.exists() else {}
    failed = False
    for name in asked.only or targets():
        before = told.get(name, {"inputs": 0, "seconds": 0})
        left = asked.runs - before["inputs"]
        if left <= 0:
            continue
        one = fuzz(name, left, asked.seconds, results)
        if asked.keep:
            one["kept"] = keep(name, results)
        failed |= not one["passed"]
        one["inputs"] += before["inputs"]
        one["seconds"] += before["seconds"]
        told[name] = one | {"day": f"{day:%Y-%m-%d}"}
        sys.stdout.write(
            f"{name:24} {one['inputs']:>12,} inputs {one['seconds']:>8,} s processor "
            f"{one['covered']:>6} edges {one['memory_mb']:>5} MB  "
            f"{'passed' if one['passed'] else 'FAILED'}\n"
        )
        sys.stdout.flush()
        table.write_text(json.dumps(told, indent=1))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
