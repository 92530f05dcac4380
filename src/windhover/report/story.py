"""The story of an exercise or of a replayed recording: one object that JSON, table and page all tell.

Built for people and for the edge, so units are theirs: degrees, feet, minutes, seconds after the
start. Each name says which. Every field but the few that make no sense without a value has a
default, and what is unknown is `None`, never zero. Columns of one series have equal lengths.
`msgspec.json.encode(story)` is the machine-readable form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from windhover.notices.phrases import CANCELLATION

LatLon = tuple[float, float]
"""lat_deg, lon_deg on WGS 84"""


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """Where an object was held to be, in columns."""

    t_s: tuple[float, ...] = ()  # after the start of the story
    lat_deg: tuple[float, ...] = ()
    lon_deg: tuple[float, ...] = ()
    altitude_amsl_m: tuple[float | None, ...] = ()  # above mean sea level; None where unknown
    height_ground_m: tuple[float | None, ...] = ()  # above the ground; empty where unknown


class Probabilities(msgspec.Struct, frozen=True, kw_only=True):
    """How sure Windhover was of each class, over time."""

    t_s: tuple[float, ...] = ()
    of: dict[str, tuple[float, ...]] = {}  # class → column; the classes of schema.batches.CLASSES


class Velocities(msgspec.Struct, frozen=True, kw_only=True):
    """Over the ground, of the wind, and their difference: through the air. Toward east and north."""

    t_s: tuple[float, ...] = ()
    ground_east_m_s: tuple[float, ...] = ()
    ground_north_m_s: tuple[float, ...] = ()
    wind_east_m_s: tuple[float | None, ...] = ()
    wind_north_m_s: tuple[float | None, ...] = ()
    wind_sigma_m_s: tuple[float | None, ...] = ()  # standard error of each component


class EvidenceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One reason, and how far it moved the answer."""

    source: str
    sentence: str
    sentence_es: str = ""
    favours: str = ""  # a class
    log_likelihood: dict[str, float] = {}  # class → natural logarithm
    weight: float | None = None


