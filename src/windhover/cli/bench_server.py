"""`windhover bench server`: a real server process, real WebSocket clients in another, on this machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from windhover.errors import WindhoverError

TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


def server(
    clients: Annotated[int, typer.Option(help="Live connections.", min=1)] = 100,
    tracks: Annotated[int, typer.Option(help="Objects in the picture.", min=1)] = 10_000,
    seconds: Annotated[int, typer.Option(help="How long it is measured.", min=5)] = 60,
    tracked: Annotated[
        bool, typer.Option("--tracked", help="Feed plots and track, identify and record them.")
    ] = False,
    slow: Annotated[int, typer.Option(help="Clients that read nothing.", min=0)] = 0,
    start_hours: Annotated[
        float,
        typer.Option(help="Instead: how long a start on so many hours' record takes.", min=0.0),
    ] = 0.0,
    role: Annotated[str, typer.Option(hidden=True)] = "",
    where: Annotated[str, typer.Option(hidden=True)] = "",
    json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Latency from the tick's clock to the whole frame at the client; processor time; memory growth."""
    if role == "server":
        _serve(tracks, Path(where), tracked=tracked)
        return
    if role == "clients":
        print(msgspec.json.encode(asyncio.run(_listen(where, clients, slow, seconds))).decode())
        return
    if start_hours:
        _start(start_hours, 50, as_json=json)
        return
    found = _measure(clients, tracks, seconds, slow, tracked=tracked)
    if json:
        print(msgspec.json.encode(found).decode())
        return
    what = "tracked, identified and recorded" if tracked else "shown"
    print(f"{tracks} objects {what} at 1 Hz to {clients} clients and {slow} that read nothing:")
    for name, value in found.items():
        print(f"  {name:<24} {value}")


def _start(hours: float, objects: int, *, as_json: bool) -> None:
    """Write the record, then open it in a process of its own."""
    from windhover.server import day

    with tempfile.TemporaryDirectory(prefix="windhover-bench-") as folder:
        begun_ns = time.time_ns() - round((hours + 1) * 3.6e12)
        entries = day.write(Path(folder), hours, objects, begun_ns)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        program = (
            "import sys, time; from pathlib import Path\n"
            "from windhover.server.crowd import Crowd, CrowdSource, crowd_site\n"
            "from windhover.server.watch import open_watch\n"
            "source = CrowdSource(Crowd(50)); began, used = time.monotonic(), time.process_time()\n"
            "watch = open_watch(Path(sys.argv[1]), crowd_site(), source, source.now_ns())\n"
            "watch.show(); print(time.monotonic() - began, time.process_time() - used)"
        )
        told, used = [], []
        for _ in range(3):
            copy = Path(folder) / "copy"
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("copy"))
            answer = subprocess.run(
                [sys.executable, "-c", program, str(copy)],
                capture_output=True,
                text=True,
                check=False,
            )
            if answer.returncode:
                raise WindhoverError(answer.stderr.strip().splitlines()[-1])
            took_s, used_s = map(float, answer.stdout.split())
            told.append(round(took_s, 2))
            used.append(round(used_s, 2))
            shutil.rmtree(copy)
    found = {
        "hours": hours,
        "entries": entries,
        "mib": round(size / 2**20),
        "start_s": sorted(told)[1],
        "all_three_s": told,
        "processor_s": sorted(used)[1],
    }
    if as_json:
        print(msgspec.json.encode(found).decode())
        return
    print(f"A start on {hours:g} h of record ({entries} entries, {found['mib']} MiB):")
    print(
        f"  {found['start_s']} s until the first picture, the imports not counted; three runs: {told}; "
        f"{found['processor_s']} s of it the processor's"
    )


def _measure(
    clients: int, tracks: int, seconds: int, slow: int, *, tracked: bool
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="windhover-bench-") as folder:
        options = ["--tracks", str(tracks), *(["--tracked"] if tracked else [])]
        with _self("server", folder, options) as serving:
            assert serving.stdout is not None
            try:
                said = serving.stdout.readline()
                if not said.startswith("{"):
                    raise WindhoverError("The bench's server did not start.")
                way = msgspec.json.decode(said)
                time.sleep(5.0)  # compiled, warm, tracks confirmed
                numbers = ["--clients", str(clients), "--slow", str(slow)]
                with _self(
                    "clients", f"{way['port']} {way['token']}",
                    [*numbers, "--seconds", str(seconds)],
                ) as listening:  # fmt: skip
                    time.sleep(seconds * 0.3)
                    early_s, early_b, at = _used_s(serving.pid), _held_b(serving.pid), time.time()
                    time.sleep(seconds * 0.65)
                    used_s = _used_s(serving.pid) - early_s
                    share = used_s / (time.time() - at)
                    grown_b = _held_b(serving.pid) - early_b
                    assert listening.stdout is not None
                    answer = msgspec.json.decode(listening.stdout.read())
            finally:
                serving.terminate()
                serving.wait(30)
    hours = seconds * 0.65 / 3600
    return {
        **answer,
        "server_cores": round(share, 3),
        "memory_mib": round(early_b / 2**20, 1),
        "memory_growth_mib": round(grown_b / 2**20, 2),
        "memory_growth_mib_per_h": round(grown_b / 2**20 / hours, 1),
    }


