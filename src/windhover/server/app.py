"""The application: the table of routes behind the door, live sockets, the console's files."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from windhover.errors import BadInput, WindhoverError
from windhover.server import sockets, static
from windhover.server.accounts import Accounts
from windhover.server.core import Core
from windhover.server.door import Door
from windhover.server.metrics import Metrics
from windhover.server.route import Call, Problem, Refused, Route, answer_of, tagged
from windhover.server.routes import TABLE
from windhover.server.settings import Settings

log = logging.getLogger("windhover.http")

PASSWORD_CHECKS: Final = 2
"""At one time: argon2 takes 64 MiB each, and guessing must not fill the machine."""


class Server:
    """Everything that a handler may need."""

    def __init__(
        self, settings: Settings, core: Core, accounts: Accounts, metrics: Metrics
    ) -> None:
        self.settings, self.core, self.accounts, self.metrics = settings, core, accounts, metrics
        self.door = Door(settings, accounts, time.monotonic)
        self.passwords = asyncio.Semaphore(PASSWORD_CHECKS)
        self.verifying = asyncio.Lock()
        self.live_of: dict[str, int] = {}
        self.replays = 0
        self.picture: tuple[object, bytes] = (None, b"")  # the last one that was put together

    @property
    def folder(self) -> Path:
        """Where the record lies."""
        return self.core.folder


def application(server: Server) -> ASGIApp:
    """The ASGI application. It starts the watch unless that runs already, and closes the record."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if not server.core.ready:
            await server.core.start()
        try:
            yield
        finally:
            await server.core.stop()
            server.accounts.close()

    routes: list[BaseRoute] = [
        StarletteRoute(route.path, _endpoint(server, route), methods=[route.method])
        for route in TABLE
    ]
    routes += [
        WebSocketRoute("/api/live", sockets.live(server)),
        WebSocketRoute("/api/replay", sockets.replay(server)),
        StarletteRoute("/{path:path}", static.endpoint(server), methods=["GET"]),
    ]
    inner = Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _plain})
    return _Headers(inner, server.settings)


def _endpoint(server: Server, route: Route) -> Any:
    """One row of the table as Starlette wants it."""

    async def endpoint(request: Request) -> Response:
        began = time.perf_counter()
        try:
            response = await _through_the_door(server, route, request)
        except Refused as why:
            response = answer_of(Problem(why.error, why.field), why.status, why.headers)
            _note_refusal(server, route, request, why)
        except BadInput as why:
            response = answer_of(Problem(str(why)), 422)
        except WindhoverError as why:
            response = answer_of(Problem(str(why)), 503 if server.core.failed else 409)
        except Exception as why:
            log.error("fault in %s", route.name, exc_info=why)
            response = answer_of(Problem("A fault of our own; it has been logged."), 500)
        took_s = time.perf_counter() - began
        server.metrics.requests.labels(route.method, route.path, response.status_code).inc()
        server.metrics.seconds.labels(route.name).observe(took_s)
        log.debug(
            "request",
            extra={"route": route.name, "status": response.status_code, "ms": round(took_s * 1e3)},
        )
        return response

    return endpoint


def _note_refusal(server: Server, route: Route, request: Request, why: Refused) -> None:
    """Who tried what they may not, in the audit book; strangers are only counted in the figures."""
    who = server.door.who(request) if why.status == 403 else None
    if who is not None:
        server.accounts.note(who.name, f"refused {route.name}", why.error[:100])


async def _through_the_door(server: Server, route: Route, request: Request) -> Response:
    door = server.door
    door.check_host(request)
    who = door.who(request)
    door.check_rate(request, who)
    door.check_role(route, request, who)
    door.check_csrf(route, request, who)
    query = door.query(request, route.query)
    body = await door.body(request, route.body)
    if route.personal and who is not None:
        server.accounts.note(who.name, f"read {route.path}", request.url.path)
    call = Call(server, request, who, dict(request.path_params), query, body)
    answer = await route.handler(call)
    if isinstance(answer, Response):
        return answer
    if route.method != "GET" or answer is None:
        return answer_of(answer, route.status)
    encoded = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
    etag = f'"{blake2b(encoded, digest_size=12).hexdigest()}"'
    return tagged(request, encoded, etag)


async def _plain(request: Request, why: Exception) -> Response:
    assert isinstance(why, HTTPException)
    words = {404: "There is nothing here.", 405: "This address does not take that method."}
    headers = dict(why.headers or {})
    return answer_of(Problem(words.get(why.status_code, why.detail)), why.status_code, headers)


class _Headers:
    """Security headers on everything that leaves."""

    def __init__(self, inner: ASGIApp, settings: Settings) -> None:
        self.inner = inner
        own = settings.console.tiles
        origins = ["/".join(own.split("/")[:3])] if own else []
        tiles = " ".join((*origins, *settings.console.tile_origins))
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
            f"img-src 'self' data: blob: {tiles}; connect-src 'self' {tiles}; "
            "worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'; object-src 'none'"
        )
        headers = {
            "content-security-policy": " ".join(policy.split()),
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "geolocation=(), microphone=(), camera=()",
        }
        if settings.secure:
            headers["strict-transport-security"] = "max-age=31536000"
        self.headers = [(k.encode(), v.encode()) for k, v in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                own = list(message.get("headers", []))
                given = {name.lower() for name, _ in own}
                own += [one for one in self.headers if one[0] not in given]
                if b"cache-control" not in given:
                    own.append((b"cache-control", b"no-store"))
                message = {**message, "headers": own}
            await send(message)

        await self.inner(scope, receive, with_headers)
