"""`windhover identify FILE [--wind FILE]`: one recorded object, what it is, and why."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer
from rich.console import Console

from windhover.errors import BadInput
from windhover.schema.batches import F64


class History(NamedTuple):
    """What was thought of the object, step by step."""

    time_s: F64  # (T,) since its first plot
    velocity_m_s: F64  # (T, 2) over ground, east and north
    velocity_cov: F64  # (T, 2, 2) m²/s²
    wind_m_s: F64  # (T, 2)
    wind_cov: F64  # (T, 2, 2) m²/s²
    classes: F64  # (T, K)
    motion: F64  # (T, 4)
    winds: tuple[str, ...]  # what was understood of each wind file


def identify(
    file: Annotated[str, typer.Argument(help="A recording of any kind; - reads standard input.")],
    wind: Annotated[
        list[str], typer.Option(help="Winds from another source; repeat at will.")
    ] = [],  # noqa: B006
    hide_claims: Annotated[
        bool, typer.Option(help="Judge by motion alone: forget what the object says of itself.")
    ] = False,
    plot: Annotated[str, typer.Option(help="Write the velocities over time here (png, svg).")] = "",
    json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
    decimals: Annotated[bool, typer.Option(help="Probabilities as numbers too.")] = False,
    spanish: Annotated[bool, typer.Option(help="En español.")] = False,
) -> None:
    """Say what the object with the longest track in FILE is, how surely, why, and what would settle it.

    A wind that the object computed from its own motion is never used.
    """
    found, history = judge(file, wind, hide_claims)
    if plot:
        draw(history, Path(plot))
    if json:
        print(json_module.dumps(as_json(found) | {"winds": list(history.winds)}))
        return
    from windhover.identities.words import CLASS_WORDS, certainty
    from windhover.schema.place import Language

    language: Language = "es" if spanish else "en"
    for line in history.winds:
        Console(stderr=True, highlight=False, soft_wrap=True).print(line, markup=False)
    console = Console(highlight=False, soft_wrap=True)
    console.print(found.sentence.of(language))
    for name, p in sorted(found.classes.items(), key=lambda item: -item[1]):
        if p >= 0.05:
            number = f"  ({p:.2f})" if decimals else ""
            words = CLASS_WORDS[name].of(language)
            console.print(f"  {certainty(p).of(language)}: {words}{number}")
    for item in found.evidence:
        console.print(f"  {item.source}: {item.sentence.of(language)}")
    console.print(found.would_settle.of(language))


def judge(file: str, winds: list[str], hide_claims: bool = False) -> tuple[Any, History]:
    """The explanation and the history of the longest track. Raises `BadInput`."""
    from windhover import identities, tracks
    from windhover.air import wind as air
    from windhover.feeds.files import read_recording, read_winds
    from windhover.geo.frames import sector_frame

    recording = read_recording(file, hide_ids=hide_claims)
    start_ns = int(recording.batch_end_ns[0])
    files = [read_winds(name, recording.sector, start_ns) for name in winds]
    reading = tuple(line for one in files for line in one.reading)
    frame = sector_frame(recording.sector)
    tracker = tracks.start(recording.sector, recording.sensors)
    state = identities.start(recording.sensors, frame, recording.sector.vertical)
    field, told = air.start(), False
    rows: dict[int, list[tuple[Any, ...]]] = {}
    best: dict[int, Any] = {}
    for batch, end in zip(recording.batches, recording.batch_end_ns, strict=True):
        now_ns = int(end)
        if not told:
            # A wind file may span days: what lies within 12 h of the recording's start counts.
            for one in files:
                field = air.add(field, one.wind, now_ns)
            told = True
        tracker, held, fed = tracks.advance(tracker, batch.detections, now_ns)
        reports = () if hide_claims else batch.reports
        state, said = identities.advance(
            state, held, fed, batch.detections, reports, field, (), now_ns
        )
        for row, track in enumerate(said.track_id.tolist()):
            here = int(np.searchsorted(state.track_id, track))
            there = int(np.flatnonzero(held.track_id == track)[0])
            covariance = held.covariance_enu[there]
            cov = state.motion.wind_cov[here]
            rows.setdefault(track, []).append(
                (
                    (now_ns - int(held.born_ns[there])) * 1e-9,
                    held.state_enu[there, 3:5].copy(),
                    covariance[3:5, 3:5].copy(),
                    state.motion.wind[here].copy(),
                    np.array([[cov[0], cov[1]], [cov[1], cov[2]]]),
                    np.exp(said.log_probability[row]),
                    np.exp(said.motion_log_probability[row]),
                )
            )
            best[track] = identities.explain(state, track)
    if not rows:
        raise BadInput(
            f"{file}: no track forms from it.", "It may hold too few positions of one object."
        )
    longest = max(rows, key=lambda track: (len(rows[track]), -track))
    columns = [np.array(column) for column in zip(*rows[longest], strict=True)]
    return best[longest], History._make([*columns, reading])


def as_json(found: Any) -> dict[str, Any]:
    """As the issue tracker's page on identification has it."""
    return {
        "motion": {name: round(p, 4) for name, p in found.motion.items()},
        "class": {name: round(p, 4) for name, p in found.classes.items()},
        "attributes": found.attributes,
        "said": found.said,
        "said_motion": found.said_motion,
        "evidence": [
            {
                "source": item.source,
                "sentence": {"en": item.sentence.en, "es": item.sentence.es},
                "log_likelihood": {k: round(v, 3) for k, v in item.log_likelihood.items()},
                "weight": item.weight,
            }
            for item in found.evidence
        ],
        "sentence": {"en": found.sentence.en, "es": found.sentence.es},
        "would_settle": {"en": found.would_settle.en, "es": found.would_settle.es},
        "decided_after_s": found.decided_after_s,
    }


