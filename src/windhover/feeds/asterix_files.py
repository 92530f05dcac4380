"""ASTERIX recordings: captures of datagrams, or blocks one behind the other."""

from __future__ import annotations

from collections import Counter
from math import isnan
from typing import Final

import numpy as np

from windhover.detections import pcap
from windhover.detections.asterix.rows import Radar, Row, rows, to_decoded
from windhover.detections.decoded import Decoded, count, join
from windhover.errors import BadInput
from windhover.feeds.asked import Asked
from windhover.feeds.recording import Recording, build
from windhover.schema.place import Point, Sensor, SensorKind, Vertical
from windhover.timescale import to_iso
from windhover.units import NS_PER_H, NS_PER_S

_NO_DATE_NS: Final = 946_684_800 * NS_PER_S + 12 * NS_PER_H
SIGMA_RANGE_M: Final = 50.0
SIGMA_AZIMUTH_RAD: Final = 0.0015


def from_capture(
    found: list[pcap.Packet],
    broken: int,
    asked: Asked,
) -> Recording:
    """Packets of UDP datagrams that carry ASTERIX. Raises `BadInput` where none does."""
    rejected: Counter[str] = Counter()
    datagrams, other = pcap.datagrams(found)
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
        understood=(*words, *said, "object ← ICAO address, else track number (021, 048, 062)"),
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
            turn_s = float("nan") if radar is None else radar.period_s
            placed[key] = _radar(sac_sic, Radar(0.0, 0.0, 0.0, turn_s), group)
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
        period_s=radar.period_s if radar.period_s > 0 else 5.0,
        sigma_range_m=SIGMA_RANGE_M,
        sigma_azimuth_rad=SIGMA_AZIMUTH_RAD,
        clutter_per_scan=0.5,
        horizon_elevation_rad=0.0,
    )


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
