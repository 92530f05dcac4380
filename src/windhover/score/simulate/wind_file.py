"""What is known of the wind, as the house's wind files: a mast's minutes and a forecast's profile."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from windhover.geo.frames import Frame
from windhover.schema.place import Site
from windhover.score.simulate.air import Air, Known, mean_wind
from windhover.score.simulate.world import Arrival, geodetic
from windhover.timescale import to_iso
from windhover.units import DEG_PER_RAD, NS_PER_S

EVERY_S = 600.0
HEADER = "time,lat_deg,lon_deg,altitude_amsl_m,wind_east_m_s,wind_north_m_s,sigma_m_s"
MAST_HEIGHT_M = 10.0
MAST_SIGMA_M_S = 0.7
"""Of a two-minute mean at a mast against the mean wind at that height a few hundred metres away."""


def arrivals(
    rng: np.random.Generator,
    site: Site,
    frame: Frame,
    air: Air,
    known: Known,
    mast_m: tuple[float, float],
    start_ns: int,
    duration_s: float,
) -> Iterator[Arrival]:
    """Every ten minutes from the start: one mast sample and the forecast's levels over the origin."""
    ground_amsl_m = site.sector.vertical.ground_altitude_amsl_m or 0.0
    places = np.vstack(
        [
            [*mast_m, MAST_HEIGHT_M],
            np.column_stack([np.zeros((len(known.heights_m), 2)), known.heights_m]),
        ]
    )
    latitude, longitude, _ = geodetic(site, frame, places)
    for at_s in np.arange(0.0, duration_s, EVERY_S).tolist():
        true = mean_wind(air, np.full(len(places), at_s), places[:, 2])
        told = true + np.vstack([rng.standard_normal(2) * MAST_SIGMA_M_S, known.error_m_s])
        when = to_iso(start_ns + round(at_s * NS_PER_S))
        lines = [HEADER]
        for k in range(len(places)):
            sigma = MAST_SIGMA_M_S if k == 0 else known.sigma_m_s
            lines.append(
                f"{when},{latitude[k] * DEG_PER_RAD:.5f},{longitude[k] * DEG_PER_RAD:.5f},"
                f"{ground_amsl_m + places[k, 2]:.1f},{told[k, 0]:.2f},{told[k, 1]:.2f},{sigma:.2f}"
            )
        received_s = at_s + (0.5 if at_s == 0.0 else 20.0)
        yield Arrival(
            start_ns + round(received_s * NS_PER_S),
            "wind_csv",
            -1,
            ("\n".join(lines) + "\n").encode(),
        )
