"""Whom a closure binds: the first thing that a neighbour, an airline and a reporter need to read.

Told from who issued it and on what rule; where the text does not let one tell, the answer is that.

Sources: ICAO Annex 2 and Annex 15, definitions of prohibited, restricted and danger area (the first
two stand over a state's own land and territorial waters, the third anywhere); 14 CFR 91.137 to
91.145 (temporary flight restrictions), 99.1 and 99.7 (special security instructions), 91.703 and
91.1601 ff. (operators of US registry and US operators abroad).
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from windhover.schema.cases import Words
from windhover.watch.closure import Closure

_US_OPERATORS: Final = re.compile(
    r"\bKICZ\b|U\.?S\.? (?:AIR CARRIERS|OPERATORS|REGISTERED)|FAR 91\.1[67]\d\d|AIRMAN CERTIFICATE"
)
_EXCLUDED: Final = re.compile(
    r"(?:EXCLUD(?:ING|ES?|ED)|EXC(?:EPT)?|NOT INCLUDING)[^.]{0,40}?\b(MEXIC\w*|CANAD\w*|CUBAN?|BAHAM\w*|RUSSIA\w*|"
    r"GUATEMAL\w*|BELIZ\w*|BELARUS\w*|FRENCH|FRANCE|IRISH|IRELAND)\b"
)
_NEIGHBOURS: Final = {
    "MEXIC": ("Mexican", "México"),
    "CANAD": ("Canadian", "Canadá"),
    "CUBA": ("Cuban", "Cuba"),
    "BAHAM": ("Bahamian", "Bahamas"),
    "RUSSIA": ("Russian", "Rusia"),
    "GUATEMAL": ("Guatemalan", "Guatemala"),
    "BELIZ": ("Belizean", "Belice"),
    "BELARUS": ("Belarusian", "Bielorrusia"),
    "FR": ("French", "Francia"),
    "IR": ("Irish", "Irlanda"),
}
_ADVISORY: Final = re.compile(
    r"EXERCISE (?:EXTREME )?CAUTION|ADVISED TO|ADVISORY|POTENTIALLY HAZARDOUS"
)
_PROHIBITS: Final = re.compile(r"PROHIBIT|NO PERSON MAY|NOT AUTHORI[SZ]ED|FORBIDDEN")


class Binding(msgspec.Struct, frozen=True):
    """Who must obey, and who is not addressed. `certain` False: the text leaves it open."""

    rule: str  # the source of the answer
    bound: Words
    not_bound: Words
    certain: bool


def whom(closure: Closure) -> Binding:
    """The answer for one notice."""
    text = closure.text
    neighbour = _EXCLUDED.search(text)
    outside = Words("", "")
    if neighbour:
        en, es = next(
            (names for start, names in _NEIGHBOURS.items() if neighbour.group(1).startswith(start)),
            ("a neighbour's", "un vecino"),
        )
        outside = Words(
            f" Its own words exclude {en} airspace: it orders nothing there.",
            f" Sus propias palabras excluyen el espacio aéreo de {es}: ahí no ordena nada.",
        )
    if _US_OPERATORS.search(text) or "KICZ" in closure.places:
        return _us_operators(text)
    if closure.legal_basis.startswith("14 CFR 99") or "40103" in closure.legal_basis:
        return _plus(
            Binding(
                closure.legal_basis,
                Words(
                    "Everybody who flies in the area while it is over the United States or its "
                    "territorial sea, of whatever nationality, drones included.",
                    "A quien vuele en el área mientras ésta se halle sobre Estados Unidos o su mar "
                    "territorial, de cualquier nacionalidad, drones incluidos.",
                ),
                Words(
                    "It binds nobody in another state's airspace: a United States rule ends at the "
                    "border, whatever circle a map or a Q-line shows.",
                    "No obliga a nadie en el espacio aéreo de otro Estado: una norma de Estados "
                    "Unidos termina en la frontera, sea cual sea el círculo que muestre un mapa o la "
                    "línea Q.",
                ),
                True,
            ),
            outside,
        )
    if closure.legal_basis.startswith("14 CFR 91.1"):
        return _plus(
            Binding(
                closure.legal_basis,
                Words(
                    "Everybody who flies in the area inside United States airspace, with the "
                    "exceptions that the rule and the notice name.",
                    "A quien vuele en el área dentro del espacio aéreo de Estados Unidos, con las "
                    "excepciones que la norma y el aviso nombran.",
                ),
                Words(
                    "Nobody outside United States airspace.",
                    "A nadie fuera del espacio aéreo de Estados Unidos.",
                ),
                True,
            ),
            outside,
        )
    if closure.kind == "danger area":
        return _plus(_DANGER, outside)
    if closure.kind == "aerodrome closed":
        return _AERODROME
    if closure.kind == "restriction" and closure.q_code[1:2] in ("R", "A"):
        return _plus(_restricted(closure), outside)
    return _plus(_UNKNOWN, outside)


def _plus(binding: Binding, more: Words) -> Binding:
    if not more.en:
        return binding
    words = Words(binding.not_bound.en + more.en, binding.not_bound.es + more.es)
    return msgspec.structs.replace(binding, not_bound=words)


def _us_operators(text: str) -> Binding:
    forbids = _PROHIBITS.search(text) is not None and _ADVISORY.search(text) is None
    verb = ("It forbids", "Prohíbe") if forbids else ("It advises, and does not forbid,",
                                                      "Aconseja, y no prohíbe, a")  # fmt: skip
    return Binding(
        "14 CFR 91.703, 91.1601 ff.",
        Words(
            f"{verb[0]} United States air carriers and commercial operators, holders of its airman "
            "certificates, and operators of aircraft on its register, wherever they fly.",
            f"{verb[1]} transportistas y operadores comerciales de Estados Unidos, titulares de sus "
            "licencias y operadores de aeronaves de su matrícula, dondequiera que vuelen.",
        ),
        Words(
            "It does not bind operators of other states and does not close the airspace: that is "
            "for the state whose airspace it is.",
            "No obliga a operadores de otros Estados ni cierra el espacio aéreo: eso corresponde "
            "al Estado cuyo espacio aéreo es.",
        ),
        True,
    )


def _restricted(closure: Closure) -> Binding:
    return Binding(
        "ICAO Annex 2, definitions",
        Words(
            "Everybody who flies in the area over the land and territorial sea of the state that "
            f"issued it{_of(closure)}.",
            "A quien vuele en el área sobre la tierra y el mar territorial del Estado que la "
            f"emitió{_of(closure)}.",
        ),
        Words(
            "Over the high seas and over another state's territory it binds nobody else's aircraft; "
            "only that state's own law says whether it binds its own.",
            "En alta mar y sobre el territorio de otro Estado no obliga a aeronaves ajenas; sólo la "
            "ley del propio Estado dice si obliga a las suyas.",
        ),
        True,
    )


def _of(closure: Closure) -> str:
    return f" ({closure.country})" if closure.country else ""


_DANGER: Final = Binding(
    "ICAO Annex 2, definitions",
    Words(
        "Nobody by itself: a danger area warns. A state's own law may forbid entry over its land "
        "and territorial sea.",
        "A nadie por sí misma: un área peligrosa advierte. La ley de un Estado puede prohibir la "
        "entrada sobre su tierra y su mar territorial.",
    ),
    Words("Over the high seas it binds nobody.", "En alta mar no obliga a nadie."),
    True,
)
_AERODROME: Final = Binding(
    "ICAO Annex 15",
    Words(
        "Everybody who wants to land or take off there.",
        "A quien quiera aterrizar o despegar ahí.",
    ),
    Words("Flights that only pass over it.", "Los vuelos que sólo pasan por encima."),
    True,
)
_UNKNOWN: Final = Binding(
    "",
    Words(
        "The text does not say, and its rule is not named. Ask the issuer before anything is "
        "built on it.",
        "El texto no lo dice ni nombra su norma. Pregunte a quien lo emitió antes de apoyarse en él.",
    ),
    Words("", ""),
    False,
)
