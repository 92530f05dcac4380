from __future__ import annotations

import struct
import zlib
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.record.strategies import Inner, State, detections, same, states, winds
from windhover.errors import BadInput
from windhover.record import codec
from windhover.schema.batches import F64, Detections, Wind


@given(states)
def test_a_state_comes_back_bit_for_bit(state: State) -> None:
    data = codec.encode(state)
    back = codec.decode(State, data)
    assert same(back, state)
    assert codec.encode(back) == data
    assert back.inner.x.flags.writeable and back.inner.x.flags.c_contiguous


@given(detections())
def test_detections_come_back_bit_for_bit(batch: Detections) -> None:
    assert same(codec.decode_batch(Detections, codec.encode_batch(batch)), batch)


@given(winds())
def test_wind_comes_back_bit_for_bit(batch: Wind) -> None:
    assert same(codec.decode_batch(Wind, codec.encode_batch(batch)), batch)


@given(st.binary(max_size=400))
def test_bytes_of_nobody_are_bad_input(data: bytes) -> None:
    for attempt in (
        lambda: codec.decode(State, data),
        lambda: codec.decode_batch(Detections, data),
        lambda: codec.decode(State, _framed(State, data)),
        lambda: codec.decode_batch(Detections, _framed(None, data)),
    ):
        with pytest.raises(BadInput):
            attempt()


@given(states, st.data())
def test_a_changed_byte_never_crashes(state: State, data: st.DataObject) -> None:
    good = bytearray(codec.encode(state, quick=data.draw(st.booleans())))
    at = data.draw(st.integers(0, len(good) - 1))
    good[at] ^= data.draw(st.integers(1, 255))
    try:
        back = codec.decode(State, bytes(good))
    except BadInput:
        return
    assert isinstance(back, State)  # a changed value is the journal's digest's to find


def _framed(
    as_type: Any,
    body: bytes,
    length: int | None = None,
    packed: bytes | None = None,
    way: int = 1,
) -> bytes:
    shape = bytes(8) if as_type is None else codec.fingerprint(as_type)
    head = struct.pack(
        "<3sBB8sQ", b"WHC", 1, way if packed else 0, shape, len(body) if length is None else length
    )
    return head + (body if packed is None else packed)


def _array(code: int, axes: tuple[int, ...], data: bytes) -> msgspec.msgpack.Ext:
    return msgspec.msgpack.Ext(1, struct.pack(f"<BB{len(axes)}Q", code, len(axes), *axes) + data)


@pytest.mark.parametrize(
    "body",
    [
        b"\x91" * 50_000,  # nested beyond any stack
        b"\xdd\xff\xff\xff\xff",  # four thousand million items that are not there
        msgspec.msgpack.encode({"x": _array(0, (2**63, 2), b"")}),
        msgspec.msgpack.encode({"x": _array(0, (2**32, 2**32), b"12345678")}),
        msgspec.msgpack.encode({"x": _array(0, (2**63, 0), b"")}),
        msgspec.msgpack.encode({"x": _array(99, (1,), bytes(8))}),
        msgspec.msgpack.encode({"x": msgspec.msgpack.Ext(1, b"\x00\xff")}),
        msgspec.msgpack.encode({"x": msgspec.msgpack.Ext(2, b"\x00\x00")}),
        msgspec.msgpack.encode({"x": _array(10, (1,), b"\x07")}),  # neither true nor false
        msgspec.msgpack.encode({"x": _array(2, (1,), bytes(8))}),  # integers for floats
        msgspec.msgpack.encode({"x": 3}),
    ],
)
def test_hostile_bodies_are_refused(body: bytes) -> None:
    class One(msgspec.Struct):
        x: F64

    with pytest.raises(BadInput):
        codec.decode(One, _framed(One, body))


