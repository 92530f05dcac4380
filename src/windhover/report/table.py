"""The story in a terminal: what flew and what was said of it, what was asked of the airspace, who was told.

Words from outside are plain text here: no markup is read in them and control characters, which could
move a terminal's cursor or colour what follows, are taken out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import NamedTuple

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from windhover.report import rounds, words
from windhover.report.story import Story, StoryNotice, StoryObject, rejected_words

_SAID_STYLE = {
    "aircraft": "blue",
    "drone": "red",
    "balloon": "magenta",
    "bird": "green",
    "tethered": "yellow",
}
_STATE_STYLE = {"escalated": "bold red", "failed": "bold red"}


NARROW = 140
"""Columns below which a sentence stands under its row and not beside it."""


class Column(NamedTuple):
    """One column of figures or short words."""

    name: str
    width: int
    right: bool = False


class Rows(NamedTuple):
    """Rows that each end in a sentence: beside them where there is room, else under them."""

    columns: tuple[Column, ...]
    sentence: str  # heading of the sentences
    rows: list[tuple[list[Text], Text]]
    last: tuple[list[Text], Text] | None = None  # set apart

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        whole = [*self.rows, *([self.last] if self.last else [])]
        if options.max_width >= NARROW:
            table = _table(*((c.name, _of(c)) for c in self.columns), (self.sentence, {"ratio": 1}))
            for row, said in self.rows:
                table.add_row(*row, said)
            if self.last:
                table.add_section()
                table.add_row(*self.last[0], self.last[1])
            yield table
            return
        names = [Text(c.name, style="bold") for c in self.columns]
        yield Padding(self._line(names, options.max_width), (1, 0, 0, 0))
        yield Text("─" * options.max_width, style="dim")
        for row, said in whole:
            if self.last and row is self.last[0]:
                yield Text("─" * options.max_width, style="dim")
            yield self._line(row, options.max_width)
            yield Padding(said, (0, 0, 0, self.columns[0].width + 2))

    def _line(self, row: list[Text], width: int) -> Table:
        airy = sum(c.width + 2 for c in self.columns) - 2 <= width
        line = Table.grid(padding=(0, 2 if airy else 1, 0, 0))
        for c in self.columns:
            line.add_column(**_of(c))  # type: ignore[arg-type]
        line.add_row(*row)
        return line


def _of(column: Column) -> dict[str, object]:
    return {"width": column.width, "justify": "right" if column.right else "left"}


def plain(text: str) -> str:
    """Text without control or direction-changing characters; line breaks become spaces.

    >>> plain("all clear\\x1b[2J")
    'all clear[2J'
    """
    return "".join(
        " " if c in "\n\r\t" else c
        for c in text
        if c in "\n\r\t" or unicodedata.category(c)[0] != "C"
    )


def show(story: Story, console: Console) -> None:
    """Print every block of the story that has something to say."""
    for block in blocks(story):
        console.print(block)


def text(story: Story, width: int = 100) -> str:
    """The same as plain text of so many columns, without colours."""
    out = StringIO()
    show(story, Console(file=out, width=width, color_system=None, legacy_windows=False))
    return out.getvalue()


def blocks(story: Story) -> Iterable[RenderableType]:
    """One renderable per part of the story, headings included."""
    yield _top(story)
    yield _heading(story, "Objects")
    yield _objects(story)
    if story.incidents:
        yield _heading(story, "Incidents")
        yield _incidents(story)
    if story.restrictions:
        beside = ", beside the real order" if story.real_order else ""
        yield _heading(story, f"Restrictions, one per declared hazard{beside}")
        yield _restrictions(story)
    if story.notices:
        yield _heading(story, "Notices")
        yield _notices(story.notices)
    if story.questions:
        yield _heading(story, "The question and its answer")
        yield _questions(story)
    if story.claims:
        yield _heading(story, "Claims, beside what the sensors recorded")
        yield _claims(story)
    yield _heading(story, "The record")
    yield _record(story)


def _heading(story: Story, words_of_it: str) -> RenderableType:
    line = Text()
    if story.exercise:
        line.append(f"{words.BANNER} · ", style="bold yellow")
    line.append(words_of_it, style="bold")
    return Padding(line, (1, 0, 0, 0))


def _top(story: Story) -> RenderableType:
    lines: list[RenderableType] = [_heading(story, plain(story.title))]
    facts = [f"{len(story.objects)} objects"]
    if story.duration_s is not None:
        facts.append(f"{words.minutes(story.duration_s / 60)}")
    if story.detections is not None:
        facts.append(f"{story.detections:,} detections")
    if story.seed is not None:
        facts.append(f"seed {story.seed}")
    if story.sources:
        facts.append("from " + ", ".join(plain(s) for s in story.sources))
    lines.append(Text(" · ".join(facts), style="dim"))
    if story.summary:
        lines.append(Text(plain(story.summary)))
    if story.rejected:
        lines.append(Text(f"Not used: {plain(rejected_words(story.rejected))}.", style="dim"))
    return Group(*lines)


def _table(*columns: tuple[str, dict[str, object]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=True)
    for name, options in columns:
        table.add_column(name, header_style="bold", **options)  # type: ignore[arg-type]
    return table


def _objects(story: Story) -> RenderableType:
    told = any(o.truth for o in story.objects)
    columns = [
        Column("#", 3, True),
        Column("Windhover said", 15),
        Column("how sure", 23),
        Column("after", 6, True),
    ]
    if told:
        columns.insert(1, Column("what it truly was", 20))
    rows = []
    for number, o in enumerate(story.objects, 1):
        row = [Text(str(number), style="dim"), _said(o), _sure(o)]
        row.append(Text(words.seconds(o.decided_after_s)))
        if told:
            row.insert(1, _truth(o))
        rows.append((row, Text(plain(o.sentence))))
    return Rows(tuple(columns), "because", rows)


def _truth(o: StoryObject) -> Text:
    cell = Text(plain(o.truth) or "–")
    if o.name and not set(o.name.split()) <= set(o.truth.replace(",", "").split()):
        cell.append(f"\n{plain(o.name)}", style="dim")
    return cell


def _said(o: StoryObject) -> Text:
    cell = Text(plain(o.said), style=_SAID_STYLE.get(o.said, ""))
    flags = [name for name in ("friend", "dark") if o.attributes.get(name)]
    if flags:
        cell.append(f", {flags[0]}")
    if o.right is False:
        cell.append("\n✗ not so", style="bold red")
    return cell


def _sure(o: StoryObject) -> Text:
    if o.said == "unknown":  # its probability says how little is known, not how sure the answer is
        return Text("left open")
    cell = Text(words.percent(o.probability))
    cell.append(f" {plain(o.decided) or words.certainty(o.probability)}", style="dim")
    return cell


def _incidents(story: Story) -> RenderableType:
    rows = []
    for i in story.incidents:
        why = Text(plain(i.why))
        if i.verdict_reason and i.verdict_reason != i.why:
            why.append(f"\n{plain(i.verdict_reason)}", style="dim")
        row = [
            Text(plain(i.id)),
            Text(plain(i.rule).replace("_", " ")),
            Text(f"{plain(i.grade)} {plain(i.exposure)}"),
            Text(words.clock(i.opened_after_s)),
            Text(words.clock(i.closed_after_s)),
            Text(plain(i.verdict) or plain(i.state)),
        ]
        rows.append((row, why))
    columns = (
        Column("id", 3),
        Column("rule", 17),
        Column("grade", 5),
        Column("opened", 6, True),
        Column("closed", 6, True),
        Column("verdict", 15),
    )
    return Rows(columns, "why", rows)


def _restrictions(story: Story) -> RenderableType:
    rows = []
    for r in story.restrictions:
        row = [
            Text(plain(r.id or r.rung)),
            Text(words.area(r.area_km2)),
            Text(words.share(words.share_of_circle(r.area_km2))),
            Text(f"{words.feet(r.lower_ft, lower=True)} – {words.feet(r.upper_ft)}"),
            Text(words.minutes(r.ordered_minutes)),
            Text(words.minutes(r.used_minutes)),
            Text(f"{plain(r.rung)} {plain(r.state)}".strip()),
        ]
        hazard = f"{r.hazard}: {plain(r.hazard_words)}" if r.hazard_words else r.hazard
        rows.append((row, Text(hazard)))
    columns = (
        Column("", 4),
        Column("area", 9, True),
        Column("of 10 NM", 8, True),
        Column("from – to", 19),
        Column("ordered", 7, True),
        Column("used", 8, True),
        Column("state", 14),
    )
    real = story.real_order
    if real is None:
        return Rows(columns, "declared hazard", rows)
    beside = [
        Text("real"),
        Text(words.area(real.area_km2)),
        Text(f"{real.radius_nm:g} NM"),
        Text(f"{words.feet(real.lower_ft, lower=True)} – {words.feet(real.upper_ft)}"),
        Text(words.minutes(real.ordered_minutes)),
        Text(f"~{words.minutes(real.used_minutes)}"),
        Text("issued, lifted"),
    ]
    table = Rows(columns, "declared hazard", rows, (beside, Text(plain(real.name), style="bold")))
    return Group(table, Padding(Text(plain(real.sentence), style="italic"), (1, 0, 0, 0)))


def _notices(notices: Sequence[StoryNotice]) -> RenderableType:
    """A row per occasion and a column per party; one row per notice where the parties are too many."""
    who = rounds.parties(notices)
    if len(who) > rounds.MOST_PARTIES:
        return _notice_list(notices)
    table = _table(
        ("sent", {"justify": "right", "no_wrap": True}),
        ("what", {"ratio": 1, "min_width": 11}),
        *((chr(65 + k), {"justify": "right", "no_wrap": True}) for k in range(len(who))),
        ("lifted", {"justify": "right", "no_wrap": True}),
    )
    for row in rounds.rounds(notices):
        table.add_row(
            words.clock(row.sent_after_s),
            Text(plain(f"{row.what} {row.about}".strip())),
            *(_copy(copy) for copy in row.copies),
            "" if row.lifted_after_s is None else words.clock(row.lifted_after_s),
        )
    names = Text()
    for k, (party, language) in enumerate(who):
        names.append(f"{chr(65 + k)} ", style="bold")
        names.append(f"{plain(party)}, {plain(language)}" + (" · " if k + 1 < len(who) else ""))
    note = Text("Under each letter: from sending to that party's acknowledgement.", style="dim")
    return Group(names, note, table)


def _copy(n: StoryNotice | None) -> Text:
    if n is None:
        return Text("·", style="dim")
    waited = rounds.waited_s(n)
    if waited is None:
        return Text(plain(n.state) or "not yet", style=_STATE_STYLE.get(n.state, "dim"))
    return Text(words.seconds(waited))


def _notice_list(notices: Sequence[StoryNotice]) -> RenderableType:
    table = _table(
        ("", {"no_wrap": True}),
        ("to", {"ratio": 6, "min_width": 14}),
        ("in", {"no_wrap": True}),
        ("what", {"ratio": 3, "min_width": 10}),
        ("sent", {"justify": "right", "no_wrap": True}),
        ("acknowledged", {"justify": "right", "no_wrap": True}),
        ("lifted", {"justify": "right", "no_wrap": True}),
    )
    for n in notices:
        told = _copy(n)
        if n.acknowledged_after_s is not None:
            told = Text(words.clock(n.acknowledged_after_s))
        table.add_row(
            Text(plain(n.id)),
            Text(plain(n.party)),
            plain(n.language),
            Text(f"{plain(n.what)} {plain(n.restriction_id or n.incident_id)}".strip()),
            words.clock(n.sent_after_s),
            told,
            words.clock(n.lifted_after_s),
        )
    return table


def _questions(story: Story) -> RenderableType:
    lines: list[RenderableType] = []
    for q in story.questions:
        asked = Text(f"{words.clock(q.asked_after_s)}  ", style="dim")
        asked.append(f"{plain(q.party)}: ", style="bold")
        asked.append(plain(q.question))
        answered = Text(f"{words.clock(q.answered_after_s)}  ", style="dim")
        answered.append(f"{plain(q.answered_by) or 'here'}: ", style="bold")
        answered.append(plain(q.answer) or "not answered yet")
        lines += [asked, answered]
    return Group(*lines)


def _claims(story: Story) -> RenderableType:
    lines: list[RenderableType] = []
    for c in story.claims:
        said = Text(f"{words.clock(c.after_s)}  ", style="dim")
        said.append(f"{plain(c.party)}: ", style="bold")
        said.append(f"“{plain(c.says)}” On: {plain(c.on_evidence).rstrip('.') or 'nothing named'}.")
        if c.contradicts:
            said.append(f" Against it: {plain(c.contradicts)}", style="yellow")
        lines.append(said)
    return Group(*lines)


def _record(story: Story) -> RenderableType:
    lines: list[RenderableType] = []
    if story.journal_head:
        events = f"{story.journal_events:,} events, " if story.journal_events is not None else ""
        lines.append(Text(f"Journal: {events}head {plain(story.journal_head)}", overflow="fold"))
        name = plain(story.journal_file) or "JOURNAL"
        lines.append(Text(f"Check it: windhover journal verify {name}", style="dim"))
    if story.archive_rows is not None:
        lines.append(Text(f"Archive: {story.archive_rows:,} rows."))
    for name, value in story.figures.items():
        lines.append(Text(f"{plain(name)}: {plain(str(value))}"))
    return Group(*lines)
