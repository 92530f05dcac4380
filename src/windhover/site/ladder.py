"""The house's ladder of proportionate response (FACTS §4), for sites that state none of their own."""

from __future__ import annotations

from windhover.schema.place import Rung

_STEPS: tuple[tuple[str, str, str, float | None, int], ...] = (
    ("R0", "watch", "observar", None, 1),
    ("R1", "advise; send eyes", "avisar; enviar observadores", None, 1),
    ("R2", "delay or reroute", "demorar o desviar", 600.0, 1),
    ("R3", "pause one runway or sector", "pausar una pista o un sector", 900.0, 1),
    ("R4", "small volume with exemptions", "volumen pequeño con exenciones", 1800.0, 1),
    ("R5", "aerodrome closure", "cierre del aeródromo", 1800.0, 2),
    ("R6", "area or defence closure", "cierre de área o de defensa", 1800.0, 2),
)


def house_ladder(competent: str) -> tuple[Rung, ...]:
    """R0…R6 with the house's limits in s; `competent` is the party id that decides at every rung."""
    return tuple(
        Rung(name, {"en": english, "es": spanish}, limit_s, competent, people)
        for name, english, spanish, limit_s, people in _STEPS
    )
