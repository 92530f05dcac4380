"""What people and partners tell Windhover to do: one tagged union, journalled before it acts.

None of them moves anything in the sky: there is no effector command here and there will be none.
`by` is the account that gave the command; roles are checked at the edge (`server/`).
"""

from __future__ import annotations

import msgspec

from windhover.schema.cases import Countermeasure, Friend, LogKind, Verdict


class FileFriend(msgspec.Struct, frozen=True, tag=True):
    """A friendly flight is filed before it flies. Its `id` is given by the picture: leave it empty."""

    friend: Friend
    by: str


class FileCountermeasure(msgspec.Struct, frozen=True, tag=True):
    """A partner files counter-drone activity that it plans. `id` is given by the picture."""

    countermeasure: Countermeasure
    by: str


class WithdrawCountermeasure(msgspec.Struct, frozen=True, tag=True):
    """The partner says that its activity has ended or will not take place."""

    countermeasure_id: str
    by: str
    reason: str


class RecordClaim(msgspec.Struct, frozen=True, tag=True):
    """Somebody said something about an object."""

    party: str
    says: str
    on_evidence: str
    by: str
    track_id: int | None = None
    incident_id: str = ""


class RequestRestriction(msgspec.Struct, frozen=True, tag=True):
    """A person asks the competent authority for a drafted restriction."""

    restriction_id: str
    by: str


class EnterAuthorityNumber(msgspec.Struct, frozen=True, tag=True):
    """The competent authority has issued it, or replaced what it issued: its own number and times.

    Times left out of a first issue are those that were asked for, from now at the earliest; a
    replacement needs its end.
    """

    restriction_id: str
    authority_number: str
    by: str
    from_ns: int | None = None
    to_ns: int | None = None


class RenewRestriction(msgspec.Struct, frozen=True, tag=True):
    """A person renews a proposal, with the new evidence written out."""

    restriction_id: str
    by: str
    evidence: str


class WithdrawRestriction(msgspec.Struct, frozen=True, tag=True):
    """A person releases a draft or request that was never issued."""

    restriction_id: str
    by: str
    reason: str


class RequestCancellation(msgspec.Struct, frozen=True, tag=True):
    """A person asks the authority to cancel what it issued: the hazard is over."""

    restriction_id: str
    by: str
    reason: str


class ConfirmCancelled(msgspec.Struct, frozen=True, tag=True):
    """The competent authority has cancelled it; only this lifts a restriction here."""

    restriction_id: str
    by: str
    authority_number: str = ""


class WriteLog(msgspec.Struct, frozen=True, tag=True):
    """A person writes into the watch's log: a telephone call, a relief, an alert that was seen."""

    kind: LogKind
    text: str
    by: str
    with_whom: str = ""  # on the telephone, or the other officer of a relief
    incident_id: str = ""
    about: str = ""  # id of the alert that was seen


class Acknowledge(msgspec.Struct, frozen=True, tag=True):
    """A party has read a notice."""

    notice_id: str
    by: str


class AskQuestion(msgspec.Struct, frozen=True, tag=True):
    """A party asks."""

    party: str
    text: str
    by: str
    incident_id: str = ""


class AnswerQuestion(msgspec.Struct, frozen=True, tag=True):
    """A person here answers; the answer goes to the party that asked."""

    question_id: str
    text: str
    by: str


class CloseIncident(msgspec.Struct, frozen=True, tag=True):
    """Every incident ends with a reasoned verdict; "unresolved" is an honest one."""

    incident_id: str
    verdict: Verdict
    reason: str
    by: str


Command = (
    FileFriend
    | FileCountermeasure
    | WithdrawCountermeasure
    | RecordClaim
    | RequestRestriction
    | EnterAuthorityNumber
    | RenewRestriction
    | WithdrawRestriction
    | RequestCancellation
    | ConfirmCancelled
    | Acknowledge
    | AskQuestion
    | AnswerQuestion
    | CloseIncident
    | WriteLog
)


class Tick(msgspec.Struct, frozen=True, tag=True):
    """Time passes: proposals lapse, reminders fall due, tracks coast. Carries nothing."""


class SiteChange(msgspec.Struct, frozen=True, tag=True):
    """The place changed (a sensor moved, a zone was drawn): the whole new site, as JSON of `Site`."""

    site_json: str
    by: str
