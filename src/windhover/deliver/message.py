"""A notice as an e-mail message (RFC 5322), the same bytes for the same notice."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from windhover.errors import BadInput
from windhover.schema.cases import Notice
from windhover.schema.place import Party
from windhover.timescale import to_datetime

_POLICY = SMTP.clone(max_line_length=200)
"""A subject of 70 letters is not folded behind "Subject:", where readers keep the space as its first letter."""


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
