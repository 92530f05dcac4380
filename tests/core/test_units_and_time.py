"""Conversions against published constants, and instants against the standard library's calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windhover import timescale, units
from windhover.errors import BadInput
from windhover.schema.batches import claim_id


def test_units_are_the_exact_definitions() -> None:
    assert units.M_PER_NM / units.M_PER_FT == pytest.approx(6076.115485564304)  # NIST SP 811, B.8
    assert units.M_S_PER_KT == pytest.approx(0.514444444, abs=1e-9)
    assert units.M_S_PER_FT_MIN * 60 == units.M_PER_FT


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2099, 12, 31)))
def test_instants_round_trip_through_words(instant: datetime) -> None:
    aware = instant.replace(tzinfo=UTC)
    time_ns = timescale.from_datetime(aware)
    assert timescale.to_datetime(time_ns) == aware
    assert abs(timescale.from_iso(timescale.to_iso(time_ns)) - time_ns) < 1_000_000
    assert timescale.is_plausible(time_ns)


@pytest.mark.parametrize(
    ("text", "notam", "zulu"),
    [
        ("2026-02-11T06:30Z", "2602110630", "06:30Z"),
        ("2026-02-10T23:30:00-07:00", "2602110630", "06:30Z"),
    ],
)
def test_the_real_orders_instant_in_every_spelling(text: str, notam: str, zulu: str) -> None:
    time_ns = timescale.from_iso(text)
    assert (timescale.to_notam(time_ns), timescale.to_zulu(time_ns)) == (notam, zulu)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-02-11T25:00"])
def test_what_is_no_time_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadInput) as error:
        timescale.from_iso(text)
    assert "\n" not in str(error.value)


@given(st.text(max_size=40), st.text(max_size=40))
def test_claims_are_positive_numbers_and_do_not_collide(one: str, other: str) -> None:
    number = claim_id("icao", one)
    assert 0 < number < 2**63
    same = f"icao:{one}".strip().lower() == f"icao:{other}".strip().lower()
    assert (number == claim_id("icao", other)) == same
