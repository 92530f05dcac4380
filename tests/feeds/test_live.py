"""Live feeds against real sockets on this machine: they reconnect, stay apart, and show their health."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.naive import airborne_position
from windhover.detections import beast
from windhover.detections.decoded import nothing
from windhover.feeds.hub import Arrival, Hub
from windhover.feeds.live import Feed
from windhover.feeds.of_site import feeds_of
from windhover.feeds.settings import FeedSettings, held_back
from windhover.feeds.streams import LineStream
from windhover.schema.place import Vertical

SENSOR = make_sensor("adsb", "1090")
LINE = b'{"radar":"1090","scan_end":%f,"plots":[{"t":%f,"range_m":5000.0,"azimuth_deg":1.0}]}\n'
PLOTS = LINE % (RECEIVED_NS / 1e9, RECEIVED_NS / 1e9)


def make(hub: Hub, form: str, transport: str, address: str, **more: object) -> Feed:
    settings = FeedSettings(f"{form} {transport}", form, transport, address, "1090", **more)  # type: ignore[arg-type]
    return Feed(
        settings, 2, SENSOR, Vertical(), hub, clock=lambda: RECEIVED_NS, back_off_s=(0.01, 0.02)
    )


async def until(what: Callable[[], bool], limit_s: float = 5.0) -> None:
    async with asyncio.timeout(limit_s):
        while not what():
            await asyncio.sleep(0.005)


async def with_feed(feed: Feed, then: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.create_task(feed.run())
    try:
        await then()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_beast_over_tcp_reconnects_when_the_line_is_lost() -> None:
    places = [(31.5 + 0.0008 * i, -106.8 + 0.001 * i) for i in range(20)]
    stream = beast.encode(
        [
            beast.Frame(
                i * 6_000_000,
                100,
                bytes.fromhex(airborne_position("a1b2c3", a, o, 9000, bool(i % 2))),
            )
            for i, (a, o) in enumerate(places)
        ]
    )

    async def main() -> None:
        served = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal served
            served += 1
            for at in range(0, len(stream), 37):  # in pieces that cut frames
                writer.write(stream[at : at + 37])
                await writer.drain()
                await asyncio.sleep(0)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        hub = Hub()
        feed = make(hub, "beast", "tcp", f"127.0.0.1:{port}")
        await with_feed(feed, lambda: until(lambda: served >= 3))
        assert feed.health.connections >= 3
        assert feed.health.detections >= 30
        assert sum(a.decoded.detections.n for a in hub.take(10_000)) == feed.health.detections
        server.close()

    asyncio.run(main())


def test_a_port_where_nobody_listens_is_shown_and_tried_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

    async def main() -> None:
        feed = make(Hub(), "plots", "tcp", f"127.0.0.1:{port}")
        words: set[str] = set()

        async def watch() -> None:
            await until(lambda: words.add(feed.health.words) or any("again in" in w for w in words))  # type: ignore[func-returns-value]

        await with_feed(feed, watch)
        assert any("again in 0.0" in w for w in words)
        assert feed.health.state == "off"

    asyncio.run(main())


def test_udp_and_polled_file(tmp_path: Path) -> None:
    path = tmp_path / "aircraft.json"
    plane = {"hex": "a1b2c3", "lat": 31.8, "lon": -106.4, "alt_geom": 5200, "seen_pos": 0.1}
    path.write_text(json.dumps({"now": RECEIVED_NS / 1e9, "aircraft": [plane]}))

    async def main() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        hub = Hub()
        udp = make(hub, "plots", "udp", f"127.0.0.1:{port}")
        polled = make(hub, "aircraft_json", "file", str(path), every_s=0.01)
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

        async def send() -> None:
            await until(lambda: udp.health.state == "up")
            sender.sendto(PLOTS, ("127.0.0.1", port))
            sender.sendto(b"rubbish", ("127.0.0.1", port))
            await until(lambda: udp.health.messages >= 2)
            await until(lambda: polled.health.messages >= 1)
            await asyncio.sleep(0.05)

        await with_feed(udp, lambda: with_feed(polled, send))
        sender.close()
        assert udp.health.detections == 1
        assert udp.health.rejected == {"not a plot line": 1}
        assert polled.health.messages == 1  # the same content twice is decoded once
        assert polled.health.detections == 1
        assert {a.feed for a in hub.take()} == {"plots udp", "aircraft_json file"}

    asyncio.run(main())


def test_a_file_whose_writer_has_stopped_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("windhover.feeds.live.SILENT_S", 0.05)
    path = tmp_path / "aircraft.json"
    path.write_text(json.dumps({"now": RECEIVED_NS / 1e9, "aircraft": []}))

    async def main() -> None:
        feed = make(Hub(), "aircraft_json", "file", str(path), every_s=0.01)

        async def watch() -> None:
            await until(lambda: "has its writer stopped?" in feed.health.words)
            # Nor does what it does not hear count: only a feed that is up listens.
            assert feed.health.state == "waiting" and feed.health.connections == 1
            path.write_text(json.dumps({"now": RECEIVED_NS / 1e9 + 1, "aircraft": []}))
            await until(lambda: feed.health.words == "" and feed.health.state == "up")

        await with_feed(feed, watch)

    asyncio.run(main())


def test_a_flood_starves_nobody() -> None:
    async def main() -> None:
        hub = Hub(queue_max=100)
        for i in range(10_000):
            hub.push(Arrival("flood", i, nothing("x")))
            if i % 1000 == 0:
                hub.push(Arrival("quiet", i, nothing("y")))
        taken = hub.take(20)
        assert sum(a.feed == "quiet" for a in taken) == 10
        assert hub.health["flood"].dropped == 9_900
        assert hub.health["quiet"].dropped == 0
        assert hub.health["flood"].rejected == {"x": 10_000}
        assert await hub.wait(0.1)
        while hub.take():
            pass
        assert not await hub.wait(0.01)

    asyncio.run(main())


def test_no_capture_without_a_named_person() -> None:
    settings = FeedSettings("air", "remote_id_pcap", "file", "x", "1090", captures_signalling=True)
    assert "no named person" in held_back(settings)
    assert "legal basis" in held_back(settings)

    async def main() -> None:
        hub = Hub()
        feed = Feed(settings, 0, SENSOR, Vertical(), hub)
        await feed.run()
        assert hub.health["air"].state == "off"
        assert hub.health["air"].messages == 0

    asyncio.run(main())


@pytest.mark.parametrize(
    ("form", "sensor", "words"),
    [("plots", "nobody", "no sensor 'nobody'"), ("klingon", "1090", "no form 'klingon'")],
)
def test_a_feed_that_cannot_be_set_up_is_shown(form: str, sensor: str, words: str) -> None:
    hub = Hub()
    settings = FeedSettings("bad", form, "tcp", "localhost:1", sensor)
    good = FeedSettings("good", "plots", "tcp", "localhost:1", "1090")
    assert [f.settings.name for f in feeds_of((settings, good), (SENSOR,), Vertical(), hub)] == [
        "good"
    ]
    assert words in hub.health["bad"].words


def test_a_line_without_end_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("windhover.feeds.streams.MAX_LINE", 1000)
    from windhover.detections import plots

    stream = LineStream(plots.decode, 0, SENSOR, Vertical())
    rejected = [stream.feed(b"x" * 400, 0).rejected for _ in range(4)]
    assert {"line without end": 1} in rejected
    stream.feed(b"\n", 0)
    assert stream.feed(PLOTS[:30], RECEIVED_NS).detections.n == 0
    assert stream.feed(PLOTS[30:], RECEIVED_NS).detections.n == 1
