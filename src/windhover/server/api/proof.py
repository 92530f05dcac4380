"""The record as people browse it: its extent, its entries, whether it holds."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from windhover.errors import BadInput
from windhover.record.entries import KINDS, Entry
from windhover.record.journal import Journal, connect
from windhover.record.verify import verify
from windhover.server import chronicle
from windhover.server.route import LOOKING, WORKING, Call, Refused, Route

MASKED: Final = ("operator_latitude_rad", "operator_longitude_rad", "observer")
BODY_MAX: Final = 20_000


class Extent(msgspec.Struct, frozen=True):
    """What can be looked at; 0, 0 = nothing yet."""

    from_ns: int
    to_ns: int


class JournalPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to choose, and where from: after one entry, before one, or the newest."""

    after: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 100
    kind: Annotated[str, msgspec.Meta(max_length=20)] = ""
    type: Annotated[str, msgspec.Meta(max_length=60)] = ""
    without: Annotated[str, msgspec.Meta(max_length=60)] = ""  # a type to leave out
    before: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0  # the last ones before that entry
    newest: bool = False  # the last ones of all


class JournalEntry(msgspec.Struct, frozen=True):
    """One entry; arrays are told by their size, operators' positions are masked."""

    seq: int
    now_ns: int
    kind: str
    type: str
    bytes: int
    digest: str
    body: Any  # JSON, or None


class JournalAnswer(msgspec.Struct, frozen=True):
    entries: tuple[JournalEntry, ...]
    next: int | None  # give it as `after`


class VerifyAnswer(msgspec.Struct, frozen=True):
    """Whether every digest comes out again."""

    ok: bool
    entries: int
    head: str
    problem: str
    notes: tuple[str, ...]


async def read_extent(call: Call) -> Extent:
    """From when to when."""
    return Extent(*await asyncio.to_thread(chronicle.extent, call.server.folder))


async def read_journal(call: Call) -> JournalAnswer:
    """Entries in order."""
    query = call.query
    if query.kind and query.kind not in KINDS:
        raise Refused(422, f"kind is one of {', '.join(KINDS)}.", "kind")
    return await asyncio.to_thread(_entries, call.server.folder, query)


def _entries(folder: Path, query: JournalPage) -> JournalAnswer:
    path = folder / chronicle.JOURNAL
    chosen = {
        "seq > ?": query.after,
        "seq < ?": query.before or None,
        "kind = ?": query.kind or None,
        "type = ?": query.type or None,
        "type != ?": query.without or None,
    }
    given = {part: value for part, value in chosen.items() if value is not None}
    order = "DESC" if query.newest or query.before else "ASC"
    with Journal.open(path, read_only=True) as journal, closing(connect(path, True)) as connection:
        seqs = connection.execute(
            f"SELECT seq FROM entries WHERE {' AND '.join(given)} ORDER BY seq {order} LIMIT ?",
            (*given.values(), query.limit),
        ).fetchall()
        found = tuple(_entry(journal.entry(seq)) for (seq,) in sorted(seqs))
        more = bool(found) and found[-1].seq < journal.head.seq and not query.newest
    return JournalAnswer(found, found[-1].seq if more else None)


def _entry(entry: Entry) -> JournalEntry:
    body: Any = None
    if entry.body[:1] == b"{" and len(entry.body) <= BODY_MAX:
        body = masked(msgspec.json.decode(entry.body))
    return JournalEntry(
        entry.seq, entry.now_ns, entry.kind, entry.type, len(entry.body), entry.digest.hex(), body
    )


def masked(tree: Any) -> Any:
    """The same without personal data: what the whole entry says is read on the server's own machine."""
    if isinstance(tree, dict):
        return {
            key: None if key in MASKED and value is not None else masked(value)
            for key, value in tree.items()
        }
    if isinstance(tree, list):
        return [masked(value) for value in tree]
    return tree


async def verify_journal(call: Call) -> VerifyAnswer:
    """Form every digest again; takes a while for a long record, and one at a time."""
    server = call.server
    if server.verifying.locked():
        raise Refused(503, "It is being verified already: wait.", headers={"Retry-After": "10"})
    async with server.verifying:
        folder = server.folder
        try:
            verdict = await asyncio.to_thread(
                verify, folder / chronicle.JOURNAL, folder / "archive"
            )
        except BadInput as why:
            return VerifyAnswer(False, 0, "", str(why), ())
    problem = "" if verdict.holds else verdict.words
    return VerifyAnswer(verdict.holds, verdict.entries, verdict.head, problem, tuple(verdict.notes))


ROUTES: Final = (
    Route("GET", "/api/record", LOOKING, "From when to when it is recorded.", read_extent, Extent),
    Route(
        "GET", "/api/journal", LOOKING, "Entries of the journal.",
        read_journal, JournalAnswer, query=JournalPage,
    ),
    Route(
        "GET", "/api/journal/verify", WORKING, "Does the record hold?", verify_journal, VerifyAnswer
    ),
)  # fmt: skip
