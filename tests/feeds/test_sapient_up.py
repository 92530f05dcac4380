"""We as a node of somebody else's fusion, and a middleware between: over real sockets, with sapient-py."""

from __future__ import annotations

import asyncio
import socket
import time
from math import degrees, radians
from typing import Any, BinaryIO

import msgspec
import pytest
from msgspec.structs import replace
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from sapient_py import read_frame, write_frame

from tests.deliver.scene import NOW_NS, S, each_kind, frame
from tests.detections.conftest import RECEIVED_NS
from tests.detections.sapient.nodes import (
    FUSION,
    NODE,
    OBJECT,
    OTHER,
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
from tests.feeds.sapient_lines import NODES, SENSORS, Parent, client, free_port
from tests.feeds.test_live import until
from windhover.deliver.airspace import AirIncident
from windhover.deliver.outputs import Outputs, OutputSettings
from windhover.deliver.sapient import SapientOutput, SapientUpward, link
from windhover.deliver.sapient import SapientSettings as OutputOf
from windhover.detections.sapient import STRICT, Session, faults
from windhover.detections.sapient.compose import Shown
from windhover.errors import BadSite
from windhover.feeds.hub import Hub
from windhover.feeds.of_site import feeds_of
from windhover.feeds.sapient import SapientNode, SapientServer, SapientSettings
from windhover.feeds.settings import FeedSettings
from windhover.schema.place import Vertical


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
        reading = asyncio.create_task(asyncio.to_thread(parent.take, 2 + 11 + 1 + 11))
        try:
            open_now = AirIncident(
                "I1", NOW_NS, "X2", "A drone near the runway.", ((1, NOW_NS - 60 * S),)
            )
            shown = msgspec.structs.replace(
                frame(*each_kind(), exercise=True), incidents=(open_now,)
            )
            outputs.send_frame(shown)

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
    (alert,) = [one.alert for one in got if one.HasField("alert")]
    assert alert.description == "EXERCISE / EJERCICIO: I1: A drone near the runway."
    assert alert.associated_detection[0].object_id == reports[0].object_id
    began_ns = time.time_ns() - 30 * 10**9
    for one in got:
        assert faults(one, STRICT) == []
        # Of the sending, not of the night that is played: a strict peer allows 0.9 s.
        assert began_ns < one.timestamp.ToNanoseconds() <= time.time_ns()


@pytest.mark.parametrize(
    ("change", "words"),
    [({"purpose": " "}, "purpose"), ({"node_id": "7"}, "UUID"), ({"tls": {"authority": "x"}}, "x")],
)
def test_an_output_that_cannot_be_set_up_says_why(change: dict[str, Any], words: str) -> None:
    plain = {"name": "r", "purpose": "Regional picture.", "host": "127.0.0.1", "port": 1}
    with pytest.raises(BadSite, match=words):
        SapientOutput(msgspec.convert(plain | change, OutputOf))


def test_a_sensors_report_is_named_in_what_goes_up() -> None:
    """A node below, our server, our output, a parent above: the parent learns whose report it was."""
    parent = Parent()
    output = msgspec.convert(
        {"name": "r", "purpose": "Regional picture.", "host": "127.0.0.1", "port": parent.port},
        OutputOf,
    )
    thing = each_kind()[0]

    async def main() -> list[Any]:
        port = free_port()
        settings = SapientSettings("below", f"127.0.0.1:{port}", FUSION, NODES)
        server = SapientServer(settings, SENSORS, Vertical(), Hub(), lambda: NOW_NS)
        above = SapientOutput(output, lambda: NOW_NS)
        link((server,), (above, object()))
        running = [asyncio.create_task(server.run()), asyncio.create_task(above.run())]
        try:
            await until(lambda: server.health.state == "up")

            def node() -> None:
                with client(port) as line:
                    line.send(registration(NOW_NS))
                    assert line.read().registration_ack.acceptance
                    said = detection(NOW_NS)
                    said.detection_report.location.x = degrees(thing.longitude_rad)
                    said.detection_report.location.y = degrees(thing.latitude_rad)
                    line.send(said)

            await asyncio.to_thread(node)
            await until(lambda: server.hub.health["below/hill"].detections == 1)
            above.send(frame(thing))
            return await asyncio.to_thread(parent.take, 3)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            parent.socket.close()
            await asyncio.sleep(0.01)

    report = asyncio.run(main())[2].detection_report
    for one in (*report.derived_detection, *report.associated_detection):
        assert (one.node_id, one.object_id) == (NODE, OBJECT)
    assert len(report.derived_detection) == len(report.associated_detection) == 1
