"""The last hour's frames as they were shown, for a quick look back; bounded in time and in bytes."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from windhover.schema.batches import F64, I64, U8
from windhover.server import frames
from windhover.server.frames import Rows
from windhover.server.live import Tick


class Kept(NamedTuple):
    """One instant as it was shown."""

    now_ns: int
    frame: bytes
    cold_revision: int
    chances: U8  # (N, 7) probability of each class × 255


class FrameMemory:
    """A ring of packed frames, oldest first."""

    def __init__(self, span_ns: int, bytes_max: int, exercise: bool) -> None:
        self.span_ns, self.bytes_max = span_ns, bytes_max
        self.flags = frames.EXERCISE if exercise else 0
        self.bytes = 0
        self._kept: deque[Kept] = deque()

    def keep(
        self, now_ns: int, rows: Rows, chances: U8, cold_revision: int, tick: Tick | None
    ) -> None:
        """Remember this instant; the bytes are those of the live frame where there was one."""
        if self._kept and now_ns <= self._kept[-1].now_ns:
            return
        frame = tick.full if tick is not None else None
        if frame is None:
            frame = frames.pack(
                rows, np.zeros(0, np.uint32),
                sequence=0, now_ns=now_ns, flags=self.flags, cold_revision=cold_revision,
            )  # fmt: skip
        self._kept.append(Kept(now_ns, frame, cold_revision, chances))
        self.bytes += len(frame) + chances.size
        while len(self._kept) > 1 and (
            self.bytes > self.bytes_max or now_ns - self._kept[0].now_ns > self.span_ns
        ):
            gone = self._kept.popleft()
            self.bytes -= len(gone.frame) + gone.chances.size

    @property
    def from_ns(self) -> int | None:
        """The oldest instant that is remembered."""
        return self._kept[0].now_ns if self._kept else None

    def between(self, from_ns: int, to_ns: int) -> list[Kept]:
        """The instants in [from_ns, to_ns]."""
        # A copy: readers are other threads, and the loop goes on.
        return [kept for kept in tuple(self._kept) if from_ns <= kept.now_ns <= to_ns]

    def history(self, track_id: int) -> tuple[I64, F64, F64, F64, F64, F64]:
        """time_ns, latitude_deg, longitude_deg, height_ellipsoid_m, velocity (n, 3), chances (n, 7)."""
        found = []
        for kept in tuple(self._kept):
            header, rows, _ = frames.unpack(kept.frame)
            row = int(np.searchsorted(rows.track_id, track_id))
            if row < rows.n and rows.track_id[row] == track_id:
                found.append(
                    (
                        header.now_ns,
                        rows.latitude_1e7_deg[row] / 1e7,
                        rows.longitude_1e7_deg[row] / 1e7,
                        rows.height_ellipsoid_m[row],
                        rows.east_m_s[row],
                        rows.north_m_s[row],
                        rows.up_m_s[row],
                        *(kept.chances[row] / 255.0),
                    )
                )
        if not found:
            none = np.zeros(0)
            return np.zeros(0, np.int64), none, none, none, np.zeros((0, 3)), np.zeros((0, 7))
        time_ns = np.array([one[0] for one in found], np.int64)
        table = np.array([one[1:] for one in found], np.float64)
        return time_ns, table[:, 0], table[:, 1], table[:, 2], table[:, 3:6], table[:, 6:]
