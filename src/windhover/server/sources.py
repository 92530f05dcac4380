"""Where the world comes from, and whose clock runs: live feeds, a running exercise, or a finished record."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter, deque
from collections.abc import Iterable
from typing import Final, NamedTuple, Protocol

import msgspec

from windhover.detections import DECODERS
from windhover.detections.decoded import Decoded
from windhover.exercises import SCENARIOS, Night
from windhover.exercises.officer import WatchOfficer
from windhover.feeds.rate import Rate
from windhover.record.tables import RawFrame
from windhover.schema.commands import Command
from windhover.schema.events import Event
from windhover.schema.place import Site
from windhover.score.simulate.world import Arrival
from windhover.server.settings import ExerciseSettings
from windhover.units import NS_PER_S

TICK_NS: Final = NS_PER_S
LOOK_S: Final = 0.25
"""Live feeds are looked at so often: what they bring is in the picture well within a second."""
QUIET_NS: Final = 30 * NS_PER_S


class FeedHealth(msgspec.Struct, frozen=True):
    """How one source does, as people see it."""

    name: str
    state: str  # off, connecting, up, waiting
    words: str = ""
    messages: int = 0
    detections: int = 0
    dropped: int = 0
    last_ns: int = 0
    latency_s: float = 0.0
    kind: str = ""  # of its sensor
    listening: bool = False
    rejected: dict[str, int] = {}
    rate_hz: float = 0.0  # detections a second, mean of the last ten
    wait_s: float = 0.0  # reception to picture, 99th percentile of the latest
    clock_ahead_s: float = 0.0  # of the source, as is seen from what it sends
    clock_corrected_s: float = 0.0  # as a person has told us: taken off its times
    captures_signalling: bool = False
    decodes_content: bool = False
    legal_basis: str = ""  # as the journal holds it
    basis_recorded_by: str = ""
    content_allowed_by: str = ""


class Came(NamedTuple):
    """What waits to be taken into the picture at one tick."""

    decoded: list[Decoded]
    frames: tuple[RawFrame, ...] = ()
    commands: tuple[Command, ...] = ()


class Source(Protocol):
    """The edge that the loop reads. `gather` runs on the event loop, all else in the core's thread."""

    exercise: bool
    speed: float  # seconds of its clock per second

    def now_ns(self) -> int:
        """Its clock, UTC."""
        ...

    def gather(self) -> object:
        """What waits, as cheaply as can be."""
        ...

    def read(self, gathered: object, now_ns: int) -> Came:
        """What waited, decoded."""
        ...

    def react(self, events: tuple[Event, ...], now_ns: int) -> None:
        """Let scripted people read what has just happened."""
        ...

    def health(self) -> tuple[FeedHealth, ...]: ...

    async def run(self) -> None:
        """Keep the lines up until cancelled."""
        ...


