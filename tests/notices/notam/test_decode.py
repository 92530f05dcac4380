"""Reading: tidy texts, the ways that real ones are broken, other kinds of messages, nonsense."""

from __future__ import annotations

from math import degrees

import pytest

from windhover.notices.notam import decode, join, one_line, several, to_json
from windhover.schema.place import Point
from windhover.timescale import from_iso

TIDY = (
    "A1234/26 NOTAMR A1200/26\nQ) EGTT/QRTCA/IV/BO/W/000/045/5206N00008E003\n"
    "A) EGTT B) 2606170800 C) 2606191700 EST\nD) 17 0800-1700, 18 19 1100-1700\n"
    "E) RESTRICTED AREA WI 2.2NM RADIUS 520539N 0000753E.\nF) SFC G) 4500FT AMSL"
)


def test_a_tidy_notice_is_read_to_the_last_item() -> None:
    notam = decode(TIDY)
    assert notam.ok and not notam.warnings
    assert (notam.id, notam.kind, notam.refers) == ("A1234/26", "R", "A1200/26")
    assert (notam.series, notam.number, notam.year) == ("A", 1234, 2026)
    assert notam.q is not None and notam.q.centre is not None
    assert (notam.q.fir, notam.q.code, notam.q.scope, notam.q.radius_nm) == (
        "EGTT",
        "QRTCA",
        "W",
        3,
    )
    assert degrees(notam.q.centre.latitude_rad) == pytest.approx(52.1)
    assert notam.from_ns == from_iso("2026-06-17T08:00Z") and notam.estimated
    assert len(notam.intervals) == 3
    assert notam.lower is not None and notam.lower.datum == "SFC"
    assert notam.upper is not None and notam.upper.metres == pytest.approx(4500 * 0.3048)
    start, end = notam.spans["e"]
    assert TIDY[start:end].strip() == notam.item_e
    area = notam.areas[0]
    assert notam.item_e[area.span.start : area.span.end] == "520539N 0000753E"
    assert "temporary restricted area activated" in one_line(notam).en
    assert (
        "zona restringida temporal" in one_line(notam).es
        and "reemplaza A1200/26" in one_line(notam).es
    )


@pytest.mark.parametrize(
    "broken",
    [
        TIDY.replace("\n", "  "),
        TIDY.replace("\n", " ").replace(") ", ")"),
        TIDY.replace("/BO/W/", "/BO /W /"),
        TIDY.replace("1700 EST", "1700EST"),
        TIDY.replace("D) ", "PART 1 OF 1 D) "),
        TIDY + "\nCREATED: 16 JUN 2026 08:00 SOURCE: EUECYIYN",
        "(" + TIDY + ")",
        TIDY.replace("E) ", "E) X) "),
        TIDY.replace("Q) ", "Q)  "),
        TIDY.replace("A) EGTT B)", "A) EGTT\nB)"),
        TIDY.replace("Q)", "Q )").replace("E)", "E )"),
    ],
)
def test_the_same_notice_however_it_was_mangled(broken: str) -> None:
    tidy, notam = decode(TIDY), decode(broken)
    assert notam.ok
    for field in ("id", "kind", "refers", "q", "from_ns", "to_ns", "estimated", "lower", "upper"):
        assert getattr(notam, field) == getattr(tidy, field), field
    assert notam.intervals == tidy.intervals
    assert [(a.centre, a.radius_m) for a in notam.areas] == [
        (a.centre, a.radius_m) for a in tidy.areas
    ]


@pytest.mark.parametrize(
    ("words", "permanent", "estimated"),
    [("PERM", True, False), ("UFN", True, True), ("2606191700EST", False, True)],
)
def test_ends(words: str, permanent: bool, estimated: bool) -> None:
    notam = decode(TIDY.replace("2606191700 EST", words))
    assert (notam.permanent, notam.estimated) == (permanent, estimated)


def test_a_cancellation() -> None:
    notam = decode(
        "A1300/26 NOTAMC A1234/26\nQ) EGTT/QRTXX/IV/BO/W/000/045/5206N00008E003\n"
        "A) EGTT B) 2606180800\nE) CANCELLED"
    )
    assert notam.ok and notam.kind == "C" and notam.refers == "A1234/26" and not notam.intervals
    assert one_line(notam).es == "EGTT: cancela A1234/26."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("METAR EGLL 121250Z 24010KT 9999", "METAR"),
        ("(SNOWTAM 0123 EGLL", "SNOWTAM"),
        ("Dear all, the meeting is moved to Tuesday.", "no item B"),
        ("{}", "no item B"),
        (TIDY.replace("E) RES", "RES"), "no item E"),
        (TIDY.replace("2606170800", "2613170800"), "not a date"),
        ("<a>", "not well-formed"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type"),
        ("<a><b>1</b></a>", "not an FAA TFR"),
        ("A) " * 9000, "longer than"),
    ],
)
def test_what_is_no_notice_is_refused_with_its_reason(text: str, reason: str) -> None:
    notam = decode(text)
    assert not notam.ok and reason in notam.error


