"""One reader per kind of file: bytes → `Recording`. What a file is was told by `sniff`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

import numpy as np

from windhover.detections import (
    adsb,
    beast,
    dronescout,
    frames_text,
    readsb,
    sbs,
    sounding_text,
    spellings,
    trace,
    wind_instruments,
)
from windhover.detections.columns import Points, understand
from windhover.detections.decoded import Decoded, join, nothing
from windhover.detections.es_frame import is_frame
from windhover.detections.gpx import read as read_gpx
from windhover.detections.igc import read as read_igc
from windhover.detections.kml import read as read_kml
from windhover.detections.netcdf import variables
from windhover.detections.points import rows_and_kept
from windhover.detections.sounding import is_levels, points_of, read_levels
from windhover.detections.table import Table, read_csv, read_json_records, read_parquet
from windhover.errors import BadInput
from windhover.feeds import asterix_files, plot_files
from windhover.feeds.asked import Asked
from windhover.feeds.captures import capture, cooperative
from windhover.feeds.recording import Recording, build
from windhover.feeds.wind_files import (
    WEATHER,
    levels,
    levels_list,
    metar_file,
    wind_netcdf,
    wind_only,
)
from windhover.schema.batches import Detections
from windhover.schema.place import Point, Sensor, Vertical
from windhover.timescale import PLAUSIBLE_TO_NS, from_iso, is_plausible, to_iso
from windhover.units import NS_PER_S

_NO_DATE_NS: Final = 946_684_800 * NS_PER_S  # 2000-01-01: for recordings without a date
_LAST_NS: Final = PLAUSIBLE_TO_NS - 1
_READER = Sensor("recording", "points", Point(0.0, 0.0), 0.0, 0.0, 1e9, 1.0)


def _stem(name: str) -> str:
    for suffix in (".gz", ".xz", ".bz2", ".zip"):
        name = name.removesuffix(suffix)
    return name.rsplit(".", 1)[0] if "." in name else name


def _reference(points: Points, vertical: Vertical | None) -> tuple[Vertical, str]:
    """The height reference of a table, and the words for it."""
    if vertical is not None:
        return vertical, "heights: tied to the ellipsoid by the site"
    told = {
        "ellipsoid": int(np.isfinite(points.height_ellipsoid_m).sum()),
        "sea": int(np.isfinite(points.altitude_amsl_m).sum()),
        "pressure": int(np.isfinite(points.altitude_baro_m).sum()),
    }
    if told["ellipsoid"] * 2 >= max(told.values()) > 0:
        return Vertical(), "heights: above the ellipsoid"
    if told["sea"] * 2 >= max(told.values()) > 0:
        return Vertical(undulation_m=0.0), (
            "heights: above mean sea level, taken as this recording's own zero "
            "(no site states the undulation; up to 110 m from the ellipsoid)"
        )
    if told["pressure"]:
        return Vertical(undulation_m=0.0, qnh_hpa=1013.25), (
            "heights: pressure altitude, taken as this recording's own zero "
            "(no site states QNH and undulation; some hundred metres from the ellipsoid)"
        )
    return Vertical(), "heights: none"


def _from_points(points: Points, asked: Asked, rejected: dict[str, int] | None = None) -> Recording:
    vertical, words = _reference(points, asked.vertical)
    own_wind, points = points.wind, points._replace(wind=None)
    decoded, kept = rows_and_kept(points, None, asked.first_sensor, _READER, vertical)
    objects = [points.objects[i] for i in kept.tolist()]
    rank = {name: i for i, name in enumerate(dict.fromkeys(o for o in objects if o))}
    total = Counter(decoded.rejected)
    total.update(rejected or {})
    return build(
        name=asked.name,
        kind=asked.sniffed.kind,
        reason=asked.sniffed.reason,
        understood=(*points.understood, words),
        decoded=decoded._replace(rejected=dict(total)),
        truth_object=np.array([rank.get(o, -1) for o in objects], np.int64),
        names=tuple(rank),
        sensor_kind="adsb" if points.scheme == "icao" else "points",
        vertical=vertical,
        first_sensor=asked.first_sensor,
        hide_ids=asked.hide_ids,
        own_wind=own_wind,
    )


def _table(table: Table, asked: Asked) -> Recording:
    broken = {"broken line": table.broken} if table.broken else {}
    if is_levels(table):
        wind, understood = read_levels(table)
        if wind is None:
            raise BadInput("Its levels hold no usable wind.")
        decoded = Decoded(Detections.empty(), (), None, broken)
        return wind_only(decoded._replace(wind=wind), understood, asked)
    if sounding_text.is_wyoming(table):
        wind, understood = sounding_text.read_wyoming(table)
        return levels(wind, understood, asked, broken)
    if wind_instruments.is_surface(set(table.columns)) and "time" in table.columns:
        wind, understood = wind_instruments.surface_table(table)
        return levels(wind, understood, asked.of_kind("surface"), broken)
    if not table.n:
        raise BadInput("The table has a header and no rows.")
    try:
        points = understand(table)
    except BadInput:
        frames = frames_text.in_table(table)
        if frames is None:
            raise
        return _frames(frames, asked)
    if not any(points.objects):
        points = points._replace(understood=(*points.understood, "object: not told by any column"))
    return _from_points(points, asked, broken)


def _igc(payload: bytes, asked: Asked) -> Recording:
    points, rejected = read_igc(payload, _stem(asked.name))
    return _from_points(points, asked, rejected)


def _gpx(payload: bytes, asked: Asked) -> Recording:
    points, rejected = read_gpx(payload, _stem(asked.name))
    return _from_points(points, asked, rejected)


def _kml(payload: bytes, asked: Asked) -> Recording:
    points, rejected = read_kml(payload, _stem(asked.name))
    return _from_points(points, asked, rejected)


def _netcdf(payload: bytes, asked: Asked) -> Recording:
    """A surface station, a lidar or a sounding: told by the names of its variables."""
    found = variables(payload)
    wind = wind_netcdf(found, asked)
    if wind is not None:
        return wind
    return _from_points(points_of(found, _stem(asked.name)), asked.of_kind("sounding"))


_GEOMETRIC: Final = (
    "heights: above the ellipsoid (barometric altitude + the aircraft's own geometric difference)"
)


_EHS: Final = "wind ← ground speed less airspeed (register 5,0) along the heading (6,0, magnetic); register 4,4"


def _mode_s(payload: bytes, asked: Asked) -> Recording:
    return _frames(frames_text.read(payload, _NO_DATE_NS), asked)


def _frames(found: frames_text.Frames, asked: Asked) -> Recording:
    decoded, _ = adsb.decode_frames(
        found.data, found.time_ns, None, asked.first_sensor, _READER, asked.vertical or Vertical()
    )
    if found.refused:
        decoded = decoded._replace(rejected=decoded.rejected | {"broken line": found.refused})
    understood = (
        *found.understood,
        f"formats: {_formats(found.data)}",
        "latitude, longitude ← compact position reports",
        _GEOMETRIC,
        _EHS,
        "object ← ICAO address",
    )
    return cooperative(decoded, understood, asked)


def _formats(frames: list[str]) -> str:
    counts = Counter(int(f[:2], 16) >> 3 for f in frames if is_frame(f))
    return ", ".join(f"DF {df}: {n:,}" for df, n in sorted(counts.items()))


def _beast(payload: bytes, asked: Asked) -> Recording:
    frames, _, broken = beast.parse(payload)
    if not frames:
        raise BadInput("The Beast stream holds no Mode S frame.")
    decoded, _ = adsb.decode_frames(
        [frame.data.hex() for frame in frames],
        [_NO_DATE_NS + passed for passed in beast.passed_ns(frames)],
        None,
        asked.first_sensor,
        _READER,
        asked.vertical or Vertical(),
        multilaterated=beast.multilaterated(frames),
    )
    if broken:
        decoded = decoded._replace(rejected=decoded.rejected | {"broken Beast frame": broken})
    understood = (
        f"time ← the receiver's 12 MHz clock; it tells no date: counted from {to_iso(_NO_DATE_NS)}",
        f"frames: {len(frames):,}",
        _GEOMETRIC,
        _EHS,
        "object ← ICAO address",
    )
    return cooperative(decoded, understood, asked)


def _trace(payload: bytes, asked: Asked) -> Recording:
    decoded = trace.decode(
        payload, _LAST_NS, asked.first_sensor, _READER, asked.vertical or Vertical()
    )
    understood = (
        "time ← 'timestamp' + first figure of each point",
        "heights: above the ellipsoid ← geometric altitude (feet)",
        "wind ← 'wd', 'ws' where given",
        "object ← 'icao'",
    )
    return cooperative(decoded, understood, asked)


def _snapshots(payload: bytes, asked: Asked) -> Recording:
    documents = spellings.documents(payload)
    nows = [now for now in map(readsb.snapshot_ns, documents) if now is not None]
    apart = np.diff(np.array(nows, np.int64)) / NS_PER_S
    period_s = float(np.median(apart[apart > 0])) if (apart > 0).any() else 60.0
    reader = Sensor("adsb", "adsb", Point(0.0, 0.0), 0.0, 0.0, 1e9, period_s)
    parts = []
    for document in documents:
        now_ns = readsb.snapshot_ns(document) or _LAST_NS
        parts.append(
            readsb.decode(
                document, now_ns, asked.first_sensor, reader, asked.vertical or Vertical()
            )
        )
    understood = (
        f"time ← 'now' − 'seen_pos'; {len(documents)} snapshots",
        "heights: above the ellipsoid ← 'alt_geom' (feet)",
        "wind ← 'wd', 'ws' where given",
        "object ← 'hex'",
    )
    return cooperative(join(parts), understood, asked)


def _dronescout(payload: bytes, asked: Asked) -> Recording:
    decoded = dronescout.decode(
        payload, _LAST_NS, asked.first_sensor, _READER, asked.vertical or Vertical()
    )
    understood = (
        "time ← the drone's seconds after the hour beside the receiver's 'timestamp'",
        "position, identity, operator ← 'UASdata' (opendroneid's own layout)",
        "heights: above the ellipsoid ← geodetic altitude",
        "object ← serial number or registration",
    )
    return cooperative(decoded, understood, asked, "remote_id")


def _sbs(payload: bytes, asked: Asked) -> Recording:
    """Line by line at the time that the receiver logged, taken as UTC because nothing says otherwise."""
    lines: dict[int, list[bytes]] = {}
    broken = 0
    for line in payload.splitlines():
        fields = line.decode("ascii", "replace").split(",")
        try:
            day = fields[8].replace("/", "-")
            time_ns = from_iso(f"{day}T{fields[9]}")
        except (IndexError, BadInput, OverflowError):
            broken += bool(line.strip())
            continue
        if is_plausible(time_ns):
            lines.setdefault(time_ns, []).append(line)
        else:
            broken += 1
    parts = [
        sbs.decode(
            b"\n".join(group), time_ns, asked.first_sensor, _READER, asked.vertical or Vertical()
        )
        for time_ns, group in sorted(lines.items())
    ]
    if broken:
        parts.append(nothing("line without a time", broken))
    understood = (
        "time ← when the receiver logged the line, taken as UTC (the format has no zone)",
        "heights: only with QNH and undulation of a site (the format has barometric altitude alone)",
        "object ← hexadecimal address",
    )
    return cooperative(join(parts), understood, asked)


READERS: Final[dict[str, Callable[[bytes, Asked], Recording]]] = {
    "points_csv": lambda payload, asked: _table(read_csv(payload), asked),
    "points_json": lambda payload, asked: _table(read_json_records(payload), asked),
    "parquet": lambda payload, asked: _table(read_parquet(payload), asked),
    "igc": _igc,
    "gpx": _gpx,
    "kml": _kml,
    "netcdf": _netcdf,
    "mode_s": _mode_s,
    "beast": _beast,
    "trace": _trace,
    "aircraft_json": _snapshots,
    "dronescout": _dronescout,
    "asterix": asterix_files.from_blocks,
    "asterix_final": asterix_files.from_final,
    "plots": plot_files.from_lines,
    "sbs": _sbs,
    "pcap": capture,
    "metar": metar_file,
    "sounding_text": levels_list,
    **WEATHER,
}
