"""A monitor interface that is the kernel's own: a TAP device that says it hears Wi-Fi with radiotap headers."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.test_remote_id import PACK, beacon
from tests.feeds.test_live import until, with_feed
from windhover.detections import pcap
from windhover.feeds import monitor, room
from windhover.feeds.hub import Hub
from windhover.feeds.live import Feed
from windhover.feeds.settings import FeedSettings
from windhover.schema.place import Vertical

RADIOTAP = bytes((0, 0, 8, 0, 0, 0, 0, 0))
TUNSETIFF, TUNSETLINK = 0x400454CA, 0x400454CD
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
ARPHRD_IEEE80211, ARPHRD_IEEE80211_RADIOTAP = 801, 803
NAMED = {"legal_basis": "consent of the owner", "basis_recorded_by": "Ana Ruiz"}


@contextmanager
def air(name: str, kind: int = ARPHRD_IEEE80211_RADIOTAP) -> Iterator[int]:
    """An interface of this name; what is written into the file is heard on it."""
    try:
        file = os.open("/dev/net/tun", os.O_RDWR)
    except OSError:
        pytest.skip("this process may not make interfaces")
    try:
        fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
        fcntl.ioctl(file, TUNSETLINK, kind)
        up = subprocess.run(["ip", "link", "set", name, "up"], check=False, capture_output=True)
        if up.returncode:
            pytest.skip(f"this process may not raise interfaces: {up.stderr.decode()}")
        yield file
    finally:
        os.close(file)


@pytest.fixture
def name() -> str:
    return f"mon{os.getpid() % 100_000}"


def feed_of(name: str, hub: Hub) -> Feed:
    settings = FeedSettings("air", "remote_id_pcap", "interface", name, "rid", **NAMED)  # type: ignore[arg-type]
    return Feed(
        settings, 0, make_sensor("remote_id", "rid"), Vertical(), hub,
        clock=lambda: RECEIVED_NS, back_off_s=(0.02,),
    )  # fmt: skip


def data_frame(kind: int) -> bytes:
    """What one station sends another: type 1 or 2, and something private."""
    return RADIOTAP + bytes((kind << 2, 0)) + bytes(22) + b"private"


def test_beacons_are_heard_and_nothing_that_people_send_each_other(name: str) -> None:
    with air(name) as file:
        sock, link = monitor.open_interface(name)
        with sock:
            assert link == pcap.RADIOTAP
            for kind in (1, 2, 3):
                os.write(file, data_frame(kind))
            os.write(file, b"\0\0\xff\xff" + bytes(60))  # a header longer than the frame
            os.write(file, beacon(PACK))
            sock.settimeout(5.0)
            assert sock.recv(9_000) == beacon(PACK)
            sock.setblocking(False)
            with pytest.raises(BlockingIOError):
                sock.recv(9_000)


def test_an_interface_without_radiotap_headers(name: str) -> None:
    bare = beacon(PACK)[struct.unpack_from("<H", beacon(PACK), 2)[0] :]
    with air(name, ARPHRD_IEEE80211) as file:
        sock, link = monitor.open_interface(name)
        with sock:
            assert link == pcap.IEEE802_11
            os.write(file, data_frame(2)[len(RADIOTAP) :])
            os.write(file, bare)
            sock.settimeout(5.0)
            assert sock.recv(9_000) == bare


def test_an_interface_that_goes_and_comes_again_is_heard_again(name: str) -> None:
    hub = Hub()
    health = hub.register("air")

    async def heard() -> None:
        await until(lambda: health.words != "")  # there is none yet
        for turn in (1, 2):
            with air(name) as file:
                await until(lambda: health.state == "up")
                os.write(file, beacon(PACK))
                await until(lambda turn=turn: health.detections >= turn)  # type: ignore[misc]
            await until(lambda: health.state != "up")

    asyncio.run(with_feed(feed_of(name, hub), heard))
    assert hub.take()[0].decoded.detections.claimed_id[0] != 0


def test_what_the_kernel_had_no_room_for_is_said(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ROOM", 4_096)
    hub = Hub()

    async def heard() -> None:
        with air(name) as file:
            await until(lambda: hub.health["air"].state == "up")
            for _ in range(200):  # while nobody else has a turn
                os.write(file, beacon(PACK))
            await until(lambda: hub.health["air"].thinned > 0)
            assert hub.health["air"].words.startswith("losing what does not fit")

    asyncio.run(with_feed(feed_of(name, hub), heard))
    health = hub.health["air"]
    assert health.thinned + health.detections + health.rejected["duplicate"] == 200
    assert hub.thinned(RECEIVED_NS) == ("air",)


def test_datagrams_that_found_no_room_are_said_and_a_second_of_a_radar_finds_it() -> None:
    """1,500 datagrams of 1,400 octets while nobody looks; as many as the system's rule of thumb would lose."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        room.make_roomy(sock)
        sock.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(1_500):
                sender.sendto(bytes(1_400), sock.getsockname())
            most = int(Path("/proc/sys/net/core/rmem_max").read_text())
            if sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) > 4_000_000 or most > 8 << 20:
                assert room.let_go(sock) == 0
            n = 0
            while room.let_go(sock) == 0 and n < 100_000:
                sender.sendto(bytes(1_400), sock.getsockname())
                n += 1
        assert 0 < room.let_go(sock) < 10


@pytest.mark.parametrize("fault", ["no such option", "short"])
def test_a_system_that_does_not_tell(fault: str) -> None:
    class Silent:
        def getsockopt(self, level: int, option: int, room: int) -> bytes:
            if fault == "short":
                return bytes(8)
            raise OSError(92, "Protocol not available")

        def setsockopt(self, *_: object) -> None:
            raise PermissionError

    assert room.let_go(Silent()) == 0  # type: ignore[arg-type]
    room.make_roomy(Silent())  # type: ignore[arg-type]


def test_udp_says_what_the_kernel_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "ROOM", 4_096)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    hub = Hub()
    settings = FeedSettings("plots", "plots", "udp", f"127.0.0.1:{port}", "radar")
    feed = Feed(settings, 0, make_sensor(), Vertical(), hub, clock=time.time_ns)

    async def flood() -> None:
        await until(lambda: hub.health["plots"].state == "up")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(300):
                sender.sendto(b"rubbish", ("127.0.0.1", port))
        await until(lambda: hub.health["plots"].thinned > 0)
        assert "payloads so far" in hub.health["plots"].words

    asyncio.run(with_feed(feed, flood))
    health = hub.health["plots"]
    assert health.thinned + health.rejected["not a plot line"] == 300
