"""ASTERIX recordings: captures of datagrams, or blocks one behind the other."""

from __future__ import annotations

from collections import Counter
from math import isnan
from typing import Final

import numpy as np

from windhover.detections import pcap, udp
from windhover.detections.asterix import final
from windhover.detections.asterix.rows import Radar, Row, rows, to_decoded
from windhover.detections.decoded import Decoded, count, join
from windhover.errors import BadInput
from windhover.feeds.asked import Asked
from windhover.feeds.recording import Recording, build
from windhover.schema.batches import F64
from windhover.schema.place import Point, Sensor, SensorKind, Vertical
from windhover.timescale import to_iso
from windhover.units import NS_PER_H, NS_PER_S

_NO_DATE_NS: Final = 946_684_800 * NS_PER_S + 12 * NS_PER_H
SIGMA_RANGE_M: Final = 50.0
SIGMA_AZIMUTH_RAD: Final = 0.0015
SHORTEST_TURN_S: Final = 0.9
LONGEST_TURN_S: Final = 20.0
FEW_PLOTS: Final = 10  # tell nothing
SOME_PLOTS: Final = 4000  # are enough to tell how fast an antenna turns
SHARED_CODES: Final = (0o0000, 0o1000, 0o1200, 0o2000, 0o7000, 0o7500, 0o7600, 0o7700)
"""Mode A codes that many aircraft fly at once: they name nobody (ICAO Doc 4444 §8.5; FAA AIM 4-1-20)."""


def from_capture(
    found: list[pcap.Packet],
    broken: int,
    asked: Asked,
) -> Recording:
    """Packets of UDP datagrams that carry ASTERIX. Raises `BadInput` where none does."""
    rejected: Counter[str] = Counter()
    datagrams, other = udp.datagrams(found)
    count(rejected, "broken packet record", broken)
    count(rejected, "packet that is no whole datagram", other)
    radars: dict[int, Radar] = {}
    read: list[Row] = []
    for datagram in datagrams:
        read += rows(
            datagram.data, datagram.time_ns, asked.vertical or Vertical(), rejected, radars
        )
    words = (f"{len(datagrams):,} datagrams", "time ← time of day, on the day of the capture")
    return _recording(read, radars, rejected, words, asked)


def from_blocks(
    payload: bytes,
    asked: Asked,
) -> Recording:
    """Blocks without any frame around them: they tell no date. Raises `BadInput`."""
    rejected: Counter[str] = Counter()
    radars: dict[int, Radar] = {}
    # Seen from noon, every time of day lies on one day.
    read = rows(
        payload,
        _NO_DATE_NS,
        asked.vertical or Vertical(),
        rejected,
        radars,
        _NO_DATE_NS + 13 * NS_PER_H,
    )
    day = to_iso(_NO_DATE_NS)[:10]
    words = (f"time ← time of day; the file tells no date: {day} is put",)
    return _recording(read, radars, rejected, words, asked)


def from_final(payload: bytes, asked: Asked) -> Recording:
    """Blocks in frames that tell the time of the day, and no date. Raises `BadInput`."""
    rejected: Counter[str] = Counter()
    radars: dict[int, Radar] = {}
    found, broken = final.frames(payload)
    count(rejected, "broken final frame", broken)
    midnight_ns = _NO_DATE_NS - 12 * NS_PER_H
    read: list[Row] = []
    days, before_ns = 0, 0
    for frame in found:
        if frame.of_day_ns < before_ns - 12 * NS_PER_H:
            days += 1  # past midnight
        before_ns = frame.of_day_ns
        at_ns = midnight_ns + days * 24 * NS_PER_H + frame.of_day_ns
        read += rows(frame.blocks, at_ns, asked.vertical or Vertical(), rejected, radars)
    words = (
        f"{len(found):,} final frames",
        f"time ← time of day; the file tells no date: {to_iso(midnight_ns)[:10]} is put",
    )
    return _recording(read, radars, rejected, words, asked)


def _recording(
    read: list[Row],
    radars: dict[int, Radar],
    rejected: Counter[str],
    words: tuple[str, ...],
    asked: Asked,
) -> Recording:
    if not read:
        most = max(rejected, key=lambda reason: rejected[reason], default="")
        raise BadInput("No usable ASTERIX record of CAT021, 048 or 062.", f"Mostly: {most}.")
    groups: dict[tuple[int, int], list[Row]] = {}
    for row in read:
        groups.setdefault((row.category, row.source), []).append(row)
    placed, said = _sensors(groups, radars, asked.site_sensors)
    parts: list[Decoded] = []
    truth: list[str] = []
    sensors: list[Sensor] = []
    for key, group in groups.items():
        sensor = placed.get(key)
        if sensor is None:
            count(rejected, "radar's place unknown", len(group))
            continue
        part = to_decoded(group, None, asked.first_sensor + len(sensors), sensor, Counter())
        count(rejected, "duplicate", len(group) - part.detections.n)
        parts.append(part)
        sensors.append(sensor)
        truth += [_object(row) for row in dict.fromkeys(group)]
    if not parts:
        raise BadInput(
            "The plots' radars do not say where they stand.",
            "Name a site with its sensors as SAC/SIC.",
        )
    decoded = join(parts)._replace(rejected=dict(rejected))
    rank = {who: i for i, who in enumerate(dict.fromkeys(w for w in truth if w))}
    return build(
        name=asked.name,
        kind="asterix",
        reason=asked.sniffed.reason,
        understood=(
            *words,
            *said,
            "object ← ICAO address, else Mode A code (048), else track number (021, 048, 062)",
        ),
        decoded=decoded,
        truth_object=np.array([rank.get(who, -1) for who in truth], np.int64),
        names=tuple(rank),
        sensor_kind="points",
        vertical=asked.vertical or Vertical(),
        first_sensor=asked.first_sensor,
        hide_ids=asked.hide_ids,
        sensors=tuple(sensors),
    )


