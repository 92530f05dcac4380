"""What the words between two positions say: go straight on, along an arc, along a border, or stop.

Spellings from real texts in English, Spanish and French. Every pattern is linear: no nested
repetition, and gaps longer than `LONGEST` are never joints.
"""

from __future__ import annotations

import re
from typing import Literal

Joint = Literal["line", "labelled", "arc", "border", "break"]
LONGEST = 260


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BARE = " \t\r\n-–—,.;:/&()'\"*="
_WORD = re.compile(r"[A-Z0-9]+")
_FILLERS = _set_of(
    """TO THEN THENCE AND A AT THE POINT POINTS PSN PSNS POSITION FM FROM STRAIGHT LINE LINES BY
    JOINING COORD COORDS COORDINATES PT WP WPT NO NR UNTIL UP HASTA Y PUNTO VERS I II III IV V VI VII
    VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX TIL TILL BTN BETWEEN DIRECT GREAT CIRCLE
    FOLLOWING SUCCESSIVELY ALONG THROUGH VIA RETURN BACK GEODESIC CONTINUE CONTINUING"""
)
_LABEL = re.compile(r"[IVX]{1,5}\Z|(?:P|PT|WP|WPT|NO|NR|PSN|POINT)?\d{1,2}[A-Z]?\Z|[A-Z]\d{0,2}\Z")
_ARC = re.compile(r"\bARCO?\b|CLOCK ?-?WISE|CLKWI?SE?|\bC?CW\b|HORAIRE|HORARIO|\bC[CW]A\b")
_BORDER = re.compile(
    r"BORDER|\bBDRY|BOUNDARY|BOUNDARIES|RIVER|COAST|\bSHORE|FRONTI?ER|FRONTERA|STATE LINE|"
    r"LIMIT OF|FIR LIMIT|HIGHWAY|\bROAD\b|RAILWAY|\bRIO\b|COSTA\b|ALONG|CONTOUR|LITORAL|PERIMETER"
)
# Looked for before the pattern: four in five stretches of words hold none of them.
_BORDER_STEMS = (
    "BORDER", "BDRY", "BOUNDAR", "RIVER", "COAST", "SHORE", "FRONT", "LINE", "LIMIT", "HIGHWAY",
    "ROAD", "RAILWAY", "RIO", "COSTA", "ALONG", "CONTOUR", "LITORAL", "PERIMETER",
)  # fmt: skip
_COUNTER = re.compile(r"ANTI|COUNTER|\bCCW\b|\bCCA\b")
_CLOCKWISE = re.compile(r"CLOCK ?-?WISE|CLKWI?SE?|\bCW\b|\bCWA\b|HORAIRE|HORARIO")
_CENTRE = re.compile(
    r"(?:CENT(?:RE|ER)(?:E?D|E)?|CENTRO|CTR)(?:\W+(?:ON|AT|IN|OF|PSN|POINT|POSITION|COORDS?|ARP|IS|"
    r"THE|ARC|CIRCLE|SUR|EN|SITUATED|LOCATED|ABOUT|LOCATION|COORDINATES|WITH|AS|AROUND|VOR|DME|NDB|AD))*"
    r"\W*(?:[A-Z][A-Z0-9 '/.\-]{1,40}\(?\W{0,3})?\Z"
)
_LENGTH = r"(\d{1,6}(?:[.,]\d{1,3})?)[\s\-]?(NMS?|MN|NAUTICAL[ -]MILES?|MILLAS(?: NAUTICAS)?|KMS?|KILOMET(?:ER|RE)S?|MILES?|MET(?:ER|RE)S?|MTRS?|M|FT|FEET)\b"
RADIUS_BEFORE = re.compile(
    rf"{_LENGTH}(?:\s?/\s?\d[\d.,]*\s?(?:[KN]?M|FT))?(?: \([^)]{{1,12}}\))?[\s\-]*(?:WIDE )?"
    r"(?:RADIUS|RAD\b|RADUIS|RADIAL DIST|CIRCLE|CIRCULAR|DE RADIO|DE RAYON|DE RAIO|RDS|AROUND)|"
    r"(?:RADIUS|RADUIS|RAD|RADIO|RAYON|RAIO|RDS|R)(?: ?= ?|[\s:]*(?:OF OPERATIONS?|OF|IS|DE|WITH|A|UP TO)?[\s:]*)"
    rf"{_LENGTH}|(?:WITHIN|\bWI|CIRCLE OF|DENTRO DE|CIRCULO DE|CERCLE DE|INSIDE|CIRCLE|AROUND)\s+(?:OF |A |AN? AREA OF )?{_LENGTH}"
    r"(?:\s?/\s?[\d.,]+\s?(?:[KN]?M|FT)\s+RADIUS)?"
)
RADIUS_AFTER = re.compile(
    rf"[\s,.;:\-–]*(?:\([^()]{{0,90}}\)?[\s,.;:\-]*)?(?:[A-Z]{{3,12}} AD[\s,]+)?"
    rf"(?:(?:AND|WITH|A|WI|WITHIN|OF|IN|CON|UN|DE|UP TO|BY|CIRCLE|CIRCULAR|AREA|MAX)[\s:]+){{0,4}}"
    rf"(?:(?:RADIUS|RADUIS|RAD|RADIO|RAYON|RAIO|RDS|R)[\s:.=]*(?:OF |IS |DE |WITHIN |WI |= ?)?{_LENGTH}|{_LENGTH}[\s\-]*(?:RADIUS|RADUIS|RAD\b|DE RADIO|DE RAIO|AROUND|CIRCLE))"
)
LATER_RADIUS = re.compile(
    rf"\bRADIUS[ :]*(?:OF )?{_LENGTH}|\b(?:WI|WITHIN|IN)(?: AN?)? {_LENGTH} RADIUS|CIRCLE (?:OF|WITH) {_LENGTH} AROUND (?:THE|THIS|IT)"
)
_BEARINGS = re.compile(
    r"\b(AZM|AZIMUTHS?|BRG|BEARINGS?|RDL|RADIALS?|SECT(?:OR)?(?= \d{3}))\s*(\d{1,3})(?!\d)\s*(?:DEG\w*)?\s*"
    r"(?:-|TO|AND|UP TO|THRU|/)\s*(?:AZM |BRG |RDL |RADIAL |BEARING )?(\d{1,3})(?![\d/]|[.,]\d| ?[NK]?M\b)"
)
ROUTE_LIST = re.compile(r"\bTR\d?:|ROUTING|ALTN RTE|ALTN RTES")
WITHIN_AFTER = re.compile(rf"[\s,.]*(?:\([^()]{{0,60}}\)\s*)?(?:WITHIN|WI) {_LENGTH}")
HALF_WIDTH = re.compile(
    rf"{_LENGTH}[\s,]*(?:EACH|EITHER|BOTH|ON EITHER|ON EACH|ON BOTH) SIDES?|"
    rf"{_LENGTH}\s(?:OF|FM|FROM|EITHER SIDE OF) (?:A |THE )?(?:TRACK|LINE|CENTRE ?LINE|ROUTE|AXIS)"
)
FULL_WIDTH = re.compile(rf"(?:CORRIDOR|WIDTH|WIDE)[A-Z ]{{0,20}}{_LENGTH}|{_LENGTH} WIDE")
_ITEM = re.compile(r"\W*(?:[A-Z]|[IVX]{1,5}|\d{1,2})[).:]\W*\Z")
_BEARING_STEMS = ("AZ", "BRG", "BEARING", "RDL", "RADIAL", "SECT")
_SLICE_STEMS = ("BTN", "BETWEEN", "SECT")
_PART_STEMS = ("QUADRANT", "SEMI", "HALF")
_PART = re.compile(r"QUADRANT|SEMI-? ?CIRC|\bHALF\b")
_SLICE = re.compile(
    r"SECT(?:OR)? (?:BTN|BETWEEN|FROM|FM|\d{3}\b)|"
    r"(?:BTN|BETWEEN) (?:RADIALS?|RDLS?|R-?\d|BRGS?|BEARINGS?|AZM)|"
    r"(?:BTN|BETWEEN) (?:TRUE |MAG )?\d{3} ?(?:DEG\w*)? ?(?:TRUE|MAG|T|M)? ?(?:AND|TO|-)"
)
_ONE_SIDE = re.compile(
    r"\s*(?:RADIUS |RAD )?(?:(?:NORTH|SOUTH|EAST|WEST)[A-Z]{0,5}|[NSEW]|[NS][EW]) OF\b"
)
_TWO_RADII = re.compile(
    r"\b(?:BTN|BETWEEN)\s\d[\d.,]*\s?(?:[NK]?M)?\s(?:AND|TO)\s\d[\d.,]*\s?[NK]?M"
)
_FURTHER_RADII = re.compile(rf"\A.{{0,80}}?{_LENGTH} RADIUS (?:AT|ABV|ABOVE|BLW)", re.S)
AREA_WORDS = re.compile(
    r"AREA|BOUNDED|JOINING|LIMIT|WITHIN|\bWI\b|ZONE|POLYGON|COORD|SECTOR|DEFINED|BOUNDAR|FORMED|"
    r"ENCLOSED|VERTIC|POINTS|AIRSPACE|REGION|SAHA|LIMITES|DELIMIT|VOLUME|\bTSA\b|\bTRA\b|\bCT[AR]\b|\bTMA\b"
)
TRACK_WORDS = re.compile(
    r"ROUTING|\bROUTES?\b|\bRTES?\b|TRACK|STRAIGHT LINE BE?TW?E?E?N|\bALTN|CABLE|FLIGHT ?PATH|\bLEG\b"
)
POINT_WORDS = re.compile(
    r"CRANE|OBST|MAST|TREE|TURBINE|LGT|LIGHT|TOWER|PYLON|CHIMNEY|ANTENNA|BUILDING|\bARP\b|WINDFARM|POLE"
)
EXCLUDED = re.compile(
    r"EXC\w* [^.]{0,40}OVERLAPP\w* (?:AREA|AIRSPACE|PART|PORTION)[^.]{0,40}\Z|"
    r"(?:EXC|EXCL|EXCLUDING|EXCLUDES|EXCEPT|EXCEPTING|EXCLUDED|EXCLUSION|EXCLUYENDO|EXCEPTO|NOT INCLUDING|MINUS)\b[ :,.]*"
    r"(?:(?:FOR|OF|THE|THAT|THOSE|ALL|AN?|UNA?|EL|LA|DEL?|OVERLAPP\w*|PORTIONS?|PARTS?|ANY|INNER|AS|FLW|IT|IS)\s+){0,6}"
    r"(?:AIRSPACE|AREAS?|CIRCLE|CIRCULO|CERCLE|ESPACIO|ZONA|ZONE|VOLUME|SECTOR|RADIUS|\d|WI\b|WITHIN|BLW|BELOW|LATERAL|THE FOLLOWING)[^.]{0,120}\Z"
)
_LABEL_WORDS = (
    "AREA", "SECTOR", "ZONE", "SAHA", "PART", "TSA", "TRA", "CTA", "CTR", "TMA", "POLYGON", "BOX",
    "REGION", "SEGMENT",
)  # fmt: skip
_NAMED = re.compile(
    rf"(?:{'|'.join(_LABEL_WORDS)})(?:\s?[\-']?\s?(?:[A-Z]{{0,3}}\d{{1,3}}[A-Z]?|[A-Z])\b(?=[\s:.)(,\-'])|(?<=\bAREA) ?:)"
)
_NUMBERED = re.compile(r"[(\d](?<!\S.)(?:(?<=\()\d{1,2}|(?<=\d)\d?)[.)](?!\d)")
_EXCLUDING = re.compile(
    r"EXC(?:L|LUDING|LUDES|EPT)?\b\s+(?:THE )?([A-Z]{4,14}(?: [A-Z]{4,12})?)\s+(?:FIR|AIRSPACE)"
)
_LEFT_OUT = re.compile(
    r"EXC(?:L|LUDING|LUDES|EPT|EPTING|LUDED)?\b[\s:]+((?:[A-Z0-9/-]+ ){0,4}?"
    r"(?:TMA|CTR|CTA|ATZ|CTLZ|FIR|AIRSPACE|TERRITORY|RADIUS)\b(?: [A-Z]{4,14}\b)?)"
)
_NO_NEIGHBOUR = ("OVERLAP", "CONTROL", "RESTRICT", "PROHIBIT", "CLASS", "THAT", "THIS", "DANGER")
_IS_EXCLUDED = re.compile(r" AIRSPACE (?:IS )?EXCLUDED")
_NAME_BEFORE = re.compile(r"[A-Z]{4,14}\Z")

