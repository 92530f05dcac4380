"""One object, second by second: where it was, what it was then said to be, how the wind blew."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec
import numpy as np

from windhover.air import wind
from windhover.geo.frames import to_enu
from windhover.schema.batches import CLASSES, F64
from windhover.server import past
from windhover.server.api.sky import TRACK, known, track_number
from windhover.server.route import LOOKING, Call, Refused, Route
from windhover.server.watch import Watch
from windhover.units import DEG_PER_RAD, RAD_PER_DEG


class HistoryAnswer(msgspec.Struct, frozen=True):
    """Columns of one track, oldest first; K = classes, in the order of `classes`."""

    track_id: int
    classes: tuple[str, ...]
    time_ns: list[int]
    lat_deg: list[float]
    lon_deg: list[float]
    height_ellipsoid_m: list[float | None]
    east_m_s: list[float]
    north_m_s: list[float]
    up_m_s: list[float]
    class_probability: list[list[float | None]]  # K lists
    wind_east_m_s: list[float]
    wind_north_m_s: list[float]
    wind_sigma_m_s: list[float]


async def read_history(call: Call) -> HistoryAnswer:
    """Where it was, second by second, and what it was then said to be."""
    core, track_id = call.server.core, track_number(call)
    columns = await asyncio.to_thread(_history, core, track_id)
    if not len(columns[0]):
        raise Refused(404, f"Nothing is recorded of track {track_id}.")
    time_ns, latitude_deg, longitude_deg, height_m, velocity, chance = columns

    def air(watch: Watch) -> tuple[F64, F64]:
        picture = watch.keeper.picture
        enu = to_enu(
            picture.ground.frame,
            latitude_deg * RAD_PER_DEG,
            longitude_deg * RAD_PER_DEG,
            np.nan_to_num(height_m),
        )
        return wind.wind_at(
            picture.wind, picture.ground.frame, time_ns, enu, picture.site.sector.vertical
        )

    mean, covariance = await core.ask(air)
    sigma = np.sqrt(0.5 * (covariance[:, 0, 0] + covariance[:, 1, 1]))
    return HistoryAnswer(
        track_id,
        CLASSES,
        time_ns.tolist(),
        latitude_deg.tolist(),
        longitude_deg.tolist(),
        [known(h) for h in height_m],
        velocity[:, 0].tolist(),
        velocity[:, 1].tolist(),
        velocity[:, 2].tolist(),
        [[known(p) for p in chance[:, k]] for k in range(len(CLASSES))],
        mean[:, 0].tolist(),
        mean[:, 1].tolist(),
        sigma.tolist(),
    )


def _history(core: Any, track_id: int) -> tuple[Any, ...]:
    """From the archive up to where memory begins, then from memory."""
    found = past.history(core.folder, track_id)
    from_ns = core.memory.from_ns
    parts: list[tuple[Any, ...]] = []
    if found:
        keep = found["time_ns"] < from_ns if from_ns is not None else slice(None)
        velocity = np.stack([found[f"{axis}_m_s"] for axis in ("east", "north", "up")], axis=1)
        parts.append(
            (
                found["time_ns"][keep],
                found["latitude_rad"][keep] * DEG_PER_RAD,
                found["longitude_rad"][keep] * DEG_PER_RAD,
                found["height_ellipsoid_m"][keep],
                velocity[keep],
                past.chances(found)[keep],
            )
        )
    parts.append(core.memory.history(track_id))
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))


ROUTES: Final = (
    Route(
        "GET", TRACK + "/history", LOOKING, "One object, second by second.",
        read_history, HistoryAnswer,
    ),
)  # fmt: skip
