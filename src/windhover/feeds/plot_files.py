"""Plot lines of radars → `Recording`; where a radar stands is the site's to say."""

from __future__ import annotations

from collections import Counter

import numpy as np

from windhover.detections import plots
from windhover.detections.decoded import join
from windhover.errors import BadInput
from windhover.feeds.asked import Asked
from windhover.feeds.recording import Recording, build
from windhover.schema.place import Vertical
from windhover.timescale import PLAUSIBLE_TO_NS


def from_lines(payload: bytes, asked: Asked) -> Recording:
    """One radar revolution a line, of radars that the site names. Raises `BadInput` without any."""
    parts, unplaced = [], Counter[str]()
    for line in payload.splitlines():
        if not line.strip():
            continue
        radar, end_ns = plots.header(line)
        row = next((i for i, s in enumerate(asked.site_sensors) if s.name == radar), None)
        if row is None:
            unplaced["not a plot line" if radar is None else f"unknown sensor {radar[:40]!r}"] += 1
            continue
        sensor = asked.site_sensors[row]
        parts.append(
            plots.decode(
                line, end_ns or PLAUSIBLE_TO_NS - 1, row, sensor, asked.vertical or Vertical()
            )
        )
    if not parts:
        raise BadInput(
            "Plot lines say range and azimuth; no site says where their radar stands.",
            "Name a site whose sensor has the radar's name.",
        )
    decoded = join(parts)
    total = Counter(decoded.rejected)
    total.update(unplaced)
    return build(
        name=asked.name,
        kind="plots",
        reason=asked.sniffed.reason,
        understood=("time ← 't'", "range, azimuth, elevation ← the plots", "object: not told"),
        decoded=decoded._replace(rejected=dict(total)),
        truth_object=np.full(decoded.detections.n, -1, np.int64),
        names=(),
        sensor_kind="radar_3d",
        vertical=asked.vertical or Vertical(),
        first_sensor=0,
        hide_ids=asked.hide_ids,
        sensors=asked.site_sensors,
    )
