"""Who there is: roles, accounts, sessions, tokens, the audit book, as the API tells them."""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

from windhover.schema.place import Language

Role = Literal["viewer", "operator", "approver", "partner", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
INCLUDES: Final[dict[Role, tuple[Role, ...]]] = {
    "approver": ("operator", "viewer"),
    "operator": ("viewer",),
}
"""What a role may do besides its own: an approver is an operator, an operator a viewer."""


class Account(msgspec.Struct, frozen=True):
    """A person or a partner's desk."""

    name: str
    roles: tuple[Role, ...]
    party: str = ""  # id of the party at this site that a partner speaks for
    language: Language = "en"
    active: bool = True
    created_ns: int = 0


class Token(msgspec.Struct, frozen=True):
    """An API token as people see it; its secret is shown once, when it is made."""

    id: str
    name: str  # of the account it acts for
    label: str
    roles: tuple[Role, ...]
    created_ns: int
    expires_ns: int


class OpenSession(msgspec.Struct, frozen=True):
    """Somebody logged in somewhere, as people see it; its secret stays in its browser."""

    id: str
    name: str
    created_ns: int
    seen_ns: int
    own: bool  # whoever asks is in this one


class Who(msgspec.Struct, frozen=True):
    """Whoever made a request, and what that request may use."""

    name: str
    roles: tuple[Role, ...]  # with what they include
    party: str
    language: Language
    csrf: str = ""  # of the session; empty for a token, which no browser sends by itself
    session: bytes = b""  # digest of the session

    def may(self, *wanted: str) -> bool:
        """Whether one of these roles is among them."""
        return any(role in self.roles for role in wanted)


class AuditLine(msgspec.Struct, frozen=True):
    """One line of the audit book."""

    seq: int
    time_ns: int
    who: str
    did: str
    about: str


def with_included(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    """The roles and those that they include, in the order of `ROLES`."""
    every = {*roles, *(inner for role in roles for inner in INCLUDES.get(role, ()))}
    return tuple(role for role in ROLES if role in every)
