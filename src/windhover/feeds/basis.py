"""Who answers for a feed that listens to radio: recorded in the journal before the feed may run.

In the United States capturing even the signalling of a radio link, and not only its content, can fall
under the pen/trap and wiretap statutes; other states have their own. What the law says is for lawyers;
that a named person has said it, when, and on what ground, is for the journal. Decoding content is a
second switch with a name of its own. A settings file can declare a basis, but what counts is the entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from unicodedata import normalize

import msgspec
from msgspec.structs import replace

from windhover.errors import BadInput
from windhover.feeds.live import Feed
from windhover.feeds.sapient import SapientServer
from windhover.feeds.settings import FeedSettings, SapientNode, captures, held_back, node_key
from windhover.record.entries import Entry, decode_struct
from windhover.record.recorder import Recorder


class FeedDeclared(msgspec.Struct, frozen=True):
    """A feed's settings as they stand from now on: written at start-up and with every change."""

    feed: str
    settings: dict[str, str | int | float | bool | None]
    captures_signalling: bool
    decodes_content: bool
    changed: tuple[str, ...]  # names of the settings that are new or different, () = first time
    by: str


class LegalBasisRecorded(msgspec.Struct, frozen=True):
    """A named person says on what ground a feed may capture signalling."""

    feed: str
    basis: str
    by: str
    entered_by: str = ""  # the account that wrote it, where it is not who answers for it


class ContentAllowed(msgspec.Struct, frozen=True):
    """A named person allows a feed to decode content: the second switch."""

    feed: str
    reason: str
    by: str
    entered_by: str = ""


class BasisWithdrawn(msgspec.Struct, frozen=True):
    """From now on the feed is off again, its basis and its second switch both."""

    feed: str
    reason: str
    by: str
    entered_by: str = ""


class ClockCorrected(msgspec.Struct, frozen=True):
    """A person says how far ahead of true time a source's clock is; holds until its settings say otherwise."""

    feed: str
    ahead_s: float
    by: str
    entered_by: str = ""


Mark = FeedDeclared | LegalBasisRecorded | ContentAllowed | BasisWithdrawn | ClockCorrected
MARKS: Final[dict[str, type[msgspec.Struct]]] = {
    each.__name__: each
    for each in (FeedDeclared, LegalBasisRecorded, ContentAllowed, BasisWithdrawn, ClockCorrected)
}
CLOCK_MOST_S: Final = 86_400.0
_SECRET: Final = re.compile(r"password|secret|token|key", re.IGNORECASE)
_ROLES: Final = frozenset(
    [
        "admin",
        "administrator",
        "root",
        "operator",
        "approver",
        "viewer",
        "partner",
        "user",
        "system",
        "nobody",
        "unknown",
        "anonymous",
        "test",
        "none",
        "na",
        "officer",
        "watch",
        "duty",
        "administrador",
        "administradora",
        "operador",
        "operadora",
        "aprobador",
        "aprobadora",
        "usuario",
        "usuaria",
        "sistema",
        "nadie",
        "desconocido",
        "desconocida",
        "anonimo",
        "prueba",
        "ninguno",
        "oficial",
        "guardia",
        "turno",
        "the",
        "a",
        "an",
        "el",
        "la",
        "los",
        "un",
        "una",
        "de",
        "of",
    ]
)
"""Words that name nobody, in the languages of the console."""


class Standing(NamedTuple):
    """What the journal says of one feed."""

    basis: str = ""
    basis_by: str = ""
    content_by: str = ""
    ahead_s: float | None = None  # None: as the settings say
    settings: dict[str, str | int | float | bool | None] | None = None


