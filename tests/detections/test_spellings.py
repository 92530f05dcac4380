"""The dialects of aircraft.json, and who told a position. The examples are written by hand after each format's page."""

from __future__ import annotations

import json
from math import degrees, isnan
from typing import Any

import pytest

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.naive import airborne_position, mode_s_parity
from windhover.detections import Decoded, adsb, beast, readsb, sbs, trace
from windhover.feeds.files import read_payload
from windhover.feeds.streams import BeastStream
from windhover.schema.batches import claim_id
from windhover.schema.place import Vertical
from windhover.schema.reports import Cooperative

NOW = RECEIVED_NS / 1e9 - 1.0
SENSOR = make_sensor("adsb", "1090")
SEA = Vertical(undulation_m=0.0, qnh_hpa=1013.25)
KT, FT, FT_MIN = 1852 / 3600, 0.3048, 0.3048 / 60
PLACE = {"lat": 31.8, "lon": -106.4, "seen_pos": 0.4}
NEW = {"alt_baro": 5000, "gs": 100.4, "track": 90.2, "baro_rate": -640}
# dump1090-mutability 1.15: no "type" for what the aircraft itself sends on 1090 MHz.
MUTABILITY = {
    "hex": "a1b2c3", "squawk": "1200", "flight": "MEDEVAC1", "nucp": 7, "altitude": 5000, "vert_rate": -640,
    "track": 90, "speed": 100, "category": "A7", "mlat": [], "tisb": [], "messages": 9, "seen": 0.1, "rssi": -9.4,
} | PLACE  # fmt: skip
FLIGHTAWARE = {
    "hex": "a1b2c3", "flight": "MEDEVAC1", "alt_geom": 5200, "ias": 95, "mach": 0.16, "squawk": "1200",
    "emergency": "none", "category": "A7", "nav_qnh": 1013.6, "nic": 8, "rc": 186, "version": 2, "nic_baro": 1,
    "nac_p": 9, "nac_v": 1, "sil": 3, "sil_type": "perhour", "gva": 2, "sda": 2, "mlat": [], "tisb": [],
    "messages": 9, "seen": 0.1, "rssi": -9.4,
} | PLACE | NEW  # fmt: skip
READSB = FLIGHTAWARE | {
    "type": "adsb_icao", "r": "N1", "t": "EC35", "dbFlags": 8, "alert": 0, "spi": 0, "nav_modes": ["autopilot"],
    "gpsOkBefore": NOW - 60, "gpsOkLat": 10.0, "gpsOkLon": 20.0, "dst": 3.2, "dir": 40.1,
}  # fmt: skip


def body(*aircraft: Any, key: str = "aircraft", now: float = NOW, **more: Any) -> bytes:
    return json.dumps({"now": now, "messages": 1, key: list(aircraft)} | more).encode()


def decode(payload: bytes, vertical: Vertical = SEA) -> Decoded:
    return readsb.decode(payload, RECEIVED_NS, 2, SENSOR, vertical)


def claim(decoded: Decoded) -> Cooperative:
    (report,) = decoded.reports
    assert isinstance(report, Cooperative)
    return report


API = {"msg": "No error", "total": 1, "ctime": 1, "ptime": 0}
DIALECTS = {
    "dump1090-mutability": body(MUTABILITY),
    "dump1090-fa": body(FLIGHTAWARE),
    "readsb": body(READSB),
    "API version 2": body(READSB, key="ac", now=round(NOW * 1000), **API),
    "adsb.fi": body(READSB, now=round(NOW * 1000), resultCount=1, ptime=0.1),
    "JSON port": json.dumps({"now": NOW} | READSB).encode(),
}


