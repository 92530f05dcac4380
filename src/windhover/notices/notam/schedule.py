"""Item D read: a list of clauses, each a choice of days and the times on those days.

Grammar (ICAO Doc 8126 part III ch. 3, item D, and what states really write): days come before
times, months may be named once, commas may be missing; times may run over midnight, be H24, HJ, HN,
SR or SS with minutes added; EXC takes days out; "04 2100-05 0900" runs through. `parse` is pure
text → clauses and is cached; `intervals.expand` puts them on the calendar.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from windhover.notices.notam.schedule_words import Token, clock, tokens_of


class Moment(NamedTuple):
    """Minutes of a day, or minutes after sunrise or sunset."""

    event: str  # "" = clock, "SR", "SS"
    minutes: int


class Times(NamedTuple):
    """From … to on one day; `next_day` where the words say that the end is on the day after."""

    start: Moment
    end: Moment
    next_day: bool


class Days(NamedTuple):
    """First to last day by number; month 0 = not named, worked out from items B and C."""

    month: int
    day: int
    last_month: int
    last_day: int


class Clause(NamedTuple):
    """Days and weekdays (bit 0 = Monday); neither = every day. `through` runs from the first
    date's start without pause to the last date's end."""

    days: tuple[Days, ...]
    weekdays: int
    times: tuple[Times, ...]
    through: bool
    excluded: bool
    absolute: tuple[tuple[str, str], ...] = ()  # pairs of YYMMDDHHMM


class Schedule(NamedTuple):
    """The clauses, or in `problem` the word that stopped the reading."""

    clauses: tuple[Clause, ...]
    problem: str
    notes: tuple[str, ...]


_PLAIN = re.compile(r"(?:DAILY |DLY )?(\d{4}) ?- ?(\d{4})(?: DAILY| DLY)?\Z")
_LONGEST = 3000
_MOST_SUN = 24


@lru_cache(maxsize=4096)
def parse(text: str) -> Schedule:
    """Item D, white space as it came."""
    plain = _PLAIN.match(text)
    if plain:
        start, end = clock(plain.group(1)), clock(plain.group(2))
        if start is not None and end is not None:
            times = Times(Moment("", start), Moment("", end), False)
            return Schedule((Clause((), 0, (times,), False, False),), "", ())
    if len(text) > _LONGEST:
        return Schedule((), f"longer than {_LONGEST} characters", ())
    tokens, problem, notes = tokens_of(text.upper())
    if problem:
        return Schedule((), problem, ())
    if sum(token.kind == "S" for token in tokens) > _MOST_SUN:
        return Schedule((), f"more than {_MOST_SUN} sunrises and sunsets", ())
    reader = _Reader(tokens)
    problem = reader.read()
    if not problem and not any(not clause.excluded for clause in reader.clauses):
        problem = "names no time"
    return Schedule(tuple(reader.clauses), problem, tuple(notes))


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.month = 0
        self.holidays = False
        self.clauses: list[Clause] = []

    def kind(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at].kind if at < len(self.tokens) else ""

    def read(self) -> str:
        """Read all; the problem, or nothing."""
        while self.at < len(self.tokens):
            if self.kind() == "-" and self.at and self.kind(-1) == self.kind(1) == "T":
                return f"{self.tokens[self.at + 1].text} is out of place"
            if self.kind() in (",", "-", "R"):
                self.at += 1
                continue
            before = self.at
            problem = self.absolute() if self.kind() == "X" else self.clause()
            if problem:
                return problem
            if self.at == before:
                return f"{self.tokens[self.at].text!r} is out of place"
        return ""

    def absolute(self) -> str:
        pairs: list[tuple[str, str]] = []
        while self.kind() == "X":
            if self.kind(1) != "-" or self.kind(2) != "X":
                return "a date and time without its end"
            pairs.append((self.tokens[self.at].text, self.tokens[self.at + 2].text))
            self.at += 3
            if self.kind() == ",":
                self.at += 1
        self.clauses.append(Clause((), 0, (), False, False, tuple(pairs)))
        return ""

    def clause(self) -> str:
        self.holidays = False
        days, weekdays, daily = self.selectors()
        if (
            (days or weekdays)
            and self.kind() == "T"
            and self.kind(1) == "-"
            and self.kind(2) in ("N", "M", "W")
        ):
            return self.through(days, weekdays)
        times = self.times()
        if not times:
            if self.kind() == "E":
                # "EXC SAT AND SUN 0600-1800" takes days out of every day.
                return self.excepted(days, weekdays, not (days or weekdays))
            return "days without a time" if days or weekdays or daily else ""
        if times and not (days or weekdays or daily) and self.kind() in ("W", "D", "N", "M"):
            # "0900-1800 MON-FRI": days behind the times, unless new times follow them.
            back = self.at
            days, weekdays, _ = self.selectors()
            if self.kind() in ("T", "S", "H", "-"):
                self.at, days, weekdays = back, [], 0
        if days or weekdays or daily or not self.holidays:
            self.clauses.append(Clause(tuple(days), weekdays, tuple(times), False, False))
        return self.excepted([], 0, False) if self.kind() == "E" else ""

    def excepted(self, days: list[Days], weekdays: int, daily: bool) -> str:
        """EXC and what it takes out."""
        if days or weekdays or daily:
            # "MON-FRI EXC AUG 03 0900-1800": the times stand behind the exception.
            self.at += 1
            out_days, out_week, _ = self.selectors()
            times = self.times()
            if not times:
                return "days without a time"
            self.clauses.append(Clause(tuple(days), weekdays, tuple(times), False, False))
            self.clauses.append(Clause(tuple(out_days), out_week, (), False, True))
            return ""
        while self.kind() in ("E", "F", ","):
            self.at += 1
        if self.kind() in ("T", "S", "H"):
            return "times that are taken out"
        while self.kind() in ("N", "M", "W"):
            back = self.at
            days, weekdays, _ = self.selectors(one=True)
            if self.kind() in ("T", "S", "H"):
                self.at = back  # not taken out: new days with times of their own
                return ""
            self.clauses.append(Clause(tuple(days), weekdays, (), False, True))
            while self.kind() in (",", "F"):
                self.at += 1
        return ""

    def selectors(self, *, one: bool = False) -> tuple[list[Days], int, bool]:
        """Days, weekdays and whether "daily" stands here; with `one`, up to the first comma."""
        days: list[Days] = []
        weekdays, daily = 0, False
        while True:
            kind = self.kind()
            if kind == "D":
                daily = True
                self.at += 1
            elif kind == "W":
                weekdays |= self.weekday_range()
            elif kind in ("N", "M"):
                if not self.date_range(days):
                    return days, weekdays, daily
            elif kind == "," and one:
                return days, weekdays, daily
            elif kind in (",", "F") and (days or weekdays or kind == "F"):
                self.holidays = self.holidays or kind == "F"
                if self.kind(1) in ("T", "S", "H", "E", "X", "") and kind == ",":
                    return days, weekdays, daily
                self.at += 1
            elif kind == "-" and self.kind(1) in ("T", "S", "H") and (days or weekdays):
                self.at += 1
            else:
                return days, weekdays, daily

    def weekday_range(self) -> int:
        first = self.tokens[self.at].value
        self.at += 1
        if self.kind() == "-" and self.kind(1) == "W":
            last = self.tokens[self.at + 1].value
            self.at += 2
            mask = 0
            for i in range((last - first) % 7 + 1):
                mask |= 1 << ((first + i) % 7)
            return mask
        return 1 << first

    def one_date(self) -> tuple[int, int, bool] | None:
        """(month or 0, day, named): "MAY 21", "21", "21 MAY" where no other day follows the month.

        Not `named`: the month is carried over from the date before.
        """
        if self.kind() == "M":
            month = self.tokens[self.at].value
            if self.kind(1) != "N":
                return None
            self.month = month
            day = self.tokens[self.at + 1].value
            self.at += 2
            return month, day, True
        day = self.tokens[self.at].value
        if self.kind(1) == "M" and self.kind(2) != "N":
            self.month = self.tokens[self.at + 1].value
            self.at += 2
            return self.month, day, True
        self.at += 1
        return self.month, day, False

    def date_range(self, days: list[Days]) -> bool:
        first = self.one_date()
        if first is None:
            # A month alone: "JAN-MAR" or a month that belongs to the days before it.
            month = self.tokens[self.at].value
            self.at += 1
            self.month = month
            if self.kind() == "-" and self.kind(1) == "M" and self.kind(2) != "N":
                days.append(Days(month, 1, self.tokens[self.at + 1].value, 31))
                self.at += 2
            elif days and days[-1].month == 0:
                days[:] = [
                    d._replace(month=month, last_month=month) if d.month == 0 else d for d in days
                ]
            else:
                days.append(Days(month, 1, month, 31))
            return True
        month, day, named = first
        last_month, last_day = month, day
        if (
            self.kind() == "-"
            and self.kind(1) in ("N", "M")
            and not (self.kind(1) == "M" and self.kind(2) != "N")
        ):
            self.at += 1
            found = self.one_date()
            assert found is not None
            last_month, last_day, last_named = found
            if last_named and not named:
                # "21-25 MAY": the month named behind the range is the month of both ends.
                month = last_month if day <= last_day else last_month - 1 or 12
            if last_month == month and last_day < day:
                last_month = 0
        days.append(Days(month, day, last_month, last_day))
        return True

    def moment(self) -> Moment | None:
        token = self.tokens[self.at]
        if token.kind == "T":
            self.at += 1
            return Moment("", token.value)
        if token.kind == "S":
            self.at += 1
            return Moment(token.text, token.value)
        return None

    def times(self) -> list[Times]:
        out: list[Times] = []
        while True:
            kind = self.kind()
            if kind == "H":
                word = self.tokens[self.at].text
                self.at += 1
                sun = (Moment("SR", 0), Moment("SS", 0))
                whole = (Moment("", 0), Moment("", 1440))
                start, end = sun if word == "HJ" else sun[::-1] if word == "HN" else whole
                out.append(Times(start, end, False))
            elif kind in ("T", "S") and self.kind(1) == "-" and self.kind(2) in ("T", "S"):
                first = self.moment()
                self.at += 1
                last = self.moment()
                assert first is not None and last is not None
                next_day = self.kind() == "R"
                if next_day:
                    self.at += 1
                out.append(Times(first, last, next_day))
            elif kind == "," and out and self.kind(1) in ("T", "S", "H"):
                self.at += 1
            elif kind == "-" and out and self.tokens[self.at].text.strip() == "/":
                if self.kind(1) != "T" or self.kind(2) != "-":
                    return out
                self.at += 1  # "0600-1000/1200-1400"
            else:
                return out

    def through(self, days: list[Days], weekdays: int) -> str:
        """'04 2100-05 0900', 'SUN 2200-FRI 0600': one stretch without pause."""
        start = self.moment()
        self.at += 1
        out_days, out_week, _ = self.selectors()
        end = self.moment() if self.kind() in ("T", "S") else None
        if start is None or end is None or len(days) > 1 or len(out_days) > 1:
            return "a stretch from day to day that is not understood"
        times = (Times(start, end, False),)
        if days and out_days:
            month = out_days[0].month
            if month == days[0].month and out_days[0].day < days[0].day:
                month = 0
            both = Days(days[0].month, days[0].day, month, out_days[0].day)
            self.clauses.append(Clause((both,), 0, times, True, False))
            return ""
        if weekdays and out_week and not days and not out_days:
            self.clauses.append(Clause((), weekdays | (out_week << 7), times, True, False))
            return ""
        return "a stretch from day to day that is not understood"