class BasisDesk:
    """Reads the journal at start, writes to it with every change, and says which feeds may run."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.standing: dict[str, Standing] = {}
        for mark in marks_of(recorder.journal.read(kinds=("mark",))):
            self._take(mark)

    def declare(self, settings: FeedSettings, now_ns: int, by: str) -> FeedSettings:
        """Journal a feed's settings where they changed; give them back with what the journal allows.

        A basis that the settings declare with a name becomes an entry of its own, once.
        """
        held = self.standing.get(settings.name, Standing())
        told = _plain(settings)
        first = held.settings is None
        if held.settings != told:
            before = held.settings or {}
            changed = tuple(
                sorted(
                    name
                    for name in told | before
                    if held.settings is not None and told.get(name) != before.get(name)
                )
            )
            self._write(
                FeedDeclared(
                    settings.name,
                    told,
                    captures(settings),
                    settings.decodes_content,
                    changed,
                    by,
                ),
                now_ns,
            )
            newly = held.settings is None or bool(
                {"legal_basis", "basis_recorded_by"} & set(changed)
            )
            if newly and settings.legal_basis and settings.basis_recorded_by:
                self.record(settings.name, settings.legal_basis, settings.basis_recorded_by, now_ns)
            newly = held.settings is None or "content_allowed_by" in changed
            if newly and settings.content_allowed_by:
                self.allow_content(
                    settings.name, "by the settings", settings.content_allowed_by, now_ns
                )
            if first or "nodes" in changed:
                self._declare_nodes(settings, _nodes(before), now_ns)
        return self.allowed(settings)

    def record(self, feed: str, basis: str, by: str, now_ns: int, entered_by: str = "") -> None:
        """Journal the legal basis of a feed. Raises `BadInput` where it or the name says nothing."""
        if len(basis.strip()) < 4:
            raise BadInput("A legal basis needs words: which law, order or consent.")
        self._write(LegalBasisRecorded(feed, basis.strip(), _named(by), entered_by), now_ns)

    def allow_content(
        self, feed: str, reason: str, by: str, now_ns: int, entered_by: str = ""
    ) -> None:
        """Journal the second switch. Raises `BadInput` without a basis, a reason or a named person."""
        if not self.standing.get(feed, Standing()).basis:
            raise BadInput("Content needs the legal basis of the feed first.")
        self._write(ContentAllowed(feed, _reason(reason), _named(by), entered_by), now_ns)

    def withdraw(self, feed: str, reason: str, by: str, now_ns: int, entered_by: str = "") -> None:
        """Journal that a feed is off again. It is off also where the journal cannot take it."""
        mark = BasisWithdrawn(feed, _reason(reason), _named(by), entered_by)
        self._take(mark)
        self._write(mark, now_ns)

    def correct_clock(
        self, feed: str, ahead_s: float, by: str, now_ns: int, entered_by: str = ""
    ) -> None:
        """Journal how far ahead a source's clock is, s. Raises `BadInput` beyond a day, and without a name."""
        if not abs(ahead_s) <= CLOCK_MOST_S:
            raise BadInput("A clock can be corrected by a day at most.", "Set it right.")
        self._write(ClockCorrected(feed, ahead_s, _named(by), entered_by), now_ns)

    def allowed(self, settings: FeedSettings) -> FeedSettings:
        """The settings with exactly the names that the journal holds; `held_back` then decides."""
        held = self.standing.get(settings.name, Standing())
        return replace(
            settings,
            legal_basis=held.basis,
            basis_recorded_by=held.basis_by,
            content_allowed_by=held.content_by,
            clock_ahead_s=settings.clock_ahead_s if held.ahead_s is None else held.ahead_s,
            nodes=tuple(self._allowed_node(settings.name, node) for node in settings.nodes),
        )

    def why_off(self, settings: FeedSettings) -> str:
        """Why a feed may not run, or ''."""
        return held_back(self.allowed(settings))

    def _declare_nodes(
        self, settings: FeedSettings, before: dict[str, SapientNode], now_ns: int
    ) -> None:
        """A basis that the settings declare for a radio node, once for each name and ground."""
        for node in settings.nodes:
            key, was = node_key(settings.name, node), before.get(node_key(settings.name, node))
            told = node.legal_basis, node.basis_recorded_by
            if all(told) and (was is None or told != (was.legal_basis, was.basis_recorded_by)):
                self.record(key, node.legal_basis, node.basis_recorded_by, now_ns)

    def _allowed_node(self, feed: str, node: SapientNode) -> SapientNode:
        held = self.standing.get(node_key(feed, node), Standing())
        return replace(
            node,
            legal_basis=held.basis,
            basis_recorded_by=held.basis_by,
            clock_ahead_s=node.clock_ahead_s if held.ahead_s is None else held.ahead_s,
        )

    def _write(self, mark: Mark, now_ns: int) -> None:
        self.recorder.mark(now_ns, mark)
        self.recorder.flush()  # a feed runs only on what is on the disk
        self._take(mark)

    def _take(self, mark: Mark) -> None:
        held = self.standing.get(mark.feed, Standing())
        if isinstance(mark, FeedDeclared):
            self._take_nodes(_nodes(held.settings or {}), _nodes(mark.settings))
            held = held._replace(settings=mark.settings)
            if "clock_ahead_s" in mark.changed:
                held = held._replace(ahead_s=None)
        elif isinstance(mark, ClockCorrected):
            held = held._replace(ahead_s=mark.ahead_s)
        elif isinstance(mark, LegalBasisRecorded):
            held = held._replace(basis=mark.basis, basis_by=mark.by)
        elif isinstance(mark, ContentAllowed):
            held = held._replace(content_by=mark.by)
        else:
            held = held._replace(basis="", basis_by="", content_by="")
        self.standing[mark.feed] = held

    def _take_nodes(self, before: dict[str, SapientNode], now: dict[str, SapientNode]) -> None:
        """A node's clock that the settings state anew is no longer as a person corrected it."""
        for key, node in now.items():
            was, held = before.get(key), self.standing.get(key)
            if held is not None and was is not None and was.clock_ahead_s != node.clock_ahead_s:
                self.standing[key] = held._replace(ahead_s=None)


