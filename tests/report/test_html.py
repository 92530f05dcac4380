"""The page: complete, self-contained, deaf to hostile words, marked as an exercise, quick to make."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import msgspec
import pytest

from tests.report.synthetic import HOSTILE, hostile, night, replayed
from windhover.exercises.tell import summary
from windhover.report import words
from windhover.report.html import figures, leading, notice_texts, render
from windhover.report.story import Probabilities, Story, StoryObject, Trail, Velocities

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Tags with their attributes, the text, and whether every element was closed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.broken: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.broken.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def page() -> str:
    return render(night())


@pytest.mark.parametrize("make", [night, replayed, hostile, Story])
def test_every_element_is_closed_and_every_reference_resolves(make) -> None:
    page = render(make())
    seen = Page(page)
    assert page.lstrip().startswith("<!doctype html>")
    assert seen.broken == [] and seen.open == []
    ids = [a["id"] for _, a in seen.tags if a.get("id")]
    assert len(ids) == len(set(ids))
    wanted = {a["href"][1:] for _, a in seen.tags if (a.get("href") or "").startswith("#")}
    wanted |= set(re.findall(r"url\(#([\w-]+)\)", page))
    wanted |= {a["aria-labelledby"] for _, a in seen.tags if a.get("aria-labelledby")}
    assert wanted <= set(ids)


@pytest.mark.parametrize("make", [night, replayed, hostile])
def test_nothing_is_loaded_and_nothing_runs(make) -> None:
    page = render(make())
    seen = Page(page)
    names = {tag for tag, _ in seen.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    for tag, attributes in seen.tags:
        assert not any(name.startswith("on") for name in attributes), tag
        assert "src" not in attributes and "srcset" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
        assert "style" not in attributes
    style = page.split("<style>")[1].split("</style>")[0]
    assert "@import" not in style and not re.search(r"url\((?!#)", style)
    policy = next(a for t, a in seen.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert (policy["content"] or "").startswith("default-src 'none'")


def test_hostile_words_are_shown_as_words() -> None:
    page = render(hostile())
    assert "<script>alert" not in page and "<img src=x" not in page
    assert Page(page).text.count("<script>alert(1)</script>") > 200
    assert "49" not in re.findall(r"alert\(2\)&gt; (\S+)", page)  # {{ 7*7 }} stays what it is
    for word in (HOSTILE,):
        assert word in Page(page).text


def test_every_drawing_is_well_formed(page: str) -> None:
    drawings = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(drawings) > 60
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        for element in root.iter():
            for name in ("x", "y", "cx", "cy", "r", "width", "height", "x1", "x2", "y1", "y2", "d"):
                assert "nan" not in element.get(name, "") and "inf" not in element.get(name, "")
            assert float(element.get("r", "0")) >= 0


def test_an_exercise_says_so_at_the_top_and_in_every_section(page: str) -> None:
    sections = re.findall(r"<section.*?</section>", page, flags=re.DOTALL)
    assert len(sections) == 11
    for section in sections:
        opening = section.split("<h2")[0]
        assert '<p class="tag">EXERCISE / EJERCICIO</p>' in opening
    assert page.index('<div class="banner"') < page.index("<header")
    assert re.search(r"<title>EXERCISE / EJERCICIO · El Paso night", page)
    footer = page[page.rindex("<footer>") :]
    assert "EXERCISE / EJERCICIO" in footer


def test_what_is_no_exercise_does_not_say_so() -> None:
    body = render(replayed()).split("</style>")[1]
    assert "EXERCISE" not in body and "simulation" not in body


def test_everything_that_was_decided_is_on_the_page(page: str) -> None:
    story, text = night(), Page(page).text
    for o in story.objects:
        assert o.truth in text and o.sentence in text
    for i in story.incidents:
        assert i.why in text and i.id in text
    for n in story.notices:
        assert n.id in text and n.party in text and " ".join(n.text.split()) in text
    for q in story.questions:
        assert q.question in text and q.answer in text
    assert story.real_order is not None
    assert story.real_order.sentence in text and story.real_order.sentence_es in text
    assert story.journal_head in text and "windhover journal verify journal.sqlite" in text
    for figure in ("12.6 km²", "1.2 %", "9.7 min", "about 445 min", "17,999 ft", "10 days"):
        assert figure in text


def test_each_text_is_in_its_language(page: str) -> None:
    story = night()
    for language in ("en", "es"):
        text = next(n.text for n in story.notices if n.language == language)
        start = page.index(text.splitlines()[0], page.index('id="notices"'))
        assert page[:start].rindex(f'<div lang="{language}">') > page[:start].rindex("<article")


def test_nothing_is_told_by_colour_alone(page: str) -> None:
    """Each class has a mark and a dash of its own, and its word beside both."""
    symbols = set(re.findall(r'<symbol id="m-(\w+)"', page))
    dashes = dict(re.findall(r"\.c-(\w+) \{ --c: [^;]+; --dash: ([^;]+);", page))
    assert symbols == set(dashes) == {
        "aircraft", "drone", "balloon", "bird", "tethered", "clutter", "unknown",
    }  # fmt: skip
    assert len(set(dashes.values())) == 7
    marks = re.findall(r'<symbol id="m-\w+"[^>]*>(.*?)</symbol>', page)
    assert len(set(marks)) == 7


def _luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance of #rrggbb."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a: str, b: str) -> float:
    bright, dim = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_text_has_the_contrast_of_wcag_aa_by_day_and_by_night(page: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", page, flags=re.DOTALL)
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[0]))
    dark = {**light, **dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[1]))}
    words = ["ink", "soft", "accent", "owed", "air", "wind"]
    words += ["aircraft", "drone", "balloon", "bird", "tethered", "clutter", "unknown"]
    for theme in (light, dark):
        assert _contrast(theme["warn"], theme["warn-ink"]) >= 7
        for ground in ("paper", "card", "land"):
            for word in words:
                assert _contrast(theme[word], theme[ground]) >= 4.5, (word, ground)
        for word in ("ink", "soft"):
            assert _contrast(theme[word], theme["faint"]) >= 4.5


def test_the_same_story_makes_the_same_page(page: str) -> None:
    assert render(night()) == page


def test_equal_texts_are_printed_once_with_everybody_who_got_them(page: str) -> None:
    assert page.count("Subject: pause of one sector, object I1") == 4  # four kinds, three parties
    assert "Albuquerque Center (simulated); El Paso Tower (simulated); University" in page


def test_the_page_opens_with_what_was_issued_in_each_language(page: str) -> None:
    texts = notice_texts(night().notices)
    first, other = leading(texts)
    assert [(t.first.kind, t.first.language) for t in first] == [("issued", "en"), ("issued", "es")]
    assert len(first) + len(other) == len(texts) == 8
    assert leading([]) == ([], [])


def test_stories_with_little_in_them_still_make_a_page() -> None:
    odd = StoryObject(
        said="dragon",
        probability=float("nan"),
        trail=Trail(t_s=(0.0,), lat_deg=(31.0,), lon_deg=(-106.0,)),
        probabilities=Probabilities(t_s=(0.0, 1.0), of={"dragon": (0.5, float("nan"))}),
        velocities=Velocities(
            t_s=(0.0, 0.0), ground_east_m_s=(0.0, 0.0), ground_north_m_s=(float("nan"), 1.0)
        ),
    )
    torn = msgspec.structs.replace(odd, trail=Trail(t_s=(0.0, 1.0), lat_deg=(1.0,)))
    lost = msgspec.structs.replace(
        odd, trail=Trail(t_s=(0.0, 1.0), lat_deg=(float("nan"), 1.0), lon_deg=(2.0, float("inf")))
    )
    for story in (Story(), Story(objects=(odd, torn, lost)), Story(exercise=True, objects=(odd,))):
        seen = Page(render(story))
        assert seen.broken == [] and "What this does not do" in seen.text


def _long_night() -> Story:
    """Twenty objects with a state every second for 2,400 s."""
    n = 2400
    t = tuple(float(k) for k in range(n))
    base = night()
    wave = tuple(((k * 7919) % 1000) / 1000 for k in range(n))
    objects = tuple(
        msgspec.structs.replace(
            o,
            trail=Trail(
                t_s=t,
                lat_deg=tuple(31.7 + 1e-5 * k + 1e-4 * w for k, w in enumerate(wave)),
                lon_deg=tuple(-106.5 + 1e-5 * k + 1e-4 * w for k, w in enumerate(wave)),
                height_ground_m=tuple(100 + 10 * w for w in wave),
            ),
            probabilities=Probabilities(t_s=t, of=dict.fromkeys(o.probabilities.of, wave)),
            velocities=Velocities(
                t_s=t,
                ground_east_m_s=wave,
                ground_north_m_s=wave[::-1],
                wind_east_m_s=wave,
                wind_north_m_s=wave,
                wind_sigma_m_s=(1.0,) * n,
            ),
        )
        for o in base.objects
    )
    return msgspec.structs.replace(base, objects=objects)


def test_a_whole_night_takes_less_than_three_megabytes() -> None:
    """Noise at every second is the worst case: nothing can be left out of a line."""
    story = _long_night()
    page = render(story)
    assert len(page.encode()) < 3_000_000


def test_a_draft_that_nobody_issued_is_not_the_largest_restriction() -> None:
    told = night()
    issued, withdrawn = told.restrictions
    assert issued.issued_after_s is not None and withdrawn.issued_after_s is None
    told = msgspec.structs.replace(
        told, restrictions=(issued, msgspec.structs.replace(withdrawn, area_km2=900.0))
    )
    (said,) = (f.value for f in figures(told) if "largest" in f.words)
    assert said == words.share(words.share_of_circle(issued.area_km2))
    none = msgspec.structs.replace(told, restrictions=(withdrawn,))
    assert not [f for f in figures(none) if "largest" in f.words]


def test_the_summary_counts_what_was_lifted_and_promises_nothing() -> None:
    told = night()
    (issued,) = (r for r in told.restrictions if r.issued_after_s is not None)
    still = msgspec.structs.replace(issued, ended_after_s=None, used_minutes=None)
    english, spanish = summary(msgspec.structs.replace(told, restrictions=(issued, still)))
    assert "Restrictions issued: 2," in english and "lifted by their authority: 1." in english
    assert "Restricciones emitidas: 2," in spanish and "levantadas por su autoridad: 1." in spanish
