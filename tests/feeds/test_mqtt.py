"""DroneScout over MQTT against a real broker (Debian's mosquitto)."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import degrees, nan, radians
from pathlib import Path

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.deliver.scene import free_port, until
from tests.detections.conftest import RECEIVED_NS, make_sensor
from windhover.detections import dronescout, odid
from windhover.detections.remote_id import Said
from windhover.errors import BadSite
from windhover.feeds import mqtt
from windhover.feeds.hub import Hub
from windhover.feeds.live import Feed
from windhover.feeds.settings import FeedSettings
from windhover.schema.place import Vertical
from windhover.schema.reports import Cooperative

SENSOR = make_sensor("remote_id", "roof")


def message(i: int) -> bytes:
    place = odid.Location(
        2, 90.0, 12.0, 0.0, 31.7 + i * 1e-4, -106.4, nan, 1290.0, 0, 40.0, 10.0, 3.0, nan, nan
    )
    said = Said(odid.BasicId(1, 2, f"1ABC{i}"), None, place)
    return dronescout.encode(said, RECEIVED_NS - 10**9, "roof", "aa:bb")


@contextmanager
def broker(
    path: str, folder: Path, port: int, more: str = "allow_anonymous true"
) -> Iterator[None]:
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\n{more}\npersistence false\n")
    with (folder / "mosquitto.log").open("ab") as log:
        server = subprocess.Popen([path, "-c", str(config)], stdout=log, stderr=log)
    try:
        yield
    finally:
        server.terminate()
        server.wait(10)


def publish(port: int, payloads: list[bytes], topic: str = "rid/roof") -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    sent = [client.publish(topic, payload, qos=1) for payload in payloads]
    for one in sent:
        one.wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def make(port: int, hub: Hub, **more: object) -> Feed:
    address = more.pop("address", f"mqtt://127.0.0.1:{port}/rid/+")
    settings = FeedSettings("scout", "dronescout", "mqtt", address, "roof", **more)  # type: ignore[arg-type]
    return Feed(settings, 0, SENSOR, Vertical(), hub, clock=lambda: RECEIVED_NS, back_off_s=(0.05,))


def test_drones_arrive_and_a_lost_broker_is_found_again(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    port, path = free_port(), program("mosquitto")

    async def main() -> None:
        hub = Hub()
        feed = make(port, hub)
        task = asyncio.create_task(feed.run())
        await until(lambda: "again in" in feed.health.words)  # nobody is there yet
        with broker(path, tmp_path, port):
            await until(lambda: feed.health.state == "up")
            await asyncio.to_thread(publish, port, [message(i) for i in range(200)] + [b"rubbish"])
            await asyncio.to_thread(publish, port, [message(999)], "other/roof")
            await until(lambda: feed.health.messages >= 201)
        await until(lambda: feed.health.state != "up")
        with broker(path, tmp_path, port):
            await until(lambda: feed.health.connections == 2, 20)
            await asyncio.to_thread(publish, port, [message(500)])
            await until(lambda: feed.health.messages >= 202)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert feed.health.state == "off"
        assert feed.health.detections == 201
        assert feed.health.dropped == 0
        assert feed.health.rejected["not a DroneScout message"] == 1
        arrivals = hub.take(1000)
        names = {
            r.identifier for a in arrivals for r in a.decoded.reports if isinstance(r, Cooperative)
        }
        assert names == {f"1ABC{i}" for i in [*range(200), 500]}
        first = arrivals[0].decoded.detections
        assert degrees(first.value[0, 0]) == pytest.approx(31.7)
        assert first.value[0, 1] == pytest.approx(radians(-106.4))

    asyncio.run(main())


def test_a_broker_that_wants_a_password(program: Callable[[str], str], tmp_path: Path) -> None:
    port = free_port()
    secret = tmp_path / "secret"
    secret.write_text("wrong\n")

    async def main() -> None:
        feed = make(
            port,
            Hub(),
            address=f"mqtt://watch@127.0.0.1:{port}/rid/+",
            password_file=str(secret),
        )
        task = asyncio.create_task(feed.run())
        await until(lambda: "refused" in feed.health.words and "uthor" in feed.health.words)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert feed.health.connections == 0

    with broker(program("mosquitto"), tmp_path, port, "allow_anonymous false"):
        asyncio.run(main())


def test_a_flood_is_bounded_and_counted() -> None:
    async def main() -> None:
        box = mqtt._Mailbox(asyncio.get_running_loop(), 100)
        for i in range(1000):
            box.put(b"%d" % i)
        box.put(bytes(mqtt.MAX_MESSAGE + 1))
        await asyncio.sleep(0)
        taken, lost = box.take()
        assert [int(one) for one in taken] == list(range(900, 1000))  # the newest are kept
        assert lost == 901
        assert box.take() == ([], 0)

    asyncio.run(main())


@pytest.mark.parametrize(
    "address",
    ["host/topic", "http://host/topic", "mqtt://host", "mqtt:///topic", "mqtt://h:x/t", "mqtt://u:p@h/t"],
)  # fmt: skip
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(BadSite):
        mqtt.parse(address)
