"""Windhover keeps the air picture of a place: what is up there, what it is, what that asks of the
airspace, who must be told, and proof of all of it afterwards.

    feeds ──bytes──▶ detections ──▶ tracks ──▶ identities ──▶ incidents ──▶ restrictions ──▶ notices
                         └───────────────┴───────────┴──────── record ───────┴─────────────────┘

One folder per noun. `picture.advance` joins them in one pure function; start reading there. It
detects, identifies, plans, tells and records. It has no effector interface and commands nothing: a
human decides, and the competent authority acts.

>>> from windhover import site, start, advance
>>> from windhover.schema.commands import Tick
>>> picture = start(site.default(31.8, -106.4), at_ns=1_770_791_400_000_000_000)
>>> picture, events = advance(picture, Tick(), picture.now_ns + 1_000_000_000)
>>> picture.tracks.n, events
(0, ())
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from windhover import site
    from windhover.picture import Arrived, Picture, advance, start

__all__ = ["Arrived", "Picture", "advance", "site", "start"]


def __getattr__(name: str) -> Any:
    """The public names, imported when asked for: `import windhover` must not wait for a compiler."""
    import importlib

    if name == "site":
        return importlib.import_module("windhover.site")
    if name in __all__:
        return getattr(importlib.import_module("windhover.picture"), name)
    raise AttributeError(f"module 'windhover' has no attribute {name!r}")
