"""States and batches as bytes: NamedTuples of arrays, numbers, structs, tuples and dicts; no pickle.

Layout, little-endian, version 1:

    3 bytes  "WHC"
    1 byte   version, 1
    1 byte   0 = plain, 1 = zlib (RFC 1950), 2 = Zstandard (RFC 8878)
    8 bytes  shape of the type: BLAKE2b over its fields' names and types; zeros = columns by name
    8 bytes  length of the MessagePack body when unpacked
    n bytes  MessagePack body

An array stands in the body as extension 1: dtype code, number of axes (1 byte each), axes (8 bytes
each), then its elements in C order, bit for bit (NaN payloads and −0.0 too). What is read back is
writable, aligned and C-contiguous. A dict keeps its order, since the order in which a state is
walked can decide an event; sets have none and are refused.

Bytes are decoded only into the type asked for, and whoever wrote them gets no choice of it: nothing
is imported, nothing is called, lengths are checked before memory is taken.
"""

from __future__ import annotations

import struct
import types
import zlib
from enum import Enum
from functools import lru_cache
from hashlib import blake2b
from typing import (
    Any,
    ClassVar,
    Final,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec
import numpy as np
import pyarrow as pa

from windhover.errors import BadInput

T = TypeVar("T")

MAGIC: Final = b"WHC"
VERSION: Final = 1
MAX_BYTES: Final = 1 << 30
"""Nothing larger is unpacked unless the caller says so."""

_HEADER: Final = struct.Struct("<3sBB8sQ")
_ARRAY: Final = 1  # MessagePack extension code
_DTYPES: Final = tuple(
    np.dtype(name).newbyteorder("<")
    for name in ("f8", "f4", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?")
)
_DTYPE_CODE: Final = {dtype.newbyteorder("="): code for code, dtype in enumerate(_DTYPES)}
_BOOL_CODE: Final = len(_DTYPES) - 1
_BY_NAME: Final = bytes(8)
_PLAIN_BODY, _ZLIB, _ZSTD = range(3)
_MAX_AXES: Final = 8
# Below this, zlib's own cost outweighs what it saves.
_WORTH_PACKING: Final = 256


def encode(value: object, as_type: Any = None, *, quick: bool = False) -> bytes:
    """A state as bytes that `decode` turns back into the same state.

    `as_type` is needed only where `type(value)` does not say what is inside (a dict, a tuple).
    `quick`: packed with Zstandard, six times as fast; the chain keeps to what every standard library
    reads. Raises `TypeError` where the type holds something that could not come back the same.
    """
    body = _encoder().encode(value)
    return _pack(body, fingerprint(as_type or type(value)), quick=quick)


def decode(as_type: type[T], data: bytes, max_bytes: int = MAX_BYTES) -> T:
    """The state that `encode` wrote. Raises `BadInput` on anything else, however hostile."""
    shape, body = _unpack(data, max_bytes)
    if shape != fingerprint(as_type):
        raise BadInput(
            f"These bytes hold another shape than {_name(as_type)} of this version.",
            "Replay the journal from its start instead.",
        )
    return cast(T, _decode_body(as_type, body))


def encode_batch(batch: tuple[Any, ...]) -> bytes:
    """A NamedTuple of arrays as columns by name, readable without knowing its type.

    So a record stays readable when a batch grows a column: `decode_batch` looks columns up by name.
    """
    columns = cast(Any, batch)._asdict()
    return _pack(_encoder().encode(columns), _BY_NAME)


def decode_batch(as_type: type[T], data: bytes, max_bytes: int = MAX_BYTES) -> T:
    """The batch that `encode_batch` wrote: every column there, of its dtype, all equally long.

    Raises `BadInput` on anything else.
    """
    shape, body = _unpack(data, max_bytes)
    if shape != _BY_NAME:
        raise BadInput("These bytes hold a state and not a batch of columns.")
    columns = _decode_body(dict[str, np.ndarray], body)
    fields = tuple(cast(Any, as_type)._fields)
    if tuple(columns) != fields:
        raise BadInput(f"A batch of {_name(as_type)} has the columns {', '.join(columns)!r}.")
    like = cast(Any, as_type).empty(0) if hasattr(as_type, "empty") else None
    hints = _hints(cast(Any, as_type))
    rows = {len(column) if column.ndim else -1 for column in columns.values()}
    if len(rows) > 1 or -1 in rows:
        raise BadInput(f"The columns of a batch of {_name(as_type)} are not equally long.")
    for at, (name, column) in enumerate(columns.items()):
        _as_array(hints[name], column)
        if column.shape[1:] != (like[at].shape[1:] if like is not None else ()):
            raise BadInput(f"Column {name} of {_name(as_type)} has the wrong shape.")
    return as_type(**columns)


def is_packed(data: bytes) -> bool:
    """Whether these bytes are of this codec (a JSON body starts otherwise)."""
    return data[:3] == MAGIC


def fingerprint(as_type: Any) -> bytes:
    """Eight bytes over the names and types of everything inside `as_type`.

    Raises `TypeError` where something inside could not be written and read back the same.
    """
    return blake2b(_describe(as_type).encode(), digest_size=8).digest()


def _pack(body: bytes, shape: bytes, *, quick: bool = False) -> bytes:
    packed, way = body, _PLAIN_BODY
    if len(body) >= _WORTH_PACKING:
        way = _ZSTD if quick else _ZLIB
        packed = _zstd().compress(body, asbytes=True) if quick else zlib.compress(body, 1)
    if len(packed) >= len(body):
        packed, way = body, _PLAIN_BODY
    return _HEADER.pack(MAGIC, VERSION, way, shape, len(body)) + packed


def _unpack(data: bytes, max_bytes: int) -> tuple[bytes, bytes]:
    if len(data) < _HEADER.size:
        raise BadInput("These bytes are too short to be a record.")
    magic, version, way, shape, length = _HEADER.unpack_from(data)
    if magic != MAGIC or version != VERSION or way > _ZSTD:
        raise BadInput("These bytes are not a record that this version can read.")
    if length > max_bytes:
        raise BadInput(f"A record of {length} bytes is larger than the {max_bytes} allowed.")
    body = data[_HEADER.size :]
    if way == _ZSTD:
        body = _unpack_zstd(body, length)
    elif way == _ZLIB:
        unpacker = zlib.decompressobj()
        try:
            # One byte more than promised, so that a longer stream shows without being unpacked.
            body = unpacker.decompress(body, length + 1)
        except zlib.error:
            raise BadInput("These bytes are damaged: they cannot be unpacked.") from None
        if not unpacker.eof or unpacker.unused_data:
            raise BadInput(
                "These bytes are damaged: their packed part does not end where it should."
            )
    if len(body) != length:
        raise BadInput("These bytes are damaged: their length is not the one they promise.")
    return shape, body


def _unpack_zstd(packed: bytes, length: int) -> bytes:
    """Memory is taken for `length` bytes, which the caller has looked at, and for no more."""
    try:
        return cast(bytes, _zstd().decompress(packed, decompressed_size=length, asbytes=True))
    except (OSError, ValueError):
        raise BadInput("These bytes are damaged: they cannot be unpacked.") from None


@lru_cache(maxsize=1)
def _zstd() -> pa.Codec:
    return pa.Codec("zstd", compression_level=1)


def _decode_body(as_type: Any, body: bytes) -> Any:
    try:
        return _decoder(as_type).decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError) as why:
        raise BadInput(f"These bytes do not hold a {_name(as_type)}: {why}.") from None


@lru_cache(maxsize=1)
def _encoder() -> msgspec.msgpack.Encoder:
    return msgspec.msgpack.Encoder(enc_hook=_encode_other)


@lru_cache(maxsize=256)
def _decoder(as_type: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(as_type, dec_hook=_as_array, ext_hook=_read_array)


def _encode_other(value: object) -> object:
    if isinstance(value, np.ndarray):
        code = _DTYPE_CODE.get(value.dtype.newbyteorder("="))
        if code is None or value.ndim > _MAX_AXES:
            raise TypeError(f"An array of {value.dtype} with {value.ndim} axes cannot be recorded.")
        head = struct.pack(f"<BB{value.ndim}Q", code, value.ndim, *value.shape)
        # Copied once here, not for each of dtype, order and head: a snapshot's are 300 MB.
        plain = np.ascontiguousarray(value, dtype=_DTYPES[code])
        return msgspec.msgpack.Ext(_ARRAY, b"".join((head, plain.data)))
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"A {type(value).__name__} cannot be recorded.")


def _read_array(code: int, data: memoryview) -> np.ndarray[Any, Any]:
    if code != _ARRAY or len(data) < 2:
        raise ValueError("unknown extension")
    kind, axes = data[0], data[1]
    start = 2 + 8 * axes
    if kind >= len(_DTYPES) or axes > _MAX_AXES or len(data) < start:
        raise ValueError("not an array")
    shape = struct.unpack_from(f"<{axes}Q", data, 2)
    count = 1
    for length in shape:
        count *= length
    dtype = _DTYPES[kind]
    if count * dtype.itemsize != len(data) - start:
        raise ValueError("an array whose shape does not fit its bytes")
    flat = np.frombuffer(data, dtype=np.uint8, offset=start)
    if kind == _BOOL_CODE and flat.size and flat.max() > 1:
        raise ValueError("a truth value that is neither 0 nor 1")
    return flat.copy().view(dtype).astype(dtype.newbyteorder("="), copy=False).reshape(shape)


def _as_array(hint: Any, value: Any) -> Any:
    """msgspec asks this for every type it does not know itself: only arrays are such."""
    if (get_origin(hint) or hint) is not np.ndarray or not isinstance(value, np.ndarray):
        raise ValueError(f"a {type(value).__name__} where a {_name(hint)} should be")
    wanted = _dtype_of(hint)
    if wanted is not None and value.dtype != wanted:
        raise BadInput(f"An array of {value.dtype} stands where {wanted} should be.")
    return value


def _dtype_of(hint: Any) -> np.dtype[Any] | None:
    arguments = get_args(hint)
    return np.dtype(get_args(arguments[1])[0]) if arguments else None


_PLAIN: Final = (type(None), bool, int, float, str, bytes)


@lru_cache(maxsize=256)
def _describe(hint: Any) -> str:
    return _description(hint, ())


def _description(hint: Any, within: tuple[Any, ...]) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _PLAIN or hint is None:
        return _name(hint)
    if (origin or hint) is np.ndarray:
        wanted = _dtype_of(hint)
        return f"array[{wanted}]" if wanted is not None else "array"
    if origin is Literal:
        return f"literal{arguments!r}"
    if origin in (Union, types.UnionType):
        return "|".join(_description(one, within) for one in arguments)
    if origin in (tuple, list, dict) and arguments:
        inner = (one for one in arguments if one is not Ellipsis)
        dots = "…" if Ellipsis in arguments else ""
        inside = ",".join(_description(one, within) for one in inner)
        return f"{origin.__name__}[{inside}{dots}]"
    if isinstance(hint, type) and issubclass(hint, Enum):
        return f"enum {hint.__name__}"
    if hint in within:  # a tree of itself
        return f"again {_name(hint)}"
    if isinstance(hint, type) and (issubclass(hint, msgspec.Struct) or hasattr(hint, "_fields")):
        inside = ",".join(
            f"{name}:{_description(inner, (*within, hint))}"
            for name, inner in _hints(cast(Any, hint)).items()
        )
        return f"{hint.__name__}({inside})"
    raise TypeError(
        f"{_name(hint)} cannot be recorded: say what it holds, "
        "as arrays, numbers, words, structs, NamedTuples, and tuples, lists or dicts of them."
    )


@lru_cache(maxsize=256)
def _hints(as_type: Any) -> dict[str, Any]:
    found = get_type_hints(as_type)
    return {name: hint for name, hint in found.items() if get_origin(hint) is not ClassVar}


def _name(hint: Any) -> str:
    return str(getattr(hint, "__name__", hint))
