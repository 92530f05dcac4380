"""The real picture can be written, comes back the same, and holds nothing but what was put there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.record.scenes import SITE, T0_NS, plots
from tests.record.strategies import same
from windhover.picture import Picture, advance, start
from windhover.record import codec
from windhover.schema.commands import Tick
from windhover.units import NS_PER_S


def _run(picture: Picture, from_s: int, to_s: int) -> Picture:
    for second in range(from_s, to_s):
        now_ns = T0_NS + second * NS_PER_S
        batch = plots(np.random.default_rng(second), 8, now_ns)
        picture, _ = advance(picture, batch, now_ns)
        picture, _ = advance(picture, Tick(), now_ns)
    return picture


def test_a_picture_goes_on_from_its_snapshot_as_if_nothing_had_been() -> None:
    picture = _run(start(SITE, T0_NS), 1, 12)
    data = codec.encode(picture)
    back = codec.decode(Picture, data)
    assert same(back, picture) and codec.encode(back) == data
    one, other = _run(back, 12, 20), _run(picture, 12, 20)
    assert picture.tracks.n and one.tracks.n
    for name in Picture._fields:
        assert same(getattr(one, name), getattr(other, name)), name


def test_a_state_holds_no_leftover_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that nobody wrote would end two equal nights in two heads (the chain holds a digest)."""
    _run(start(SITE, T0_NS), 1, 3)  # kernels are compiled before NumPy is tampered with
    empty = np.empty
    written = []
    for poison in (0x11, 0x77):

        def poisoned(*arguments: Any, poison: int = poison, **named: Any) -> Any:
            array = empty(*arguments, **named)
            if array.size:
                array.reshape(-1).view(np.uint8)[...] = poison
            return array

        with monkeypatch.context() as patch:
            patch.setattr(np, "empty", poisoned)
            written.append(_run(start(SITE, T0_NS), 1, 12))
    assert same(written[0], written[1])
