"""How figures are put for people: certainty in words, seconds, minutes, areas, names of classes."""

from __future__ import annotations

from datetime import timedelta
from math import pi
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from windhover.errors import BadInput
from windhover.timescale import from_iso, to_datetime
from windhover.units import M2_PER_KM2, M_PER_NM

# Intelligence Community Directive 203 (2015), D.6.e.(2)(a): upper bound of each band, words, and the
# Spanish that stands beside them here. It has no words for certainty, and neither have we.
_BANDS: Final = (
    (0.05, "almost no chance", "casi imposible", "1–5 %"),
    (0.20, "very unlikely", "muy improbable", "5–20 %"),
    (0.45, "unlikely", "improbable", "20–45 %"),
    (0.55, "roughly even chance", "casi tan probable como no", "45–55 %"),
    (0.80, "likely", "probable", "55–80 %"),
    (0.95, "very likely", "muy probable", "80–95 %"),
    (1.01, "almost certain", "casi seguro", "95–99 %"),
)

CLASS_WORDS: Final = {
    "aircraft": ("aircraft", "aeronave"),
    "drone": ("drone", "dron"),
    "balloon": ("balloon", "globo"),
    "bird": ("bird", "ave"),
    "tethered": ("tethered", "cautivo"),
    "clutter": ("clutter", "eco falso"),
    "unknown": ("unknown", "desconocido"),
}

BANNER: Final = "EXERCISE / EJERCICIO"


def certainty(probability: float, language: str = "en") -> str:
    """The band of ICD 203 that a probability falls into.

    >>> certainty(0.93), certainty(0.999, "es")
    ('very likely', 'casi seguro')
    """
    for upper, english, spanish, _ in _BANDS:
        if probability < upper:
            return spanish if language == "es" else english
    return "–"  # NaN


def band(probability: float) -> str:
    """The band's limits: '80–95 %'."""
    return next((limits for upper, _, _, limits in _BANDS if probability < upper), "–")


def percent(probability: float) -> str:
    """Never 0 % and never 100 %.

    >>> percent(0.934), percent(0.9999), percent(0.002)
    ('93 %', '> 99 %', '< 1 %')
    """
    if not 0.0 <= probability <= 1.0:
        return "–"
    if probability > 0.99:
        return "> 99 %"
    return "< 1 %" if probability < 0.01 else f"{100 * probability:.0f} %"


def seconds(value: float | None) -> str:
    """'8.4 s' below ten seconds, '42 s' from there on, '–' where it is not known."""
    if value is None:
        return "–"
    return f"{value:.1f} s" if value < 9.95 else f"{value:,.0f} s"


def clock(value: float | None) -> str:
    """Minutes and seconds after the start.

    >>> clock(75.2), clock(4000), clock(None)
    ('+01:15', '+1:06:40', '–')
    """
    if value is None:
        return "–"
    whole = abs(round(value))
    sign = "−" if value < -0.5 else "+"
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{sign}{hours}:{minutes:02}:{rest:02}" if hours else f"{sign}{minutes:02}:{rest:02}"


def minutes(value: float | None) -> str:
    """'12 min', '10 days' for whole days, '–' where it is not known.

    >>> minutes(12.4), minutes(14400), minutes(0.4)
    ('12 min', '10 days', '0.4 min')
    """
    if value is None:
        return "–"
    if value >= 2880 and value % 1440 == 0:
        return f"{value / 1440:.0f} days"
    if value and value < 9.95:
        return f"{value:.1f} min"
    return f"{value:,.0f} min"


def area(km2: float) -> str:
    """Square kilometres to two or three figures."""
    return (
        f"{km2:,.0f} km²" if km2 >= 100 else f"{km2:.1f} km²" if km2 >= 9.95 else f"{km2:.2f} km²"
    )


def feet(value: float, *, lower: bool = False) -> str:
    """Feet above mean sea level; a lower limit of 0 is the surface."""
    return "surface" if lower and value == 0 else f"{value:,.0f} ft"


def share_of_circle(km2: float, radius_nm: float = 10.0) -> float:
    """Of the area of a circle of so many nautical miles, 0…"""
    return km2 * M2_PER_KM2 / (pi * (radius_nm * M_PER_NM) ** 2)


def share(value: float) -> str:
    """A part of a whole, which unlike a probability may be nothing or all of it.

    >>> share(0.0), share(0.0117), share(0.646), share(1.2)
    ('0 %', '1.2 %', '65 %', '120 %')
    """
    return f"{100 * value:.1f} %" if 0 < value < 0.0995 else f"{100 * value:.0f} %"


def local_time(started: str, after_s: float, timezone: str, *, with_zone: bool = False) -> str:
    """Local clock time of an instant of the story; UTC with Z where the zone is not known here."""
    try:
        instant = to_datetime(from_iso(started)) + timedelta(seconds=after_s)
    except BadInput:
        return ""
    try:
        local = instant.astimezone(ZoneInfo(timezone))
    except (ZoneInfoNotFoundError, ValueError):
        return f"{instant:%H:%M}Z"
    if timezone.upper() in {"UTC", "ETC/UTC", "ZULU"}:
        return f"{instant:%H:%M}Z"
    return f"{local:%H:%M} {local.tzname()}" if with_zone else f"{local:%H:%M}"


def day(started: str, timezone: str) -> str:
    """The start for people: date and UTC, with the local clock beside it; the text itself if unreadable.

    >>> day("2026-02-11T03:45:00Z", "UTC")
    '11 February 2026, 03:45Z'
    """
    try:
        instant = to_datetime(from_iso(started))
    except BadInput:
        return started
    local = local_time(started, 0.0, timezone, with_zone=True)
    beside = "" if local.endswith("Z") else f" ({local})"
    return f"{instant.day} {instant:%B %Y}, {instant:%H:%M}Z{beside}"


def attributes_words(attributes: dict[str, bool | None]) -> str:
    """'dark, not cooperative; emitting not known' without what would only repeat."""
    yes = [name for name, value in attributes.items() if value]
    no = [f"not {name}" for name, value in attributes.items() if value is False]
    return ", ".join(yes + no)
