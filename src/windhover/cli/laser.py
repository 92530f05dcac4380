"""`windhover laser`: how far a declared beam endangers eyes and dazzles pilots. A safety assessment only."""

from __future__ import annotations

import json as json_module
from typing import Annotated

import typer

from windhover.units import M_PER_FT, M_PER_NM


def laser(
    power_w: Annotated[float, typer.Option(help="Continuous power of the beam, W.")],
    divergence_mrad: Annotated[float, typer.Option(help="Full angle between 1/e² points, mrad.")],
    wavelength_nm: Annotated[float, typer.Option(help="Wavelength, nm.")],
    aperture_cm: Annotated[float, typer.Option(help="Beam diameter at the exit, cm.")] = 0.0,
    json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
) -> None:
    """Work out the hazard distances of a laser that somebody declares (FAA AC 70-1B, ANSI Z136.6).

    Windhover commands no laser: this tells people what an announced one means for the airspace.
    """
    from windhover.air.laser import beam_words, distances
    from windhover.schema.cases import Beam

    beam = Beam(power_w, divergence_mrad * 1e-3, wavelength_nm * 1e-9, aperture_cm * 1e-2)
    found = distances(beam)._asdict()
    words = beam_words(beam)
    if json:
        print(json_module.dumps(found | {"words": {"en": words.en, "es": words.es}}))
        return
    names = {
        "nohd_m": "eye hazard (NOHD)",
        "sensitive_m": "flash blindness, 100 µW/cm²",
        "critical_m": "glare, 5 µW/cm²",
        "free_m": "distraction, 50 nW/cm²",
    }
    for field, name in names.items():
        distance_m = found[field]
        if distance_m is None:
            print(f"{name:<30} does not apply: the beam is invisible")
        else:
            print(
                f"{name:<30} {distance_m:>10.0f} m {distance_m / M_PER_FT:>10.0f} ft {distance_m / M_PER_NM:>8.2f} NM"
            )
    print(words.en)