def test_a_packed_bomb_is_not_unpacked() -> None:
    zeros = bytes(50_000_000)
    for way, bomb in ((1, zlib.compress(zeros)), (2, pa.compress(zeros, "zstd", asbytes=True))):
        with pytest.raises(BadInput, match="damaged"):
            codec.decode(Inner, _framed(Inner, b"", 100, bomb, way))
        with pytest.raises(BadInput, match="larger"):
            codec.decode(Inner, _framed(Inner, b"", 1 << 40, bomb, way))
    with pytest.raises(BadInput, match="this version"):
        codec.decode(Inner, _framed(Inner, b"", 100, b"x", 3))


@pytest.mark.parametrize("quick", [False, True], ids=["zlib", "Zstandard"])
def test_a_packed_body_is_as_long_as_it_promises(quick: bool) -> None:
    """Nothing behind it, nothing short of it, nothing more than it."""
    good = codec.encode(Inner(np.arange(5000.0), np.zeros(3, bool), 1, 1.0), quick=quick)
    codec.decode(Inner, good)
    (length,) = struct.unpack_from("<Q", good, 13)
    for wrong in (
        good + b"more",
        good[:-4],
        good[:13] + struct.pack("<Q", length + 1) + good[21:],
        good[:13] + struct.pack("<Q", length - 1) + good[21:],
    ):
        with pytest.raises(BadInput):
            codec.decode(Inner, wrong)


def test_a_snapshot_is_packed_by_another_way_than_the_chain() -> None:
    """And both come back the same."""
    state = Inner(np.arange(5000.0), np.zeros(3, bool), 1, 1.0)
    slow, quick = codec.encode(state), codec.encode(state, quick=True)
    assert (slow[4], quick[4]) == (1, 2)
    assert codec.encode(codec.decode(Inner, quick)) == slow


def test_another_shape_is_refused_by_name() -> None:
    class Moved(NamedTuple):
        y: F64
        x: F64

    class Was(NamedTuple):
        x: F64
        y: F64

    data = codec.encode(Was(np.zeros(2), np.ones(2)))
    with pytest.raises(BadInput, match="another shape"):
        codec.decode(Moved, data)


def test_a_batch_with_a_wrong_column_is_refused() -> None:
    batch = Detections.empty(3)
    for wrong in (
        batch._replace(sensor=np.zeros(2, np.int32)),
        batch._replace(sensor=np.zeros(3, np.int64)),
        batch._replace(value=np.zeros((3, 2))),
        batch._replace(time_ns=np.zeros((), np.int64)),
    ):
        with pytest.raises(BadInput):
            codec.decode_batch(Detections, codec.encode_batch(wrong))
    with pytest.raises(BadInput):
        codec.decode_batch(Detections, codec.encode_batch(batch)[:-1])
    with pytest.raises(BadInput):
        codec.decode_batch(Wind, codec.encode_batch(batch))


def test_what_cannot_come_back_the_same_is_refused_at_writing() -> None:
    class Vague(NamedTuple):
        a: Any

    class Unordered(NamedTuple):
        a: set[int]

    with pytest.raises(TypeError, match="cannot be recorded"):
        codec.encode(Vague(1))
    with pytest.raises(TypeError, match="cannot be recorded"):
        codec.encode(Unordered({1}))
    with pytest.raises(TypeError, match="cannot be recorded"):
        codec.encode(Inner(np.array([object()]), np.zeros(1, bool), 1, 1.0))


def test_numpy_numbers_are_written_as_numbers() -> None:
    state = Inner(np.zeros(1), np.zeros(1, bool), np.int64(7), np.float64(0.5))  # type: ignore[arg-type]
    back = codec.decode(Inner, codec.encode(state))
    assert (back.n, back.f) == (7, 0.5) and type(back.n) is int


def test_other_layouts_are_written_as_their_elements() -> None:
    state = Inner(np.arange(6.0).reshape(2, 3).T[::-1], np.zeros(1, bool), 1, 1.0)
    big = state._replace(x=np.arange(3).astype(">f8"))
    assert np.array_equal(codec.decode(Inner, codec.encode(state)).x, state.x)
    assert np.array_equal(codec.decode(Inner, codec.encode(big)).x, [0.0, 1.0, 2.0])
