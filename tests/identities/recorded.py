"""Real recordings as a radar would see them: windows of one object, at 1 Hz, with noise added."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.identities import scene
from windhover.air import wind as air
from windhover.feeds.files import read_recording
from windhover.geo.frames import Frame, frame_at, to_enu
from windhover.schema.batches import CLASSES
from windhover.schema.place import Vertical

WINDOW_S = 90
OFF = Vertical(undulation_m=0.0, ground_altitude_amsl_m=None)


class Window(NamedTuple):
    start_ns: int
    frame: Frame
    path: np.ndarray  # (WINDOW_S, 3) m


def windows(path: Path, most: int = 8, longest_gap_s: float = 10.0, fastest: bool = False) -> list[Window]:  # fmt: skip
    """Up to `most` windows of the recording's objects, evenly picked, without long gaps."""
    recording = read_recording(path, hide_ids=True)
    time_ns = np.concatenate([b.detections.time_ns for b in recording.batches])
    value = np.concatenate([b.detections.value for b in recording.batches])
    found = []
    for who in range(len(recording.names)):
        mine = (recording.truth_object == who) & np.isfinite(value).all(axis=1)
        t, v = time_ns[mine], value[mine]
        t, first = np.unique(t, return_index=True)
        v = v[first]
        k = 0
        while k < len(t):
            end = np.searchsorted(t, t[k] + WINDOW_S * 10**9)
            if end >= len(t):
                break
            if np.diff(t[k : end + 1]).max() <= longest_gap_s * 1e9:
                found.append((t[k : end + 1], v[k : end + 1]))
            k = int(end)
    picked = [found[i] for i in np.unique(np.linspace(0, len(found) - 1, most).astype(int))] if found else []  # fmt: skip
    out = []
    for t, v in picked:
        frame = frame_at(float(v[0, 0]), float(v[0, 1]), 0.0)
        enu = to_enu(frame, v[:, 0], v[:, 1], v[:, 2])
        at = (t - t[0]) * 1e-9
        path_m = np.stack([np.interp(np.arange(WINDOW_S), at, enu[:, i]) for i in range(3)], axis=1)
        out.append(Window(int(t[0]), frame, path_m))
    return out


def judged(window: Window, field: air.WindField, seed: int = 0) -> np.ndarray:
    """(WINDOW_S, K) class probabilities, second by second."""
    _, said = scene.run(
        [window.path], field, WINDOW_S, vertical=OFF, frame=window.frame, start_ns=window.start_ns,
        sensors=(), seed=seed,
    )  # fmt: skip
    return np.array([np.exp(s.log_probability[0]) for s in said])


def powered(p: np.ndarray) -> np.ndarray:
    return p[:, [CLASSES.index(name) for name in ("aircraft", "drone", "bird")]].sum(axis=1)