def test_faa_texts() -> None:
    domestic = decode("!OKC 08/083 OKC TWY A6 CLSD 2508191956-2511282300EST")
    assert (domestic.ok, domestic.id, domestic.account, domestic.kind) == (
        True,
        "08/083",
        "OKC",
        "DOM",
    )
    assert domestic.item_a == ("OKC",) and domestic.estimated
    assert domestic.from_ns == from_iso("2025-08-19T19:56Z")
    daily = decode(
        "!OSH 07/044 OSH AIRSPACE UAS WI AN AREA DEFINED AS 1NM RADIUS OF OSH SFC TO 400FT AGL "
        "DLY 0200-0400 2407230200-2407290400",
        {"OSH": Point(0.7677, -1.5454)},
    )
    assert len(daily.intervals) == 7 and daily.areas[0].radius_m == 1852.0
    assert daily.upper is not None and daily.upper.datum == "AGL"
    fdc = decode(
        "!FDC 6/0001 ZAB TX..AIRSPACE EL PASO, TX..TEMPORARY FLIGHT RESTRICTIONS. PURSUANT TO "
        "14 CFR SECTION 99.7 WI AN AREA DEFINED AS 10NM RADIUS OF 314824N1062240W SFC-17999FT MSL "
        "EXCLUDING MEXICAN AIRSPACE. 2602110630-2602210630"
    )
    assert fdc.kind == "FDC" and fdc.legal_basis == "14 CFR 99.7"
    assert fdc.areas[0].radius_m == 18520.0
    assert fdc.upper is not None and fdc.upper.metres == pytest.approx(17999 * 0.3048)
    assert any("MEXICAN airspace is excluded" in words for words in fdc.areas[0].uncertain)
    vip = decode(
        "!FDC 8/0001 ZLA CA..AIRSPACE LOS ANGELES, CA..TEMPORARY FLIGHT RESTRICTIONS. EFFECTIVE "
        "1802020000 UTC (1600 LOCAL 02/01/18) UNTIL 1802020300 UTC. PURSUANT TO 14 CFR SECTION 91.141, "
        "WITHIN A 30 NAUTICAL MILE RADIUS OF 335633N1182426W UP TO BUT NOT INCLUDING FL180."
    )
    assert vip.intervals == ((from_iso("2018-02-02T00:00Z"), from_iso("2018-02-02T03:00Z")),)
    assert vip.areas[0].radius_m == 55560.0 and vip.legal_basis == "14 CFR 91.141"
    assert vip.upper is not None and vip.upper.text == "FL180"
    gone = decode("!FDC 6/0002 ZAB CANCELED BY FDC 6/0003 ON 2602111400")
    assert gone.kind == "C" and gone.refers == "FDC 6/0003"


def test_a_us_schedule_keeps_its_exception() -> None:
    notam = decode("!JFK 01/234 JFK RWY 04L CLSD MON-FRI 0500-1000 EXC HOL 2601120500-2601161000")
    assert notam.item_d == "MON-FRI 0500-1000 EXC HOL" and len(notam.intervals) == 5
    assert any("holidays" in words for words in notam.warnings)


TFR = """<XNOTAM-Update><Group><Add><Not><NotUid><txtLocalName>6/2233</txtLocalName></NotUid>
<dateEffective>2026-02-11T06:30:00</dateEffective><dateExpire>2026-02-21T06:30:00</dateExpire>
<codeTimeZone>UTC</codeTimeZone><TfrNot><codeType>99.7</codeType><TFRAreaGroup><aseTFRArea>
<txtName>Area A</txtName><codeDistVerUpper>ALT</codeDistVerUpper><valDistVerUpper>17999</valDistVerUpper>
<uomDistVerUpper>FT</uomDistVerUpper><codeDistVerLower>HEI</codeDistVerLower><valDistVerLower>0</valDistVerLower>
<uomDistVerLower>FT</uomDistVerLower></aseTFRArea><aseShapes><Abd><Avx><codeType>CIR</codeType>
<geoLat>31.80666667N</geoLat><geoLong>106.37777778W</geoLong><valRadiusArc>10</valRadiusArc>
<uomRadiusArc>NM</uomRadiusArc></Avx></Abd></aseShapes></TFRAreaGroup></TfrNot></Not></Add></Group></XNOTAM-Update>"""


