"""Who may do what: accounts, sessions, tokens, one-time links, and the book of who looked at what.

SQLite (write-ahead log, `synchronous=FULL`) beside the record. Passwords are kept as argon2id, all
other secrets as SHA-256 of 256 random bits: whoever reads the file can use none of them.
An external identity provider would take the place of `check_password` and call `open_session`.
"""

from __future__ import annotations

import hmac
import secrets
import sqlite3
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from windhover.errors import BadInput
from windhover.server.who import (
    Account,
    AuditLine,
    OpenSession,
    Role,
    Token,
    Who,
    with_included,
)
from windhover.units import NS_PER_H, NS_PER_MIN

LINK_NS: Final = 24 * NS_PER_H
TOUCH_NS: Final = NS_PER_MIN
NAME_MAX: Final = 64

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS accounts (
  name TEXT PRIMARY KEY, roles TEXT NOT NULL, party TEXT NOT NULL, language TEXT NOT NULL,
  password TEXT NOT NULL, created_ns INTEGER NOT NULL, active INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
  digest BLOB PRIMARY KEY, name TEXT NOT NULL, csrf TEXT NOT NULL,
  created_ns INTEGER NOT NULL, seen_ns INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tokens (
  id TEXT PRIMARY KEY, digest BLOB NOT NULL UNIQUE, name TEXT NOT NULL, label TEXT NOT NULL,
  roles TEXT NOT NULL, created_ns INTEGER NOT NULL, expires_ns INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS links (
  digest BLOB PRIMARY KEY, purpose TEXT NOT NULL, name TEXT NOT NULL,
  expires_ns INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, time_ns INTEGER NOT NULL, who TEXT NOT NULL,
  did TEXT NOT NULL, about TEXT NOT NULL) STRICT;
"""


def digest(secret: str) -> bytes:
    """What is kept of a random secret."""
    return sha256(secret.encode()).digest()


class Accounts:
    """The file of accounts. Safe to call from several threads."""

    def __init__(
        self,
        path: Path | None,
        clock: Callable[[], int],
        *,
        session_ns: int = 12 * NS_PER_H,
        idle_ns: int = NS_PER_H,
        hasher: PasswordHasher | None = None,
    ) -> None:
        """`path` None = in memory, gone with the process."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.clock, self.session_ns, self.idle_ns = clock, session_ns, idle_ns
        self._hasher = hasher or PasswordHasher()
        self._dummy = self._hasher.hash(secrets.token_urlsafe(16))
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False, timeout=5.0
        )
        if path is not None:
            path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    # Accounts

    def is_empty(self) -> bool:
        """Whether nobody can administer it yet."""
        return not any("admin" in account.roles for account in self.every())

    def every(self) -> tuple[Account, ...]:
        """All accounts by name."""
        rows = self._all(
            "SELECT name, roles, party, language, active, created_ns FROM accounts ORDER BY name"
        )
        return tuple(_account(row) for row in rows)

    def find(self, name: str) -> Account | None:
        rows = self._all(
            "SELECT name, roles, party, language, active, created_ns FROM accounts WHERE name = ?",
            name,
        )
        return _account(rows[0]) if rows else None

    def add(self, account: Account, password: str) -> None:
        """A new account; without a password it can be entered by a one-time link only. Raises `BadInput`."""
        name = account.name
        if not name or len(name) > NAME_MAX or name != name.strip() or not name.isprintable():
            raise BadInput("A name has 1 to 64 printable characters, no blanks around it.")
        if "partner" in account.roles and not account.party:
            raise BadInput("A partner's account names the party that it speaks for.")
        kept = self._hasher.hash(password) if password else ""
        try:
            self._run(
                "INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?)",
                name, " ".join(account.roles), account.party, account.language, kept,
                self.clock(), int(account.active),
            )  # fmt: skip
        except sqlite3.IntegrityError:
            raise BadInput(f"There is an account {name!r} already.") from None

    def change(self, account: Account, password: str | None = None) -> None:
        """Roles, party, language, whether active; with a new password or other rights its sessions end."""
        before = self.find(account.name)
        if before is None:
            raise BadInput(f"There is no account {account.name!r}.")
        self._keep_an_admin(account.name, account)
        self._run(
            "UPDATE accounts SET roles = ?, party = ?, language = ?, active = ? WHERE name = ?",
            " ".join(account.roles), account.party, account.language, int(account.active),
            account.name,
        )  # fmt: skip
        if password is not None:
            self._run(
                "UPDATE accounts SET password = ? WHERE name = ?",
                self._hasher.hash(password),
                account.name,
            )
        rights = (before.roles, before.active, before.party)
        if password is not None or rights != (account.roles, account.active, account.party):
            self._run("DELETE FROM sessions WHERE name = ?", account.name)

    def remove(self, name: str) -> None:
        """The account, its sessions and its tokens. What it did stays in journal and audit."""
        if self.find(name) is None:
            raise BadInput(f"There is no account {name!r}.")
        self._keep_an_admin(name, None)
        for table in ("sessions", "tokens", "accounts"):
            self._run(f"DELETE FROM {table} WHERE name = ?", name)

    def check_password(self, name: str, password: str) -> Account | None:
        """The account if the password is right; takes equally long where there is none. Slow on purpose."""
        rows = self._all("SELECT password FROM accounts WHERE name = ?", name)
        kept = str(rows[0][0]) if rows and rows[0][0] else self._dummy
        try:
            self._hasher.verify(kept, password)
        except (Argon2Error, InvalidHashError):
            return None
        found = self.find(name)
        if found is None or not found.active or kept is self._dummy:
            return None
        if self._hasher.check_needs_rehash(kept):
            self._run(
                "UPDATE accounts SET password = ? WHERE name = ?", self._hasher.hash(password), name
            )
        return found

    def has_password(self, name: str) -> bool:
        """Whether it can be entered other than by a one-time link."""
        return bool(self._all("SELECT 1 FROM accounts WHERE name = ? AND password != ''", name))

    # Sessions

    def open_session(self, name: str) -> str:
        """A new session's secret, for its cookie."""
        secret, now_ns = secrets.token_urlsafe(32), self.clock()
        self._run(
            "DELETE FROM sessions WHERE created_ns < ? OR seen_ns < ?",
            now_ns - self.session_ns,
            now_ns - self.idle_ns,
        )
        self._run(
            "INSERT INTO sessions VALUES (?, ?, ?, ?, ?)",
            digest(secret), name, secrets.token_urlsafe(32), now_ns, now_ns,
        )  # fmt: skip
        return secret

    def by_session(self, secret: str) -> Who | None:
        """Whose live session it is."""
        key, now_ns = digest(secret), self.clock()
        rows = self._all(
            "SELECT s.name, s.csrf, s.created_ns, s.seen_ns, a.roles, a.party, a.language "
            "FROM sessions s JOIN accounts a ON a.name = s.name "
            "WHERE s.digest = ? AND a.active = 1",
            key,
        )
        if not rows:
            return None
        name, csrf, created_ns, seen_ns, roles, party, language = rows[0]
        if now_ns - created_ns >= self.session_ns or now_ns - seen_ns >= self.idle_ns:
            self._run("DELETE FROM sessions WHERE digest = ?", key)
            return None
        if now_ns - seen_ns >= min(TOUCH_NS, self.idle_ns // 4):
            self._run("UPDATE sessions SET seen_ns = ? WHERE digest = ?", now_ns, key)
        return Who(name, with_included(tuple(roles.split())), party, language, csrf, key)

    def sessions(self, name: str = "", own: bytes = b"") -> tuple[OpenSession, ...]:
        """Live sessions, the newest first: everybody's, or those of one account."""
        now_ns = self.clock()
        rows = self._all(
            "SELECT digest, name, created_ns, seen_ns FROM sessions WHERE (name = ? OR ? = '') "
            "AND created_ns > ? AND seen_ns > ? ORDER BY seen_ns DESC, created_ns DESC",
            name, name, now_ns - self.session_ns, now_ns - self.idle_ns,
        )  # fmt: skip
        return tuple(OpenSession(r[0].hex()[:16], r[1], r[2], r[3], r[0] == own) for r in rows)

    def close_session(self, key: bytes) -> None:
        self._run("DELETE FROM sessions WHERE digest = ?", key)

    def end_session(self, session_id: str, name: str = "") -> bool:
        """End one by the id that `sessions` gives; of one account alone where it is named."""
        return 0 < self._run(
            "DELETE FROM sessions WHERE lower(substr(hex(digest), 1, 16)) = ? "
            "AND (name = ? OR ? = '')",
            session_id, name, name,
        )  # fmt: skip

    # Tokens

    def make_token(
        self, name: str, label: str, roles: tuple[Role, ...], expires_ns: int
    ) -> tuple[Token, str]:
        """A token for the account, with some of its roles; its secret is given this once."""
        account = self.find(name)
        if account is None:
            raise BadInput(f"There is no account {name!r}.")
        beyond = [role for role in roles if role not in with_included(account.roles)]
        if beyond or not roles:
            raise BadInput(
                f"A token has one or more of its account's roles, not {beyond or 'none'}."
            )
        secret, now_ns = f"wh_{secrets.token_urlsafe(32)}", self.clock()
        token = Token(secrets.token_hex(8), name, label, roles, now_ns, expires_ns)
        self._run(
            "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?)",
            token.id, digest(secret), name, label, " ".join(roles), now_ns, expires_ns,
        )  # fmt: skip
        return token, secret

    def tokens(self) -> tuple[Token, ...]:
        rows = self._all(
            "SELECT id, name, label, roles, created_ns, expires_ns FROM tokens ORDER BY created_ns, id"
        )
        return tuple(Token(r[0], r[1], r[2], tuple(r[3].split()), r[4], r[5]) for r in rows)

    def remove_token(self, token_id: str) -> bool:
        return self._run("DELETE FROM tokens WHERE id = ?", token_id) > 0

    def by_token(self, secret: str) -> Who | None:
        """Whose token it is, with no more than the account's own roles today."""
        rows = self._all(
            "SELECT t.name, t.roles, t.expires_ns, a.roles, a.party, a.language "
            "FROM tokens t JOIN accounts a ON a.name = t.name WHERE t.digest = ? AND a.active = 1",
            digest(secret),
        )
        if not rows or self.clock() >= rows[0][2]:
            return None
        name, scoped, _, roles, party, language = rows[0]
        own = with_included(tuple(roles.split()))
        return Who(
            name,
            tuple(r for r in with_included(tuple(scoped.split())) if r in own),
            party,
            language,
        )

    # One-time links

    def make_link(self, purpose: str, name: str = "", life_ns: int = LINK_NS) -> str:
        """The secret of a link that works once: "first admin", or "enter" as `name`."""
        secret = secrets.token_urlsafe(32)
        now_ns = self.clock()
        self._run("DELETE FROM links WHERE expires_ns <= ? OR purpose = 'first admin'", now_ns)
        self._run(
            "INSERT INTO links VALUES (?, ?, ?, ?)", digest(secret), purpose, name, now_ns + life_ns
        )
        return secret

    def use_link(self, secret: str, purpose: str) -> str | None:
        """The name in the link, and the link is used up; None where it is not or no longer good."""
        with self._lock:
            rows = self._all(
                "SELECT name, expires_ns, purpose FROM links WHERE digest = ?", digest(secret)
            )
            if not rows or not hmac.compare_digest(rows[0][2], purpose):
                return None
            self._run("DELETE FROM links WHERE digest = ?", digest(secret))
            return None if self.clock() >= rows[0][1] else str(rows[0][0])

    # Audit

    def note(self, who: str, did: str, about: str) -> None:
        """Write down that somebody read personal data or changed who may do what."""
        self._run(
            "INSERT INTO audit (time_ns, who, did, about) VALUES (?, ?, ?, ?)",
            self.clock(), who, did, about,
        )  # fmt: skip

    def audit(self, after: int, limit: int, newest: bool = False) -> tuple[AuditLine, ...]:
        """Lines in their order after `after`, or the newest there are."""
        if newest:
            after = max(after, self._all("SELECT coalesce(max(seq), 0) FROM audit")[0][0] - limit)
        rows = self._all(
            "SELECT seq, time_ns, who, did, about FROM audit WHERE seq > ? ORDER BY seq LIMIT ?",
            after,
            limit,
        )
        return tuple(AuditLine(*row) for row in rows)

    def _keep_an_admin(self, name: str, becomes: Account | None) -> None:
        stays = becomes is not None and becomes.active and "admin" in becomes.roles
        others = any(a.active and "admin" in a.roles for a in self.every() if a.name != name)
        was = self.find(name)
        if was is not None and "admin" in was.roles and not stays and not others:
            raise BadInput("It is the last administrator.", "Make another one first.")

    def _all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            found: list[tuple[Any, ...]] = self._db.execute(query, values).fetchall()
            return found

    def _run(self, query: str, *values: object) -> int:
        with self._lock:
            return self._db.execute(query, values).rowcount


def _account(row: tuple[Any, ...]) -> Account:
    name, roles, party, language, active, created_ns = row
    return msgspec.convert(
        {
            "name": name,
            "roles": str(roles).split(),
            "party": party,
            "language": language,
            "active": bool(active),
            "created_ns": created_ns,
        },
        Account,
    )
