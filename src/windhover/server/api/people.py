"""Accounts, tokens, one-time links and the audit book: the administrator's routes."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

import msgspec

from windhover.errors import BadInput
from windhover.schema.place import Language
from windhover.server.api.entry import Name
from windhover.server.passwords import check_new
from windhover.server.route import ADMIN, Call, Refused, Route
from windhover.server.who import Account, AuditLine, Role, Token
from windhover.units import NS_PER_H

DAY_NS: Final = 24 * NS_PER_H
Roles = Annotated[tuple[Role, ...], msgspec.Meta(min_length=1, max_length=5)]


class NewAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without a password it is entered by the one-time link that the answer holds."""

    name: Name
    roles: Roles
    password: Annotated[str, msgspec.Meta(max_length=1024)] = ""
    party: Annotated[str, msgspec.Meta(max_length=64)] = ""
    language: Language = "en"


class AccountMade(msgspec.Struct, frozen=True):
    account: Account
    link_token: str  # for /api/enter, once; "" where a password was given


class AccountChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is given changes; the rest stays."""

    roles: Roles | None = None
    password: Annotated[str, msgspec.Meta(max_length=1024)] | None = None
    party: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    language: Language | None = None
    active: bool | None = None


class AccountsAnswer(msgspec.Struct, frozen=True):
    accounts: tuple[Account, ...]


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For an account, with some of its roles, for some days."""

    name: Name
    label: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    roles: Roles
    days: Annotated[int, msgspec.Meta(ge=1, le=3660)] = 90


class TokenMade(msgspec.Struct, frozen=True):
    token: Token
    secret: str  # shown this once


class TokensAnswer(msgspec.Struct, frozen=True):
    tokens: tuple[Token, ...]


class LinkMade(msgspec.Struct, frozen=True):
    link_token: str  # for /api/enter, once, within a day


class AuditPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`newest`: the last ones instead of those after `after`."""

    after: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 200
    newest: bool = False


class AuditAnswer(msgspec.Struct, frozen=True):
    lines: tuple[AuditLine, ...]
    next: int | None


async def list_accounts(call: Call) -> AccountsAnswer:
    """All accounts; no password leaves."""
    return AccountsAnswer(call.server.accounts.every())


async def add_account(call: Call) -> AccountMade:
    """A new account."""
    server, body = call.server, call.body
    if body.password:
        check_new(body.password, server.settings.access.password_length_min)
    _check_party(call, body.roles, body.party)
    account = Account(body.name, _once(body.roles), body.party, body.language)
    async with server.passwords:
        await asyncio.to_thread(server.accounts.add, account, body.password)
    link = "" if body.password else server.accounts.make_link("enter", body.name)
    server.accounts.note(call.by.name, "account added", f"{body.name}: {' '.join(body.roles)}")
    return AccountMade(_found(call, body.name), link)


async def change_account(call: Call) -> Account:
    """Roles, password, party, language, active."""
    server, body, name = call.server, call.body, call.path["name"]
    before = _found(call, name)
    given = {
        key: value
        for key in ("roles", "party", "language", "active")
        if (value := getattr(body, key)) is not None
    }
    after = msgspec.structs.replace(before, **given)
    _check_party(call, after.roles, after.party)
    if body.password is not None:
        check_new(body.password, server.settings.access.password_length_min)
    async with server.passwords:
        await asyncio.to_thread(server.accounts.change, after, body.password)
    what = ", ".join([*given, *(["password"] if body.password is not None else [])])
    server.accounts.note(call.by.name, "account changed", f"{name}: {what or 'nothing'}")
    return _found(call, name)


async def make_link(call: Call) -> LinkMade:
    """A one-time link for an account that has no password, or whose password is forgotten."""
    account = _found(call, call.path["name"])
    if not account.active:
        raise Refused(409, "The account is not active.")
    link = call.server.accounts.make_link("enter", account.name)
    call.server.accounts.note(call.by.name, "link made", account.name)
    return LinkMade(link)


async def remove_account(call: Call) -> None:
    """Gone with its sessions and tokens."""
    name = call.path["name"]
    _found(call, name)
    call.server.accounts.remove(name)
    call.server.accounts.note(call.by.name, "account removed", name)


async def list_tokens(call: Call) -> TokensAnswer:
    """All tokens, without their secrets."""
    return TokensAnswer(call.server.accounts.tokens())


async def add_token(call: Call) -> TokenMade:
    """A new token; its secret is shown this once."""
    server, body = call.server, call.body
    if body.days > server.settings.access.token_days_max:
        most = server.settings.access.token_days_max
        raise Refused(422, f"A token lives {most} days at most.", "days")
    expires_ns = server.accounts.clock() + body.days * DAY_NS
    token, secret = server.accounts.make_token(body.name, body.label, _once(body.roles), expires_ns)
    server.accounts.note(call.by.name, "token made", f"{token.id} for {body.name}")
    return TokenMade(token, secret)


async def remove_token(call: Call) -> None:
    """It stops working at once."""
    if not call.server.accounts.remove_token(call.path["token_id"]):
        raise Refused(404, "There is no such token.")
    call.server.accounts.note(call.by.name, "token removed", call.path["token_id"])


async def read_audit(call: Call) -> AuditAnswer:
    """Who read personal data, who changed who may do what."""
    query = call.query
    lines = call.server.accounts.audit(query.after, query.limit, query.newest)
    more = len(lines) == query.limit and not query.newest
    return AuditAnswer(lines, lines[-1].seq if more else None)


def _found(call: Call, name: str) -> Account:
    account = call.server.accounts.find(name)
    if account is None:
        raise Refused(404, "There is no such account.")
    return account


def _check_party(call: Call, roles: tuple[Role, ...], party: str) -> None:
    known = {one.id for one in call.server.core.site.parties}
    if party and party not in known:
        raise Refused(422, f"The site has no party {party!r}.", "party")
    if "partner" in roles and not party:
        raise Refused(422, "A partner's account names the party that it speaks for.", "party")
    if "partner" in roles and set(roles) != {"partner"}:
        raise BadInput("A partner has no other role.")


def _once(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    return tuple(dict.fromkeys(roles))


ROUTES: Final = (
    Route("GET", "/api/accounts", ADMIN, "All accounts.", list_accounts, AccountsAnswer),
    Route(
        "POST", "/api/accounts", ADMIN, "Add an account.", add_account, AccountMade, NewAccount,
        status=201,
    ),
    Route(
        "PATCH", "/api/accounts/{name}", ADMIN, "Change an account.",
        change_account, Account, AccountChange,
    ),
    Route(
        "POST", "/api/accounts/{name}/link", ADMIN, "A one-time link for an account.",
        make_link, LinkMade, status=201,
    ),
    Route(
        "DELETE", "/api/accounts/{name}", ADMIN, "Remove an account.", remove_account, status=204
    ),
    Route("GET", "/api/tokens", ADMIN, "All tokens.", list_tokens, TokensAnswer),
    Route("POST", "/api/tokens", ADMIN, "Make a token.", add_token, TokenMade, NewToken, status=201),
    Route("DELETE", "/api/tokens/{token_id}", ADMIN, "Remove a token.", remove_token, status=204),
    Route("GET", "/api/audit", ADMIN, "The audit book.", read_audit, AuditAnswer, query=AuditPage),
)  # fmt: skip
