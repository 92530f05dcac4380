"""The clock's owner: steps the watch in one thread, off the event loop, and publishes what it says."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from windhover.deliver.channels import Channel
from windhover.deliver.outputs import Outputs, OutputSettings
from windhover.deliver.sapient import link
from windhover.errors import BadInput, WindhoverError
from windhover.feeds.basis import BasisDesk
from windhover.schema.cases import Notice
from windhover.schema.commands import Command
from windhover.schema.place import Site
from windhover.schema.reports import Delivery, Reports
from windhover.server.frames import Rows, nothing
from windhover.server.live import LiveHub, Tick
from windhover.server.live_feeds import LiveFeeds
from windhover.server.memory import FrameMemory
from windhover.server.metrics import Metrics
from windhover.server.past import ColdBook
from windhover.server.sources import LOOK_S, TICK_NS, Exercise, Source, Still
from windhover.server.watch import Cold, Shown, Watch, open_watch
from windhover.units import NS_PER_S

T = TypeVar("T")
log = logging.getLogger("windhover.core")
PUBLISH_EVERY_S: Final = 0.1
"""A running exercise at ×60 ticks more often than anybody can look."""


class Core:
    """The running watch: `start`, `command`, `ask`, `stop`. One event loop, one thread."""

    def __init__(
        self,
        site: Site,
        source: Source,
        folder: Path,
        channel: Channel,
        metrics: Metrics,
        memory: FrameMemory,
        opener: Callable[[Path, Site, Source, int], Watch] = open_watch,
        outputs: tuple[OutputSettings, ...] = (),
    ) -> None:
        self.site, self.source, self.folder = site, source, folder
        self.channel, self.metrics, self.memory, self._opener = channel, metrics, memory, opener
        self.hub = LiveHub(site.exercise)
        self.colds = ColdBook(folder, site.parties)
        self.outputs: Outputs | None = None
        self._output_settings = outputs
        self.cold = Cold()
        self.cold_revision = 0
        self.cold_ns = 0
        self.rows: Rows = nothing()
        self.now_ns = 0
        self.head = (0, "")
        self.feed_states: tuple[tuple[str, str], ...] = ()
        self.failed = ""  # why the loop stands, in words; "" = it runs
        self.ready = False
        self.started_s = 0.0
        self.started_ns = time.time_ns()  # tells one run's revisions from another's
        self._watch: Watch | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="windhover-core")
        self._post = ThreadPoolExecutor(1, thread_name_prefix="windhover-post")
        self._answers: deque[Delivery] = deque()
        self._under_way: set[asyncio.Future[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._parties = {party.id: party for party in site.parties}
        self._published_s = 0.0

    @property
    def is_still(self) -> bool:
        """Whether this is a finished record that nobody can add to."""
        return isinstance(self.source, Still)

    async def start(self) -> None:
        """Open the record, show what it holds, and begin to tick. Raises `WindhoverError`."""
        began = time.monotonic()
        self._watch = await self._in_thread(
            lambda: self._opener(self.folder, self.site, self.source, self.source.now_ns())
        )
        watch = self._watch
        self._publish(await self._in_thread(watch.show))
        if not self.is_still:
            # Journalled in `open_watch`: they run only on the basis that stands in the record.
            if isinstance(self.source, LiveFeeds):
                self.source.connect()
            self._send(await self._in_thread(watch.unsent))
        self.started_s = time.monotonic() - began
        log.info("started", extra={"seconds": round(self.started_s, 3), "head": self.head[1][:16]})
        self._tasks = await self._begin_outputs(watch)
        self.ready = True
        self._tasks += [
            asyncio.create_task(self.source.run(), name="feeds"),
            asyncio.create_task(self._run(), name="clock"),
        ]

    async def _begin_outputs(self, watch: Watch) -> list[asyncio.Task[None]]:
        """Set up who else is told. Their purposes are on the disk before their first byte leaves."""
        if not self._output_settings or self.is_still:
            return []

        def mark(now_ns: int, what: msgspec.Struct) -> None:
            self._thread.submit(watch.keeper.recorder.mark, now_ns, what)

        self.outputs = Outputs(self._output_settings, mark, "windhover.toml", self.source.now_ns)
        link(getattr(self.source, "feeds", ()), self.outputs.outputs)
        await self._in_thread(watch.keeper.flush)
        watch.has_outputs = True
        return [asyncio.create_task(self.outputs.run(), name="outputs")]

    async def stop(self) -> None:
        """Stop the clock, let letters under way arrive, close the record. Twice is once."""
        if self._watch is None:
            return
        self.ready = False
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=10.0)
        watch, self._watch = self._watch, None
        left = tuple(self._answers)
        if left and not self.failed:
            await self._in_thread(lambda: watch.obey(Reports(left), self._command_ns(watch)))
        try:
            await self._in_thread(watch.close)
            log.info("stopped", extra={"head": self.head[1][:16]})
        except WindhoverError as why:  # a full disk: what was acknowledged is on it
            log.error("the record could not be closed in order: %s", why)
        self._thread.shutdown()
        self._post.shutdown(wait=False, cancel_futures=True)

    async def command(self, command: Command | Reports) -> Shown:
        """A person's word: done, recorded and on the disk when this returns. Raises `WindhoverError`."""
        watch = self._running()
        shown = await self._in_thread(lambda: watch.obey(command, self._command_ns(watch)))
        self._publish(shown)
        self._send(shown.to_send)
        return shown

    async def rule(
        self, feed: str, ruling: Callable[[BasisDesk], None], ending: bool = False
    ) -> None:
        """A person's word on a live feed: on the disk, then obeyed; also where whoever gave it does not wait.

        `ending`: a feed can be turned off when nothing more can be recorded as well. Raises `WindhoverError`.
        """
        source = self.source
        if not isinstance(source, LiveFeeds):
            raise BadInput("An exercise has no live feeds.")
        if not ending:
            self._running()
        await asyncio.shield(self._rule(source, feed, ruling))

    async def _rule(
        self, source: LiveFeeds, feed: str, ruling: Callable[[BasisDesk], None]
    ) -> None:
        try:
            await self._in_thread(lambda: source.rule(feed, ruling))
        finally:
            source.follow(feed)

    async def ask(self, question: Callable[[Watch], T]) -> T:
        """Look at the picture between two steps; the answer must be a copy."""
        if self._watch is None:
            raise WindhoverError("The watch is not running.")
        watch = self._watch
        return await self._in_thread(lambda: question(watch))

    def _command_ns(self, watch: Watch) -> int:
        """An exercise's commands fall on its last tick; real ones on the clock."""
        return watch.keeper.picture.now_ns if self.is_paced else self.source.now_ns()

    @property
    def is_paced(self) -> bool:
        """Whether its clock is an exercise's or a record's, and not the machine's."""
        return isinstance(self.source, Exercise | Still)

    def _running(self) -> Watch:
        if self._watch is None or self.failed:
            raise WindhoverError(self.failed or "The watch is not running.")
        if self.is_still:
            raise WindhoverError("This is a finished record: nothing can be added to it.")
        return self._watch

    async def _run(self) -> None:
        """Tick for ever. What cannot be recorded stops the clock and is said; nothing is pretended."""
        loop = asyncio.get_running_loop()
        watch = self._running() if not self.is_still else None
        due = loop.time()
        while True:
            speed = self.source.speed
            skipping = isinstance(self.source, Exercise) and self.now_ns < self.source.skip_to_ns
            due = max(due + TICK_NS / NS_PER_S / speed, loop.time() - 2.0)
            if skipping:
                due = loop.time()
            elif not await self._rest(due, watch):
                return
            if watch is None:
                self._heartbeat()
                continue
            late_s = 0.0 if skipping else max(loop.time() - due, 0.0)
            began = time.perf_counter()
            waiting, delivered = self.source.gather(), self._collect()
            now_ns = self.source.now_ns()
            shown = await self._stepped(partial(watch.step, waiting, delivered, now_ns))
            if shown is None:
                return
            took_s = time.perf_counter() - began
            self.metrics.stepped(took_s, late_s, shown, self.source.health())
            self._publish(shown)
            self._send(shown.to_send)
            if self.outputs is not None and shown.air is not None:
                self.outputs.send_frame(shown.air)

    async def _rest(self, due_s: float, watch: Watch | None) -> bool:
        """Until the next tick; what live feeds bring is taken in meanwhile. False where the clock stands."""
        loop = asyncio.get_running_loop()
        while (left_s := due_s - loop.time()) > 0.0:
            if watch is None or not isinstance(self.source, LiveFeeds) or left_s < 2.0 * LOOK_S:
                await asyncio.sleep(left_s)
                break
            await asyncio.sleep(LOOK_S)
            waiting = self.source.gather()
            if not waiting:
                continue
            shown = await self._stepped(partial(watch.hear, waiting, self.source.now_ns()))
            if shown is None:
                return False
            self.metrics.plots.inc(shown.detections)
            self._publish(shown)
            self._send(shown.to_send)
        return True

    async def _stepped(self, work: Callable[[], Shown]) -> Shown | None:
        """What a step gives; None where it failed: then the clock stands, and that is said."""
        try:
            return await self._in_thread(work)
        except Exception as why:
            words = f"A fault of our own stopped the clock: {type(why).__name__}."
            self.failed = str(why) if isinstance(why, WindhoverError) else words
            self.cold_revision += 1
            log.error("the clock stands: %s", why, exc_info=why)
            return None

    def _heartbeat(self) -> None:
        """A finished record still says every second that it is there."""
        self.hub.publish(self.rows, self.now_ns, self.cold_revision)

    def _publish(self, shown: Shown) -> None:
        feeds = tuple((health.name, health.state) for health in self.source.health())
        if shown.cold != self.cold or feeds != self.feed_states:
            self.cold, self.feed_states, self.cold_ns = shown.cold, feeds, shown.now_ns
            self.cold_revision += 1
        self.now_ns, self.head = shown.now_ns, (shown.head.seq, shown.head.hex)
        if shown.rows is None or shown.chances is None:
            return
        self.rows = shown.rows
        wall_s = time.monotonic()
        tick: Tick | None = None
        if self.source.speed <= 1.0 / PUBLISH_EVERY_S or (
            wall_s - self._published_s >= PUBLISH_EVERY_S
        ):
            self._published_s = wall_s
            tick = self.hub.publish(shown.rows, shown.now_ns, self.cold_revision)
        self.memory.keep(shown.now_ns, shown.rows, shown.chances, self.cold_revision, tick)

    def _collect(self) -> tuple[Delivery, ...]:
        answers = tuple(self._answers)
        self._answers.clear()
        return answers

    def _send(self, notices: tuple[Notice, ...]) -> None:
        """Hand notices to their channel, one after the other, off the loop."""
        loop = asyncio.get_running_loop()
        for notice in notices:
            future = loop.run_in_executor(self._post, self._deliver, notice, self.now_ns)
            self._under_way.add(future)
            future.add_done_callback(self._under_way.discard)

    def _deliver(self, notice: Notice, now_ns: int) -> None:
        party = self._parties.get(notice.party)
        if party is None:
            answer = Delivery(now_ns, now_ns, notice.id, False, "no such party at this site")
        else:
            try:
                answer = self.channel.deliver(notice, party, now_ns)
            except Exception as why:  # a channel's own fault must not lose the notice
                answer = Delivery(now_ns, now_ns, notice.id, False, f"fault: {type(why).__name__}")
        self.metrics.delivered(answer.delivered)
        self._answers.append(msgspec.structs.replace(answer, journal_head=notice.journal_head))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
