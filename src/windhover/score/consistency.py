"""Does the tracker know how well it knows? NEES on simulated truth (Bar-Shalom et al. 2001, §5.4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.stats import chi2

from windhover.schema.batches import Tracks
from windhover.score import oracle
from windhover.score.gospa import match
from windhover.score.tracking_scenarios import POSITION, RADAR_2D, Scenario

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


def nis_by_sensor(scenario: Scenario) -> tuple[Nees, ...]:
    """Position (2-D) innovations of the filter that is told who is who, by class and kind of sensor.

    The tracker never knows which plot was whose; the filter is the same one.
    """
    told = oracle.told(scenario)
    truth = scenario.truth
    cls_of = dict(zip(truth["id"].tolist(), truth["cls"].tolist(), strict=True))
    classes = np.array([cls_of.get(t, -1) for t in told.target.tolist()])
    kinds = scenario.sensors["kind"][told.sensor]
    rows = []
    for name, mine in (
        *((f"{n}, radar", (classes == c) & (kinds == RADAR_2D)) for c, n in enumerate(CLASSES)),
        *((f"{n}, reports", (classes == c) & (kinds == POSITION)) for c, n in enumerate(CLASSES)),
        ("all", np.ones(len(classes), bool)),
    ):
        n = len(np.unique(told.target[mine]))
        if not n:
            continue
        band = chi2.ppf([0.025, 0.975], 2 * n) / (2 * n)
        values = 2.0 * told.nis[mine]
        rows.append(
            Nees(
                name,
                float(values.mean() / 2.0),
                float(band[0]),
                float(band[1]),
                int(mine.sum()),
                float((values > chi2.ppf(0.99, 2)).mean()),
            )
        )
    return tuple(rows)


def plot(nees: tuple[Nees, ...], nis: tuple[Nees, ...], path: Path) -> None:
    """Bars with their bands, as PNG: errors of the tracks, innovations of the filter."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 5.4), layout="constrained")
    for axes, table, what in zip(
        figure.subplots(2, 1), (nees, nis), ("NEES ÷ dimension", "NIS ÷ dimension"), strict=True
    ):
        _bars(axes, table, what)
    figure.savefig(path, dpi=120)


def _bars(axes: Any, table: tuple[Nees, ...], what: str) -> None:
    place = np.arange(len(table))
    axes.bar(place, [row.mean for row in table], color="#4477aa", width=0.6)
    axes.vlines(place, [r.low for r in table], [r.high for r in table], color="black", lw=3)
    axes.axhline(1.0, color="grey", lw=0.8)
    axes.set_xticks(place, [row.name for row in table])
    axes.tick_params(axis="x", labelsize=7)
    axes.set_ylabel(what)
    axes.set_title("1 = it knows how well it knows; black: 95 % band", fontsize=8)
