"""ASTERIX: records written by hand, blocks that are broken, and real recordings counted by others."""

from __future__ import annotations

import struct
from collections import Counter
from math import degrees, isnan, pi
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.naive import plot_block, radar_block
from windhover.detections import asterix, pcap, udp
from windhover.detections.asterix.records import records
from windhover.detections.asterix.rows import rows
from windhover.detections.asterix.uap import PROFILES
from windhover.errors import BadInput
from windhover.feeds.files import read_payload, read_recording
from windhover.schema.batches import Kind, claim_id
from windhover.schema.place import Vertical

RADAR = make_sensor("radar_2d", "25/1")
OF_DAY_S = 23_400.0  # 06:30:00Z; reception is ten seconds later


def block(category: int, *found: bytes) -> bytes:
    body = b"".join(found)
    return bytes([category]) + (len(body) + 3).to_bytes(2, "big") + body


def decode(payload: bytes, vertical: Vertical | None = None):  # type: ignore[no-untyped-def]
    return asterix.decode(payload, RECEIVED_NS, 5, RADAR, vertical or Vertical())


@given(
    st.floats(100.0, 400_000.0),
    st.floats(0.0, 2 * pi - 1e-3),
    st.floats(0.0, 23_409.0),
    st.sampled_from(["", "a1b2c3"]),
)
def test_plots_come_back_as_written(
    range_m: float, azimuth_rad: float, of_day_s: float, address: str
) -> None:
    decoded = decode(plot_block(1, range_m, azimuth_rad, of_day_s, address))
    batch = decoded.detections
    assert decoded.rejected == {}
    assert batch.kind.tolist() == [Kind.RANGE_AZIMUTH]
    assert batch.value[0, 0] == pytest.approx(range_m, abs=1852 / 256)
    assert batch.value[0, 1] == pytest.approx(azimuth_rad, abs=1e-4)
    assert batch.time_ns[0] % (86_400 * 10**9) == pytest.approx(of_day_s * 1e9, abs=1e9 / 128)
    assert abs(int(batch.time_ns[0]) - RECEIVED_NS) <= 43_200 * 10**9
    assert batch.claimed_id[0] == (claim_id("icao", address) if address else 0)
    assert batch.covariance[0, 0, 0] == RADAR.sigma_range_m**2


def test_a_system_track() -> None:
    position = struct.pack(">ii", round(31.8 * 2**25 / 180), round(-106.4 * 2**25 / 180))
    # 010, 070, 105 in the first octet; 040 (12) in the second; 130 (18) in the third; 500 (27) in the fourth.
    specification = bytes([0b1001_1001, 0b0000_1001, 0b0001_0001, 0b0000_0100])
    record = specification + bytes([25, 9]) + round(OF_DAY_S * 128).to_bytes(3, "big") + position
    record += (77).to_bytes(2, "big") + round(1500 / 0.3048 / 6.25).to_bytes(2, "big", signed=True)
    record += bytes([0b0010_0000]) + struct.pack(">HH", 10, 10)
    decoded = decode(block(62, record))
    assert decoded.rejected == {}
    latitude, longitude, height = decoded.detections.value[0]
    assert degrees(latitude) == pytest.approx(31.8, abs=1e-5)
    assert degrees(longitude) == pytest.approx(-106.4, abs=1e-5)
    assert height == pytest.approx(1500.0, abs=1.0)
    # Ten steps of 180°/2^25 are 6.0 m north and 5.1 m east.
    assert decoded.detections.covariance[0, 0, 0] == pytest.approx(
        (5.96**2 + 5.07**2) / 2, rel=0.01
    )


def test_an_adsb_report() -> None:
    # 010, 130 (6), 073 (12), 080 (11), 140 (16), 170 (29)
    specification = bytes([0b1000_0101, 0b0001_1001, 0b0100_0001, 0b0000_0001, 0b1000_0000])
    position = b"".join(
        round(a * 2**23 / 180).to_bytes(3, "big", signed=True) for a in (31.8, -106.4)
    )
    name = 0
    for letter in "MEDEVAC1":
        name = name << 6 | (ord(letter) - 64 if letter.isalpha() else ord(letter))
    record = specification + bytes([25, 9]) + position + bytes.fromhex("a1b2c3")
    record += round(OF_DAY_S * 128).to_bytes(3, "big") + (800).to_bytes(2, "big")
    record += name.to_bytes(6, "big")
    decoded = decode(block(21, record))
    assert decoded.rejected == {}
    assert decoded.detections.value[0, 2] == pytest.approx(800 * 6.25 * 0.3048)
    report = decoded.reports[0]
    assert (report.identifier, report.callsign) == ("a1b2c3", "MEDEVAC1")  # type: ignore[union-attr]