class Exercise:
    """A scenario played by the clock; its people act unless a real one takes the officer's part."""

    exercise = True

    def __init__(self, settings: ExerciseSettings, night: Night | None = None) -> None:
        self.speed = settings.speed
        self.night = night or SCENARIOS[settings.name](settings.seed)
        scripted = settings.officer == "scripted"
        self.people = tuple(
            p for p in self.night.people if scripted or not isinstance(p, WatchOfficer)
        )
        self.skip_to_ns = self.night.start_ns + round(settings.skip_minutes * 60 * NS_PER_S)
        self._at_ns = self.night.start_ns
        self._due: list[tuple[int, int, Command]] = []
        self._numbered = 0
        for when_ns, command in self.night.opening_commands:
            self._put(when_ns, command)
        self._arrivals = self.night.arrivals()
        self._next: Arrival | None = None
        self._ended = False
        self._health: dict[str, _Heard] = {s.name: _Heard() for s in self.night.site.sensors}

    def now_ns(self) -> int:
        """The next tick: the loop keeps the pace."""
        return self._at_ns + TICK_NS

    def begin_at(self, now_ns: int, recorded: Iterable[tuple[int, tuple[Event, ...]]]) -> None:
        """Go on where a record ends: its people read again what happened, and do nothing twice."""
        for when_ns, events in recorded:
            self.react(events, when_ns)
        self._due = [one for one in self._due if one[0] > now_ns]
        heapq.heapify(self._due)
        self._at_ns = now_ns
        while self._peek() is not None and self._peek_ns() <= now_ns:
            self._next = None

    def gather(self) -> object:
        return None

    def read(self, gathered: object, now_ns: int) -> Came:
        came: list[Arrival] = []
        while (arrival := self._peek()) is not None and arrival.received_ns <= now_ns:
            came.append(arrival)
            self._next = None
        self._at_ns = now_ns
        decoded = [self._decode(arrival) for arrival in came]
        commands = []
        while self._due and self._due[0][0] <= now_ns:
            commands.append(heapq.heappop(self._due)[2])
        frames = tuple(RawFrame(a.feed, a.received_ns, a.payload) for a in came)
        return Came(decoded, frames, tuple(commands))

    def react(self, events: tuple[Event, ...], now_ns: int) -> None:
        for person in self.people:
            for when_ns, command in person.react(events, now_ns):
                self._put(max(when_ns, now_ns), command)

    def health(self) -> tuple[FeedHealth, ...]:
        return tuple(
            FeedHealth(
                sensor.name,
                "up" if self._is_heard(sensor.name) else "waiting",
                messages=self._health[sensor.name].messages,
                detections=self._health[sensor.name].detections,
                last_ns=self._health[sensor.name].last_ns,
                kind=sensor.kind,
                listening=self._is_heard(sensor.name),
                rejected=dict(self._health[sensor.name].rejected),
                rate_hz=self._health[sensor.name].rate.per_s(self._at_ns),
            )
            for sensor in self.night.site.sensors
        )

    def _is_heard(self, name: str) -> bool:
        return self._at_ns - self._health[name].last_ns < QUIET_NS

    async def run(self) -> None:
        await asyncio.Event().wait()

    def _put(self, when_ns: int, command: Command) -> None:
        heapq.heappush(self._due, (when_ns, self._numbered, command))
        self._numbered += 1

    def _peek(self) -> Arrival | None:
        if self._next is None and not self._ended:
            self._next = next(self._arrivals, None)
            self._ended = self._next is None
        return self._next

    def _peek_ns(self) -> int:
        arrival = self._peek()
        assert arrival is not None
        return arrival.received_ns

    def _decode(self, arrival: Arrival) -> Decoded:
        site = self.night.site
        sensor = site.sensors[max(arrival.sensor, 0)]
        decoded = DECODERS[arrival.feed](
            arrival.payload, arrival.received_ns, arrival.sensor, sensor, site.sector.vertical
        )
        if arrival.sensor >= 0:
            heard = self._health[sensor.name]
            heard.messages += 1
            heard.detections += decoded.detections.n
            heard.last_ns = arrival.received_ns
            heard.rate.note(decoded.detections.n, arrival.received_ns)
            heard.rejected.update(decoded.rejected)
        return decoded


class _Heard:
    def __init__(self) -> None:
        self.messages = 0
        self.detections = 0
        self.last_ns = 0
        self.rejected: Counter[str] = Counter()
        self.rate = Rate()


class Still:
    """A finished record: time stands where it ended, and nothing more comes."""

    speed = 1.0

    def __init__(self, site: Site, now_ns: int) -> None:
        self.exercise = site.exercise
        self._now_ns = now_ns
        self.waiting: deque[object] = deque()

    def now_ns(self) -> int:
        return self._now_ns

    def gather(self) -> object:
        return None

    def read(self, gathered: object, now_ns: int) -> Came:
        return Came([])

    def react(self, events: tuple[Event, ...], now_ns: int) -> None:
        """Everything has been said."""

    def health(self) -> tuple[FeedHealth, ...]:
        return ()

    async def run(self) -> None:
        await asyncio.Event().wait()