class StoryObject(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that flew: what it truly was where that is known, and what was said of it."""

    said: str  # of schema.batches.CLASSES
    probability: float
    truth: str = ""  # class and kind, "drone, dark"; empty in a replay, where nobody knows
    name: str = ""  # what people here call it, "the foil balloon"
    decided_after_s: float | None = None  # from its first plot to the label that stood at the end
    sentence: str = ""
    sentence_es: str = ""
    decided: str = ""  # how sure in words (ICD 203); worked out from `probability` if empty
    right: bool | None = None  # None where the truth is unknown or the answer is no answer
    track_ids: tuple[int, ...] = ()
    motion: str = ""  # of schema.batches.MOTIONS
    attributes: dict[str, bool | None] = {}  # of schema.batches.ATTRIBUTES
    first_seen_s: float | None = None
    last_seen_s: float | None = None
    trail: Trail = Trail()
    true_trail: Trail = Trail()
    probabilities: Probabilities = Probabilities()
    velocities: Velocities = Velocities()
    evidence: tuple[EvidenceLine, ...] = ()
    would_settle: str = ""


class StoryIncident(msgspec.Struct, frozen=True, kw_only=True):
    """Something that asked for attention, and how it ended."""

    id: str
    rule: str
    grade: str  # E0 … E4
    exposure: str  # X0 … X3
    opened_after_s: float
    why: str
    why_es: str = ""
    state: str = "open"
    highest_grade: str = ""
    highest_exposure: str = ""
    closed_after_s: float | None = None
    verdict: str = ""
    verdict_reason: str = ""
    objects: tuple[str, ...] = ()  # names of StoryObjects
    track_ids: tuple[int, ...] = ()
    zone: str = ""


class StoryRestriction(msgspec.Struct, frozen=True, kw_only=True):
    """A limit on the airspace for one declared hazard: as drafted, asked for, issued, lifted."""

    area_km2: float
    lower_ft: float  # above mean sea level; 0 = from the surface
    upper_ft: float  # above mean sea level
    ordered_minutes: float
    used_minutes: float | None  # None while it is still open, 0 where it was never issued
    id: str = ""
    incident_id: str = ""
    hazard: Literal["object", "laser area"] = "object"
    hazard_words: str = ""
    rung: str = ""  # R0 … R6
    state: str = ""
    polygon: tuple[LatLon, ...] = ()  # closed ring without the repeated last point
    centre: LatLon | None = None
    radius_m: float | None = None
    drafted_after_s: float | None = None
    requested_after_s: float | None = None
    issued_after_s: float | None = None
    ended_after_s: float | None = None
    authority_number: str = ""
    competent: str = ""  # who alone can issue and lift it
    requested_by: tuple[str, ...] = ()
    exemptions: tuple[str, ...] = ()
    excludes_neighbour: bool = False
    impact: str = ""
    impact_es: str = ""
    why: str = ""
    why_es: str = ""
    reason: str = ""  # written by whoever withdrew, overrode or ended it
    renewals: int = 0


class StoryNotice(msgspec.Struct, frozen=True, kw_only=True):
    """One text to one party in its language, and what became of it."""

    party: str
    language: str  # "en" or "es"
    sent_after_s: float | None
    acknowledged_after_s: float | None
    id: str = ""
    kind: str = "advice"
    subject: str = ""
    text: str = ""
    state: str = ""
    composed_after_s: float | None = None
    lifted_after_s: float | None = None  # when the same party was told that it is over
    acknowledged_by: str = ""
    escalations: int = 0
    binds: str = ""  # whom it binds
    incident_id: str = ""
    restriction_id: str = ""
    in_reply_to: str = ""
    journal_head: str = ""

    @property
    def what(self) -> str:
        """Its kind as people name it: asking an authority to close and to open again are two things."""
        ends = any(words in self.subject for words in (CANCELLATION.en, CANCELLATION.es))
        return "request to lift" if self.kind == "request" and ends else self.kind


class StoryQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Asked by a party, answered by a person here."""

    party: str
    question: str
    answer: str = ""
    language: str = "en"
    id: str = ""
    asked_after_s: float | None = None
    answered_after_s: float | None = None
    answered_by: str = ""
    incident_id: str = ""


class StoryClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Who said what, when, on what evidence; and what it contradicts."""

    party: str
    says: str
    on_evidence: str = ""
    after_s: float | None = None
    contradicts: str = ""
    about: str = ""


class StoryPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody filed before it happened: a friendly flight, or counter-drone activity."""

    kind: Literal["friend", "countermeasure"]
    operator: str
    words: str = ""
    id: str = ""
    means: str = ""  # of a countermeasure: laser, jamming …
    aviation_review: str = ""  # of a countermeasure: finished, not finished, unknown
    polygon: tuple[LatLon, ...] = ()
    from_after_s: float | None = None
    to_after_s: float | None = None
    withdrawn: bool = False


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the time line."""

    t_s: float
    text: str
    kind: str = ""  # "object", "incident", "restriction", "notice", "question", "plan", "claim"
    about: str = ""  # id or name of what it speaks of
    text_es: str = ""


class MapZone(msgspec.Struct, frozen=True, kw_only=True):
    """A zone of the site, for the map."""

    id: str
    name: str
    kind: str
    polygon: tuple[LatLon, ...]
    upper_height_ground_m: float | None = None


class MapSensor(msgspec.Struct, frozen=True, kw_only=True):
    """A sensor and how far it reaches, for the map."""

    name: str
    kind: str
    lat_deg: float
    lon_deg: float
    range_m: float
    range_min_m: float = 0.0


class MapAerodrome(msgspec.Struct, frozen=True, kw_only=True):
    """An aerodrome with its runways, for the map."""

    icao: str
    name: str
    lat_deg: float
    lon_deg: float
    runways: tuple[tuple[LatLon, LatLon], ...] = ()  # threshold, opposite threshold


class StorySite(msgspec.Struct, frozen=True, kw_only=True):
    """The place, as far as a map needs it."""

    name: str = ""
    lat_deg: float | None = None  # of the sector's origin; None: the middle of what was seen
    lon_deg: float | None = None
    ground_altitude_amsl_m: float | None = None
    country: str = ""
    neighbour: str = ""  # ISO 3166 alpha-2
    zones: tuple[MapZone, ...] = ()
    border: tuple[tuple[LatLon, ...], ...] = ()
    border_source: str = ""
    border_official: bool = False
    border_sigma_m: float | None = None
    border_home: LatLon | None = None  # any place surely on the site's own side
    sensors: tuple[MapSensor, ...] = ()
    aerodromes: tuple[MapAerodrome, ...] = ()


class RealOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The order of February 2026 that stands beside every restriction here, for scale.

    FDC 6/2233, El Paso: 10 NM, surface to 17,999 ft, effective 11 Feb 06:30Z for ten days, lifted
    after about 445 minutes (press reports; the exact minute is not established).
    """

    name: str = "FDC 6/2233, El Paso, February 2026"
    radius_nm: float = 10.0
    area_km2: float = 1077.5  # π·(10 NM)², the neighbour's part not taken off
    lower_ft: float = 0.0
    upper_ft: float = 17_999.0
    ordered_minutes: float = 14_400.0
    used_minutes: float = 445.0
    lat_deg: float | None = None  # centre for the circle on the map; None: the site's
    lon_deg: float | None = None
    sentence: str = (
        "This is a simulation. The comparison is limited: the full reason for the real order is "
        "not public, so nobody outside can say how small or short it could have been."
    )
    sentence_es: str = (
        "Esto es una simulación. La comparación es limitada: el motivo completo de la orden real no "
        "es público, así que nadie de fuera puede decir qué tan pequeña o breve pudo haber sido."
    )


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a report tells."""

    mark: str = ""  # "EXERCISE / EJERCICIO" where it is one: the first word of every form
    objects: tuple[StoryObject, ...] = ()
    incidents: tuple[StoryIncident, ...] = ()
    restrictions: tuple[StoryRestriction, ...] = ()
    notices: tuple[StoryNotice, ...] = ()
    journal_head: str = ""
    title: str = "Windhover"
    exercise: bool = False  # true: every block starts EXERCISE / EJERCICIO
    seed: int | None = None
    summary: str = ""  # one or two sentences for the top of the page
    summary_es: str = ""
    started: str = ""  # ISO 8601, UTC
    duration_s: float | None = None
    local_timezone: str = "UTC"
    questions: tuple[StoryQuestion, ...] = ()
    claims: tuple[StoryClaim, ...] = ()
    plans: tuple[StoryPlan, ...] = ()
    timeline: tuple[Moment, ...] = ()
    site: StorySite = StorySite()
    real_order: RealOrder | None = None
    journal_events: int | None = None
    journal_file: str = ""  # its name, not its path
    archive_rows: int | None = None
    sources: tuple[str, ...] = ()  # of a replay: names of the files read
    columns: dict[str, str] = {}  # of a replay: column → how it was understood
    detections: int | None = None
    rejected: dict[str, int] = {}  # reason → count
    figures: dict[str, float | int | str] = {}  # further figures in words → value

    @property
    def issued(self) -> tuple[StoryRestriction, ...]:
        """The restrictions that an authority issued: a draft that nobody did closed nothing."""
        return tuple(r for r in self.restrictions if r.issued_after_s is not None)

    version: str = ""

    def brief(self) -> Story:
        """The same story without the series that only plots need: what a terminal should print."""
        bare = tuple(
            msgspec.structs.replace(
                o,
                trail=Trail(),
                true_trail=Trail(),
                probabilities=Probabilities(),
                velocities=Velocities(),
            )
            for o in self.objects
        )
        return msgspec.structs.replace(self, objects=bare, site=StorySite(name=self.site.name))


def to_json(story: Story) -> bytes:
    """The story as one JSON object, UTF-8; non-finite numbers become null."""
    return msgspec.json.encode(story)


def rejected_words(rejected: Mapping[str, int]) -> str:
    """'3 late, 1 no position', most frequent first.

    >>> rejected_words({"late": 1, "no position": 3})
    '3 no position, 1 late'
    """
    ordered = sorted(rejected.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {reason}" for reason, count in ordered)
