"""The bulk beside the journal: Parquet partitions by table, day and sector, for questions.

    <root>/<table>/day=2026-02-11/sector=el-paso/<first entry>-<last entry>.parquet
    <root>/snapshots/<entry>.whc

The journal alone replays the night; the archive is what people query. A partition is written only
from rows whose entries are acknowledged, appears whole or not at all, and is then vouched for by a
mark in the chain that holds its SHA-256. What a crash kept from being written is written again from
the journal (`detections`) or from the replay at start-up (`tracks`, `identities`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow.parquet as pq

from windhover.geo.frames import Frame, sector_frame
from windhover.record.entries import Entry
from windhover.record.files import DRAFT_SUFFIX, plain_words, write_whole
from windhover.record.tables import (
    RawFrame,
    ThinnedTracks,
    detections_table,
    frames_table,
    identities_table,
    thinned,
    tracks_table,
)
from windhover.schema.batches import I64, Detections, Identities, Tracks
from windhover.schema.place import Sensor, Site
from windhover.timescale import is_plausible, to_datetime
from windhover.units import NS_PER_MIN

TABLES: Final = ("detections", "tracks", "identities", "frames")
ROWS_PER_FILE: Final = 500_000
SPAN_NS: Final = 60 * NS_PER_MIN
"""A partition is written when it has this many rows or spans this much picture time."""

_NAME: Final = re.compile(r"(\d{10,})-(\d{10,})\.parquet")


class Archived(msgspec.Struct, frozen=True, tag=True):
    """A mark in the journal: this file belongs to the record, and these are its bytes."""

    table: str
    path: str  # below the archive's folder, with "/"
    rows: int
    bytes: int
    sha256: str
    first_seq: int  # of the entries that it covers
    last_seq: int


class _Buffer(NamedTuple):
    seqs: list[tuple[int, int]]  # (entry, rows)
    times_ns: list[int]
    batches: list[Any]


class Archive:
    """An archive folder and the rows that wait to be written to it."""

    def __init__(
        self,
        root: Path | str,
        site: Site | None = None,
        *,
        rows_per_file: int = ROWS_PER_FILE,
        span_ns: int = SPAN_NS,
    ) -> None:
        """`site` gives sensors and sector, so that rows can be found by place; without, by time."""
        self.root = Path(root)
        self._sensors: tuple[Sensor, ...] = site.sensors if site else ()
        self._frame: Frame | None = sector_frame(site.sector) if site else None
        self._sector = slug(site.sector.name) if site else "all"
        self._rows_per_file = rows_per_file
        self._span_ns = span_ns
        self._buffers = {table: _Buffer([], [], []) for table in TABLES}
        self._rows = dict.fromkeys(TABLES, 0)
        with plain_words(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            # What a killed writer left half-made is nobody's record.
            for draft in sorted(self.root.rglob(f".*{DRAFT_SUFFIX}")):
                draft.unlink()

    def add(
        self,
        seq: int,
        now_ns: int,
        batch: Detections | Tracks | Identities | tuple[RawFrame, ...],
    ) -> None:
        """Hold rows of entry `seq` for their partition. Empty batches cost nothing."""
        held: object = batch
        match batch:
            case Detections():
                table, rows = "detections", batch.n
            case Tracks():
                table, rows, held = "tracks", batch.n, thinned(batch)
            case Identities():
                table, rows = "identities", batch.n
            case _:
                table, rows = "frames", len(batch)
        if rows:
            buffer = self._buffers[table]
            buffer.seqs.append((seq, rows))
            buffer.times_ns.append(now_ns)
            buffer.batches.append(held)
            self._rows[table] += rows

    def write(self, acknowledged: int, *, all_of_it: bool = False) -> tuple[Archived, ...]:
        """Write a partition that is due, of entries up to `acknowledged`; one mark for each.

        One a call, since the clock waits for it: of a crowd all tables fall due at once, and the others
        are written with the seconds that follow. `all_of_it` writes all that there is. Raises
        `WindhoverError`; what could not be written stays buffered.
        """
        marks: list[Archived] = []
        for table in TABLES:
            while chosen := self._due(table, acknowledged, all_of_it):
                marks.append(self._write_rows(table, chosen))
                if not all_of_it:
                    return tuple(marks)
        return tuple(marks)

    def unmarked(self, marks: Iterable[Archived]) -> tuple[Archived, ...]:
        """Whole partitions that a crash left without their mark: marks to append for them."""
        known = {mark.path for mark in marks}
        found = []
        for path in sorted(self.root.rglob("*.parquet")):
            relative = path.relative_to(self.root).as_posix()
            name = _NAME.fullmatch(path.name)
            if relative not in known and name and relative.split("/")[0] in TABLES:
                data = path.read_bytes()
                rows = pq.ParquetFile(io.BytesIO(data)).metadata.num_rows
                first, last = int(name[1]), int(name[2])
                found.append(_mark(relative.split("/")[0], relative, rows, data, first, last))
        return tuple(found)

    def _write_rows(self, table: str, chosen: int) -> Archived:
        """The first `chosen` batches as a partition; they leave the buffer once it is on the disk."""
        buffer = self._buffers[table]
        seqs, batches = buffer.seqs[:chosen], buffer.batches[:chosen]
        seq = np.repeat(*np.array(seqs, dtype=np.int64).reshape(-1, 2).T)
        first, last = seqs[0][0], seqs[-1][0]
        day = _day(buffer.times_ns[0])
        path = f"{table}/day={day}/sector={self._sector}/{first:010}-{last:010}.parquet"
        data = parquet(self._table(table, batches, seq))
        write_whole(self.root / path, data)
        for column in buffer:
            del column[:chosen]
        self._rows[table] -= len(seq)
        return _mark(table, path, len(seq), data, first, last)

    def _due(self, table: str, acknowledged: int, all_of_it: bool) -> int:
        """How many buffered batches make the next partition; 0 = none is due."""
        seqs, times_ns, _ = self._buffers[table]
        if not seqs or not (all_of_it or self._may_be_due(table)):
            return 0
        day, rows, chosen, full = _day(times_ns[0]), 0, 0, False
        for (seq, n), time_ns in zip(seqs, times_ns, strict=True):
            full = rows >= self._rows_per_file or time_ns - times_ns[0] >= self._span_ns
            if seq > acknowledged or full or _day(time_ns) != day:
                full = full or _day(time_ns) != day
                break
            rows, chosen = rows + n, chosen + 1
        return chosen if all_of_it or full or rows >= self._rows_per_file else 0

    def _may_be_due(self, table: str) -> bool:
        """Whether a partition is full; asked at every flush, so it looks at the two ends only."""
        times_ns = self._buffers[table].times_ns
        first, last = times_ns[0], times_ns[-1]
        return (
            self._rows[table] >= self._rows_per_file
            or last - first >= self._span_ns
            or _day(first) != _day(last)
        )

    def _table(self, table: str, batches: list[Any], seq: I64) -> Any:
        build: dict[str, Callable[[], Any]] = {
            "detections": lambda: detections_table(
                Detections.concatenate(batches), seq, self._sensors
            ),
            "tracks": lambda: tracks_table(_together(ThinnedTracks, batches), seq, self._frame),
            "identities": lambda: identities_table(_together(Identities, batches), seq),
            "frames": lambda: frames_table([each for batch in batches for each in batch], seq),
        }
        return build[table]()


def parquet(table: Any) -> bytes:
    """A table as Parquet bytes; the same table gives the same bytes."""
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", use_dictionary=["said", "said_motion", "feed"])
    return out.getvalue()


def archived(entry: Entry) -> Archived | None:
    """The mark that this entry is, if it is one."""
    if entry.kind != "mark" or entry.type != Archived.__name__:
        return None
    return msgspec.json.decode(entry.body, type=Archived)


def slug(name: str) -> str:
    """A name as a part of a path: letters, figures and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "all"


def _mark(table: str, path: str, rows: int, data: bytes, first: int, last: int) -> Archived:
    return Archived(table, path, rows, len(data), sha256(data).hexdigest(), first, last)


def _day(time_ns: int) -> str:
    return f"{to_datetime(time_ns):%Y-%m-%d}" if is_plausible(time_ns) else "unknown"


def _together(of: type[Any], batches: list[Any]) -> Any:
    return of(*(np.concatenate(columns) for columns in zip(*batches, strict=True)))
