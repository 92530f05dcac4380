"""Feeds and outputs: how each does, and who answers for what a feed takes off the air."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

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


Ruling = Callable[[BasisDesk, Any, str, int, str], None]
"""What a body asks of the desk: in whose name, when, and by which account."""
RULINGS: Final[tuple[tuple[str, str, type[msgspec.Struct], Ruling], ...]] = (
    (
        "basis", "Record the legal basis of a feed.", Basis,
        lambda desk, b, by, ns, who: desk.record(b.feed, b.basis, by, ns, who),
    ),
    (
        "content", "Allow a feed to decode content.", Content,
        lambda desk, b, by, ns, who: desk.allow_content(b.feed, b.reason, by, ns, who),
    ),
    (
        "withdraw", "Turn a feed that captures off again.", Withdrawal,
        lambda desk, b, by, ns, who: desk.withdraw(b.feed, b.reason, by, ns, who),
    ),
    (
        "clock", "Correct the clock of a source.", ClockTold,
        lambda desk, b, by, ns, who: desk.correct_clock(b.feed, b.ahead_s, by, ns, who),
    ),
)  # fmt: skip


def _handler(ruling: Ruling) -> Callable[[Call], Awaitable[FeedHealth]]:
    async def rule(call: Call) -> FeedHealth:
        core, body, who = call.server.core, call.body, call.by.name
        by, now_ns = body.by or who, core.source.now_ns()
        ending = isinstance(body, Withdrawal)
        await core.rule(body.feed, lambda desk: ruling(desk, body, by, now_ns, who), ending=ending)
        call.server.accounts.note(who, call.request.url.path, f"{body.feed}, by {by}")
        return next(one for one in core.source.health() if one.name == body.feed)

    return rule


ROUTES: Final = (
    Route("GET", "/api/feeds", SEEING, "Feeds and outputs, as they do now.", list_feeds, FeedsAnswer),
    *(
        Route("POST", f"/api/feeds/{word}", ANSWERING, summary, _handler(ruling), FeedHealth, body)
        for word, summary, body, ruling in RULINGS
    ),
)  # fmt: skip
