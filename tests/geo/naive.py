"""The slow, obvious twin of `borders.signed_distance_m`."""

from __future__ import annotations

import itertools
from math import hypot


def point_segment_m(p, a, b) -> float:
    length2 = (b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2
    if length2 == 0.0:
        return hypot(p[0] - a[0], p[1] - a[1])
    t = ((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / length2
    t = min(max(t, 0.0), 1.0)
    return hypot(p[0] - a[0] - t * (b[0] - a[0]), p[1] - a[1] - t * (b[1] - a[1]))


def distance_m(p, line) -> float:
    return min(point_segment_m(p, a, b) for a, b in itertools.pairwise(line))


def crosses(p, q, a, b) -> bool:
    def turn(o, u, v) -> float:
        return (u[0] - o[0]) * (v[1] - o[1]) - (u[1] - o[1]) * (v[0] - o[0])

    return (turn(p, q, a) > 0) != (turn(p, q, b) > 0) and (turn(a, b, p) > 0) != (turn(a, b, q) > 0)


def at_home(p, home, line) -> bool:
    """Even number of crossings on the straight way home; the line must lead from rim to rim."""
    n = sum(crosses(p, home, a, b) for a, b in itertools.pairwise(line))
    return n % 2 == 0
