"""Every error a caller may meet. Each says what is wrong and, where one can know it, what to do."""

from __future__ import annotations


class WindhoverError(Exception):
    """Base of all errors raised on purpose.

    `what_to_do` is one plain sentence for the person at the keyboard, or empty.
    """

    def __init__(self, what: str, what_to_do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.what_to_do = what_to_do

    def __str__(self) -> str:
        return f"{self.what} {self.what_to_do}".strip()


class BadInput(WindhoverError):
    """Bytes, a file or a table that cannot be read as what it claims to be."""


class BadSite(WindhoverError):
    """A site folder that is missing something or contradicts itself."""


class BrokenRecord(WindhoverError):
    """A journal or archive whose chain or content does not hold; `event` names the first bad entry."""

    def __init__(self, what: str, event: int, what_to_do: str = "") -> None:
        super().__init__(what, what_to_do)
        self.event = event
