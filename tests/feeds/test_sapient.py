"""Sensor nodes over real sockets, driven by sapient-py's own framing and messages in a thread of their own."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from math import radians
from typing import Any, BinaryIO

import msgspec
import pytest
from msgspec.structs import replace
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from sapient_py import read_frame, write_frame

from tests.deliver.scene import NOW_NS, each_kind, frame
from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.sapient.nodes import (
    FUSION,
    NODE,
    OTHER,
    alert,
    detection,
    framed,
    message,
    registration,
    registry,
    seconds,
    status,
)
from tests.detections.sapient.test_tasks import task
from tests.detections.sapient.test_upward import SETTINGS, picture
from tests.feeds.test_live import until
from windhover.deliver.outputs import Outputs, OutputSettings
from windhover.deliver.sapient import SapientOutput, SapientUpward
from windhover.deliver.sapient import SapientSettings as OutputOf
from windhover.detections.sapient import STRICT, Session, faults
from windhover.detections.sapient.compose import Shown
from windhover.detections.sapient.wire import node_uuid
from windhover.errors import BadSite
from windhover.feeds.hub import Hub
from windhover.feeds.live import FeedSettings, feeds_of
from windhover.feeds.sapient import SapientNode, SapientServer, SapientSettings, plans_of
from windhover.schema.place import Vertical

SENSORS = (make_sensor("radar_3d", "hill"), make_sensor("rf", "ear"))
NODES = (SapientNode(NODE, "hill"), SapientNode(OTHER, "ear"))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Client:
    """A node as sapient-py's documentation writes one: a blocking socket, `write_frame`, `read_frame`."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 5.0)
        self.file: Any = self.socket.makefile("rwb")

    def send(self, *messages: Any) -> None:
        for one in messages:
            write_frame(self.file, one)
        self.file.flush()

    def read(self) -> Any:
        return read_frame(self.file, SapientMessage)

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def serve(
    then: Callable[[SapientServer, int], Awaitable[None]],
    nodes: tuple[SapientNode, ...] = NODES,
    clock: Callable[[], int] = lambda: RECEIVED_NS,
) -> SapientServer:
    """A server on a free port while `then` runs."""

    async def main() -> SapientServer:
        port = free_port()
        settings = SapientSettings("sapient", f"127.0.0.1:{port}", FUSION, nodes)
        server = SapientServer(
            settings, SENSORS, Vertical(), Hub(clock=clock), clock, back_off_s=(0.02,)
        )
        running = asyncio.create_task(server.run())
        try:
            await until(lambda: server.health.state == "up")
            await then(server, port)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await asyncio.sleep(0.01)
        return server

    return asyncio.run(main())


@contextmanager
def client(port: int) -> Iterator[Client]:
    made = Client(port)
    try:
        yield made
    finally:
        made.close()


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
        ({"captures_signalling": True}, "no named person"),
    ],
)
def test_a_sapient_feed_that_cannot_be_set_up_is_shown(change: dict[str, Any], words: str) -> None:
    feed = FeedSettings("nodes", "sapient", "listen", "127.0.0.1:1", "", node_id=FUSION)
    hub = Hub()
    assert feeds_of((replace(feed, **change),), SENSORS, Vertical(), hub) == ()
    assert words in hub.health["nodes"].words


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