def _self(role: str, where: str, options: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "windhover", "bench", "server", "--role", role, "--where", where,
         *options],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def _used_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def _held_b(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _serve(tracks: int, folder: Path, *, tracked: bool) -> None:
    from windhover.deliver.channels import Outbox
    from windhover.server import run
    from windhover.server.accounts import Accounts
    from windhover.server.app import Server
    from windhover.server.core import Core
    from windhover.server.crowd import Crowd, CrowdSource, crowd_site, open_shown
    from windhover.server.memory import FrameMemory
    from windhover.server.metrics import Metrics
    from windhover.server.settings import AccessSettings, ServerSettings, Settings
    from windhover.server.watch import open_watch
    from windhover.server.who import Account
    from windhover.units import NS_PER_H

    settings = Settings(
        server=ServerSettings(port=0, log_level="warning"),
        access=AccessSettings(live_clients=10_000, live_clients_each=10_000),
    )
    site = crowd_site()
    # A small memory of frames: its filling must not be taken for growth.
    memory = FrameMemory(NS_PER_H, 8 << 20, True)
    core = Core(
        site, CrowdSource(Crowd(tracks)), folder, Outbox(folder / "outbox", "a@b.example", True),
        Metrics(), memory, open_watch if tracked else open_shown,
    )  # fmt: skip
    accounts = Accounts(None, time.time_ns)
    accounts.add(Account("bench", ("viewer",)), "")
    _, token = accounts.make_token("bench", "bench", ("viewer",), time.time_ns() + NS_PER_H)

    def say(words: str) -> None:
        if " at http" in words:
            port = int(words.rpartition(":")[2])
            print(msgspec.json.encode({"port": port, "token": token}).decode(), flush=True)

    run.serve(Server(settings, core, accounts, core.metrics), say)


class _Reader(asyncio.BufferedProtocol):
    """One client: shakes hands, then times the last byte of each frame. Copies nothing."""

    def __init__(self, token: str, port: int, latencies_s: list[float], *, slow: bool) -> None:
        self.hello = (
            f"GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()
        self.latencies_s, self.slow = latencies_s, slow
        self.buffer = memoryview(bytearray(1 << 20))
        self.head, self.left, self.now_ns = b"", -1, 0
        self.greeted = False
        self.frames = self.bytes = 0
        self.refused = ""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.hello)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        at = 0
        while at < nbytes:
            if self.left > 0:
                took = min(self.left, nbytes - at)
                self.left, at = self.left - took, at + took
                if not self.left:
                    self._whole()
                continue
            want = min(64, nbytes - at) if self.greeted else nbytes - at
            self.head += bytes(self.buffer[at : at + want])
            at += want - self._begin()

    def _begin(self) -> int:
        """Read what stands at the beginning; gives how many bytes of it belong to what follows."""
        if not self.greeted:
            greeting, end, rest = self.head.partition(b"\r\n\r\n")
            if not end:
                return 0
            self.greeted, self.head = True, b""
            if not greeting.startswith(b"HTTP/1.1 101"):
                self.refused = greeting.decode("latin-1").splitlines()[0]
                self.transport.close()
                return 0
            if self.slow:
                self.transport.pause_reading()
            return len(rest)
        if len(self.head) < 2:
            return 0
        opcode, short = self.head[0] & 15, self.head[1] & 127
        size = {126: 4, 127: 10}.get(short, 2)
        if len(self.head) < size + (16 if opcode == 2 else 0):
            return 0
        length = short
        if size == 4:
            length = struct.unpack_from(">H", self.head, 2)[0]
        elif size == 10:
            length = struct.unpack_from(">Q", self.head, 2)[0]
        if opcode == 2:
            self.now_ns = struct.unpack_from("<q", self.head, size + 8)[0]
        elif opcode == 9:  # a ping is answered, masked with zeros
            payload = self.head[size : size + length]
            self.transport.write(bytes([0x8A, 0x80 | len(payload), 0, 0, 0, 0]) + payload)
        back = len(self.head) - size
        self.head = b""
        self.left = length
        self.is_frame = opcode == 2
        self.bytes += length
        return back

    def _whole(self) -> None:
        if self.is_frame:
            self.latencies_s.append((time.time_ns() - self.now_ns) / 1e9)
            self.frames += 1
        self.left = -1


async def _listen(where: str, clients: int, slow: int, seconds: int) -> dict[str, Any]:
    port_text, token = where.split()
    port, loop = int(port_text), asyncio.get_running_loop()
    latencies_s: list[float] = []
    readers = []
    for number in range(clients + slow):
        reader = _Reader(token, port, latencies_s, slow=number >= clients)
        await loop.create_connection(lambda one=reader: one, "127.0.0.1", port)  # type: ignore[misc]
        readers.append(reader)
    await asyncio.sleep(2.0)
    latencies_s.clear()
    before = sum(reader.frames for reader in readers)
    bytes_before = sum(reader.bytes for reader in readers)
    await asyncio.sleep(seconds - 2.0)
    refused = [reader.refused for reader in readers if reader.refused]
    if refused or not latencies_s:
        raise WindhoverError(f"The clients got nothing: {refused[:1] or 'no frame came'}.")
    told = sorted(latencies_s)
    got = sum(reader.frames for reader in readers) - before
    moved = sum(reader.bytes for reader in readers) - bytes_before

    def at(share: float) -> float:
        return round(told[min(int(share * len(told)), len(told) - 1)] * 1e3, 1)

    return {
        "frames": got,
        "frames_wanted": clients * (seconds - 2),
        "mib_per_s": round(moved / 2**20 / (seconds - 2), 1),
        "latency_p50_ms": at(0.5),
        "latency_p95_ms": at(0.95),
        "latency_p99_ms": at(0.99),
        "latency_max_ms": at(1.0),
        "clients_cores": round(time.process_time() / seconds, 3),
    }
