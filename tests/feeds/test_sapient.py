"""Sensor nodes over real sockets, driven by sapient-py's own framing and messages in a thread of their own."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from msgspec.structs import replace

from tests.detections.conftest import RECEIVED_NS
from tests.detections.sapient.nodes import (
    FUSION,
    NODE,
    OTHER,
    alert,
    detection,
    framed,
    registration,
    seconds,
    status,
)
from tests.feeds.sapient_lines import NODES, SENSORS, client, free_port, serve
from tests.feeds.test_live import until
from windhover.detections.sapient.wire import node_uuid
from windhover.errors import BadSite
from windhover.feeds.hub import Hub
from windhover.feeds.of_site import feeds_of
from windhover.feeds.sapient import SapientNode, SapientServer, SapientSettings, plans_of
from windhover.feeds.settings import FeedSettings
from windhover.schema.place import Vertical


def test_a_node_written_with_sapient_py_does_all_it_may() -> None:
    async def then(server: SapientServer, port: int) -> None:
        def node() -> list[Any]:
            with client(port) as line:
                line.send(registration())
                answers = [line.read()]
                line.send(status(), detection(), detection(seconds(0.1)), alert())
                answers.append(line.read())
                bad = detection()
                bad.detection_report.location.ClearField("y")
                line.send(bad)
                return [*answers, line.read()]

        ack, acked, error = await asyncio.to_thread(node)
        assert ack.registration_ack.acceptance and ack.node_id == FUSION
        assert acked.alert_ack.alert_ack_status == 1
        assert error.error.error_message == [
            "detection_report.location.y: is mandatory and missing"
        ]
        await until(lambda: not server.lines)
        taken = server.hub.take()
        assert {arrival.feed for arrival in taken} == {"sapient/hill"}
        assert sum(arrival.decoded.detections.n for arrival in taken) == 2
        assert [one.what for one in server.told] == ["registered", "alert", "fault", "lost"]
        assert server.hub.health["sapient/hill"].detections == 2

    serve(then)


def test_two_nodes_at_once_keep_apart_and_one_comes_back() -> None:
    ear = SapientNode(OTHER, "ear", legal_basis="order 7", basis_recorded_by="A. Jones")

    async def then(server: SapientServer, port: int) -> None:
        def node(node_id: str, types: tuple[int, ...], n: int) -> None:
            with client(port) as line:
                line.send(registration(node_id=node_id, types=types))
                assert line.read().registration_ack.acceptance
                line.send(*(detection(seconds(i * 0.01), node_id) for i in range(n)))

        await asyncio.gather(
            asyncio.to_thread(node, NODE, (2,), 40), asyncio.to_thread(node, OTHER, (8,), 30)
        )
        await until(lambda: not server.lines)

        def back() -> None:
            with client(port) as line:
                line.send(detection(), detection())

        await asyncio.to_thread(back)
        await until(lambda: server.hub.health["sapient/hill"].detections == 42)
        assert server.hub.health["sapient/ear"].detections == 30
        assert "resumed" in [one.what for one in server.told]

    serve(then, (NODES[0], ear))


def test_the_radio_node_without_a_recorded_basis_stays_off() -> None:
    async def then(server: SapientServer, port: int) -> None:
        def node() -> Any:
            with client(port) as line:
                line.send(registration(node_id=OTHER, types=(8,)))
                return line.read()

        ack = await asyncio.to_thread(node)
        assert "named person" in ack.registration_ack.ack_response_reason[0]

    serve(then)


def test_a_task_reaches_a_sensor_and_not_an_effector() -> None:
    async def then(server: SapientServer, port: int) -> None:
        with client(port) as line, client(port) as other:
            for one, node_id, kind in ((line, NODE, 2), (other, OTHER, 14)):
                one.send(registration(node_id=node_id, types=(kind,)))
                assert (await asyncio.to_thread(one.read)).registration_ack.acceptance
            assert server.task(NODE, "look_at", (1.0, 0.1)) == ""
            got = await asyncio.to_thread(line.read)
            assert got.task.command.look_at.range_bearing.azimuth == 1.0
            assert "effector" in server.task(OTHER, "look_at", (1.0, 0.1))
            assert "no node" in server.task("nobody", "request", "Status")
            other.socket.settimeout(0.05)
            with pytest.raises(TimeoutError):
                other.socket.recv(1)

    serve(then)


def test_three_missed_intervals_close_the_socket() -> None:
    now = RECEIVED_NS

    async def then(server: SapientServer, port: int) -> None:
        nonlocal now
        with client(port) as line:
            line.send(registration(interval_s=5.0))
            await asyncio.to_thread(line.read)
            now = seconds(16)
            assert await asyncio.to_thread(line.socket.recv, 1) == b""
        await until(lambda: not server.lines)
        assert [one.what for one in server.told] == ["registered", "silent"]
        assert server.hub.health["sapient/hill"].state == "waiting"
        assert "missed" in server.hub.health["sapient/hill"].words

    serve(then, clock=lambda: now)


def test_bombs_and_silence_harm_nobody_else() -> None:
    now = RECEIVED_NS

    async def then(server: SapientServer, port: int) -> None:
        nonlocal now
        with (
            client(port) as good,
            client(port) as bomb,
            client(port) as loris,
            client(port) as rude,
        ):
            good.send(registration())
            assert (await asyncio.to_thread(good.read)).registration_ack.acceptance
            bomb.socket.sendall(b"\xff\xff\xff\x7f" + b"x" * 5000)
            assert "length" in (await asyncio.to_thread(bomb.read)).error.error_message[0]
            loris.socket.sendall(framed(registration(node_id=OTHER))[:50])
            rude.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")
            await until(lambda: any(one.session.framer.waiting for one in server.lines.values()))
            now = seconds(11)
            good.send(status(seconds(11)), detection(seconds(11)))
            await until(lambda: server.hub.health.get("sapient/hill") is not None)
            await until(lambda: server.hub.health["sapient/hill"].detections == 1)
            assert await asyncio.to_thread(loris.socket.recv, 1) == b""
            await until(lambda: len(server.lines) == 1)

    serve(then, clock=lambda: now)


def test_strangers_share_one_queue_where_they_are_let_in() -> None:
    async def main() -> None:
        port = free_port()
        hub = Hub(clock=lambda: RECEIVED_NS)
        feed = FeedSettings(
            "nodes", "sapient", "listen", f"127.0.0.1:{port}", "hill", node_id=FUSION
        )
        (server,) = feeds_of((feed,), SENSORS, Vertical(), hub, lambda: RECEIVED_NS)
        running = asyncio.create_task(server.run())
        await until(lambda: server.health.state == "up")

        def node(node_id: str) -> None:
            with client(port) as line:
                line.send(registration(node_id=node_id))
                assert line.read().registration_ack.acceptance
                line.send(detection(node_id=node_id))

        for i in range(5):
            await asyncio.to_thread(node, node_uuid(str(i)))
        await until(lambda: hub.health["nodes/strangers"].detections == 5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert set(hub.health) == {"nodes", "nodes/strangers"}
        await asyncio.sleep(0.01)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"transport": "udp"}, "'listen'"),
        ({"sensor": "moon"}, "no sensor 'moon'"),
    ],
)
def test_a_sapient_feed_that_cannot_be_set_up_is_shown(change: dict[str, Any], words: str) -> None:
    feed = FeedSettings("nodes", "sapient", "listen", "127.0.0.1:1", "", node_id=FUSION)
    hub = Hub()
    assert feeds_of((replace(feed, **change),), SENSORS, Vertical(), hub) == ()
    assert words in hub.health["nodes"].words


def test_a_sapient_feed_that_captures_stays_off_like_any_other() -> None:
    hub = Hub()
    feed = FeedSettings(
        "nodes", "sapient", "listen", "127.0.0.1:1", "", node_id=FUSION, captures_signalling=True
    )
    (server,) = feeds_of((feed,), SENSORS, Vertical(), hub)
    asyncio.run(server.run())
    assert "no named person" in hub.health["nodes"].words


def test_a_taken_port_is_shown_and_tried_again() -> None:
    async def main() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            settings = SapientSettings(
                "sapient", f"127.0.0.1:{taken.getsockname()[1]}", FUSION, NODES
            )
            server = SapientServer(settings, SENSORS, Vertical(), Hub(), back_off_s=(0.01,))
            running = asyncio.create_task(server.run())
            await until(lambda: "again in 0.01 s" in server.health.words)
            taken.close()
            await until(lambda: server.health.state == "up")
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert server.health.state == "off"

    asyncio.run(main())


def test_a_node_whose_sensor_the_site_has_not() -> None:
    settings = SapientSettings("s", "127.0.0.1:1", FUSION, (SapientNode(NODE, "moon"),))
    with pytest.raises(BadSite, match="no sensor 'moon'"):
        plans_of(settings, SENSORS)


def test_a_nodes_clock_is_corrected_while_it_is_connected() -> None:
    now = RECEIVED_NS

    async def then(server: SapientServer, port: int) -> None:
        nonlocal now
        with client(port) as line:
            line.send(registration(seconds(7_200)))
            await asyncio.to_thread(line.read)
            assert "timestamp" in (await asyncio.to_thread(line.read)).error.error_message[0]
            for i in range(1, 7):
                now = seconds(i)
                line.send(status(seconds(7_200 + i)))
                await asyncio.to_thread(line.read)
            health = server.hub.health["sapient/hill"]
            await until(lambda: health.clock.startswith("clock 2 h 00 min 00 s ahead"))
            assert server.correct_clock(NODE, 7_200.0) == ""
            assert health.clock == ""
            line.send(detection(seconds(7_206)))
            await until(lambda: health.detections == 1)
            assert "names no such" in server.correct_clock("x", 1.0)

    serve(then, clock=lambda: now)


def test_a_server_that_is_stopped_stops_though_a_line_will_not_go() -> None:
    """The time-out of the waiting for lines must not take the place of the cancellation."""

    async def main() -> None:
        port = free_port()
        feed = FeedSettings(
            "nodes", "sapient", "listen", f"127.0.0.1:{port}", "hill", node_id=FUSION
        )
        (server,) = feeds_of((feed,), SENSORS, Vertical(), Hub())
        assert isinstance(server, SapientServer)
        running = asyncio.create_task(server.run())
        await until(lambda: server.health.state == "up")

        class Stuck:
            class writer:
                class transport:
                    @staticmethod
                    def abort() -> None: ...

        server.lines[-1] = Stuck()  # type: ignore[assignment]
        running.cancel()
        done, _ = await asyncio.wait([running], timeout=5.0)
        assert done and running.cancelled() and server.health.state == "off"

    asyncio.run(main())


def test_what_was_withdrawn_is_off_and_a_reconnection_asks_again() -> None:
    async def main(port: int) -> None:
        feed = FeedSettings("nodes", "sapient", "listen", f"127.0.0.1:{port}", node_id=FUSION)
        (server,) = feeds_of((feed,), SENSORS, Vertical(), Hub())
        assert isinstance(server, SapientServer)
        server.back_off_s = (0.01,)  # the port is taken: it is tried again and again
        running = asyncio.create_task(server.run())
        await until(lambda: server.health.state == "waiting")
        server.follow(replace(feed, captures_signalling=True))
        await asyncio.wait_for(running, 5.0)
        assert server.health.state == "off" and "legal basis" in server.health.words

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        asyncio.run(main(taken.getsockname()[1]))
