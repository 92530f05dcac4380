"""What millions of fuzzed inputs left behind, run again every time; and that everything is fuzzed."""

from __future__ import annotations

import pytest

from tests.fuzz.targets import CORPUS, corpus, targets
from windhover.detections import DECODERS
from windhover.feeds.streams import STREAMS


@pytest.mark.parametrize("name", sorted(targets()))
def test_the_corpus_breaks_no_promise(name: str) -> None:
    target = targets()[name]
    for payload in (*target.seeds, *corpus(name)):
        target.run(payload)
        target.run(payload[: len(payload) // 2])


def test_every_decoder_and_stream_is_fuzzed() -> None:
    assert {f"decode {name}" for name in DECODERS} <= set(targets())
    assert {f"stream {name}" for name in STREAMS} <= set(targets())
    files = {path.stem.replace("_", " ") for path in CORPUS.glob("*.hex")}
    known = {name.replace("_", " ") for name in targets()}
    assert files <= known
