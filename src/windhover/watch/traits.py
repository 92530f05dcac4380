"""What of one closure is compared with the past, and which way each trait is unusual."""

from __future__ import annotations

from math import inf
from typing import Final, Literal

import msgspec

from windhover.schema.batches import F64
from windhover.units import NS_PER_H

Kind = Literal["restriction", "danger area", "aerodrome closed", ""]
KINDS: Final[tuple[Kind, ...]] = ("restriction", "danger area", "aerodrome closed")
NAMES: Final = (
    "duration_h",
    "radius_nm",
    "upper_fl",
    "lead_h",
    "night",
    "earlier_here",
    "security",
)

NIGHT_FROM_H, NIGHT_TO_H = 22.0, 6.0  # local mean time
WHOLE_FIR_NM = 999.0


class Traits(msgspec.Struct, frozen=True):
    """None = not known, and then not compared."""

    duration_h: float | None = None  # inf = no end stated
    radius_nm: float | None = None  # of the Q-line, or of a circle as large as the drawn area
    upper_fl: float | None = None  # 999 = unlimited
    lead_h: float | None = None  # from publication to start; negative = published after it began
    night: bool | None = None  # published between 22 and 6 o'clock local mean time
    earlier_here: int | None = None  # activations at this place in the year before
    security: bool | None = None  # ordered for national security or defence, by its own words


def severity(traits: Traits) -> tuple[float, ...]:
    """One number a trait, larger is more unusual; −inf where it is not known or says nothing."""

    def value(x: float | None) -> float:
        return -inf if x is None else float(x)

    return (
        value(traits.duration_h),
        value(traits.radius_nm),
        value(traits.upper_fl),
        -inf if traits.lead_h is None else -traits.lead_h,
        1.0 if traits.night else -inf,
        -inf if traits.earlier_here is None else -float(traits.earlier_here),
        1.0 if traits.security else -inf,
    )


def past_row(traits: Traits) -> tuple[float, ...]:
    """The same of a past activation: NaN where not known, 0 where a yes-or-no trait is no."""
    nan = float("nan")
    flags = tuple(nan if x is None else float(x) for x in (traits.night, traits.security))
    row = severity(traits)
    known = [nan if x == -inf else x for x in row]
    known[4], known[6] = flags
    return tuple(known)


def empty() -> F64:
    """A table of no activations."""
    import numpy as np

    return np.zeros((0, len(NAMES)))


def at_night(time_ns: int, longitude_deg: float) -> bool:
    """Whether it is between 22 and 6 o'clock by the sun's mean time there (15° an hour).

    >>> at_night(6 * 3_600_000_000_000, -106.4)  # 06:00 UTC at El Paso
    True
    """
    hour = (time_ns / NS_PER_H + longitude_deg / 15.0) % 24.0
    return hour >= NIGHT_FROM_H or hour < NIGHT_TO_H
