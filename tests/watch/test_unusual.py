"""The score is a count: checked against a plain loop, a table, and El Paso's published figures."""

from __future__ import annotations

from math import inf, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windhover.cli.bench_watch import KNOWN, ranked
from windhover.errors import BadInput
from windhover.feeds.notices_baseline import pasts, rows_of_metadata, shipped
from windhover.schema.cases import Words
from windhover.watch.traits import NAMES, Traits, at_night, empty, past_row
from windhover.watch.unusual import Baseline, baseline, compare, most_unusual_first, upper_bound_95

TRAITS = st.builds(
    Traits,
    st.floats(0, 1000),
    st.floats(0, 100),
    st.floats(0, 999),
    st.floats(-100, 1000),
    st.booleans(),
    st.integers(0, 9),
    st.booleans(),
)
SOMEWHERE = Words("Somewhere", "Alguna parte")
EL_PASO = Traits(duration_h=240.0, radius_nm=10.0, upper_fl=180.0, lead_h=1.0)


def past_of(rows: list[Traits], country: str = "GB") -> Baseline:
    table = np.array([past_row(t) for t in rows]) if rows else empty()
    return baseline(SOMEWHERE, country, table, 1.0)


def as_extreme(old: Traits, new: Traits) -> list[bool]:
    """Trait by trait; what says nothing of the new one is left out."""
    assert None not in (old.duration_h, old.radius_nm, old.upper_fl, old.lead_h, old.earlier_here)
    out = [
        old.duration_h >= new.duration_h,  # type: ignore[operator]
        old.radius_nm >= new.radius_nm,  # type: ignore[operator]
        old.upper_fl >= new.upper_fl,  # type: ignore[operator]
        old.lead_h <= new.lead_h,  # type: ignore[operator]
    ]
    if new.night:
        out.append(bool(old.night))
    out.append(old.earlier_here <= new.earlier_here)  # type: ignore[operator]
    if new.security:
        out.append(bool(old.security))
    return out


@given(st.lists(TRAITS, min_size=1, max_size=25), TRAITS)
def test_the_count_and_the_rank_are_plain_loops(rows: list[Traits], new: Traits) -> None:
    got = compare(new, past_of(rows), "GB")
    each = [as_extreme(old, new) for old in rows]
    assert got.alike == sum(map(all, each)) and got.n == len(rows) and not got.foreign
    assert list(got.at_least) == [sum(column) for column in zip(*each, strict=True)]
    assert got.alike <= min(got.at_least)
    assert got.alike / len(rows) <= got.bound_95 <= 1

    def score(one: Traits, others: list[Traits]) -> float:
        """In the new one's traits: the product over them of the shares at least as extreme."""
        total = 0.0
        asked = Traits(*(getattr(one, f) for f in one.__struct_fields__))
        values = {name: _severity(asked, name) for name in got.compared}
        for name in got.compared:
            count = sum(_severity(other, name) >= values[name] for other in others)
            total += log((count + 1) / (len(others) + 1))
        return total

    own = score(new, rows)
    assert own == pytest.approx(got.log_score)
    beyond = 0
    for k, row in enumerate(rows):
        others = rows[:k] + rows[k + 1 :]
        beyond += score(row, others) <= own + 1e-9
    assert beyond == got.beyond


def _severity(traits: Traits, name: str) -> float:
    value = getattr(traits, name)
    return -float(value) if name in ("lead_h", "earlier_here") else float(value)


def test_what_is_not_known_is_not_compared() -> None:
    rows = [Traits(float(k), 5.0, 50.0, 24.0, None, None, None) for k in range(1, 30)]
    got = compare(Traits(10.0, None, 60.0, None, True, 0, True), past_of(rows), "US")
    assert got.compared == ("duration_h", "upper_fl") and got.at_least == (20, 0)
    # An unknown trait of a past one might be as extreme: it counts so.
    rows[0] = Traits(5000.0, 5.0, None, 24.0)
    assert compare(Traits(10.0, None, 60.0), past_of(rows), "US").alike == 1
    nothing = compare(Traits(), past_of(rows), "US")
    assert nothing.compared == () and "can be compared" in nothing.words.en


def test_the_bound_is_the_published_one() -> None:
    # "Rule of three" and Clopper–Pearson: 1 − 0.05^(1/n) for nothing seen.
    assert upper_bound_95(0, 1315) == pytest.approx(1 - 0.05 ** (1 / 1315))
    assert upper_bound_95(5, 5) == 1.0
    with pytest.raises(BadInput):
        compare(EL_PASO, past_of([]), "US")


def test_night_is_by_the_sun() -> None:
    hour = 3_600_000_000_000
    assert at_night(6 * hour, -106.4) and not at_night(20 * hour, -106.4)
    assert at_night(23 * hour, 0.0) and not at_night(12 * hour, 0.0)


def test_the_shipped_past_holds_numbers_only_and_ranks_el_paso_first() -> None:
    past = shipped()
    assert {k: b.n for k, b in past.items()} == {
        "restriction": 1315,
        "danger area": 34968,
        "aerodrome closed": 4205,
    }
    assert past["restriction"].severity.shape == (1315, len(NAMES))
    got = compare(EL_PASO, past["restriction"], "US")
    assert (got.n, got.alike, got.foreign) == (1315, 0, True)
    assert "none of 1,315" in got.words.en and "0.23%" in got.words.en
    assert "foreign baseline" in got.words.en and "nothing about intent" in got.words.en
    assert "ninguna de 1,315" in got.words.es and "el Reino Unido" in got.words.es
    rows = {row["name"]: row for row in ranked(past["restriction"])}
    assert rows["El Paso, FDC 6/2233"]["ranks"] == 1
    assert rows["E Caribbean 2026-01-03, KICZ"]["ranks"] == 1
    assert all(row["n"] == 1315 and row["issuer"].startswith("FAA") for row in rows.values())
    # Said as it is: by its four published traits alone nine British ones were as unusual.
    assert rows["El Paso, hour of publication left out"]["past_as_unusual"] == 9


@pytest.mark.shared
def test_the_shipped_past_is_the_archives(shared: Path) -> None:
    rows = rows_of_metadata(shared / "data/notam/uk_baseline.csv.xz")
    made = pasts(r for r in rows if r.kind == "restriction")["restriction"]
    kept = shipped()["restriction"].severity
    # ±0 and the row's rounding to a tenth.
    assert np.sort(np.nan_to_num(kept[:, 0])) == pytest.approx(np.sort(made.table[:, 0]), abs=0.051)
    assert np.nansum(kept[:, 4]) == np.nansum(made.table[:, 4])


def test_ranking_puts_the_rarest_first() -> None:
    past = past_of([Traits(float(k), float(k), 50.0, 24.0) for k in range(1, 40)])
    found = [(str(k), compare(Traits(float(k), float(k)), past, "GB")) for k in (5, 90, 20)]
    assert [name for name, _ in most_unusual_first(found)] == ["90", "20", "5"]
    assert "in término indicado" in compare(Traits(inf, 5.0), past, "US").words.es
    assert len({k.name for k in KNOWN}) == len(KNOWN)
