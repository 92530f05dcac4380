"""All input is hostile: any bytes give a result, never an exception, and rows that keep their promises."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.naive import plot_block
from windhover.detections import DECODERS, Decoded, beast, dronescout, odid, pcap, udp
from windhover.detections.decoded import FUTURE_NS
from windhover.detections.remote_id import Said
from windhover.errors import BadInput
from windhover.feeds.files import read_payload
from windhover.schema.batches import Kind
from windhover.schema.place import Vertical

T = RECEIVED_NS / 1e9 - 1.0
LOCATION = odid.Location(
    2, 90.0, 12.0, 0.0, 31.7, -106.4, 1.0, 1290.0, 0, 40.0, 10.0, 3.0, 1809.0, 0.1
)
SEEDS: dict[str, bytes] = {
    "plots": json.dumps(
        {
            "radar": "north",
            "scan_end": T,
            "plots": [{"t": T, "range_m": 8000.0, "azimuth_deg": 10.0, "elevation_deg": 1.0}],
        }
    ).encode(),
    "aircraft_json": json.dumps(
        {
            "now": T,
            "aircraft": [
                {"hex": "a1b2c3", "lat": 31.8, "lon": -106.4, "alt_geom": 5200, "seen_pos": 0.1}
            ],
        }
    ).encode(),
    "dronescout": dronescout.encode(
        Said(basic=odid.BasicId(1, 2, "1ABC"), location=LOCATION), RECEIVED_NS, "rid", "x"
    ),
    "wind_csv": b"time,lat_deg,lon_deg,altitude_amsl_m,wind_east_m_s,wind_north_m_s\n"
    b"2026-02-11T06:00:00Z,31.8,-106.4,1200,3.5,-1.0\n",
    "points_csv": b"time,lat_deg,lon_deg,height_ellipsoid_m,object\n"
    b"2026-02-11T06:00:00Z,31.8,-106.4,1200,kite\n",
    "beast": beast.encode(
        [
            beast.Frame(1000, 90, bytes.fromhex("8D40621D58C382D690C8AC2863A7")),
            beast.Frame(7000, 90, bytes.fromhex("8D40621D58C386435CC412692AD6")),
        ]
    ),
    "mode_s_csv": b"1770791400.1,8D40621D58C382D690C8AC2863A7\n1770791400.9,8D40621D58C386435CC412692AD6\n",
    "trace": json.dumps(
        {
            "icao": "a1b2c3",
            "timestamp": T - 9,
            "trace": [[0.5, 31.8, -106.4, 5000, 90, 1, 0, 0, None]],
        }
    ).encode(),
    "asterix": plot_block(1, 5000.0, 1.0, 23_400.0, "a1b2c3"),
    "cot": b'<event version="2.0" uid="eagle" type="a-f-A-M-H" how="m-g" time="2026-02-11T06:30:05Z" '
    b'start="2026-02-11T06:30:05Z" stale="2026-02-11T06:31:00Z"><point lat="31.8" lon="-106.4" '
    b'hae="1500" ce="10" le="20"/><detail><contact callsign="EAGLE 1"/></detail></event>',
    "sbs": b"MSG,3,1,1,A1B2C3,1,,,,,,5000,,,31.80,-106.40,,,0,0,0,0\n",
    "remote_id_pcap": bytes.fromhex("d4c3b2a1020004000000000000000000ffff00007f000000"),
}


def promises(decoded: Decoded, received_ns: int = RECEIVED_NS) -> None:
    rows = decoded.detections
    assert all(isinstance(n, int) and n > 0 and reason for reason, n in decoded.rejected.items())
    if not rows.n:  # most of what a fuzzer says; the sums below would cost more than the decoder
        return
    assert all(column.flags.c_contiguous and len(column) == rows.n for column in rows)
    assert (rows.time_ns <= np.maximum(rows.received_ns, received_ns) + FUTURE_NS).all()
    assert np.isfinite(rows.value[:, :2]).all()
    assert np.isfinite(rows.covariance).all()
    assert (rows.covariance[:, 0, 0] > 0).all()
    place = rows.kind == Kind.POSITION
    assert (np.abs(rows.value[place, 0]) <= np.pi / 2).all()
    assert (np.abs(rows.value[place, 1]) <= np.pi).all()


def run(form: str, payload: bytes) -> Decoded:
    return DECODERS[form](payload, RECEIVED_NS, 0, make_sensor(), Vertical())


@pytest.mark.parametrize("form", sorted(DECODERS))
def test_the_seed_is_good(form: str) -> None:
    assert set(SEEDS) == set(DECODERS)
    decoded = run(form, SEEDS[form])
    promises(decoded)
    if form == "wind_csv":
        assert decoded.wind is not None
    elif form != "remote_id_pcap":
        assert decoded.detections.n >= 1, decoded.rejected


@pytest.mark.parametrize("form", sorted(DECODERS))
@settings(max_examples=60, deadline=20_000)
@given(payload=st.binary(max_size=400))
def test_any_bytes(form: str, payload: bytes) -> None:
    promises(run(form, payload))


@st.composite
def damaged(draw: st.DrawFn, seed: bytes) -> bytes:
    """A good message with bytes changed, cut out, repeated, or cut off."""
    broken = bytearray(seed)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(broken) - 1)))
        kind = draw(st.sampled_from(["set", "cut", "repeat", "end", "number"]))
        if kind == "set" and broken:
            broken[at] = draw(st.integers(0, 255))
        elif kind == "cut":
            del broken[at : at + draw(st.integers(1, 12))]
        elif kind == "repeat":
            broken[at:at] = broken[at : at + draw(st.integers(1, 40))]
        elif kind == "number":
            broken[at:at] = draw(
                st.sampled_from([b"9" * 30, b"-", b"1e999", b"NaN", b"null", b"\x1a"])
            )
        else:
            del broken[at:]
    return bytes(broken)


@pytest.mark.parametrize("form", sorted(DECODERS))
@settings(max_examples=80, deadline=20_000)
@given(data=st.data())
def test_damaged_messages(form: str, data: st.DataObject) -> None:
    promises(run(form, data.draw(damaged(SEEDS[form]))))


@pytest.mark.parametrize("form", sorted(SEEDS))
@settings(max_examples=40, deadline=20_000)
@given(data=st.data())
def test_damaged_files_are_read_or_refused_in_one_line(form: str, data: st.DataObject) -> None:
    payload = data.draw(damaged(SEEDS[form]))
    if data.draw(st.booleans()):
        payload = gzip.compress(payload)[: data.draw(st.integers(1, 300))]
    try:
        recording = read_payload(payload, "some file")
    except BadInput as fault:
        assert "\n" not in str(fault)
        assert str(fault).startswith("some file: ") or str(fault).startswith("some file was read")
    else:
        for batch in recording.batches:
            promises(batch, 2**62)


def _frames(payload: bytes) -> object:
    found, _ = pcap.packets(b"\xd4\xc3\xb2\xa1" + payload)
    return found


@pytest.mark.parametrize(
    "reader",
    [
        odid.decode_any,
        beast.parse,
        _frames,
        lambda b: udp.datagrams([pcap.Packet(1, t, b) for t in (0, 1, 101, 113, 276)]),
    ],
)
@settings(max_examples=100, deadline=1000)
@given(payload=st.binary(min_size=24, max_size=120))
def test_framings_take_anything(reader: Callable[[bytes], object], payload: bytes) -> None:
    reader(payload)


def test_deep_json_is_refused() -> None:
    for form in ("plots", "aircraft_json", "dronescout", "trace"):
        decoded = run(form, b'{"now":1,"aircraft":' + b"[" * 100_000)
        assert decoded.detections.n == 0
        assert decoded.rejected
    with pytest.raises(BadInput):
        read_payload(b"[" * 100_000, "deep")


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("windhover.feeds.sniff.MAX_BYTES", 1 << 20)
    with pytest.raises(BadInput, match="unpacks to more"):
        read_payload(gzip.compress(bytes(1 << 22)), "bomb")
