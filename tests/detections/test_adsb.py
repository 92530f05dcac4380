"""Mode S frames against published examples, and Beast framing there and back.

The frames and what they say are the worked examples of J. Sun, "The 1090 Megahertz Riddle" (2nd ed.,
chapters 3 to 7).
"""

from __future__ import annotations

from math import degrees, isnan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.naive import airborne_position, mode_s_parity
from windhover.detections import adsb, beast, es_frame
from windhover.schema.batches import claim_id
from windhover.schema.place import Vertical
from windhover.schema.reports import Cooperative

EVEN = "8D40621D58C382D690C8AC2863A7"
ODD = "8D40621D58C386435CC412692AD6"
NAME = "8D4840D6202CC371C32CE0576098"
VELOCITY = "8D485020994409940838175B284F"
SENSOR = make_sensor("adsb", "1090")
SECOND = 10**9


def decode(frames: list[str], vertical: Vertical | None = None):  # type: ignore[no-untyped-def]
    times = [RECEIVED_NS - 5 * SECOND + i * SECOND // 2 for i in range(len(frames))]
    return adsb.decode_frames(frames, times, RECEIVED_NS, 1, SENSOR, vertical or Vertical())[0]


def test_a_published_pair_gives_its_published_place() -> None:
    decoded = decode([ODD, EVEN], Vertical(undulation_m=40.0, qnh_hpa=1013.25))
    assert decoded.detections.n == 1
    latitude, longitude, height = decoded.detections.value[0]
    assert degrees(latitude) == pytest.approx(52.2572, abs=1e-4)
    assert degrees(longitude) == pytest.approx(3.91937, abs=1e-4)
    assert height == pytest.approx(38_000 * 0.3048 + 40.0)
    assert decoded.detections.claimed_id[0] == claim_id("icao", "40621d")
    assert decoded.rejected == {"position not yet resolvable (one half of a pair)": 1}


def test_barometric_height_alone_is_no_height() -> None:
    decoded = decode([ODD, EVEN])
    assert isnan(decoded.detections.value[0, 2])
    assert decoded.rejected["height unused: barometric, QNH or undulation unknown"] == 1


def test_rate_source_bit_is_read_from_the_frame() -> None:
    # The book: "vertical rate source bit 0: GNSS". rs1090 0.7.0 says barometric.
    assert not es_frame.vertical_rate_is_barometric(bytes.fromhex(VELOCITY))
    # Its second velocity example, airspeed of 8DA05F219B06B6AF189400CBC33F: source bit 1, barometric.
    assert es_frame.vertical_rate_is_barometric(bytes.fromhex("8DA05F219B06B6AF189400CBC33F"))


def test_broken_frames_are_counted_and_never_reach_the_library() -> None:
    flipped = EVEN[:-1] + "6"
    decoded = decode(["", "zz", "8d", "8D40621D58C382D690C8AC2863A", flipped, ODD])
    assert decoded.detections.n == 0
    assert decoded.rejected["not a Mode S frame"] == 4
    assert decoded.rejected["checksum or format of a frame"] == 1


@given(st.binary(min_size=11, max_size=11), st.integers(0, 111))
def test_parity_is_that_of_the_slow_twin(said: bytes, bit: int) -> None:
    number = int.from_bytes(said, "big") << 24
    whole = (number | mode_s_parity(number, 112)).to_bytes(14, "big")
    assert es_frame.parity(whole) == 0
    assert es_frame.parity((int.from_bytes(whole, "big") ^ 1 << bit).to_bytes(14, "big")) != 0


def test_broken_frames_of_ground_stations_are_counted_too() -> None:
    # rs1090 0.7 takes any DF 18 whatever its checksum: a wrong bit in the address would be another aircraft.
    sent = [(0x90_A1B2C3 << 80) | int(frame[8:22], 16) << 24 for frame in (EVEN, ODD)]
    whole = [f"{frame | mode_s_parity(frame, 112):028x}" for frame in sent]
    assert decode(whole).detections.n == 1
    broken = [f"{int(frame, 16) ^ 1 << 83:028x}" for frame in whole]
    assert decode(broken).detections.n == 0
    assert decode(broken).rejected == {"checksum or format of a frame": 2}


def test_memory_lets_a_pair_meet_across_two_batches() -> None:
    times = [RECEIVED_NS - 3 * SECOND, RECEIVED_NS - 2 * SECOND]
    first, memory = adsb.decode_frames([ODD], times[:1], RECEIVED_NS, 1, SENSOR, Vertical())
    assert first.detections.n == 0
    second, memory = adsb.decode_frames(
        [EVEN], times[1:], RECEIVED_NS, 1, SENSOR, Vertical(), memory
    )
    assert second.detections.n == 1
    assert len(memory.frames) == 2
    third, _ = adsb.decode_frames([], [], RECEIVED_NS, 1, SENSOR, Vertical(), memory)
    assert third.detections.n == 0


def flight(n: int = 160) -> tuple[list[str], list[int]]:
    """An aircraft flying north-east at about 200 m/s, two frames a second."""
    places = [(31.5 + 0.0008 * i, -106.8 + 0.001 * i) for i in range(n)]
    frames = [
        airborne_position("a1b2c3", lat, lon, 9000, bool(i % 2))
        for i, (lat, lon) in enumerate(places)
    ]
    return frames, [RECEIVED_NS - 200 * SECOND + i * SECOND // 2 for i in range(n)]


def test_positions_are_where_they_were_written() -> None:
    frames, times = flight()
    decoded, _ = adsb.decode_frames(frames, times, None, 0, SENSOR, Vertical())
    rows = decoded.detections
    assert rows.n >= 155
    number = (rows.time_ns - times[0]) // (SECOND // 2)
    # Compact positions resolve to about 5 m.
    np.testing.assert_allclose(np.degrees(rows.value[:, 0]), 31.5 + 0.0008 * number, atol=6e-5)
    np.testing.assert_allclose(np.degrees(rows.value[:, 1]), -106.8 + 0.001 * number, atol=6e-5)


@pytest.mark.parametrize("cut", [0, 1, 7, 20, 41, 60, 159])
def test_live_batches_say_what_one_batch_says(cut: int) -> None:
    frames, times = flight()
    whole, _ = adsb.decode_frames(frames, times, None, 0, SENSOR, Vertical())
    memory = adsb.Memory()
    values = []
    for part in (slice(0, cut), slice(cut, None)):
        decoded, memory = adsb.decode_frames(
            frames[part], times[part], None, 0, SENSOR, Vertical(), memory
        )
        values.append(decoded.detections.value)
    np.testing.assert_allclose(np.concatenate(values), whole.detections.value, atol=1e-12)


frames_of_bytes = st.lists(
    st.builds(
        beast.Frame,
        st.integers(0, 2**48 - 1),
        st.integers(0, 255),
        st.one_of(st.binary(min_size=7, max_size=7), st.binary(min_size=14, max_size=14)),
    ),
    max_size=8,
)


@given(frames_of_bytes, st.integers(0, 300))
def test_beast_round_trip_however_it_is_cut(frames: list[beast.Frame], cut: int) -> None:
    stream = beast.encode(frames)
    first, rest, broken = beast.parse(stream[:cut])
    second, rest, broken_too = beast.parse(rest + stream[cut:])
    assert first + second == frames
    assert (rest, broken, broken_too) == (b"", 0, 0)


def test_beast_clock_counts_back_from_reception() -> None:
    frames = [beast.Frame(2**48 - 6_000_000, 0, bytes(7)), beast.Frame(6_000_000, 0, bytes(7))]
    assert beast.times_ns(frames, 10 * SECOND) == [9 * SECOND, 10 * SECOND]


@pytest.mark.shared
def test_a_real_flight(shared: Path) -> None:
    import gzip

    payload = gzip.decompress((shared / "data/adsb/rs1090_full_flight_frames.csv.gz").read_bytes())
    frames, times, refused = adsb.read_csv(payload)
    assert (len(frames), refused) == (57_793, 0)
    decoded, _ = adsb.decode_frames(frames, times, None, 0, SENSOR, Vertical())
    rows = decoded.detections
    assert rows.n == 6464
    assert set(rows.claimed_id.tolist()) == {claim_id("icao", "393322")}
    told = {r.callsign for r in decoded.reports if isinstance(r, Cooperative) and r.callsign}
    assert told == {"AFR34ZG"}
    speeds = [r.ground_speed_m_s for r in decoded.reports if isinstance(r, Cooperative)]
    assert max(s for s in speeds if s is not None) < 270.0
    in_air = ~np.isnan(rows.value[:, 2])
    assert 10_500 < rows.value[in_air, 2].max() < 11_200


def test_what_two_receivers_heard_counts_once() -> None:
    frames, times = flight(40)
    twice = [f for f in frames for _ in range(2)]
    heard = [t + k * 15_000 for t in times for k in range(2)]  # 15 µs apart
    once, _ = adsb.decode_frames(frames, times, None, 0, SENSOR, Vertical())
    both, _ = adsb.decode_frames(twice, heard, None, 0, SENSOR, Vertical())
    assert both.detections.n == once.detections.n > 30
    assert both.rejected["duplicate"] == 40
