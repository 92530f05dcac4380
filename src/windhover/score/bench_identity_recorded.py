"""Identification judged on real recordings as a radar would have seen them.

Windows of one object each are cut from every recording below a folder, brought to 1 Hz, given the noise,
misses and clutter of the bench's radar (`population.RADAR`) and sent through tracker and identification.
A recording that measured the wind (a sounding) lends it to a balloon's recording that began three to
twelve hours later; nobody is judged by a wind of its own, and everything else is judged without any.
Files are named by their folder: what it holds is what its name says (balloon, bird, glider, aircraft …).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from windhover import identities, tracks
from windhover.air import wind as air
from windhover.errors import BadInput
from windhover.feeds.files import read_recording, read_wind
from windhover.geo.frames import Frame, from_enu, sector_frame, to_enu
from windhover.identities import weigh
from windhover.schema.batches import F64, Detections, Kind
from windhover.schema.place import Point, Sector, Sensor, Vertical
from windhover.score.bench_identity_figures import CALLED, POWERED, upper
from windhover.score.population import RADAR
from windhover.units import NS_PER_H, NS_PER_S

WINDOW_S: Final = 90
LONGEST_GAP_S: Final = 10.0
OLDEST_WIND_H: Final = 12.0
YOUNGEST_WIND_H: Final = 3.0
SAID: Final = {"drone": [weigh.DRONE], "balloon": [weigh.BALLOON], "powered": list(POWERED)}
STRAIGHT: Final = 0.95
"""Way from end to end ÷ way flown, over the window, of what flies straight."""


class Window(NamedTuple):
    """One object for `WINDOW_S` seconds."""

    sector: Sector  # its origin stands 2.5 km from the object's first place
    start_ns: int
    path_m: F64  # (WINDOW_S, 3) east, north, up in the sector's frame, one place a second


def windows(path: Path, most: int = 8) -> list[Window]:
    """Up to `most` windows of the recording's objects, evenly picked, none with a long gap."""
    recording = read_recording(path, hide_ids=True)
    time_ns = np.concatenate([b.detections.time_ns for b in recording.batches])
    value = np.concatenate([b.detections.value for b in recording.batches])
    found = []
    for who in range(len(recording.names)):
        mine = (recording.truth_object == who) & np.isfinite(value).all(axis=1)
        t, first = np.unique(time_ns[mine], return_index=True)
        v = value[mine][first]
        k = 0
        while k < len(t):
            end = int(np.searchsorted(t, t[k] + WINDOW_S * NS_PER_S))
            if end >= len(t):
                break
            if np.diff(t[k : end + 1]).max() <= LONGEST_GAP_S * NS_PER_S:
                found.append((t[k : end + 1], v[k : end + 1]))
            k = end
    if not found:
        return []
    picked = np.unique(np.linspace(0, len(found) - 1, most).astype(int))
    return [_window(*found[i]) for i in picked]


def _window(time_ns: F64, value: F64) -> Window:
    """Times (M,) and places (M, 3) rad, rad, m → a window around them."""
    latitude, longitude, height = (float(x) for x in value[0])
    origin = Point(latitude - 1_500.0 / 6.37e6, longitude - 2_000.0 / 6.37e6 / np.cos(latitude))
    vertical = Vertical(undulation_m=0.0, ground_altitude_amsl_m=None)
    sector = Sector("recorded", origin, max(height - 300.0, 0.0), 30_000.0, vertical)
    enu = to_enu(sector_frame(sector), value[:, 0], value[:, 1], value[:, 2])
    at = (time_ns - time_ns[0]) / NS_PER_S
    path = np.stack([np.interp(np.arange(WINDOW_S), at, enu[:, i]) for i in range(3)], axis=1)
    return Window(sector, int(time_ns[0]), path)


def is_straight(window: Window) -> bool:
    """Whether the object went one way, rather than circled."""
    way = window.path_m[:, :2]
    length = float(np.hypot(*np.diff(way[::5], axis=0).T).sum())
    return length > 200.0 and float(np.hypot(*(way[-1] - way[0]))) > STRAIGHT * length


def judged(window: Window, field: air.WindField, seed: int) -> F64:
    """(WINDOW_S, K) class probabilities second by second, NaN before there is a track."""
    rng = np.random.default_rng([seed, 41])
    frame = sector_frame(window.sector)
    sensor = Sensor(
        "radar", "radar_3d", window.sector.origin, window.sector.origin_height_ellipsoid_m, 0.0, 20_000.0,
        RADAR.period_s, sigma_position_m=RADAR.sigma_horizontal_m, sigma_height_m=RADAR.sigma_vertical_m,
        detection_probability=RADAR.detection_probability, clutter_per_scan=RADAR.clutter_per_scan,
        horizon_elevation_rad=-1.0,
    )  # fmt: skip
    tracker = tracks.start(window.sector, (sensor,))
    state = identities.start((sensor,), frame, window.sector.vertical)
    out = np.full((WINDOW_S, weigh.K), np.nan)
    for k in range(WINDOW_S):
        now_ns = window.start_ns + (k + 1) * NS_PER_S
        plots = _plots(window, k, frame, rng)
        tracker, held, fed = tracks.advance(tracker, plots, now_ns)
        state, said = identities.advance(state, held, fed, plots, (), field, (), now_ns)
        if said.track_id.size:
            place = held.state_enu[np.searchsorted(held.track_id, said.track_id), :3]
            apart = np.linalg.norm(place - window.path_m[k], axis=1)
            if apart.min() < 100.0:
                out[k] = np.exp(said.log_probability[int(apart.argmin())])
    return out


