"""Feeds and outputs: how each does, and who answers for what a feed takes off the air."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

import msgspec

from windhover.deliver.consumer import OutputHealth
from windhover.feeds.basis import CLOCK_MOST_S, BasisDesk
from windhover.server.route import Call, Route
from windhover.server.sources import FeedHealth
from windhover.server.who import Role

ANSWERING: Final[tuple[Role, ...]] = ("approver", "admin")
"""Who may say on what ground a feed runs; the name of whoever answers for it is another's where it is given."""
SEEING: Final[tuple[Role, ...]] = ("viewer", "admin")
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Text = Annotated[str, msgspec.Meta(min_length=4, max_length=2000)]
Person = Annotated[str, msgspec.Meta(max_length=100)]


class FeedsAnswer(msgspec.Struct, frozen=True):
    now_ns: int
    feeds: tuple[FeedHealth, ...]
    outputs: tuple[OutputHealth, ...]


class Basis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On what ground a feed may capture signalling: which law, order or consent."""

    feed: Key  # or feed/sensor: one SAPIENT node
    basis: Text
    by: Person = ""  # whoever answers for it; empty = the account's own name


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a feed may decode content, and why: the second switch."""

    feed: Key
    reason: Text
    by: Person = ""


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a feed is off again, and why."""

    feed: Key
    reason: Text
    by: Person = ""


class ClockTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By how much a source's clock is ahead of true time, s; 0 = it is right."""

    feed: Key
    ahead_s: Annotated[float, msgspec.Meta(ge=-CLOCK_MOST_S, le=CLOCK_MOST_S)]
    by: Person = ""


async def list_feeds(call: Call) -> FeedsAnswer:
    """Every feed and every output, as they do now."""
    core = call.server.core
    outputs = tuple(core.outputs.health) if core.outputs is not None else ()
    return FeedsAnswer(core.now_ns, core.source.health(), outputs)


async def record_basis(call: Call) -> FeedHealth:
    """Record the legal basis of a feed that captures signalling."""
    body: Basis = call.body
    return await _rule(
        call, lambda desk, by, ns, who: desk.record(body.feed, body.basis, by, ns, who)
    )


async def allow_content(call: Call) -> FeedHealth:
    """Allow a feed to decode content."""
    body: Content = call.body
    return await _rule(
        call, lambda desk, by, ns, who: desk.allow_content(body.feed, body.reason, by, ns, who)
    )


async def withdraw_basis(call: Call) -> FeedHealth:
    """Turn a feed that captures off again."""
    body: Withdrawal = call.body
    return await _rule(
        call, lambda desk, by, ns, who: desk.withdraw(body.feed, body.reason, by, ns, who)
    )


async def correct_clock(call: Call) -> FeedHealth:
    """Say how far ahead a source's clock is."""
    body: ClockTold = call.body
    return await _rule(
        call, lambda desk, by, ns, who: desk.correct_clock(body.feed, body.ahead_s, by, ns, who)
    )


async def _rule(call: Call, ruling: Callable[[BasisDesk, str, int, str], None]) -> FeedHealth:
    core, by = call.server.core, call.body.by or call.by.name
    now_ns, who = core.source.now_ns(), call.by.name
    ending = isinstance(call.body, Withdrawal)
    await core.rule(call.body.feed, lambda desk: ruling(desk, by, now_ns, who), ending=ending)
    call.server.accounts.note(call.by.name, call.request.url.path, f"{call.body.feed}, by {by}")
    return next(one for one in core.source.health() if one.name == call.body.feed)


ROUTES: Final = (
    Route("GET", "/api/feeds", SEEING, "Feeds and outputs, as they do now.", list_feeds, FeedsAnswer),
    Route(
        "POST", "/api/feeds/basis", ANSWERING, "Record the legal basis of a feed.",
        record_basis, FeedHealth, Basis,
    ),
    Route(
        "POST", "/api/feeds/content", ANSWERING, "Allow a feed to decode content.",
        allow_content, FeedHealth, Content,
    ),
    Route(
        "POST", "/api/feeds/withdraw", ANSWERING, "Turn a feed that captures off again.",
        withdraw_basis, FeedHealth, Withdrawal,
    ),
    Route(
        "POST", "/api/feeds/clock", ANSWERING, "Correct the clock of a source.",
        correct_clock, FeedHealth, ClockTold,
    ),
)  # fmt: skip