@pytest.mark.parametrize("payload", DIALECTS.values(), ids=DIALECTS)
def test_every_dialect_says_the_same(payload: bytes) -> None:
    decoded = decode(payload)
    assert decoded.rejected == {}
    rows, said = decoded.detections, claim(decoded)
    assert rows.time_ns[0] == pytest.approx(round((NOW - 0.4) * 1e9), abs=1_000_000)
    assert [degrees(v) for v in rows.value[0, :2]] == pytest.approx([31.8, -106.4])
    assert rows.value[0, 2] == pytest.approx(5000 * FT, abs=201 * FT)  # alt_geom where there is one
    assert rows.claimed_id[0] == claim_id("icao", "a1b2c3")
    assert (said.callsign, said.squawk, said.category) == ("MEDEVAC1", "1200", "A7")
    assert said.ground_speed_m_s == pytest.approx(100 * KT, abs=0.5 * KT)
    assert said.track_rad == pytest.approx(1.5708, abs=0.01)
    assert said.vertical_rate_m_s == pytest.approx(-640 * FT_MIN)
    assert not said.on_ground


@pytest.mark.parametrize("key", ["altitude", "alt_baro"])
def test_on_the_ground_in_both_spellings(key: str) -> None:
    decoded = decode(body({"hex": "a1b2c3", key: "ground", "seen": 0.1} | PLACE))
    assert claim(decoded).on_ground
    assert isnan(decoded.detections.value[0, 2])


def test_nucp_bounds_the_position_as_its_type_code_does() -> None:
    # DO-260 table 2-11: NUCp 7 is 92.6 m at 95 %, NUCp 9 is 3 m; beside it 0.1 s of 51.4 m/s.
    for nucp, bound_m in ((7, 92.6), (9, 3.0)):
        variance = decode(body(MUTABILITY | {"nucp": nucp})).detections.covariance[0, 0, 0]
        assert variance == pytest.approx((bound_m / 2.4477) ** 2 + 5.1444**2, rel=1e-3)


def test_no_aircraft_is_no_fault_and_no_snapshot_is_one() -> None:
    assert decode(json.dumps({"ac": None, "now": 1e3 * NOW} | API).encode()).rejected == {}
    for bad in (b'{"now":1}', b'{"now":"x","ac":[]}', b'{"aircraft":[]}', b'{"files":[1]}', b"[]"):
        assert decode(bad).rejected == {"not an aircraft.json": 1}
    assert decode(body("x", 7, None, [1])).rejected == {"not an aircraft": 4}


def test_what_is_no_present_position_makes_none() -> None:
    old = {"lastPosition": {"lat": 1.0, "lon": 2.0, "nic": 8, "rc": 186, "seen_pos": 70.0}}
    rough = {"rr_lat": 1.0, "rr_lon": 2.0, "type": "mode_s"}
    decoded = decode(
        body({"hex": "a1b2c3", "seen": 0.1} | old, {"hex": "a1b2c4", "seen": 0} | rough)
    )
    assert decoded.detections.n == 0 and len(decoded.reports) == 2 and decoded.rejected == {}


MLAT = ["lat", "lon", "altitude", "gs", "track", "baro_rate"]


@pytest.mark.parametrize(
    "told",
    [
        {"type": "mlat", "mlat": MLAT, "tisb": []},
        {"type": "mlat"},
        # What dump1090-mutability makes of frames marked MLAT, as tests/feeds/test_dump1090.py sees it.
        {"type": "tisb_icao", "mlat": [*MLAT, "speed", "vert_rate"], "tisb": []},
    ],
)
def test_a_multilaterated_position_is_not_the_aircrafts_word(told: dict[str, Any]) -> None:
    decoded = decode(body(READSB | told))
    # Its own NACp says nothing of it: 250 m in each direction, and 0.1 s of 51.6 m/s.
    variance = decoded.detections.covariance[0, 0, 0]
    assert variance == pytest.approx(250.0**2 + 5.165**2, rel=1e-3)
    assert decoded.detections.claimed_id[0] == claim_id("icao", "a1b2c3")
    said = claim(decoded)
    assert (said.callsign, said.squawk) == ("MEDEVAC1", "1200")  # the transponder's own
    assert (said.ground_speed_m_s, said.track_rad, said.vertical_rate_m_s) == (None, None, None)


