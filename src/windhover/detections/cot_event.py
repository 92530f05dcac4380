"""Cursor on Target events as they are written: TAK's XML and protobuf, streams and datagrams.

Two encodings of one event. A TCP stream carries XML documents one after another, or, once both sides
agreed on it, frames `0xBF varint(length) TakMessage`; a datagram carries one XML document, or
`0xBF 0x01 0xBF TakMessage`. Which of them it is is told from the first octet, message by message.

Source: MITRE, Cursor on Target Message Router User's Guide (2009), event schema 2.0; TAK protocol
version 1 (`takmessage.proto`, `cotevent.proto`) as published with ATAK-CIV. `hae` is the height above
the WGS 84 ellipsoid; `ce` and `le` are one sigma; 9999999 stands for "not known".
"""

from __future__ import annotations

import importlib
from collections import Counter
from functools import cache
from math import isfinite, nan
from typing import Any, Final
from xml.parsers import expat

import msgspec

from windhover.detections.decoded import count
from windhover.errors import BadInput
from windhover.timescale import from_iso, is_plausible

MAX_EVENT: Final = 1 << 18
"""Octets; a longer event is refused before it is read."""
UNKNOWN_M: Final = 9_999_999.0
_DEPTH: Final = 32
_TEXT: Final = 4096
_END: Final = b"</event>"


class CotEvent(msgspec.Struct, frozen=True):
    """One event, whichever way it was written. Degrees, as CoT says them; NaN = not known."""

    uid: str
    type: str
    how: str
    time_ns: int
    start_ns: int
    stale_ns: int
    latitude_deg: float
    longitude_deg: float
    height_ellipsoid_m: float = nan
    sigma_horizontal_m: float = nan
    sigma_vertical_m: float = nan
    callsign: str = ""
    course_deg: float = nan
    speed_m_s: float = nan
    remarks: str = ""
    opex: str = ""  # "o" operation, "e…" exercise, "s…" simulation
    detail: dict[str, dict[str, str]] = {}  # other elements of <detail>, "a" or "a/b" → attributes


class _Reader:
    """Collects one event from expat's calls."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.event: dict[str, str] = {}
        self.point: dict[str, str] = {}
        self.detail: dict[str, dict[str, str]] = {}
        self.remarks: list[str] = []
        self.left = _TEXT

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name)
        if len(self.path) > _DEPTH:
            raise BadInput("nested too deep")
        if self.path == ["event"]:
            self.event = attributes
        elif self.path == ["event", "point"]:
            self.point = attributes
        elif len(self.path) in (3, 4) and self.path[1] == "detail" and len(self.detail) < 64:
            self.detail.setdefault("/".join(self.path[2:]), attributes)

    def end(self, name: str) -> None:
        del name
        self.path.pop()

    def text(self, data: str) -> None:
        if self.path[-1:] == ["remarks"] and self.left > 0:
            self.remarks.append(data[: self.left])
            self.left -= len(data)


def _no_types(*_: object) -> None:
    raise BadInput("document type refused")


def _read(document: bytes) -> _Reader:
    found = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_types
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.text
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, LookupError, ValueError):
        raise BadInput("not an XML event") from None
    return found


def parse_xml(document: bytes) -> CotEvent:
    """One XML event. Raises `BadInput`; entities and document types are refused, not expanded."""
    if len(document) > MAX_EVENT:
        raise BadInput("event too long")
    found = _read(document)
    event, detail = found.event, found.detail
    if not event.get("uid") or not event.get("type"):
        raise BadInput("event without uid or type")
    contact, track = detail.pop("contact", {}), detail.pop("track", {})
    detail.pop("remarks", None)
    return CotEvent(
        uid=event["uid"],
        type=event["type"],
        how=event.get("how", ""),
        time_ns=_instant(event.get("time", "")),
        start_ns=_instant(event.get("start", "") or event.get("time", "")),
        stale_ns=_instant(event.get("stale", "")),
        latitude_deg=_number(found.point.get("lat")),
        longitude_deg=_number(found.point.get("lon")),
        height_ellipsoid_m=_metres(found.point.get("hae")),
        sigma_horizontal_m=_metres(found.point.get("ce")),
        sigma_vertical_m=_metres(found.point.get("le")),
        callsign=contact.get("callsign", ""),
        course_deg=_number(track.get("course")),
        speed_m_s=_number(track.get("speed")),
        remarks="".join(found.remarks).strip(),
        opex=event.get("opex", ""),
        detail=detail,
    )


def _instant(text: str) -> int:
    if len(text) > 40:
        raise BadInput("not a time")
    try:
        return from_iso(text)
    except (BadInput, OverflowError):
        raise BadInput("not a time") from None


def _number(text: str | None) -> float:
    try:
        value = float(text) if text else nan
    except ValueError:
        return nan
    return value if isfinite(value) else nan


def _metres(text: str | None) -> float:
    return _known(_number(text))


def _known(value: float) -> float:
    """Metres, or NaN for the number that stands for "not known" and anything absurd."""
    return value if -20_000.0 < value < 999_999.0 else nan


@cache
def message_type() -> Any:
    """takproto's `TakMessage`, or None where the extra `feeds` is not installed."""
    try:
        return importlib.import_module("takproto.proto").TakMessage
    except ImportError:
        return None


