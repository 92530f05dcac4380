"""Feeds of third parties: packages with an entry point in the group `windhover.feeds`.

The entry point's name is the feed's form; it names a decoder, `decode(payload, received_ns, sensor,
sensor_info, vertical) -> Decoded`, as every decoder of ours is. A package that cannot be loaded, or that
takes a name that is ours, is reported and left out; a decoder that raises, or gives something else, costs
its message and no more. A plugin runs in our process with our rights: install only what you trust.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final, NamedTuple

from windhover.detections import DECODERS
from windhover.detections.decoded import Decoded, Decoder, nothing
from windhover.schema.place import Sensor, Vertical

GROUP: Final = "windhover.feeds"


class Plugin(NamedTuple):
    """One entry point, and why it is not used, or ''."""

    name: str
    package: str
    fault: str


def install(
    table: MutableMapping[str, Decoder] = DECODERS, found: Iterable[EntryPoint] | None = None
) -> tuple[Plugin, ...]:
    """Put every plugin's decoder into the table of forms; what became of each, by name. Never raises."""
    points = entry_points(group=GROUP) if found is None else found
    told: list[Plugin] = []
    for point in sorted(points, key=lambda p: (p.name, p.value)):
        package = point.dist.name if point.dist else point.module
        told.append(Plugin(point.name, package, _install(point, table)))
    return tuple(told)


def _install(point: EntryPoint, table: MutableMapping[str, Decoder]) -> str:
    if point.name in table:
        return (
            "" if getattr(table[point.name], "plugin", "") == point.value else "its name is taken"
        )
    try:
        decoder = point.load()
    except Exception as fault:  # whatever a stranger's module raises while it is imported
        return f"cannot be loaded: {type(fault).__name__}: {fault}"[:200]
    if not callable(decoder):
        return "is no decoder"
    table[point.name] = _Guarded(decoder, point.value)
    return ""


class _Guarded:
    """A stranger's decoder: its faults are counted like bad bytes."""

    def __init__(self, decoder: Decoder, plugin: str) -> None:
        self.decoder, self.plugin = decoder, plugin

    def __call__(
        self, payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
    ) -> Decoded:
        try:
            decoded = self.decoder(payload, received_ns, sensor, sensor_info, vertical)
        except Exception as fault:  # must not take the feed down
            return nothing(f"fault in the plugin: {type(fault).__name__}")
        if not isinstance(decoded, Decoded) or len({len(c) for c in decoded.detections}) != 1:
            return nothing("fault in the plugin: not what a decoder gives")
        return decoded
