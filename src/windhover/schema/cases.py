"""The nouns of decision: hazard, incident, restriction, notice, claim, friend. Frozen structs.

`incidents`, `restrictions` and `notices` may not import one another; what passes between them is
declared here. Their life cycles are tables in each stage's `lifecycle.py`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from windhover.schema.place import Language, Point

Grade = Literal["E0", "E1", "E2", "E3", "E4"]
Exposure = Literal["X0", "X1", "X2", "X3"]
IncidentState = Literal["open", "watched", "closed"]
Verdict = Literal[
    "aircraft",
    "drone",
    "balloon",
    "bird",
    "tethered",
    "friendly",
    "countermeasure",
    "nothing found",
    "unresolved",
]
RestrictionState = Literal[
    "drafted",
    "requested",
    "issued",
    "in force",
    "cancellation requested",
    "cancelled",
    "lapsed",
    "withdrawn",
]
NoticeState = Literal["composed", "sent", "acknowledged", "escalated", "failed"]
LogKind = Literal["phone", "relief", "alert", "note"]
NoticeKind = Literal["advice", "request", "issued", "lifted", "question", "answer", "escalation"]


class Words(msgspec.Struct, frozen=True):
    """One sentence in each language that people here read."""

    en: str
    es: str

    def of(self, language: Language) -> str:
        return self.es if language == "es" else self.en


class Volume(msgspec.Struct, frozen=True):
    """A piece of airspace: one ring on the ground and a height band.

    `centre` and `radius_m` are kept where the ring is a circle, so that notices can say it so.
    """

    polygon: tuple[Point, ...]
    upper_altitude_amsl_m: float
    lower_altitude_amsl_m: float | None = None  # None = the surface
    centre: Point | None = None
    radius_m: float | None = None
    area_m2: float = 0.0


class Hazard(msgspec.Struct, frozen=True):
    """What the airspace must be kept clear of: an object where it may be, or a declared area."""

    kind: Literal["object", "laser area"]
    words: Words
    track_ids: tuple[int, ...] = ()
    declared: Volume | None = None  # a countermeasure's own area; an object's is worked out
    from_ns: int | None = None
    to_ns: int | None = None


class Incident(msgspec.Struct, frozen=True):
    """Something that may ask for action, why, and how much is known."""

    id: str  # "I1", "I2" … within the picture
    rule: str  # name of its file in incidents/rules
    opened_ns: int
    state: IncidentState
    grade: Grade
    exposure: Exposure
    hazard: Hazard
    why: Words
    track_ids: tuple[int, ...] = ()
    zone_id: str | None = None
    updated_ns: int = 0
    closed_ns: int | None = None
    verdict: Verdict | None = None
    verdict_reason: str = ""


class Restriction(msgspec.Struct, frozen=True):
    """A drafted or requested limit on the airspace for one declared hazard. Never a fact by itself."""

    id: str  # "R1" …
    incident_id: str
    rung: str
    hazard: Hazard
    volume: Volume
    from_ns: int
    to_ns: int
    state: RestrictionState
    competent: str  # party id: who alone can issue and cancel it
    exemptions: tuple[str, ...]
    why: Words
    impact: Words  # what it costs, shown before anyone asks for it
    drafted_ns: int
    proposal_lapses_ns: int | None = None  # of a draft or request that nobody renewed
    excludes_neighbour: bool = False
    requested_by: tuple[str, ...] = ()
    requested_ns: int | None = None
    authority_number: str = ""
    issued_ns: int | None = None
    ended_ns: int | None = None
    renewals: int = 0
    reason: str = ""  # written by whoever overrode, withdrew or ended it


class Notice(msgspec.Struct, frozen=True):
    """One text to one party in its language, and what became of it."""

    id: str  # "N1" …
    party: str
    language: Language
    kind: NoticeKind
    subject: str
    text: str
    composed_ns: int
    state: NoticeState
    incident_id: str = ""
    restriction_id: str = ""
    in_reply_to: str = ""
    journal_head: str = ""  # of the journal when it left: each party is a witness
    due_ns: int | None = None  # acknowledgement expected by
    sent_ns: int | None = None
    acknowledged_ns: int | None = None
    acknowledged_by: str = ""
    escalations: int = 0
    binds: str = ""  # whom a restriction binds, the first thing a neighbour needs to read


class Question(msgspec.Struct, frozen=True):
    """Asked by a party, to be answered by a person here or escalated."""

    id: str  # "Q1" …
    party: str
    language: Language
    text: str
    asked_ns: int
    incident_id: str = ""
    answer: str = ""
    answered_by: str = ""
    answered_ns: int | None = None
    escalated_ns: int | None = None


class Friend(msgspec.Struct, frozen=True):
    """An own or friendly flight, filed before it flies; a friend plan explains, it never proves."""

    id: str  # "F1" …
    operator: str
    what: str  # a class of schema.batches.CLASSES
    polygon: tuple[Point, ...]
    upper_height_ground_m: float
    from_ns: int
    to_ns: int
    radio_silent: bool = False
    claimed_id: int = 0
    words: str = ""
    aircraft: int = 1  # how many fly under this plan at once


class Beam(msgspec.Struct, frozen=True):
    """A continuous laser as its operator declares it."""

    power_w: float
    divergence_rad: float  # full angle, between the 1/e² points as the order measures it
    wavelength_m: float
    aperture_m: float = 0.0  # beam diameter at the exit


class Countermeasure(msgspec.Struct, frozen=True):
    """Counter-drone activity that somebody else plans: recorded and coordinated here, never commanded."""

    id: str  # "C1" …
    operator: str
    means: Literal["laser", "jamming", "net", "other"]
    area: Volume
    from_ns: int
    to_ns: int
    aviation_review: Literal["finished", "not finished", "unknown"]
    words: str = ""
    beam: Beam | None = None  # of a laser, as declared: the eye hazard is worked out from it


class Claim(msgspec.Struct, frozen=True):
    """Who said what about an object, when, on what evidence; kept beside the sensors' record."""

    id: str  # "S1" …
    party: str
    says: str
    on_evidence: str
    time_ns: int
    track_id: int | None = None
    incident_id: str = ""
    contradicts: str = ""  # what of the record or of another claim it contradicts


class LogEntry(msgspec.Struct, frozen=True):
    """One line of the watch's log; it decides nothing and is never changed."""

    kind: LogKind
    text: str
    by: str
    time_ns: int
    with_whom: str = ""  # on the telephone, or the other officer of a relief
    incident_id: str = ""
    about: str = ""  # id of the alert that was seen
