"""A record as one file for others: journal, archive, manifest, and the means to check them.

The bundle is a ZIP without compression (what is in it is compressed already), so that a damaged byte
stays one damaged byte and its entry can be named. The same record gives the same bundle.

Whoever hands it over can sign it with a key of their own (`record/signing.py`). What makes it proof
of the night is outside: the heads that the parties were told with their notices.
"""

from __future__ import annotations

import sqlite3
import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from windhover.errors import BadInput, BrokenRecord, WindhoverError
from windhover.record import check_bundle, signing
from windhover.record.archive import archived
from windhover.record.files import DRAFT_SUFFIX, digest_of, plain_words
from windhover.record.journal import Journal
from windhover.record.snapshot import is_inside
from windhover.record.verify import ARCHIVE_NAME, JOURNAL_NAME, Verdict, verify

FORMAT: Final = "windhover bundle 1"
BANNER: Final = "EXERCISE / EJERCICIO"
MANIFEST: Final = "manifest.json"
MAX_BYTES: Final = 1 << 40
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # nothing of the clock in a bundle: same record, same bytes
_MANIFEST_BYTES: Final = 1 << 26
_CHUNK: Final = 1 << 20

_README: Final = """{banner}Windhover bundle / Paquete de Windhover

{entries} entries / entradas. Head / cabeza:
{head}

To check it / Para comprobarlo:
  windhover journal verify THIS.zip --head HEAD-THAT-YOU-WERE-TOLD
or unpack it, read check_bundle.py and run it / o descomprímalo, lea check_bundle.py y ejecútelo:
  python3 check_bundle.py FOLDER HEAD-THAT-YOU-WERE-TOLD

The chain shows that nothing in it was changed afterwards, provided that you know one of its heads
from another source: every notice carried one.
La cadena muestra que nada se cambió después, siempre que usted conozca por otra fuente una de sus
cabezas: cada aviso llevaba una.

{signed}
"""
_SIGNED: Final = """Signed by the key with this fingerprint; ask its owner for it by another way:
Firmado con la clave de esta huella; pídala a su titular por otra vía:
  {fingerprint}
  openssl pkeyutl -verify -pubin -inkey signer.pem -rawin -in manifest.json -sigfile manifest.sig"""
_UNSIGNED: Final = "The bundle is not signed. / El paquete no está firmado."


