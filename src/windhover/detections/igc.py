"""IGC flight logs of gliders and paragliders.

Source: FAI IGC technical specification for flight recorders, appendix A. B records carry time,
position, validity, pressure altitude against 1013.25 hPa, and GNSS altitude. The latter is above the
ellipsoid by the standard; the header HFALG says "GEO" where a device writes it above the geoid.

    B HHMMSS DDMMmmmN DDDMMmmmE A PPPPP GGGGG …
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import numpy as np

from windhover.detections.columns import Points
from windhover.errors import BadInput
from windhover.timescale import from_datetime
from windhover.units import NS_PER_S

_FIX: Final = re.compile(
    rb"^B(\d{2})(\d{2})(\d{2})(\d{2})(\d{5})([NS])(\d{3})(\d{5})([EW])([AV])(-\d{4}|\d{5})(-\d{4}|\d{5})"
)
_DATE: Final = re.compile(rb"^H[FOP]DTE(?:DATE)?\s*:?\s*(\d{2})(\d{2})(\d{2})")
_DAY_NS: Final = 86_400 * NS_PER_S


def read(payload: bytes, name: str) -> tuple[Points, dict[str, int]]:
    """One log → its points (object = `name`) and what was refused. Raises `BadInput`."""
    day_ns: int | None = None
    above_geoid = False
    datum_said = ""
    rejected: dict[str, int] = {}
    fixes: list[tuple[int, float, float, float, float]] = []
    last_ns = -(2**62)
    for raw in payload.splitlines():
        if raw[:1] == b"B":
            found = _FIX.match(raw)
            if found is None:
                rejected["broken B record"] = rejected.get("broken B record", 0) + 1
                continue
            if day_ns is None:
                rejected["fix before the date is told"] = (
                    rejected.get("fix before the date is told", 0) + 1
                )
                continue
            g = found.groups()
            if int(g[0]) > 23 or int(g[1]) > 59 or int(g[2]) > 59 or max(g[4], g[7]) > b"59999":
                rejected["broken B record"] = rejected.get("broken B record", 0) + 1
                continue
            time_ns = day_ns + (int(g[0]) * 3600 + int(g[1]) * 60 + int(g[2])) * NS_PER_S
            if time_ns < last_ns - _DAY_NS // 2:  # past midnight: the date line is not repeated
                time_ns += _DAY_NS
                day_ns += _DAY_NS
            last_ns = time_ns
            latitude = (int(g[3]) + int(g[4]) / 60_000) * (1 if g[5] == b"N" else -1)
            longitude = (int(g[6]) + int(g[7]) / 60_000) * (1 if g[8] == b"E" else -1)
            three_d = g[9] == b"A"
            pressure_m, gnss_m = float(g[10]), float(g[11])
            fixes.append(
                (
                    time_ns,
                    latitude,
                    longitude,
                    gnss_m if three_d and gnss_m else np.nan,
                    pressure_m if pressure_m else np.nan,
                )
            )
        elif _DATE.match(raw):
            day_ns = _day_ns(raw)
        elif raw[:5] == b"HFALG":
            above_geoid = b"GEO" in raw
            datum_said = raw.decode("ascii", "replace").strip()[:40]
    if not fixes:
        raise BadInput(
            "The IGC log holds no usable fix.",
            "" if day_ns is not None else "It does not say its date (HFDTE).",
        )
    table = np.array([fix[1:] for fix in fixes])
    n = len(fixes)
    nan = np.full(n, np.nan)
    what = f"the header says {datum_said!r}" if datum_said else "by the IGC standard"
    understood = (
        "time ← B record with HFDTE (UTC)",
        "latitude, longitude ← B record (WGS 84)",
        f"{'altitude_amsl_m' if above_geoid else 'height_ellipsoid_m'} ← GNSS altitude ({what})",
        "altitude_baro_m ← pressure altitude (against 1013.25 hPa)",
        f"object ← '{name}' (one log is one object)",
    )
    points = Points(
        np.array([fix[0] for fix in fixes], np.int64),
        np.ascontiguousarray(table[:, 0]),
        np.ascontiguousarray(table[:, 1]),
        nan if above_geoid else np.ascontiguousarray(table[:, 2]),
        np.ascontiguousarray(table[:, 2]) if above_geoid else nan,
        np.ascontiguousarray(table[:, 3]),
        nan,
        nan,
        nan,
        nan,
        nan,
        [name] * n,
        [""] * n,
        "",
        [""] * n,
        understood,
    )
    return points, rejected


def _day_ns(raw: bytes) -> int | None:
    found = _DATE.match(raw)
    if found is None:
        return None
    day, month, year = (int(part) for part in found.groups())
    try:
        # The format has two digits of the year and began in 1995.
        return from_datetime(
            datetime(year + (1900 if year >= 90 else 2000), month, day, tzinfo=UTC)
        )
    except ValueError:
        return None
