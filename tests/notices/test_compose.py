"""What each party reads: in its language, whole, and never to be taken for what it is not."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tests.geo.scene import NOW_NS, PARTIES, SECOND, Thing, at, look, party, site
from tests.incidents.test_rules import countermeasure
from tests.restrictions.test_ladder import incident
from windhover.geo.volumes import circle_volume, polygon_volume
from windhover.incidents.rules import RULES
from windhover.notices import compose
from windhover.notices.parties import RANK, TOLD, duty, recipients
from windhover.notices.phrases import (
    EVIDENCE,
    EXEMPTIONS,
    EXERCISE,
    LABELS,
    MOMENT,
    MONTHS,
    NOT_A_NOTAM,
    TRAFFIC,
    time_words,
)
from windhover.notices.places import (
    band_words,
    degrees_words,
    feet,
    middle,
    place_words,
)
from windhover.restrictions import draft
from windhover.schema.cases import Hazard, Incident, Notice, Restriction, Words
from windhover.schema.countries import COUNTRIES, country_words
from windhover.timescale import from_iso, to_datetime

PLACE = site()
REAL = site(exercise=False)


def local(time_ns: int, zone: str) -> datetime:
    return to_datetime(time_ns).astimezone(ZoneInfo(zone))


def crossing() -> tuple[Incident, Restriction]:
    seen = look(PLACE, Thing(31.71, -106.50))
    (found,) = RULES["border_crossing"](seen, {1: -1}, NOW_NS)
    opened = msgspec.structs.replace(
        incident("border_crossing"), hazard=found.hazard, why=found.why
    )
    drafted = draft(opened, seen, NOW_NS, 1)
    assert drafted is not None
    return opened, drafted


INCIDENT, DRAFT = crossing()
ISSUED = msgspec.structs.replace(
    DRAFT, state="in force", authority_number="A0123/26", issued_ns=NOW_NS
)
LIFTED = msgspec.structs.replace(ISSUED, state="cancelled", ended_ns=NOW_NS + 600 * SECOND)


def to(party_id: str, notices: tuple[Notice, ...]) -> Notice:
    (one,) = [n for n in notices if n.party == party_id]
    return one


def told(about: Restriction | Incident, moment: str, place=PLACE, **more) -> tuple[Notice, ...]:
    return compose(place, about, moment, 7, NOW_NS, local, **more)  # type: ignore[arg-type]


def test_who_is_told_and_in_which_order():
    def ids(moment: str, **more) -> list[str]:
        return [p.id for p in recipients(PLACE, moment, **more)]  # type: ignore[arg-type]

    assert ids("advice") == ["tower"]
    # The neighbour hears of it with the request, before anything is published.
    assert ids("request", competent="faa") == ["tower", "faa", "afac"]
    everyone = ["tower", "faa", "afac", "hospital", "cell", "city"]
    assert ids("issued") == ids("lifted") == everyone
    odd = site(parties=(*PARTIES, party("paper", ("press",))))
    assert [p.id for p in recipients(odd, "lifted", told=("paper",))] == [*everyone, "paper"]
    assert [p.id for p in recipients(odd, "lifted")] == everyone
    for kinds in TOLD.values():
        assert set(kinds) <= set(RANK)


def test_numbers_and_clocks():
    notices = told(DRAFT, "request")
    assert [n.id for n in notices] == ["N7", "N8", "N9"]
    assert {n.state for n in notices} == {"composed"}
    assert {n.due_ns for n in notices} == {NOW_NS + 300 * SECOND}
    assert {(n.incident_id, n.restriction_id) for n in notices} == {("I1", "R1")}


ALL = [
    (DRAFT, "request"),
    (ISSUED, "issued"),
    (LIFTED, "lifted"),
    (DRAFT, "advice"),
    (INCIDENT, "advice"),
]


@pytest.mark.parametrize(("about", "moment"), ALL)
def test_every_line_of_an_exercise_says_so(about, moment: str):
    for notice in told(about, moment):
        assert notice.text.startswith(EXERCISE) and notice.subject.startswith(EXERCISE)
        for line in notice.text.split("\n"):
            assert not line.strip() or line.startswith("EXERCISE"), line
        # No real number opens an ICAO text, and nothing in it parses as one.
        assert not re.search(r"^\(?[A-Z]\d{4}/\d\d NOTAM[NRC]", notice.text, re.M)
        assert not re.search(r"^Q\)", notice.text, re.M)


@pytest.mark.parametrize(("about", "moment"), ALL)
def test_what_is_real_says_no_exercise_and_what_is_not_issued_is_no_notam(about, moment: str):
    for notice in told(about, moment, REAL):
        assert "EXERCISE" not in notice.text + notice.subject
        not_issued = NOT_A_NOTAM in notice.text
        assert not_issued == (moment == "request")


def test_the_neighbour_reads_first_whom_it_binds():
    notice = to("afac", told(ISSUED, "issued", REAL))
    assert notice.language == "es"
    first = notice.text.split("\n")[0]
    assert first == (
        "A quién obliga: A las aeronaves en el espacio aéreo de los Estados Unidos dentro del "
        "volumen. No obliga a nadie en el espacio aéreo de México."
    )
    assert notice.binds in first
    request = to("afac", told(DRAFT, "request", REAL))
    assert "A nadie todavía" in request.text.split("\n")[1]
    lifted = to("afac", told(LIFTED, "lifted", REAL))
    assert lifted.text.startswith("A quién obliga: Ya no obliga a nadie.")


def test_a_request_in_full():
    text = to("faa", told(DRAFT, "request", REAL)).text
    plain = text.split("\n\n")[0]
    for label in ("What", "Where", "Height", "When", "Whom it binds", "Exempt", "Why"):
        assert re.search(rf"^{label}: .+", plain, re.M), label
    assert "requested from The faa (R4 small volume); not issued." in plain
    assert "of Test Field (KTST)" in plain
    assert "surface to 4,700 ft above mean sea level" in plain
    assert "2 Feb 2026 02:40 UTC (1 Feb 2026 19:40 local time, MST)" in plain
    assert "on air traffic control clearance, with the hazard told to the crew" in plain
    assert "What it touches: " in plain
    assert "faa@party.example; questions: The cell, cell@party.example" in plain


def test_the_icao_text_beside_it():
    request = to("faa", told(DRAFT, "request", REAL)).text
    assert "(NOTAMN\nQ) KZAB/" in request and "EXCLUDING MEXICAN AIRSPACE" in request
    assert "B) 2602020240 C) 2602020310" in request
    assert "TRACK" not in request  # our own numbers mean nothing to a pilot
    issued = to("faa", told(ISSUED, "issued", REAL)).text
    assert "(A0123/26 NOTAMN" in issued
    lifted = to("faa", told(LIFTED, "lifted", REAL)).text
    assert "has cancelled A0123/26" in lifted and "(NOTAM" not in lifted
    advice = to("tower", told(DRAFT, "advice", REAL)).text
    assert "NOTAM" not in advice


def test_a_request_to_end_it():
    ending = msgspec.structs.replace(ISSUED, state="cancellation requested", reason="it left")
    notice = to("afac", told(ending, "request", REAL))
    assert notice.subject == "Cancelación solicitada: R1, R4 volumen pequeño"
    assert notice.text.startswith("A quién obliga: A las aeronaves")  # it still binds
    request = to("faa", told(ending, "request", REAL)).text
    assert "is asked to cancel A0123/26" in request and "still in force" in request
    assert "Reason to end it: it left." in request
    assert "(NOTAMC A0123/26" in request


def test_a_declared_laser_area_is_told_with_its_place():
    seen = look(PLACE, countermeasures=(countermeasure(),))
    (found,) = RULES["uncoordinated_countermeasure"](seen, {}, NOW_NS)
    opened = msgspec.structs.replace(
        incident("uncoordinated_countermeasure", "E4"), hazard=found.hazard, why=found.why
    )
    text = to("tower", told(opened, "advice", REAL)).text
    assert "aviation safety review is not finished" in text
    assert "1.6 NM (3.0 km) radius round 31°54.0′N 106°27.0′W" in text
    assert "over Fort Test" in text
    assert "stated by its operator" in text


def test_nobody_to_tell():
    assert told(DRAFT, "request", site(parties=())) == ()
    assert duty(site(parties=())) is None
    assert duty(PLACE).id == "cell"  # type: ignore[union-attr]
    assert duty(site(parties=(party("sole", ("city",)),))).id == "sole"  # type: ignore[union-attr]


@pytest.mark.parametrize("table", [LABELS, MOMENT, EVIDENCE, TRAFFIC, EXEMPTIONS, COUNTRIES])
def test_no_word_is_left_untranslated(table):
    same = {key for key, words in table.items() if words.en == words.es}
    assert same <= {"EE", "PT", "GT"}  # Estonia, Portugal and Guatemala are spelled alike
    for words in table.values():
        assert words.en.strip() and words.es.strip()


def test_a_state_without_a_name_is_named_by_its_code():
    assert country_words("ZZ") == Words("state ZZ", "el Estado ZZ")
    assert country_words("MX").es == "México"


def test_times_in_words():
    at_ns = from_iso("2026-02-11T06:30Z")
    assert time_words(at_ns, "America/Denver", "en", local) == (
        "11 Feb 2026 06:30 UTC (10 Feb 2026 23:30 local time, MST)"
    )
    assert time_words(at_ns, "UTC", "es", local) == "11 feb 2026 06:30 UTC"
    # A zone without a letter name is told by its own.
    assert "hora local, America/Sao_Paulo)" in time_words(at_ns, "America/Sao_Paulo", "es", local)
    assert [len(MONTHS[language]) for language in ("en", "es")] == [12, 12]


def test_places_in_words():
    assert degrees_words(at(31.80667, -106.37778)) == "31°48.4′N 106°22.7′W"
    assert degrees_words(at(-0.99999, 179.99999)) == "1°00.0′S 180°00.0′E"
    assert place_words(PLACE, at(31.801, -106.378)) == Words(
        "at Test Field (KTST)", "en Test Field (KTST)"
    )
    # 10 km north of the field by the earth's curvature there: 0.0902°.
    north = place_words(PLACE, at(31.8912, -106.378))
    assert north.en == "10.0 km (5.4 NM) north of Test Field (KTST)"
    assert north.es == "10.0 km (5.4 NM) al norte de Test Field (KTST)"
    assert place_words(site(aerodromes=(), zones=()), at(31.9, -106.4)) == Words("", "")


def test_heights_are_rounded_outward():
    volume = circle_volume(at(31.8, -106.4), 1000.0, 1000.0, 100.0)
    assert (feet(1000.0, up=True), feet(100.0, up=False)) == (3281, 328)
    assert feet(1219.2, up=True) == 4000 and feet(1219.2, up=False) == 4000
    assert band_words(volume, "en") == "328 ft to 3,281 ft above mean sea level"
    assert band_words(volume, "es") == "de 328 ft a 3,281 ft sobre el nivel medio del mar"


def test_the_middle_of_an_area_is_that_of_its_surface():
    # Many corners on one side must not pull it.
    east = tuple(at(31.8 + 0.001 * k, -106.3) for k in range(20))
    ring = (at(31.8, -106.5), *east, at(31.819, -106.5))
    found = middle(polygon_volume(ring, 1000.0))
    assert found.longitude_rad == pytest.approx(at(31.8, -106.4).longitude_rad, abs=2e-6)
    assert found.latitude_rad == pytest.approx(at(31.8095, -106.4).latitude_rad, abs=2e-6)


def test_a_site_without_a_border_says_nothing_of_a_neighbour():
    alone = site(border=None, exercise=False)
    restriction = msgspec.structs.replace(ISSUED, excludes_neighbour=False)
    text = to("tower", told(restriction, "issued", alone)).text
    assert "Mexico" not in text.replace("crossed the border from Mexico", "")
    assert isinstance(restriction.hazard, Hazard)
