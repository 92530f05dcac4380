"""The wind over the site's centre, as the picture holds it."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from windhover.air import wind
from windhover.geo.frames import from_enu
from windhover.server.route import LOOKING, Call, Route
from windhover.server.watch import Watch

HEIGHTS_GROUND_M: Final = (30.48, 152.4, 457.2)
"""100, 500 and 1,500 ft: where small drones, balloons and light aircraft are."""


class WindAloft(msgspec.Struct, frozen=True):
    """The wind at one height, toward east and north."""

    height_ground_m: float
    east_m_s: float
    north_m_s: float
    sigma_m_s: float  # larger of the two standard errors
    known: bool  # false: no measurement tells more than the climate does


class WindAnswer(msgspec.Struct, frozen=True):
    now_ns: int
    levels: tuple[WindAloft, ...]


async def read_wind(call: Call) -> WindAnswer:
    """The wind over the centre of the sector, now."""
    return await call.server.core.ask(_wind)


def _wind(watch: Watch) -> WindAnswer:
    picture = watch.keeper.picture
    frame, vertical = picture.ground.frame, picture.site.sector.vertical
    centre_m = float(from_enu(frame, np.zeros((1, 3)))[2][0])  # ellipsoidal height of the origin
    ground_m = (vertical.ground_altitude_amsl_m or 0.0) + (vertical.undulation_m or 0.0)
    places = np.zeros((len(HEIGHTS_GROUND_M), 3))
    places[:, 2] = ground_m - centre_m + np.array(HEIGHTS_GROUND_M)
    mean, covariance = wind.wind_at(picture.wind, frame, picture.now_ns, places, vertical)
    sigma = np.sqrt(np.maximum(np.linalg.eigvalsh(covariance)[:, -1], 0.0))
    return WindAnswer(
        picture.now_ns,
        tuple(
            WindAloft(
                height, float(mean[k, 0]), float(mean[k, 1]), float(sigma[k]),
                picture.wind.n > 0 and float(sigma[k]) < KNOWN_BELOW_M_S,
            )
            for k, height in enumerate(HEIGHTS_GROUND_M)
        ),
    )  # fmt: skip


KNOWN_BELOW_M_S: Final = 5.0
"""A sounding six hours old is off by 4.8 m/s in the median (house facts, §5): beyond, an arrow misleads."""
ROUTES: Final = (
    Route("GET", "/api/wind", LOOKING, "The wind over the centre.", read_wind, WindAnswer),
)