_BRACKETS = re.compile(r"\([^()]{0,60}\)")
_METRES = {"N": 1852.0, "K": 1000.0, "F": 0.3048}


def metres(number: str, unit: str) -> float:
    """'5,9' 'NM' → m. A bare MILE is a nautical one in a notice, and so is the Spanish MN."""
    per = 1852.0 if unit.startswith(("MIL", "MN")) else _METRES.get(unit[0], 1.0)
    return float(number.replace(",", ".")) * per


def first_length(found: re.Match[str]) -> float:
    """The length of whichever alternative matched, in m."""
    groups = found.groups()
    for i in range(0, len(groups), 2):
        if groups[i] is not None:
            return metres(groups[i], groups[i + 1])
    return 0.0


def joint(gap: str) -> Joint:
    """What the words between two positions say."""
    if not gap.strip(_BARE):
        return "line"
    if len(gap) > LONGEST:
        return "break"
    if _ARC.search(gap):
        return "arc"
    words = _WORD.findall(gap)
    if all(word in _FILLERS or _LABEL.match(word) for word in words):
        # Two or more numbers are the start of a new numbered area or a height, not a label.
        if sum(word[0].isdigit() for word in words) > 1:
            return "break"
        return "labelled" if any(map(_LABEL.match, words)) else "line"
    if len(gap) <= 140 and _border(gap):
        return "border"
    return "break"


