"""The fixed words of notices, in English and in the formal Spanish of Mexico."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from windhover.schema.cases import Exposure, Grade, NoticeKind, Words
from windhover.schema.place import Language
from windhover.timescale import to_datetime

Local = Callable[[int, str], datetime]
"""(time_ns, IANA zone) → the aware local time; handed in by whoever may read time zones from disk."""

EXERCISE: Final = "EXERCISE / EJERCICIO"
NOT_A_NOTAM: Final = "DRAFT, NOT A NOTAM / BORRADOR, NO ES NOTAM"

EXEMPTIONS: Final = {
    "medevac": Words("medevac", "evacuación médica"),
    "search and rescue": Words("search and rescue", "búsqueda y salvamento"),
    "police": Words("police", "policía"),
    "military": Words("military", "aeronaves militares"),
}

MOMENT: Final[dict[NoticeKind, Words]] = {
    "advice": Words("Advice", "Aviso"),
    "request": Words("Requested, not issued", "Solicitada, no emitida"),
    "issued": Words("Issued", "Emitida"),
    "lifted": Words("Lifted", "Levantada"),
    "question": Words("Question", "Pregunta"),
    "answer": Words("Answer", "Respuesta"),
    "escalation": Words("No acknowledgement", "Sin acuse de recibo"),
}

CANCELLATION: Final = Words("Cancellation requested", "Cancelación solicitada")

MONTHS: Final[dict[Language, tuple[str, ...]]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}

LABELS: Final = {
    "what": Words("What", "Qué"),
    "where": Words("Where", "Dónde"),
    "height": Words("Height", "Altura"),
    "when": Words("When", "Cuándo"),
    "binds": Words("Whom it binds", "A quién obliga"),
    "exempt": Words("Exempt", "Exentos"),
    "why": Words("Why", "Por qué"),
    "reason": Words("Reason to end it", "Motivo para concluirla"),
    "impact": Words("What it touches", "Qué afecta"),
    "call": Words("Whom to call", "A quién llamar"),
    "evidence": Words("Evidence", "Evidencia"),
    "traffic": Words("Traffic", "Tránsito"),
}

EVIDENCE: Final[dict[Grade, Words]] = {
    "E0": Words("explained (E0)", "explicado (E0)"),
    "E1": Words("one report (E1)", "un solo reporte (E1)"),
    "E2": Words(
        "one sensor, or two independent observers (E2)",
        "un sensor, o dos observadores independientes (E2)",
    ),
    "E3": Words(
        "two independent kinds of observation (E3)",
        "dos tipos de observación independientes (E3)",
    ),
    "E4": Words(
        "stated by its operator, or imagery or recovery (E4)",
        "declarado por su operador, o bien imágenes o recuperación (E4)",
    ),
}
TRAFFIC: Final[dict[Exposure, Words]] = {
    "X0": Words("no conflict (X0)", "sin conflicto (X0)"),
    "X1": Words("near traffic or an aerodrome (X1)", "cerca del tránsito o de un aeródromo (X1)"),
    "X2": Words(
        "in an approach or departure surface (X2)",
        "en una superficie de aproximación o de despegue (X2)",
    ),
    "X3": Words(
        "on a runway, or under two minutes to conflict (X3)",
        "en una pista, o a menos de dos minutos de un conflicto (X3)",
    ),
}


def exempt_words(exemptions: tuple[str, ...], language: Language) -> str:
    """The list of exemptions; one that a site added itself stays as it was written."""
    return ", ".join(
        EXEMPTIONS[name].of(language) if name in EXEMPTIONS else name for name in exemptions
    )


def date_words(instant: datetime, language: Language) -> str:
    """'11 Feb 2026 06:30'."""
    month = MONTHS[language][instant.month - 1]
    return f"{instant.day} {month} {instant.year} {instant:%H:%M}"


def time_words(time_ns: int, zone: str, language: Language, local: Local) -> str:
    """UTC first, then local time with its zone."""
    utc = date_words(to_datetime(time_ns), language)
    if zone in ("", "UTC"):
        return f"{utc} UTC"
    there = local(time_ns, zone)
    called = there.tzname() or zone
    if called[:1] in "+-":
        called = zone
    word = "hora local" if language == "es" else "local time"
    return f"{utc} UTC ({date_words(there, language)} {word}, {called})"
