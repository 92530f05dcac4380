"""A recorded HTTP exchange (vcrpy's YAML, as weather libraries keep their downloads): the body of its last answer."""

from __future__ import annotations

import importlib
from typing import Any, Final

from windhover.errors import BadInput

CASSETTE: Final = b"interactions:\n- request:"
MAX_BYTES: Final = 16 << 20


def last_body(raw: bytes) -> bytes:
    """What the last successful answer carried. Raises `BadInput`."""
    try:
        yaml: Any = importlib.import_module("yaml")
    except ImportError:
        raise BadInput(
            "This is a recorded HTTP exchange, for which a package is missing.",
            "pip install windhover[weather]",
        ) from None
    if len(raw) > MAX_BYTES:
        raise BadInput("The recorded HTTP exchange is larger than 16 MiB.")
    try:
        document = yaml.load(raw, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        answers = [one["response"] for one in document["interactions"]]
        good = [one for one in answers if one["status"]["code"] == 200]
        body = good[-1]["body"]["string"]
    except (yaml.YAMLError, LookupError, TypeError, ValueError, RecursionError):
        raise BadInput("The recorded HTTP exchange is broken or holds no answer.") from None
    if not isinstance(body, str | bytes):
        raise BadInput("The recorded HTTP exchange holds no answer.")
    return body.encode() if isinstance(body, str) else body
