"""Outputs that others read as files: `aircraft.json` for tar1090, a GeoJSON snapshot.

Each file is written beside its place and renamed, so that a reader never meets half of it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import msgspec

from windhover.deliver import aircraft_json, geojson
from windhover.deliver.airspace import AirFrame
from windhover.deliver.consumer import OutputHealth, stated_purpose
from windhover.errors import BadSite
from windhover.units import NS_PER_S


class FileSettings(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="file", tag_field="kind"
):
    """One folder that a consumer's web server or program reads."""

    name: str
    purpose: str
    folder: str
    form: Literal["aircraft_json", "geojson"]
    every_s: float = 1.0


HISTORY_EVERY_NS: Final = 30 * NS_PER_S
HISTORY_KEPT: Final = 120
"""As readsb and dump1090: an hour, from which a map that is opened now draws its trails."""


class FileOutput:
    """Writes `aircraft.json`, its history and `receiver.json`, or `picture.geojson`, anew every `every_s`."""

    def __init__(self, settings: FileSettings, clock: Callable[[], int] = time.time_ns) -> None:
        """Raises `BadSite` without a purpose, or where the folder cannot be written or is a receiver's own."""
        purpose = stated_purpose(settings.name, settings.purpose)
        self.settings, self.clock = settings, clock
        self.folder = Path(settings.folder)
        self.health = OutputHealth(settings.name, settings.form, purpose, "up")
        self._written_ns = -(1 << 62)
        self._told = 0
        self._told_of: dict[int, int] = {}  # track → how often it was written
        self._kept, self._kept_ns = (
            0,
            -(1 << 62),
        )  # pieces of history ever written, and the last one
        self._origin: tuple[float, float, float] | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self._is_a_receivers():
                raise BadSite(
                    f"Output {settings.name!r}: {self.folder} holds another program's aircraft.json.",
                    "Name a folder of its own: what lies there would be overwritten.",
                )
            self._take_away()  # what a run that was killed has left
        except OSError as fault:
            raise BadSite(f"Output {settings.name!r} cannot write to {self.folder}: {fault}.") from None  # fmt: skip

    @property
    def address(self) -> str:
        return f"file:{self.folder}"

    def send(self, frame: AirFrame) -> None:
        """Write the file if it is due; a disk that does not take it is counted."""
        if frame.now_ns - self._written_ns < self.settings.every_s * NS_PER_S * 0.95:
            return
        self._written_ns = frame.now_ns
        try:
            if self.settings.form == "aircraft_json":
                self._aircraft(frame)
            else:
                self._write("picture.geojson", geojson.render(frame))
        except OSError as fault:
            self.health.drop("not written")
            self.health.state, self.health.last_error = "waiting", str(fault)[:200]
            return
        self._told += len(frame.objects)
        self.health.sent += 1
        self.health.state, self.health.last_sent_ns = "up", self.clock()

    def _aircraft(self, frame: AirFrame) -> None:
        body = aircraft_json.render(frame, self._told, self._told_of)
        self._write("aircraft.json", body)
        self._told_of = {o.track_id: 1 + self._told_of.get(o.track_id, 0) for o in frame.objects}
        due = frame.now_ns - self._kept_ns >= HISTORY_EVERY_NS
        if due:
            self._write(f"history_{self._kept % HISTORY_KEPT}.json", body)
            self._kept, self._kept_ns = self._kept + 1, frame.now_ns
        if due or frame.origin != self._origin:
            self._origin = frame.origin
            self._describe()

    def _describe(self) -> None:
        history = min(self._kept, HISTORY_KEPT)
        self._write(
            "receiver.json", aircraft_json.receiver(self.settings.every_s, history, self._origin)
        )

    def _is_a_receivers(self) -> bool:
        """Whether a program that is not Windhover writes aircraft into this folder."""
        told = self.folder / "receiver.json"
        if self.settings.form != "aircraft_json":
            return False
        if told.exists():
            return b'"windhover"' not in told.read_bytes()
        return (self.folder / "aircraft.json").exists()

    def _take_away(self) -> None:
        """Nothing old may be taken for the present."""
        if self.settings.form == "geojson":
            (self.folder / "picture.geojson").unlink(missing_ok=True)
            return
        for name in ("aircraft", *(f"history_{number}" for number in range(HISTORY_KEPT))):
            (self.folder / f"{name}.json").unlink(missing_ok=True)
        self._kept = 0
        self._describe()

    def _write(self, name: str, body: bytes) -> None:
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as part:
            part.write(body)
        path = Path(part.name)
        path.chmod(0o644)  # a web server under another account reads it
        path.replace(self.folder / name)

    async def run(self) -> None:
        """Until cancelled; then the file says nothing old: it is taken away."""
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.health.state, self.health.words = "off", "stopped"
            with suppress(OSError):
                self._take_away()
