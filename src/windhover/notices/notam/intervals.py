"""Clauses of item D → exact UTC intervals between items B and C.

A day without its month is the one that lies between B and C; where several do, the first that is
not before the day named last. Times that end before they start end on the next day. Sunrise and
sunset are those of the place, to the minute.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from operator import le
from typing import NamedTuple

import numpy as np

from windhover.air.sun import events_ns, rise_and_set_ns
from windhover.notices.notam.schedule import Clause, Days, Moment, Schedule, Times
from windhover.notices.notam.times import NS_PER_DAY, civil, ten_figures
from windhover.schema.batches import I64
from windhover.schema.place import Point
from windhover.units import NS_PER_MIN

HORIZON_DAYS = 400
MOST_INTERVALS = 4000
_LATE_NS = 360 * NS_PER_MIN
_EPOCH = date(1970, 1, 1).toordinal()


class Expanded(NamedTuple):
    """Intervals in order of their start, what could not be placed, and what to warn of."""

    intervals: tuple[tuple[int, int], ...]
    problem: str
    warnings: tuple[str, ...]


class _Window(NamedTuple):
    from_ns: int
    to_ns: int
    first: date  # the day before B: a night that began then may still run
    last: date
    place: Point | None


def expand(schedule: Schedule, from_ns: int, to_ns: int | None, place: Point | None) -> Expanded:
    """The intervals of a schedule in [from_ns, to_ns]; without an end, those of the first 400 days."""
    if schedule.problem:
        return Expanded((), schedule.problem, ())
    warnings = list(schedule.notes)
    horizon_ns = from_ns + HORIZON_DAYS * NS_PER_DAY
    if to_ns is None or to_ns > horizon_ns:
        to_ns = horizon_ns
        warnings.append(f"times are told for the first {HORIZON_DAYS} days only")
    only = schedule.clauses[0] if len(schedule.clauses) == 1 else None
    if only is not None and not only.days and not only.weekdays and len(only.times) == 1:
        daily = _daily(only.times[0], from_ns, to_ns)
        if daily:
            return Expanded(daily, "", tuple(warnings))
    window = _Window(
        from_ns, to_ns, civil(from_ns) - timedelta(days=1), civil(max(from_ns, to_ns)), place
    )
    found: list[tuple[int, int]] = []
    before = window.first + timedelta(days=1)
    dated = False
    monthly = _is_monthly(schedule, from_ns, to_ns)
    if monthly:
        warnings.append("days without a month are taken for every month")
    for index, clause in enumerate(schedule.clauses):
        if clause.excluded:
            continue
        count = len(found)
        if clause.absolute:
            for first, last in clause.absolute:
                start_ns, end_ns = ten_figures(first), ten_figures(last)
                if start_ns is None or end_ns is None or end_ns <= start_ns:
                    return Expanded((), f"{first} TO {last} is not an interval", ())
                found.append((start_ns, end_ns))
            continue
        if clause.through:
            problem, before = _through(clause, window, found, before)
        else:
            problem, before = _on_days(
                clause, window, found, before, _taken_out(schedule, index), monthly
            )
        if problem:
            return Expanded((), problem, tuple(warnings))
        if len(found) > MOST_INTERVALS:
            return Expanded((), f"more than {MOST_INTERVALS} intervals", ())
        dated = dated or (bool(clause.days) and _any_outside(found[count:], from_ns, to_ns))
    inside = [
        (start if start > from_ns else from_ns, end if end < to_ns else to_ns)
        for start, end in found
        if end > from_ns and start < to_ns
    ]
    inside.sort()
    if dated and not monthly:
        warnings.append("item D names times outside items B and C")
    if not inside:
        return Expanded((), "no time of item D lies between items B and C", tuple(warnings))
    return Expanded(_merged(inside), "", tuple(warnings))


def _daily(times: Times, from_ns: int, to_ns: int) -> tuple[tuple[int, int], ...]:
    """Clock times of every day, the commonest schedule; empty where the general way is needed."""
    if times.start.event or times.end.event or times.next_day:
        return ()
    start_ns = times.start.minutes * NS_PER_MIN
    length_ns = (times.end.minutes - times.start.minutes) * NS_PER_MIN
    if length_ns <= 0:
        length_ns += NS_PER_DAY
    # The first day whose interval ends after B, the day after the last that starts before C.
    first = (from_ns - start_ns - length_ns) // NS_PER_DAY + 1
    beyond = -((start_ns - to_ns) // NS_PER_DAY)
    if beyond - first < 1:
        return ()
    opens = range(first * NS_PER_DAY + start_ns, beyond * NS_PER_DAY + start_ns, NS_PER_DAY)
    closes = range(opens.start + length_ns, opens.stop + length_ns, NS_PER_DAY)
    found = list(zip(opens, closes, strict=True))
    found[0] = (max(found[0][0], from_ns), found[0][1])
    found[-1] = (found[-1][0], min(found[-1][1], to_ns))
    return tuple(found)


def _any_outside(found: list[tuple[int, int]], from_ns: int, to_ns: int) -> bool:
    """Whether a dated time lies past the end, or on a day before the first one."""
    first_day_ns = from_ns - from_ns % NS_PER_DAY
    return any(start >= to_ns or end <= first_day_ns for start, end in found)


def _taken_out(schedule: Schedule, index: int) -> tuple[Clause, ...]:
    """The exceptions that speak of clause `index`: all that follow it, if it names no dates, else
    those right behind it."""
    out: list[Clause] = []
    direct = True
    for clause in schedule.clauses[index + 1 :]:
        if clause.excluded:
            if direct or not schedule.clauses[index].days:
                out.append(clause)
        else:
            direct = False
    return tuple(out)


def _is_monthly(schedule: Schedule, from_ns: int, to_ns: int) -> bool:
    """Days by number only, over more than two months: every month has them."""
    dated = [d for c in schedule.clauses for d in c.days]
    return (
        to_ns - from_ns > 62 * NS_PER_DAY
        and bool(dated)
        and not any(d.month or d.last_month for d in dated)
        and not any(c.through for c in schedule.clauses)
    )


def _every_month(days: tuple[Days, ...], window: _Window) -> list[date]:
    """Every day of the window whose number lies in one of the ranges."""
    numbers = {
        n
        for d in days
        for n in range(1, 32)
        if (d.day <= n <= d.last_day if d.day <= d.last_day else n >= d.day or n <= d.last_day)
    }
    first = window.first.toordinal()
    span = range(first, window.last.toordinal() + 1)
    return [d for d in map(date.fromordinal, span) if d.day in numbers]


def _merged(ordered: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Overlaps joined; intervals that only touch stay apart, as they were written."""
    if all(before[1] <= after[0] for before, after in pairwise(ordered)):
        return tuple(ordered)
    out = [ordered[0]]
    for start, end in ordered[1:]:
        if start < out[-1][1]:
            if end > out[-1][1]:
                out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return tuple(out)


