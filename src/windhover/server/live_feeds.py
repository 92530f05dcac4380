"""The feeds of `windhover.toml`, by this machine's clock, and the words of named persons that let them listen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from windhover.detections.decoded import Decoded
from windhover.errors import BadInput
from windhover.feeds.basis import BasisDesk
from windhover.feeds.hub import Hub
from windhover.feeds.of_site import Runner, feeds_of
from windhover.feeds.pace import Pace
from windhover.feeds.settings import UNKNOWN_FEED, FeedSettings, answers_for, held_back
from windhover.record.recorder import Recorder
from windhover.schema.batches import Detections
from windhover.schema.events import Event
from windhover.schema.place import Site
from windhover.schema.reports import SensorState
from windhover.server.sources import LOOK_S, Came, FeedHealth
from windhover.units import NS_PER_S


class LiveFeeds:
    """The feeds of `windhover.toml` and the machine's clock."""

    exercise = False
    speed = 1.0

    def __init__(
        self,
        settings: Sequence[FeedSettings],
        site: Site,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.exercise = site.exercise
        self.clock, self.site, self.settings = clock, site, tuple(settings)
        self.hub = Hub(clock=clock)
        self._kinds = {sensor.name: str(sensor.kind) for sensor in site.sensors}
        self.feeds: tuple[Runner, ...] = ()
        self.desk: BasisDesk | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._refreshed_ns = 0
        # Sensor row → whether it listens, as the picture was told.
        self._heard: dict[int, bool] = {}
        self.pace, self._rows, self._began_s = Pace(LOOK_S), 0, 0.0
        for one in self.settings:
            for key, _ in answers_for(one):
                self.hub.register(key).words = "" if key == one.name else "has not come yet"

    def now_ns(self) -> int:
        return self.clock()

    def gather(self) -> object:
        came = [arrival.decoded for arrival in self.hub.take(100_000, rows=self.pace.rows)]
        states = self._listening()
        return [Decoded(Detections.empty(), states, None, {}), *came] if states else came

    def _listening(self) -> tuple[SensorState, ...]:
        """The sensors that have begun or ceased to listen: the silence of a receiver that is off, that does
        not answer or that nobody has joined proves nothing of what flies there."""
        up: set[str] = set()
        spoken_for: set[str] = set()  # SAPIENT tells of each of its nodes itself, once it has come
        for one in self.settings:
            if one.form == "sapient":
                spoken_for |= {one.sensor, *(node.sensor for node in one.nodes)}
            elif self.hub.health[one.name].state == "up":
                up.add(one.sensor)
        now_ns, found = self.clock(), []
        for row, sensor in enumerate(self.site.sensors):
            is_up = sensor.name in up
            if self._heard.get(row) is is_up or (sensor.name in spoken_for and row in self._heard):
                continue
            self._heard[row] = is_up
            words = "its feed is up" if is_up else "no feed of it is up"
            found.append(SensorState(now_ns, now_ns, row, is_up, words))
        return tuple(found)

    def read(self, gathered: object, now_ns: int) -> Came:
        assert isinstance(gathered, list)
        self._rows = sum(one.detections.n for one in gathered)
        self._began_s = time.perf_counter()
        return Came(gathered)

    def react(self, events: tuple[Event, ...], now_ns: int) -> None:
        """Nobody is scripted here: the step is done, and says how many rows the next may take."""
        if self._rows:
            self.pace.done(self._rows, time.perf_counter() - self._began_s)
        self._rows = 0

    def health(self) -> tuple[FeedHealth, ...]:
        now_ns = self.clock()
        if now_ns - self._refreshed_ns >= NS_PER_S:
            self._refreshed_ns = now_ns
            self.hub.refresh()
        answers = {key: one for settings in self.settings for key, one in answers_for(settings)}
        return tuple(
            FeedHealth(
                h.name,
                h.state,
                h.words,
                messages=h.messages,
                detections=h.detections,
                dropped=h.dropped + h.thinned,
                last_ns=h.last_seen_ns,
                latency_s=h.latency_s,
                kind=self._kinds.get(answer.sensor, ""),
                listening=h.state == "up",
                rejected=dict(h.rejected),
                rate_hz=h.rate_hz,
                wait_s=h.wait_s,
                clock_ahead_s=h.clock_ahead_s,
                clock_corrected_s=answer.clock_ahead_s,
                captures_signalling=answer.captures_signalling,
                decodes_content=answer.decodes_content,
                legal_basis=answer.legal_basis,
                basis_recorded_by=answer.basis_recorded_by,
                content_allowed_by=answer.content_allowed_by,
            )
            for h in self.hub.health.values()
            for answer in (answers.get(h.name, UNKNOWN_FEED),)
        )

    def declare(self, recorder: Recorder) -> None:
        """Journal the feeds, and let those that capture radio run only on the basis that stands there."""
        self.desk, now_ns = BasisDesk(recorder), self.clock()
        self.settings = tuple(
            self.desk.declare(one, now_ns, "windhover.toml") for one in self.settings
        )

    def rule(self, feed: str, ruling: Callable[[BasisDesk], None]) -> None:
        """Journal a person's word on a feed, or on a node of one (`feed/sensor`); then `follow` it.

        In the core's thread. Raises `BadInput` where there is no such feed, or the word says nothing, and
        whatever the journal raises.
        """
        if self.desk is None or not any(feed in dict(answers_for(one)) for one in self.settings):
            raise BadInput(f"There is no feed {feed!r}.", "The feeds' page lists them.")
        ruling(self.desk)

    def follow(self, ruled: str) -> None:
        """What was ruled holds from now on: a feed that may not run stops, one that may begins. On the loop."""
        if self.desk is None:
            return
        self.settings = tuple(self.desk.allowed(one) for one in self.settings)
        name = ruled.partition("/")[0]
        settings = next((one for one in self.settings if one.name == name), None)
        feed = next((one for one in self.feeds if one.health.name == name), None)
        if settings is None or feed is None:
            return
        feed.follow(settings)
        task = self._tasks.get(name)
        if self._group is not None and task is not None and (task.done() or held_back(settings)):
            self._tasks[name] = self._group.create_task(_anew(task, feed))

    def connect(self) -> None:
        """Set the feeds up, on the event loop, with what the journal allows them."""
        self.feeds = feeds_of(
            self.settings, self.site.sensors, self.site.sector.vertical, self.hub, self.clock,
            self.site.sector.origin,
        )  # fmt: skip

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            for feed in self.feeds:
                self._tasks[feed.health.name] = group.create_task(feed.run())
            await asyncio.Event().wait()


async def _anew(before: asyncio.Task[None], feed: Runner) -> None:
    before.cancel()
    await asyncio.wait([before])
    await feed.run()
