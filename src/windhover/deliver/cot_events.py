"""The picture as Cursor on Target events, and an event as TAK's XML or protobuf.

| what | type |
|---|---|
| drone: rotary, fixed wing | `a-u-A-M-H-Q`, `a-u-A-M-F-Q` |
| aircraft that says who it is | `a-n-A-C-F`, helicopters (emitter category A7) `a-n-A-C-H` |
| aircraft that says nothing | `a-u-A-C-F` |
| balloon, and what is tied to the ground | `a-u-A-C-L` |
| bird, not yet known | `a-u-A` |
| a drone's operator, as it says | `a-u-G` |
| our sensor | `a-f-G-E-S-E` |

A friend (a flight on file, own forces) has the letter `f` in place of `u` or `n`. There is no other
letter: the vocabulary has no enemy. An aircraft is called rotary or fixed wing where that is known:
nothing with fixed wings stands still, and small multirotors do not fly faster than 30 m/s.

Exercise events say so where every program shows it: in the callsign and the remarks; in the uid, which
servers keep whole; and in `opex`, which some servers drop.
"""

from __future__ import annotations

from math import degrees, hypot, isnan, nan, sqrt
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import msgspec

from windhover.deliver.airspace import EXERCISE, AirFrame, AirObject, AirSensor
from windhover.detections.cot_event import UNKNOWN_M, CotEvent, message_type
from windhover.errors import BadInput
from windhover.timescale import to_iso
from windhover.units import NS_PER_S

FIXED_WING_ABOVE_M_S: Final = 30.0
TYPES: Final = {
    "balloon": "a-u-A-C-L",
    "tethered": "a-u-A-C-L",
    "bird": "a-u-A",
    "unknown": "a-u-A",
}


def type_of(thing: AirObject) -> str:
    """The CoT type of an object as the table above has it."""
    if thing.said == "drone":
        kind = "a-u-A-M-F-Q" if airframe(thing) == "fixed" else "a-u-A-M-H-Q"
    elif thing.said == "aircraft":
        rotary = thing.category == "A7"
        side = "n" if thing.cooperative else "u"
        kind = f"a-{side}-A-C-{'H' if rotary else 'F'}"
    else:
        kind = TYPES.get(thing.said, "a-u-A")
    return "a-f" + kind[3:] if thing.friend else kind


def airframe(thing: AirObject) -> str:
    """ "fixed", "rotary", or "" where nobody can know."""
    if thing.stands:
        return "rotary"
    speed = hypot(thing.velocity_enu_m_s[0], thing.velocity_enu_m_s[1])
    return "fixed" if speed > FIXED_WING_ABOVE_M_S else ""


def uid_of(frame: AirFrame, what: str) -> str:
    """Stable name of a thing of one site: the same object refreshes the same symbol."""
    site = "".join(c if c.isalnum() else "-" for c in frame.site.lower())
    return f"{'EXERCISE.' if frame.exercise else ''}windhover.{site}.{what}"


def events_of(
    frame: AirFrame,
    stale_s: float,
    sensors: bool = True,
    operators: bool = False,
    sensors_stale_s: float = 60.0,
) -> tuple[CotEvent, ...]:
    """Every object, sensor and (only if asked: personal data) operator of one instant."""
    found = [_object(frame, thing, stale_s) for thing in frame.objects]
    if operators:
        found += [_operator(frame, t, stale_s) for t in frame.objects if t.operator is not None]
    if sensors:
        found += [_sensor(frame, one, max(sensors_stale_s, 60.0)) for one in frame.sensors]
    return tuple(found)


def _marked(frame: AirFrame, words: str) -> str:
    return f"{EXERCISE} {words}".strip() if frame.exercise else words


def _object(frame: AirFrame, thing: AirObject, stale_s: float) -> CotEvent:
    sigma_m = sqrt(max(thing.covariance_m2[0] + thing.covariance_m2[1], 0.0) / 2.0)
    east, north, _ = thing.velocity_enu_m_s
    name = thing.callsign or f"T{thing.track_id} {thing.said}"
    held_s = (frame.now_ns - thing.born_ns) / NS_PER_S
    silent_s = (frame.now_ns - thing.hit_ns) / NS_PER_S
    words = f"{thing.words}. Held {held_s:.0f} s, last seen {max(silent_s, 0.0):.0f} s ago"
    if thing.said == "drone" and not airframe(thing):
        words += "; rotary or fixed wing not known"
    event = _event(
        frame,
        f"T{thing.track_id}",
        (type_of(thing), "m-f"),
        (thing.time_ns, stale_s),
        (thing.latitude_rad, thing.longitude_rad, thing.height_ellipsoid_m),
        (name, words + "."),
    )
    known_height = not isnan(thing.height_ellipsoid_m)
    return msgspec.structs.replace(
        event,
        sigma_horizontal_m=sigma_m,
        sigma_vertical_m=sqrt(max(thing.covariance_m2[2], 0.0)) if known_height else nan,
        course_deg=thing.track_deg,
        speed_m_s=hypot(east, north),
        detail={
            "__windhover": {
                "class": thing.said,
                "motion": thing.motion,
                "probability": f"{min(thing.probability, 0.99):.2f}",
                "exercise": "true" if frame.exercise else "false",
            },
            "precisionlocation": {"geopointsrc": "CALC", "altsrc": "CALC"},
        },
    )


def _operator(frame: AirFrame, thing: AirObject, stale_s: float) -> CotEvent:
    assert thing.operator is not None
    return _event(
        frame,
        f"T{thing.track_id}.operator",
        ("a-u-G", "m-r"),
        (thing.time_ns, stale_s),
        (*thing.operator, nan),
        (
            f"operator of T{thing.track_id}",
            "Where the drone says its operator stands: a claim.",
        ),
    )


