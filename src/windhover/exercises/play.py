"""Play a night: bytes arrive, people act, the picture advances, everything is recorded.

The same decoders, the same picture, the same commands and the same record as a live site; only the
clock is the exercise's own, which is why one seed always ends in one journal head.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import msgspec
import numpy as np

from windhover.deliver.channels import Channel
from windhover.detections import DECODERS, Decoded
from windhover.detections.merge import merge
from windhover.exercises.night import Night
from windhover.identities import Explanation, explain
from windhover.picture import Picture, start
from windhover.record.keeper import Keeper
from windhover.record.recorder import Recorder
from windhover.record.tables import RawFrame
from windhover.report.history import History
from windhover.schema.batches import TrackStatus
from windhover.schema.commands import Command, Tick
from windhover.schema.events import Event, IdentityChanged, NoticeChanged
from windhover.schema.reports import Delivery, Report, Reports
from windhover.score.simulate import Arrival
from windhover.units import NS_PER_S

TICK_NS: Final = NS_PER_S
EXPLAIN_EVERY: Final = 10
"""Ticks between the full explanations that the report keeps of every track."""
SPEED_KNOWN_WITHIN_M_S: Final = 8.0
"""A track whose speed is less well known has just begun, or is being lost: its words can wait."""
FLUSH_EVERY: Final = 10
"""Ticks in one transaction of the record, unless a notice must leave earlier."""


class Played(NamedTuple):
    """A night as it went."""

    picture: Picture
    history: History
    events: list[Event]
    journal_head: str
    journal_events: int
    detections: int
    rejected: Counter[str]
    explanations: dict[tuple[int, str], Explanation]  # (track, said) → the last full answer


class Post:
    """Hands composed notices to a channel after the flush that covers them, and brings back its word."""

    def __init__(self, night: Night, channel: Channel | None) -> None:
        self.parties = {party.id: party for party in night.site.parties}
        self.channel = channel
        self.waiting: list[Delivery] = []

    def send(self, events: tuple[Event, ...], head: str, now_ns: int) -> None:
        for event in events:
            if not isinstance(event, NoticeChanged) or event.notice.state != "composed":
                continue
            notice, party = event.notice, self.parties.get(event.notice.party)
            if party is None:
                answer = Delivery(now_ns, now_ns, notice.id, False, "no such party at this site")
            elif self.channel is None:
                answer = Delivery(
                    now_ns, now_ns, notice.id, True, "not sent: this run keeps its mail"
                )
            else:
                answer = self.channel.deliver(
                    msgspec.structs.replace(notice, journal_head=head), party, now_ns
                )
            # What the exercise records must not depend on where its files lie.
            self.waiting.append(
                Delivery(now_ns, now_ns, notice.id, answer.delivered, journal_head=head)
            )

    def collect(self) -> tuple[Delivery, ...]:
        brought, self.waiting = tuple(self.waiting), []
        return brought


def play(
    night: Night,
    recorder: Recorder,
    channel: Channel | None = None,
    progress: Callable[[float], None] | None = None,
) -> Played:
    """Play `night` from start to end and give what happened.

    `progress` is called with the share done, 0…1, about once per simulated ten seconds.
    Raises what the record raises (`WindhoverError`); bad bytes are counted, never raised.
    """
    keeper = Keeper(start(night.site, night.start_ns), recorder)
    post, history = Post(night, channel), History()
    told: list[Event] = []
    explanations: dict[tuple[int, str], Explanation] = {}
    rejected: Counter[str] = Counter()
    due: list[tuple[int, int, Command]] = []
    for order, (when_ns, command) in enumerate(night.opening_commands):
        heapq.heappush(due, (when_ns, order, command))
    numbered = len(due)
    arrivals = _Ahead(night.arrivals())
    plots = 0
    now_ns = night.start_ns
    while now_ns < night.end_ns:
        now_ns += TICK_NS
        events: list[Event] = []
        came = arrivals.until(now_ns)
        keeper.keep_frames(tuple(RawFrame(a.feed, a.received_ns, a.payload) for a in came), now_ns)
        decoded = [decode(arrival, night) for arrival in came]
        detections, refused = merge([part.detections for part in decoded], now_ns)
        plots += detections.n
        for part in decoded:
            if part.wind is not None:
                events += keeper.take(part.wind, now_ns)
        reports = _reports(decoded, refused, post.collect())
        if reports is not None:
            rejected.update(reports.rejected)
            events += keeper.take(reports, now_ns)
        if detections.n:
            events += keeper.take(detections, now_ns)
        while due and due[0][0] <= now_ns:
            events += keeper.take(heapq.heappop(due)[2], now_ns)
        events += keeper.take(Tick(), now_ns)
        history.keep(keeper.picture)
        step = tuple(events)
        ticks = (now_ns - night.start_ns) // TICK_NS
        if ticks % EXPLAIN_EVERY == 0 or any(isinstance(e, IdentityChanged) for e in step):
            explanations.update(_explained(keeper.picture))
        told += step
        leaving = any(isinstance(e, NoticeChanged) and e.notice.state == "composed" for e in step)
        if leaving or ticks % FLUSH_EVERY == 0:
            head = keeper.flush().hex
            post.send(step, head, now_ns)
        # People are asked every second: what they put off falls due on a quiet night too.
        for person in night.people:
            for when_ns, command in person.react(step, now_ns):
                heapq.heappush(due, (max(when_ns, now_ns), numbered, command))
                numbered += 1
        if progress is not None and ticks % 10 == 0:
            progress((now_ns - night.start_ns) / (night.end_ns - night.start_ns))
    final = keeper.flush()
    return Played(
        keeper.picture, history, told, final.hex, final.seq, plots, rejected, explanations
    )


def _explained(picture: Picture) -> dict[tuple[int, str], Explanation]:
    """Of the tracks that are being seen; what coasts keeps the last words about it."""
    held = picture.tracks
    sure = held.covariance_enu[:, [3, 4], [3, 4]].max(axis=1) < SPEED_KNOWN_WITHIN_M_S**2
    seen = held.track_id[(held.status == TrackStatus.CONFIRMED) & sure]
    known = picture.identities.track_id
    told = ((t, explain(picture.minds, t)) for t in known[np.isin(known, seen)].tolist())
    return {(track_id, why.said): why for track_id, why in told}


def decode(arrival: Arrival, night: Night) -> Decoded:
    """The decoder of the arrival's feed, applied."""
    sensor = night.site.sensors[max(arrival.sensor, 0)]
    decoder = DECODERS[arrival.feed]
    return decoder(
        arrival.payload, arrival.received_ns, arrival.sensor, sensor, night.site.sector.vertical
    )


def _reports(
    decoded: list[Decoded], refused: dict[str, int], delivered: tuple[Delivery, ...]
) -> Reports | None:
    items: list[Report] = [item for part in decoded for item in part.reports]
    counts: Counter[str] = Counter(refused)
    for part in decoded:
        counts.update(part.rejected)
    if not items and not counts and not delivered:
        return None
    return Reports((*items, *delivered), dict(counts))


class _Ahead:
    """Arrivals in order of reception, handed out up to an instant."""

    def __init__(self, arrivals: Iterator[Arrival]) -> None:
        self._arrivals = arrivals
        self._next = next(arrivals, None)

    def until(self, now_ns: int) -> list[Arrival]:
        ready: list[Arrival] = []
        while self._next is not None and self._next.received_ns <= now_ns:
            ready.append(self._next)
            self._next = next(self._arrivals, None)
        return ready
