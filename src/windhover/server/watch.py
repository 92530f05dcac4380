"""One step of the running picture and what follows from it, without a clock or a thread of its own.

Everything here is called from the core's one thread. What leaves it is made of copies and of frozen
structs, so that readers elsewhere never meet a picture that moves.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from windhover.deliver.airspace import AirFrame, frame_of
from windhover.detections.decoded import join_wind
from windhover.detections.merge import merge
from windhover.errors import BadSite
from windhover.exercises.demo import site_digest
from windhover.picture import look
from windhover.record.archive import Archive
from windhover.record.entries import Head
from windhover.record.journal import Journal
from windhover.record.keeper import Keeper
from windhover.schema.batches import U8
from windhover.schema.cases import (
    Claim,
    Countermeasure,
    Friend,
    Incident,
    LogEntry,
    Notice,
    Question,
    Restriction,
)
from windhover.schema.commands import Command, SiteChange, Tick
from windhover.schema.events import CommandRefused, Event, LogWritten, NoticeChanged
from windhover.schema.place import Point, Site
from windhover.schema.reports import Cooperative, Delivery, Report, Reports
from windhover.server import alerts, chronicle, frames
from windhover.server.alerts import Alert, Alerts
from windhover.server.frames import Rows
from windhover.server.live_feeds import LiveFeeds
from windhover.server.sources import Came, Exercise, Source
from windhover.units import NS_PER_H, NS_PER_MIN

LOG_KEPT: Final = 500
OPERATORS_KEPT: Final = 5_000
REMEMBER_EVENTS_NS: Final = 12 * NS_PER_H
"""How far back alerts and the log are read again at a start."""
ARCHIVE_SPAN_NS: Final = 5 * NS_PER_MIN
"""Shorter than between snapshots, so that after a crash little must be played again for a look back."""


class Cold(NamedTuple):
    """What people decide about; frozen structs, in the order of their numbers."""

    incidents: tuple[Incident, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    notices: tuple[Notice, ...] = ()
    questions: tuple[Question, ...] = ()
    claims: tuple[Claim, ...] = ()
    friends: tuple[Friend, ...] = ()
    countermeasures: tuple[Countermeasure, ...] = ()
    alerts: tuple[Alert, ...] = ()
    log: tuple[LogEntry, ...] = ()


class Shown(NamedTuple):
    """What a step gives to the world; nothing in it is the picture's own."""

    now_ns: int
    rows: Rows | None  # None: a command between two ticks
    chances: U8 | None  # (N, 7) probability of each class × 255
    cold: Cold
    events: tuple[Event, ...]
    to_send: tuple[Notice, ...]  # with the head that covers them
    head: Head
    detections: int = 0
    air: AirFrame | None = None  # for the outputs, where there are any


class Operator(NamedTuple):
    """Where a remote pilot said to stand: personal data."""

    identifier: str
    place: Point
    time_ns: int