def _sensor(frame: AirFrame, sensor: AirSensor, stale_s: float) -> CotEvent:
    return _event(
        frame,
        f"sensor.{sensor.name}",
        ("a-f-G-E-S-E", "h-e"),
        (frame.now_ns, stale_s),
        (sensor.latitude_rad, sensor.longitude_rad, sensor.height_ellipsoid_m),
        (sensor.name, f"Sensor: {sensor.kind}."),
    )


def _event(
    frame: AirFrame,
    name: str,
    what: tuple[str, str],
    when: tuple[int, float],
    where: tuple[float, float, float],
    words: tuple[str, str],
) -> CotEvent:
    """What every event of ours has. `what`: type and how; `when`: start and seconds to stale; `where`: latitude and
    longitude in rad, height above the ellipsoid or NaN; `words`: callsign and remarks."""
    return CotEvent(
        uid=uid_of(frame, name),
        type=what[0],
        how=what[1],
        time_ns=frame.now_ns,
        start_ns=when[0],
        stale_ns=frame.now_ns + round(when[1] * NS_PER_S),
        latitude_deg=degrees(where[0]),
        longitude_deg=degrees(where[1]),
        height_ellipsoid_m=where[2],
        callsign=_marked(frame, words[0]),
        remarks=_marked(frame, words[1]),
        opex="e" if frame.exercise else "o",
    )


def to_xml(event: CotEvent) -> bytes:
    """TAK's XML of one event: UTF-8, one line, no declaration (streams carry one after another)."""
    detail = [f"<contact callsign={_quoted(event.callsign)}/>"] if event.callsign else []
    if event.speed_m_s == event.speed_m_s:
        course = event.course_deg if event.course_deg == event.course_deg else 0.0
        detail.append(f'<track course="{course:.1f}" speed="{event.speed_m_s:.2f}"/>')
    detail += [_element(*one) for one in event.detail.items() if "/" not in one[0]]
    if event.remarks:
        detail.append(f"<remarks>{escape(_printable(event.remarks))}</remarks>")
    opex = f" opex={_quoted(event.opex)}" if event.opex else ""
    return (
        f'<event version="2.0" uid={_quoted(event.uid)} type={_quoted(event.type)} how={_quoted(event.how)}{opex}'
        f' time="{to_iso(event.time_ns)}" start="{to_iso(event.start_ns)}" stale="{to_iso(event.stale_ns)}">'
        f'<point lat="{event.latitude_deg:.7f}" lon="{event.longitude_deg:.7f}" hae="{_m(event.height_ellipsoid_m)}"'
        f' ce="{_m(event.sigma_horizontal_m)}" le="{_m(event.sigma_vertical_m)}"/>'
        f"<detail>{''.join(detail)}</detail></event>"
    ).encode()


def to_message(event: CotEvent) -> bytes:
    """TAK protobuf (version 1) of one event without its framing. Raises `BadInput` without takproto."""
    kind = message_type()
    if kind is None:
        raise BadInput("TAK protobuf needs takproto.", "Install windhover[feeds].")
    message = kind()
    made = message.cotEvent
    made.uid, made.type, made.how = _printable(event.uid), event.type, event.how
    made.opex = event.opex
    made.sendTime = event.time_ns // 1_000_000
    made.startTime = event.start_ns // 1_000_000
    made.staleTime = event.stale_ns // 1_000_000
    made.lat, made.lon = event.latitude_deg, event.longitude_deg
    made.hae = _or_unknown(event.height_ellipsoid_m)
    made.ce, made.le = _or_unknown(event.sigma_horizontal_m), _or_unknown(event.sigma_vertical_m)
    if event.callsign:
        made.detail.contact.callsign = _printable(event.callsign)
    if event.speed_m_s == event.speed_m_s:
        made.detail.track.speed = event.speed_m_s
        made.detail.track.course = _or(event.course_deg, 0.0)
    rest = dict(event.detail)
    placed = rest.pop("precisionlocation", None)
    if placed:
        made.detail.precisionLocation.geopointsrc = placed.get("geopointsrc", "")
        made.detail.precisionLocation.altsrc = placed.get("altsrc", "")
    xml = "".join(_element(*one) for one in rest.items() if "/" not in one[0])
    if event.remarks:
        xml += f"<remarks>{escape(_printable(event.remarks))}</remarks>"
    made.detail.xmlDetail = xml
    return bytes(message.SerializeToString())


def to_stream(event: CotEvent) -> bytes:
    """The protobuf event as a frame of a TCP stream: 0xBF, varint length, message."""
    message = to_message(event)
    length, varint = len(message), bytearray()
    while length > 0x7F:
        varint.append(length & 0x7F | 0x80)
        length >>= 7
    varint.append(length)
    return b"\xbf" + bytes(varint) + message


def to_datagram(event: CotEvent) -> bytes:
    """The protobuf event as one datagram of a mesh network: 0xBF 0x01 0xBF, message."""
    return b"\xbf\x01\xbf" + to_message(event)


def _element(name: str, attributes: dict[str, str]) -> str:
    return f"<{name}{''.join(f' {key}={_quoted(value)}' for key, value in attributes.items())}/>"


def _quoted(text: str) -> str:
    return quoteattr(_printable(text))


def _printable(text: str) -> str:
    """Without what XML 1.0 cannot hold (control characters, lone surrogates)."""
    return "".join(
        c if " " <= c < "\ud800" or "\ue000" <= c < "\ufffe" or c > "\uffff" else " " for c in text
    )


def _or(value: float, otherwise: float) -> float:
    return otherwise if value != value else value


def _or_unknown(value_m: float) -> float:
    return _or(value_m, UNKNOWN_M)


def _m(value_m: float) -> str:
    return f"{_or_unknown(value_m):.1f}"