def _on_days(
    clause: Clause,
    window: _Window,
    found: list[tuple[int, int]],
    before: date,
    gone_clauses: tuple[Clause, ...],
    monthly: bool,
) -> tuple[str, date]:
    if clause.days:
        if monthly:
            days, problem = _every_month(clause.days, window), ""
        else:
            days, problem, before = _dates(clause.days, window, before)
        if problem:
            return problem, before
        if clause.weekdays:
            days = [d for d in days if clause.weekdays >> d.weekday() & 1]
    else:
        span = (window.last - window.first).days + 1
        first = window.first.toordinal()
        days = [date.fromordinal(first + i) for i in range(span)]
        if clause.weekdays:
            days = [d for d in days if clause.weekdays >> d.weekday() & 1]
    out: set[date] = set()
    for other in gone_clauses:
        if not other.times:
            if other.days:
                gone, _, _ = _dates(other.days, window, window.first)
                out.update(gone)
            else:
                out.update(d for d in days if other.weekdays >> d.weekday() & 1)
    if out:
        days = [d for d in days if d not in out]
    if len(days) * len(clause.times) > MOST_INTERVALS:
        return f"more than {MOST_INTERVALS} intervals", before
    midnights = [(d.toordinal() - _EPOCH) * NS_PER_DAY for d in days]
    for times in clause.times:
        if not times.start.event and not times.end.event:
            start_ns = times.start.minutes * NS_PER_MIN
            end_ns = times.end.minutes * NS_PER_MIN
            if end_ns <= start_ns or times.next_day:
                end_ns += NS_PER_DAY
            found.extend([(m + start_ns, m + end_ns) for m in midnights])
            continue
        starts, ends = _both(times, midnights, window.place)
        if starts is None or ends is None:
            return "SR or SS at a place that is not known, or where the sun does neither", before
        nights: list[int] | None = None
        if times.next_day or any(map(le, ends, starts)):
            nights = _moments(times.end, [m + NS_PER_DAY for m in midnights], window.place)
        if nights is not None:
            # "SR-0900" on a day when the sun rises at 0903: no time at all, not a day and a night.
            ends = [
                night if times.next_day or end <= start - _LATE_NS else end
                for start, end, night in zip(starts, ends, nights, strict=True)
            ]
        found.extend((s, e) for s, e in zip(starts, ends, strict=True) if s < e)
    return "", before


