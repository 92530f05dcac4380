"""What is asked for again and again: a file, or an address on the web."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import Final

from windhover.feeds.settings import FeedSettings

MAX_ANSWER: Final = 64 << 20
TIMEOUT_S: Final = 10.0
_AGENT: Final = {"User-Agent": "windhover"}
"""Some services (the United States' weather service among them) refuse whoever does not say what it is."""


def fetch(settings: FeedSettings) -> bytes:
    """All of it, in the calling thread. Raises `OSError`, and `ValueError` for what is no address or too large."""
    if settings.transport == "file":
        return Path(settings.address).read_bytes()
    address = settings.address
    if not address.startswith(("http://", "https://")):
        raise ValueError(f"{address!r} is no http address")
    with urllib.request.urlopen(
        urllib.request.Request(address, headers=_AGENT), timeout=TIMEOUT_S
    ) as answer:
        payload: bytes = answer.read(MAX_ANSWER + 1)
    if len(payload) > MAX_ANSWER:
        raise ValueError("the answer is larger than 64 MiB")
    return payload
