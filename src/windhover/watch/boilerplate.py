"""Which words of a closure are standing formulas and which are its own.

"Deadly force" frightens whoever reads it for the first time; it has stood in every notice of its
kind for two decades. Each formula below is known by a few of its words, with what it says and where
it comes from. What matches none is the notice's own, and that is what is worth reading.

Source: the FAA's standing and repeated security notices (99.7, 91.141) and its Order JO 7930.2;
ICAO Doc 8126 and the UK's and other states' usual restriction texts. Own wording throughout.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from windhover.schema.cases import Words


class Passage(NamedTuple):
    """One sentence of the text, and what is known of it. `note` is empty for the notice's own words."""

    words: str
    standard: bool
    note: Words


def _f(pattern: str, en: str, es: str) -> tuple[re.Pattern[str], Words]:
    return re.compile(pattern), Words(en, es)


FORMULAS: Final = (
    _f(
        r"DEADLY FORCE",
        "stands in every US national-defence notice, also those for parades and football; it says "
        "nothing about this case",
        "figura en todo aviso estadounidense de defensa nacional, también los de desfiles y partidos; "
        "no dice nada de este caso",
    ),
    _f(
        r"INTERCEPTED|DETAINED AND INTERVIEWED",
        "usual warning of interception and questioning",
        "advertencia habitual de interceptación e interrogatorio",
    ),
    _f(
        r"CIVIL PENALT|SUSPENSION OR REVOCATION|ADMINISTRATIVE ACTION",
        "usual list of civil penalties",
        "lista habitual de sanciones administrativas",
    ),
    _f(
        r"CRIMINAL CHARGES|46307|IMPRISON",
        "usual list of criminal penalties",
        "lista habitual de sanciones penales",
    ),
    _f(
        r"NATIONAL DEFENSE AIRSPACE|40103",
        "the legal class that every 99.7 notice names; it is not a statement about defence",
        "la categoría legal que nombra todo aviso 99.7; no es una afirmación sobre defensa",
    ),
    _f(
        r"SPECIAL SECURITY (?:REASONS|INSTRUCTIONS?|EVENT)|SECURITY REASONS",
        "usual formula: it names no reason",
        "fórmula habitual: no nombra motivo",
    ),
    _f(
        r"(?:PURSUANT TO|UNDER|IN ACCORDANCE WITH|IAW)\W+(?:TITLE |14 ?CFR|49 ?U|THE PROVISIONS)",
        "names the rule it is made under",
        "nombra la norma en que se funda",
    ),
    _f(
        r"SAFE ENVIRONMENT FOR|DISASTER RELIEF|FIRE ?FIGHTING (?:ACFT|AIRCRAFT|OPS|OPERATIONS)",
        "usual reason of a 91.137 restriction",
        "motivo habitual de una restricción 91.137",
    ),
    _f(
        r"UNLESS (?:OTHERWISE )?(?:AUTHORI[SZ]ED|APPROVED|SPECIFIED)|EXC(?:EPT|EPTION)? AS SPECIFIED|"
        r"EXC(?:EPT)? (?:WHEN|WITH|FOR) (?:THE )?(?:PRIOR|ATC|PERMISSION|APPROVAL)",
        "usual exception for those with permission",
        "excepción habitual para quien tiene permiso",
    ),
    _f(
        r"COORDINATION FACILITY|POINT OF CONTACT|\bPOC\b|SYSTEM OPERATIONS SUPPORT|SYSOC|"
        r"\b(?:CTC|CONTACT|TEL|TELEPHONE|PHONE)\b[^.]{0,60}\d{3}",
        "whom to call",
        "a quién llamar",
    ),
    _f(
        r"CHECK NOTAMS|CALL (?:THE )?FLIGHT SERVICE|LISTED (?:AT|ON) THE|TFR\.FAA\.GOV|DEPICTED ON",
        "usual advice on where to look",
        "consejo habitual sobre dónde consultar",
    ),
    _f(
        r"EXERCISE (?:EXTREME )?CAUTION|POTENTIALLY HAZARDOUS SITUATION|HEIGHTENED MILITARY ACTIVITY",
        "usual wording of US advisories abroad; it forbids nothing",
        "redacción habitual de los avisos estadounidenses en el extranjero; no prohíbe nada",
    ),
    _f(
        r"SQUAWK(?:ING)?\W|DISCRETE (?:CODE|TRANSPONDER)|TWO-?WAY RADIO|FLIGHT PLAN",
        "usual conditions for those allowed in",
        "condiciones habituales para los autorizados",
    ),
    _f(
        r"AIR NAVIGATION (?:\(RESTRICTION|ORDER)|RESTRICTIONS? OF FLYING|ARTICLE 23[0-9]",
        "usual British restriction-of-flying formula",
        "fórmula británica habitual de restricción de vuelo",
    ),
    _f(
        r"(?:ALL )?(?:ACFT|AIRCRAFT) (?:SHALL BE|ARE) (?:FORBIDDEN|PROHIBITED)|ENTRY PROHIBITED|"
        r"NO (?:PILOTS?|PERSON) MAY OPERATE",
        "says that entry is forbidden, as every restriction does",
        "dice que se prohíbe entrar, como toda restricción",
    ),
    _f(
        r"^TEMPORARY FLIGHT RESTRICTIONS?$|^(?:FLIGHT )?RESTRICTIONS? IN (?:EFFECT|FORCE)$",
        "heading",
        "encabezado",
    ),
)
_REASON: Final = re.compile(
    r"(?:\bDUE TO\b|\bBECAUSE OF\b|\bFOR (?:REASONS? OF )?|\bREASON:|\bTO (?:PROVIDE|PROTECT|SUPPORT)\b|\bDEBIDO A\b|"
    r"\bPOR (?=ACTIVIDAD|SEGURIDAD|RAZONES|OPERACION))([^.\n]{4,120}?)(?=\.|\n|;| ALL (?:ACFT|AIRCRAFT)| WI | NO (?:PERSON|PILOT)|, |$)"
)
_REASON_WORDS: Final = re.compile(
    r"SECURITY|DEFEN[CS]E|SAFE|MIL|EXER|FIR(?:E|ING)|LAUNCH|ROCKET|SPACE|DRONE|UAS|UNMANNED|DISPLAY|EVENT|VIP|"
    r"HAZARD|RISK|VOLCAN|FLOOD|RESCUE|SAR|DEMOLITION|LASER|BALLOON|PARACH|TRAINING|FLYING|RELIEF|GUN|MISSILE|ACTIVITY|"
    r"SEGURIDAD|EJERCICIO|DESPEGUE"
)
_SENTENCE: Final = re.compile(r"(?:\.\.+|(?<!\d)\.(?=\s|$)|\.(?=\s+[A-Z]{3})|\n\s*\n|;)\s*")


def passages(text: str) -> tuple[Passage, ...]:
    """The text sentence by sentence, in its order."""
    out = []
    for part in _SENTENCE.split(text[:24_000]):
        words = " ".join(part.split())
        if len(words) < 3:
            continue
        note = next((said for pattern, said in FORMULAS if pattern.search(words)), None)
        out.append(Passage(words, note is not None, note or Words("", "")))
    return tuple(out)


def stated_reason(text: str) -> tuple[str, bool]:
    """(the words that give a reason, whether they are a formula that gives none); ("", False) if none."""
    for found in _REASON.finditer(text[:24_000]):
        words = " ".join(found.group(1).split())
        if _REASON_WORDS.search(words):
            formula = re.search(r"SPECIAL SECURITY|SECURITY REASONS|NATIONAL DEFEN[CS]E", words)
            return words.strip(" ,;"), formula is not None
    return "", False