def neighbour(text: str) -> str:
    """Whose airspace the words leave out ("EXCLUDING MEXICAN AIRSPACE"); empty where nobody's."""
    if "EXC" not in text or "CLIPPED AT THE BORDER" in text:
        return ""  # our own words where the corners follow the border already
    found = _EXCLUDING.search(text)
    name = found.group(1) if found else ""
    if not found and (told := _IS_EXCLUDED.search(text)):
        before = _NAME_BEFORE.search(text[max(0, told.start() - 14) : told.start()])
        name = before.group() if before else ""
    return "" if name.startswith(_NO_NEIGHBOUR) else name


def left_out(text: str) -> str:
    """The airspace that the words take out and do not draw ("TMA LYON"); empty where none is."""
    found = _LEFT_OUT.search(text) if "EXC" in text else None
    return " ".join(found.group(1).split()) if found else ""


def starts_item(gap: str) -> bool:
    """Whether the gap is the letter or number of a list's next item: "B)", "2."."""
    return _ITEM.match(gap) is not None


def circle_doubts(before: str, between: str, after: str) -> list[str]:
    """What the words say of a circle that one radius and one centre do not: a part of it, more of them.

    `between` are the words from the radius to the centre.
    """
    doubts: list[str] = []
    sliced = _holds(before, _SLICE_STEMS)
    if (
        (sliced and _SLICE.search(before))
        or (_holds(after, _SLICE_STEMS) and _SLICE.search(after))
        or (_holds(before, _PART_STEMS) and _PART.search(before))
        or ("OF" in between and _ONE_SIDE.match(between))
    ):
        doubts.append("only a part of the circle is meant; it is drawn whole")
    if sliced and _TWO_RADII.search(before[-60:]):
        doubts.append("two radii are named; the circle has the one nearest to its centre")
    if "RADIUS" in after and _FURTHER_RADII.search(after):
        doubts.append("further radii at other heights are named and not drawn")
    return doubts


