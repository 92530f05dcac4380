"""Winds from Mode S replies: against readsb's own, against winds that were written into frames, and a real flight."""

from __future__ import annotations

import gzip
import json
from math import atan2, cos, degrees, hypot, radians, sin
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.naive import mode_s_parity
from windhover.detections import adsb
from windhover.detections.ehs import calibrated_m_s, sigma_m_s, wind_m_s
from windhover.feeds.files import read_wind
from windhover.geo.declination import declination_rad
from windhover.schema.batches import WindSource
from windhover.schema.place import Vertical
from windhover.units import M_S_PER_KT

ADDRESS = 0x40621D
EVEN, ODD = (
    "8D40621D58C382D690C8AC2863A7",
    "8D40621D58C386435CC412692AD6",
)  # 52.26 N 3.92 E, 38,000 ft


def parity(head: bytes) -> int:
    """Of the 11 octets before it."""
    return mode_s_parity(int.from_bytes(head, "big") << 24, 112)


def bits(*parts: tuple[int, int]) -> bytes:
    """(value, width) … → 7 octets."""
    text = "".join(f"{value & (1 << width) - 1:0{width}b}" for value, width in parts)
    assert len(text) == 56
    return int(text, 2).to_bytes(7, "big")


def signed(value: float, step: float, width: int) -> int:
    return round(value / step) & (1 << width) - 1


def five(roll: float, track: float, speed_kt: float, airspeed_kt: float) -> bytes:
    """BDS 5,0: ICAO Doc 9871, table A-2-80."""
    track = (track + 180.0) % 360.0 - 180.0
    return bits(
        (1, 1), (signed(roll, 45 / 256, 10), 10), (1, 1), (signed(track, 90 / 512, 11), 11),
        (1, 1), (round(speed_kt / 2), 10), (1, 1), (0, 10), (1, 1), (round(airspeed_kt / 2), 10),
    )  # fmt: skip


def six(heading: float, indicated_kt: float, mach: float) -> bytes:
    """BDS 6,0: table A-2-96."""
    heading = (heading + 180.0) % 360.0 - 180.0
    return bits(
        (1, 1), (signed(heading, 90 / 512, 11), 11), (1, 1), (round(indicated_kt), 10),
        (1, 1), (round(mach / 0.004), 10), (1, 1), (0, 10), (1, 1), (0, 10),
    )  # fmt: skip


def four(speed_kt: float, from_deg: float) -> bytes:
    """BDS 4,4: source INS, wind, −48.75 °C; table A-2-68."""
    return bits(
        (1, 4), (1, 1), (round(speed_kt), 9), (round(from_deg / (180 / 256)), 9),
        (signed(-48.75, 0.25, 11), 11), (0, 1 + 11), (0, 1 + 2), (0, 1 + 6),
    )  # fmt: skip


def comm_b(register: bytes) -> str:
    """DF 20 at 38,000 ft with the address in its parity."""
    altitude = (38_000 + 1000) // 25
    code = (altitude >> 5) << 7 | (altitude >> 4 & 1) << 5 | 0x10 | altitude & 0xF
    head = bytes([20 << 3, 0, code >> 8, code & 0xFF]) + register
    return (head + (parity(head) ^ ADDRESS).to_bytes(3, "big")).hex()


def velocity(track: float, speed_kt: float) -> str:
    """DF 17, type code 19, subtype 1."""
    east, north = speed_kt * sin(radians(track)), speed_kt * cos(radians(track))
    me = bits(
        (19, 5), (1, 3), (0, 5), (east < 0, 1), (abs(round(east)) + 1, 10), (north < 0, 1),
        (abs(round(north)) + 1, 10), (0, 1 + 1 + 9), (0, 2), (0, 1), (1, 7),
    )  # fmt: skip
    head = bytes([0x8D]) + ADDRESS.to_bytes(3, "big") + me
    return (head + parity(head).to_bytes(3, "big")).hex()