def test_a_broken_record_costs_its_block_and_no_other() -> None:
    good = plot_block(1, 5000.0, 1.0, OF_DAY_S)
    other = plot_block(1, 6000.0, 1.0, OF_DAY_S)
    spare = block(62, bytes([0b0100_0000, 1, 2]))
    unknown = block(99, b"xxx")
    overlong = block(48, bytes([0b0001_0000, 1, 2]))
    decoded = decode(good + spare + unknown + overlong + other + b"\x30\x00")
    assert decoded.detections.n == 2
    assert decoded.rejected == {
        "item that does not exist": 1,
        "category 099 is not read": 1,
        "record longer than its block": 1,
        "octets after the last block": 1,
    }


def test_radars_place_themselves_in_recordings() -> None:
    payload = radar_block(1, 31.8, -106.4, 1180) + b"".join(
        plot_block(1, 5000.0 + 50 * i, 1.0, OF_DAY_S + 5 * i, "a1b2c3") for i in range(4)
    )
    recording = read_payload(payload, "radar.ast")
    assert recording.kind == "asterix"
    assert recording.n == 4
    assert recording.names == ("a1b2c3",)
    assert degrees(recording.sensors[0].position.latitude_rad) == pytest.approx(31.8, abs=1e-4)
    assert recording.sensors[0].height_ellipsoid_m == 1180.0
    alone = read_payload(plot_block(1, 5000.0, 1.0, OF_DAY_S), "radar.ast")
    assert any("nobody says where the radar stands" in word for word in alone.understood)
    two = plot_block(1, 5000.0, 1.0, OF_DAY_S) + plot_block(2, 5000.0, 1.0, OF_DAY_S)
    with pytest.raises(BadInput, match="do not say where they stand"):
        read_payload(two, "radars.ast")


def test_profiles_are_whole() -> None:
    assert {category: len(profile) for category, profile in PROFILES.items()} == {
        34: 14,
        48: 28,
        21: 49,
        62: 35,
        129: 21,
    }
    assert [item.name for item in PROFILES[62]].index("105") == 4
    assert PROFILES[62][26].name == "500"


@pytest.mark.shared
def test_real_recordings(shared: Path) -> None:
    folder = shared / "data" / "asterix"
    counts: dict[str, Counter[int]] = {}
    for name in ("cat_034_048", "jm_260429", "jm_fds260429"):
        rejected: Counter[str] = Counter()
        found, _ = pcap.packets((folder / f"{name}.pcap").read_bytes())
        datagrams, _ = udp.datagrams(found)
        counts[name] = Counter(r.category for d in datagrams for r in records(d.data, rejected))
        assert not rejected
    # As the recordings' own description counts them.
    assert counts["cat_034_048"][48] == 128
    assert counts["jm_260429"][48] == 3541
    assert counts["jm_fds260429"] == Counter({62: 50_640})


@pytest.mark.shared
def test_real_tracks_lie_in_one_country_and_on_time(shared: Path) -> None:
    recording = read_recording(shared / "data/asterix/jm_fds260429.pcap")
    value = np.concatenate([b.detections.value for b in recording.batches])
    assert recording.n > 50_000
    assert 300 < len(recording.names) < 500
    assert np.ptp(np.degrees(value[:, 0])) < 20
    seconds = (recording.to_ns - recording.from_ns) / 1e9
    assert 3000 < seconds < 4500


@pytest.mark.shared
def test_records_of_no_known_edition_are_counted(shared: Path) -> None:
    found, _ = pcap.packets((shared / "data/asterix/asterix.pcap").read_bytes())
    rejected: Counter[str] = Counter()
    for datagram in udp.datagrams(found)[0]:
        for row in rows(datagram.data, datagram.time_ns, Vertical(), rejected, {}):
            assert not isnan(row.value[0])
    assert sum(rejected.values()) >= 100
