"""Item Q: FIR / code / traffic / purpose / scope / lower / upper / centre and radius.

Source: ICAO Doc 8126, part III, ch. 3 (form of the NOTAM), as far as real texts keep to it: spaces
anywhere, no coordinates, empty fields, scope letters in either order.
"""

from __future__ import annotations

from functools import lru_cache
from math import pi

from windhover.notices.notam.model import QLine
from windhover.schema.place import Point

_PER_MINUTE = pi / 180 / 60


def _centre(text: str) -> tuple[Point | None, int | None]:
    """'5227N00145W005', also without radius, with seconds, or cut short."""
    cut = 4 if text[4:5] in "NS" else 6
    if len(text) < 10 or not text[:cut].isdigit() or text[cut : cut + 1] not in ("N", "S"):
        return None, None
    east = cut + 1
    width = cut + 1
    if not text[east : east + width].isdigit():
        return None, None
    side = text[east + width : east + width + 1]
    if side not in ("E", "W"):
        return None, None
    minutes = int(text[:2]) * 60 + int(text[2:4])
    lat = minutes + (int(text[4:6]) / 60 if cut == 6 else 0)
    lon_minutes = int(text[east : east + 3]) * 60 + int(text[east + 3 : east + 5])
    lon = lon_minutes + (int(text[east + 5 : east + 7]) / 60 if cut == 6 else 0)
    if lat > 5400 or lon > 10800:
        return None, None
    radius = text[east + width + 1 : east + width + 4]
    return (
        Point(
            -lat * _PER_MINUTE if text[cut] == "S" else lat * _PER_MINUTE,
            -lon * _PER_MINUTE if side == "W" else lon * _PER_MINUTE,
        ),
        int(radius) if radius.isdigit() else None,
    )


@lru_cache(maxsize=4096)
def read_q(text: str) -> tuple[QLine | None, tuple[str, ...]]:
    """(QLine, warnings) of the words between `Q)` and `A)`; None where there are too few fields."""
    fields = "".join(text.split()).split("/")
    if len(fields) < 2 or not 2 <= len(fields[0]) <= 5:
        return None, ("item Q does not have its eight fields",)
    warnings: list[str] = []
    fields += [""] * (8 - len(fields))
    if len(fields) > 8:
        warnings.append("item Q has more than eight fields")
    fir, code, traffic, purpose, scope, lower, upper, place = fields[:8]
    if len(code) != 5 or code[0] != "Q" or not code.isalpha():
        warnings.append(f"the code {code!r} of item Q is not five letters with Q first")
    lower_fl = int(lower) if len(lower) == 3 and lower.isdigit() else None
    upper_fl = int(upper) if len(upper) == 3 and upper.isdigit() else None
    if lower_fl is None or upper_fl is None:
        warnings.append("item Q has no pair of flight levels")
    elif lower_fl > upper_fl:
        warnings.append("item Q's lower limit lies above its upper limit")
    centre, radius_nm = _centre(place)
    if centre is None:
        warnings.append("item Q has no coordinates")
    elif radius_nm is None:
        warnings.append("item Q has no radius")
    line = QLine(fir, code, traffic, purpose, scope, lower_fl, upper_fl, centre, radius_nm)
    return line, tuple(warnings)