def parse_protobuf(message: bytes) -> CotEvent:
    """One `TakMessage` without its framing. Raises `BadInput`."""
    if len(message) > MAX_EVENT:
        raise BadInput("event too long")
    kind = message_type()
    if kind is None:
        raise BadInput("takproto is not installed")
    read = kind()
    try:
        read.ParseFromString(message)
    except Exception:  # protobuf's DecodeError; its class differs between implementations
        raise BadInput("not a TAK message") from None
    event = read.cotEvent
    if not event.uid or not event.type:
        raise BadInput("event without uid or type")
    has_track = event.detail.HasField("track")
    remarks, detail = _xml_detail(event.detail.xmlDetail)
    if event.detail.group.name:
        detail["__group"] = {"name": event.detail.group.name, "role": event.detail.group.role}
    return CotEvent(
        uid=event.uid,
        type=event.type,
        how=event.how,
        time_ns=_milliseconds(event.sendTime),
        start_ns=_milliseconds(event.startTime or event.sendTime),
        stale_ns=_milliseconds(event.staleTime),
        latitude_deg=event.lat if isfinite(event.lat) else nan,
        longitude_deg=event.lon if isfinite(event.lon) else nan,
        height_ellipsoid_m=_known(event.hae),
        sigma_horizontal_m=_known(event.ce),
        sigma_vertical_m=_known(event.le),
        callsign=event.detail.contact.callsign,
        course_deg=event.detail.track.course if has_track else nan,
        speed_m_s=event.detail.track.speed if has_track else nan,
        remarks=remarks,
        opex=event.opex,
        detail=detail,
    )


def _milliseconds(told: int) -> int:
    time_ns = int(told) * 1_000_000
    if not is_plausible(time_ns):
        raise BadInput("not a time")
    return time_ns


def _xml_detail(text: str) -> tuple[str, dict[str, dict[str, str]]]:
    """Remarks and elements of the part of <detail> that protobuf carries as XML; nothing if broken."""
    if not text:
        return "", {}
    try:
        found = _read(f"<event><detail>{text}</detail></event>".encode("utf-8", "replace"))
    except BadInput:
        return "", {}
    found.detail.pop("remarks", None)
    return "".join(found.remarks).strip(), found.detail


def split(data: bytes, rejected: Counter[str]) -> tuple[list[CotEvent], bytes]:
    """All whole events of a stream, and the rest that waits for more octets. Never raises.

    The rest is never longer than MAX_EVENT: what does not end is dropped and counted.
    """
    events: list[CotEvent] = []
    at, end = 0, len(data)
    while at < end:
        if data[at] == 0xBF:
            body, behind, fault = _frame(data, at)
        else:
            body, behind, fault = _document(data, at)
        if fault:
            count(rejected, fault)
        if behind is None:
            break
        at = behind
        if body is None:
            continue
        try:
            events.append(parse_protobuf(body[1:]) if body[:1] == b"\xbf" else parse_xml(body))
        except BadInput as wrong:
            count(rejected, wrong.what)
    rest = data[at:]
    if len(rest) > MAX_EVENT:
        count(rejected, "event without end")
        rest = b""
    return events, rest


def _frame(data: bytes, at: int) -> tuple[bytes | None, int | None, str]:
    """0xBF varint(length) message → 0xBF message; None behind = not whole yet."""
    if data[at + 1 : at + 3] == b"\x01\xbf":  # a datagram: the message goes to its end
        return b"\xbf" + data[at + 3 :], len(data), ""
    length = shift = 0
    for place in range(at + 1, min(at + 6, len(data))):
        length |= (data[place] & 0x7F) << shift
        shift += 7
        if not data[place] & 0x80:
            if length > MAX_EVENT:
                return None, at + 1, "event too long"
            stop = place + 1 + length
            if stop > len(data):
                return None, None, ""
            return b"\xbf" + data[place + 1 : stop], stop, ""
    if len(data) < at + 6:
        return None, None, ""
    return None, at + 1, "broken length"


def _document(data: bytes, at: int) -> tuple[bytes | None, int | None, str]:
    """The next XML event; what stands before its "<" is skipped."""
    start = data.find(b"<event", at)
    # No further than the event: a search to the end for each event would be quadratic.
    binary = data.find(b"\xbf", at, start if start >= 0 else len(data))
    if binary >= 0:
        return None, binary, "octets between events" if data[at:binary].strip() else ""
    if start < 0:
        # An XML declaration and white space may come alone; keep what may be the start of "<event".
        keep = max(at, len(data) - 200)
        return None, (keep if keep > at else None), ("octets between events" if keep > at else "")
    stop = data.find(_END, start)
    if stop < 0:
        return None, (start if start > at else None), ""
    return data[start : stop + len(_END)], stop + len(_END), ""
