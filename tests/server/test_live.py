"""Live clients: one packing for all, the newest to each, a slow one costs nobody else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.websockets import WebSocketDisconnect

from tests.server.conftest import House, house_in
from windhover.server import frames
from windhover.server.frames import COLUMNS, Rows
from windhover.server.live import Client, LiveHub


def live(client: Any, header: dict[str, str]) -> Any:
    """The live socket; the test client would else call the server by a name of its own."""
    return client.websocket_connect("/api/live", headers={**header, "Host": "127.0.0.1:8410"})


def rows_of(n: int, moved: int = 0) -> Rows:
    """n tracks, of which the first few are elsewhere."""
    columns = [np.zeros(n, np.dtype(kind)) for _, kind in COLUMNS]
    columns[0] = np.arange(1, n + 1, dtype=np.uint32)
    columns[1][:moved] = moved
    return Rows._make(columns)


def test_a_slow_client_gets_the_newest_and_the_others_miss_nothing() -> None:
    async def play() -> tuple[list[bytes], list[bytes], LiveHub, Client]:
        hub, quick, slow = LiveHub(exercise=True), list[bytes](), list[bytes]()
        gate = asyncio.Event()

        async def keep(frame: bytes) -> None:
            quick.append(frame)

        async def hold(frame: bytes) -> None:
            slow.append(frame)
            await gate.wait()

        late = Client("slow")
        tasks = [
            asyncio.create_task(hub.serve(Client("quick"), keep)),
            asyncio.create_task(hub.serve(late, hold)),
        ]
        for second in range(50):
            hub.publish(rows_of(20, second), second * 10**9, 1)
            for _ in range(3):
                await asyncio.sleep(0)
        gate.set()
        for _ in range(3):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return quick, slow, hub, late

    quick, slow, hub, late = asyncio.run(play())
    sequences = [frames.unpack(frame)[0].sequence for frame in quick]
    assert sequences == list(range(1, 51))
    assert [frames.unpack(frame)[0].sequence for frame in slow] == [1, 50]
    assert not frames.unpack(slow[1])[0].flags & frames.DELTA  # it has no frame 49 to add to
    assert late.missed == hub.dropped == 48
    assert not hub.clients


def test_what_a_client_adds_up_is_the_full_picture() -> None:
    hub = LiveHub(exercise=False)
    rng = np.random.default_rng(4)
    held: Rows | None = None
    deltas = 0
    for second in range(60):
        rows = rows_of(int(rng.integers(30, 40)), int(rng.integers(0, 30)))
        tick = hub.publish(rows, second * 10**9, 1)
        frame = tick.delta if tick.delta is not None and held is not None else tick.full
        head, changed, removed = frames.unpack(frame)
        if head.flags & frames.DELTA and held is not None:
            deltas += 1
            assert len(frame) < len(tick.full)
            held = frames.patched(held, changed, removed, 0.0)
        else:
            held = changed
        assert all(a.tobytes() == b.tobytes() for a, b in zip(held, rows, strict=True))
    assert deltas > 10


def test_a_socket_needs_an_account_that_may_look(house: House) -> None:
    client = house.client
    for header in (
        {},
        {"Authorization": "Bearer wh_no"},
        house.token("partner"),
        house.token("admin"),
    ):
        with (
            pytest.raises(WebSocketDisconnect),
            live(client, header),
        ):
            pass
    foreign = {**house.token("viewer"), "Origin": "https://elsewhere.example"}
    with (
        pytest.raises(WebSocketDisconnect),
        live(client, foreign),
    ):
        pass
    with live(client, house.token("viewer")) as socket:
        head, _, _ = frames.unpack(socket.receive_bytes())
        assert head.flags & frames.EXERCISE and not head.flags & frames.DELTA


def test_nobody_takes_all_the_sockets(tmp_path: Path) -> None:
    with house_in(tmp_path, access={"live_clients_each": 1}) as house:
        one, other = house.token("viewer"), house.token("operator")
        with live(house.client, one) as socket:
            socket.receive_bytes()
            with (
                pytest.raises(WebSocketDisconnect),
                live(house.client, one),
            ):
                pass
            with live(house.client, other) as second:
                second.receive_bytes()
