"""What others said about a closure: entered by the user, kept apart from what was read, never weighed."""

from __future__ import annotations

import msgspec

from windhover.schema.cases import Words


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One statement of one source about one notice."""

    notice: str  # its number, as in the text: "6/2233"
    who: str
    said: str
    when: str = ""  # as the user writes it
    official: bool = False
    where: str = ""  # publication or link


def about(claims: tuple[Claim, ...], number: str) -> tuple[Claim, ...]:
    """Those that speak of this notice: the number alone or behind its issuer."""

    def bare(words: str) -> str:
        return words.upper().replace(" ", "").removeprefix("FDC").removeprefix("!")

    return tuple(c for c in claims if bare(c.notice) == bare(number))


def line(claim: Claim) -> Words:
    """One line, with who said it first and whether it is an official source."""
    kind = ("official", "oficial") if claim.official else ("not official", "no oficial")
    tail = "".join(f", {part}" for part in (claim.when, claim.where) if part)
    return Words(
        f"{claim.who} ({kind[0]}{tail}): “{claim.said}”",
        f"{claim.who} ({kind[1]}{tail}): «{claim.said}»",
    )
