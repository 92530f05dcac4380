"""Events as others read them: takproto, an XML parser, and our own reader."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from math import degrees, isnan, nan

import msgspec
import takproto
from hypothesis import given
from hypothesis import strategies as st

from tests.deliver.scene import NOW_NS, S, each_kind, frame, thing
from windhover.deliver.airspace import EXERCISE
from windhover.deliver.cot_events import events_of, to_datagram, to_stream, to_xml
from windhover.detections.cot_event import CotEvent, parse_xml, split

KINDS = each_kind()


def by_uid(exercise: bool = False) -> dict[str, CotEvent]:
    found = events_of(frame(*KINDS, exercise=exercise), 15.0, operators=True)
    return {event.uid.rsplit("el-paso.", 1)[1]: event for event in found}


def test_types_are_the_fields_own() -> None:
    types = {name: event.type for name, event in by_uid().items()}
    assert types == {
        "T1": "a-u-A-M-H-Q",
        "T2": "a-u-A-M-F-Q",
        "T3": "a-n-A-C-F",
        "T4": "a-u-A-C-L",
        "T5": "a-u-A",
        "T6": "a-u-A",
        "T7": "a-u-A-M-H-Q",
        "T8": "a-f-A-M-H-Q",
        "T9": "a-u-A-C-L",
        "T10": "a-u-A-C-F",
        "T11": "a-n-A-C-H",
        "T7.operator": "a-u-G",
        "sensor.north radar": "a-f-G-E-S-E",
        "sensor.roof": "a-f-G-E-S-E",
    }


def test_no_event_names_an_enemy() -> None:
    # MIL-STD-2525: h hostile, s suspect, j joker, k faker. None of them can be said.
    assert {e.type.split("-")[1] for e in by_uid().values()} <= {"u", "n", "f"}


def test_operators_are_told_only_if_asked() -> None:
    assert not [e for e in events_of(frame(*KINDS), 15.0) if e.type == "a-u-G"]


def test_the_xml_says_what_is_known_and_nothing_else() -> None:
    event = by_uid()["T3"]
    element = ET.fromstring(to_xml(event))
    point = element.find("point")
    assert point is not None
    assert element.get("stale") == "2026-02-11T06:30:25.000Z"
    assert float(point.get("lat", "")) == round(degrees(KINDS[2].latitude_rad), 7)
    assert point.get("hae") == "1303.0"
    assert point.get("ce") == f"{((100 + 64) / 2) ** 0.5:.1f}"
    assert point.get("le") == "15.0"
    contact, track = element.find("detail/contact"), element.find("detail/track")
    assert contact is not None and contact.get("callsign") == "MEDEVAC1"
    assert track is not None and track.get("course") == "288.4"  # toward west-north-west
    assert track.get("speed") == "63.25"
    low = ET.fromstring(to_xml(by_uid()["T4"])).find("point")
    assert low is not None and (low.get("hae"), low.get("le")) == ("9999999.0", "9999999.0")


def test_an_exercise_says_so_wherever_a_screen_may_look() -> None:
    for event in by_uid(exercise=True).values():
        element = ET.fromstring(to_xml(event))
        contact = element.find("detail/contact")
        assert contact is not None and contact.get("callsign", "").startswith(EXERCISE)
        assert (element.findtext("detail/remarks") or "").startswith(EXERCISE)
        assert element.get("uid", "").startswith("EXERCISE.")
        assert element.get("opex") == "e"
    assert not any("EXERCISE" in to_xml(event).decode() for event in by_uid().values())


def test_takproto_reads_our_protobuf_as_it_reads_our_xml() -> None:
    for event in by_uid().values():
        ours = takproto.parse_proto(bytearray(to_stream(event)))
        mesh = takproto.parse_proto(bytearray(to_datagram(event)))
        theirs = takproto.parse_proto(
            bytearray(takproto.xml2proto(to_xml(event), takproto.TAKProtoVer.STREAM))
        )
        assert ours == mesh
        for field in ("type", "uid", "how", "opex", "sendTime", "staleTime", "startTime"):
            assert getattr(ours.cotEvent, field) == getattr(theirs.cotEvent, field), field
        for field in ("lat", "lon", "hae", "ce", "le"):
            assert abs(getattr(ours.cotEvent, field) - getattr(theirs.cotEvent, field)) < 0.06, (
                field
            )
        assert ours.cotEvent.detail.contact == theirs.cotEvent.detail.contact
        assert ET.fromstring(f"<d>{ours.cotEvent.detail.xmlDetail}</d>").findtext("remarks") == (
            ET.fromstring(f"<d>{theirs.cotEvent.detail.xmlDetail}</d>").findtext("remarks")
        )


texts = st.text(st.characters(codec="utf-8"), max_size=30)
numbers = st.one_of(st.just(nan), st.floats(-500, 20_000).map(lambda x: round(x, 1)))


@given(
    uid=texts.filter(lambda t: t.strip()), callsign=texts, remarks=texts,
    latitude=st.floats(-90, 90), longitude=st.floats(-180, 180), height=numbers,
    speed=st.floats(0, 300), course=st.floats(0, 359.9),
)  # fmt: skip
def test_events_come_back_as_written(
    uid: str, callsign: str, remarks: str, latitude: float, longitude: float,
    height: float, speed: float, course: float,
) -> None:  # fmt: skip
    event = CotEvent(
        uid, "a-f-A", "m-g", NOW_NS, NOW_NS - S, NOW_NS + S, latitude, longitude, height,
        callsign=callsign, remarks=remarks, speed_m_s=speed, course_deg=course, detail={"__x": {"a": "1"}},
    )  # fmt: skip
    back = [parse_xml(to_xml(event))]
    counted: dict[str, int] = {}
    back += split(to_xml(event) + to_stream(event) + to_xml(event), counted)[0]  # type: ignore[arg-type]
    back += split(to_datagram(event), counted)[0]  # type: ignore[arg-type]
    assert not counted
    assert len(back) == 5
    for one in back:
        assert abs(one.latitude_deg - latitude) < 1e-6
        assert abs(one.longitude_deg - longitude) < 1e-6
        assert (isnan(height) and isnan(one.height_ellipsoid_m)) or abs(
            one.height_ellipsoid_m - height
        ) < 0.06
        assert abs(one.speed_m_s - speed) < 0.006 and abs(one.course_deg - course) < 0.06
        assert (one.time_ns, one.start_ns, one.stale_ns) == (NOW_NS, NOW_NS - S, NOW_NS + S)
        assert one.detail["__x"] == {"a": "1"}


def test_control_characters_do_not_break_the_document() -> None:
    event = events_of(frame(thing(1, callsign="a\x00b\x1f<&\"'\ud800\uffff")), 15.0)[0]
    assert parse_xml(to_xml(event)).callsign == "a b <&\"'  "


def test_an_event_survives_a_change_of_its_detail() -> None:
    event = events_of(frame(thing(1)), 15.0)[0]
    bare = msgspec.structs.replace(event, detail={}, callsign="", remarks="", speed_m_s=nan)
    assert b"<detail></detail>" in to_xml(bare)
