"""The queues between the feeds and the picture: bounded, one per sensor, emptied in fair turns.

What a feed may cost is bounded twice. Its queue holds so many rows: what does not fit is dropped, oldest
first, because an old plot is worth less than a new one. And where decoding itself takes more time than
there is, a feed that uses more than its share is thinned before it is decoded. Both are counted and
shown; neither touches another feed.

The turns are start-time fair queuing (Goyal, Vin & Cheng 1997, "Start-time fair queuing", IEEE/ACM
Transactions on Networking 5(5)): whoever has had the fewest rows is next, and nobody saves up. So a feed
that sends no more than its share is served whole before a greedy one gets more than that, and where not all
can be served none keeps more than twice an equal share: the rest of a greedy one is thinned evenly over its
time.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np

from windhover.detections.clocks import ClockWatch
from windhover.detections.decoded import MAX_REJECT_REASONS, Decoded
from windhover.feeds.rate import Rate
from windhover.units import NS_PER_S

QUEUE_MAX: Final = 2_000
"""Arrivals of one feed that may wait."""
ROWS_MAX: Final = 50_000
"""Rows of one feed that may wait; half a second of the heaviest feed that a site is built for."""
SHARES: Final = 2
"""Where not all can be served, a feed gets no more than so many equal shares of a step."""
DECODE_SHARE: Final = 0.6
"""Share of the time that decoding may take, all feeds together, before the greedy are thinned."""
WINDOW_NS: Final = NS_PER_S
THINNED_SHOWN_NS: Final = 10 * NS_PER_S
"""A feed is called thinned for so long after the last thing it lost."""
WAITS_KEPT: Final = 2_048
_OURS: Final = ("losing ", "clock ")

Clock = Callable[[], int]


class Health(msgspec.Struct):
    """How a feed does, for people; changed in place by its task and by the hub."""

    name: str
    state: Literal["off", "connecting", "up", "waiting"] = "off"
    words: str = ""
    connections: int = 0
    messages: int = 0  # payloads decoded
    detections: int = 0
    dropped: int = 0  # decoded results that did not fit the queue
    last_seen_ns: int = 0
    latency_s: float = 0.0  # of the latest batch: reception − measurement, median
    rejected: dict[str, int] = {}
    dropped_rows: int = 0  # detections in what was dropped
    thinned: int = 0  # payloads that were never decoded, for want of time or of room in the kernel
    lost_ns: int = 0  # when it last lost anything
    rate_hz: float = 0.0  # detections a second, mean of the last ten
    wait_s: float = 0.0  # reception to picture, 99th percentile of the latest
    clock: str = ""  # what is wrong with the source's clock, in words
    clock_ahead_s: float = 0.0  # by how much, where something is


class Arrival(NamedTuple):
    """What one payload said, and when it came."""

    feed: str
    received_ns: int
    decoded: Decoded

    @property
    def cost(self) -> int:
        """Rows and reports, and one for coming at all."""
        return 1 + self.decoded.detections.n + len(self.decoded.reports)


class _Queue:
    """One feed's arrivals and its account."""

    def __init__(self, order: int) -> None:
        self.order = order
        self.waiting: deque[Arrival] = deque()
        self.cost = 0
        self.tag = 0  # rows that it has had, in the hub's virtual time
        self.clock = ClockWatch()
        self.rate = Rate()
        self.waits_s: deque[float] = deque(maxlen=WAITS_KEPT)