def ellipse_of(covariance: F64, sigmas: float = 2.0) -> tuple[float, float, float]:
    """Width, height and angle (degrees, from east toward north) of the ellipse at so many sigmas."""
    value, vector = np.linalg.eigh(covariance)
    width, height = 2.0 * sigmas * np.sqrt(np.maximum(value[::-1], 0.0))
    angle = float(np.degrees(np.arctan2(vector[1, 1], vector[0, 1])))
    return float(width), float(height), angle


def draw(history: History, path: Path) -> None:
    """Ground velocity, wind and air-relative velocity with their 2σ ellipses over time; what was said."""
    if path.suffix not in (".png", ".svg", ".pdf"):
        raise BadInput(f"{path}: not a picture that can be written.", "Use .png or .svg.")
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.patches import Ellipse

    from windhover.schema.batches import CLASSES

    figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(15, 5))
    kinds = (
        ("over the ground", history.velocity_m_s, history.velocity_cov, "tab:blue"),
        ("wind", history.wind_m_s, history.wind_cov, "tab:green"),
        (
            "through the air",
            history.velocity_m_s - history.wind_m_s,
            history.velocity_cov + history.wind_cov,
            "tab:red",
        ),
    )
    # Six instants; the later, the darker.
    shown = np.unique(np.linspace(0, len(history.time_s) - 1, 6).astype(int))
    for name, value, covariance, colour in kinds:
        left.plot(
            value[:, 0], value[:, 1], ".-", color=colour, label=name, linewidth=0.6, markersize=2
        )
        for order, k in enumerate(shown, 1):
            width, height, angle = ellipse_of(covariance[k])
            left.add_patch(
                Ellipse(
                    tuple(value[k]), width, height, angle=angle, color=colour, fill=False,
                    alpha=0.15 + 0.7 * order / len(shown),
                )
            )  # fmt: skip
        speed = np.hypot(value[:, 0], value[:, 1])
        sigma = np.sqrt(0.5 * np.trace(covariance, axis1=1, axis2=2))
        middle.plot(history.time_s, speed, color=colour, label=name)
        low, high = np.maximum(speed - 2 * sigma, 0.0), speed + 2 * sigma
        middle.fill_between(history.time_s, low, high, color=colour, alpha=0.12)
    # The first seconds know no velocity: their ellipses would fill the picture.
    reach = max(float(np.abs(value[len(value) // 4 :]).max()) for _, value, _, _ in kinds) + 4.0
    left.set(xlim=(-reach, reach), ylim=(-reach, reach))
    left.axhline(0.0, color="grey", linewidth=0.5)
    left.axvline(0.0, color="grey", linewidth=0.5)
    left.set(xlabel="toward east, m/s", ylabel="toward north, m/s", aspect="equal")
    left.set_title("velocities; 2σ ellipses, later is darker")
    left.legend()
    middle.set(xlabel="s since the first plot", ylabel="speed ± 2σ, m/s", ylim=(0, 1.5 * reach))
    middle.set_title("what only drifts has its red band at 0")
    for k, name in enumerate(CLASSES):
        right.plot(history.time_s, history.classes[:, k], label=name)
    right.set(xlabel="s since the first plot", ylabel="probability", ylim=(0, 1))
    right.set_title("what it was thought to be")
    right.legend()
    figure.tight_layout()
    try:
        figure.savefig(path)
    except OSError as fault:
        raise BadInput(f"{path}: cannot be written ({fault.strerror}).") from None
    finally:
        pyplot.close(figure)


if __name__ == "__main__":
    typer.run(identify)
