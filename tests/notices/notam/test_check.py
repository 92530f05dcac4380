"""The reasons for which an office would refuse a text."""

from __future__ import annotations

import pytest

from windhover.notices.notam import decode, refusals

GOOD = (
    "(A1234/26 NOTAMN\nQ) KZAB/QRTCA/IV/BO/W/000/180/3148N10623W011\n"
    "A) KZAB B) 2602110630 C) 2602210630\nE) TEMPORARY RESTRICTED AREA WI A CIRCLE RADIUS 10NM\n"
    "CENTRED ON 314825N 1062239W.\nF) SFC G) 17999FT AMSL)"
)


def test_a_good_one_has_nothing_to_refuse() -> None:
    assert refusals(decode(GOOD)) == ()


@pytest.mark.parametrize(
    ("old", "new", "item"),
    [
        ("A1234/26 NOTAMN", "NOTAMN", "number"),
        ("NOTAMN", "NOTAMR", "number"),
        ("/000/180/", "/000/179/", "Q"),
        ("/000/180/", "/010/180/", "Q"),
        ("W011", "W009", "Q"),
        ("QRTCA", "QRTZZ", "Q"),
        ("/BO/", "/XX/", "Q"),
        ("/3148N10623W011", "/", "Q"),
        ("C) 2602210630", "C) UFN", "C"),
        ("C) 2602210630", "", "C"),
        ("2602210630", "2602010630", "C"),
        ("C) 2602210630", "C) 2602210630 D) WHEN DARK", "D"),
        ("C) 2602210630", "C) 2602210630 D) DAILY 0700-0800", "B"),
        ("F) SFC G) 17999FT AMSL", "", "F"),
        ("17999FT AMSL", "17999FT", "G"),
        ("TEMPORARY", "TEMPORÄRY", "E"),
    ],
)
def test_each_fault_is_named(old: str, new: str, item: str) -> None:
    reasons = refusals(decode(GOOD.replace(old, new)))
    assert item in {r.item for r in reasons}, reasons


def test_a_cancellation_with_an_end_and_an_unreadable_text() -> None:
    cancel = GOOD.replace("NOTAMN", "NOTAMC A1200/26")
    assert "C" in {r.item for r in refusals(decode(cancel))}
    assert refusals(decode("hello"))[0].item == "text"
