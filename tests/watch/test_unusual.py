"""The score is a count: checked against a plain loop, a table, and El Paso's published figures."""

from __future__ import annotations

import csv
import lzma
from datetime import datetime
from math import inf
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windhover.errors import BadInput
from windhover.watch.unusual import (
    Baseline,
    Traits,
    compare,
    most_unusual_first,
    upper_bound_95,
)

ROW = st.tuples(
    st.floats(0, 1000), st.floats(0, 100), st.floats(0, 999), st.floats(-100, 1000)
)  # fmt: skip
EL_PASO = Traits(duration_h=240.0, radius_nm=10.0, upper_fl=180.0, lead_h=1.0)


def baseline(rows: list[tuple[float, float, float, float]]) -> Baseline:
    return Baseline("Somewhere", "GB", *(np.array(column) for column in zip(*rows, strict=True)))


@given(st.lists(ROW, min_size=1, max_size=30), ROW)
def test_the_count_is_a_plain_loop(
    rows: list[tuple[float, float, float, float]], row: tuple[float, float, float, float]
) -> None:
    got = compare(Traits(*row), baseline(rows), "GB")
    alike = sum(
        d >= row[0] and r >= row[1] and u >= row[2] and lead <= row[3] for d, r, u, lead in rows
    )
    assert got.alike == alike and got.n == len(rows) and not got.foreign
    assert got.alike <= min(got.longer, got.wider, got.higher, got.more_sudden)
    assert alike / len(rows) <= got.bound_95 <= 1


def test_the_bound_is_the_published_one() -> None:
    # "Rule of three" and Clopper–Pearson: 1 − 0.05^(1/n) for nothing seen.
    assert upper_bound_95(0, 1315) == pytest.approx(1 - 0.05 ** (1 / 1315))
    assert upper_bound_95(5, 5) == 1.0
    with pytest.raises(BadInput):
        compare(EL_PASO, Baseline("Nowhere", "GB", *[np.zeros(0)] * 4), "US")


@pytest.mark.shared
def test_el_paso_ranks_above_every_british_activation(shared: Path) -> None:
    rows: list[tuple[float, float, float, float]] = []

    def at(words: str) -> datetime:
        return datetime.strptime(words, "%Y-%m-%dT%H:%MZ")

    with lzma.open(shared / "data/notam/uk_baseline.csv.xz", "rt") as file:
        for row in csv.DictReader(file):
            if row["qcode"] in ("RTCA", "RRCA", "RPCA") and row["end"] not in ("", "PERM"):
                start, end, stored = at(row["start"]), at(row["end"]), at(row["stored"])
                rows.append(
                    (
                        (end - start).total_seconds() / 3600,
                        float(row["radius_nm"]),
                        float(row["upper_fl"]),
                        (start - stored).total_seconds() / 3600,
                    )
                )
    past = baseline(rows)._replace(name="the United Kingdom 2022-2026")
    got = compare(EL_PASO, past, "US")
    assert (got.n, got.alike, got.foreign) == (1315, 0, True)
    assert "none of 1,315" in got.words.en and "0.23%" in got.words.en
    assert "foreign baseline" in got.words.en and "nothing about intent" in got.words.en
    assert "ninguna de 1,315" in got.words.es
    each = [(f"row {i}", compare(Traits(*row), past, "GB")) for i, row in enumerate(rows)]
    ranked = most_unusual_first([("El Paso", got), *each])
    assert ranked[0][0] == "El Paso"
    assert all(u.rank > got.rank for _, u in each)  # each row counts at least itself


def test_a_permanent_closure_has_no_last_hour() -> None:
    past = baseline([(10.0, 5.0, 50.0, 24.0)])
    assert "∞ h long" in compare(Traits(inf, 5.0, 50.0, 24.0), past, "US").words.en
