"""What the picture held, second by second: kept by whoever plays a night, read by whoever tells it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from windhover.air import wind
from windhover.geo.frames import from_enu
from windhover.picture import Picture
from windhover.schema.batches import CLASSES, F64, I64, TrackStatus
from windhover.units import NS_PER_S


class Glimpse(NamedTuple):
    """The picture at one tick; N confirmed tracks. Copies: the picture's own arrays move on."""

    now_ns: int
    track_id: I64  # (N,)
    state_enu: F64  # (N, 6) m, m/s in the sector's frame
    probability: F64  # (N, 7) over CLASSES; all on "unknown" where there is no identity yet
    said: I64  # (N,) row of CLASSES
    attributes: I64  # (N, 4) over ATTRIBUTES
    said_motion: I64  # (N,) row of MOTIONS, −1 where there is no identity yet
    born_ns: I64  # (N,)
    height_known: I64  # (N,) 1 where the height is worth showing
    seen: I64  # (N,) 1 where a plot held it lately, 0 where it coasts


def glimpse(picture: Picture) -> Glimpse:
    """Take down the present instant."""
    held, known = picture.tracks, picture.identities
    n = held.n
    probability = np.zeros((n, len(CLASSES)))
    probability[:, -1] = 1.0
    said = np.full(n, len(CLASSES) - 1, np.int64)
    attributes = np.full((n, 4), -1, np.int64)
    motion = np.full(n, -1, np.int64)
    row_of = {track_id: row for row, track_id in enumerate(known.track_id.tolist())}
    for row, track_id in enumerate(held.track_id.tolist()):
        if (mine := row_of.get(track_id)) is not None:
            probability[row] = np.exp(known.log_probability[mine])
            said[row] = known.said[mine]
            attributes[row] = known.attributes[mine]
            motion[row] = known.said_motion[mine]
    return Glimpse(
        picture.now_ns,
        held.track_id.copy(),
        held.state_enu.copy(),
        probability,
        said,
        attributes,
        motion,
        held.born_ns.copy(),
        (held.covariance_enu[:, 2, 2] < 300.0**2).astype(np.int64),
        (held.status == TrackStatus.CONFIRMED).astype(np.int64),
    )


class Airflow(NamedTuple):
    """The wind as it was known at some tracks; N rows as in the glimpse of the same instant."""

    mean_m_s: F64  # (N, 2) toward east, north
    sigma_m_s: F64  # (N,) of each component


def airflow(picture: Picture) -> Airflow:
    """What the wind field says now at every track."""
    mean, covariance = wind.wind_at(
        picture.wind,
        picture.ground.frame,
        picture.now_ns,
        np.ascontiguousarray(picture.tracks.state_enu[:, :3]),
        picture.site.sector.vertical,
    )
    return Airflow(mean, np.sqrt(np.maximum(covariance[:, 0, 0], 0.0)))


class History:
    """Glimpses in order of time; the wind beside every `wind_every`-th of them."""

    def __init__(self, wind_every: int = 5) -> None:
        self.glimpses: list[Glimpse] = []
        self.airflows: dict[int, Airflow] = {}
        self.wind_every = wind_every

    def keep(self, picture: Picture) -> None:
        """Call once a tick."""
        if len(self.glimpses) % self.wind_every == 0 and picture.tracks.n:
            self.airflows[len(self.glimpses)] = airflow(picture)
        self.glimpses.append(glimpse(picture))

    def rows_of(self, track_ids: frozenset[int]) -> list[tuple[int, int]]:
        """(glimpse, row) wherever one of these tracks was held, in order of time."""
        found = []
        for index, seen in enumerate(self.glimpses):
            found += [
                (index, row) for row, t in enumerate(seen.track_id.tolist()) if t in track_ids
            ]
        return found

    def places(self, picture: Picture, rows: list[tuple[int, int]]) -> tuple[F64, F64, F64, F64]:
        """→ seconds since the first glimpse, latitude_deg, longitude_deg, height_ellipsoid_m (NaN unknown)."""
        if not rows:
            nothing = np.zeros(0)
            return nothing, nothing, nothing, nothing
        start_ns = self.glimpses[0].now_ns
        enu = np.array([self.glimpses[i].state_enu[row, :3] for i, row in rows])
        seconds = np.array([(self.glimpses[i].now_ns - start_ns) / NS_PER_S for i, _ in rows])
        latitude, longitude, height = from_enu(picture.ground.frame, enu)
        known = np.array([self.glimpses[i].height_known[row] for i, row in rows], np.bool_)
        return seconds, np.degrees(latitude), np.degrees(longitude), np.where(known, height, np.nan)
