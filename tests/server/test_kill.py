"""A real server, killed with -9: what it acknowledged is there, sessions hold, the picture goes on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import websockets

from windhover.record.journal import Journal
from windhover.record.verify import verify
from windhover.server import frames
from windhover.server.watch import LOG_KEPT


class Running(NamedTuple):
    process: subprocess.Popen[str]
    base: str
    link: str


@contextmanager
def serving(folder: Path) -> Iterator[Running]:
    command = ("serve", "--exercise", "el-paso", "--speed", "5", "--out", str(folder))
    with subprocess.Popen(
        [sys.executable, "-m", "windhover", *command, "--port", "0", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder.parent,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        threading.Thread(target=process.stderr.read, daemon=True).start()
        try:
            said = [json.loads(process.stdout.readline())["says"] for _ in range(2)]
            base = said[0].rpartition(" ")[2]
            yield Running(process, base, said[1].rpartition("=")[2])
        finally:
            process.kill()


def frame_of(base: str, cookie: str) -> Any:
    async def one() -> Any:
        async with websockets.connect(
            base.replace("http", "ws") + "/api/live",
            additional_headers={"Cookie": f"windhover_session={cookie}"},
        ) as socket:
            return frames.unpack(await socket.recv())[0]

    return asyncio.run(one())


def test_kill_9_loses_nothing_acknowledged_and_the_watch_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "record"
    told: list[dict[str, Any]] = []
    with serving(folder) as running, httpx.Client(base_url=running.base) as client:
        session = client.post("/api/enter", json={"token": running.link}).json()
        header = {"X-CSRF-Token": session["csrf"]}
        before = frame_of(running.base, client.cookies["windhover_session"])
        killer = threading.Timer(1.0, lambda: os.kill(running.process.pid, signal.SIGKILL))
        killer.start()
        try:
            for number in range(10_000):
                answer = client.post(
                    "/api/phone-log", json={"text": f"call {number}"}, headers=header
                )
                told.append(answer.json())
        except httpx.TransportError:
            pass
        killer.join()
        cookie = client.cookies["windhover_session"]
    assert len(told) >= 5
    with Journal.open(folder / "journal.sqlite", read_only=True) as journal:
        for answer in told:
            entry = journal.entry(answer["seq"])
            assert entry.digest.hex() == answer["head"]
        texts = [e.body.decode() for e in journal.read(kinds=("input",)) if e.type == "WriteLog"]
    assert [f'"call {n}"' in text for n, text in enumerate(texts[: len(told)])] == [True] * len(
        told
    )

    with serving(folder) as again, httpx.Client(base_url=again.base) as client:
        client.cookies.set("windhover_session", cookie)
        assert client.get("/api/session").json()["name"] == "demo operator"
        after = frame_of(again.base, cookie)
        assert after.now_ns >= before.now_ns and after.flags & frames.EXERCISE
        log = client.get("/api/picture").json()["log"]
        # The desk shows its newest; the journal above holds every one.
        assert len([entry for entry in log if entry["kind"] == "phone"]) >= min(len(told), LOG_KEPT)
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(90) in (0, -signal.SIGTERM)
    verdict = verify(folder / "journal.sqlite", folder / "archive")
    assert verdict.holds, verdict.words
    assert (folder / "journal.sqlite.seal").exists()  # it was closed in order
