"""The story as one HTML file that needs nothing else: no script, no network, no font of its own.

Words from outside are escaped by the template engine (autoescape is on for every template) or by
`svg.el`; the page also forbids itself scripts and loading (Content Security Policy), so that a
mistake in either would still run nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from statistics import median
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from windhover.report import map as map_
from windhover.report import rounds, scale, words
from windhover.report.plots import plots
from windhover.report.story import Story, StoryNotice, StoryObject, rejected_words
from windhover.report.svg import el
from windhover.report.timeline import timeline
from windhover.schema.batches import CLASSES


class Figure(NamedTuple):
    """One number at the top of the page."""

    value: str
    words: str
    words_es: str


class NoticeText(NamedTuple):
    """One text, and everybody who got it so."""

    first: StoryNotice
    parties: tuple[str, ...]


def render(story: Story) -> str:
    """The whole page. Same story, same page: nothing here reads a clock."""
    first, other = leading(notice_texts(story.notices))
    routine = [(k, o) for k, o in enumerate(story.objects, 1) if _is_routine(o)]
    return (
        _environment()
        .get_template("page.html")
        .render(
            story=story,
            figures=figures(story),
            overview=map_.overview(story),
            close_up=map_.close_up(story),
            classes=[c for c in CLASSES if any(o.said == c for o in story.objects)],
            timeline=timeline(story),
            footprints=scale.footprints(story),
            watched=[(k, o) for k, o in enumerate(story.objects, 1) if not _is_routine(o)],
            routine=routine,
            told=any(o.truth for o in story.objects),
            first_texts=first,
            other_texts=other,
            rejected=rejected_words(story.rejected),
            restrictions=story.restrictions,
            rounds=rounds.rounds(story.notices),
            parties=rounds.parties(story.notices),
            matrix=len(rounds.parties(story.notices)) <= rounds.MOST_PARTIES,
            by_time=sorted(story.notices, key=rounds.sent),
            started=words.day(story.started, story.local_timezone),
            local=_local(story),
        )
    )


def _is_routine(o: StoryObject) -> bool:
    """An aircraft rightly taken for one: its plots are folded away."""
    return o.said == "aircraft" and o.right is not False


def figures(story: Story) -> list[Figure]:
    """What the page says first; only figures that this story has."""
    made = []
    judged = [o for o in story.objects if o.right is not None]
    if judged:
        right = sum(bool(o.right) for o in judged)
        made.append(Figure(f"{right} of {len(judged)}", "named rightly", "nombrados correctamente"))
    else:
        made.append(Figure(f"{len(story.objects):,}", "objects held", "objetos seguidos"))
    left_open = sum(o.decided_after_s is None for o in story.objects)
    if left_open:
        made.append(Figure(f"{left_open}", "left open, and said so", "sin decidir, y así dicho"))
    times = [o.decided_after_s for o in story.objects if o.decided_after_s is not None]
    if times:
        made.append(
            Figure(
                words.seconds(median(times)),
                "to decide, half of them sooner",
                "mediana para decidir",
            )
        )
    if story.restrictions:
        if story.issued:
            largest = max(r.area_km2 for r in story.issued)
            made.append(
                Figure(
                    words.share(words.share_of_circle(largest)),
                    "of a 10 NM circle, the largest restriction issued",
                    "de un círculo de 10 NM, la mayor restricción emitida",
                )
            )
        used = sum(r.used_minutes or 0.0 for r in story.restrictions)
        made.append(
            Figure(words.minutes(used), "of restriction used in all", "de restricción usados")
        )
    due = [n for n in story.notices if n.sent_after_s is not None]
    if due:
        done = sum(n.acknowledged_after_s is not None for n in due)
        made.append(Figure(f"{done} of {len(due)}", "notices acknowledged", "avisos confirmados"))
    if story.detections is not None and not story.restrictions:
        made.append(Figure(f"{story.detections:,}", "detections", "detecciones"))
    return made


def notice_texts(notices: Sequence[StoryNotice]) -> list[NoticeText]:
    """Equal texts once, in the order of their first sending."""
    groups: dict[tuple[str, str, str, str], list[StoryNotice]] = {}
    for n in sorted(notices, key=rounds.sent):
        groups.setdefault((n.language, n.kind, n.subject, n.text), []).append(n)
    return [
        NoticeText(same[0], tuple(dict.fromkeys(n.party for n in same)))
        for same in groups.values()
        if same[0].text
    ]


def leading(texts: list[NoticeText]) -> tuple[list[NoticeText], list[NoticeText]]:
    """One text of each language to open with, of what was issued where anything was; and the rest."""
    first: dict[str, NoticeText] = {}
    for t in sorted(texts, key=lambda t: t.first.kind != "issued"):
        first.setdefault(t.first.language, t)
    chosen = [t for t in texts if any(t is f for f in first.values())]
    return chosen, [t for t in texts if not any(t is f for f in chosen)]


def _local(story: Story) -> Callable[[float | None], str]:
    def at(after_s: float | None) -> str:
        if after_s is None or not story.started:
            return ""
        return words.local_time(story.started, after_s, story.local_timezone)

    return at


def symbol(said: str, size_px: float = 20.0) -> Markup:
    """The mark of a class as a small picture beside its word."""
    return el(
        "svg",
        map_.mark(said, (0.0, 0.0)),
        viewBox="-10 -10 20 20",
        width=size_px,
        height=size_px,
        class_="symbol",
        aria_hidden="true",
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("windhover.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=words.percent,
        certainty=words.certainty,
        band=words.band,
        seconds=words.seconds,
        clock=words.clock,
        minutes=words.minutes,
        area=words.area,
        feet=words.feet,
        share=words.share,
        symbol=symbol,
        style=map_.style_of,
        plots=plots,
        volume=map_.volume_words,
        attributes=words.attributes_words,
        of_circle=words.share_of_circle,
        used_share=scale.used_share,
        waited=rounds.waited_s,
    )
    environment.globals["class_words"] = words.CLASS_WORDS
    environment.globals["banner"] = words.BANNER
    return environment