@pytest.mark.parametrize(
    ("told", "reports"),
    [
        ({"type": "tisb_icao", "tisb": ["lat", "lon", "gs", "track"]}, 0),
        ({"type": "tisb_trackfile", "hex": "~a1b2c3"}, 0),
        # Its transponder is heard, its place comes from a ground station.
        ({"type": "mode_s", "tisb": ["lat", "lon", "gs", "callsign"]}, 1),
    ],
)
def test_tis_b_claims_nothing(told: dict[str, Any], reports: int) -> None:
    decoded = decode(body(READSB | told))
    assert decoded.detections.claimed_id.tolist() == [0]
    assert decoded.detections.covariance[0, 0, 0] == pytest.approx(250.0**2 + 5.165**2, rel=1e-3)
    assert len(decoded.reports) == reports
    for said in decoded.reports:
        assert isinstance(said, Cooperative)
        assert (said.callsign, said.ground_speed_m_s, said.squawk) == ("", None, "1200")


def test_a_rebroadcast_of_its_own_words_stays_its_own() -> None:
    decoded = decode(body(READSB | {"type": "adsr_icao"}))
    assert decoded.detections.claimed_id[0] and len(decoded.reports) == 1
    assert decoded.detections.covariance[0, 0, 0] < 20.0**2


def test_tar1090s_history() -> None:
    def at(now: float, latitude: float) -> dict[str, Any]:
        rows = [
            ["a1b2c3", 5000, 100.4, 90.2, latitude, -106.4, 0.2, "adsb_icao", "MEDEVAC1", 9],
            ["a1b2c4", "ground", 3, None, latitude, -106.5, 1.0, "mlat", None, 9],
            ["~a1b2c5", None, None, None, latitude, -106.6, 1.0, "tisb", None, 9],
            ["a1b2c6", 7000, 100.4, 90.2, latitude, -106.7, 0.2, ["lat", "lon"]],  # 2019
        ]
        return {"now": now, "messages": 1, "aircraft": rows}

    payload = json.dumps({"files": [at(NOW, 31.8), at(NOW + 8.0, 31.81)]}).encode()
    recording = read_payload(payload, "chunk_1.json")
    assert (recording.kind, recording.n) == ("aircraft_json", 8)
    assert {"a1b2c3", "a1b2c4", "a1b2c6"} <= set(recording.names)
    assert recording.rejected == {
        "height unused: barometric or geometric, not told which": 4,
        "height unused: on the ground, elevation not told": 2,
        "height unused: none told": 2,
    }


def test_traces_tell_their_source_point_by_point() -> None:
    def point(at: float, latitude: float, source: str) -> list[Any]:
        return [
            at,
            latitude,
            -106.4,
            5000,
            100.4,
            90.2,
            0,
            0,
            {"flight": "X"},
            source,
            5200,
            0,
            95,
            0,
        ]

    points = [point(0, 31.8, "adsb_icao"), point(9, 31.81, "mlat"), point(18, 31.82, "tisb_icao")]
    payload = json.dumps({"icao": "a1b2c3", "timestamp": NOW - 60, "trace": points}).encode()
    decoded = trace.decode(payload, RECEIVED_NS, 0, SENSOR, SEA)
    own = claim_id("icao", "a1b2c3")
    assert decoded.detections.claimed_id.tolist() == [own, own, 0]
    sigmas = decoded.detections.covariance[:, 0, 0] ** 0.5
    assert sigmas.tolist() == pytest.approx([50.3, 250.05, 250.05], abs=0.1)
    speeds = [r.ground_speed_m_s for r in decoded.reports if isinstance(r, Cooperative)]
    assert speeds == [pytest.approx(100.4 * KT), None]


def squitter(control: int, address: str, latitude: float, odd: bool, flag: int = 0) -> bytes:
    """DF 18, type code 18: what mlat-client and TIS-B ground stations send; `flag` is the IMF bit."""
    me = int(airborne_position(address, latitude, -106.4, 9000, odd)[8:22], 16)
    me = me & ~(0xFF << 48) | (18 << 51) | flag << 48
    frame = (18 << 3 | control) << 104 | int(address, 16) << 80 | me << 24
    return (frame | mode_s_parity(frame, 112)).to_bytes(14, "big")


