"""The tracker on a recording of the real world: do its tracks follow what the hidden names say?

The names (ICAO address, else Mode A code, else what the recording calls its objects) are taken off before
the tracker sees a plot and used for counting alone. Nobody knows where the objects truly were, so that
their own plots stand for them.
"""

from __future__ import annotations

from collections import Counter
from time import process_time
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from windhover import tracks
from windhover.errors import BadInput
from windhover.feeds.recording import Recording
from windhover.schema.batches import F64, I64, Detections, Tracks
from windhover.tracks.layout import P_X, P_Y, Q_ROW
from windhover.tracks.measure import plots_of
from windhover.units import NS_PER_S

NEAR_M: Final = 800.0
"""A plot this near to a confirmed track is followed."""
NAMED_PLOTS: Final = 5
"""A name with fewer plots is no object: one garbled reply makes a name of its own."""
FIRST_PLOTS: Final = 2
"""One plot starts no track that people are shown, a second may."""


class Followed(NamedTuple):
    """How a recording was tracked."""

    plots: int
    named_plots: int  # of names that count
    names: int  # that have `NAMED_PLOTS` plots
    tracks: int  # ever confirmed, whatever they held
    near: (
        float  # share of named plots with a confirmed track within `NEAR_M` once they were taken in
    )
    near_known: float  # … not counting an object's first two plots
    purity: float  # share of the named plots of all tracks that bear their track's commonest name
    tracks_per_name: float  # all confirmed tracks over names
    detections_per_s: float


def follow(recording: Recording) -> Followed:
    """Feed a recording (read with `hide_ids`) in its own steps and count; a plot is judged against the
    picture that follows the step it came in. Raises `BadInput` where it names nobody."""
    state = tracks.start(recording.sector, recording.sensors)
    times = Counter(recording.truth_object[recording.truth_object >= 0].tolist())
    counted = np.array([times[k] >= NAMED_PLOTS for k in range(len(recording.names))], bool)
    if not counted.any():
        raise BadInput(
            f"{recording.name} names no object {NAMED_PLOTS} times: nothing tells how well it is tracked.",
            "Give a recording with Mode A codes, addresses or object names.",
        )
    taken: Counter[int] = Counter()
    held: dict[int, Counter[int]] = {}
    near = near_known = total = known = 0
    seconds = 0.0
    at = 0
    for batch, end_ns in zip(recording.batches, recording.batch_end_ns.tolist(), strict=True):
        plots = batch.detections._replace(sensor=batch.detections.sensor - recording.first_sensor)
        truth = recording.truth_object[at : at + plots.n]
        at += plots.n
        began = process_time()
        state, picture, fed = tracks.advance(state, plots, end_ns)
        seconds += process_time() - began
        for track_id in picture.track_id.tolist():
            held.setdefault(track_id, Counter())
        for track, row in zip(fed.track_row.tolist(), fed.detection_row.tolist(), strict=True):
            if truth[row] >= 0 and counted[truth[row]]:
                held[int(picture.track_id[track])][int(truth[row])] += 1
        there = _near(picture, _places(plots, state), plots.time_ns, end_ns)
        for row, name in enumerate(truth.tolist()):
            if name < 0 or not counted[name]:
                continue
            taken[name] += 1
            total += 1
            near += bool(there[row])
            if taken[name] > FIRST_PLOTS:
                known += 1
                near_known += bool(there[row])
    fed_named = sum(sum(names.values()) for names in held.values())
    pure = sum(max(names.values(), default=0) for names in held.values())
    return Followed(
        plots=recording.n,
        named_plots=total,
        names=int(counted.sum()),
        tracks=len(held),
        near=near / max(total, 1),
        near_known=near_known / max(known, 1),
        purity=pure / max(fed_named, 1),
        tracks_per_name=len(held) / max(int(counted.sum()), 1),
        detections_per_s=recording.n / max(seconds, 1e-9),
    )


def _places(plots: Detections, state: tracks.TrackerState) -> F64:
    """(N, 2) m east and north in the sector's frame; a slant range is taken for a horizontal one."""
    placed, numbers = plots_of(
        plots, state.belief.sensor_f, state.turn, state.sigmas, state.frame, state.epoch_ns, 0
    )
    out = np.full((plots.n, 2), np.nan)
    out[numbers[:, Q_ROW]] = placed[:, [P_X, P_Y]]
    return out


def _near(picture: Tracks, place: F64, time_ns: I64, now_ns: int) -> NDArray[np.bool_]:
    """(N,) whether a shown track, put back to the plot's time, was within `NEAR_M` of it."""
    if not picture.n:
        return np.zeros(len(place), np.bool_)
    back_s = (now_ns - time_ns) / NS_PER_S
    east = place[:, None, 0] - picture.state_enu[:, 0] + back_s[:, None] * picture.state_enu[:, 3]
    north = place[:, None, 1] - picture.state_enu[:, 1] + back_s[:, None] * picture.state_enu[:, 4]
    return np.asarray((np.hypot(east, north) <= NEAR_M).any(axis=1))


def words(found: Followed, name: str) -> str:
    """What `follow` counted, line by line."""
    return "\n".join(
        [
            f"{name}: {found.plots:,} plots, {found.named_plots:,} of {found.names} names, which the tracker did not see",
            f"  {'named plots within 800 m of a track':<40} {found.near:.4f}",
            f"  {'… without the first two of each name':<40} {found.near_known:.4f}",
            f"  {'purity of tracks':<40} {found.purity:.4f}",
            f"  {'tracks per name':<40} {found.tracks_per_name:.3f}  ({found.tracks})",
            f"  {'detections/s (CPU)':<40} {found.detections_per_s:,.0f}",
        ]
    )
