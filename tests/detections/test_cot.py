"""Cursor on Target in: own forces become positions and claims; everything else is counted and left."""

from __future__ import annotations

from collections import Counter
from math import degrees

import pytest
import takproto
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.test_fuzz import damaged, promises
from windhover.detections import cot
from windhover.detections.cot_event import MAX_EVENT, parse_protobuf, parse_xml, split
from windhover.errors import BadInput
from windhover.feeds.cot import CotStream
from windhover.schema.batches import Kind, claim_id
from windhover.schema.place import Vertical
from windhover.schema.reports import Cooperative

SENSOR = make_sensor("points", "tak", sigma_position_m=12.0)


def event(kind: str = "a-f-A-M-H", uid: str = "eagle", extra: str = "", **fields: str) -> bytes:
    times = {"time": "2026-02-11T06:30:05Z", "start": "2026-02-11T06:30:05Z", "stale": "2026-02-11T06:31:00Z"}  # fmt: skip
    attributes = " ".join(f'{k}="{v}"' for k, v in (times | fields).items())
    return (
        f'<event version="2.0" uid="{uid}" type="{kind}" how="m-g" {attributes}>'
        '<point lat="31.8" lon="-106.4" hae="1500" ce="10" le="9999999"/>'
        '<detail><contact callsign="EAGLE 1" endpoint="*:-1:stcp"/><track course="90" speed="55.5"/>'
        f"{extra}</detail></event>"
    ).encode()


def decode(payload: bytes):  # type: ignore[no-untyped-def]
    return cot.decode(payload, RECEIVED_NS, 3, SENSOR, Vertical())


def test_an_own_aircraft_is_a_position_and_a_claim() -> None:
    decoded = decode(event())
    assert decoded.rejected == {}
    rows = decoded.detections
    assert rows.kind.tolist() == [Kind.POSITION]
    assert degrees(rows.value[0, 0]) == pytest.approx(31.8)
    assert rows.value[0, 2] == 1500.0
    assert rows.covariance[0, 0, 0] == 100.0
    assert rows.covariance[0, 2, 2] == 900.0  # le is not known: 30 m
    assert rows.claimed_id[0] == claim_id("cot", "eagle")
    (report,) = decoded.reports
    assert isinstance(report, Cooperative)
    assert (report.scheme, report.callsign, report.on_ground) == ("cot", "EAGLE 1", False)
    assert report.ground_speed_m_s == 55.5
    assert report.category == ""


def test_an_own_drone_says_so() -> None:
    (report,) = decode(event("a-f-A-M-H-Q")).reports
    assert report.category == "UAS"


def test_ground_forces_are_claims_without_a_plot() -> None:
    decoded = decode(event("a-f-G-U-C"))
    assert decoded.detections.n == 0
    assert [r.on_ground for r in decoded.reports] == [True]


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (event("a-u-A-M-H-Q"), "left: not an own force"),
        (event("a-h-G"), "left: not an own force"),
        (event("b-t-f"), "left: not an own force"),
        (event("t-x-c-t"), "left: a message between programs"),
        (event(uid="windhover.el-paso.T1"), "our own event come back"),
        (event(uid="EXERCISE.windhover.el-paso.T1"), "our own event come back"),
        (event(opex="e-nightfall"), "left: marked exercise or simulation"),
        (event(stale="2026-02-11T06:30:06Z"), "stale"),
        (event(start="2026-02-11T09:30:06Z"), "time in the future"),
        (event(start="yesterday"), "not a time"),
        (event(uid=""), "event without uid or type"),
        (event().replace(b'lat="31.8"', b'lat="NaN"'), "no position"),
        (event().replace(b'lat="31.8"', b'lat="97"'), "absurd position"),
        (event().replace(b"</detail>", b"</detial>"), "not an XML event"),
        (event()[:-9], "half an event"),
        (b"<event" + b"<x>" * 100 + b"</event>", "not an XML event"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_what_is_left_is_counted(payload: bytes, why: str) -> None:
    decoded = decode(payload)
    assert decoded.detections.n == 0 and not decoded.reports
    assert decoded.rejected == {why: 1}


def test_entities_and_document_types_are_refused() -> None:
    bomb = b'<!DOCTYPE event [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + event(
        extra="<remarks>&b;</remarks>"
    )
    with pytest.raises(BadInput, match="document type refused"):
        parse_xml(bomb)
    with pytest.raises(BadInput, match="not an XML event"):
        parse_xml(event(extra="<remarks>&b;</remarks>"))
    with pytest.raises(BadInput, match="nested too deep"):
        parse_xml(event(extra="<x>" * 40 + "</x>" * 40))
    with pytest.raises(BadInput, match="too long"):
        parse_xml(b" " * (MAX_EVENT + 1))
    with pytest.raises(BadInput, match="not a TAK message"):
        parse_protobuf(b"\xff" * 30)


def test_xml_and_protobuf_mixed_and_cut_anywhere() -> None:
    binary = bytes(takproto.xml2proto(event(uid="hawk"), takproto.TAKProtoVer.STREAM))
    stream = (
        b'<?xml version="1.0"?>\n' + event() + binary + b"\n" + event("a-u-G", uid="x") + event()
    )
    for step in (1, 7, 100, len(stream)):
        reader = CotStream(0, SENSOR, Vertical())
        found, rejected = [], Counter[str]()
        for at in range(0, len(stream), step):
            part = reader.feed(stream[at : at + step], RECEIVED_NS)
            found += [r.identifier for r in part.reports if isinstance(r, Cooperative)]
            rejected.update(part.rejected)
        assert found == ["eagle", "hawk", "eagle"]
        assert rejected == {"left: not an own force": 1}


def test_a_mesh_datagram_of_takproto() -> None:
    payload = bytes(
        takproto.xml2proto(event(extra="<remarks>hello</remarks>"), takproto.TAKProtoVer.MESH)
    )
    decoded = decode(payload)
    assert decoded.rejected == {}
    assert decoded.detections.n == 1


def test_what_does_not_end_is_dropped_and_nothing_grows() -> None:
    reader = CotStream(0, SENSOR, Vertical())
    rejected: Counter[str] = Counter()
    for start in (b"<event " + b"x" * 65_000, b"\xbf\xff\xff\x3f", b"no event at all " * 4000):
        rejected.update(reader.feed(start, RECEIVED_NS).rejected)
        for _ in range(20):
            rejected.update(reader.feed(b"y" * 65_000, RECEIVED_NS).rejected)
            assert len(reader.rest) <= MAX_EVENT
    assert rejected["event without end"] >= 1
    found = reader.feed(b"</event>" + event(), RECEIVED_NS)
    assert [r.identifier for r in found.reports if isinstance(r, Cooperative)] in (["eagle"], [])


BINARY = bytes(takproto.xml2proto(event(extra="<remarks>a</remarks>"), takproto.TAKProtoVer.STREAM))


@settings(max_examples=300)
@given(data=st.data())
def test_damaged_streams(data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from([event(), BINARY, event() + BINARY, BINARY[:4]]))
    payload = data.draw(damaged(seed))
    promises(decode(payload))
    rejected: Counter[str] = Counter()
    events, rest = split(payload + data.draw(st.binary(max_size=40)), rejected)
    assert len(rest) <= MAX_EVENT
    assert all(e.uid and e.type for e in events)
