"""Debian's dump1090-mutability at work, and a sky for it to hear."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from tests.deliver.scene import free_port
from tests.detections.naive import airborne_position, identification, velocity
from windhover.deliver.line import shut
from windhover.detections import beast


class Ports(NamedTuple):
    """Where it listens."""

    beast_in: int
    beast_out: int
    sbs_out: int
    raw_out: int


def ports() -> Ports:
    return Ports(*(free_port() for _ in range(4)))


@contextmanager
def running(path: str, folder: Path, at: Ports, *more: str) -> Iterator[None]:
    """Network only, no radio; its JSON goes to `folder`, twice a second."""
    said = [
        path, "--net-only", "--quiet", "--net-bind-address", "127.0.0.1", "--net-ri-port", "0",
        "--net-bi-port", str(at.beast_in), "--net-bo-port", str(at.beast_out), "--net-sbs-port", str(at.sbs_out),
        "--net-ro-port", str(at.raw_out), "--write-json", str(folder), "--write-json-every", "0.5", *more,
    ]  # fmt: skip
    with (folder / "dump1090.log").open("ab") as log:
        server = subprocess.Popen(said, stdout=log, stderr=log)
    try:
        yield
    finally:
        server.terminate()
        server.wait(10)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def web(folder: Path) -> Iterator[int]:
    """Its folder behind a web server, as lighttpd would have it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class Speaker:
    """A receiver that hands its frames to dump1090 over Beast, its own clock with them."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.sent: list[beast.Frame] = []
        self.ticks = beast.TICKS_PER_S

    async def say(self, frames: list[bytes], ticks: int | None = None) -> None:
        """Send them at once; `ticks` in place of the clock."""
        told = [beast.Frame(self.ticks if ticks is None else ticks, 100, frame) for frame in frames]
        self.sent += told
        self.writer.write(beast.encode(told))
        await self.writer.drain()

    async def until_heard(self, frame: bytes, heard: Callable[[], object]) -> None:
        """It looks for new connections a few times a second: what it is told before reaches nobody."""
        async with asyncio.timeout(20):
            while not heard():
                await self.say([frame])
                await self.sleep(0.1)
        await self.sleep(0.3)
        self.sent.clear()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.ticks += round(seconds * beast.TICKS_PER_S)


@asynccontextmanager
async def speaker(at: Ports) -> AsyncIterator[Speaker]:
    """Connected as soon as dump1090 listens."""
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", at.beast_in)
                break
            except OSError:
                await asyncio.sleep(0.01)
    try:
        yield Speaker(writer)
    finally:
        await shut(writer)


class Plane(NamedTuple):
    """One aircraft of the sky, and what it says."""

    address: str
    callsign: str
    category: str
    latitude_deg: float
    longitude_deg: float
    altitude_ft: int
    east_kt: int
    north_kt: int
    rate_ft_min: int

    def frames(self, passed_s: float, odd: bool) -> list[bytes]:
        """Position, velocity and name, `passed_s` after it began."""
        north_deg = self.north_kt * passed_s / 3600 / 60
        east_deg = self.east_kt * passed_s / 3600 / 60 / 0.85  # near 31.8° N
        latitude, longitude = self.latitude_deg + north_deg, self.longitude_deg + east_deg
        said = (
            airborne_position(self.address, latitude, longitude, self.altitude_ft, odd),
            velocity(self.address, self.east_kt, self.north_kt, self.rate_ft_min),
            identification(self.address, self.callsign, self.category),
        )
        return [bytes.fromhex(frame) for frame in said]


def fleet(n: int) -> list[Plane]:
    """Light aircraft, airliners, a balloon and a drone, north and south of the equator and near the date line."""
    kinds = ("A1", "A3", "A5", "A7", "B2", "B6")
    return [
        Plane(
            f"{0xA00001 + 7 * i:06x}", f"WHR{i:03d}", kinds[i % 6], 31.8 * (-1) ** i + 0.05 * i,
            (-106.4, 3.9, 179.999, -0.001)[i % 4], 1000 + 975 * i, 37 * (i % 9) - 150, 260 - 41 * (i % 11),
            64 * (i % 31) - 960,
        )
        for i in range(n)
    ]  # fmt: skip


async def speak(says: Speaker, planes: list[Plane], rounds: int) -> None:
    """Twice a second each plane says all that it has to say."""
    for k in range(rounds):
        await says.say([f for plane in planes for f in plane.frames(k / 2, bool(k % 2))])
        await says.sleep(0.5)
