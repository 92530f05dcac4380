"""Channels a notice can leave by: a folder of messages, or an SMTP server.

A failure is an answer, not an exception: it comes back as a `Delivery` with the server's words, and
the picture escalates it to the next channel or a person.
"""

from __future__ import annotations

import smtplib
import ssl
import tempfile
from pathlib import Path
from typing import Protocol

from windhover.deliver.message import as_message
from windhover.schema.cases import Notice
from windhover.schema.place import Party
from windhover.schema.reports import Delivery


class Channel(Protocol):
    """Anything that can hand a notice over and say what became of it."""

    def deliver(self, notice: Notice, party: Party, now_ns: int) -> Delivery: ...


class Outbox:
    """Writes each notice as one `.eml` file: what an exercise uses, and what any mail program opens."""

    def __init__(self, folder: Path, sender: str, exercise: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.sender, self.exercise = folder, sender, exercise

    def deliver(self, notice: Notice, party: Party, now_ns: int) -> Delivery:
        path = self.folder / f"{notice.id}-{party.id}.eml"
        try:
            # Written beside and renamed, so that a reader never meets half a message.
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as part:
                part.write(as_message(notice, party, self.sender, self.exercise))
            Path(part.name).replace(path)
        except OSError as error:
            return Delivery(now_ns, now_ns, notice.id, False, f"outbox: {error.strerror}")
        return Delivery(now_ns, now_ns, notice.id, True, f"outbox: {path.name}")


class Mail:
    """Sends by SMTP; TLS is required unless the server is on this machine.

    `timeout_s` bounds the whole conversation's silences, so that a dead server cannot hold a notice.
    """

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        exercise: bool,
        user: str = "",
        password: str = "",
        timeout_s: float = 10.0,
    ) -> None:
        self.host, self.port, self.sender, self.exercise = host, port, sender, exercise
        self.user, self.password, self.timeout_s = user, password, timeout_s

    def deliver(self, notice: Notice, party: Party, now_ns: int) -> Delivery:
        message = as_message(notice, party, self.sender, self.exercise)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=self.timeout_s) as server:
                if self.host not in ("localhost", "127.0.0.1", "::1"):
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                refused = server.sendmail(self.sender, [party.address], message)
        except (OSError, smtplib.SMTPException) as error:
            return Delivery(now_ns, now_ns, notice.id, False, f"smtp {self.host}: {error}")
        if refused:
            return Delivery(now_ns, now_ns, notice.id, False, f"smtp {self.host}: {refused}")
        return Delivery(now_ns, now_ns, notice.id, True, f"smtp {self.host}")
