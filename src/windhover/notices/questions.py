"""A party asks, a person here answers; what stays unanswered for ten minutes is escalated."""

from __future__ import annotations

from typing import Final

import msgspec

from windhover.notices.compose import framed, marked
from windhover.notices.parties import by_id, duty
from windhover.schema.cases import Notice, NoticeKind, Question, Words
from windhover.schema.commands import AnswerQuestion, AskQuestion
from windhover.schema.place import Party, Site
from windhover.units import NS_PER_MIN, NS_PER_S

ANSWER_WITHIN_NS: Final = 10 * NS_PER_MIN


def ask(
    site: Site, command: AskQuestion, number: int, notice_number: int, now_ns: int
) -> tuple[Question, tuple[Notice, ...]] | Words:
    """The question "Q{number}" and the notice that brings it to the duty officer, or a refusal."""
    party = by_id(site, command.party)
    if party is None:
        return Words(
            f"There is no party {command.party} here.", f"Aquí no existe la parte {command.party}."
        )
    if not command.text.strip():
        return Words("The question is empty.", "La pregunta está vacía.")
    question = Question(
        id=f"Q{number}",
        party=party.id,
        language=party.language,
        text=command.text,
        asked_ns=now_ns,
        incident_id=command.incident_id,
    )
    officer = duty(site)
    if officer is None:
        return question, ()
    head = Words(f"{party.name} asks ({question.id}):", f"{party.name} pregunta ({question.id}):")
    notice = _notice(site, officer, question, "question", head, command.text, notice_number, now_ns)
    return question, (notice,)


def answer(
    site: Site, question: Question, command: AnswerQuestion, notice_number: int, now_ns: int
) -> tuple[Question, tuple[Notice, ...]] | Words:
    """The question with its answer, and the notice that carries it, in the person's own words."""
    if question.answered_ns is not None:
        return Words(
            f"{question.id} was already answered by {question.answered_by}.",
            f"{question.answered_by} ya respondió {question.id}.",
        )
    if not command.text.strip():
        return Words("The answer is empty.", "La respuesta está vacía.")
    done = msgspec.structs.replace(
        question, answer=command.text, answered_by=command.by, answered_ns=now_ns
    )
    party = by_id(site, question.party)
    if party is None:
        return done, ()
    head = Words(
        f"Answer to your question {question.id}:", f"Respuesta a su pregunta {question.id}:"
    )
    text = f"{command.text}\n> {question.text}"
    return done, (_notice(site, party, question, "answer", head, text, notice_number, now_ns),)


def overdue(question: Question, now_ns: int) -> bool:
    """Whether it is unanswered past its time and nobody has been called yet."""
    waits = question.answered_ns is None and question.escalated_ns is None
    return waits and now_ns - question.asked_ns >= ANSWER_WITHIN_NS


def escalate(
    site: Site, question: Question, notice_number: int, now_ns: int
) -> tuple[Question, tuple[Notice, ...]]:
    """The question as escalated, and a notice to the competent authority of the highest rung.

    Where the site names none, or it is the asker, the duty officer is told again.
    """
    done = msgspec.structs.replace(question, escalated_ns=now_ns)
    names = [r.competent for r in site.policy.ladder if r.competent != question.party]
    to = (by_id(site, names[-1]) if names else None) or duty(site)
    if to is None:
        return done, ()
    party = by_id(site, question.party)
    name = party.name if party is not None else question.party
    head = Words(
        f"{question.id} by {name} has been unanswered for 10 min:",
        f"{question.id} de {name} lleva 10 min sin respuesta:",
    )
    return done, (
        _notice(site, to, done, "escalation", head, question.text, notice_number, now_ns),
    )


def _notice(
    site: Site,
    party: Party,
    question: Question,
    kind: NoticeKind,
    head: Words,
    text: str,
    number: int,
    now_ns: int,
) -> Notice:
    """One notice about a question."""
    first = head.of(party.language)
    waits = kind != "escalation"
    return Notice(
        id=f"N{number}",
        party=party.id,
        language=party.language,
        kind=kind,
        subject=marked(site, first.rstrip(":")),
        text=framed(site, f"{first}\n{text}"),
        composed_ns=now_ns,
        state="composed",
        incident_id=question.incident_id,
        in_reply_to=question.id,
        due_ns=now_ns + round(party.acknowledge_within_s * NS_PER_S) if waits else None,
    )