def _object(row: Row) -> str:
    if row.address:
        return row.address
    if row.mode_a >= 0 and row.mode_a not in SHARED_CODES:
        return f"Mode A {row.mode_a:04o}"
    return f"{row.category:03d} track {row.number}" if row.number >= 0 else ""


def _sensors(
    groups: dict[tuple[int, int], list[Row]],
    radars: dict[int, Radar],
    site_sensors: tuple[Sensor, ...],
) -> tuple[dict[tuple[int, int], Sensor], tuple[str, ...]]:
    """A sensor for each category and source that can be placed; and the words for where."""
    placed: dict[tuple[int, int], Sensor] = {}
    said: list[str] = []
    radar_groups = [key for key in groups if key[0] == 48]
    for key, group in groups.items():
        category, source = key
        sac_sic = f"{source >> 8}/{source & 255}"
        known = next((s for s in site_sensors if s.name == sac_sic), None)
        radar = radars.get(source)
        if known is not None:
            placed[key] = known
            said.append(f"CAT{category:03d} of {sac_sic}: {len(group):,}, placed by the site")
        elif category != 48:
            placed[key] = _reporting(category, sac_sic, group)
            said.append(f"CAT{category:03d} of {sac_sic}: {len(group):,} positions")
        elif radar is not None and not isnan(radar.latitude_rad):
            placed[key] = _radar(sac_sic, radar, group)
            said.append(f"CAT048 of {sac_sic}: {len(group):,} plots, placed by its own CAT034")
        elif len(groups) == len(radar_groups) == 1:
            told_s = float("nan") if radar is None else radar.period_s
            placed[key] = _radar(sac_sic, Radar(0.0, 0.0, 0.0, told_s), group)
            said.append(
                f"CAT048 of {sac_sic}: {len(group):,} plots; nobody says where the radar stands: "
                "0° N 0° E is put, and only what is relative to the radar holds"
            )
    return placed, tuple(said)


def _radar(name: str, radar: Radar, group: list[Row]) -> Sensor:
    return Sensor(
        name=name,
        kind="radar_2d",
        position=Point(radar.latitude_rad, radar.longitude_rad),
        height_ellipsoid_m=radar.height_ellipsoid_m,
        range_min_m=0.0,
        range_max_m=max(row.value[0] for row in group) * 1.05,
        period_s=radar.period_s if radar.period_s > 0 else turn_s(group),
        sigma_range_m=SIGMA_RANGE_M,
        sigma_azimuth_rad=SIGMA_AZIMUTH_RAD,
        clutter_per_scan=0.5,
        horizon_elevation_rad=0.0,
    )


def turn_s(group: list[Row]) -> float:
    """How long the antenna takes for a turn, from the plots alone; 5 s where they do not tell.

    A turning antenna puts plots at azimuth = phase + 2π·time/period. Within a window the mean of
    e^{i(azimuth − 2π·time/period)} has length 1 at the right period; longer windows tell it more finely.
    """
    if len(group) < FEW_PLOTS:
        return 5.0
    first_ns = min(row.time_ns for row in group)
    time_s = np.array([(row.time_ns - first_ns) / NS_PER_S for row in group[:SOME_PLOTS]])
    azimuth = np.array([row.value[1] for row in group[:SOME_PLOTS]])
    tried: F64 = 1.0 / np.arange(1.0 / LONGEST_TURN_S, 1.0 / SHORTEST_TURN_S, 0.1 / 60.0)
    best, agrees = 5.0, 0.0
    for window_s in (60.0, 240.0, 960.0):
        window = (time_s // window_s).astype(np.int64)
        sums = np.zeros((len(tried), int(window.max()) + 1), np.complex128)
        for k, period in enumerate(tried):
            np.add.at(sums[k], window, np.exp(1j * (azimuth - 2.0 * np.pi * time_s / period)))
        squares = (np.abs(sums) ** 2).sum(axis=1) / (np.bincount(window).astype(float) ** 2).sum()
        best, agrees = float(tried[squares.argmax()]), float(squares.max())
        if window_s == 60.0 and agrees < 0.5:
            return 5.0
        tried = best + best**2 / window_s * np.linspace(-0.3, 0.3, 61)
    return best


def _reporting(category: int, name: str, group: list[Row]) -> Sensor:
    kind: SensorKind = "adsb" if category == 21 else "points"
    return Sensor(
        name=f"CAT{category:03d} {name}",
        kind=kind,
        position=Point(group[0].value[0], group[0].value[1]),
        height_ellipsoid_m=0.0,
        range_min_m=0.0,
        range_max_m=1_000_000.0,
        period_s=_period_s(group),
        sigma_position_m=75.0,
        sigma_height_m=30.0,
        clutter_per_scan=0.01,
        horizon_elevation_rad=-1.6,
        hears=("adsb",) if category == 21 else (),
    )


def _period_s(group: list[Row]) -> float:
    """Median time between two rows of one object."""
    last: dict[str, int] = {}
    apart: list[int] = []
    for row in group:
        who = _object(row)
        if who in last and row.time_ns > last[who]:
            apart.append(row.time_ns - last[who])
        last[who] = row.time_ns
    return float(np.clip(np.median(apart) / NS_PER_S, 0.1, 3600.0)) if apart else 1.0