def winds(*replies: str, track: float = 90.0, speed_kt: float = 480.0) -> adsb.Decoded:
    frames = [EVEN, ODD, velocity(track, speed_kt), *replies]
    times = [RECEIVED_NS - (len(frames) - i) * 200_000_000 for i in range(len(frames))]
    decoded, _ = adsb.decode_frames(frames, times, RECEIVED_NS, 0, make_sensor("adsb"), Vertical())
    return decoded


def test_our_frames_are_frames() -> None:
    """The parity that the tests write is the one of a real frame."""
    real = bytes.fromhex(EVEN)
    assert parity(real[:-3]) == int.from_bytes(real[-3:], "big")


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 359.0), st.floats(180.0, 250.0), st.floats(0.0, 359.0), st.floats(0.0, 60.0))
def test_a_wind_written_into_registers_is_read(
    heading: float, airspeed_m_s: float, toward: float, wind: float
) -> None:
    declination = degrees(declination_rad(52.2658, 3.9389, RECEIVED_NS))
    east = airspeed_m_s * sin(radians(heading)) + wind * sin(radians(toward))
    north = airspeed_m_s * cos(radians(heading)) + wind * cos(radians(toward))
    track, speed_kt = degrees(atan2(east, north)) % 360.0, hypot(east, north) / M_S_PER_KT
    mach = airspeed_m_s / 295.07  # −56.5 °C
    indicated_kt = calibrated_m_s(mach, 38_000 * 0.3048) / M_S_PER_KT
    decoded = winds(
        comm_b(five(0.0, track, speed_kt, airspeed_m_s / M_S_PER_KT)),
        comm_b(six(heading - declination, indicated_kt, mach)),
        track=track,
        speed_kt=speed_kt,
    )
    assert decoded.wind is not None
    assert decoded.wind.n == 1
    got = (decoded.wind.east_m_s[0], decoded.wind.north_m_s[0])
    assert (
        hypot(got[0] - wind * sin(radians(toward)), got[1] - wind * cos(radians(toward))) < 2.0
    )  # half steps: 1 kt, 1 kt, 0.09°
    assert decoded.wind.source[0] == WindSource.AIRCRAFT
    assert decoded.wind.sigma_m_s[0] == pytest.approx(hypot(sigma_m_s(airspeed_m_s), 1.0), abs=0.1)
    assert decoded.wind.altitude_amsl_m[0] == pytest.approx(38_000 * 0.3048)


SAID = five(0.0, 90.0, 480.0, 440.0)
CALIBRATED_KT = calibrated_m_s(440 * M_S_PER_KT / 295.07, 38_000 * 0.3048) / M_S_PER_KT
HEADED = six(90.0, CALIBRATED_KT, 440 * M_S_PER_KT / 295.07)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (five(0.0, 130.0, 480.0, 440.0), HEADED),  # another's track
        (five(0.0, 90.0, 400.0, 440.0), HEADED),  # another's speed
        (five(20.0, 90.0, 480.0, 440.0), HEADED),  # in a turn
        (
            SAID,
            six(90.0, CALIBRATED_KT + 60.0, 440 * M_S_PER_KT / 295.07),
        ),  # no such airspeed there
        (five(0.0, 90.0, 480.0, 380.0), HEADED),  # no such speed of sound
        (SAID, SAID),
    ],
)
def test_what_physics_contradicts_gives_no_wind(first: bytes, second: bytes) -> None:
    assert winds(comm_b(SAID), comm_b(HEADED)).wind is not None
    assert winds(comm_b(first), comm_b(second)).wind is None


def test_a_reported_wind_needs_a_second() -> None:
    assert winds(comm_b(four(40.0, 270.0))).wind is None
    decoded = winds(comm_b(four(40.0, 270.0)), comm_b(four(42.0, 272.0)))
    assert decoded.wind is not None
    assert decoded.wind.east_m_s[0] == pytest.approx(42 * M_S_PER_KT, abs=0.2)
    assert winds(comm_b(four(40.0, 270.0)), comm_b(four(80.0, 90.0))).wind is None


