"""The night on one axis: when each object was in the air and named, each incident open, each restriction
asked for, in force and over, each notice sent and acknowledged, each question asked and answered.
"""

from __future__ import annotations

from markupsafe import Markup

from windhover.report import words
from windhover.report.map import mark, style_of
from windhover.report.story import Story
from windhover.report.svg import el, join, line, minute_ticks, text

WIDTH_PX = 960.0
_LEFT, _RIGHT = 208.0, 20.0
_ROW_PX, _HEAD_PX = 21.0, 30.0


def end_of(story: Story) -> float:
    """Last instant that anything speaks of, s after the start."""
    times = [story.duration_s or 0.0]
    times += [o.last_seen_s or 0.0 for o in story.objects]
    times += [i.closed_after_s or i.opened_after_s for i in story.incidents]
    times += [r.ended_after_s or 0.0 for r in story.restrictions]
    times += [n.acknowledged_after_s or n.sent_after_s or 0.0 for n in story.notices]
    return max(*times, 60.0)


class _Chart:
    def __init__(self, story: Story) -> None:
        self.story = story
        self.end_s = end_of(story)
        self.parts: list[Markup] = []
        self.y = 34.0

    def x(self, t_s: float) -> float:
        return _LEFT + t_s / self.end_s * (WIDTH_PX - _LEFT - _RIGHT)

    def head(self, name: str) -> None:
        self.y += _HEAD_PX
        self.parts.append(text(name, 0, self.y - 8, "lane-head"))
        self.parts.append(line((0, self.y - 2), (WIDTH_PX, self.y - 2), "lane-rule"))

    def row(self, name: str) -> float:
        """A new row; the y that its marks are centred on."""
        self.y += _ROW_PX
        short = name if len(name) <= 33 else name[:32] + "…"
        self.parts.append(text(short, 0, self.y - 6, "lane"))
        return self.y - 10

    def bar(
        self, y: float, a_s: float, b_s: float, class_: str, hint: str, high: float = 9
    ) -> None:
        x0, x1 = self.x(a_s), max(self.x(b_s), self.x(a_s) + 2)
        self.parts.append(
            el(
                "rect",
                el("title", hint),
                x=x0,
                y=y - high / 2,
                width=x1 - x0,
                height=high,
                rx=1.5,
                class_=class_,
            )
        )

    def note(self, a_s: float, b_s: float, y: float, words_: str) -> None:
        """After what lasted from a to b, or before it where there is no room behind."""
        if self.x(b_s) + 6.4 * len(words_) + 10 < WIDTH_PX:
            self.parts.append(text(words_, self.x(b_s) + 7, y + 4, "lane-note"))
        else:
            self.parts.append(text(words_, self.x(a_s) - 7, y + 4, "lane-note", text_anchor="end"))


def timeline(story: Story) -> Markup | None:
    """The drawing; None where nothing has a time."""
    chart = _Chart(story)
    named = [o for o in story.objects if o.first_seen_s is not None]
    if not named and not story.incidents:
        return None
    _objects(chart)
    _incidents(chart)
    _restrictions(chart)
    _notices(chart)
    _questions(chart)
    height = chart.y + 12
    return el(
        "svg",
        el("title", "Time line of the whole story"),
        _axis(chart, height),
        *chart.parts,
        viewBox=f"0 0 {WIDTH_PX:.0f} {height:.0f}",
        role="img",
        class_="timeline",
    )


def _axis(chart: _Chart, height: float) -> Markup:
    story, parts = chart.story, []
    for t in minute_ticks(chart.end_s, 9):
        x = chart.x(t)
        parts.append(line((x, 30), (x, height), "grid"))
        label = words.clock(t).removeprefix("+") if t else "0:00"
        parts.append(text(label, x, 12, "tick", text_anchor="middle"))
        if story.started:
            local = words.local_time(story.started, t, story.local_timezone, with_zone=t == 0)
            parts.append(text(local, x, 25, "tick local", text_anchor="middle"))
    parts.append(text("after the start", 0, 12, "unit"))
    if story.started:
        there = "UTC" if story.local_timezone.upper() == "UTC" else "local time there"
        parts.append(text(there, 0, 25, "unit"))
    return join(parts)


