"""What a route is: one row of the table from which the application, OpenAPI and the matrix test are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from windhover.schema.cases import Words
from windhover.server.who import Role, Who

if TYPE_CHECKING:
    from windhover.server.app import Server

Method = Literal["GET", "POST", "PATCH", "DELETE"]
PUBLIC: Final[tuple[Role, ...]] = ()
"""No account is asked for."""
LOOKING: Final[tuple[Role, ...]] = ("viewer",)
WORKING: Final[tuple[Role, ...]] = ("operator",)
DECIDING: Final[tuple[Role, ...]] = ("approver",)
PARTNERS: Final[tuple[Role, ...]] = ("partner",)
ADMIN: Final[tuple[Role, ...]] = ("admin",)
ANYONE: Final[tuple[Role, ...]] = ("viewer", "partner", "admin")


class Refused(Exception):
    """An answer other than 2xx, in one clear line."""

    def __init__(
        self, status: int, error: str, field: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status, self.error, self.field, self.headers = status, error, field, headers or {}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Every error's body."""

    error: str
    field: str = ""
    refusal: Words | None = None


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body or a query without fields."""


class Call(NamedTuple):
    """One request that has passed the door."""

    server: Server
    request: Request
    who: Who | None
    path: dict[str, str]
    query: Any
    body: Any

    @property
    def by(self) -> Who:
        """Who calls, on a route that asks for an account."""
        assert self.who is not None
        return self.who


Handler = Callable[[Call], Awaitable[Any]]


class Route(NamedTuple):
    """One row. `roles` are those that may call it, what includes them included; () = everybody."""

    method: Method
    path: str
    roles: tuple[Role, ...]
    summary: str
    handler: Handler
    answer: type[Any] | None = None  # struct of a 2xx body; None = no JSON
    body: type[Any] | None = None
    query: type[Any] | None = None
    status: int = 200
    personal: bool = False  # every reading of it is written into the audit book
    loopback: bool = False  # this machine may call it without an account
    content: str = "application/json"

    @property
    def name(self) -> str:
        """For logs, metrics and OpenAPI's operationId."""
        return f"{self.method} {self.path}"


def answer_of(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A struct as a JSON response."""
    if isinstance(value, Response):
        return value
    if value is None:
        return Response(status_code=204, headers=headers)
    body = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return Response(body, status, headers, "application/json")


def tagged(request: Request, encoded: bytes, etag: str) -> Response:
    """A body under its ETag, or 304 where the client has it."""
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    return answer_of(encoded, 200, headers)
