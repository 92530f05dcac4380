"""Where labels go on the map: greedy, the most important first, never on top of one another.

After Yoeli (1972), "The logic of automated map lettering": a few candidate places around each
anchor, in order of preference, and the cheapest that is free.
"""

from __future__ import annotations

from typing import NamedTuple

PX_PER_CHARACTER = 6.9  # of the 12 px label face, a little generous
HEIGHT_PX = 15.0


class Box(NamedTuple):
    """A rectangle on the sheet, px."""

    x0: float
    y0: float
    x1: float
    y1: float

    def overlap(self, other: Box) -> float:
        """Common area in px²."""
        wide = min(self.x1, other.x1) - max(self.x0, other.x0)
        high = min(self.y1, other.y1) - max(self.y0, other.y0)
        return wide * high if wide > 0 and high > 0 else 0.0


class Placed(NamedTuple):
    """The left end of the baseline, and whether a leader line back to the anchor is needed."""

    x: float
    y: float
    leader: bool


# Right first, as readers of Latin script expect; then left, below, above, and the corners.
_DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (1, 1), (-1, -1), (-1, 1))


class Labels:
    """Keeps what is taken on one map."""

    def __init__(self, width_px: float, height_px: float) -> None:
        self.width_px, self.height_px = width_px, height_px
        self.taken: list[Box] = []
        self.lines: list[tuple[float, float]] = []

    def block(self, x: float, y: float, radius_px: float) -> None:
        """Something is drawn there that no label should hide."""
        self.taken.append(Box(x - radius_px, y - radius_px, x + radius_px, y + radius_px))

    def keep_free(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """No label goes there."""
        self.taken.append(Box(x0, y0, x1, y1))

    def is_free(self, x: float, y: float, radius_px: float) -> bool:
        """Whether nothing is taken about there."""
        about = Box(x - radius_px, y - radius_px, x + radius_px, y + radius_px)
        return all(about.overlap(other) == 0.0 for other in self.taken)

    def cross(self, x: float, y: float) -> None:
        """A line runs through there: a label may cover it, but had better not."""
        self.lines.append((x, y))

    def place(self, words: str, x: float, y: float, gap_px: float = 10.0) -> Placed:
        """The best place for `words` near an anchor; it is taken from then on."""
        wide = PX_PER_CHARACTER * len(words) + 2
        best: tuple[float, Box, bool] | None = None
        for ring, gap in enumerate((gap_px, gap_px * 2.2, gap_px * 3.6, gap_px * 5.5)):
            for order, (right, down) in enumerate(_DIRECTIONS):
                box = self._box(x + right * gap, y + down * gap, wide, right, down)
                cost = 40.0 * ring + 2.0 * order + self._cost(box)
                if best is None or cost < best[0]:
                    best = (cost, box, ring > 0)
        assert best is not None
        self.taken.append(best[1])
        return Placed(best[1].x0 + 1, best[1].y1 - 4, best[2])

    def _box(self, x: float, y: float, wide: float, right: int, down: int) -> Box:
        x0 = x if right > 0 else x - wide if right < 0 else x - wide / 2
        y0 = y if down > 0 else y - HEIGHT_PX if down < 0 else y - HEIGHT_PX / 2
        return Box(x0, y0, x0 + wide, y0 + HEIGHT_PX)

    def _cost(self, box: Box) -> float:
        hidden = sum(box.overlap(other) for other in self.taken)
        hidden += 5.0 * sum(box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1 for x, y in self.lines)
        out = max(0.0, 4 - box.x0) + max(0.0, box.x1 - self.width_px + 4)
        out += max(0.0, 4 - box.y0) + max(0.0, box.y1 - self.height_px + 4)
        return hidden + 60.0 * out
