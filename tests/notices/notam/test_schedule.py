"""Item D → UTC intervals, worked out by hand from the words."""

from __future__ import annotations

from math import radians

import pytest

from windhover.notices.notam.intervals import expand
from windhover.notices.notam.schedule import parse
from windhover.schema.place import Point
from windhover.timescale import from_iso, to_iso

GREENWICH = Point(radians(51.4769), radians(0.0))


def told(words: str, start: str, end: str | None, place: Point | None = GREENWICH) -> list[str]:
    """'06-17T08:00/17T17:00' for every interval."""
    expanded = expand(
        parse(words), from_iso(start + "Z"), from_iso(end + "Z") if end else None, place
    )
    assert not expanded.problem, expanded.problem
    return [f"{to_iso(a)[5:16]}/{to_iso(b)[8:16]}" for a, b in expanded.intervals]


CASES = {
    ("0600-1700", "2026-06-01T06:00", "2026-06-03T17:00"): [
        "06-01T06:00/01T17:00",
        "06-02T06:00/02T17:00",
        "06-03T06:00/03T17:00",
    ],
    ("DAILY 2200-0500", "2026-06-01T22:00", "2026-06-03T05:00"): [
        "06-01T22:00/02T05:00",
        "06-02T22:00/03T05:00",
    ],
    ("17 0800-1700, 18 19 1100-1700", "2026-06-17T08:00", "2026-06-19T17:00"): [
        "06-17T08:00/17T17:00",
        "06-18T11:00/18T17:00",
        "06-19T11:00/19T17:00",
    ],
    ("30 0130-0200, 0245-0430, 03 2315-2345", "2026-06-30T01:30", "2026-07-03T23:45"): [
        "06-30T01:30/30T02:00",
        "06-30T02:45/30T04:30",
        "07-03T23:15/03T23:45",
    ],
    ("MON-FRI 0900-1800 EXC AUG 03", "2026-07-31T09:00", "2026-08-05T18:00"): [
        "07-31T09:00/31T18:00",
        "08-04T09:00/04T18:00",
        "08-05T09:00/05T18:00",
    ],
    ("0700-1400 EXC SAT SUN", "2026-06-05T07:00", "2026-06-08T14:00"): [
        "06-05T07:00/05T14:00",
        "06-08T07:00/08T14:00",
    ],
    ("SUN 2200-MON 0600", "2026-06-07T22:00", "2026-06-08T06:00"): ["06-07T22:00/08T06:00"],
    ("04 2100-05 0900, 10 2100-2359", "2026-06-04T21:00", "2026-06-10T23:59"): [
        "06-04T21:00/05T09:00",
        "06-10T21:00/10T23:59",
    ],
    ("16 23 0700-2359, 17 18 H24", "2026-06-16T07:00", "2026-06-23T23:59"): [
        "06-16T07:00/16T23:59",
        "06-17T00:00/18T00:00",
        "06-18T00:00/19T00:00",
        "06-23T07:00/23T23:59",
    ],
    ("JUN 29-JUL 01 0600-1000 1100-2100", "2026-06-29T06:00", "2026-07-01T21:00"): [
        "06-29T06:00/29T10:00",
        "06-29T11:00/29T21:00",
        "06-30T06:00/30T10:00",
        "06-30T11:00/30T21:00",
        "07-01T06:00/01T10:00",
        "07-01T11:00/01T21:00",
    ],
    ("DEC 31 JAN 01 1000-1100", "2026-12-31T10:00", "2027-01-01T11:00"): [
        "12-31T10:00/31T11:00",
        "01-01T10:00/01T11:00",
    ],
    ("2607060400 TO 2607060630 2607070050 TO 2607070255", "2026-07-06T04:00", "2026-07-07T02:55"): [
        "07-06T04:00/06T06:30",
        "07-07T00:50/07T02:55",
    ],
    ("JUL 07: 2315-0125 (NEXT DAY)", "2026-07-07T23:15", "2026-07-08T01:25"): [
        "07-07T23:15/08T01:25"
    ],
    ("06 AUG 1945-2245, 08 AUG 1945-2245", "2026-08-06T19:45", "2026-08-08T22:45"): [
        "08-06T19:45/06T22:45",
        "08-08T19:45/08T22:45",
    ],
    ("DLY BTN 1700/0300", "2026-06-01T17:00", "2026-06-02T03:00"): ["06-01T17:00/02T03:00"],
    ("LUN A VIE 0700-0900", "2026-06-05T07:00", "2026-06-08T09:00"): [
        "06-05T07:00/05T09:00",
        "06-08T07:00/08T09:00",
    ],
    ("21 ABR 0100-0300,22 ABR 0200-0400", "2026-04-21T01:00", "2026-04-22T04:00"): [
        "04-21T01:00/21T03:00",
        "04-22T02:00/22T04:00",
    ],
    (
        "MON-FRI 1615-2030 EXC OCT 27, OCT 27 1715-2130, SAT-SUN 0900-2030",
        "2025-10-24T16:15",
        "2025-10-27T21:30",
    ): [
        "10-24T16:15/24T20:30",
        "10-25T09:00/25T20:30",
        "10-26T09:00/26T20:30",
        "10-27T17:15/27T21:30",
    ],
    # Words of other languages and orders, 9 January 2026 being a Friday.
    ("EXC SAT AND SUN 0600-1800", "2026-01-09T00:00", "2026-01-12T23:00"): [
        "01-09T06:00/09T18:00",
        "01-12T06:00/12T18:00",
    ],
    ("09-10 JAN 0700-0900, 12-13 FEB 1000-1200", "2026-01-09T00:00", "2026-02-13T23:00"): [
        "01-09T07:00/09T09:00",
        "01-10T07:00/10T09:00",
        "02-12T10:00/12T12:00",
        "02-13T10:00/13T12:00",
    ],
    ("0600-1000 ON JAN 10 AND 12", "2026-01-09T00:00", "2026-01-13T00:00"): [
        "01-10T06:00/10T10:00",
        "01-12T06:00/12T10:00",
    ],
    ("JAN 10 0600-1000/1200-1400", "2026-01-09T00:00", "2026-01-13T00:00"): [
        "01-10T06:00/10T10:00",
        "01-10T12:00/10T14:00",
    ],
    ("WEEKENDS 0800-1700", "2026-01-09T00:00", "2026-01-13T00:00"): [
        "01-10T08:00/10T17:00",
        "01-11T08:00/11T17:00",
    ],
    ("SEG A QUA 1100-2300", "2026-01-09T00:00", "2026-01-15T00:00"): [
        "01-12T11:00/12T23:00",
        "01-13T11:00/13T23:00",
        "01-14T11:00/14T23:00",
    ],
    ("LUN MAR MIE 0600-0700", "2026-01-09T00:00", "2026-01-15T00:00"): [
        "01-12T06:00/12T07:00",
        "01-13T06:00/13T07:00",
        "01-14T06:00/14T07:00",
    ],
    ("SAMEDI ET DIMANCHE 0600-0700", "2026-01-09T00:00", "2026-01-12T00:00"): [
        "01-10T06:00/10T07:00",
        "01-11T06:00/11T07:00",
    ],
    ("DLY BTN 0330-0430 AND 1130-1230", "2026-01-09T00:00", "2026-01-09T23:00"): [
        "01-09T03:30/09T04:30",
        "01-09T11:30/09T12:30",
    ],
    ("BETWEEN 0800 AND 1600", "2026-01-09T00:00", "2026-01-09T23:00"): ["01-09T08:00/09T16:00"],
    ("10 JAN 2026 1200-11 JAN 2026 1300", "2026-01-09T00:00", "2026-01-13T00:00"): [
        "01-10T12:00/11T13:00"
    ],
    ("MON 12 JAN-WED 14 JAN 0600-1000", "2026-01-09T00:00", "2026-01-16T00:00"): [
        "01-12T06:00/12T10:00",
        "01-13T06:00/13T10:00",
        "01-14T06:00/14T10:00",
    ],
    # Greenwich, 21 June 2026: sunrise 03:43 and sunset 20:21 UTC in the almanac.
    ("SR-SS", "2026-06-21T00:00", "2026-06-21T23:59"): ["06-21T03:43/21T20:21"],
    ("SR MINUS30-SS PLUS30", "2026-06-21T00:00", "2026-06-21T23:59"): ["06-21T03:13/21T20:51"],
    ("30 MIN BEFORE SR TO 30 MIN AFTER SS", "2026-06-21T00:00", "2026-06-21T23:59"): [
        "06-21T03:13/21T20:51"
    ],
    # The sun rises at 03:43: on that day the time is over before it has begun.
    ("SR-0340, 1200-1300", "2026-06-21T00:00", "2026-06-21T23:59"): ["06-21T12:00/21T13:00"],
    ("16 1112-SS", "2026-06-16T11:12", "2026-06-16T23:00"): ["06-16T11:12/16T20:19"],
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_by_hand(case: tuple[str, str, str]) -> None:
    assert told(*case) == CASES[case]


def test_a_permanent_monthly_schedule_is_told_for_400_days() -> None:
    expanded = expand(parse("01-07 0230-0930"), from_iso("2026-07-01T02:30Z"), None, None)
    assert len(expanded.intervals) == 7 * 13 + 4  # thirteen months and four days of the next
    assert len(expanded.warnings) == 2


def test_where_the_sun_is_not_known_nothing_is_guessed() -> None:
    start, end = from_iso("2026-06-21T00:00Z"), from_iso("2026-06-21T23:59Z")
    assert expand(parse("SR-SS"), start, end, None).problem
    svalbard = Point(radians(78.0), radians(15.0))
    assert expand(parse("SR-SS"), start, end, svalbard).problem


@pytest.mark.parametrize("words", ["BY ATC", "32 0800-0900", "0800-2561", "MON", "WHEN DARK", "-"])
def test_what_is_no_schedule_names_its_problem(words: str) -> None:
    assert parse(words).problem


@pytest.mark.parametrize(
    "words",
    [
        *("MON-FRI 0700-1500 (0600-1400)", "1ST AND 3RD MON 0600-1000", "10/01 0700-1500"),
        *("SUN/THU 0600-1000", "FM 12 JAN MON-FRI 0600-1000", "H24 EXC 0600-0800"),
        *("0600-1000-1200-1400", "MON-FRI 0600-1800 LMT"),
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read(words: str) -> None:
    assert parse(words).problem


def test_dates_outside_b_and_c_are_told() -> None:
    start, end = from_iso("2026-06-17T08:00Z"), from_iso("2026-06-18T17:00Z")
    assert expand(parse("17 18 29 0800-1700"), start, end, None).warnings
