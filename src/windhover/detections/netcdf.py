"""netCDF files as plain arrays: the classic format by scipy, netCDF-4 (HDF5) by h5py where it is installed."""

from __future__ import annotations

import importlib
import io
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.io import netcdf_file

from windhover.errors import BadInput
from windhover.schema.batches import F64, I64

HDF5: Final = b"\x89HDF\r\n\x1a\n"
MISSING: Final = -9998.0
MAX_VALUES: Final = 50_000_000


class Variable(NamedTuple):
    """Values as they stand (NaN where missing), and what the file says of them."""

    values: F64
    words: str  # long name and units


def variables(payload: bytes) -> dict[str, Variable]:
    """Every numeric variable of a file. Raises `BadInput`."""
    try:
        return _hdf5(payload) if payload.startswith(HDF5) else _classic(payload)
    except BadInput:
        raise
    except Exception:  # scipy and h5py raise whatever a broken file makes them raise
        raise BadInput("The netCDF file is broken.") from None


def times_ns(found: dict[str, Variable]) -> I64:
    """(N,) base_time + time_offset of an ARM file in UTC ns; far below zero where missing. Raises `BadInput`."""
    base_s = float(one(found, "base_time"))
    offset_s = many(found, "time_offset")
    usable = np.isfinite(offset_s) & (np.abs(offset_s) < 1e7)
    if not 0.0 < base_s < 9.0e9:
        return np.full(len(offset_s), -(2**62))
    whole_ms = np.rint(np.where(usable, offset_s, 0.0) * 1000.0).astype(np.int64)
    return np.where(usable, (round(base_s * 1000.0) + whole_ms) * 1_000_000, -(2**62))


def many(found: dict[str, Variable], name: str) -> F64:
    """A variable, flat. Raises `BadInput` where the file has none."""
    if name not in found:
        raise BadInput(f"The netCDF file has no {name!r}.")
    return found[name].values.reshape(-1)


def one(found: dict[str, Variable], name: str) -> float:
    """The first value of a variable. Raises `BadInput` where the file has none."""
    values = many(found, name)
    if not len(values):
        raise BadInput(f"The netCDF file's {name!r} is empty.")
    return float(values[0])


def _classic(payload: bytes) -> dict[str, Variable]:
    data = netcdf_file(io.BytesIO(payload), mmap=False)
    found = {}
    for name, variable in data.variables.items():
        if np.asarray(variable.data).dtype.kind in "iuf":
            words = [getattr(variable, key, b"") for key in ("long_name", "units")]
            found[name] = Variable(_floats(variable.data), _text(words))
    return found


def _hdf5(payload: bytes) -> dict[str, Variable]:
    try:
        h5py: Any = importlib.import_module("h5py")
    except ImportError:
        raise BadInput(
            "This is netCDF-4 (HDF5), for which a package is missing.",
            "pip install windhover[weather]",
        ) from None
    found = {}
    with h5py.File(io.BytesIO(payload), "r") as data:
        for name, variable in data.items():
            kind = getattr(getattr(variable, "dtype", None), "kind", "")
            if kind in ("i", "u", "f") and variable.size <= MAX_VALUES:
                words = [variable.attrs.get(key, b"") for key in ("long_name", "units")]
                found[name] = Variable(_floats(variable[()]), _text(words))
    return found


def _floats(data: Any) -> F64:
    values = np.array(data, np.float64)
    values[values <= MISSING] = np.nan
    return values


def _text(words: list[Any]) -> str:
    return " ".join(
        word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in words
    )
