"""Made-up notices in the true formats."""

from __future__ import annotations

from windhover.feeds.notices_read import closure_of
from windhover.feeds.notices_texts import Item
from windhover.timescale import from_iso
from windhover.watch.closure import Closure

NIGHT_NS = from_iso("2026-02-11T05:30Z")

CITY_TFR = (
    "!FDC 6/9101 ZAB TX..AIRSPACE EL PASO, TX..TEMPORARY FLIGHT RESTRICTIONS. PURSUANT TO 49 USC "
    "40103(B)(3), THE FAA CLASSIFIES THE AIRSPACE DEFINED IN THIS NOTAM AS NATIONAL DEFENSE AIRSPACE. "
    "PURSUANT TO 14 CFR SECTION 99.7, SPECIAL SECURITY INSTRUCTIONS, FOR SPECIAL SECURITY REASONS ALL "
    "AIRCRAFT FLIGHT OPERATIONS ARE PROHIBITED WI AN AREA DEFINED AS 10 NM RADIUS OF 314824N1062240W, "
    "SFC-17999FT MSL, EXCLUDING MEXICAN AIRSPACE. PILOTS WHO DO NOT ADHERE MAY BE INTERCEPTED, DETAINED "
    "AND INTERVIEWED. THE UNITED STATES GOVERNMENT MAY USE DEADLY FORCE AGAINST THE AIRBORNE AIRCRAFT. "
    "HOSPITAL HELICOPTERS STAY ON GROUND. 2602110630-2602210630"
)


def icao(
    number: str,
    head: str = "NOTAMN",
    start: str = "2602120900",
    end: str = "2602121500",
    code: str = "QRTCA",
    radius: int = 5,
    words: str = "TEMPORARY RESTRICTED AREA ACT WI 5NM RADIUS OF 520000N0010000W",
) -> str:
    """One ICAO notice."""
    return (
        f"{number} {head}\nQ) EGTT/{code}/IV/BO/W/000/050/5200N00100W{radius:03d}\nA) EGTT\n"
        f"B) {start} C) {end}\nE) {words}\nF) SFC G) 5000FT AMSL"
    )


def closure(text: str, published_ns: int | None = None) -> Closure:
    """A text that must be readable, read."""
    made = closure_of(Item("", text, published_ns))
    assert made is not None, text
    return made