def pair(control: int, address: str, ticks: int, flag: int = 0) -> list[beast.Frame]:
    both = (False, 31.8), (True, 31.8001)
    return [beast.Frame(ticks, 0, squitter(control, address, la, odd, flag)) for odd, la in both]


@pytest.mark.parametrize(
    ("control", "flag", "marked", "claims"),
    [
        (2, 0, True, True),  # mlat-client's usual answer
        (2, 1, True, False),  # … for a track without an ICAO address
        (5, 0, True, False),  # … for an anonymous one
        (2, 0, False, False),  # TIS-B
        (6, 0, False, True),  # ADS-R: the aircraft's own words on another link
        (6, 1, False, False),  # ADS-R of an address that is not ICAO's
        (0, 0, False, True),  # a ground vehicle
        (1, 0, False, False),
    ],
)
def test_frames_that_no_aircraft_sent(control: int, flag: int, marked: bool, claims: bool) -> None:
    ticks = beast.MULTILATERATION if marked else 12_000_000
    stream = BeastStream(0, SENSOR, SEA)
    decoded = stream.feed(beast.encode(pair(control, "a1b2c3", ticks, flag)), RECEIVED_NS)
    assert decoded.detections.n == 1
    assert bool(decoded.detections.claimed_id[0]) == claims
    assert len(decoded.reports) == claims
    sigma_m = float(decoded.detections.covariance[0, 0, 0]) ** 0.5
    assert sigma_m == pytest.approx(250.2 if marked or control in (2, 3, 5) else 100.5, abs=0.1)


def test_a_mark_is_no_time() -> None:
    clock = beast.TICKS_PER_S
    heard = [beast.Frame(5 * clock, 0, bytes(7)), beast.Frame(beast.MULTILATERATION, 0, bytes(7)),
             beast.Frame(6 * clock, 0, bytes(7)), beast.Frame(0, 0, bytes(7)),
             beast.Frame(8 * clock, 0, bytes(7)), beast.Frame(beast.MULTILATERATION, 0, bytes(7))]  # fmt: skip
    second = 10**9
    assert beast.passed_ns(heard) == [0, 0, second, second, 3 * second, 3 * second]
    ago = [(100 * second - t) // second for t in beast.times_ns(heard, 100 * second)]
    assert ago == [3, 0, 2, 0, 0, 0]


def test_a_live_memory_knows_what_was_marked() -> None:
    first, second = pair(2, "a1b2c3", beast.MULTILATERATION)
    stream = BeastStream(0, SENSOR, SEA)
    stream.feed(beast.encode([first]), RECEIVED_NS - 10**9)
    assert stream.memory.multilaterated == {first.data.hex()}
    assert stream.feed(beast.encode([second]), RECEIVED_NS).detections.claimed_id[0]
    assert (
        adsb.decode_frames([], [], RECEIVED_NS, 0, SENSOR, SEA, stream.memory)[1] == stream.memory
    )


def test_sbs_of_ground_stations_and_of_heights_above_the_ellipsoid() -> None:
    stamp = "2026/02/11,06:30:00.100,2026/02/11,06:30:00.120"
    lines = (
        (
            f"MSG,3,1,1,~A1B2C3,1,{stamp},,5000,,,31.8000,-106.4000,,,0,0,0,0\r\n"  # readsb, TIS-B
            f"MSG,3,1,1,A1B2C4,1,{stamp},,5200H,,,31.8000,-106.4000,,,0,0,0,0\r\n\r\n"  # dump1090 --gnss
        ).encode()
    )
    decoded = sbs.decode(lines, RECEIVED_NS, 1, SENSOR, Vertical())
    assert decoded.detections.claimed_id.tolist() == [0, claim_id("icao", "a1b2c4")]
    assert decoded.detections.value[1, 2] == pytest.approx(5200 * FT)
    assert claim(decoded).identifier == "a1b2c4"
