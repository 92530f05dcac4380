"""Whatever a source sends: the watch reads it or says why not, writes a page, and never raises."""

from __future__ import annotations

import gzip
import json
import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.watch.making import CITY_TFR, icao
from windhover.cli.watch_page import page
from windhover.errors import BadInput, WindhoverError
from windhover.feeds.notices_baseline import rows_of_closures, shipped
from windhover.feeds.notices_faa import TfrListSource
from windhover.feeds.notices_http import Reply, Request, SourceDown
from windhover.feeds.notices_read import closure_of, near
from windhover.feeds.notices_texts import Item, items_of, unpacked
from windhover.notices.notam.spanish import in_spanish
from windhover.watch.brief import compose
from windhover.watch.changes import changes
from windhover.watch.closure import Closure, traits_of
from windhover.watch.unusual import compare

PAST = shipped()


def through(text: str) -> Closure | None:
    """All that the watch does with one text."""
    closure = closure_of(Item("", text, 1_770_787_800_000_000_000))
    if closure is None:
        return None
    unusual = None
    if closure.kind:
        unusual = compare(traits_of(closure), PAST[closure.kind], closure.country)
        assert 0 < unusual.share <= 1
    beside = near(closure)
    brief = compose(closure, unusual, spanish=in_spanish, near=beside)
    assert all(w.en and w.es for s in brief.sections for w in s.lines)
    html = page(brief, closure, beside, [])
    assert html.count("<section") == len(brief.sections)
    list(rows_of_closures([closure]))
    return closure


def mutated(text: str, rng: random.Random) -> str:
    for _ in range(rng.randrange(1, 8)):
        i = rng.randrange(len(text) + 1)
        j = min(len(text), i + rng.randrange(1, 30))
        cut, again = text[:i] + text[j:], text[:i] + text[i:j] * rng.randrange(2, 9) + text[j:]
        digit = text[:i] + str(rng.randrange(10)) + text[i + 1 :]
        text = rng.choice((cut, again, digit))
    return text


def test_mutated_texts() -> None:
    rng = random.Random(20261122)
    base = [CITY_TFR, icao("J1000/26"), icao("A0012/26", code="QRDCA", radius=999)]
    read = 0
    for _ in range(250):
        read += through(mutated(rng.choice(base), rng)) is not None
    assert read > 150


@pytest.mark.shared
def test_real_texts_of_the_world(shared: Path) -> None:
    raws = gzip.decompress((shared / "data/notam/world_1000.jsonl.gz").read_bytes()).splitlines()
    closures = [through(json.loads(line)["raw"]) for line in raws[::4]]
    assert all(closures)
    assert sum(bool(c and c.kind) for c in closures) > 100
    before = closures[0]
    for after in closures[1:]:
        assert before is not None and after is not None
        assert all(w.en for w in changes(before, after))
        before = after


@settings(max_examples=60)
@given(st.one_of(st.text(max_size=300), st.binary(max_size=300).map(lambda b: b.decode("latin-1"))))
def test_any_text(text: str) -> None:
    through(text)
    try:
        for item in items_of(text, "x"):
            through(item.text)
    except BadInput:
        pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["6/9101"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["notam_id", "raw", "id", "issued", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=80)
@given(JSON)
def test_any_json(value: object) -> None:
    words = json.dumps(value)

    def ask(_: Request) -> Reply:
        return Reply(200, {}, words.encode())

    with suppress(SourceDown):
        TfrListSource(ask=ask, pause=lambda _: None).poll()
    with suppress(BadInput):
        list(items_of(words, "x"))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 5_000_000)
    with pytest.raises(WindhoverError, match="larger"):
        unpacked(bomb, "bomb", 1_000_000)
    for broken in (bomb[:50], b"\x1f\x8b\x08 no", b"\xfd7zXZ\x00 no"):
        with pytest.raises(WindhoverError, match="broken"):
            unpacked(broken, "x")
