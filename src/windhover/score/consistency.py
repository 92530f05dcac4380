"""Does the tracker know how well it knows? NEES on simulated truth (Bar-Shalom et al. 2001, §5.4)."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from scipy.stats import chi2

from windhover.schema.batches import Tracks
from windhover.score.gospa import match
from windhover.score.tracking_scenarios import Scenario

CLASSES: Final = ("aircraft", "drone", "bird", "balloon")


class Nees(NamedTuple):
    """Normalised estimation error squared, divided by its dimension: 1 is honest, more is boastful."""

    name: str
    mean: float
    low: float  # 95 % band of the mean, taking the errors of one target for one sample
    high: float
    samples: int
    share_outside: float  # of single errors beyond their own 99 % ellipse


def nees_by_class(
    pictures: tuple[Tracks, ...], scenario: Scenario, warm: int = 10, cutoff_m: float = 200.0
) -> tuple[Nees, ...]:
    """Position (2-D) NEES of tracks matched to truth, per class and for all.

    Errors of one target are correlated in time, so the band counts targets and not errors.
    """
    value: list[float] = []
    cls: list[int] = []
    target: list[int] = []
    for k in range(warm, len(pictures)):
        truth = scenario.truth[scenario.truth["scan"] == k]
        picture = pictures[k]
        place = np.c_[truth["x"], truth["y"]]
        i, j, _ = match(np.ascontiguousarray(picture.state_enu[:, :2]), place, cutoff_m)
        error = picture.state_enu[i, :2] - place[j]
        spread = picture.covariance_enu[i, :2, :2]
        value += np.einsum("na,nab,nb->n", error, np.linalg.inv(spread), error).tolist()
        cls += truth["cls"][j].tolist()
        target += truth["id"][j].tolist()
    values, classes, targets = np.array(value), np.array(cls), np.array(target)
    rows = []
    for c, name in (*enumerate(CLASSES), (-1, "all")):
        mine = classes == c if c >= 0 else np.ones(len(values), bool)
        n = len(np.unique(targets[mine]))
        if not n:
            continue
        band = chi2.ppf([0.025, 0.975], 2 * n) / (2 * n)
        rows.append(
            Nees(
                name,
                float(values[mine].mean() / 2.0),
                float(band[0]),
                float(band[1]),
                int(mine.sum()),
                float((values[mine] > chi2.ppf(0.99, 2)).mean()),
            )
        )
    return tuple(rows)


def plot(table: tuple[Nees, ...], path: Path) -> None:
    """Bars with their bands, as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.2), layout="constrained")
    axes = figure.subplots()
    place = np.arange(len(table))
    axes.bar(place, [row.mean for row in table], color="#4477aa", width=0.6)
    axes.vlines(place, [r.low for r in table], [r.high for r in table], color="black", lw=3)
    axes.axhline(1.0, color="grey", lw=0.8)
    axes.set_xticks(place, [row.name for row in table])
    axes.set_ylabel("NEES ÷ dimension")
    axes.set_title("1 = the tracker knows how well it knows; black: 95 % band")
    figure.savefig(path, dpi=120)
