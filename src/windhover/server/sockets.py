"""Live frames and replays over WebSocket. The browser's cookie or a token opens them, as any route."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from windhover.errors import WindhoverError
from windhover.server.live import Client
from windhover.server.player import Player
from windhover.server.route import LOOKING, Problem, Refused, answer_of
from windhover.server.who import Who

if TYPE_CHECKING:
    from windhover.server.app import Server

Socket = Callable[[WebSocket], Awaitable[None]]
RECHECK_S: Final = 30.0
"""How soon an ended session or a removed account loses its live connection."""
REPLAYS_MAX: Final = 20


def live(server: Server) -> Socket:
    """Every tick's frame, the newest first; what the client sends is not read."""

    async def endpoint(socket: WebSocket) -> None:
        who = await _enter(server, socket)
        if who is None:
            return
        client = Client(who.name)
        server.live_of[who.name] = server.live_of.get(who.name, 0) + 1
        sender = asyncio.create_task(server.core.hub.serve(client, socket.send_bytes))
        try:
            await _until_gone(server, socket, sender)
        finally:
            server.live_of[who.name] -= 1

    return endpoint


def replay(server: Server) -> Socket:
    """A recorded stretch as frames: `?from=ISO&speed=1…60`; text commands pause, seek and change speed."""

    async def endpoint(socket: WebSocket) -> None:
        who = await _enter(server, socket)
        if who is None:
            return
        try:
            if server.replays >= REPLAYS_MAX:
                raise Refused(503, "Too many replays at one time.")
            player = Player(server.core, socket.query_params)
        except (Refused, WindhoverError) as why:
            await socket.close(4422, str(why)[:120])
            return
        server.replays += 1
        sender = asyncio.create_task(player.play(socket.send_bytes))
        try:
            await _until_gone(server, socket, sender, player.control)
        finally:
            server.replays -= 1

    return endpoint


async def _enter(server: Server, socket: WebSocket) -> Who | None:
    """Whoever may look; the handshake is refused otherwise."""
    try:
        server.door.check_host(socket)
        server.door.check_origin(socket)
        who = server.door.who(socket)
        if who is None:
            raise Refused(401, "Log in first.")
        if not who.may(*LOOKING):
            raise Refused(403, "This needs the role viewer.")
        access = server.settings.access
        if len(server.core.hub.clients) >= access.live_clients or (
            server.live_of.get(who.name, 0) >= access.live_clients_each
        ):
            raise Refused(503, "Too many live connections.")
    except Refused as why:
        await socket.send_denial_response(answer_of(Problem(why.error), why.status))
        return None
    await socket.accept()
    return who


async def _until_gone(
    server: Server,
    socket: WebSocket,
    sender: asyncio.Task[None],
    control: Callable[[str], None] | None = None,
) -> None:
    """Until the client closes, the sender ends, or the session has."""
    listener = asyncio.create_task(_listen(socket, control))
    try:
        while True:
            done, _ = await asyncio.wait(
                (sender, listener), timeout=RECHECK_S, return_when=asyncio.FIRST_COMPLETED
            )
            if done:
                break
            if server.door.who(socket) is None:
                await socket.close(4401, "the session has ended")
                break
    finally:
        for task in (sender, listener):
            task.cancel()
        for task in (sender, listener):
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError, OSError):
                await task


async def _listen(socket: WebSocket, control: Callable[[str], None] | None) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if control is not None and message.get("text"):
            control(str(message["text"])[:1000])
