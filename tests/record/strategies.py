"""Batches, structs and states of every shape, for the round trips."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from windhover.schema.batches import BOOL, F64, I8, I64, Detections, Wind
from windhover.schema.cases import Words

INT64 = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(width=64)  # NaN, infinities, −0.0 and subnormal numbers included
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


class Inner(NamedTuple):
    x: F64
    flags: BOOL
    n: int
    f: float


class Kept(msgspec.Struct, frozen=True, tag=True):
    column: I64
    words: Words


class Other(msgspec.Struct, frozen=True, tag=True):
    value: float | None


class State(NamedTuple):
    """Everything that a stage may keep."""

    inner: Inner
    by_id: dict[int, Inner]
    by_pair: dict[tuple[int, str], Words]
    cases: tuple[Kept | Other, ...]
    modes: I8
    maybe: F64 | None
    names: list[str]
    step: int = 0


def arrays(dtype: Any) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))


words = st.builds(Words, TEXT, TEXT)
inner = st.builds(Inner, arrays(np.float64), arrays(np.bool_), INT64, FLOATS)
states = st.builds(
    State,
    inner,
    st.dictionaries(INT64, inner, max_size=3),
    st.dictionaries(st.tuples(INT64, TEXT), words, max_size=3),
    st.lists(
        st.builds(Kept, arrays(np.int64), words) | st.builds(Other, st.none() | FLOATS), max_size=3
    ).map(tuple),
    arrays(np.int8),
    st.none() | arrays(np.float64),
    st.lists(TEXT, max_size=3),
    INT64,
)


@st.composite
def detections(draw: st.DrawFn, max_rows: int = 6) -> Detections:
    n = draw(st.integers(0, max_rows))
    like = Detections.empty(0)
    return Detections(*(draw(hnp.arrays(column.dtype, (n, *column.shape[1:]))) for column in like))


@st.composite
def winds(draw: st.DrawFn, max_rows: int = 6) -> Wind:
    n = draw(st.integers(0, max_rows))
    return Wind(
        draw(hnp.arrays(np.int64, n)),
        *(draw(hnp.arrays(np.float64, n)) for _ in range(6)),
        draw(hnp.arrays(np.int8, n)),
    )


def same(one: object, other: object) -> bool:
    """Bit for bit, arrays and NaN included, types and the order of dicts too."""
    if isinstance(one, np.ndarray):
        return (
            isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return np.float64(one).tobytes() == np.float64(other).tobytes()
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))  # type: ignore[attr-defined]
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))  # type: ignore[arg-type]
    if isinstance(one, msgspec.Struct):
        return all(same(getattr(one, f), getattr(other, f)) for f in one.__struct_fields__)
    return one == other