class File(msgspec.Struct, frozen=True):
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What lies in a bundle."""

    notice: str  # the banner of an exercise, or empty
    format: str
    mode: str
    site_digest: str
    entries: int
    head: str
    signer: str  # fingerprint of the key that signed this manifest; empty = not signed
    files: dict[str, File]


def export(
    journal: Path, archive: Path | None, out: Path, key: Ed25519PrivateKey | None = None
) -> Manifest:
    """Write the bundle of a record that holds, signed where there is a key.

    Raises `BrokenRecord` for a record that does not hold.
    """
    signer = "" if key is None else signing.fingerprint(signing.public_of(key))
    signed = _SIGNED.format(fingerprint=signer) if signer else _UNSIGNED
    verdict = verify(journal, archive)
    if not verdict.holds:
        raise BrokenRecord(verdict.words, verdict.event or 0, "A broken record is not exported.")
    if journal.is_dir():
        journal = journal / JOURNAL_NAME
    root = archive if archive is not None else journal.parent / ARCHIVE_NAME
    draft = out.with_name(f".{out.name}{DRAFT_SUFFIX}")
    with plain_words(out), tempfile.TemporaryDirectory(dir=out.parent) as folder:
        copy = Path(folder) / JOURNAL_NAME
        _copy(journal, copy)
        with Journal.open(copy, read_only=True) as opened:
            meta, head = opened.meta, opened.head
            marks = [mark for entry in opened.read(kinds=("mark",)) if (mark := archived(entry))]
        texts = {"check_bundle.py": Path(check_bundle.__file__).read_bytes()}
        banner = BANNER if meta.mode == "exercise" else ""
        start = f"{BANNER}\n\n" if banner else ""
        texts["README.txt"] = _README.format(
            banner=start, entries=head.seq, head=head.hex, signed=signed
        ).encode()
        files = {name: File(len(data), sha256(data).hexdigest()) for name, data in texts.items()}
        files[JOURNAL_NAME] = _file(copy)
        files |= {f"{ARCHIVE_NAME}/{mark.path}": File(mark.bytes, mark.sha256) for mark in marks}
        manifest = Manifest(
            banner,
            FORMAT,
            meta.mode,
            meta.site_digest,
            head.seq,
            head.hex,
            signer,
            dict(sorted(files.items())),
        )
        try:
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as bundle:
                text = msgspec.json.format(msgspec.json.encode(manifest))
                _add(bundle, MANIFEST, text)
                if key is not None:
                    _add(bundle, signing.SIGNATURE, key.sign(text))
                    _add(bundle, signing.SIGNER, signing.public_of(key))
                for name in manifest.files:
                    source = (
                        copy
                        if name == JOURNAL_NAME
                        else root / name.removeprefix(f"{ARCHIVE_NAME}/")
                    )
                    _add(bundle, name, texts.get(name, source))
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
    return manifest


def verify_bundle(path: Path, heads: Sequence[str] = (), signer: str = "") -> Verdict:
    """The verdict on a bundle, of which `signer` is the fingerprint that its key must have, if given.

    Raises `BadInput` for a file that is none.
    """
    with plain_words(path), tempfile.TemporaryDirectory() as folder:
        try:
            manifest = _unpack(path, Path(folder))
            who = _signed_by(Path(folder), manifest, signer)
        except _Damaged as why:
            return Verdict(False, f"The bundle is damaged: {why}.", "", 0, "", 0)
        root = Path(folder) / ARCHIVE_NAME
        verdict = verify(Path(folder) / JOURNAL_NAME, root if root.is_dir() else None, heads)
        verdict = msgspec.structs.replace(
            verdict,
            notes=(
                who,
                *(n for n in verdict.notes if not n.startswith(("No seal", "The snapshot"))),
            ),
        )
        if not verdict.holds:
            return verdict
        for name, told in manifest.files.items():
            if _file(Path(folder) / name) != told:
                words = f"The bundle is damaged: {name} is not the file of its manifest."
                return msgspec.structs.replace(verdict, holds=False, words=words, event=0)
        if (manifest.entries, manifest.head) != (verdict.entries, verdict.head):
            words = "The bundle's manifest names another head than its journal has."
            return msgspec.structs.replace(verdict, holds=False, words=words, event=verdict.entries)
        return verdict


class _Damaged(Exception):
    pass


def _signed_by(folder: Path, manifest: Manifest, wanted: str) -> str:
    """Who signed the manifest, as one sentence; `_Damaged` where the signature does not hold."""
    if not manifest.signer:
        if wanted:
            raise _Damaged("it is not signed, and a signer was asked for")
        return "Not signed: who handed it over is not proved."
    public = (folder / signing.SIGNER).read_bytes()
    signature = (folder / signing.SIGNATURE).read_bytes()
    if not signing.holds(public, signature, (folder / MANIFEST).read_bytes()):
        raise _Damaged("its signature does not fit its manifest")
    if signing.fingerprint(public) != manifest.signer:
        raise _Damaged("it was signed by another key than its manifest says")
    if wanted and manifest.signer != wanted:
        raise _Damaged(f"it was signed by another key, {manifest.signer}")
    if wanted:
        return f"Signed by the key asked for, {manifest.signer}."
    return f"Signed by key {manifest.signer}: ask its owner for that fingerprint by another way."


def _unpack(path: Path, folder: Path) -> Manifest:
    """Every file of the manifest, copied byte for byte, even where the ZIP's own check would stop."""
    try:
        with zipfile.ZipFile(path) as bundle:
            members = {info.filename: info for info in bundle.infolist()}
            if MANIFEST not in members or members[MANIFEST].file_size > _MANIFEST_BYTES:
                raise BadInput(f"{path} is not a Windhover bundle.")
            try:
                text = bundle.read(MANIFEST)
                (folder / MANIFEST).write_bytes(text)
                manifest = msgspec.json.decode(text, type=Manifest)
            except (msgspec.MsgspecError, zipfile.BadZipFile, UnicodeDecodeError):
                raise _Damaged("its manifest cannot be read") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError):
        if not zipfile.is_zipfile(path) and MANIFEST.encode() not in path.read_bytes()[:256]:
            raise BadInput(f"{path} is not a Windhover bundle.") from None
        raise _Damaged("its list of files cannot be read") from None
    if manifest.format != FORMAT or JOURNAL_NAME not in manifest.files:
        raise _Damaged("its manifest is of no known form")
    beside = {signing.SIGNATURE, signing.SIGNER} if manifest.signer else set()
    if set(members) != {MANIFEST} | beside | set(manifest.files):
        raise _Damaged("it holds other files than its manifest says")
    if sum(member.file_size for member in members.values()) > min(MAX_BYTES, path.stat().st_size):
        raise _Damaged("it says that it holds more than it does")
    with path.open("rb") as source:
        for name in (*manifest.files, *sorted(beside)):
            member = members[name]
            if not is_inside(name) or member.compress_type != zipfile.ZIP_STORED:
                raise _Damaged(f"{name!a} cannot be unpacked")
            source.seek(member.header_offset)
            header = source.read(30)
            if len(header) < 30 or header[:4] != b"PK\x03\x04":
                raise _Damaged(f"{name} is not where it should be")
            lengths = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:], "little")
            source.seek(member.header_offset + 30 + sum(lengths))
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            left = member.file_size
            with target.open("wb") as out:
                while left and (chunk := source.read(min(_CHUNK, left))):
                    out.write(chunk)
                    left -= len(chunk)
    return manifest


def _copy(journal: Path, copy: Path) -> None:
    """The journal as it stands, in one file, also while somebody writes to it."""
    try:
        with (
            closing(sqlite3.connect(f"file:{copy}?mode=rwc", uri=True)) as target,
            Journal.open(journal, read_only=True) as opened,
        ):
            opened.copy_to(target)
            # One file, without a write-ahead log, which a reader could not make on a locked disk.
            target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as why:
        raise WindhoverError(f"The journal {journal} cannot be copied: {why}.") from why


def _add(bundle: zipfile.ZipFile, name: str, data: bytes | Path) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.create_system, info.external_attr = 3, 0o644 << 16
    if isinstance(data, bytes):
        bundle.writestr(info, data)
        return
    info.file_size = data.stat().st_size
    with data.open("rb") as source, bundle.open(info, "w") as target:
        while chunk := source.read(_CHUNK):
            target.write(chunk)


def _file(path: Path) -> File:
    return File(path.stat().st_size, digest_of(path))
