"""Replays over the real socket: the frames of the record, paced, paused, sought; marked as a replay."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.server.conftest import BASE, House, TestClient
from windhover.exercises.el_paso import night
from windhover.server import frames, run
from windhover.server.app import Server, application
from windhover.server.frames import Rows
from windhover.server.settings import ExerciseSettings, Settings
from windhover.server.sources import Exercise
from windhover.server.watch import open_watch
from windhover.timescale import to_iso
from windhover.units import NS_PER_S

SECONDS = 120


class Recorded(NamedTuple):
    server: Server
    client: Any
    header: dict[str, str]
    rows: dict[int, Rows]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("recorded")
    source = Exercise(ExerciseSettings("el-paso", seed=3), night(3))
    watch = open_watch(folder, source.night.site, source, source.night.start_ns)
    rows = {}
    for _ in range(SECONDS):
        shown = watch.step(None, (), source.now_ns())
        assert shown.rows is not None
        rows[shown.now_ns] = shown.rows
    watch.close()
    server = run.build_still(Settings(), folder)
    with TestClient(application(server), base_url=BASE) as client:
        token = run.demo_link(server.accounts)
        client.post("/api/enter", json={"token": token})
        cookie = client.cookies["windhover_session"]
        header = {"Cookie": f"windhover_session={cookie}", "Host": "127.0.0.1:8410"}
        yield Recorded(server, client, header, rows)


def listen(recorded: Recorded, query: str, n: int) -> list[tuple[frames.Header, Rows]]:
    with recorded.client.websocket_connect(
        f"/api/replay?{query}", headers=recorded.header
    ) as socket:
        return [frames.unpack(socket.receive_bytes())[:2] for _ in range(n)]


def at(recorded: Recorded, seconds: int) -> str:
    return to_iso(min(recorded.rows) + seconds * NS_PER_S)


def test_a_replay_shows_what_was_shown_and_says_that_it_is_one(recorded: Recorded) -> None:
    got = listen(recorded, f"from={at(recorded, 70)}&speed=20", 12)
    times = [head.now_ns for head, _ in got]
    assert times == sorted(times) and times[0] == min(recorded.rows) + 70 * NS_PER_S
    for head, rows in got:
        assert head.flags == frames.REPLAY | frames.EXERCISE
        shown = recorded.rows[head.now_ns]
        assert rows.track_id.tolist() == shown.track_id.tolist()
        assert rows.latitude_1e7_deg.tolist() == shown.latitude_1e7_deg.tolist()
        assert rows.status_bits.tolist() == shown.status_bits.tolist()


def test_it_stops_at_the_end_and_stays_there(recorded: Recorded) -> None:
    got = listen(recorded, f"from={at(recorded, SECONDS - 4)}&speed=60", 4)
    assert [head.now_ns for head, _ in got][-2:] == [max(recorded.rows)] * 2


def test_it_pauses_seeks_and_changes_speed(recorded: Recorded) -> None:
    with recorded.client.websocket_connect(
        f"/api/replay?from={at(recorded, 60)}&speed=1&paused=1", headers=recorded.header
    ) as socket:
        held = [frames.unpack(socket.receive_bytes())[0].now_ns for _ in range(2)]
        assert held == [min(recorded.rows) + 60 * NS_PER_S] * 2
        socket.send_text("not understood")
        socket.send_json({"seek": at(recorded, 20)})
        sought = frames.unpack(socket.receive_bytes())[0].now_ns
        while sought == held[0]:
            sought = frames.unpack(socket.receive_bytes())[0].now_ns
        assert sought == min(recorded.rows) + 20 * NS_PER_S
        socket.send_json({"speed": 60, "pause": False})
        began, moved = time.monotonic(), sought
        while moved < min(recorded.rows) + 60 * NS_PER_S and time.monotonic() - began < 20:
            moved = frames.unpack(socket.receive_bytes())[0].now_ns
        assert moved >= min(recorded.rows) + 60 * NS_PER_S


def test_before_the_record_there_is_an_empty_sky(recorded: Recorded) -> None:
    ((head, rows),) = listen(recorded, f"from={at(recorded, -600)}&speed=1", 1)
    assert rows.n == 0 and head.cold_revision == 0


@pytest.mark.parametrize(
    "query", ["", "from=yesterday", "from=2026-02-18T03:20Z&speed=0", "speed=x"]
)
def test_a_stretch_that_is_none_is_refused(query: str, recorded: Recorded) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect) as why:
        listen(recorded, query, 1)
    assert why.value.code == 4422


def test_the_api_looks_back_too(recorded: Recorded) -> None:
    when = at(recorded, 80)
    headers = {"Cookie": recorded.header["Cookie"]}
    get = recorded.client.get
    tracks = get("/api/tracks", params={"at": when}, headers=headers).json()
    shown = recorded.rows[min(recorded.rows) + 80 * NS_PER_S]
    assert [t["track_id"] for t in tracks["tracks"]] == shown.track_id.tolist()
    first = get("/api/tracks", params={"at": when, "limit": 1}, headers=headers).json()
    more = first["tracks"][0]["track_id"] if shown.n > 1 else None
    assert len(first["tracks"]) == 1 and first["next"] == more
    early = get("/api/picture", params={"at": at(recorded, 2)}, headers=headers).json()
    late = get("/api/picture", params={"at": when}, headers=headers).json()
    assert not early["friends"] and late["friends"]
    extent = get("/api/record", headers=headers).json()
    assert extent["to_ns"] == max(recorded.rows)
    track = int(shown.track_id[0])
    history = get(f"/api/tracks/{track}/history", headers=headers).json()
    assert len(history["class_probability"]) == len(history["classes"]) == 7
    lengths = {
        len(v) for k, v in history.items() if isinstance(v, list) and k.endswith(("_ns", "_s"))
    }
    assert lengths == {len(history["time_ns"])}


def test_the_wind_aloft_is_the_pictures_own_and_nothing_is_an_arrow_without_a_measurement(
    recorded: Recorded, house: House
) -> None:
    told = recorded.client.get("/api/wind", headers=recorded.header).json()
    assert [level["height_ground_m"] for level in told["levels"]] == [30.48, 152.4, 457.2]
    assert all(level["known"] for level in told["levels"])
    # The exercise's air blows with 5.6 to 8.2 m/s at the mast, more above it, and is told with its error.
    for level in told["levels"]:
        assert 1.0 < np.hypot(level["east_m_s"], level["north_m_s"]) < 16.0
        assert 0.0 < level["sigma_m_s"] < 5.0
    calm = house.client.get("/api/wind", headers=house.token("viewer")).json()
    assert not any(level["known"] for level in calm["levels"])


def test_what_drifts_is_told_with_where_it_will_be(recorded: Recorded) -> None:
    get, header = recorded.client.get, recorded.header
    shown = recorded.rows[max(recorded.rows)]
    answers = [get(f"/api/tracks/{track}", headers=header).json() for track in shown.track_id]
    for told in answers:
        drifts = told["row"]["said_motion"] == "with the air"
        assert [d["seconds"] for d in told["drift"]] == ([300.0, 600.0, 900.0] if drifts else [])
        for d in told["drift"]:
            apart = (
                d["place"]["latitude_rad"] * 6.371e6 - np.radians(told["row"]["lat_deg"]) * 6.371e6
            )
            assert apart == pytest.approx(
                told["row"]["north_m_s"] * d["seconds"], rel=0.02, abs=30.0
            )
