"""The door: who is it, may they, how often, and did the request come from our own page."""

from __future__ import annotations

import hmac
import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import msgspec
from starlette.requests import HTTPConnection, Request

from windhover.server.accounts import Accounts
from windhover.server.route import Refused, Route
from windhover.server.settings import AccessSettings, Settings
from windhover.server.who import Who

COOKIE: Final = "windhover_session"
HOST_COOKIE: Final = f"__Host-{COOKIE}"
"""A browser takes it only over TLS, from this very host and for all of its paths (draft-ietf-httpbis-rfc6265bis, §4.1.3.2)."""
CSRF_HEADER: Final = "x-csrf-token"
UNSAFE: Final = ("POST", "PUT", "PATCH", "DELETE")
KEYS_KEPT: Final = 10_000


class Bucket:
    """So many per period for each key, refilled steadily (a token bucket); bounded in keys."""

    def __init__(self, amount: float, period_s: float, clock_s: Callable[[], float]) -> None:
        self.amount, self.rate, self.clock_s = amount, amount / period_s, clock_s
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def left(self, key: str) -> float:
        """How many this key has now."""
        now = self.clock_s()
        left, then = self._left.get(key, (self.amount, now))
        return min(self.amount, left + (now - then) * self.rate)

    def take(self, key: str) -> bool:
        """Use one up; False where there is none."""
        left = self.left(key)
        if left < 1.0:
            return False
        self._left[key] = (left - 1.0, self.clock_s())
        self._left.move_to_end(key)
        while len(self._left) > KEYS_KEPT:
            self._left.popitem(last=False)
        return True

    def wait_s(self, key: str) -> int:
        """Seconds until there is one again."""
        return max(1, round((1.0 - self.left(key)) / self.rate + 0.5))


class LoginLimit:
    """Wrong passwords: few per name and address, more per address, and a name cannot be locked from afar easily."""

    def __init__(self, access: AccessSettings, clock_s: Callable[[], float]) -> None:
        n, period_s = access.login_attempts, access.login_window_minutes * 60.0
        self.both = Bucket(n, period_s, clock_s)
        self.address = Bucket(4 * n, period_s, clock_s)
        self.name = Bucket(20 * n, period_s, clock_s)

    def check(self, name: str, address: str) -> None:
        """Raises `Refused` where there have been too many."""
        for bucket, key in self._of(name, address):
            if bucket.left(key) < 1.0:
                wait_s = bucket.wait_s(key)
                raise Refused(
                    429, "Too many wrong passwords: wait.", headers={"Retry-After": str(wait_s)}
                )

    def failed(self, name: str, address: str) -> None:
        for bucket, key in self._of(name, address):
            bucket.take(key)

    def _of(self, name: str, address: str) -> tuple[tuple[Bucket, str], ...]:
        return (self.both, f"{name}\n{address}"), (self.address, address), (self.name, name)


class Door:
    """Checks of every request, in their order."""

    def __init__(
        self, settings: Settings, accounts: Accounts, clock_s: Callable[[], float]
    ) -> None:
        self.settings, self.accounts = settings, accounts
        self.cookie = HOST_COOKIE if settings.secure else COOKIE
        self.logins = LoginLimit(settings.access, clock_s)
        self.requests = Bucket(settings.access.requests_per_minute, 60.0, clock_s)
        self.names = {"localhost", "127.0.0.1", "[::1]", *settings.server.names}
        if settings.server.host not in ("0.0.0.0", "::"):
            self.names.add(settings.server.host)

    def who(self, connection: HTTPConnection) -> Who | None:
        """Whose session or token came with it."""
        header = connection.headers.get("authorization", "")
        if header:
            scheme, _, secret = header.partition(" ")
            return self.accounts.by_token(secret) if scheme.lower() == "bearer" else None
        cookie = connection.cookies.get(self.cookie, "")
        return self.accounts.by_session(cookie) if cookie else None

    def check_host(self, connection: HTTPConnection) -> None:
        """Only names it is known by: a foreign name that leads here (DNS rebinding) is refused."""
        host = connection.headers.get("host", "").lower()
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if name not in self.names:
            raise Refused(421, "This server is not known by that name: set [server] names.")

    def check_origin(self, connection: HTTPConnection) -> None:
        """A browser's page of another origin may not act here."""
        origin = connection.headers.get("origin")
        if (
            origin is not None
            and urlsplit(origin).netloc.lower() != connection.headers.get("host", "").lower()
        ):
            raise Refused(403, "This came from another site's page.")

    def check_rate(self, connection: HTTPConnection, who: Who | None) -> None:
        key = address_of(connection) if who is None else f"account {who.name}"
        if not self.requests.take(key):
            raise Refused(
                429,
                "Too many requests: wait.",
                headers={"Retry-After": str(self.requests.wait_s(key))},
            )

    def check_role(self, route: Route, request: Request, who: Who | None) -> None:
        """Raises `Refused` 401 or 403."""
        if not route.roles or (route.loopback and is_from_here(request)):
            return
        if who is None:
            raise Refused(401, "Log in first.", headers={"WWW-Authenticate": "Bearer"})
        if not who.may(*route.roles):
            raise Refused(403, f"This needs one of the roles: {', '.join(route.roles)}.")

    def check_csrf(self, route: Route, request: Request, who: Who | None) -> None:
        """Unsafe methods by cookie need the session's token in a header; bearer tokens need none.

        Coming in (a public route) is guarded by its origin and by taking JSON only.
        """
        if request.method not in UNSAFE:
            return
        self.check_origin(request)
        if not route.roles or who is None or not who.session:
            return
        given = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(), who.csrf.encode()):
            raise Refused(403, "The X-CSRF-Token header is missing or of another session.")

    async def body(self, request: Request, kind: type[msgspec.Struct] | None) -> object:
        """The body as its struct. Raises `Refused` 413, 415 or 422."""
        if kind is None:
            return None
        limit = self.settings.access.body_kib * 1024
        raw = bytearray()
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > limit:
                raise Refused(413, f"The body is larger than {limit // 1024} KiB.")
        content = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content != "application/json" and (raw or content):
            raise Refused(415, "Send JSON: Content-Type: application/json.")
        try:
            return msgspec.json.decode(bytes(raw) or b"{}", type=kind)
        except msgspec.ValidationError as why:
            raise invalid(why) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
            raise Refused(400, f"The body is not JSON: {why}.") from None

    def query(self, request: Request, kind: type[msgspec.Struct] | None) -> object:
        """The query as its struct. Raises `Refused` 422."""
        given = dict(request.query_params)
        if kind is None:
            return None
        try:
            return msgspec.convert(given, kind, strict=False)
        except msgspec.ValidationError as why:
            raise invalid(why) from None


def invalid(why: msgspec.ValidationError) -> Refused:
    """msgspec's words and the field they speak of."""
    words, _, where = str(why).partition(" - at `$")
    return Refused(422, f"{words}.", where.strip("`").lstrip("."))


def address_of(connection: HTTPConnection) -> str:
    """The client's address; behind a trusted proxy, what that says (uvicorn has put it there)."""
    return connection.client.host if connection.client else ""


def is_from_here(connection: HTTPConnection) -> bool:
    """Whether the other end is this machine, and not a proxy on it that speaks for others."""
    if "x-forwarded-for" in connection.headers or "forwarded" in connection.headers:
        return False
    try:
        return ipaddress.ip_address(address_of(connection)).is_loopback
    except ValueError:
        return False