def test_a_tfr_files_areas_may_have_times_of_their_own() -> None:
    def at(first: str, last: str, daily: str = "FALSE") -> str:
        return (
            f"<ScheduleGroup><isTimeSeparate>{daily}</isTimeSeparate><dateEffective>{first}:00"
            f"</dateEffective><dateExpire>{last}:00</dateExpire></ScheduleGroup></aseTFRArea>"
        )

    first, last = "2026-02-11T06:30", "2026-02-21T06:30"
    same = decode(TFR.replace("</aseTFRArea>", at(first, last)))
    assert same.intervals == decode(TFR).intervals and not same.warnings
    group = TFR[TFR.index("<TFRAreaGroup>") : TFR.index("</TfrNot>")]
    later = group.replace("</aseTFRArea>", at("2026-02-12T01:00", "2026-02-12T03:00"))
    two = decode(
        TFR.replace(group, group.replace("</aseTFRArea>", at(first, "2026-02-11T09:00")) + later)
    )
    assert two.intervals == (
        (from_iso("2026-02-11T06:30Z"), from_iso("2026-02-11T09:00Z")),
        (from_iso("2026-02-12T01:00Z"), from_iso("2026-02-12T03:00Z")),
    )
    assert len(two.areas) == 2 and "times of their own" in two.warnings[0]
    daily = decode(TFR.replace("</aseTFRArea>", at(first, last, "TRUE")))
    assert daily.intervals == decode(TFR).intervals and "not read" in daily.warnings[0]


def test_a_tfr_file() -> None:
    notam = decode(TFR)
    assert notam.ok and notam.id == "6/2233" and notam.legal_basis == "14 CFR 99.7"
    assert notam.from_ns == from_iso("2026-02-11T06:30Z")
    area = notam.areas[0]
    assert area.kind == "circle" and area.radius_m == 18520.0 and area.name == "Area A"
    assert area.lower is not None and area.lower.datum == "SFC"
    outline = TFR.replace(
        "<aseShapes>",
        "<abdMergedArea>"
        + "".join(
            f"<Avx><codeType>GRC</codeType><geoLat>{lat}N</geoLat><geoLong>{lon}W</geoLong></Avx>"
            for lat, lon in ((31.0, 106.0), (32.0, 106.0), (32.0, 107.0), (31.0, 106.0))
        )
        + "</abdMergedArea><aseShapes>",
    )
    polygon = decode(outline).areas
    assert len(polygon) == 1 and len(polygon[0].ring) == 3
    mountain = decode(TFR.replace("UTC</codeTimeZone>", "MST</codeTimeZone>"))
    assert mountain.from_ns == from_iso("2026-02-11T13:30Z")


def test_parts_are_joined_inside_a_text_and_across_texts() -> None:
    first = (
        "N0001/26 NOTAMN Q) URRV/QRTCA/IV/BO/W/000/040/4700N04000E024 A) URRV PART 1 OF 2 "
        "B) 2611300500 C) 2612051900 E) AIRSPACE CLSD WI: 1. CIRCLE RADIUS 2KM CENTRE "
        "470000N0400000E SFC-1200M AMSL. END PART 1 OF 2 "
    )
    second = (
        "N0001/26 NOTAMN Q) URRV/QRTCA/IV/BO/W/000/040/4700N04000E024 A) URRV PART 2 OF 2 "
        "B) 2611300500 C) 2612051900 E) 2. CIRCLE RADIUS 1.7KM CENTRE 470500N0400500E "
        "SFC-1100M AMSL. END PART 2 OF 2 F) SFC G) 1200M AMSL"
    )
    for notam in (decode(first + second), decode(join([first, second])[0])):
        assert notam.parts == (1, 1) and [a.radius_m for a in notam.areas] == [2000.0, 1700.0]
        assert notam.upper is not None and notam.upper.metres == 1200.0
        assert "END PART" not in notam.item_e
    assert "only part 1 of 2" in decode(first).warnings
    assert len(join([second, TIDY, first])) == 2


def test_a_file_of_several_is_cut_at_every_head() -> None:
    text = f"{TIDY}\n\n!OKC 08/083 OKC TWY A6 CLSD 2508191956-2511282300\n{TIDY}"
    assert [decode(piece).id for piece in several(text)] == ["A1234/26", "08/083", "A1234/26"]


def test_contradictions_are_told() -> None:
    far = decode(TIDY.replace("520539N", "530539N"))
    assert any("reaches" in words for words in far.warnings)
    high = decode(TIDY.replace("4500FT", "9500FT"))
    assert any("lies above item Q" in words for words in high.warnings)
    unlimited = decode(TIDY.replace("4500FT AMSL", "UNL"))
    assert any("unlimited" in words for words in unlimited.warnings)
    backwards = decode(TIDY.replace("2606191700", "2606161700"))
    assert "the end is not after the start" in backwards.warnings


def test_the_json_has_what_the_command_line_promises() -> None:
    shown = to_json(decode(TIDY))
    for key in (
        *("id", "type", "ok", "error", "q", "item_a", "item_b", "item_c", "item_d", "item_e"),
        *("item_f", "item_g", "intervals", "volumes", "warnings", "plain", "raw"),
    ):
        assert key in shown
    assert shown["intervals"][0] == ["2026-06-17T08:00Z", "2026-06-17T17:00Z"]
    volume = shown["volumes"][0]
    assert volume["geometry"]["type"] == "Polygon"
    ring = volume["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1] and len(ring) == 73
    assert volume["properties"]["upper"]["metres"] == pytest.approx(1371.6)
