"""One question, asked and answered, settled it: so it must arrive, and be answered in time."""

from __future__ import annotations

from tests.geo.scene import NOW_NS, SECOND, site
from windhover.notices import questions
from windhover.schema.cases import Question, Words
from windhover.schema.commands import AnswerQuestion, AskQuestion

PLACE = site()
MINUTE = 60 * SECOND
ASKED = AskQuestion("afac", "¿El cierre anuncia una operación en nuestro territorio?", "luz", "I1")
ANSWER = AnswerQuestion("Q4", "No. Se trata de un láser en pruebas; nada cruza la frontera.", "ana")


def asked() -> Question:
    outcome = questions.ask(PLACE, ASKED, 4, 20, NOW_NS)
    assert not isinstance(outcome, Words)
    return outcome[0]


def test_a_question_reaches_the_duty_officer_as_it_was_written():
    outcome = questions.ask(PLACE, ASKED, 4, 20, NOW_NS)
    assert not isinstance(outcome, Words)
    question, (notice,) = outcome
    assert (question.id, question.party, question.language, question.incident_id) == (
        "Q4",
        "afac",
        "es",
        "I1",
    )
    assert (notice.id, notice.party, notice.kind, notice.in_reply_to) == (
        "N20",
        "cell",
        "question",
        "Q4",
    )
    assert ASKED.text in notice.text and "The afac asks (Q4):" in notice.text
    assert all(line.startswith("EXERCISE") for line in notice.text.split("\n"))


def test_the_answer_goes_back_in_the_persons_own_words():
    outcome = questions.answer(PLACE, asked(), ANSWER, 21, NOW_NS + 3 * MINUTE)
    assert not isinstance(outcome, Words)
    question, (notice,) = outcome
    assert (question.answer, question.answered_by) == (ANSWER.text, "ana")
    assert question.answered_ns == NOW_NS + 3 * MINUTE
    assert (notice.party, notice.kind, notice.language) == ("afac", "answer", "es")
    assert "Respuesta a su pregunta Q4:" in notice.text
    assert ANSWER.text in notice.text and f"> {ASKED.text}" in notice.text
    again = questions.answer(PLACE, question, ANSWER, 22, NOW_NS + 4 * MINUTE)
    assert isinstance(again, Words) and "already answered by ana" in again.en


def test_refusals():
    stranger = questions.ask(PLACE, AskQuestion("press", "?", "x"), 4, 20, NOW_NS)
    assert isinstance(stranger, Words) and "press" in stranger.en
    assert isinstance(questions.ask(PLACE, AskQuestion("afac", " ", "x"), 4, 20, NOW_NS), Words)
    empty = questions.answer(PLACE, asked(), AnswerQuestion("Q4", "", "ana"), 21, NOW_NS)
    assert isinstance(empty, Words)


def test_unanswered_for_ten_minutes_it_goes_to_the_authority_once():
    question = asked()
    assert not questions.overdue(question, NOW_NS + 10 * MINUTE - 1)
    assert questions.overdue(question, NOW_NS + 10 * MINUTE)
    done, (notice,) = questions.escalate(PLACE, question, 30, NOW_NS + 10 * MINUTE)
    assert (notice.party, notice.kind) == ("faa", "escalation")
    assert "unanswered for 10 min" in notice.text and ASKED.text in notice.text
    assert not questions.overdue(done, NOW_NS + 99 * MINUTE)
    # It can still be answered.
    late = questions.answer(PLACE, done, ANSWER, 31, NOW_NS + 12 * MINUTE)
    assert not isinstance(late, Words)
    assert not questions.overdue(late[0], NOW_NS + 99 * MINUTE)


def test_with_nobody_there_the_question_is_kept():
    alone = site(parties=(PLACE.parties[2],))
    outcome = questions.ask(alone, ASKED, 4, 20, NOW_NS)
    assert not isinstance(outcome, Words) and [n.party for n in outcome[1]] == ["afac"]
