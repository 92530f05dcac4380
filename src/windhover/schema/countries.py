"""Names of states as notices write them; a state that is not here is named by its code."""

from __future__ import annotations

from typing import Final

from windhover.schema.cases import Words

COUNTRIES: Final = {
    "US": Words("the United States", "los Estados Unidos"),
    "MX": Words("Mexico", "México"),
    "CA": Words("Canada", "Canadá"),
    "GB": Words("the United Kingdom", "el Reino Unido"),
    "IE": Words("Ireland", "Irlanda"),
    "LT": Words("Lithuania", "Lituania"),
    "LV": Words("Latvia", "Letonia"),
    "EE": Words("Estonia", "Estonia"),
    "PL": Words("Poland", "Polonia"),
    "BY": Words("Belarus", "Belarús"),
    "DK": Words("Denmark", "Dinamarca"),
    "SE": Words("Sweden", "Suecia"),
    "DE": Words("Germany", "Alemania"),
    "FR": Words("France", "Francia"),
    "ES": Words("Spain", "España"),
    "PT": Words("Portugal", "Portugal"),
    "GT": Words("Guatemala", "Guatemala"),
    "BZ": Words("Belize", "Belice"),
}
"""ISO 3166 alpha-2 → name."""

ADJECTIVE: Final = {"US": "UNITED STATES", "MX": "MEXICAN", "CA": "CANADIAN", "BY": "BELARUSIAN"}
"""Whose airspace, as an ICAO text writes it."""


def country_words(code: str) -> Words:
    """The state's name in each language."""
    return COUNTRIES.get(code) or Words(f"state {code}", f"el Estado {code}")