def _both(
    times: Times, midnights: list[int], place: Point | None
) -> tuple[list[int] | None, list[int] | None]:
    if (times.start.event, times.end.event) != ("SR", "SS") or place is None or not midnights:
        return _moments(times.start, midnights, place), _moments(times.end, midnights, place)
    rise, sets, state = rise_and_set_ns(
        np.array(midnights, np.int64), place.latitude_rad, place.longitude_rad
    )
    if state.any():
        return None, None
    return _to_minutes(rise, times.start.minutes), _to_minutes(sets, times.end.minutes)


def _to_minutes(times_ns: I64, minutes: int) -> list[int]:
    rounded: list[int] = (
        ((times_ns + NS_PER_MIN // 2) // NS_PER_MIN + minutes) * NS_PER_MIN
    ).tolist()
    return rounded


def _moments(moment: Moment, midnights: list[int], place: Point | None) -> list[int] | None:
    if not moment.event:
        return [m + moment.minutes * NS_PER_MIN for m in midnights]
    if place is None or not midnights:
        return None if place is None else []
    times, state = events_ns(
        np.array(midnights, np.int64),
        place.latitude_rad,
        place.longitude_rad,
        "rise" if moment.event == "SR" else "set",
    )
    if state.any():
        return None
    return _to_minutes(times, moment.minutes)


def _dates(days: tuple[Days, ...], window: _Window, before: date) -> tuple[list[date], str, date]:
    out: list[date] = []
    for item in days:
        first = _one(item.month, item.day, window, before)
        if first is None:
            return [], f"there is no day {item.day} between items B and C", before
        before = first
        if (item.last_month, item.last_day) == (item.month, item.day):
            out.append(first)
            continue
        last = _after(first, item.last_month, item.last_day)
        if last is None or (last - first).days > HORIZON_DAYS:
            return [], f"a range of days that ends on {item.last_day} is not understood", before
        start = first.toordinal()
        out.extend(date.fromordinal(start + i) for i in range((last - first).days + 1))
        before = last
    return out, "", before


def _one(month: int, day: int, window: _Window, before: date) -> date | None:
    """The day meant: inside B to C if it can be, and not before the one named last if several are."""
    inside: list[date] = []
    anywhere: list[date] = []
    begin = window.first + timedelta(days=1)
    year, m = window.first.year, window.first.month
    while (year, m) <= (window.last.year, window.last.month):
        if month in (0, m):
            try:
                candidate = date(year, m, day)
            except ValueError:
                candidate = None
            if candidate is not None:
                anywhere.append(candidate)
                if begin <= candidate <= window.last:
                    inside.append(candidate)
        year, m = (year + 1, 1) if m == 12 else (year, m + 1)
    for candidate in inside:
        if candidate >= before:
            return candidate
    if inside:
        return inside[-1] if len(inside) == 1 else inside[0]
    if anywhere:
        return anywhere[0]
    if month:
        try:
            return date(window.last.year, month, day)
        except ValueError:
            return None
    return None


def _after(first: date, month: int, day: int) -> date | None:
    """The first such day after `first`; the 31st of a shorter month is its last."""
    year, m = first.year, first.month
    for _ in range(14):
        if month in (0, m):
            for d in (day, *((30, 29, 28) if day == 31 and month else ())):
                try:
                    candidate = date(year, m, d)
                except ValueError:
                    continue
                if candidate >= first:
                    return candidate
                break
        year, m = (year + 1, 1) if m == 12 else (year, m + 1)
    return None


def _through(
    clause: Clause, window: _Window, found: list[tuple[int, int]], before: date
) -> tuple[str, date]:
    times = clause.times[0]
    pairs: list[tuple[date, date]] = []
    if clause.days:
        item = clause.days[0]
        first = _one(item.month, item.day, window, before)
        last = _after(first, item.last_month, item.last_day) if first else None
        if first is None or last is None:
            return f"there is no day {item.day} between items B and C", before
        pairs.append((first, last))
        before = last
    else:
        start_day = (clause.weekdays & 127).bit_length() - 1
        end_day = (clause.weekdays >> 7).bit_length() - 1
        day = window.first - timedelta(days=7)
        while day <= window.last:
            if day.weekday() == start_day:
                pairs.append((day, day + timedelta(days=(end_day - start_day) % 7)))
            day += timedelta(days=1)
    for first, last in pairs:
        ends = [(d.toordinal() - _EPOCH) * NS_PER_DAY for d in (first, last)]
        starts_ns = _moments(times.start, ends[:1], window.place)
        ends_ns = _moments(times.end, ends[1:], window.place)
        if not starts_ns or not ends_ns:
            return "SR or SS at a place that is not known, or where the sun does neither", before
        end_ns = ends_ns[0] + (NS_PER_DAY if ends_ns[0] <= starts_ns[0] else 0)
        found.append((starts_ns[0], end_ns))
    return "", before
