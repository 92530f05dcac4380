"""A notice as an e-mail message (RFC 5322), the same bytes for the same notice."""

from __future__ import annotations

from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import Final

from windhover.errors import BadInput
from windhover.schema.cases import Notice
from windhover.schema.place import Party
from windhover.timescale import to_datetime


class _Lines(EmailPolicy):
    """An ASCII header of 190 letters stands on one line; of any other subject all is encoded words.

    A header folded behind its name is read back with a space in front. Encoded words have 75 characters at
    most, their lines 76 (RFC 2047 §2): `Header` keeps to it, and keeps the spaces between two of them, which
    the policies of Python 3.11 lose in some Spanish subjects.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if name != "Subject" or value.isascii():
            return super().fold_binary(name, value)
        coded = Header(value, "utf-8", header_name=name, maxlinelen=76).encode(linesep=self.linesep)
        return f"{name}: {coded}{self.linesep}".encode("ascii")


_POLICY: Final = _Lines(max_line_length=200, linesep=SMTP.linesep)


def as_message(notice: Notice, party: Party, sender: str, exercise: bool) -> bytes:
    """The message of one notice; the journal's head rides in a header and in the last line.

    Each party thereby holds a witness against a rewritten journal. Raises `BadInput` if an exercise
    would send a subject that does not say so: nothing of an exercise may look real.
    """
    if exercise and not notice.subject.startswith("EXERCISE / EJERCICIO"):
        raise BadInput(f"Notice {notice.id} of an exercise does not say so in its subject.")
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = party.address
    message["Subject"] = " ".join(notice.subject.split())
    message["Date"] = format_datetime(to_datetime(notice.composed_ns))
    message["Message-ID"] = (
        f"<{notice.id}.{notice.journal_head[:16] or 'draft'}@{sender.split('@')[-1]}>"
    )
    message["X-Windhover-Notice"] = notice.id
    message["X-Windhover-Journal-Head"] = notice.journal_head
    message.set_content(
        f"{notice.text.rstrip()}\n\nWindhover {notice.id} · {notice.journal_head}\n"
    )
    # After the content: setting it clears every Content- header.
    message["Content-Language"] = "es-MX" if notice.language == "es" else "en"
    return message.as_bytes()
