"""The test population of identification: written down before anything was fitted, and kept.

What is judged here is judged on these speeds, winds, errors and shares, and on no others. The
classifier's own tables (`identities/models.py`) were not taken from this file, and the weights are
fitted on another population (`FITTED_ON`) with other seeds. A change here asks for a reason in
design/identity/population.md and a new figure for everything that `windhover bench identify` prints.

One object is one track of up to `DURATION_S`, seen by one radar (`RADAR`). It has a wind of its own,
and the wind that is *claimed* at it has an error of its own: errors are not shared between objects,
so that n objects are n cases.
"""

from __future__ import annotations

from typing import Final, NamedTuple

DURATION_S: Final = 90
JUDGED_AT_S: Final = (10, 20, 30, 60, 90)


class Radar(NamedTuple):
    """A 3-D radar that turns once a second."""

    sigma_horizontal_m: float = 10.0  # of each component
    sigma_vertical_m: float = 15.0
    period_s: float = 1.0
    detection_probability: float = 0.9
    clutter_per_scan: float = 40.0  # false plots over 20 × 20 km
    half_width_m: float = 10_000.0


class Air(NamedTuple):
    """The wind at an object: Rayleigh-distributed speed, shear, and turbulence."""

    mean_speed_m_s: float = 6.0
    greatest_speed_m_s: float = 15.0
    shear_per_100_m: float = 0.12  # of the speed, growing upward
    turbulence_floor_m_s: float = 0.2  # per component: floor + share of the wind speed
    turbulence_share: tuple[float, float] = (0.06, 0.16)  # uniform
    turbulence_time_s: tuple[float, float] = (15.0, 60.0)  # uniform


class Claim(NamedTuple):
    """What is said of the wind, against what it is."""

    name: str
    claimed_m_s: tuple[float, ...]  # per component; one of them at random, inf = no wind at all
    true_share: float = 1.0  # true error ÷ claimed error
    true_m_s: float | None = None  # instead: this error, whatever is claimed


CLAIMS: Final = {
    # Wind lidar or mast nearby, drifters seen now, a balloon within the hour, the same within a
    # quarter of an hour, a forecast (house facts, §5).
    "as claimed": Claim("as claimed", (0.8, 1.3, 1.5, 1.7, 2.5)),
    "twice as wrong": Claim("twice as wrong", (0.8, 1.3, 1.5, 1.7, 2.5), true_share=2.0),
    "grossly wrong": Claim("grossly wrong", (1.5,), true_m_s=6.0),
    "missing": Claim("missing", (float("inf"),)),
}


class Sort(NamedTuple):
    """One way of moving, its class, its share of all objects, and its figures (low, high), uniform."""

    name: str
    of: str  # class
    share: float
    height_m: tuple[float, float]  # above ground at the start
    speed_m_s: tuple[float, float]  # over ground, or through the air where the wind carries it
    climb_m_s: tuple[float, float] = (0.0, 0.0)


SORTS: Final = (
    # Drifters: with the air, apart from their climb.
    Sort("latex party balloon", "balloon", 0.09, (20.0, 400.0), (0.0, 0.0), (1.8, 2.3)),
    Sort("foil balloon rising", "balloon", 0.07, (20.0, 500.0), (0.0, 0.0), (0.5, 1.0)),
    Sort("foil balloon level", "balloon", 0.10, (60.0, 700.0), (0.0, 0.0), (-0.2, 0.2)),
    Sort("radiosonde", "balloon", 0.04, (50.0, 3000.0), (0.0, 0.0), (4.0, 5.5)),
    Sort("plastic bag", "balloon", 0.05, (120.0, 400.0), (0.0, 0.0), (-1.4, -0.6)),
    # Drones: over the ground, by their autopilot.
    Sort("drone hovering", "drone", 0.05, (30.0, 150.0), (0.0, 0.0)),
    Sort("drone on waypoints", "drone", 0.08, (40.0, 150.0), (6.0, 16.0)),
    Sort("drone straight", "drone", 0.06, (40.0, 300.0), (8.0, 22.0)),
    Sort("drone by hand", "drone", 0.03, (20.0, 150.0), (2.0, 10.0), (-1.5, 1.5)),
    Sort("drone orbiting", "drone", 0.03, (40.0, 150.0), (4.0, 10.0)),
    # Birds: through the air.
    Sort("bird flapping straight", "bird", 0.10, (30.0, 500.0), (9.0, 17.0), (-0.3, 0.3)),
    Sort("bird flapping about", "bird", 0.07, (20.0, 200.0), (6.0, 14.0), (-0.5, 0.5)),
    Sort("bird soaring", "bird", 0.05, (150.0, 1200.0), (9.0, 13.0), (0.5, 2.5)),
    # Aircraft without transponder: judged by motion alone here.
    Sort("light aircraft", "aircraft", 0.05, (150.0, 1500.0), (35.0, 70.0), (-2.0, 2.0)),
    Sort("airliner", "aircraft", 0.03, (300.0, 3500.0), (70.0, 160.0), (-6.0, 9.0)),
    Sort("helicopter", "aircraft", 0.02, (80.0, 600.0), (15.0, 65.0), (-2.0, 2.0)),
    Sort("kite or tethered balloon", "tethered", 0.04, (40.0, 200.0), (0.0, 0.0)),
    Sort("ground clutter", "clutter", 0.04, (0.0, 40.0), (0.0, 0.0)),
)

RADAR: Final = Radar()
AIR: Final = Air()

# What the weights were fitted on: wider in every figure, flatter in the mix, gustier.
FITTED_ON_AIR: Final = Air(5.0, 15.0, 0.10, 0.2, (0.05, 0.22), (8.0, 60.0))
FITTED_ON_SHARE: Final = {
    "balloon": 0.28, "drone": 0.28, "bird": 0.22, "aircraft": 0.12, "tethered": 0.05, "clutter": 0.05,
}  # fmt: skip
"""Shares by class; within a class every sort is equally common."""
FITTED_ON_WIDER: Final = 1.3
"""Every range of speed is this much wider, about its middle."""