class Watch:
    """The keeper of picture and record, and what people are shown of it."""

    def __init__(self, keeper: Keeper, source: Source) -> None:
        self.keeper, self.source = keeper, source
        self.alerts = Alerts()
        self.log: deque[LogEntry] = deque(maxlen=LOG_KEPT)
        self.operators: dict[int, Operator] = {}
        self.rejected: Counter[str] = Counter()
        self.has_outputs = False

    def remember(self, events: Iterable[Event]) -> None:
        """Alerts and log from what was recorded earlier."""
        told = tuple(events)
        self.alerts = alerts.see(self.alerts, told, self.keeper.picture.site.parties)
        self.log.extend(event.entry for event in told if isinstance(event, LogWritten))

    def step(self, gathered: object, delivered: tuple[Delivery, ...], now_ns: int) -> Shown:
        """Take in what waits, let time pass, record, and only then tell."""
        # A machine's clock may be set back; the record's time never runs so.
        now_ns = max(now_ns, self.keeper.picture.now_ns)
        came = self.source.read(gathered, now_ns)
        events, plots = self._take(came, delivered, now_ns)
        events += self.keeper.take(Tick(), now_ns)
        return self._shown(events, plots, ticked=True)

    def hear(self, gathered: object, now_ns: int) -> Shown:
        """Take in what waits, between two ticks: the picture knows of it, people see it with the next tick."""
        now_ns = max(now_ns, self.keeper.picture.now_ns)
        events, plots = self._take(self.source.read(gathered, now_ns), (), now_ns)
        return self._shown(events, plots, ticked=False)

    def obey(self, command: Command | Reports | SiteChange, now_ns: int) -> Shown:
        """A person's word, recorded before anybody hears of it."""
        events = self.keeper.take(command, max(now_ns, self.keeper.picture.now_ns))
        return self._shown(events, 0, ticked=False)

    def unsent(self) -> tuple[Notice, ...]:
        """Composed notices of which no channel has said anything: to be sent after a start."""
        head = self.keeper.recorder.head.hex
        return tuple(
            msgspec.structs.replace(notice, journal_head=head)
            for notice in self.keeper.picture.desk.notices
            if notice.state == "composed"
        )

    def show(self) -> Shown:
        """The picture as it stands, without a step."""
        return self._shown((), 0, ticked=True)

    def close(self) -> None:
        """A snapshot, so that the next start replays nothing; then the archive and the journal."""
        recorder = self.keeper.recorder
        recorder.snapshot(self.keeper.picture.now_ns, self.keeper.picture)
        recorder.close()

    def _take(
        self, came: Came, delivered: tuple[Delivery, ...], now_ns: int
    ) -> tuple[tuple[Event, ...], int]:
        keeper = self.keeper
        events: tuple[Event, ...] = ()
        if came.frames:
            keeper.keep_frames(came.frames, now_ns)
        sensors = keeper.picture.site.sensors
        plots, refused = merge([part.detections for part in came.decoded], now_ns, sensors=sensors)
        wind = join_wind(part.wind for part in came.decoded)
        if wind is not None:
            events += keeper.take(wind, now_ns)
        items: list[Report] = [item for part in came.decoded for item in part.reports]
        counts = Counter(refused)
        for part in came.decoded:
            counts.update(part.rejected)
        self._remember_operators(items)
        self.rejected.update(counts)
        if items or counts or delivered:
            events += keeper.take(Reports((*items, *delivered), dict(counts)), now_ns)
        if plots.n:
            events += keeper.take(plots, now_ns)
        for command in came.commands:
            events += keeper.take(command, now_ns)
        return events, plots.n

    def _shown(self, events: tuple[Event, ...], plots: int, *, ticked: bool) -> Shown:
        picture = self.keeper.picture
        head = self.keeper.flush()
        self.source.react(events, picture.now_ns)
        self.remember(events)
        desk = picture.desk
        cold = Cold(
            picture.incidents.incidents, desk.restrictions, desk.notices, desk.questions,
            desk.claims, desk.friends, desk.countermeasures, self.alerts.alerts, tuple(self.log),
        )  # fmt: skip
        rows = chances = None
        if ticked:
            seen = look(picture)
            rows = frames.rows_of(seen, picture.incidents.incidents, picture.now_ns)
            chances = frames.chances_of(seen)
        leaving = tuple(
            msgspec.structs.replace(event.notice, journal_head=head.hex)
            for event in events
            if isinstance(event, NoticeChanged) and event.notice.state == "composed"
        )
        air = frame_of(picture) if ticked and self.has_outputs else None
        return Shown(picture.now_ns, rows, chances, cold, events, leaving, head, plots, air)

    def _remember_operators(self, items: list[Report]) -> None:
        for item in items:
            if (
                isinstance(item, Cooperative)
                and item.operator_latitude_rad is not None
                and item.operator_longitude_rad is not None
            ):
                place = Point(item.operator_latitude_rad, item.operator_longitude_rad)
                self.operators.pop(item.claimed_id, None)
                self.operators[item.claimed_id] = Operator(item.identifier, place, item.time_ns)
        while len(self.operators) > OPERATORS_KEPT:
            self.operators.pop(next(iter(self.operators)))


def open_watch(folder: Path, site: Site, source: Source, at_ns: int) -> Watch:
    """The watch as its record left it, or a new one from `at_ns`. Call in the thread that will use it.

    Raises `WindhoverError` where the record is another mode's or another site's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    journal = Journal.open(
        folder / chronicle.JOURNAL,
        create=True,
        mode="exercise" if source.exercise else "real",
        site_digest=site_digest(site),
    )
    try:
        archive = Archive(folder / "archive", site, span_ns=ARCHIVE_SPAN_NS)
        keeper = Keeper.restart(journal, archive, site, at_ns)
        watch = Watch(keeper, source)
        now_ns = keeper.picture.now_ns
        told = chronicle.cold_events(folder, now_ns - REMEMBER_EVENTS_NS, now_ns)
        watch.remember(event for _, event in told)
        if isinstance(source, LiveFeeds):
            source.declare(keeper.recorder)
        if isinstance(source, Exercise) and journal.head.seq:
            source.begin_at(now_ns, chronicle.recorded(journal, 0))
        if keeper.picture.site != site:
            _move(watch, site)
    except BaseException:
        journal.close()
        raise
    return watch


def _move(watch: Watch, site: Site) -> None:
    change = SiteChange(msgspec.json.encode(site).decode(), by="windhover serve")
    shown = watch.obey(change, watch.keeper.picture.now_ns)
    for event in shown.events:
        if isinstance(event, CommandRefused):
            raise BadSite(
                "The site's sensors or sector have changed since this record was begun.",
                "Name a new [record] folder: the old one stays as it is.",
            )