def test_noise_makes_no_wind() -> None:
    """20,000 replies of random bits from an aircraft whose motion is known."""
    random = np.random.default_rng(7)
    found = 0
    for _ in range(200):
        replies = [comm_b(random.bytes(7)) for _ in range(100)]
        frames = [EVEN, ODD, *[f for r in replies for f in (velocity(90.0, 480.0), r)]]
        times = [RECEIVED_NS - (len(frames) - i) * 40_000_000 for i in range(len(frames))]
        decoded, _ = adsb.decode_frames(
            frames, times, RECEIVED_NS, 0, make_sensor("adsb"), Vertical()
        )
        found += decoded.wind.n if decoded.wind is not None else 0
    assert found == 0


def test_winds_agree_with_readsb(shared: Path) -> None:
    """Ground speed, track, airspeed and magnetic heading of a trace, beside the `wd`, `ws` that readsb made of them."""
    trace = json.loads(
        gzip.decompress((shared / "data/adsb/trace_full_ac671b.json.gz").read_bytes())
    )
    checked = 0
    for offset, latitude, longitude, _, speed_kt, track, _, _, details, *_ in trace["trace"]:
        if not details or speed_kt is None or not {"wd", "tas", "mag_heading"} <= set(details):
            continue
        at_ns = round((trace["timestamp"] + offset) * 1e9)
        turned = radians(details["mag_heading"]) + declination_rad(latitude, longitude, at_ns)
        if "true_heading" in details:
            assert degrees(turned) == pytest.approx(details["true_heading"], abs=0.1)
        east, north = wind_m_s(
            speed_kt * M_S_PER_KT, radians(track), details["tas"] * M_S_PER_KT, turned
        )
        told = details["ws"] * M_S_PER_KT
        away = hypot(
            east + told * sin(radians(details["wd"])), north + told * cos(radians(details["wd"]))
        )
        assert away < 3.0, details  # readsb's fields are of up to some seconds before
        checked += 1
    assert checked >= 5


def test_declination_of_the_published_test_values() -> None:
    """WMM2025 report, table of test values, 2025.0, height 0."""
    new_year_ns = 1_735_689_600_000_000_000
    for latitude, longitude, expected in (
        (80.0, 0.0, 1.28),
        (0.0, 120.0, -0.16),
        (-80.0, 240.0, 68.78),
    ):
        found = degrees(declination_rad(latitude, longitude, new_year_ns))
        assert found == pytest.approx(expected, abs=0.01)


def test_a_real_flight_sounds_the_air(shared: Path) -> None:
    """One flight up to 11 km and down: a sample each ten seconds, smooth to within the errors it states."""
    wind = read_wind(shared / "data/adsb/rs1090_full_flight_frames.csv.gz")
    assert wind.n > 250
    assert (wind.source == WindSource.AIRCRAFT).all()
    assert ((wind.sigma_m_s > 1.0) & (wind.sigma_m_s < 4.0)).all()
    assert wind.altitude_amsl_m.max() > 10_900.0
    near = np.diff(wind.time_ns) < 15e9
    step = np.hypot(np.diff(wind.east_m_s), np.diff(wind.north_m_s))[near]
    assert np.median(step) < 1.5
    assert (step > 3.0 * wind.sigma_m_s[1:][near]).mean() < 0.02


def test_pieces_of_a_stream_give_the_same_winds(shared: Path) -> None:
    """What a live receiver remembers from read to read is enough for the registers to meet."""
    payload = gzip.decompress((shared / "data/adsb/rs1090_full_flight_frames.csv.gz").read_bytes())
    frames, times, _ = adsb.read_csv(payload)
    frames, times = frames[:12_000], times[:12_000]
    whole, _ = adsb.decode_frames(frames, times, None, 0, make_sensor("adsb"), Vertical())
    memory, got = adsb.Memory(), 0
    for a in range(0, len(frames), 37):
        decoded, memory = adsb.decode_frames(
            frames[a : a + 37], times[a : a + 37], None, 0, make_sensor("adsb"), Vertical(), memory
        )
        got += decoded.wind.n if decoded.wind is not None else 0
    assert whole.wind is not None
    assert got == pytest.approx(whole.wind.n, rel=0.25)
