"""The brief answers what a neighbour asks first, and tells formulas from words that mean something."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.watch.making import CITY_TFR, NIGHT_NS, closure, icao
from windhover.feeds.notices_baseline import shipped
from windhover.feeds.notices_read import closure_of, country_of, near
from windhover.feeds.notices_texts import Item
from windhover.notices.notam.spanish import in_spanish
from windhover.watch.binding import whom
from windhover.watch.boilerplate import passages, stated_reason
from windhover.watch.brief import Brief, compose
from windhover.watch.claims import Claim, about
from windhover.watch.closure import traits_of
from windhover.watch.unusual import compare


def city() -> Brief:
    c = closure(CITY_TFR, NIGHT_NS)
    assert c.kind == "restriction" and c.country == "US" and c.key == "FDC 6/9101"
    unusual = compare(traits_of(c), shipped()["restriction"], c.country)
    claims = (
        Claim("6/9101", "a newspaper", "a balloon"),
        Claim("FDC 6/9101", "the department", "a drone", official=True),
        Claim("6/9999", "somebody", "nothing to do with it"),
    )
    return compose(c, unusual, spanish=in_spanish, near=near(c), claims=about(claims, c.number))


def said(brief: Brief, key: str, spanish: bool = False) -> str:
    (section,) = (s for s in brief.sections if s.key == key)
    return "\n".join(w.es if spanish else w.en for w in section.lines)


def test_the_city_closure_is_told() -> None:
    brief = city()
    assert brief.title.en.startswith("EL PASO, TX (ZAB): temporary restricted area")
    assert "10 NM" in said(brief, "where") and "60 min before its start" in said(brief, "when")
    assert "14 CFR 99.7; 49 USC 40103(B)(3)" in said(brief, "law")
    assert "orders nothing there" in said(brief, "binds")
    assert "espacio aéreo de México" in said(brief, "binds", spanish=True)
    assert "a formula that names no reason" in said(brief, "reason")
    assert "DEADLY FORCE" in said(brief, "formulas") and "DEADLY FORCE" not in said(brief, "own")
    assert "HOSPITAL HELICOPTERS" in said(brief, "own")
    assert "KELP" in said(brief, "traffic") and "near: MMCS" in said(brief, "traffic")
    claims = said(brief, "claims").splitlines()
    assert claims[0].startswith("the department (official") and "a balloon" in claims[1]
    assert "ranks above every one" in said(brief, "unusual")
    assert "Unusual is not intent" in said(brief, "unusual")
    assert "Inusual no es intención" in said(brief, "unusual", spanish=True)
    assert "Why: the notice does not say." in said(brief, "unknown")
    assert all(w.en and w.es for s in brief.sections for w in s.lines)


@pytest.mark.parametrize(
    ("words", "bound", "not_bound"),
    [
        (
            "ALL U.S. AIR CARRIERS AND COMMERCIAL OPERATORS ARE PROHIBITED FROM OPERATING IN THE "
            "FLIGHT INFORMATION REGION AT ALL ALTITUDES DUE TO MILITARY ACTIVITY",
            "It forbids United States air carriers",
            "does not bind operators of other states",
        ),
        (
            "OPERATORS ARE ADVISED TO EXERCISE EXTREME CAUTION. APPLIES TO ALL U.S. OPERATORS DUE TO "
            "A POTENTIALLY HAZARDOUS SITUATION",
            "It advises, and does not forbid",
            "does not close the airspace",
        ),
    ],
)
def test_an_advisory_abroad_binds_its_own_operators_only(
    words: str, bound: str, not_bound: str
) -> None:
    c = closure(f"KICZ {icao('A0012/26', code='QXXXX', words=words)}")
    assert c.issuer.startswith("FAA (KICZ") and c.key == "KICZ A0012/26"
    binding = whom(c)
    assert binding.bound.en.startswith(bound) and not_bound in binding.not_bound.en


def test_a_danger_area_warns_and_a_restricted_area_ends_at_the_coast() -> None:
    danger = whom(closure(icao("J1/26", code="QRDCA", words="DANGER AREA ACT")))
    assert danger.bound.en.startswith("Nobody by itself")
    restricted = whom(closure(icao("J2/26")))
    assert "territorial sea" in restricted.bound.en and "(GB)" in restricted.bound.en
    unsaid = whom(closure(icao("J3/26", code="QXXXX", words="SOMETHING ELSE")))
    assert not unsaid.certain and "Ask the issuer" in unsaid.bound.en


def test_a_reason_is_quoted_where_one_is_given() -> None:
    assert stated_reason("AREA CLOSED DUE TO ROCKET LAUNCH. STAY AWAY") == ("ROCKET LAUNCH", False)
    words, formula = stated_reason("FOR SPECIAL SECURITY REASONS ALL AIRCRAFT ARE PROHIBITED")
    assert formula and words == "SPECIAL SECURITY REASONS"
    assert stated_reason("RWY 09 CLSD") == ("", False)
    kept = passages("TEMPORARY FLIGHT RESTRICTIONS. BLUE BALLOON SEEN; CALL 555 0100")
    assert [p.standard for p in kept] == [True, False, False]


def test_an_exercise_says_so_and_the_state_is_known_by_its_letters() -> None:
    text = "EXERCISE / EJERCICIO\n" + icao("J9/26").replace("\n", "\nEXERCISE ")
    c = closure(text)
    assert compose(c, None, spanish=in_spanish).banner == "EXERCISE / EJERCICIO"
    assert [country_of(x) for x in ("EGTT", "MMFR", "KZAB", "EYVI", "", "??")] == [
        "GB", "MX", "US", "LT", "", "",
    ]  # fmt: skip


def test_no_warning_stays_english_in_the_spanish_column() -> None:
    c = closure(
        "A0001/26 NOTAMN\nQ) EGTT/QRTCA/IV/BO/W/010/050/5200N00100W003\nA) EGTT\n"
        "B) 2602120900 C) 2602120800\nD) WHEN DARK\nE) SEMICIRCLE OF 9NM RADIUS NORTH OF "
        "520000N0010000W EXCLUDING LUTON CTR, AND AREA 530000N0010000W - 531000N0010000W - ALONG THE "
        "COAST - 530000N0012000W\nF) SFC G) FL090"
    )
    brief = compose(c, None, spanish=in_spanish)
    for key in ("where", "unknown"):
        (section,) = (s for s in brief.sections if s.key == key)
        assert [w.en for w in section.lines if w.en == w.es] == []
    spanish = said(brief, "where", spanish=True) + said(brief, "unknown", spanish=True)
    assert "sólo a una parte del círculo" in spanish and "LUTON CTR se excluye" in spanish
    assert "trazado en línea recta" in spanish and "ítem D: no se entiende 'WHEN'" in spanish
    assert not {"is", "the", "not", "are", "and", "item"} & set(spanish.split())


@pytest.mark.shared
def test_real_closures_are_told_in_spanish_too(shared: Path) -> None:
    lines = gzip.decompress((shared / "data/notam/world_1000.jsonl.gz").read_bytes()).splitlines()
    made = [closure_of(Item("", json.loads(line)["raw"], None)) for line in lines]
    briefs = [compose(c, None, spanish=in_spanish) for c in made if c is not None]
    sections = [s for b in briefs for s in b.sections if s.key in ("where", "unknown")]
    assert len(sections) > 1_500
    assert [w.en for s in sections for w in s.lines if w.en == w.es] == []
