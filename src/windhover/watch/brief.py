"""A brief on one closure, in English and Spanish: what is known, whom it binds, and what is not known.

Everything in it was read from the notice, counted in a baseline or entered by the user; where the
words leave something open, the brief says so in their place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from windhover.schema.cases import Words
from windhover.units import NS_PER_H
from windhover.watch import boilerplate
from windhover.watch.binding import whom
from windhover.watch.changes import changes, clock, hours
from windhover.watch.claims import Claim, line
from windhover.watch.closure import Closure
from windhover.watch.unusual import Unusual

NOT_INTENT: Final = Words(
    "Unusual is not intent: this says how rare such a closure is, not why it was made.",
    "Inusual no es intención: esto dice qué tan raro es un cierre así, no por qué se hizo.",
)
_MOST: Final = 14  # places and passages listed


class Near(msgspec.Struct, frozen=True):
    """One aerodrome in or near the area."""

    code: str
    name: str
    country: str
    distance_nm: float  # from the area's centre
    inside: bool
    lat_deg: float = 0.0
    lon_deg: float = 0.0


class Section(msgspec.Struct, frozen=True):
    """A question and what can be said to it."""

    key: str
    title: Words
    lines: tuple[Words, ...]


class Brief(msgspec.Struct, frozen=True):
    """The whole, in the order in which it is read."""

    title: Words
    number: str
    banner: str  # EXERCISE / EJERCICIO or DRAFT …; empty for the real thing
    sections: tuple[Section, ...]


def compose(
    closure: Closure,
    unusual: Unusual | None,
    *,
    spanish: Callable[[str], str],
    near: tuple[Near, ...] = (),
    claims: tuple[Claim, ...] = (),
    before: Closure | None = None,
    became: Words | None = None,
) -> Brief:
    """One closure told. `spanish` turns the reader's warnings, which come in English, into Spanish;
    `before` is its last version, `became` what happened to it since.
    """
    passages = boilerplate.passages(closure.text)
    sections = [
        Section("what", Words("What", "Qué"), (closure.plain,)),
        Section("where", Words("Where", "Dónde"), _where(closure, spanish)),
        Section("when", Words("When", "Cuándo"), _when(closure)),
        Section("issuer", Words("Who issued it", "Quién lo emitió"), (_issuer(closure),)),
        Section("binds", Words("Whom it binds", "A quién obliga"), _binds(closure)),
        Section("law", Words("Legal basis", "Base legal"), (_law(closure),)),
        Section("reason", Words("Stated reason", "Motivo declarado"), (_reason(closure),)),
        Section(
            "unusual",
            Words("How unusual", "Qué tan inusual"),
            (*((unusual.words,) if unusual else (_NOT_COMPARED,)), NOT_INTENT),
        ),
        Section(
            "formulas",
            Words("Standing formulas", "Fórmulas habituales"),
            tuple(
                Words(f"“{_cut(p.words)}”: {p.note.en}.", f"«{_cut(p.words)}»: {p.note.es}.")
                for p in passages
                if p.standard
            )[:_MOST]
            or (Words("None was recognised.", "No se reconoció ninguna."),),
        ),
        Section(
            "own",
            Words("Its own words", "Sus propias palabras"),
            tuple(
                Words(f"“{_cut(p.words)}”", f"«{_cut(p.words)}»")
                for p in passages
                if not p.standard
            )[:_MOST]
            or (
                Words(
                    "None: every sentence is a formula.",
                    "Ninguna: todas las frases son fórmulas.",
                ),
            ),
        ),
        Section("traffic", Words("Traffic touched", "Tránsito afectado"), _traffic(closure, near)),
        Section(
            "claims",
            Words("What others said", "Qué han dicho otros"),
            tuple(line(c) for c in sorted(claims, key=lambda c: not c.official))
            or (Words("Nothing was entered.", "No se ha registrado nada."),),
        ),
        Section(
            "unknown", Words("What is not known", "Qué no se sabe"), _unknown(closure, spanish)
        ),
        Section(
            "changed",
            Words("Since the last version", "Desde la última versión"),
            _changed(closure, before, became),
        ),
    ]
    banner = "EXERCISE / EJERCICIO" if closure.exercise else ""
    if closure.draft and not banner:
        banner = "DRAFT, NOT A NOTAM / BORRADOR, NO ES NOTAM"
    return Brief(closure.plain, closure.number, banner, tuple(sections))


_NOT_COMPARED: Final = Words(
    "It was not compared: it closes no area or aerodrome, or no baseline fits it.",
    "No se comparó: no cierra área ni aeródromo, o ninguna referencia le corresponde.",
)


def _cut(words: str) -> str:
    return words if len(words) <= 160 else words[:159] + "…"


def _where(closure: Closure, spanish: Callable[[str], str]) -> tuple[Words, ...]:
    out = []
    drawn = [s for s in closure.shapes if not s.excluded]
    for shape in drawn[:_MOST]:
        band = f"{shape.lower or '?'} – {shape.upper or '?'}"
        if shape.radius_m is not None and shape.centre is not None and not shape.ring:
            nm = f"{shape.radius_m / 1852.0:,.2f}".rstrip("0").rstrip(".")
            out.append(Words(f"circle of {nm} NM, {band}", f"círculo de {nm} NM, {band}"))
        else:
            corners = len(shape.ring)
            out.append(
                Words(f"area of {corners} corners, {band}", f"área de {corners} vértices, {band}")
            )
        out += [Words(f"uncertain: {u}", f"incierto: {spanish(u)}") for u in shape.uncertain]
    if not drawn:
        size = "" if closure.radius_nm is None else f"{closure.radius_nm:,.4g} NM"
        out.append(
            Words(
                f"No area is drawn in the text; item Q gives a circle of {size}."
                if size
                else "No area is drawn in the text.",
                f"El texto no dibuja un área; el ítem Q da un círculo de {size}."
                if size
                else "El texto no dibuja un área.",
            )
        )
    if closure.firs:
        names = ", ".join(closure.firs)
        out.append(Words(f"Flight information region: {names}", f"Región de información: {names}"))
    return tuple(out)


def _when(closure: Closure) -> tuple[Words, ...]:
    start, end = clock(closure.from_ns), clock(closure.to_ns)
    if closure.permanent:
        out = [Words(f"from {start}, no end stated", f"desde {start}, sin término indicado")]
    else:
        about = (" (estimated)", " (estimado)") if closure.estimated else ("", "")
        out = [Words(f"{start} to {end}{about[0]}", f"de {start} a {end}{about[1]}")]
    if closure.intervals > 1:
        n = closure.intervals
        out.append(Words(f"in {n:,} separate times", f"en {n:,} periodos"))
    if closure.published_ns is None:
        out.append(Words("When it was published is not known.", "No se sabe cuándo se publicó."))
    else:
        lead = ""
        if closure.from_ns is not None:
            span = closure.from_ns - closure.published_ns
            lead = f" ({hours(abs(span))} {'before' if span >= 0 else 'after'} its start)"
        es = lead.replace("before its start", "antes de su inicio").replace(
            "after its start", "después de su inicio"
        )
        at = clock(closure.published_ns)
        out.append(Words(f"published {at}{lead}", f"publicado {at}{es}"))
    return tuple(out)


def _issuer(closure: Closure) -> Words:
    name = closure.issuer or "?"
    state = f" ({closure.country})" if closure.country else ""
    return Words(f"{name}{state}, {closure.number}", f"{name}{state}, {closure.number}")


def _binds(closure: Closure) -> tuple[Words, ...]:
    binding = whom(closure)
    rule = f" [{binding.rule}]" if binding.rule else ""
    out = [Words(binding.bound.en + rule, binding.bound.es + rule)]
    if binding.not_bound.en:
        out.append(binding.not_bound)
    return tuple(out)


def _law(closure: Closure) -> Words:
    if closure.legal_basis:
        return Words(closure.legal_basis, closure.legal_basis)
    return Words("The text names none.", "El texto no nombra ninguna.")


def _reason(closure: Closure) -> Words:
    words, formula = boilerplate.stated_reason(closure.text)
    if not words:
        return Words("None is stated.", "No se declara ninguno.")
    if formula:
        return Words(
            f"“{_cut(words)}”: a formula that names no reason.",
            f"«{_cut(words)}»: una fórmula que no nombra motivo.",
        )
    return Words(f"“{_cut(words)}”", f"«{_cut(words)}»")


def _traffic(closure: Closure, near: tuple[Near, ...]) -> tuple[Words, ...]:
    out = []
    flights = {"I": ("instrument flights", "vuelos por instrumentos"),
               "V": ("visual flights", "vuelos visuales"),
               "IV": ("instrument and visual flights", "vuelos por instrumentos y visuales")}  # fmt: skip
    if closure.traffic in flights:
        en, es = flights[closure.traffic]
        out.append(Words(f"Meant for {en} (item Q).", f"Dirigido a {es} (ítem Q)."))
    inside = [n for n in near if n.inside]
    for aerodrome in inside[:_MOST]:
        own = aerodrome.country in ("", closure.country) or not closure.country
        abroad = "" if own else f" [{aerodrome.country}]"
        line_ = f"{aerodrome.code} {aerodrome.name}{abroad}, {aerodrome.distance_nm:.1f} NM"
        out.append(Words(f"inside: {line_} from its centre", f"dentro: {line_} del centro"))
    if len(inside) > _MOST:
        more = len(inside) - _MOST
        out.append(Words(f"and {more} more aerodromes inside", f"y {more} aeródromos más dentro"))
    for aerodrome in [n for n in near if not n.inside][:4]:
        line_ = f"{aerodrome.code} {aerodrome.name}, {aerodrome.distance_nm:.1f} NM"
        out.append(Words(f"near: {line_} from its centre", f"cerca: {line_} del centro"))
    foreign = [n for n in inside if closure.country and n.country not in ("", closure.country)]
    if foreign:
        out.append(
            Words(
                f"{len(foreign)} of them lie in another state; see whom it binds.",
                f"{len(foreign)} de ellos están en otro Estado; vea a quién obliga.",
            )
        )
    return tuple(out) or (
        Words("No aerodrome is known in the area.", "No se conoce ningún aeródromo en el área."),
    )


def _unknown(closure: Closure, spanish: Callable[[str], str]) -> tuple[Words, ...]:
    out = []
    reason, formula = boilerplate.stated_reason(closure.text)
    if not reason or formula:
        out.append(Words("Why: the notice does not say.", "El porqué: el aviso no lo dice."))
    if not closure.legal_basis and closure.form in ("FDC", "XML", "DOM"):
        out.append(Words("The rule it is made under.", "La norma en que se funda."))
    if closure.published_ns is None:
        out.append(Words("When it was published.", "Cuándo se publicó."))
    if closure.to_ns is None and not closure.permanent:
        out.append(Words("When it ends.", "Cuándo termina."))
    out += [Words(w, spanish(w)) for w in closure.warnings[:_MOST]]
    out.append(
        Words(
            "Who asked for it, who was told, and which flights have permission.",
            "Quién lo pidió, a quién se avisó y qué vuelos tienen permiso.",
        )
    )
    return tuple(out)


def _changed(closure: Closure, before: Closure | None, became: Words | None) -> tuple[Words, ...]:
    out = list(changes(before, closure)) if before is not None else []
    if became is not None:
        out.append(became)
    return tuple(out) or (
        Words("This is the first version seen.", "Ésta es la primera versión vista."),
    )


def ordered_h(closure: Closure) -> float | None:
    """Hours from start to end; None where no end is stated."""
    if closure.from_ns is None or closure.to_ns is None:
        return None
    return (closure.to_ns - closure.from_ns) / NS_PER_H
