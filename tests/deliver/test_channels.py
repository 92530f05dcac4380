"""A notice leaves by a real SMTP server and arrives whole, in its language, with the journal's head."""

from __future__ import annotations

import re
import socket
from email import message_from_bytes, policy
from pathlib import Path

import msgspec
import pytest
from aiosmtpd.controller import Controller
from hypothesis import given
from hypothesis import strategies as st

from windhover.deliver.channels import Mail, Outbox
from windhover.deliver.message import as_message
from windhover.errors import BadInput
from windhover.schema.cases import Notice
from windhover.schema.place import Party

PARTY = Party(
    "afac", "AFAC", "MX", "es", ("neighbour",), "guardia@afac.example", "America/Ciudad_Juarez"
)
NOTICE = Notice(
    "N7",
    "afac",
    "es",
    "advice",
    "EXERCISE / EJERCICIO · Aviso: objeto a la deriva",
    "EXERCISE / EJERCICIO\nUn globo cruza la línea. ¿Preguntas? Llámenos.",
    1_770_791_400_000_000_000,
    "composed",
    journal_head="ab" * 32,
)


class Inbox:
    def __init__(self, answer: str = "250 OK") -> None:
        self.got: list[bytes] = []
        self.answer = answer

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.got.append(envelope.content)  # type: ignore[attr-defined]  # aiosmtpd's Envelope
        return self.answer


@pytest.fixture
def inbox() -> object:
    handler = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def test_arrives_whole_in_spanish_with_the_journals_head(inbox: tuple[Inbox, int]) -> None:
    handler, port = inbox
    answer = Mail("127.0.0.1", port, "watch@windhover.example", exercise=True).deliver(
        NOTICE, PARTY, 5
    )
    assert answer.delivered and answer.notice_id == "N7"
    message = message_from_bytes(handler.got[0], policy=policy.default)
    assert message["Subject"] == NOTICE.subject
    assert message["To"] == PARTY.address
    assert message["X-Windhover-Journal-Head"].strip() == "ab" * 32
    body = message.get_content()
    assert "¿Preguntas? Llámenos." in body and "ab" * 32 in body


def test_a_server_that_refuses_is_an_answer(inbox: tuple[Inbox, int]) -> None:
    handler, port = inbox
    handler.answer = "552 mailbox full"
    answer = Mail("127.0.0.1", port, "watch@windhover.example", exercise=True).deliver(
        NOTICE, PARTY, 5
    )
    assert not answer.delivered and "mailbox full" in answer.words


def test_a_server_that_is_not_there_is_an_answer() -> None:
    answer = Mail("127.0.0.1", 1, "watch@windhover.example", True, timeout_s=1).deliver(
        NOTICE, PARTY, 5
    )
    assert not answer.delivered and answer.words.startswith("smtp 127.0.0.1")


def test_outbox_writes_one_whole_message_and_nothing_half(tmp_path: Path) -> None:
    answer = Outbox(tmp_path / "outbox", "watch@windhover.example", True).deliver(NOTICE, PARTY, 5)
    assert answer.delivered
    files = list((tmp_path / "outbox").iterdir())
    assert [file.name for file in files] == ["N7-afac.eml"]
    message = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert message["Content-Language"] == "es-MX"


def test_an_exercise_cannot_send_what_does_not_say_so() -> None:
    unmarked = msgspec.structs.replace(NOTICE, subject="Aviso: objeto a la deriva")
    with pytest.raises(BadInput, match="does not say so"):
        as_message(unmarked, PARTY, "watch@windhover.example", exercise=True)


def test_a_subject_cannot_smuggle_a_header() -> None:
    evil = msgspec.structs.replace(NOTICE, subject=NOTICE.subject + "\r\nBcc: spy@evil.example")
    message = message_from_bytes(
        as_message(evil, PARTY, "w@windhover.example", True), policy=policy.default
    )
    assert message["Bcc"] is None


ADVICE = "Advice: I5, 2 drones where border-agency filed 1, at the northern fence"
AVISO = "Aviso: vuelo no identificado cerca de la pista norte, señal débil, se observó a las 23:40"


def written(more: str) -> tuple[Notice, bytes]:
    long = msgspec.structs.replace(NOTICE, subject=f"EXERCISE / EJERCICIO: {more}")
    return long, as_message(long, PARTY, "watch@windhover.example", exercise=True)


@pytest.mark.parametrize("more", [ADVICE, AVISO])
def test_a_long_header_begins_with_its_first_letter(more: str) -> None:
    """A header folded right behind its name is read back with a space in front."""
    long, raw = written(more)
    read = message_from_bytes(raw, policy=policy.default)
    assert read["Subject"] == long.subject
    assert read["X-Windhover-Journal-Head"] == long.journal_head
    assert max(map(len, raw.splitlines())) <= 998


def test_an_ascii_subject_is_one_line() -> None:
    long, raw = written(ADVICE)
    assert f"Subject: {long.subject}".encode() in raw.splitlines()


@given(st.lists(st.text("abcáéñóú·¿", min_size=1, max_size=30), min_size=1, max_size=30))
def test_encoded_words_are_as_short_as_the_standard_asks_and_lose_nothing(words: list[str]) -> None:
    """RFC 2047 §2: 75 characters a word, 76 a line that has one."""
    lost_a_space = "cancelación no 23:40 R1, número 23:40 petición 23:40 23:40"  # in Python 3.11.7
    for more in (AVISO, AVISO.replace(" ", "ñ") * 3, lost_a_space, "ñ" + " ".join(words)):
        long, raw = written(more)
        head = raw.split(b"\r\n\r\n")[0]
        found = re.findall(rb"=\?\S+?\?[qb]\?\S*?\?=", head)
        assert found and max(map(len, found)) <= 75
        assert max(len(line) for line in head.split(b"\r\n") if b"=?" in line) <= 76
        assert message_from_bytes(raw, policy=policy.default)["Subject"] == long.subject
