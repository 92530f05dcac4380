"""What was known at an instant: only what had been received by then, from the record itself.

What people decide is folded from the journal's events, each of which holds the thing as it then was.
Tracks come from memory (the last hour, as it was shown) or from the archive (as it was shown, once a
tick). Minutes that a crash kept from the archive are played again from the nearest snapshot.
"""

from __future__ import annotations

import threading
from bisect import bisect_right, insort
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
import numpy as np

from windhover.errors import BadInput
from windhover.geo.context import heights
from windhover.picture import Picture, advance, look, start
from windhover.record import query, snapshot
from windhover.record.journal import Journal
from windhover.record.replay import replay
from windhover.schema.batches import ATTRIBUTES, CLASSES, F64, MOTIONS, TrackStatus
from windhover.schema.cases import Incident
from windhover.schema.commands import Tick
from windhover.schema.events import (
    ClaimRecorded,
    CountermeasureFiled,
    Event,
    FriendFiled,
    IncidentChanged,
    LogWritten,
    NoticeChanged,
    QuestionChanged,
    RestrictionChanged,
)
from windhover.schema.place import Party, Site
from windhover.server import alerts, frames
from windhover.server.alerts import Alerts
from windhover.server.chronicle import JOURNAL, cold_events, first_at, tick_times
from windhover.server.frames import COLUMNS, Rows
from windhover.server.watch import LOG_KEPT, Cold
from windhover.units import NS_PER_S

COLDS_KEPT: Final = 64
_HOLDS: Final[dict[type, tuple[str, str]]] = {
    IncidentChanged: ("incidents", "incident"),
    RestrictionChanged: ("restrictions", "restriction"),
    NoticeChanged: ("notices", "notice"),
    QuestionChanged: ("questions", "question"),
    ClaimRecorded: ("claims", "claim"),
    FriendFiled: ("friends", "friend"),
    CountermeasureFiled: ("countermeasures", "countermeasure"),
}
"""Event → the register that it changes, and the field that holds the row as it then was."""


class Instant(NamedTuple):
    """One tick as it was shown."""

    now_ns: int
    rows: Rows
    seq: int


class Folded(NamedTuple):
    """The registers after the events up to an instant."""

    at_ns: int
    cold: Cold
    alerts: Alerts
    seq: int  # number of the last entry that people decided; 0 = none yet


class ColdBook:
    """What stood decided at any instant of a record. Goes on from the nearest instant that was asked before."""

    def __init__(self, folder: Path, parties: tuple[Party, ...]) -> None:
        self.folder, self._parties = folder, parties
        self._kept: list[Folded] = [Folded(-(2**62), Cold(), Alerts(), 0)]
        self._lock = threading.Lock()

    def at(self, at_ns: int, now_ns: int) -> Folded:
        """Everything decided by then, as it then stood. `now_ns`: later than this nothing is settled yet."""
        with self._lock:
            place = bisect_right(self._kept, at_ns, key=lambda folded: folded.at_ns)
            before = self._kept[max(place - 1, 0)]
        events = cold_events(self.folder, before.at_ns + 1, at_ns)
        found = fold(before, events, at_ns, self._parties)
        if before.at_ns < at_ns < now_ns:
            with self._lock:
                insort(self._kept, found, key=lambda folded: folded.at_ns)
                if len(self._kept) > COLDS_KEPT:
                    del self._kept[1::2]  # every other, never the empty beginning
        return found


def fold(
    before: Folded, events: list[tuple[int, Event]], at_ns: int, parties: tuple[Party, ...]
) -> Folded:
    """The registers after these events, each row where it first came."""
    rows: dict[str, dict[str, Any]] = {
        name: {row.id: row for row in getattr(before.cold, name)}
        for name in Cold._fields
        if name not in ("alerts", "log")
    }
    log = list(before.cold.log)
    for _, event in events:
        if isinstance(event, LogWritten):
            log.append(event.entry)
        elif type(event) in _HOLDS:
            register, name = _HOLDS[type(event)]
            row = getattr(event, name)
            rows[register][row.id] = row
    rung = alerts.see(before.alerts, [event for _, event in events], parties)
    held = {name: tuple(found.values()) for name, found in rows.items()}
    cold = Cold(**{**held, "alerts": rung.alerts, "log": tuple(log[-LOG_KEPT:])})
    return Folded(at_ns, cold, rung, events[-1][0] if events else before.seq)