class Parent:
    """Somebody else's fusion: reads frames with sapient-py, acknowledges, and asks for things."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def take(self, n: int, ask: tuple[Any, ...] = ()) -> list[Any]:
        line, _ = self.socket.accept()
        line.settimeout(5.0)
        with line, line.makefile("rwb") as raw:
            file: BinaryIO = raw  # type: ignore[assignment]
            got = [read_frame(file, SapientMessage)]
            ack = message(RECEIVED_NS, OTHER)
            ack.destination_id, ack.registration_ack.acceptance = got[0].node_id, True
            write_frame(file, ack)
            for one in ask:
                write_frame(file, one)
            file.flush()
            while len(got) < n:
                got.append(read_frame(file, SapientMessage))
        return got


def test_upward_over_a_real_socket_with_reconnection_and_tasks() -> None:
    ask = message(RECEIVED_NS, OTHER)
    ask.task.CopyFrom(task("move_to"))
    ask.task.command.move_to.locations.add(x=1.0, y=1.0, coordinate_system=1, datum=1)

    async def main() -> None:
        parent = Parent()
        now = RECEIVED_NS

        def clock() -> int:
            nonlocal now
            now += 100_000_000
            return now

        def shown() -> Shown:
            return picture(2)

        up = SapientUpward(
            SETTINGS, "127.0.0.1", parent.port, "regional picture", shown, clock, (0.01,)
        )
        running = asyncio.create_task(up.run())
        try:
            got = await asyncio.to_thread(parent.take, 6, (ask,))
            again = await asyncio.to_thread(parent.take, 4)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            parent.socket.close()
        kinds = [one.WhichOneof("content") for one in got]
        assert kinds[:2] == ["registration", "status_report"]
        (refused,) = [one for one in got if one.HasField("task_ack")]
        assert refused.task_ack.task_status == 2
        assert "moved" in refused.task_ack.reason[0]
        rounds = [one for one in got if one.HasField("detection_report")]
        assert len({one.detection_report.object_id for one in rounds}) == 2
        assert len({one.timestamp.ToNanoseconds() for one in rounds[:2]}) == 1
        assert rounds[0].detection_report.location.y == pytest.approx(31.8, abs=0.01)
        assert again[0].HasField("registration")
        assert up.health.connections >= 2 and up.health.sent >= 2

    asyncio.run(main())


def test_without_a_stated_purpose_nothing_leaves() -> None:
    up = SapientUpward(SETTINGS, "127.0.0.1", 1, " ", lambda: None)
    asyncio.run(up.run())
    assert "no purpose" in up.health.words
    assert radians(31.8) == SETTINGS.place.latitude_rad


def test_one_windhover_below_another_over_a_strict_line() -> None:
    """Real clocks and sockets: the lower one's tracks become the upper one's detections, none refused."""
    node = SapientNode(SETTINGS.node_id, "hill")

    async def main() -> None:
        port = free_port()
        settings = SapientSettings("upper", f"127.0.0.1:{port}", FUSION, (node,), STRICT)
        hub = Hub()
        server = SapientServer(settings, SENSORS, Vertical(), hub)
        up = SapientUpward(
            replace(SETTINGS, period_s=0.2),
            "127.0.0.1",
            port,
            "regional picture",
            lambda: picture(5, at=(time.time_ns() - RECEIVED_NS) / 1e9),
            back_off_s=(0.05,),
        )
        tasks = [asyncio.create_task(server.run()), asyncio.create_task(up.run())]
        try:
            await until(lambda: "upper/hill" in hub.health)
            await until(lambda: hub.health["upper/hill"].detections >= 15)
            assert server.task(SETTINGS.node_id, "detection_report_rate", 1) == ""
            await until(lambda: any("task taken" in one.words for one in up.told))
            await until(lambda: any("accepted" in one.words for one in server.told))
        finally:
            for task in reversed(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0.01)
        assert hub.health["upper/hill"].rejected == {}
        assert not [one for one in (*server.told, *up.told) if one.what == "fault"]

    asyncio.run(main())


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


def test_a_middleware_carries_many_nodes_on_one_line_that_we_open() -> None:
    """As middlewares do: registrations of long ago are repeated to whoever connects; replies go by address."""
    nodes = (NODES[0], SapientNode(OTHER, "ear", legal_basis="order 7", basis_recorded_by="A. J."))
    listening = socket.create_server(("127.0.0.1", 0))
    seen: list[Any] = []

    def middleware() -> None:
        line, _ = listening.accept()
        line.settimeout(5.0)
        with line, line.makefile("rwb") as raw:
            file: BinaryIO = raw  # type: ignore[assignment]
            write_frame(file, registration(seconds(-900)))
            write_frame(file, registration(seconds(-800), OTHER, types=(8,)))
            write_frame(file, status(seconds(-700)))
            for i in range(3):
                write_frame(file, detection(seconds(0.1 * i)))
                write_frame(file, detection(seconds(0.1 * i), OTHER))
            write_frame(file, status(RECEIVED_NS, 5, OTHER))  # goodbye of one is not the other's
            write_frame(file, detection(seconds(0.5)))
            write_frame(file, detection(seconds(0.5), OTHER))
            file.flush()
            seen.extend(read_frame(file, SapientMessage) for _ in range(4))

    async def main() -> None:
        hub = Hub(clock=lambda: RECEIVED_NS)
        feed = FeedSettings(
            "apex", "sapient", "tcp", f"127.0.0.1:{listening.getsockname()[1]}", "",
            node_id=FUSION, nodes=nodes,
        )  # fmt: skip
        (server,) = feeds_of((feed,), SENSORS, Vertical(), hub, lambda: RECEIVED_NS)
        assert isinstance(server, SapientServer)
        running = asyncio.create_task(server.run())
        talking = asyncio.create_task(asyncio.to_thread(middleware))
        try:
            await until(lambda: "apex/hill" in hub.health)
            await until(lambda: hub.health["apex/hill"].detections == 4)
            assert hub.health["apex/ear"].detections == 3
            assert server.task(NODE, "request", "Status") == ""
            await talking
            assert "no node" in server.task(OTHER, "request", "Status")
            await until(lambda: "closed the line; again" in server.health.words)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            listening.close()
        assert hub.health["apex"].rejected == {"fault in registration": 1}

    asyncio.run(main())
    kinds = [(one.WhichOneof("content"), one.destination_id) for one in seen]
    assert kinds == [
        ("registration_ack", NODE),
        ("registration_ack", OTHER),
        ("error", OTHER),
        ("task", NODE),
    ]


def test_one_silent_node_behind_a_middleware_does_not_close_the_line() -> None:
    held = registry()
    held.plans[OTHER] = held.plans[NODE]
    line = Session(held, RECEIVED_NS, shared=True)
    line.receive(framed(registration(), registration(node_id=OTHER)), RECEIVED_NS)
    line.receive(framed(status(seconds(14))), seconds(14))
    outcome = line.tick(seconds(16))
    assert outcome.close == ""
    assert [(one.what, one.node_id) for one in outcome.told] == [("silent", OTHER)]
    back = line.receive(framed(detection(seconds(17), OTHER), detection(seconds(17))), seconds(17))
    assert back.decoded.detections.n == 2
    assert [one.what for one in back.told] == ["resumed"]
    lost = line.lost(seconds(18))
    assert sorted(one.node_id for one in lost.told) == sorted([NODE, OTHER])


def test_as_an_output_of_the_site_in_an_exercise() -> None:
    """Settings, purpose, marks and health as of any other output; a picture that stands still is not told."""
    parent = Parent()
    tree = {
        "kind": "sapient", "name": "region", "purpose": "Regional air picture.",
        "host": "127.0.0.1", "port": parent.port, "every_s": 0.2,
    }  # fmt: skip
    settings = msgspec.convert([tree], tuple[OutputSettings, ...])
    marks: list[Any] = []
    now = [NOW_NS]

    async def main() -> tuple[list[Any], Any]:
        outputs = Outputs(settings, lambda _, mark: marks.append(mark), "engineer", lambda: now[0])
        running = asyncio.create_task(outputs.run())
        reading = asyncio.create_task(asyncio.to_thread(parent.take, 2 + 11 + 11))
        try:
            outputs.send_frame(frame(*each_kind(), exercise=True))

            async def pass_time() -> None:
                while not reading.done():
                    # Slowly until a round was told; then so far that the picture is an old one.
                    told = outputs.health[0].sent >= 11
                    now[0] += 11_000_000_000 if told else 50_000_000
                    await asyncio.sleep(0.05)

            await pass_time()
            return await reading, outputs.health[0]
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            parent.socket.close()

    got, health = asyncio.run(main())
    assert health.sent >= 11 and health.state == "off"
    assert [mark.purpose for mark in marks[:1]] == ["Regional air picture."]
    assert got[0].registration.name == "EXERCISE / EJERCICIO: Windhover El Paso"
    assert all(one.additional_information == "EXERCISE / EJERCICIO" for one in got)
    reports = [one.detection_report for one in got if one.HasField("detection_report")]
    assert {one.id for one in reports} >= {"MEDEVAC1", "1ABC"}
    assert reports[0].location.y == pytest.approx(31.801, abs=1e-4)
    unknown_height = [one for one in reports[:11] if not one.location.HasField("z")]
    assert len(unknown_height) == 1
    assert {one.state for one in reports[-5:]} == {"lost"}
    for one in got:
        assert faults(one, STRICT) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [({"purpose": " "}, "purpose"), ({"node_id": "7"}, "UUID"), ({"tls": {"authority": "x"}}, "x")],
)
def test_an_output_that_cannot_be_set_up_says_why(change: dict[str, Any], words: str) -> None:
    plain = {"name": "r", "purpose": "Regional picture.", "host": "127.0.0.1", "port": 1}
    with pytest.raises(BadSite, match=words):
        SapientOutput(msgspec.convert(plain | change, OutputOf))