def _plots(window: Window, k: int, frame: Frame, rng: np.random.Generator) -> Detections:
    """What the radar sees in one turn: the object or not, and clutter."""
    noise = np.array([RADAR.sigma_horizontal_m, RADAR.sigma_horizontal_m, RADAR.sigma_vertical_m])
    half = RADAR.half_width_m
    false = rng.uniform(-1.0, 1.0, (rng.poisson(RADAR.clutter_per_scan), 3)) * [half, half, 500.0]
    false[:, 2] += window.path_m[0, 2]
    seen = window.path_m[k : k + 1][: int(rng.random() < RADAR.detection_probability)]
    enu = np.concatenate([seen + rng.normal(size=seen.shape) * noise, false])
    plots = Detections.empty(len(enu))
    plots.time_ns[:] = window.start_ns + k * NS_PER_S
    plots.received_ns[:] = plots.time_ns
    plots.kind[:] = Kind.POSITION
    plots.value[:] = np.stack(from_enu(frame, enu), axis=1)
    plots.covariance[:] = np.diag(np.square(noise))
    return plots


def soundings(files: list[Path]) -> dict[Path, tuple[Path, int]]:
    """For each recording that measured wind: another one that had, three to twelve hours before; its own start."""
    began: dict[Path, int] = {}
    for file in files:
        try:
            began[file] = int(read_wind(file).time_ns.min())
        except (BadInput, ValueError):
            continue
    lent = {}
    for file, start_ns in began.items():
        age = {
            other: (start_ns - at) / NS_PER_H
            for other, at in began.items()
            if YOUNGEST_WIND_H <= (start_ns - at) / NS_PER_H <= OLDEST_WIND_H
        }
        if age:
            lent[file] = min(age, key=age.__getitem__), start_ns
    return lent


def figures(
    folder: Path, seeds: int, most: int, tell: Callable[[str], None] = lambda _: None
) -> dict[str, dict[str, float]]:
    """By what it was and whether a wind was known: windows, and the share ever called something above 0.9.

    Raises `BadInput` where the folder holds no recording of an object.
    """
    answers: dict[str, list[F64]] = {}
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    lent = {
        file: air.add(air.start(), read_wind(before), start_ns)
        for file, (before, start_ns) in soundings(files).items()
    }
    for file in files:
        tell(file.name)
        try:
            cut = windows(file, most)
        except BadInput:
            continue
        for window in cut:
            for field, said in ((lent.get(file), "wind of hours before"), (air.start(), "no wind")):
                if field is None:
                    continue
                kind = f"{file.parent.name}, {said}"
                for seed in range(seeds):
                    p = judged(window, field, seed)
                    answers.setdefault(kind, []).append(p)
                    if file.parent.name == "bird" and is_straight(window):
                        answers.setdefault(f"{kind}, straight on", []).append(p)
    if not answers:
        raise BadInput(f"{folder}: no recording of an object.", "Name a folder of recordings.")
    return {kind: _of(np.array(many)) for kind, many in sorted(answers.items())}


def _of(p: F64) -> dict[str, float]:
    """p (W, WINDOW_S, K)."""
    p = np.nan_to_num(p)
    out = {"n": float(len(p)), "held": float((p[:, -1].sum(axis=1) > 0.0).mean())}
    for name, columns in SAID.items():
        ever = (p[:, :, columns].sum(axis=2) > CALLED).any(axis=1)
        out[f"called_{name}"] = float(ever.mean())
        out[f"called_{name}_upper95"] = upper(int(ever.sum()), len(ever))
    return out


def of_flights(flights: list[tuple[str, F64]]) -> dict[str, dict[str, float]]:
    """Whole recordings, by kind: flights, and the share of the time that something was said above 0.9.

    `flights`: (kind, (T, K) class probabilities). The share is the mean over flights; beside it stands in
    how many flights it was said at all.
    """
    answers: dict[str, list[F64]] = {}
    for kind, p in flights:
        answers.setdefault(kind, []).append(p)
    out = {}
    for kind, many in sorted(answers.items()):
        out[kind] = {"n": float(len(many))}
        for name, columns in SAID.items():
            share = np.array([(p[:, columns].sum(axis=1) > CALLED).mean() for p in many])
            out[kind][name] = float(share.mean())
            out[kind][f"n_ever_{name}"] = float((share > 0.0).sum())
    return out
