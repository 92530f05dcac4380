"""What a file is, told from its content, with the reason in words.

Names and suffixes are not trusted: people rename files, and a `.json` may be five things.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, Final, NamedTuple

import msgspec

from windhover.detections.asterix.final import is_final
from windhover.detections.asterix.uap import PROFILES
from windhover.detections.beast import parse
from windhover.detections.frames_text import is_frame_line
from windhover.detections.metar import parse as parse_metar
from windhover.detections.sounding_igra import is_igra
from windhover.detections.sounding_text import is_list
from windhover.detections.wind_csv import NEEDED
from windhover.detections.wind_instruments import is_sodar
from windhover.errors import BadInput
from windhover.feeds.cassette import CASSETTE, last_body

MAX_BYTES: Final = 1 << 30
"""No recording unpacks to more than this: a kilobyte of zeros must not fill the machine."""
PIECE: Final = 1 << 20


class Sniffed(NamedTuple):
    """What it is, and what gave it away."""

    kind: str
    reason: str


def unpack(raw: bytes) -> tuple[bytes, str]:
    """The bytes inside gzip, xz, bzip2 or a zip of one file; and the words for it. Raises `BadInput`."""
    packed = ""
    for _ in range(3):  # a zip of a gz is seen in the wild; deeper is a trick
        opener, name = _opener(raw)
        if opener is None:
            return raw, packed
        try:
            raw = opener(raw)
        except (
            OSError,
            EOFError,
            lzma.LZMAError,
            zlib.error,
            zipfile.BadZipFile,
            ValueError,
        ) as fault:
            if isinstance(fault, BadInput):
                raise
            raise BadInput(f"The {name} file is broken or cut off.") from None
        except (RuntimeError, NotImplementedError):
            raise BadInput(f"The {name} file is encrypted or packed in an unknown way.") from None
        packed = f"{packed}{name}, inside it " if raw else packed
    raise BadInput("The file is packed more than three times over.")


def _opener(raw: bytes) -> tuple[Callable[[bytes], bytes] | None, str]:
    if raw[:2] == b"\x1f\x8b":
        return (lambda b: _bounded(gzip.GzipFile(fileobj=io.BytesIO(b)))), "gzip"
    if raw[:6] == b"\xfd7zXZ\0":
        return (lambda b: _bounded(lzma.LZMAFile(io.BytesIO(b)))), "xz"
    if raw[:3] == b"BZh":
        return (lambda b: _bounded(bz2.BZ2File(io.BytesIO(b)))), "bzip2"
    if raw[:4] == b"PK\x03\x04":
        return _unzip, "zip"
    if raw.startswith(CASSETTE):
        return last_body, "recorded HTTP exchange"
    return None, ""


def _bounded(stream: IO[bytes] | io.BufferedIOBase) -> bytes:
    """All of it, piece by piece: asked for as a whole, the room for the most there may be is taken at once."""
    payload = bytearray()
    while piece := stream.read(PIECE):
        payload += piece
        if len(payload) > MAX_BYTES:
            raise BadInput("The file unpacks to more than 1 GiB.", "Split it first.")
    return bytes(payload)


def _unzip(raw: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        # Not `is_dir`: it raises where a name is empty.
        inside = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
        # A KMZ carries pictures beside its map; the first .kml in it is the map (OGC 12-007r2, annex C).
        maps = [entry for entry in inside if entry.filename.lower().endswith(".kml")]
        inside = maps[:1] or inside
        if len(inside) != 1:
            raise BadInput(
                f"The zip holds {len(inside)} files, not one.", "Unpack it and name one."
            )
        with archive.open(inside[0]) as stream:
            return _bounded(stream)


_MAGIC: Final = (
    (b"PAR1", "parquet", "starts with PAR1"),
    (b"CDF\x01", "netcdf", "starts with CDF: netCDF classic"),
    (b"CDF\x02", "netcdf", "starts with CDF: netCDF classic"),
    (b"\x89HDF", "netcdf", "starts with the HDF5 number: netCDF-4"),
    (b"\xd4\xc3\xb2\xa1", "pcap", "starts with the pcap number"),
    (b"\xa1\xb2\xc3\xd4", "pcap", "starts with the pcap number"),
    (b"\x4d\x3c\xb2\xa1", "pcap", "starts with the pcap number (nanoseconds)"),
    (b"\xa1\xb2\x3c\x4d", "pcap", "starts with the pcap number (nanoseconds)"),
    (b"\x0a\x0d\x0d\x0a", "pcap", "starts with a pcapng section header"),
)
_UNREADABLE: Final = (
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV or Parquet."),
    (b"%PDF", "a PDF document", ""),
    (b"\x89PNG", "a picture", ""),
)
_XML_ROOT: Final = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?([A-Za-z]\w*)[\s/>]")
_XML_KINDS: Final = {b"gpx": "gpx", b"kml": "kml"}
_IGC_FIX: Final = re.compile(rb"^B\d{13}[NS]\d{8}[EW][AV]", re.M)


def sniff(payload: bytes) -> Sniffed:
    """The kind of an unpacked file. Raises `BadInput` where nothing fits."""
    if not payload.strip():
        raise BadInput("The file is empty.")
    for magic, kind, reason in _MAGIC:
        if payload.startswith(magic):
            return Sniffed(kind, reason)
    for magic, name, what_to_do in _UNREADABLE:
        if payload.startswith(magic):
            raise BadInput(f"This is {name}, which Windhover does not read.", what_to_do)
    # Bulletins come with a line or two of the network before them.
    for magic, kind in ((b"GRIB", "grib"), (b"BUFR", "bufr")):
        if payload.find(magic, 0, 128) >= 0 and payload[-4:].strip() in (b"7777", b"77"):
            return Sniffed(kind, f"has {magic.decode()} at its beginning and 7777 at its end")
    if payload.startswith((b"GRIB", b"BUFR")):
        kind = payload[:4].decode()
        return Sniffed(kind.lower(), f"starts with {kind}")
    if payload[0] == 0x1A and len(payload) > 9 and 0x31 <= payload[1] <= 0x35:
        frames, _, broken = parse(payload[:65_536])
        if len(frames) > broken:
            return Sniffed("beast", "starts with the Beast escape byte 0x1A and a frame type")
    if payload[0] in PROFILES and _blocks(payload):
        return Sniffed("asterix", f"a chain of ASTERIX blocks, the first of CAT{payload[0]:03d}")
    if is_final(payload):
        return Sniffed("asterix_final", "frames of ASTERIX blocks, each ended by A5 A5 A5 A5")
    head = payload[:65_536].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] == b"<":
        root = _XML_ROOT.search(head)
        if root is not None and root[1] in _XML_KINDS:
            word = root[1].decode()
            return Sniffed(_XML_KINDS[root[1]], f"XML whose root is <{word}>")
    if head[:1] in (b"{", b"["):
        return _json(payload, head)
    if b"\0" in head:
        raise BadInput("The content is of no kind that Windhover knows.")
    if len(_IGC_FIX.findall(head)) > 1 or (b"DTE" in head and _IGC_FIX.search(payload)):
        return Sniffed("igc", "has the B records of an IGC flight log")
    lines = [line for line in head.splitlines() if line.strip()]
    if not lines:
        raise BadInput("The content is of no kind that Windhover knows.")
    first, second = lines[0], lines[1] if len(lines) > 1 else b""
    if is_frame_line(first) or (is_frame_line(second) and b"lat" not in first.lower()):
        return Sniffed("mode_s", "lines of time and hexadecimal Mode S frame")
    if first.startswith(b"MSG,"):
        return Sniffed("sbs", "lines start with MSG: the BaseStation (SBS) port")
    if is_igra(payload):
        return Sniffed("igra", "starts with an IGRA 2 header: #, station, date, levels, place")
    if is_sodar(payload[:65_536]):
        return Sniffed("sodar", "starts with FORMAT-1 and has a data block: a Scintec sodar")
    if is_list(head):
        return Sniffed("sounding_text", "a list of levels with PRES, HGHT and DRCT")
    if any(parse_metar(line.decode("utf-8", "replace")) for line in lines[:4]):
        return Sniffed("metar", "lines of METAR: a station, day and time with Z, a wind")
    names = [
        name.strip(b'" \t').decode("utf-8", "replace") for name in re.split(rb"[,;\t|]", first)
    ]
    if all(name in names for name in NEEDED):
        return Sniffed("wind_csv", "the header names wind_east_m_s and wind_north_m_s")
    if len(names) > 1 and not any(_is_number(name) for name in names):
        return Sniffed("points_csv", f"text with a header of {len(names)} columns")
    raise BadInput("The content is of no kind that Windhover knows.")


def _blocks(payload: bytes) -> bool:
    """Whether the lengths of ASTERIX blocks lead from the first octet to the end, or through 50 of them."""
    at = 0
    for _ in range(50):
        if at + 3 > len(payload):
            break
        length = payload[at + 1] << 8 | payload[at + 2]
        if length < 5 or payload[at] > 252:
            return False
        at += length
    else:
        return True
    return at == len(payload)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _json(payload: bytes, head: bytes) -> Sniffed:
    if head.startswith(b"["):
        try:
            records = msgspec.json.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise BadInput("It looks like JSON and is not: broken or cut off.") from None
        first = next((r for r in records if isinstance(r, dict)), None)
        if first is None:
            raise BadInput("The JSON list holds no records.")
        return _of_object(first, "a JSON list of") or Sniffed(
            "points_json", "a JSON list of records"
        )
    line = head.splitlines()[0]
    for text, words in ((payload, "a JSON object:"), (line, "JSON lines:")):
        try:
            found = msgspec.json.decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        kind = _of_object(found, words)
        if kind is not None:
            return kind
        if _is_table(found):
            return Sniffed("points_json", f"{words.rstrip(':')} that hold a table")
        raise BadInput("The JSON is of no kind that Windhover knows.")
    raise BadInput("It looks like JSON and is not: broken or cut off.")


def _is_table(found: dict[str, object]) -> bool:
    """Whether an object is a table as pandas writes it, or one record of it."""
    inside = list(found.values())
    if any(isinstance(found.get(key), list) for key in ("data", "states")) or (
        len(inside) > 1 and all(isinstance(column, dict | list) for column in inside)
    ):
        return True
    return len(inside) > 2 and not any(isinstance(value, dict | list) for value in inside)


def _of_object(found: dict[str, object], words: str) -> Sniffed | None:
    if isinstance(found.get("profiles"), list):
        return Sniffed("mesonet", f"{words} profiles with levels")
    if "plots" in found and "radar" in found:
        return Sniffed("plots", f"{words} radar revolutions with plots")
    if "now" in found and ("aircraft" in found or "ac" in found):
        return Sniffed("aircraft_json", f"{words} readsb's aircraft.json")
    files = found.get("files")
    if isinstance(files, list) and any(isinstance(f, dict) and "aircraft" in f for f in files):
        return Sniffed("aircraft_json", f"{words} tar1090's history")
    if "trace" in found and "icao" in found:
        return Sniffed("trace", f"{words} a readsb trace of one aircraft")
    data = found.get("data")
    if isinstance(data, dict) and "UASdata" in data:
        return Sniffed("dronescout", f"{words} DroneScout Remote ID messages")
    return None