def archived(folder: Path, site: Site, from_ns: int, to_ns: int) -> list[Instant]:
    """The ticks of [from_ns, to_ns] that the archive holds."""
    connection = query.connect(folder / "archive")
    try:
        held = {row[0] for row in connection.execute("SHOW TABLES").fetchall()}
        if not {"tracks", "identities"} <= held:
            return []
        # Each table once: a join on two columns is cheap, and a tick's rows stay together.
        table = connection.sql(
            "SELECT t.*, i.said, i.said_motion, i.cooperative, i.emitting, i.dark, i.friend, "
            + ", ".join(f"i.probability_{name}" for name in CLASSES)
            + " FROM tracks t LEFT JOIN identities i USING (seq, track_id) "
            "WHERE t.time_ns BETWEEN ? AND ? ORDER BY t.seq, t.track_id",
            params=[from_ns, to_ns],
        ).to_arrow_table()
    except duckdb.Error as why:
        raise BadInput(f"The archive cannot be read: {str(why).splitlines()[0]}") from None
    finally:
        connection.close()
    return list(_instants(table, site))


def _instants(table: Any, site: Site) -> Iterator[Instant]:
    if not table.num_rows:
        return
    column = {
        name: table.column(name).to_numpy()
        for name in table.column_names
        if name not in ("covariance_enu", "mode_probability")
    }
    packed = table.column("covariance_enu").combine_chunks().flatten().to_numpy().reshape(-1, 21)
    covariance = np.empty((table.num_rows, 2, 2))
    covariance[:, 0, 0], covariance[:, 1, 1] = packed[:, 0], packed[:, 6]
    covariance[:, 0, 1] = covariance[:, 1, 0] = packed[:, 1]
    major, minor, azimuth = frames.ellipse(covariance)
    known = packed[:, 11] < 300.0**2  # up's variance, as `geo.context` takes a height for known
    _, above = heights(site, np.where(known, column["height_ellipsoid_m"], np.nan))
    said = np.array([CLASSES.index(name or "unknown") for name in column["said"]])
    motion = np.array([MOTIONS.index(name or "undetermined") for name in column["said_motion"]])
    chance = np.stack([column[f"probability_{name}"] for name in CLASSES], axis=1)
    best = np.nan_to_num(chance[np.arange(len(said)), said], nan=1.0)
    status = np.where(column["status"] == TrackStatus.CONFIRMED, frames.CONFIRMED, frames.COASTING)
    bits = (frames.COOPERATIVE, frames.EMITTING, frames.DARK, frames.FRIEND)
    for name, bit in zip(ATTRIBUTES, bits, strict=True):
        status = status | np.where(np.nan_to_num(column[name].astype(float)) == 1, bit, 0)
    values = (
        column["track_id"],
        np.rint(np.degrees(column["longitude_rad"]) * 1e7),
        np.rint(np.degrees(column["latitude_rad"]) * 1e7),
        column["height_ellipsoid_m"],
        above,
        column["east_m_s"],
        column["north_m_s"],
        column["up_m_s"],
        major,
        minor,
        azimuth,
        (column["time_ns"] - column["hit_ns"]) / NS_PER_S,
        said,
        motion,
        frames.byte_of(best),
        frames.byte_of(column["existence"]),
        status,
    )
    rows = Rows._make(
        value.astype(np.dtype(kind)) for value, (_, kind) in zip(values, COLUMNS, strict=True)
    )
    seq = column["seq"]
    edges = [0, *(np.flatnonzero(np.diff(seq)) + 1).tolist(), len(seq)]
    for low, high in pairwise(edges):
        here = rows.take(np.arange(low, high))
        yield Instant(int(column["time_ns"][low]), here, int(seq[low]))


