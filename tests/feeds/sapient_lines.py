"""Sockets for the tests of SAPIENT: a server, a node and a parent, the latter two written with sapient-py."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from sapient_py import read_frame, write_frame

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.sapient.nodes import (
    FUSION,
    NODE,
    OTHER,
    message,
)
from tests.feeds.test_live import until
from windhover.feeds.hub import Hub
from windhover.feeds.sapient import SapientNode, SapientServer, SapientSettings
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
