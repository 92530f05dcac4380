"""Laser distances against published examples and the formula's own properties."""

from __future__ import annotations

import json
from math import sqrt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.geo.scene import at
from windhover.air.laser import (
    Beam,
    beam_words,
    distance_m,
    distances,
    exposure_limit_w_m2,
    luminous_efficiency,
)
from windhover.errors import BadInput
from windhover.geo.volumes import circle_volume
from windhover.units import M_PER_FT, M_PER_NM


@pytest.mark.shared
def test_published_examples(shared):
    """Published in feet, miles or nautical miles, with two to four figures; some ignore V(λ)."""
    rows = json.loads((shared / "data" / "incidents" / "laser_fixtures.json").read_text())[
        "published"
    ]
    compared = 0
    for row in rows:
        wavelength = (row["nm"] or 532) * 1e-9
        seen_w = row["P"] * row.get("VCF_used", luminous_efficiency(wavelength))
        levels = (exposure_limit_w_m2(wavelength), 1.0, 0.05, 0.0005)
        metres = [
            distance_m(row["P"] if level == levels[0] else seen_w, row["phi"] * 1e-3, 0.0, level)
            for level in levels
        ]
        for unit, figures in (
            (M_PER_FT, row.get("ft", ())),
            (M_PER_NM, row.get("NM", ())),
            (1609.344, row.get("mi", ())),
        ):
            for found, figure in zip(metres, figures, strict=False):
                if figure is not None:
                    assert found / unit == pytest.approx(figure, rel=0.03), (row["src"], figure)
                    compared += 1
    assert compared >= 18


def test_luminous_efficiency_against_the_commissions_table():
    # CIE 018.2, 5 nm values that do not stand in our own 10 nm table, and the crest.
    for nm, expected in ((445, 0.0298), (505, 0.4073), (532, 0.8835), (555, 1.0), (635, 0.217)):
        assert luminous_efficiency(nm * 1e-9) == pytest.approx(expected, rel=0.03)
    assert luminous_efficiency(1064e-9) == luminous_efficiency(380e-9) == 0.0


def test_exposure_limits():
    assert exposure_limit_w_m2(532e-9) == pytest.approx(25.5, rel=2e-3)
    assert exposure_limit_w_m2(700e-9) == pytest.approx(10.0)
    assert exposure_limit_w_m2(1000e-9) == pytest.approx(10 * 10**0.6)
    assert exposure_limit_w_m2(1064e-9) == 50.0
    assert exposure_limit_w_m2(1550e-9) == 1000.0
    for nm in (350, 1300, 2000):
        with pytest.raises(BadInput, match="No exposure limit"):
            exposure_limit_w_m2(nm * 1e-9)


beams = st.builds(
    Beam,
    st.floats(0.001, 1e5),
    st.floats(1e-5, 1e-2),
    st.sampled_from([445e-9, 532e-9, 555e-9, 690e-9]),
    st.floats(0.0, 0.5),
)


@given(beams)
def test_at_that_distance_the_beam_has_that_irradiance(beam: Beam):
    found = distances(beam)
    limit = exposure_limit_w_m2(beam.wavelength_m)
    if found.nohd_m > 0.0:
        square = beam.aperture_m**2 + (beam.divergence_rad * found.nohd_m) ** 2
        assert beam.power_w / (3.141592653589793 / 4 * square) == pytest.approx(limit)
    assert found.sensitive_m <= found.critical_m <= found.free_m


@given(beams)
def test_without_aperture_four_times_the_power_goes_twice_as_far(beam: Beam):
    beam = msgspec.structs.replace(beam, aperture_m=0.0)
    twice = distances(msgspec.structs.replace(beam, power_w=4 * beam.power_w))
    for near, far in zip(distances(beam), twice, strict=True):
        assert far == pytest.approx(2 * near)


def test_a_wide_weak_beam_is_harmless_at_its_exit():
    assert distance_m(0.001, 1e-3, 1.0, 25.5) == 0.0


@pytest.mark.parametrize("beam", [Beam(0, 1e-3, 1e-6), Beam(1, 0, 1e-6), Beam(1, 1e-3, 1e-6, -1)])
def test_no_beam(beam: Beam):
    with pytest.raises(BadInput):
        distances(beam)
    with pytest.raises(BadInput):
        distances(msgspec.structs.replace(beam, power_w=float("nan")))


def test_words_of_an_infrared_beam():
    beam = Beam(10_000.0, 1e-3, 1064e-9, 0.1)
    assert distances(beam).free_m is None
    # √(4·10⁴/(π·50) − 0.01)/10⁻³
    assert distances(beam).nohd_m == pytest.approx(sqrt(254.6479 - 0.01) * 1e3, rel=1e-6)
    small, large = (circle_volume(at(31.9, -106.4), r, 3000.0) for r in (3000.0, 20_000.0))
    words = beam_words(beam, small)
    assert "16.0 km" in words.en and "invisible" in words.en and "smaller than" in words.en
    assert "not bounded" in words.en and "no están acotados" in words.es
    assert "smaller than" not in beam_words(beam, large).en
    assert "distract a pilot" in beam_words(Beam(5.0, 1e-3, 532e-9)).en
