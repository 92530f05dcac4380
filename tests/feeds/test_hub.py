"""Queues between feeds and picture: bounded, fair, and honest about what they let go."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.feeds.test_live import until, with_feed
from windhover.detections.clocks import ClockWatch, words_of
from windhover.detections.decoded import Decoded, nothing
from windhover.feeds.hub import THINNED_SHOWN_NS, Arrival, Hub, Share
from windhover.feeds.live import Feed
from windhover.feeds.settings import FeedSettings
from windhover.schema.batches import Detections
from windhover.schema.place import Vertical
from windhover.units import NS_PER_S


def rows(n: int, at_ns: int = RECEIVED_NS) -> Decoded:
    made = Detections.empty(n)
    made.time_ns[:] = at_ns + np.arange(n)
    return Decoded(made, (), None, {})


def hub(rows_max: int = 1_000, now_ns: int = RECEIVED_NS) -> Hub:
    return Hub(queue_max=100, rows_max=rows_max, clock=lambda: now_ns)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60)), max_size=80),
    st.integers(1, 40),
)
def test_nothing_is_lost_but_what_is_counted(pushed: list[tuple[str, int]], at_most: int) -> None:
    held = hub(rows_max=150)
    for i, (name, n) in enumerate(pushed):
        held.push(Arrival(name, RECEIVED_NS + i, rows(n)))
    for name in "abc":
        held.register(name)
    taken = []
    while some := held.take(at_most):
        assert len(some) <= at_most
        taken += some
    for name in "abc":
        mine = [a for a in taken if a.feed == name]
        health = held.health[name]
        assert len(mine) + health.dropped == health.messages
        assert sum(a.decoded.detections.n for a in mine) + health.dropped_rows == health.detections
        assert [a.received_ns for a in mine] == sorted(a.received_ns for a in mine)
        newest = [i for i, (who, _) in enumerate(pushed) if who == name][-1:]
        assert [a.received_ns - RECEIVED_NS for a in mine][-1:] == newest  # the newest stays
        assert held.waiting(name) == 0
    assert not asyncio.run(held.wait(0.001))


def test_a_sensor_at_a_hundred_times_its_rate_starves_nobody() -> None:
    """A hundred seconds; the picture takes 2,000 rows a second, one radar sends 20,000, nine send 100."""
    now = RECEIVED_NS
    held = Hub(rows_max=10_000, clock=lambda: now)
    got: dict[str, int] = {}
    worst: dict[str, float] = {}
    for second in range(100):
        now = RECEIVED_NS + second * NS_PER_S
        for _ in range(200):
            held.push(Arrival("flood", now, rows(100)))
        for k in range(9):
            for _ in range(10):
                held.push(Arrival(f"radar {k}", now, rows(10)))
        budget = 2_000
        while budget > 0 and (some := held.take(1)):
            budget -= some[0].decoded.detections.n
            name = some[0].feed
            got[name] = got.get(name, 0) + some[0].decoded.detections.n
            waited = (now - some[0].received_ns) / NS_PER_S
            worst[name] = max(worst.get(name, 0.0), waited)
    for k in range(9):
        assert got[f"radar {k}"] == 10_000
        assert held.health[f"radar {k}"].dropped == 0
        assert worst[f"radar {k}"] == 0.0
    assert got["flood"] == pytest.approx(100 * 1_100, rel=0.02)  # what the others leave
    assert held.thinned(now) == ("flood",)
    flood = held.health["flood"]
    assert flood.dropped_rows + got["flood"] + 10_000 >= flood.detections - 100
    held.refresh()
    assert flood.wait_s < 1.0  # the oldest went, so that what is left is fresh
    assert held.health["radar 3"].wait_s == 0.0
    assert held.thinned(now + THINNED_SHOWN_NS + 1) == ()


def test_large_batches_pay_for_themselves() -> None:
    held = hub(rows_max=100_000)
    for _ in range(20):
        held.push(Arrival("lidar", RECEIVED_NS, rows(639)))
    for _ in range(90):
        held.push(Arrival("radar", RECEIVED_NS, rows(9)))
    first = held.take(65)
    given_to = {name: sum(a.cost for a in first if a.feed == name) for name in ("lidar", "radar")}
    assert given_to == {"lidar": 640, "radar": 640}
    assert len(held.take(1_000)) + len(first) == 110


def test_silence_saves_nothing_up() -> None:
    held = hub(rows_max=100_000)
    held.push(Arrival("late", RECEIVED_NS, rows(0)))
    for _ in range(60):
        held.push(Arrival("steady", RECEIVED_NS, rows(9)))
    held.take(41)
    for _ in range(60):
        held.push(Arrival("late", RECEIVED_NS, rows(9)))
    names = [arrival.feed for arrival in held.take(20)]
    assert 9 <= names.count("steady") <= 11


def test_who_cannot_keep_up_gets_what_is_fresh_and_is_told_whose_rest_went() -> None:
    """Two radars of 1,000 rows a second each, a picture that takes 500: nothing comes a second late."""
    now = RECEIVED_NS
    held = Hub(clock=lambda: now)
    waits: list[float] = []
    for step in range(200):
        now = RECEIVED_NS + step * NS_PER_S // 10
        for name in "ab":
            held.push(Arrival(name, now, rows(100)))
        if step % 2:
            some = held.take(rows=100)
            waits += [(now - arrival.received_ns) / NS_PER_S for arrival in some]
    assert max(waits) < 1.0
    assert held.thinned(now) == ("a", "b")
    for name in "ab":
        health = held.health[name]
        assert health.detections == 20_000
        assert health.dropped_rows == pytest.approx(15_000, abs=1_000)
    everything = held.take()  # without a limit nothing is let go
    assert sum(arrival.decoded.detections.n for arrival in everything) > 0
    assert held.take() == []


def test_the_steady_lose_nothing_while_the_greedy_is_thinned_evenly() -> None:
    """Nine of 100 rows a step beside one of 2,500, and a picture that takes 1,500 a step."""
    now = RECEIVED_NS
    held = Hub(clock=lambda: now)
    waits: list[float] = []
    greedy_ns: list[int] = []
    for step in range(100):
        for k in range(25):
            at_ns = RECEIVED_NS + step * NS_PER_S // 4 + k * NS_PER_S // 100
            held.push(Arrival("greedy", at_ns, rows(100)))
        for k in range(9):
            held.push(Arrival(f"steady {k}", at_ns, rows(100)))
        now = RECEIVED_NS + (step + 1) * NS_PER_S // 4
        for arrival in held.take(rows=1_500):
            waits.append((now - arrival.received_ns) / NS_PER_S)
            if arrival.feed == "greedy":
                greedy_ns.append(arrival.received_ns)
    assert held.thinned(now) == ("greedy",)
    assert all(held.health[f"steady {k}"].dropped == 0 for k in range(9))
    assert not any(held.waiting(f"steady {k}") for k in range(9))
    assert max(waits) <= 0.5
    assert len(greedy_ns) >= 200  # two equal shares of a step
    apart_s = [(b - a) / NS_PER_S for a, b in itertools.pairwise(greedy_ns)]
    assert min(apart_s) >= 0.05  # not two looks of the same instant


def test_a_pause_of_the_picture_loses_nothing() -> None:
    now = RECEIVED_NS
    held = Hub(clock=lambda: now)
    for i in range(50):
        held.push(Arrival("a", RECEIVED_NS + i * NS_PER_S // 10, rows(10)))
    now = RECEIVED_NS + 60 * NS_PER_S
    assert len(held.take(rows=10_000)) == 50
    assert held.thinned(now) == ()


def test_one_batch_larger_than_the_queue_keeps_its_newest_rows() -> None:
    held = hub(rows_max=100)
    held.push(Arrival("a", RECEIVED_NS, rows(250)))
    (arrival,) = held.take()
    assert arrival.decoded.detections.time_ns.tolist() == list(
        range(RECEIVED_NS + 150, RECEIVED_NS + 250)
    )
    assert held.health["a"].dropped_rows == 150
    assert held.thinned(RECEIVED_NS) == ("a",)


def test_who_decodes_for_too_long_is_thinned_and_nobody_else() -> None:
    now = 0
    share = Share(lambda: now)

    def work(name: str, ms: int) -> bool:
        nonlocal now
        may = share.may(name)
        if may:
            began = now
            now += ms * 1_000_000
            share.spent(name, began)
        return may

    assert all(work("flood", 100) for _ in range(6))
    assert not work("flood", 100)  # 600 ms of this second
    assert work("quiet", 10)
    assert not work("flood", 100)
    assert work("quiet", 10)
    now = 2 * NS_PER_S
    assert work("flood", 100)


def test_a_thinned_payload_is_counted_and_never_decoded() -> None:
    held = hub()
    held.work.clock = lambda: 0
    held.work.may("greedy")
    held.work._used["greedy"] = NS_PER_S
    feed = Feed(
        FeedSettings("greedy", "plots", "tcp", "localhost:1", "1090"),
        0,
        make_sensor("adsb", "1090"),
        Vertical(),
        held,
        clock=lambda: RECEIVED_NS,
    )
    feed._work(b"anything", lambda payload, received_ns: pytest.fail("decoded"))
    assert feed.health.thinned == 1
    assert held.thinned(RECEIVED_NS) == ("greedy",)


def test_what_people_should_know_stands_in_the_words() -> None:
    held = hub(rows_max=100)
    health = held.register("a")
    for i in range(4):
        held.push(Arrival("a", RECEIVED_NS + i, rows(60)))
    assert health.words == "losing what does not fit: 180 rows and 0 payloads so far"
    later = RECEIVED_NS + 2 * THINNED_SHOWN_NS
    held.push(Arrival("a", later, rows(0)))
    assert health.words == ""
    for i in range(6):
        held.clock_told("a", later + (7_200 + i) * NS_PER_S, later + i * NS_PER_S)
    assert health.words.startswith("clock 2 h 00 min 00 s ahead")
    held.forget_clock("a")
    assert health.words == ""
    health.words = "the other side closed the line; again in 1 s"
    held.push(Arrival("a", later, rows(500)))
    assert health.words.startswith("the other side")


def test_reasons_of_a_hostile_feed_do_not_grow() -> None:
    held = hub()
    for i in range(1_000):
        held.push(Arrival("a", RECEIVED_NS, nothing(f"reason {i}")))
    assert len(held.health["a"].rejected) <= 201
    assert sum(held.health["a"].rejected.values()) == 1_000


@pytest.mark.parametrize(
    ("ahead_s", "words"),
    [
        (10_800.4, "clock 3 h 00 min 00 s ahead: looks like local time written as UTC"),
        (-20_700.0, "clock 5 h 45 min 00 s behind: looks like local time written as UTC"),
        (4_000.0, "clock 1 h 06 min 40 s ahead"),
        (-45.0, "clock 0 min 45 s behind"),
        (86_400.0 * 400, "clock 9600 h 00 min 00 s ahead"),
    ],
)
def test_a_wrong_clock_in_words(ahead_s: float, words: str) -> None:
    assert words_of(ahead_s) == words


@given(st.floats(-100_000.0, 100_000.0), st.lists(st.floats(0.0, 0.7), min_size=5, max_size=60))
def test_latency_is_no_clock_error(ahead_s: float, latencies_s: list[float]) -> None:
    watch = ClockWatch()
    for i, latency_s in enumerate(latencies_s):
        measured = RECEIVED_NS + i * NS_PER_S
        watch.note(measured + round(ahead_s * NS_PER_S), measured + round(latency_s * NS_PER_S))
    offset = watch.offset()
    if abs(ahead_s) < 25.0:
        assert offset is None
    elif abs(ahead_s) > 35.0:
        assert offset is not None
        assert offset.ahead_s == pytest.approx(ahead_s, abs=0.8)


def test_a_backlog_is_no_clock_error() -> None:
    watch = ClockWatch()
    for i in range(60):  # half an hour of plots, sent in a burst: the difference shrinks
        watch.note(RECEIVED_NS - (1_800 - 30 * i) * NS_PER_S, RECEIVED_NS)
    assert watch.offset() is None


LINE = b'{"radar":"1090","scan_end":%f,"plots":[{"t":%f,"range_m":5000.0,"azimuth_deg":1.0}]}\n'


@pytest.mark.parametrize("ahead_s", [10_800.0, -10_800.0])
def test_a_feeds_clock_is_shown_then_corrected_when_told(ahead_s: float) -> None:
    """Ahead or behind: rows whose times lie in the future are refused, and still tell the clock."""

    def lines() -> Iterator[bytes]:
        for i in range(12):
            at = RECEIVED_NS / 1e9 + ahead_s + i
            yield LINE % (at, at)

    async def run(told_s: float) -> tuple[Hub, list[int]]:
        now = RECEIVED_NS
        ready = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal now
            for i, line in enumerate(lines()):
                now = RECEIVED_NS + i * NS_PER_S + NS_PER_S // 5
                writer.write(line)
                await writer.drain()
                await asyncio.sleep(0.01)
            ready.set()
            await reader.read()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        held = Hub(clock=lambda: now)
        port = server.sockets[0].getsockname()[1]
        feed = Feed(
            FeedSettings("r", "plots", "tcp", f"127.0.0.1:{port}", "1090", clock_ahead_s=told_s),
            0,
            make_sensor("adsb", "1090"),
            Vertical(),
            held,
            clock=lambda: now,
        )
        await with_feed(feed, lambda: until(ready.is_set))
        server.close()
        await asyncio.sleep(0.01)
        times = [t for a in held.take() for t in a.decoded.detections.time_ns.tolist()]
        return held, times

    held, times = asyncio.run(run(0.0))
    assert held.health["r"].clock_ahead_s == pytest.approx(ahead_s, abs=2.0)
    side = "ahead" if ahead_s > 0 else "behind"
    assert held.health["r"].clock.startswith("clock 3 h 00 min 00 s " + side)
    assert bool(times) == (ahead_s < 0)  # the past is usable as it stands, the future never
    held, times = asyncio.run(run(ahead_s))
    assert held.health["r"].clock == ""
    assert len(times) == 12
    assert times[0] == pytest.approx(RECEIVED_NS, abs=1e6)


def test_a_dashboard_line_of_health_is_json() -> None:
    held = hub()
    held.push(Arrival("a", RECEIVED_NS, rows(3)))
    import msgspec

    assert json.loads(msgspec.json.encode(held.health["a"]))["detections"] == 3