def bearings(words: str) -> re.Match[str] | None:
    """Two bearings between which a slice of a circle lies."""
    return _BEARINGS.search(words) if _holds(words, _BEARING_STEMS) else None


def is_centre(before: str) -> bool:
    """Whether the words right before a position make it the centre of an arc or a circle."""
    return _CENTRE.search(before[-70:]) is not None


def speaks_of_arc(gap: str) -> bool:
    """Whether the words speak of an arc; most do not hold one of its letters' runs at all."""
    if "ARC" not in gap and "CLOCK" not in gap and "CW" not in gap and "HORA" not in gap:
        return False
    return _ARC.search(gap) is not None


def turns(words: str) -> bool | None:
    """True clockwise, False anticlockwise, None where the words do not say."""
    if _COUNTER.search(words):
        return False
    return True if _CLOCKWISE.search(words) else None


def without_names(gap: str) -> str:
    """The gap without what stands in brackets: behind an arc's centre that is its name."""
    return _BRACKETS.sub("", gap) if "(" in gap else gap


def _border(words: str) -> bool:
    return _holds(words, _BORDER_STEMS) and _BORDER.search(words) is not None


def _holds(words: str, any_of: tuple[str, ...]) -> bool:
    return any(map(words.__contains__, any_of))


def border_words(gap: str) -> str:
    """The named line that a stretch follows, shortened."""
    return " ".join(gap.split())[:60].strip(" -,.") if _border(gap) else ""


def first_label(words: str) -> re.Match[str] | None:
    """Where the first label of an area stands: "AREA B:", "2)", "SECTOR 3"."""
    named = _NAMED.search(words) if _holds(words, _LABEL_WORDS) else None
    numbered = _NUMBERED.search(words, 0, named.start() if named else len(words))
    return numbered or named


def last_label(words: str) -> re.Match[str] | None:
    """Where the last label of an area stands."""
    named = None
    if _holds(words, _LABEL_WORDS):
        *_, named = (None, *_NAMED.finditer(words))
    *_, last = (named, *_NUMBERED.finditer(words, named.end() if named else 0))
    return last
