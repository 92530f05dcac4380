"""GRIB forecasts and BUFR soundings by ECMWF's ecCodes, in a process of their own.

ecCodes is C, and a broken file may take down what reads it; and its packages bring a PROJ of their own, which in
one process with pyproj ends in a crash. So a child reads the file and hands back arrays, or nothing. It may
use 4 GiB and two minutes.
"""

from __future__ import annotations

import importlib.util
import io
import resource
import subprocess
import sys
from typing import Any, Final

import msgspec
import numpy as np

from windhover.errors import BadInput
from windhover.schema.batches import Wind

MEMORY: Final = 4 << 30
TIMEOUT_S: Final = 120.0
Read = tuple[Wind | None, tuple[str, ...]]


def read(payload: bytes, near: tuple[float, float] | None) -> Read:
    """The winds of a GRIB or BUFR file; `near` (degrees) keeps the grid's columns around a place.

    Raises `BadInput` where the package is missing or the file cannot be read.
    """
    if importlib.util.find_spec("eccodes") is None:
        raise BadInput(
            "This is GRIB or BUFR, for which a package is missing.",
            "pip install windhover[weather]",
        )
    place = [] if near is None else [repr(near[0]), repr(near[1])]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "windhover.feeds.grib", *place],
            input=payload,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BadInput(f"Reading the file took longer than {TIMEOUT_S:.0f} s.") from None
    if done.returncode == 2:
        raise BadInput(done.stderr.decode("utf-8", "replace").strip().splitlines()[-1][:200])
    if done.returncode != 0 or not done.stdout:
        raise BadInput("The GRIB or BUFR file is broken: ecCodes gave up on it.")
    with np.load(io.BytesIO(done.stdout), allow_pickle=False) as found:
        understood = tuple(msgspec.json.decode(found["understood"].tobytes(), type=list[str]))
        columns = [found[name] for name in Wind._fields]
    wind = Wind._make(np.ascontiguousarray(column) for column in columns)
    return (wind if wind.n else None), understood


def main() -> int:
    """The child: file in, arrays out."""
    from windhover.detections.decoded import empty_wind
    from windhover.feeds import grib_fields

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    payload = sys.stdin.buffer.read()
    near = (float(sys.argv[1]), float(sys.argv[2])) if len(sys.argv) == 3 else None
    try:
        wind, understood = grib_fields.read(payload, near)
    except BadInput as fault:
        sys.stderr.write(str(fault) + "\n")
        return 2
    out = io.BytesIO()
    columns: dict[str, Any] = dict(
        zip(Wind._fields, wind if wind is not None else empty_wind(), strict=True)
    )
    words = np.frombuffer(msgspec.json.encode(understood), np.uint8)
    np.savez(out, **columns, understood=words)
    sys.stdout.buffer.write(out.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