def answer_for(feeds: Iterable[object], recorder: Recorder, now_ns: int, by: str) -> None:
    """Before any feed runs: journal its settings where they changed, and let each have only what the journal allows.

    Feeds of others' making that carry no settings are passed over.
    """
    desk = BasisDesk(recorder)
    for feed in feeds:
        if isinstance(feed, Feed):
            feed.settings = desk.declare(feed.settings, now_ns, by)
        elif isinstance(feed, SapientServer) and feed.declared is not None:
            feed.follow(desk.declare(feed.declared, now_ns, by))


def marks_of(entries: Iterable[Entry]) -> Iterable[Mark]:
    """The marks of this room among a journal's entries, oldest first."""
    for entry in entries:
        kind = MARKS.get(entry.type) if entry.kind == "mark" else None
        if kind is not None:
            mark: Mark = decode_struct(kind, entry.body)
            yield mark


def _nodes(told: Mapping[str, object]) -> dict[str, SapientNode]:
    """The nodes of a `FeedDeclared`, by the name under which each is ruled."""
    name, written = told.get("name"), told.get("nodes")
    if not isinstance(name, str) or not isinstance(written, str):
        return {}
    try:
        nodes = msgspec.json.decode(written, type=tuple[SapientNode, ...])
    except msgspec.MsgspecError:  # of a version that wrote them otherwise
        return {}
    return {node_key(name, node): node for node in nodes}


def _plain(settings: FeedSettings) -> dict[str, str | int | float | bool | None]:
    """Settings as the journal shows them: no secrets, and credentials taken out of addresses."""
    told: dict[str, str | int | float | bool | None] = {}
    for name, value in msgspec.to_builtins(settings).items():
        if _SECRET.search(name) and value:
            told[name] = "(kept out of the journal)"
        elif isinstance(value, str):
            told[name] = re.sub(r"//[^/@\s]*@", "//(credentials)@", value)
        elif isinstance(value, bool | int | float) or value is None:
            told[name] = value
        else:
            told[name] = msgspec.json.encode(value).decode()
    return told


def _reason(text: str) -> str:
    if len(text.strip()) < 4:
        raise BadInput("A reason needs words.")
    return text.strip()


def _named(by: str) -> str:
    """The name of a person, or `BadInput`: a role answers for nothing."""
    name = " ".join(by.split())
    plain = normalize("NFD", name).encode("ascii", "ignore").decode() or name
    words = [word.lower() for word in re.findall(r"[^\W\d_]+", plain)]
    if len(re.findall(r"[^\W\d_]", name)) < 3 or all(word in _ROLES for word in words):
        raise BadInput(f"{by!r} is not the name of a person.", "Write who answers for it.")
    return name
