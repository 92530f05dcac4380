"""Connect, and after each loss connect again: the one loop of every line, in and out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Literal, Protocol

BACK_OFF_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)


class Line(Protocol):
    """What is shown of a line: a feed's or an output's health."""

    state: Literal["off", "connecting", "up", "waiting"]
    words: str


async def for_ever(
    connect: Callable[[], Awaitable[str | None]],
    health: Line,
    progress: Callable[[], int],
    back_off_s: tuple[float, ...] = BACK_OFF_S,
    *,
    silence: str = "nothing came in time",
    lost: Callable[[str], None] | None = None,
    may_not: Callable[[], str] = str,
) -> None:
    """Call `connect` for ever; each time it ends, or fails, wait longer. Never raises but on cancellation,
    and returns once `may_not`, which is asked before each time, says why.

    `connect` returns in words why it ended. The waits start over once `progress` has grown: something came
    through. `silence` are the words for a time-out; `lost` is told the words before each wait.
    """
    attempt, ended = 0, "stopped"
    try:
        while True:
            if why_not := may_not():
                ended = why_not
                return
            health.state = "connecting"
            before = progress()
            try:
                words = await connect() or "the other side closed the line"
            except TimeoutError:
                words = silence
            except (OSError, ValueError, asyncio.IncompleteReadError) as fault:
                words = str(fault)[:200] or type(fault).__name__
            except Exception as fault:  # a fault of ours must not take the others down
                words = f"fault of our own: {type(fault).__name__}: {fault}"[:200]
            attempt = 0 if progress() > before else attempt + 1
            wait_s = back_off_s[min(max(attempt - 1, 0), len(back_off_s) - 1)]
            health.state, health.words = "waiting", f"{words}; again in {wait_s:g} s"
            if lost is not None:
                lost(words)
            await asyncio.sleep(wait_s)
    finally:
        health.state, health.words = "off", ended
