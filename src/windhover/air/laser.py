"""How far a laser beam dangers eyes and dazzles pilots: safety assessment only.

Formula and limits: FAA AC 70-1B (outdoor laser operations), ANSI Z136.1 / Z136.6; a distance is that
at which the beam, spreading as its divergence says, falls to a given irradiance. Only direct beams
have one: a reflection goes where nobody planned, and this page says so instead of a number.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Final, NamedTuple

import numpy as np

from windhover.errors import BadInput
from windhover.schema.cases import Beam, Volume, Words
from windhover.units import M_PER_KM, M_PER_NM

SENSITIVE_W_M2: Final = 1.0
"""100 µW/cm²: afterimage and flash blindness above it."""
CRITICAL_W_M2: Final = 0.05
"""5 µW/cm²: glare above it."""
FREE_W_M2: Final = 0.0005
"""50 nW/cm²: distraction above it."""

# CIE 1924 photopic V(λ), 400 … 700 nm in steps of 10 nm.
# fmt: off
_V: Final = np.array([
    0.000396, 0.00121, 0.004, 0.0116, 0.023, 0.038, 0.06, 0.09098, 0.13902, 0.20802, 0.323, 0.503, 0.71, 0.862,
    0.954, 0.99495, 0.995, 0.952, 0.87, 0.757, 0.631, 0.503, 0.381, 0.265, 0.175, 0.107, 0.061, 0.032, 0.017, 0.00821, 0.004102,
])
# fmt: on

REFLECTIONS_NOT_BOUNDED: Final = Words(
    "Reflections are not bounded: with shape and reflectivity of the object unknown, a reflected beam can leave the declared area in any direction.",
    "Los reflejos no están acotados: al desconocerse la forma y la reflectividad del objeto, un haz reflejado puede salir del área declarada en cualquier dirección.",
)


class Distances(NamedTuple):
    """Along the beam, in m. The visual ones are None where the beam is invisible."""

    nohd_m: float  # nominal ocular hazard distance
    sensitive_m: float | None
    critical_m: float | None
    free_m: float | None


def luminous_efficiency(wavelength_m: float) -> float:
    """V(λ), 0 … 1, linear between 10 nm steps (the crest of 1 stands at 555 nm); 0 outside 400–700 nm."""
    nm = wavelength_m * 1.0e9
    if not 400.0 <= nm <= 700.0:
        return 0.0
    steps = np.append(np.arange(400.0, 701.0, 10.0), 555.0)
    values = np.append(_V, 1.0)
    order = np.argsort(steps)
    return float(np.interp(nm, steps[order], values[order]))


def exposure_limit_w_m2(wavelength_m: float) -> float:
    """Maximum permissible exposure of the eye: 0.25 s where it is visible (blink), else 10 s.

    Raises `BadInput` for wavelengths without a limit on record here: better no number than a wrong one.
    """
    um = wavelength_m * 1.0e6
    if 0.4 <= um < 0.7:
        return 18.0 * float(0.25**0.75) / 0.25  # 1.8e-3·t^0.75 J/cm² over 0.25 s = 2.55e-3 W/cm²
    if 0.7 <= um < 1.05:
        return float(10.0 * 10.0 ** (2.0 * (um - 0.7)))
    if 1.05 <= um <= 1.15:
        return 50.0
    if 1.5 <= um <= 1.8:
        return 1000.0
    raise BadInput(
        f"No exposure limit is on record here for {um * 1000:.0f} nm.",
        "Ask the operator for the hazard distance from its own safety case.",
    )


def distance_m(
    power_w: float, divergence_rad: float, aperture_m: float, irradiance_w_m2: float
) -> float:
    """Distance at which the beam falls to that irradiance; 0 where it never exceeds it.

    R = √(4P/(πE) − a²)/φ: the beam's diameter is a + φR in the far field, taken in quadrature
    (FAA AC 70-1B, form 7140-1). Raises `BadInput` for a beam without power or divergence.
    """
    if not (power_w > 0.0 and divergence_rad > 0.0 and aperture_m >= 0.0):
        raise BadInput("A beam needs a power and a divergence above zero.")
    square = 4.0 * power_w / (pi * irradiance_w_m2) - aperture_m**2
    return sqrt(square) / divergence_rad if square > 0.0 else 0.0


def distances(beam: Beam) -> Distances:
    """The nominal ocular hazard distance and the three visual distances.

    Visual ones count only the power that the eye sees, P·V(λ). An infrared beam has none, and no blink
    reflex either. Atmospheric loss is left out: that errs on the safe side.

    >>> round(distances(Beam(1.0, 1e-3, 555e-9)).nohd_m)
    224
    """
    limit = exposure_limit_w_m2(beam.wavelength_m)
    nohd = distance_m(beam.power_w, beam.divergence_rad, beam.aperture_m, limit)
    seen_w = beam.power_w * luminous_efficiency(beam.wavelength_m)
    if seen_w == 0.0:
        return Distances(nohd, None, None, None)
    visual = [
        distance_m(seen_w, beam.divergence_rad, beam.aperture_m, level)
        for level in (SENSITIVE_W_M2, CRITICAL_W_M2, FREE_W_M2)
    ]
    return Distances(nohd, *visual)


def beam_words(beam: Beam, declared: Volume | None = None) -> Words:
    """One paragraph: the distances, whether the declared area holds the hazard distance, reflections."""
    found = distances(beam)
    km, nm = found.nohd_m / M_PER_KM, found.nohd_m / M_PER_NM
    en = [f"Eye hazard along the direct beam to {km:.1f} km ({nm:.1f} NM)."]
    es = [f"Peligro ocular a lo largo del haz directo hasta {km:.1f} km ({nm:.1f} NM)."]
    if found.free_m is None:
        en.append("The beam is invisible: no blink reflex, and no visual distance applies.")
        es.append("El haz es invisible: sin reflejo de parpadeo; no aplican distancias visuales.")
    else:
        km = found.free_m / M_PER_KM
        en.append(f"It can distract a pilot to {km:.1f} km.")
        es.append(f"Puede distraer a un piloto hasta {km:.1f} km.")
    if declared is not None and declared.radius_m is not None and declared.radius_m < found.nohd_m:
        en.append("The declared area is smaller than the hazard distance.")
        es.append("El área declarada es menor que la distancia de peligro.")
    en.append(REFLECTIONS_NOT_BOUNDED.en)
    es.append(REFLECTIONS_NOT_BOUNDED.es)
    return Words(" ".join(en), " ".join(es))
