"""Outputs of third parties: packages with an entry point in the group `windhover.deliver`.

The entry point's name is the output's kind; it names a factory `make(settings, clock) -> Output`. Whatever
it sends is counted in the same health; a `send` that raises costs that instant and no more. Each of them
states its purpose as ours do. A plugin runs in our process with our rights: install only what you trust.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

import msgspec

from windhover.deliver.airspace import AirFrame
from windhover.deliver.consumer import Output, OutputHealth, stated_purpose
from windhover.errors import BadSite

GROUP: Final = "windhover.deliver"


class PluginSettings(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="plugin", tag_field="kind"
):
    """One output that somebody else wrote."""

    name: str
    purpose: str
    plugin: str  # name of the entry point
    options: dict[str, Any] = {}


class PluginOutput:
    """A stranger's output behind a guard: it may fail, and takes nothing else down."""

    def __init__(self, settings: PluginSettings, inner: Output) -> None:
        purpose = stated_purpose(settings.name, settings.purpose)
        self.settings, self.inner = settings, inner
        inner.health.name, inner.health.purpose = settings.name, purpose
        self.health: OutputHealth = inner.health

    @property
    def address(self) -> str:
        return str(getattr(self.inner, "address", f"plugin {self.settings.plugin}"))

    def send(self, frame: AirFrame) -> None:
        """Hand the instant on; neither raises nor lets a fault through."""
        try:
            self.inner.send(frame)
        except Exception as fault:  # must not take the others down
            self.health.drop("fault in the plugin")
            self.health.last_error = f"{type(fault).__name__}: {fault}"[:200]

    async def run(self) -> None:
        """Until cancelled; an inner `run` that ends or raises is shown, and begun again after a while."""
        while True:
            try:
                await self.inner.run()
                words = "ended by itself"
            except Exception as fault:  # must not take the others down
                words = f"{type(fault).__name__}: {fault}"[:200]
            self.health.state, self.health.last_error = "waiting", words
            await asyncio.sleep(30.0)


def make(
    settings: PluginSettings,
    clock: Callable[[], int] = time.time_ns,
    found: Iterable[EntryPoint] | None = None,
) -> PluginOutput:
    """The output that the settings ask for. Raises `BadSite` where there is none or it cannot be made."""
    stated_purpose(settings.name, settings.purpose)
    points = entry_points(group=GROUP) if found is None else found
    point = next((p for p in points if p.name == settings.plugin), None)
    if point is None:
        raise BadSite(f"Output {settings.name!r}: no installed package offers {settings.plugin!r}.")
    try:
        inner = point.load()(settings, clock)
        ready = isinstance(inner.health, OutputHealth) and callable(inner.send)
    except Exception as fault:  # whatever a stranger's module raises
        raise BadSite(f"Output {settings.name!r} cannot be made: {type(fault).__name__}: {fault}.") from None  # fmt: skip
    if not ready:
        raise BadSite(f"Output {settings.name!r}: {settings.plugin!r} is no output.")
    return PluginOutput(settings, inner)
