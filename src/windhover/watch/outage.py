"""The watch watches itself: a source that stops answering is an alert, and so is its return.

A watch that was switched off says, when it starts again, from when to when it saw nothing.
"""

from __future__ import annotations

from typing import Final

import msgspec

from windhover.schema.cases import Words
from windhover.units import NS_PER_MIN
from windhover.watch.changes import clock, hours

SILENCE_NS: Final = 15 * NS_PER_MIN
LEAST_FAILURES: Final = 3


class Health(msgspec.Struct, frozen=True):
    """Of one source. `answered_ns` is None until it answered for the first time."""

    source: str
    began_ns: int
    answered_ns: int | None = None
    failures: int = 0  # in a row
    down: bool = False
    reason: str = ""


def advance(
    health: Health, reason: str | None, now_ns: int, silence_ns: int = SILENCE_NS
) -> tuple[Health, Words | None]:
    """After one attempt: `reason` None = it answered. The words are an alert, told once each way."""
    if reason is None:
        told = None
        if health.down:
            since = health.answered_ns or health.began_ns
            told = Words(
                f"{health.source} answers again; nothing was seen of it from {clock(since)} "
                f"to {clock(now_ns)}.",
                f"{health.source} responde de nuevo; no se vio nada de ella de {clock(since)} "
                f"a {clock(now_ns)}.",
            )
        return Health(health.source, health.began_ns, now_ns), told
    failures = health.failures + 1
    since = health.answered_ns or health.began_ns
    never = health.answered_ns is None and failures == 1
    late = failures >= LEAST_FAILURES and now_ns - since >= silence_ns
    told = None
    if not health.down and (late or never):
        told = Words(
            f"{health.source} does not answer since {clock(since)}: {reason}. "
            "What is published there is not seen.",
            f"{health.source} no responde desde {clock(since)}: {reason}. "
            "Lo que allí se publique no se ve.",
        )
    return (
        Health(
            health.source,
            health.began_ns,
            health.answered_ns,
            failures,
            health.down or told is not None,
            reason,
        ),
        told,
    )


def slept(last_ns: int | None, now_ns: int, every_ns: int) -> Words | None:
    """The gap of the watch itself, told when it starts again after more than three of its rounds."""
    if last_ns is None or now_ns - last_ns <= 3 * every_ns:
        return None
    return Words(
        f"This watch did not run from {clock(last_ns)} to {clock(now_ns)} "
        f"({hours(now_ns - last_ns)}); what came and went in between was not seen.",
        f"Esta vigilancia no funcionó de {clock(last_ns)} a {clock(now_ns)} "
        f"({hours(now_ns - last_ns)}); lo que apareció y desapareció entretanto no se vio.",
    )
