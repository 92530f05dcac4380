"""The officer of the watch: reads drafts, asks for them and for their end, answers, closes with a reason.

What is due is kept in a list of the officer's own and looked at again when its time has come, so that
nothing is wound up whose cause has come back meanwhile.
"""

from __future__ import annotations

from windhover.schema.cases import Incident, Question, Restriction, Verdict
from windhover.schema.commands import (
    AnswerQuestion,
    CloseIncident,
    Command,
    RenewRestriction,
    RequestCancellation,
    RequestRestriction,
    WithdrawRestriction,
)
from windhover.schema.events import (
    Event,
    IdentityChanged,
    IncidentChanged,
    QuestionChanged,
    Reminder,
    RestrictionChanged,
)
from windhover.units import NS_PER_MIN, NS_PER_S

REQUESTED_RUNGS = ("R2", "R3", "R4")
HAND_OVER_NS = 240 * NS_PER_S
"""Before the end of the exercise the officer hands over, and leaves nothing open."""
SURE = 0.8
"""Below this the officer's verdict does not follow what was said of an object."""
VERDICTS: dict[str, Verdict] = {
    "aircraft": "aircraft",
    "drone": "drone",
    "balloon": "balloon",
    "bird": "bird",
    "tethered": "tethered",
    "clutter": "nothing found",
}


class WatchOfficer:
    """One scripted officer, with a deputy for what needs a second person."""

    name = "watch officer"

    def __init__(
        self, read_ns: int, cancel_ns: int, answer_ns: int, end_ns: int, answer: str
    ) -> None:
        self.read_ns, self.cancel_ns, self.answer_ns = read_ns, cancel_ns, answer_ns
        self.hand_over_ns = end_ns - HAND_OVER_NS
        self.answer = answer
        self.incidents: dict[str, Incident] = {}
        self.restrictions: dict[str, Restriction] = {}
        self.questions: dict[str, Question] = {}
        self.told: dict[int, IdentityChanged] = {}  # track → the last sure thing said of it
        self.over_since_ns: dict[str, int] = {}  # incident → since when its cause is gone
        self.due_ns: dict[tuple[str, str], int] = {}  # (what, about) → when to do it
        self.done: set[tuple[str, str]] = set()
        self.renewed_ns: dict[str, int] = {}

    def react(self, events: tuple[Event, ...], now_ns: int) -> tuple[tuple[int, Command], ...]:
        """What falls due now, after reading what just happened."""
        commands: list[Command] = []
        for event in events:
            if isinstance(event, IdentityChanged):
                if event.said in VERDICTS and event.probability >= SURE:
                    self.told[event.track_id] = event
            elif isinstance(event, RestrictionChanged):
                self.restrictions[event.restriction.id] = event.restriction
            elif isinstance(event, IncidentChanged):
                self.incidents[event.incident.id] = event.incident
            elif isinstance(event, QuestionChanged):
                self.questions[event.question.id] = event.question
            elif isinstance(event, Reminder):
                commands += self._renewal(event.about, now_ns)
        for question in self.questions.values():
            if not question.answer and self._ripe("answer", question.id, now_ns, self.answer_ns):
                commands.append(AnswerQuestion(question.id, self.answer, by=self.name))
        for incident in self.incidents.values():
            self._judge_over(incident, now_ns)
        for restriction in self.restrictions.values():
            commands += self._act_on(restriction, now_ns)
        for incident in self.incidents.values():
            commands += self._closing(incident, now_ns)
        return tuple((now_ns + NS_PER_S, command) for command in commands)

    def _ripe(self, what: str, about: str, now_ns: int, after_ns: int) -> bool:
        """True once, when `after_ns` have passed since it was first wanted."""
        key = (what, about)
        if key in self.done:
            return False
        if now_ns < self.due_ns.setdefault(key, now_ns + after_ns):
            return False
        self.done.add(key)
        return True

    def _judge_over(self, incident: Incident, now_ns: int) -> None:
        watch_ends = incident.state == "open" and now_ns >= self.hand_over_ns
        if incident.state == "watched" or watch_ends:
            self.over_since_ns.setdefault(incident.id, now_ns)
        elif incident.state == "open" and self.over_since_ns.pop(incident.id, None) is not None:
            self.due_ns.pop(("close", incident.id), None)

    def _act_on(self, restriction: Restriction, now_ns: int) -> list[Command]:
        """Ask for a draft; or, once its cause is gone, withdraw it or ask for its end."""
        over = restriction.incident_id in self.over_since_ns
        if not over:
            wanted = restriction.state == "drafted" and restriction.rung in REQUESTED_RUNGS
            if wanted and self._ripe("request", restriction.id, now_ns, self.read_ns):
                return [RequestRestriction(restriction.id, by=self.name)]
            return []
        reason = "The cause is gone." if now_ns < self.hand_over_ns else "The watch is handed over."
        if restriction.state in ("issued", "in force"):
            if self._ripe("cancel", restriction.id, now_ns, self.cancel_ns):
                return [RequestCancellation(restriction.id, self.name, reason)]
        elif restriction.state in ("drafted", "requested") and self._ripe(
            "withdraw", restriction.id, now_ns, self.cancel_ns
        ):
            return [WithdrawRestriction(restriction.id, self.name, reason)]
        return []

    def _closing(self, incident: Incident, now_ns: int) -> list[Command]:
        """A verdict with its reason, once the cause is gone and nothing of it stands any more."""
        if incident.id not in self.over_since_ns or incident.state == "closed":
            return []
        for restriction in self.restrictions.values():
            standing = restriction.state not in ("cancelled", "lapsed", "withdrawn")
            if (
                standing
                and restriction.incident_id == incident.id
                and now_ns < self.hand_over_ns + 180 * NS_PER_S
            ):
                return []
        if not self._ripe("close", incident.id, now_ns, self.cancel_ns):
            return []
        return [
            CloseIncident(incident.id, self._verdict(incident), self._known(incident), self.name)
        ]

    def _renewal(self, about: str, now_ns: int) -> list[Command]:
        """A reminder fell due: renew with what is known, the deputy where a second person must."""
        restriction = self.restrictions.get(about)
        if restriction is None or restriction.incident_id in self.over_since_ns:
            return []
        if restriction.state not in ("drafted", "requested", "issued", "in force"):
            return []
        if about in self.renewed_ns and now_ns - self.renewed_ns[about] < 4 * NS_PER_MIN:
            return []
        incident = self.incidents.get(restriction.incident_id)
        if incident is None or incident.state != "open":
            return []
        self.renewed_ns[about] = now_ns
        asked_ns = restriction.requested_ns or now_ns
        by = "deputy" if now_ns - asked_ns > 14 * NS_PER_MIN else self.name
        return [RenewRestriction(about, by, f"The cause still stands: {self._known(incident)}")]

    def _identity(self, incident: Incident) -> IdentityChanged | None:
        told = [self.told[track] for track in incident.track_ids if track in self.told]
        return max(told, key=lambda one: one.time_ns) if told else None

    def _verdict(self, incident: Incident) -> Verdict:
        if incident.hazard.kind == "laser area":
            return "countermeasure"
        told = self._identity(incident)
        if told is None:
            return "unresolved"
        return "friendly" if told.attributes.get("friend") else VERDICTS[told.said]

    def _known(self, incident: Incident) -> str:
        told = self._identity(incident)
        return told.sentence.en if told is not None else incident.why.en
