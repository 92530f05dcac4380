"""Aircraft that follow a path: airliners on approach and departure, helicopters.

A path is a polyline whose corners are flown as arcs; speed and height are given at distances along it.
Between two given speeds the *square* of the speed is linear in distance: a constant acceleration.
"""

from __future__ import annotations

from math import cos, hypot, pi, radians, sin, tan

import numpy as np

from windhover.schema.batches import F64
from windhover.score.simulate.drift import STEP_S, Motion, motion_of

Place = tuple[float, float]
GLIDE_SLOPE_RAD = radians(3.0)
THRESHOLD_HEIGHT_M = 15.0


def rounded(corners: list[Place], radius_m: float, spacing_m: float = 10.0) -> F64:
    """(P, 2) points along a polyline whose corners are replaced by arcs of that radius."""
    points: list[Place] = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        ux, uy = _unit(before, corner)
        vx, vy = _unit(corner, after)
        turn = np.arctan2(ux * vy - uy * vx, ux * vx + uy * vy)
        reach = radius_m * tan(abs(turn) / 2)
        room = 0.45 * min(hypot(corner[0] - before[0], corner[1] - before[1]),
                          hypot(after[0] - corner[0], after[1] - corner[1]))  # fmt: skip
        if reach > room:
            reach = room
        radius = reach / tan(abs(turn) / 2) if abs(turn) > 1e-6 else 0.0
        if radius < 1.0:
            points.append(corner)
            continue
        side = 1.0 if turn > 0 else -1.0
        start = (corner[0] - reach * ux, corner[1] - reach * uy)
        centre = (start[0] - side * radius * uy, start[1] + side * radius * ux)
        first = np.arctan2(start[1] - centre[1], start[0] - centre[0])
        for share in np.linspace(0.0, 1.0, max(3, int(radius * abs(turn) / spacing_m))):
            angle = first + share * turn
            points.append((centre[0] + radius * cos(angle), centre[1] + radius * sin(angle)))
    points.append(corners[-1])
    return np.array(points)


def _unit(a: Place, b: Place) -> Place:
    length = hypot(b[0] - a[0], b[1] - a[1])
    return (b[0] - a[0]) / length, (b[1] - a[1]) / length


def follow(
    start_s: float,
    path_m: F64,
    speeds: list[tuple[float, float]],
    heights: list[tuple[float, float]],
) -> Motion:
    """Along `path_m` with (distance from start in m, speed in m/s) and (distance, height in m) given.

    Negative distances count from the end of the path.
    """
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path_m, axis=0).T))])
    total = along[-1]
    grid = np.linspace(0.0, total, max(200, int(total / 10.0)))
    at, squared = _profile([(d, v * v) for d, v in speeds], total)
    speed = np.sqrt(np.maximum(np.interp(grid, at, squared), 0.25))
    passed = np.concatenate([[0.0], np.cumsum(np.diff(grid) * 2.0 / (speed[1:] + speed[:-1]))])
    t = np.arange(0.0, passed[-1], STEP_S)
    distance = np.interp(t, passed, grid)
    # Descents begin and end gently: the corners of the height profile are averaged over ten seconds.
    width = int(10.0 / STEP_S)
    raw = np.interp(distance, *_profile(heights, total))
    padded = np.concatenate([np.full(width, raw[0]), raw, np.full(width, raw[-1])])
    height = np.convolve(padded, np.ones(width) / width, mode="same")[width:-width]
    position = np.column_stack(
        [np.interp(distance, along, path_m[:, 0]), np.interp(distance, along, path_m[:, 1]), height]
    )
    return motion_of(start_s, position)


def _profile(pairs: list[tuple[float, float]], total: float) -> tuple[list[float], list[float]]:
    placed = sorted((d if d >= 0 else total + d, value) for d, value in pairs)
    return [d for d, _ in placed], [value for _, value in placed]


def approach(
    start_s: float,
    threshold: Place,
    opposite: Place,
    *,
    final_m: float,
    entry: Place,
    landing_m_s: float = 70.0,
    entry_m_s: float = 105.0,
) -> Motion:
    """An airliner from `entry` onto a final of that length, down 3° to the threshold, then rolling out."""
    ux, uy = _unit(threshold, opposite)
    intercept = (threshold[0] - final_m * ux, threshold[1] - final_m * uy)
    roll_m = 1800.0
    stop = (threshold[0] + roll_m * ux, threshold[1] + roll_m * uy)
    path = rounded([entry, intercept, stop], 3500.0)
    top = final_m * tan(GLIDE_SLOPE_RAD) + THRESHOLD_HEIGHT_M
    return follow(
        start_s,
        path,
        [(0.0, entry_m_s), (-final_m - roll_m, 95.0), (-6000.0 - roll_m, landing_m_s),
         (-roll_m, landing_m_s), (-300.0, 12.0), (-1.0, 8.0)],
        [(0.0, top + 150.0), (-final_m - roll_m, top), (-roll_m, THRESHOLD_HEIGHT_M),
         (-roll_m + 300.0, 0.0), (-1.0, 0.0)],
    )  # fmt: skip


def departure(
    start_s: float,
    threshold: Place,
    opposite: Place,
    *,
    leave: Place,
    ahead_m: float = 7500.0,
    climb_gradient: float = 0.11,
    top_m: float = 4500.0,
) -> Motion:
    """An airliner from the threshold: take-off run, climb straight ahead, then a turn toward `leave`."""
    ux, uy = _unit(threshold, opposite)
    ahead = (threshold[0] + ahead_m * ux, threshold[1] + ahead_m * uy)
    path = rounded([threshold, ahead, leave], 4500.0)
    run_m = 1900.0
    climb_m = top_m / climb_gradient
    return follow(
        start_s,
        path,
        [(0.0, 3.0), (run_m, 78.0), (run_m + 4000.0, 90.0), (run_m + 15000.0, 128.0)],
        [(0.0, 0.0), (run_m, 0.0), (run_m + climb_m, top_m)],
    )


def orbit(entry: Place, centre: Place, radius_m: float, turns: float, leave: Place) -> F64:
    """From `entry` onto a clockwise circle along its tangent, round it, and off along the tangent to `leave`."""
    first = _tangent(entry, centre, radius_m, 1.0)
    last = _tangent(leave, centre, radius_m, -1.0)
    last += 2 * pi * (np.ceil((first - last) / (2 * pi)) + round(turns))
    angles = np.linspace(first, last, max(3, int((last - first) / radians(0.5))))
    ring = np.column_stack(
        [centre[0] + radius_m * np.sin(angles), centre[1] + radius_m * np.cos(angles)]
    )
    return np.vstack([[entry], ring, [leave]])


def _tangent(outside: Place, centre: Place, radius_m: float, way: float) -> float:
    """Azimuth on the circle where the tangent from (way 1) or to (way −1) a place outside touches it.

    Flown clockwise: at azimuth θ the course is θ + 90°.
    """
    east, north = outside[0] - centre[0], outside[1] - centre[1]
    toward = np.arctan2(east, north)
    return float(toward + way * np.arccos(min(1.0, radius_m / hypot(east, north))))
