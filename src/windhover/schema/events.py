"""What the picture says has happened: one tagged union of frozen structs, journalled as it is said."""

from __future__ import annotations

import msgspec

from windhover.schema.cases import (
    Claim,
    Countermeasure,
    Friend,
    Incident,
    LogEntry,
    Notice,
    Question,
    Restriction,
    Words,
)


class InputRejected(msgspec.Struct, frozen=True, tag=True):
    """Input that could not be used, counted by reason; never silently dropped."""

    time_ns: int
    source: str
    reasons: dict[str, int]


class TrackConfirmed(msgspec.Struct, frozen=True, tag=True):
    """There is an object."""

    time_ns: int
    track_id: int
    latitude_rad: float
    longitude_rad: float
    height_ellipsoid_m: float


class TrackEnded(msgspec.Struct, frozen=True, tag=True):
    """The object is no longer held."""

    time_ns: int
    track_id: int
    last_hit_ns: int


class IdentityChanged(msgspec.Struct, frozen=True, tag=True):
    """What Windhover says an object is has changed."""

    time_ns: int
    track_id: int
    said: str  # of CLASSES
    probability: float
    motion: str  # of MOTIONS
    attributes: dict[str, bool | None]
    sentence: Words
    decided_after_s: float | None  # since the track's first plot; None = not decided


class IncidentChanged(msgspec.Struct, frozen=True, tag=True):
    """An incident was opened, regraded or closed: the incident as it now is."""

    time_ns: int
    incident: Incident


class RestrictionChanged(msgspec.Struct, frozen=True, tag=True):
    """A restriction moved along its table, or was redrawn: the restriction as it now is."""

    time_ns: int
    restriction: Restriction
    did: str  # what moved it: a command's name or "lapsed", "redrawn", "reminder"


class NoticeChanged(msgspec.Struct, frozen=True, tag=True):
    """A notice was composed, sent, acknowledged or escalated."""

    time_ns: int
    notice: Notice


class QuestionChanged(msgspec.Struct, frozen=True, tag=True):
    time_ns: int
    question: Question


class FriendFiled(msgspec.Struct, frozen=True, tag=True):
    time_ns: int
    friend: Friend


class CountermeasureFiled(msgspec.Struct, frozen=True, tag=True):
    """Filed, changed or withdrawn: somebody else's activity as it is known now."""

    time_ns: int
    countermeasure: Countermeasure
    withdrawn: bool = False


class ClaimRecorded(msgspec.Struct, frozen=True, tag=True):
    time_ns: int
    claim: Claim


class LogWritten(msgspec.Struct, frozen=True, tag=True):
    """A person wrote into the watch's log."""

    time_ns: int
    entry: LogEntry


class CommandRefused(msgspec.Struct, frozen=True, tag=True):
    """A command that does not fit the state of what it names; the reason tells what to do instead."""

    time_ns: int
    command: str
    by: str
    reason: Words


class Reminder(msgspec.Struct, frozen=True, tag=True):
    """Something is due from a person. It reminds; it never decides."""

    time_ns: int
    about: str  # id of a restriction, notice or question
    words: Words


class RegisterShortened(msgspec.Struct, frozen=True, tag=True):
    """Rows left the picture's register to keep it bounded; the record still holds them."""

    time_ns: int
    register: str
    dropped: tuple[str, ...]  # their ids
    unfinished: int  # how many of them still wanted something of somebody; 0 unless flooded


Event = (
    InputRejected
    | TrackConfirmed
    | TrackEnded
    | IdentityChanged
    | IncidentChanged
    | RestrictionChanged
    | NoticeChanged
    | QuestionChanged
    | FriendFiled
    | CountermeasureFiled
    | ClaimRecorded
    | CommandRefused
    | Reminder
    | RegisterShortened
    | LogWritten
)
