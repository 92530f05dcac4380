"""Live feeds in, other people's outputs out: a file of a readsb becomes a track and leaves as a record."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import QUICK, House, TestClient, settings_for
from windhover.exercises.el_paso import site as el_paso_site
from windhover.record.journal import Journal
from windhover.server import run
from windhover.server.accounts import Accounts
from windhover.server.app import Server, application
from windhover.server.core import Core
from windhover.server.live_feeds import LiveFeeds
from windhover.server.metrics import Metrics

SITE = el_paso_site()
RECEIVER = next(s.name for s in SITE.sensors if s.kind == "adsb")


def aircraft(path: Path, moved_deg: float) -> None:
    """One aircraft as readsb writes it, whole or not at all."""
    body = {
        "now": time.time(),
        "messages": 1,
        "aircraft": [
            {
                "hex": "abc123", "type": "adsb_icao", "flight": "EXER1", "category": "A1",
                "lat": 31.80 + moved_deg, "lon": -106.40, "alt_geom": 9000, "alt_baro": 9000,
                "gs": 120.0, "track": 0.0, "seen": 0.1, "seen_pos": 0.1, "nic": 8, "nac_p": 9,
            }
        ],
    }  # fmt: skip
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(body))
    draft.replace(path)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(found: Callable[[], Any], step: Callable[[], None], seconds: float = 30.0) -> Any:
    for _ in range(round(seconds / 0.25)):
        if answer := found():
            return answer
        step()
        time.sleep(0.25)
    raise AssertionError("it never came")


@pytest.fixture
def port() -> int:
    return free_port()


def test_a_receivers_file_becomes_a_track_and_leaves_by_an_output(
    tmp_path: Path, port: int
) -> None:
    source_file = tmp_path / "aircraft.json"
    feeds = [
        {
            "name": "roof", "form": "aircraft_json", "transport": "file",
            "address": str(source_file), "sensor": RECEIVER, "every_s": 0.2,
        },
        {
            "name": "radio", "form": "dronescout", "transport": "file", "address": "none",
            "sensor": RECEIVER, "captures_signalling": True,
        },
        {
            "name": "nowhere", "form": "plots", "transport": "tcp", "address": "127.0.0.1:1",
            "sensor": RECEIVER,
        },
    ]  # fmt: skip
    output = {"kind": "stream", "name": "map", "purpose": "the tower's own map", "port": port}
    settings = settings_for(tmp_path / "r", feed=feeds, output=[output])
    folder = tmp_path / "r"
    source = LiveFeeds(settings.feed, SITE)
    core = Core(
        SITE, source, folder, run._channel(settings, folder, SITE), Metrics(),
        run._memory(settings, SITE), outputs=settings.output,
    )  # fmt: skip
    accounts = Accounts(folder / "accounts.sqlite", time.time_ns, hasher=QUICK)
    server = Server(settings, core, accounts, core.metrics)
    steps = iter(range(10_000))

    def fly() -> None:
        aircraft(source_file, next(steps) * 1.4e-4)

    fly()
    with TestClient(application(server), base_url="http://127.0.0.1:8410") as client:
        header = House(server, client, source.clock).token("viewer")  # type: ignore[arg-type]

        def tracks() -> Any:
            return client.get("/api/tracks", headers=header).json()["tracks"]

        until(tracks, fly)
        picture = client.get("/api/picture", headers=header).json()
        states = {feed["name"]: feed for feed in picture["feeds"]}
        assert states["roof"]["state"] == "up" and states["roof"]["detections"] > 0
        assert states["radio"]["state"] == "off" and "legal basis" in states["radio"]["words"]
        assert states["nowhere"]["state"] in ("connecting", "waiting")
        assert [(one["name"], one["purpose"]) for one in picture["outputs"]] == [
            ("map", "the tower's own map")
        ]
        with socket.create_connection(("127.0.0.1", port), 10.0) as consumer:
            consumer.settimeout(0.05)
            came = bytearray()

            def more() -> Any:
                with contextlib.suppress(TimeoutError):
                    came.extend(consumer.recv(1 << 16))
                return b"31.8" in came

            until(more, fly)
        source.hub.refresh()
        # Half a tick is the mean where ticks alone are taken; the 99th percentile would be above one.
        assert 0.0 < source.hub.health["roof"].wait_s < 1.0
    with Journal.open(folder / "journal.sqlite", read_only=True) as journal:
        marks = [entry.type for entry in journal.read(kinds=("mark",))]
        inputs = [entry.type for entry in journal.read(kinds=("input",))]
    assert marks.count("FeedDeclared") == 3
    assert marks.count("ConsumerStated") == 1 and marks.count("ConsumerEnded") == 1
    assert "Detections" in inputs
