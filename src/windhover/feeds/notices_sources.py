"""Where the watch's notices come from: files, folders, mailboxes and addresses.

Each source is asked with `poll()` and answers with all that it shows now, or with what is new; it
raises `SourceDown` when it cannot, and the watch turns that into an alert. The FAA's two services
stand in `notices_faa`.
"""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from windhover.errors import BadInput
from windhover.feeds.notices_http import Fetch, Request, SourceDown, fetch
from windhover.feeds.notices_texts import Item, items_of, unpacked
from windhover.timescale import from_datetime

_LARGEST_MAIL: Final = 2_000_000
_LARGEST_FILE: Final = 256_000_000
_TEXT_ENDINGS: Final = (".txt", ".notam", ".json", ".jsonl", ".xml")


class Answer(NamedTuple):
    """What one poll brought."""

    items: tuple[Item, ...]
    complete: bool  # a list of all that is in force: what it lacks was taken off it
    listed: tuple[str, ...] = ()  # keys that the list shows and that were not fetched this time
    unread: tuple[str, ...] = ()  # parts that could not be read, each with its reason


class Source(Protocol):
    """`name` is what alerts call it."""

    name: str

    def poll(self) -> Answer | None:
        """None where nothing changed since the last poll. Raises `SourceDown`."""
        ...


class FileSource:
    """One file, or all files of a folder, read again whenever they change."""

    def __init__(self, path: Path, complete: bool = False) -> None:
        self.name = str(path)
        self._path, self._complete = path, complete
        self._seen: dict[Path, tuple[int, int]] = {}

    def poll(self) -> Answer | None:
        """Everything in every file, if any changed."""
        try:
            if self._path.is_dir():
                paths = sorted(p for p in self._path.iterdir() if p.is_file() and p.name[0] != ".")
            else:
                paths = [self._path]
            marks = {p: (s.st_mtime_ns, s.st_size) for p in paths for s in (p.stat(),)}
            if marks == self._seen:
                return None
            items: list[Item] = []
            unread: list[str] = []
            for path in paths:
                if marks[path][1] > _LARGEST_FILE:
                    unread.append(f"{path.name} is larger than {_LARGEST_FILE:,} bytes.")
                    continue
                if not self._complete and self._seen.get(path) == marks[path]:
                    continue
                _gather(path.read_bytes(), path.name, items, unread)
        except OSError as wrong:
            self._seen = {}
            raise SourceDown(f"it cannot be read ({wrong.strerror or wrong})") from None
        self._seen = marks
        return Answer(tuple(items), self._complete and not unread, (), tuple(unread))


def _gather(data: bytes, name: str, items: list[Item], unread: list[str]) -> None:
    try:
        words = unpacked(data, name, _LARGEST_FILE).decode("utf-8", "replace")
        items.extend(items_of(words, name))
    except BadInput as wrong:
        unread.append(str(wrong))


class AddressSource:
    """One http or https address; asked again only for what changed (ETag, Last-Modified)."""

    def __init__(self, url: str, complete: bool = False, ask: Fetch = fetch) -> None:
        self.name = url.partition("?")[0]  # a query may hold a key; alerts must not
        self._url, self._complete, self._ask = url, complete, ask
        self._conditions: tuple[tuple[str, str], ...] = ()

    def poll(self) -> Answer | None:
        """Everything that stands there now; None for 304."""
        reply = self._ask(Request(self._url, self._conditions))
        if reply.status == 304:
            return None
        items: list[Item] = []
        unread: list[str] = []
        _gather(reply.body, self.name, items, unread)
        if unread:
            raise SourceDown(f"its reply cannot be read ({unread[0]})")
        pairs = (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))
        self._conditions = tuple(
            (asked, reply.headers[given]) for given, asked in pairs if given in reply.headers
        )
        return Answer(tuple(items), self._complete)


class MailSource:
    """A mailbox that some mail program fills: a Maildir folder or an mbox file. Nothing is deleted."""

    def __init__(self, path: Path) -> None:
        self.name = f"mailbox {path}"
        self._path = path
        self._seen: set[str] = set()
        self._mark: tuple[int, int] | None = None

    def poll(self) -> Answer | None:
        """The notices of messages that were not there before."""
        try:
            if self._path.is_file():
                mark = (self._path.stat().st_mtime_ns, self._path.stat().st_size)
                if mark == self._mark:
                    return None
                return self._new(mailbox.mbox(self._path, create=False), mark)
            if not (self._path / "cur").is_dir():
                raise SourceDown("it is neither an mbox file nor a Maildir folder")
            return self._new(mailbox.Maildir(self._path, create=False), None)
        except (OSError, mailbox.Error) as wrong:
            raise SourceDown(f"it cannot be read ({wrong})") from None

    def _new(
        self,
        box: mailbox.Mailbox[mailbox.mboxMessage] | mailbox.Mailbox[mailbox.MaildirMessage],
        mark: tuple[int, int] | None,
    ) -> Answer | None:
        items: list[Item] = []
        unread: list[str] = []
        try:
            for key in sorted(box.keys()):
                if str(key) in self._seen:
                    continue
                self._seen.add(str(key))
                try:
                    if len(box.get_bytes(key)) > _LARGEST_MAIL:
                        unread.append(f"message {key} is larger than {_LARGEST_MAIL:,} bytes.")
                        continue
                    items += _of_message(box[key], unread)
                except (KeyError, ValueError, LookupError) as wrong:
                    unread.append(f"message {key} is malformed ({wrong}).")
        finally:
            box.close()
        self._mark = mark
        return Answer(tuple(items), False, (), tuple(unread)) if items or unread else None


def _of_message(message: Message, unread: list[str]) -> Iterator[Item]:
    sent_ns = None
    try:
        sent_ns = from_datetime(parsedate_to_datetime(str(message["Date"])))
    except (TypeError, ValueError):
        sent_ns = None  # without a date, or with one that has no zone: not known
    for part in message.walk():
        name = str(make_header(decode_header(part.get_filename() or "")))
        plain = part.get_content_type() in ("text/plain", "application/json", "application/xml")
        if part.is_multipart() or not (plain or name.lower().endswith(_TEXT_ENDINGS)):
            continue
        payload = part.get_payload(decode=True)
        if not isinstance(payload, bytes):
            continue
        found: list[Item] = []
        _gather(payload, name or "message", found, unread)
        for item in found:
            if "NOTAM" in item.text or item.text.lstrip()[:1] in ("!", "<") or item.known:
                yield item._replace(published_ns=item.published_ns or sent_ns)