def ticks(folder: Path, site: Site, from_ns: int, to_ns: int) -> list[Instant]:
    """Every tick of [from_ns, to_ns] as it was shown.

    Archived where it is. A tick without a row inside an archived stretch was an empty sky; one outside
    was kept from the archive by a crash or is not yet in it, and is played again.
    """
    found = {one.now_ns: one for one in archived(folder, site, from_ns, to_ns)}
    spans = _spans(folder)
    lost: list[int] = []
    for now_ns, seq in tick_times(folder, from_ns, to_ns):
        if now_ns in found:
            continue
        if any(first <= seq <= last for first, last in spans):
            found[now_ns] = Instant(now_ns, frames.nothing(), seq)
        else:
            lost.append(now_ns)
    if lost:
        again = replayed(folder, site, lost[0], lost[-1])
        found.update({one.now_ns: one for one in again if one.now_ns not in found})
    return [found[now_ns] for now_ns in sorted(found)]


def _spans(folder: Path) -> list[tuple[int, int]]:
    """First and last entry of each partition of tracks, as their names say."""
    names = (path.stem for path in (folder / "archive" / "tracks").rglob("*.parquet"))
    return [(int(a), int(b)) for a, _, b in (name.partition("-") for name in names)]


def with_incidents(rows: Rows, incidents: tuple[Incident, ...]) -> Rows:
    """The rows with the bit of those that are in an open incident."""
    ids = [t for i in incidents if i.state != "closed" for t in i.track_ids]
    bit = np.where(np.isin(rows.track_id, ids), frames.IN_INCIDENT, 0).astype(np.uint8)
    return rows._replace(status_bits=rows.status_bits | bit)


def replayed(folder: Path, site: Site, from_ns: int, to_ns: int) -> Iterator[Instant]:
    """The ticks of [from_ns, to_ns], played again from the nearest snapshot before them: exact, and slow."""
    with Journal.open(folder / JOURNAL, read_only=True) as journal:
        if not journal.head.seq:
            return
        first = first_at(journal, from_ns)
        loaded = snapshot.load(journal, folder / "archive", Picture, first - 1)
        if loaded is None:
            picture, next_seq = start(site, journal.entry(1).now_ns), 1
        else:
            picture, next_seq = loaded.picture, loaded.next_seq
        last = first_at(journal, to_ns + 1) - 1
        played = replay(journal, picture, advance, from_seq=next_seq, to_seq=last, check=False)
        for then, step, _ in played:
            if isinstance(step.arrived, Tick) and from_ns <= step.now_ns <= to_ns:
                rows = frames.rows_of(look(then), then.incidents.incidents, then.now_ns)
                yield Instant(step.now_ns, rows, step.seq)


def history(folder: Path, track_id: int) -> dict[str, Any]:
    """Every archived tick of one track: time_ns, place, velocity, class probability (n, 7)."""
    connection = query.connect(folder / "archive")
    try:
        held = {row[0] for row in connection.execute("SHOW TABLES").fetchall()}
        if not {"tracks", "identities"} <= held:
            return {}
        found = connection.sql(
            "SELECT t.time_ns, t.latitude_rad, t.longitude_rad, t.height_ellipsoid_m, "
            "t.east_m_s, t.north_m_s, t.up_m_s, "
            + ", ".join(f"i.probability_{name}" for name in CLASSES)
            + " FROM tracks t LEFT JOIN identities i USING (seq, track_id) "
            "WHERE t.track_id = ? ORDER BY t.seq",
            params=[track_id],
        ).to_arrow_table()
    except duckdb.Error as why:
        raise BadInput(f"The archive cannot be read: {str(why).splitlines()[0]}") from None
    finally:
        connection.close()
    if not found.num_rows:
        return {}
    return {name: found.column(name).to_numpy() for name in found.column_names}


def chances(found: dict[str, Any]) -> F64:
    """(n, 7) class probabilities of a history."""
    columns: F64 = np.stack([found[f"probability_{name}"] for name in CLASSES], axis=1)
    return columns