def _objects(chart: _Chart) -> None:
    """What asked for attention has a row each; routine traffic shares one."""
    routine = []
    chart.head("Objects")
    for number, o in enumerate(chart.story.objects, 1):
        if o.first_seen_s is None or o.last_seen_s is None:
            continue
        if o.said == "aircraft":
            routine.append(o)
            continue
        y = chart.row(f"{number}  {o.name or o.said}")
        chart.bar(y, o.first_seen_s, o.last_seen_s, f"life {style_of(o.said)}", o.said, 5)
        if o.decided_after_s is None:
            chart.note(o.first_seen_s, o.last_seen_s, y, "left open")
        else:
            chart.parts.append(mark(o.said, (chart.x(o.first_seen_s + o.decided_after_s), y)))
    if routine:
        y = chart.row(f"{len(routine)} aircraft")
        for o in routine:
            chart.bar(y, o.first_seen_s or 0, o.last_seen_s or 0, "life c-aircraft", o.name, 5)


def _incidents(chart: _Chart) -> None:
    if chart.story.incidents:
        chart.head("Incidents")
    for i in chart.story.incidents:
        y = chart.row(f"{i.id}  {i.rule.replace('_', ' ')}")
        end = i.closed_after_s if i.closed_after_s is not None else chart.end_s
        worst = i.highest_exposure or i.exposure
        style = worst if worst in {"X0", "X1", "X2", "X3"} else "X1"
        chart.bar(y, i.opened_after_s, end, f"incident {style}", i.why, 11)
        ended = f"{i.verdict or i.state} · {i.highest_grade or i.grade} {worst}"
        chart.note(i.opened_after_s, end, y, ended)


def _restrictions(chart: _Chart) -> None:
    if chart.story.restrictions:
        chart.head("Restrictions")
    for r in chart.story.restrictions:
        y = chart.row(f"{r.id}  {r.hazard} {r.rung}")
        end = r.ended_after_s if r.ended_after_s is not None else chart.end_s
        steps = (
            (r.drafted_after_s, "r-drafted", "drafted"),
            (r.requested_after_s, "r-requested", "requested"),
            (r.issued_after_s, "r-issued", "issued by the authority"),
        )
        known = [(t, style, name) for t, style, name in steps if t is not None]
        for k, (t, style, name) in enumerate(known):
            until = known[k + 1][0] if k + 1 < len(known) else end
            chart.bar(y, t, until, style, name, 11)
        chart.note(known[0][0] if known else end, end, y, r.state)


def _notices(chart: _Chart) -> None:
    """One row per party: a tick where it was told, a line until it acknowledged."""
    if chart.story.notices:
        chart.head("Notices")
    for party in dict.fromkeys(n.party for n in chart.story.notices):
        y = chart.row(party)
        for n in chart.story.notices:
            if n.party != party or n.sent_after_s is None:
                continue
            x = chart.x(n.sent_after_s)
            if n.acknowledged_after_s is not None:
                hint = f"{n.id} {n.what}: {n.subject}"
                chart.bar(y, n.sent_after_s, n.acknowledged_after_s, "n-wait", hint, 3)
                done = chart.x(n.acknowledged_after_s)
                chart.parts.append(el("circle", cx=done, cy=y, r=3.2, class_="n-ack"))
            else:
                chart.note(n.sent_after_s, n.sent_after_s, y, n.state or "not acknowledged")
            chart.parts.append(line((x, y - 6), (x, y + 6), "n-sent"))


def _questions(chart: _Chart) -> None:
    if chart.story.questions:
        chart.head("Questions")
    for q in chart.story.questions:
        if q.asked_after_s is None:
            continue
        y = chart.row(f"{q.id}  {q.party}")
        asked = chart.x(q.asked_after_s)
        end = q.answered_after_s if q.answered_after_s is not None else chart.end_s
        chart.bar(y, q.asked_after_s, end, "q-wait", q.question, 3)
        chart.parts.append(line((asked, y - 6), (asked, y + 6), "n-sent"))
        if q.answered_after_s is None:
            chart.note(q.asked_after_s, end, y, "open")
            continue
        chart.parts.append(el("circle", cx=chart.x(end), cy=y, r=3.2, class_="n-ack"))
        answered = f"answered in {words.seconds(end - q.asked_after_s)}"
        chart.note(q.asked_after_s, end, y, answered)