class Hub:
    """Fair queues of all feeds. One event loop; no locks."""

    def __init__(
        self,
        queue_max: int = QUEUE_MAX,
        rows_max: int = ROWS_MAX,
        clock: Clock = time.time_ns,
        work_clock: Clock = time.perf_counter_ns,
    ) -> None:
        self.queue_max, self.rows_max = queue_max, rows_max
        self.clock = clock
        self.queues: dict[str, _Queue] = {}
        self.health: dict[str, Health] = {}
        self.work = Share(work_clock)
        self._some = asyncio.Event()
        self._next: list[tuple[int, int, str]] = []  # a heap: tag, order of registration, name
        self._virtual = 0

    def register(self, name: str) -> Health:
        """The health of a feed; its queue is made with it."""
        if name not in self.queues:
            self.queues[name] = _Queue(len(self.queues))
        return self.health.setdefault(name, Health(name))

    def push(self, arrival: Arrival) -> None:
        """Queue what a feed decoded; the oldest of the same feed goes where there is no room."""
        health, queue = self.register(arrival.feed), self.queues[arrival.feed]
        self._note(health, queue, arrival)
        arrival = self._cut(arrival, health)
        if not queue.waiting:
            queue.tag = max(queue.tag, self._virtual)  # who was silent has nothing saved up
            heapq.heappush(self._next, (queue.tag, queue.order, arrival.feed))
        queue.waiting.append(arrival)
        queue.cost += arrival.cost
        while len(queue.waiting) > 1 and (
            len(queue.waiting) > self.queue_max or queue.cost > self.rows_max
        ):
            self._drop(health, queue, arrival.received_ns)
        self._say(health, arrival.received_ns)
        self._some.set()

    def thin(self, name: str, now_ns: int) -> bool:
        """Whether a payload that just came is to be let go undecoded; counted if it is."""
        if self.work.may(name):
            return False
        self.never_decoded(name, 1, now_ns)
        return True

    def never_decoded(self, name: str, n: int, now_ns: int) -> None:
        """So many payloads of a feed went by: for want of time, or of room before they reached us."""
        health = self.register(name)
        health.thinned += n
        health.lost_ns = now_ns
        self._say(health, now_ns)

    def take(self, at_most: int = 1_000, rows: int | None = None) -> list[Arrival]:
        """What waits, one of each sensor in turn, each paying for what its arrivals hold.

        At most so many arrivals, and no more once so many rows are taken: whoever cannot work off more
        rows than that in a step leaves the rest here, where it is dropped fairly and counted.
        """
        taken: list[Arrival] = []
        now_ns = self.clock()
        left = rows if rows is not None else 1 << 62
        if rows is not None:
            self._fit(rows, now_ns)
        while self._next and len(taken) < at_most and left > 0:
            self._virtual, order, name = heapq.heappop(self._next)
            queue = self.queues[name]
            arrival = queue.waiting.popleft()
            queue.cost -= arrival.cost
            queue.tag += arrival.cost
            left -= arrival.decoded.detections.n
            queue.waits_s.append(max(0.0, (now_ns - arrival.received_ns) / NS_PER_S))
            taken.append(arrival)
            if queue.waiting:
                heapq.heappush(self._next, (queue.tag, order, name))
        if not self._next:
            self._some.clear()
        return taken

    def _fit(self, rows: int, now_ns: int) -> None:
        """Where more waits than a step can take, no feed keeps more than its shares of one waiting.

        What goes is spread evenly over the time that waited: of a sensor that repeats itself a hundred
        times a second some looks a second are worth more than the same number in a row.
        """
        waiting = [name for _, _, name in self._next]
        if sum(self.queues[name].cost for name in waiting) <= rows:
            return
        most = SHARES * rows // len(waiting)
        for name in waiting:
            queue, health = self.queues[name], self.health[name]
            if queue.cost <= most or len(queue.waiting) == 1:
                continue
            kept: deque[Arrival] = deque()
            room, share = 0.0, most / queue.cost
            for arrival in reversed(queue.waiting):
                room += share * arrival.cost
                if not kept or room >= arrival.cost:  # the newest always stays
                    room -= arrival.cost
                    kept.appendleft(arrival)
                else:
                    self._lost(health, arrival, now_ns)
            queue.waiting = kept
            queue.cost = sum(arrival.cost for arrival in kept)

    def _drop(self, health: Health, queue: _Queue, now_ns: int) -> None:
        gone = queue.waiting.popleft()
        queue.cost -= gone.cost
        self._lost(health, gone, now_ns)

    @staticmethod
    def _lost(health: Health, gone: Arrival, now_ns: int) -> None:
        health.dropped += 1
        health.dropped_rows += gone.decoded.detections.n
        health.lost_ns = now_ns

    def waiting(self, name: str) -> int:
        """Arrivals of a feed that wait."""
        return len(self.queues[name].waiting) if name in self.queues else 0

    def refresh(self) -> None:
        """Bring the figures that are costly to keep up to date: before health is shown."""
        now_ns = self.clock()
        for name, queue in self.queues.items():
            self.health[name].rate_hz = queue.rate.per_s(now_ns)
            if queue.waits_s:
                waits_s = np.array(queue.waits_s)
                k = int(0.99 * (len(waits_s) - 1))
                self.health[name].wait_s = float(np.partition(waits_s, k)[k])

    def thinned(self, now_ns: int) -> tuple[str, ...]:
        """The feeds that are losing something now, in the order of their names."""
        return tuple(
            sorted(
                name
                for name, health in self.health.items()
                if health.lost_ns and now_ns - health.lost_ns <= THINNED_SHOWN_NS
            )
        )

    async def wait(self, timeout_s: float) -> bool:
        """Whether something waits now or came within the time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._some.wait()
        except TimeoutError:
            return False
        return True

    def _note(self, health: Health, queue: _Queue, arrival: Arrival) -> None:
        decoded = arrival.decoded
        health.messages += 1
        health.last_seen_ns = arrival.received_ns
        health.detections += decoded.detections.n
        queue.rate.note(decoded.detections.n, arrival.received_ns)
        if decoded.detections.n:
            times = np.partition(decoded.detections.time_ns, decoded.detections.n // 2)
            median_ns = int(times[decoded.detections.n // 2])
            health.latency_s = (arrival.received_ns - median_ns) / NS_PER_S
            if queue.clock.note(median_ns, arrival.received_ns):
                self._watch_clock(health, queue)
        if decoded.rejected:
            total = Counter(health.rejected)
            for reason, n in decoded.rejected.items():
                known = reason in total or len(total) < MAX_REJECT_REASONS
                total[reason if known else "other"] += n
            health.rejected = dict(total)

    def _watch_clock(self, health: Health, queue: _Queue) -> None:
        offset = queue.clock.offset()
        health.clock = offset.words if offset else ""
        health.clock_ahead_s = offset.ahead_s if offset else 0.0

    def clock_told(self, name: str, measured_ns: int, received_ns: int) -> None:
        """A time that a feed stated in something that could not be used: its clock is watched all the same."""
        health, queue = self.register(name), self.queues[name]
        queue.clock.note(measured_ns, received_ns)
        self._watch_clock(health, queue)
        self._say(health, received_ns)

    def forget_clock(self, name: str) -> None:
        """A source's clock was corrected: what was told of it before no longer holds."""
        health, queue = self.register(name), self.queues[name]
        queue.clock.forget()
        health.clock, health.clock_ahead_s = "", 0.0
        self._say(health, health.last_seen_ns)

    def _say(self, health: Health, now_ns: int) -> None:
        """What people should know of a feed that is up, where its task has nothing to say itself."""
        if health.words and not health.words.startswith(_OURS):
            return
        words = []
        if health.lost_ns and now_ns - health.lost_ns <= THINNED_SHOWN_NS:
            words.append(
                f"losing what does not fit: {health.dropped_rows:,} rows and "
                f"{health.thinned:,} payloads so far"
            )
        if health.clock:
            words.append(health.clock)
        health.words = "; ".join(words)

    def _cut(self, arrival: Arrival, health: Health) -> Arrival:
        """An arrival larger than a whole queue keeps its newest rows."""
        rows = arrival.decoded.detections
        if rows.n <= self.rows_max:
            return arrival
        newest = rows.time_ns.argsort(kind="stable")[-self.rows_max :]
        newest.sort()
        health.dropped_rows += rows.n - self.rows_max
        health.lost_ns = arrival.received_ns
        return arrival._replace(
            decoded=arrival.decoded._replace(detections=rows.take(newest)),
        )


class Share:
    """How much time each feed's decoding took in the present second, and who has had enough."""

    def __init__(self, clock: Clock = time.perf_counter_ns) -> None:
        self.clock = clock
        self._from_ns = 0
        self._used: dict[str, int] = {}
        self._asked: dict[str, int] = {}  # in the window before: who takes part

    def may(self, name: str) -> bool:
        """Whether a feed may decode now: while all together leave time, or it has not had its share."""
        self._roll()
        self._asked[name] = 1
        budget_ns = DECODE_SHARE * WINDOW_NS
        if sum(self._used.values()) < budget_ns:
            return True
        return self._used.get(name, 0) < budget_ns / max(1, len(self._asked))

    def spent(self, name: str, since_ns: int) -> None:
        """What a decoding took that began at `since_ns` of this clock."""
        self._roll()
        self._used[name] = self._used.get(name, 0) + self.clock() - since_ns

    def _roll(self) -> None:
        now_ns = self.clock()
        if now_ns - self._from_ns >= WINDOW_NS:
            self._from_ns = now_ns
            self._used, self._asked = {}, {}
