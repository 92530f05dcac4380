"""Coming in and going out: sessions, the first administrator, one-time links."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Annotated, Final

import msgspec
from starlette.responses import Response

from windhover.errors import BadInput
from windhover.schema.place import Language
from windhover.server.door import address_of
from windhover.server.passwords import check_new
from windhover.server.route import ANYONE, PUBLIC, Call, Refused, Route, answer_of
from windhover.server.who import Account, OpenSession, Role

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    password: Secret


class FirstAdmin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The one-time link's token, and who will administer."""

    token: Secret
    name: Name
    password: Secret
    roles: Annotated[tuple[Role, ...], msgspec.Meta(min_length=1, max_length=4)] = (
        "viewer",
        "admin",
    )


class Enter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of a one-time login link."""

    token: Secret


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One's own; `current` is empty where the account has none yet."""

    password: Secret
    current: Annotated[str, msgspec.Meta(max_length=1024)] = ""


class SessionsAnswer(msgspec.Struct, frozen=True):
    sessions: tuple[OpenSession, ...]


class Session(msgspec.Struct, frozen=True):
    """Who is logged in, and what the page must know first."""

    name: str
    roles: tuple[Role, ...]
    party: str
    csrf: str
    exercise: bool
    site: str
    version: str
    language: Language
    still: bool  # a finished record: nothing can be added to it
    password: bool  # false: it can be entered by a one-time link only
    tiles: str  # address of the site's own map tiles; "" = none


async def read_session(call: Call) -> Session:
    """Who calls, with the token for unsafe methods."""
    core, who = call.server.core, call.by
    return Session(
        who.name, who.roles, who.party, who.csrf, core.site.exercise, core.site.name,
        version("windhover"), who.language, core.is_still,
        call.server.accounts.has_password(who.name), call.server.settings.console.tiles,
    )  # fmt: skip


async def open_session(call: Call) -> Response:
    """Name and password → a session's cookie."""
    server, login, address = call.server, call.body, address_of(call.request)
    server.door.logins.check(login.name, address)
    async with server.passwords:
        account = await asyncio.to_thread(
            server.accounts.check_password, login.name, login.password
        )
    if account is None:
        server.door.logins.failed(login.name, address)
        server.metrics.logins.labels("refused").inc()
        server.accounts.note("", "login refused", f"{login.name[:64]} from {address}")
        raise Refused(401, "Name or password is wrong.")
    server.metrics.logins.labels("accepted").inc()
    return await _entered(call, account.name)


async def close_session(call: Call) -> Response:
    """The session ends here and in the browser."""
    if call.by.session:
        call.server.accounts.close_session(call.by.session)
    response = Response(status_code=204)
    response.delete_cookie(
        call.server.door.cookie, path="/", httponly=True, samesite="strict",
        secure=call.server.settings.secure,
    )  # fmt: skip
    return response


async def change_password(call: Call) -> Response:
    """A new password of one's own: every other session of the account ends."""
    server, body, name, address = call.server, call.body, call.by.name, address_of(call.request)
    if not call.by.session:
        raise Refused(403, "A token cannot change a password: log in.")
    check_new(body.password, server.settings.access.password_length_min)
    account = server.accounts.find(name)
    assert account is not None
    async with server.passwords:
        if server.accounts.has_password(name):
            server.door.logins.check(name, address)
            if not await asyncio.to_thread(server.accounts.check_password, name, body.current):
                server.door.logins.failed(name, address)
                raise Refused(422, "The current password is wrong.", "current")
        await asyncio.to_thread(server.accounts.change, account, body.password)
    server.accounts.note(name, "password changed", "own")
    return await _entered(call, name)


async def list_sessions(call: Call) -> SessionsAnswer:
    """One's own live sessions; an administrator's answer holds everybody's."""
    of = "" if call.by.may("admin") else call.by.name
    return SessionsAnswer(call.server.accounts.sessions(of, call.by.session))


async def end_session(call: Call) -> None:
    """End one of one's own; an administrator may end anybody's."""
    of = "" if call.by.may("admin") else call.by.name
    if not call.server.accounts.end_session(call.path["session_id"], of):
        raise Refused(404, "There is no such session.")
    call.server.accounts.note(call.by.name, "session ended", call.path["session_id"])


async def first_admin(call: Call) -> Response:
    """The one-time link of the first run makes the administrator; it works once."""
    server, body = call.server, call.body
    check_new(body.password, server.settings.access.password_length_min)
    _check_address(call)
    if not server.accounts.is_empty():
        raise Refused(409, "There is an administrator already.")
    if "admin" not in body.roles or "partner" in body.roles:
        raise Refused(422, "The first account administers, and is no partner's.", "roles")
    if server.accounts.use_link(body.token, "first admin") is None:
        server.door.logins.failed("", address_of(call.request))
        raise Refused(403, "The link is not good, or was used: restart the server for another.")
    roles = tuple(dict.fromkeys(body.roles))
    account = Account(body.name, roles, language=server.settings.server.language)
    try:
        async with server.passwords:
            await asyncio.to_thread(server.accounts.add, account, body.password)
    except BadInput as why:
        raise Refused(422, str(why), "name") from None
    server.accounts.note(body.name, "first administrator", body.name)
    return await _entered(call, body.name, 201)


async def enter(call: Call) -> Response:
    """A one-time login link (of an exercise on this machine, or made by an administrator)."""
    _check_address(call)
    name = call.server.accounts.use_link(call.body.token, "enter")
    account = call.server.accounts.find(name) if name else None
    if account is None or not account.active:
        call.server.door.logins.failed("", address_of(call.request))
        raise Refused(403, "The link is not good, or was used.")
    return await _entered(call, account.name)


def _check_address(call: Call) -> None:
    call.server.door.logins.check("", address_of(call.request))


async def _entered(call: Call, name: str, status: int = 200) -> Response:
    server = call.server
    if call.who is not None and call.who.session:
        server.accounts.close_session(call.who.session)
    secret = server.accounts.open_session(name)
    who = server.accounts.by_session(secret)
    assert who is not None
    server.accounts.note(name, "login", address_of(call.request))
    response = answer_of(await read_session(call._replace(who=who)), status)
    response.set_cookie(
        server.door.cookie, secret, max_age=round(server.settings.access.session_hours * 3600), path="/",
        httponly=True, samesite="strict", secure=server.settings.secure,
    )  # fmt: skip
    return response


ROUTES: Final = (
    Route("GET", "/api/session", ANYONE, "Who is logged in.", read_session, Session),
    Route("POST", "/api/session", PUBLIC, "Log in.", open_session, Session, Login),
    Route("DELETE", "/api/session", ANYONE, "Log out.", close_session, status=204),
    Route(
        "POST", "/api/session/password", ANYONE, "Change one's own password.",
        change_password, Session, NewPassword,
    ),
    Route("GET", "/api/sessions", ANYONE, "Live sessions.", list_sessions, SessionsAnswer),
    Route("DELETE", "/api/sessions/{session_id}", ANYONE, "End a session.", end_session, status=204),
    Route(
        "POST", "/api/first-admin", PUBLIC, "Make the first administrator by the one-time link.",
        first_admin, Session, FirstAdmin, status=201,
    ),
    Route("POST", "/api/enter", PUBLIC, "Log in by a one-time link.", enter, Session, Enter),
)  # fmt: skip
