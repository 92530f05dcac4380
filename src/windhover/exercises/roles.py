"""Scripted roles that every exercise needs: the competent authority, and parties that read their notices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from windhover.schema.commands import Acknowledge, Command, ConfirmCancelled, EnterAuthorityNumber
from windhover.schema.events import Event, NoticeChanged, RestrictionChanged
from windhover.units import NS_PER_S

Due = tuple[tuple[int, Command], ...]


def delays(rng: np.random.Generator) -> Callable[[float, float], int]:
    """A function (at least, at most, in s) → whole seconds in ns, drawn when the cast is made."""

    def delay(low_s: float, high_s: float) -> int:
        return round(float(rng.uniform(low_s, high_s))) * NS_PER_S

    return delay


class Authority:
    """Whoever is competent at a rung: issues with an exercise number, cancels when asked."""

    name = "competent authority"

    def __init__(self, issue_ns: int, cancel_ns: int) -> None:
        self.issue_ns, self.cancel_ns = issue_ns, cancel_ns
        self.numbers: dict[str, str] = {}
        self.cancelling: set[str] = set()

    def react(self, events: tuple[Event, ...], now_ns: int) -> Due:
        """A number for each request, a confirmation for each request to cancel."""
        due: list[tuple[int, Command]] = []
        for event in events:
            if not isinstance(event, RestrictionChanged):
                continue
            asked = event.restriction
            by = f"{asked.competent} (exercise)"
            if asked.state == "requested" and asked.id not in self.numbers:
                number = f"EXERCISE-{len(self.numbers) + 1}"
                self.numbers[asked.id] = number
                due.append((now_ns + self.issue_ns, EnterAuthorityNumber(asked.id, number, by)))
            elif asked.state == "cancellation requested" and asked.id not in self.cancelling:
                self.cancelling.add(asked.id)
                number = self.numbers.get(asked.id, "")
                due.append((now_ns + self.cancel_ns, ConfirmCancelled(asked.id, by, number)))
        return tuple(due)


class Reader:
    """A party that acknowledges what it is sent, in its own time; perhaps slow with the first."""

    def __init__(self, party: str, after_ns: int, first_after_ns: int | None) -> None:
        self.name = f"{party} desk"
        self.party, self.after_ns, self.first_after_ns = party, after_ns, first_after_ns
        self.read: set[str] = set()

    def react(self, events: tuple[Event, ...], now_ns: int) -> Due:
        """One acknowledgement for each notice sent to this party."""
        due: list[tuple[int, Command]] = []
        for event in events:
            if (
                not isinstance(event, NoticeChanged)
                or event.notice.party != self.party
                or event.notice.state != "sent"
                or event.notice.id in self.read
            ):
                continue
            slow = self.first_after_ns if not self.read else None
            self.read.add(event.notice.id)
            when_ns = now_ns + (self.after_ns if slow is None else slow)
            due.append((when_ns, Acknowledge(event.notice.id, by=self.name)))
        return tuple(due)
