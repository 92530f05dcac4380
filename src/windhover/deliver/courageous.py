"""Trial log of counter-drone test campaigns (COURAGEOUS, CWA 18150), log format 0.4.1.

Tracks become the log's tracks, one record each `every_s`; plots become its detection sets, one for each
sensor. The alarm is active while an object is said to be a drone; its certainty is the probability of
that, whatever is said. Heights are above mean sea level: without the site's undulation a position is
given in two dimensions, and the system's own place, which the format wants in three, cannot be given at
all. A sensor's bearing stays a bearing.

The format's vocabulary is UAV, GCS, Other and Unknown: aircraft, balloons, birds and kites are "Other", and
what they are said to be stands in `identification`. In an exercise the system's name and every
identification say so.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from math import degrees, isnan
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from windhover.deliver.airspace import EXERCISE, AirFrame, AirObject, AirSensor
from windhover.deliver.consumer import OutputHealth, stated_purpose
from windhover.errors import BadSite
from windhover.geo.frames import frame_at, from_enu
from windhover.schema.batches import Detections, Kind
from windhover.units import NS_PER_S

VERSION: Final = "0.4.1"
MAX_RECORDS: Final = 2_000_000
CLASSIFICATION: Final = {"drone": "UAV", "unknown": "Unknown"}


class CourageousSettings(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="courageous", tag_field="kind"
):
    """One trial."""

    name: str
    purpose: str
    path: str  # the log, a .json file
    vendor_name: str
    system_name: str = "Windhover"
    every_s: float = 1.0
    operators: bool = False  # personal data: where drones say that their operators stand
    save_s: float = 60.0


class TrialLog:
    """The log in the making: records are kept as their JSON, in order of time."""

    def __init__(self, first: AirFrame, settings: CourageousSettings) -> None:
        """`first` says whose log it is. Raises `BadSite` where the site does not state its undulation."""
        if first.undulation_m is None or first.origin is None:
            raise BadSite(
                "A trial log needs heights above mean sea level, and the site does not state its undulation.",
                "Set undulation_m in the site's sector.",
            )
        self.exercise, self.sensors, self.settings = first.exercise, first.sensors, settings
        self.undulation_m, self.origin = first.undulation_m, first.origin
        self.records = 0
        self.left_out = 0  # did not fit MAX_RECORDS
        self._tracks: dict[tuple[int, str], list[bytes]] = {}  # (track, "" or "GCS") → records
        self._plots: dict[int, list[bytes]] = {}  # sensor → records
        self._told_ns: dict[int, int] = {}

    def add(self, frame: AirFrame) -> int:
        """One instant; how many records it gave."""
        before = self.records
        every_ns = round(self.settings.every_s * NS_PER_S)
        for thing in frame.objects:
            if thing.time_ns - self._told_ns.get(thing.track_id, -(1 << 62)) < every_ns * 19 // 20:
                continue
            self._told_ns[thing.track_id] = thing.time_ns
            self._keep(self._tracks.setdefault((thing.track_id, ""), []), self._track(thing))
            if self.settings.operators and thing.operator is not None:
                self._keep(self._tracks.setdefault((thing.track_id, "GCS"), []), self._gcs(thing))
        return self.records - before

    def add_plots(self, plots: Detections) -> int:
        """Plots of any sensors; how many records they gave."""
        before = self.records
        for row in range(plots.n):
            sensor = int(plots.sensor[row])
            if 0 <= sensor < len(self.sensors):
                made = self._plot(plots, row, self.sensors[sensor])
                self._keep(self._plots.setdefault(sensor, []), made)
        return self.records - before

    def _keep(self, where: list[bytes], record: dict[str, Any]) -> None:
        if self.records >= MAX_RECORDS:
            self.left_out += 1
            return
        record["record_number"] = self.records
        self.records += 1
        where.append(msgspec.json.encode(record))

    def _marked(self, words: str) -> str:
        return f"{EXERCISE} {words}" if self.exercise else words

    def _track(self, thing: AirObject) -> dict[str, Any]:
        east, north, up = thing.velocity_enu_m_s
        made: dict[str, Any] = {
            "time": thing.time_ns // 1_000_000,
            "classification": CLASSIFICATION.get(thing.said, "Other"),
            "identification": self._marked(thing.words),
            "alarm": {
                "active": thing.said == "drone",
                "certainty": round(min(max(thing.drone_probability, 0.0), 1.0), 3),
            },
            "location": self._place(
                thing.latitude_rad, thing.longitude_rad, thing.height_ellipsoid_m
            ),
        }
        if not isnan(up):
            made["velocity"] = {
                "east": round(east, 3),
                "north": round(north, 3),
                "up": round(up, 3),
            }
        return made

    def _gcs(self, thing: AirObject) -> dict[str, Any]:
        assert thing.operator is not None
        return {
            "time": thing.time_ns // 1_000_000,
            "classification": "GCS",
            "identification": self._marked("where the drone says its operator stands"),
            "alarm": {
                "active": False,
                "certainty": round(min(max(thing.drone_probability, 0.0), 1.0), 3),
            },
            "location": self._place(*thing.operator, float("nan")),
        }

    def _plot(self, plots: Detections, row: int, sensor: AirSensor) -> dict[str, Any]:
        first, second, third = plots.value[row].tolist()
        kind = Kind(int(plots.kind[row]))
        match kind:
            case Kind.POSITION:
                where = self._place(first, second, third)
            case Kind.RANGE_AZIMUTH_ELEVATION:
                where = {
                    "$type": "BearingElevationDistance",
                    "bearing": _bearing(second),
                    "elevation": degrees(third),
                    "distance": first,
                }
            case Kind.RANGE_AZIMUTH | Kind.GROUND_RANGE_AZIMUTH:
                # The format has no bearing with a distance alone: two dimensions, without the height.
                stands = frame_at(
                    sensor.latitude_rad,
                    sensor.longitude_rad,
                    sensor.height_ellipsoid_m,
                )
                offset = np.array([first * np.sin(second), first * np.cos(second), 0.0])
                latitude, longitude, _ = from_enu(stands, offset)
                where = self._place(float(latitude), float(longitude), float("nan"))
            case Kind.AZIMUTH:
                where = {"$type": "Bearing", "bearing": _bearing(first)}
            case Kind.AZIMUTH_ELEVATION:
                where = {
                    "$type": "BearingElevation",
                    "bearing": _bearing(first),
                    "elevation": degrees(second),
                }
        made: dict[str, Any] = {
            "time": int(plots.time_ns[row]) // 1_000_000,
            "classification": "Unknown",
            "location": where,
        }
        if kind != Kind.POSITION:
            made["cuas_location"] = self._stands(
                sensor.latitude_rad, sensor.longitude_rad, sensor.height_ellipsoid_m
            )
        return made

    def _place(
        self, latitude_rad: float, longitude_rad: float, height_ellipsoid_m: float
    ) -> dict[str, Any]:
        if isnan(height_ellipsoid_m):
            return {
                "$type": "Position2d",
                "lat": degrees(latitude_rad),
                "lon": degrees(longitude_rad),
            }
        return {"$type": "Position3d"} | self._stands(
            latitude_rad, longitude_rad, height_ellipsoid_m
        )

    def _stands(
        self, latitude_rad: float, longitude_rad: float, height_ellipsoid_m: float
    ) -> dict[str, float]:
        return {
            "lat": degrees(latitude_rad),
            "lon": degrees(longitude_rad),
            "height_amsl": round(height_ellipsoid_m - self.undulation_m, 2),
        }

    def to_json(self) -> bytes:
        """The whole log."""
        raw = msgspec.Raw
        document = {
            "version": VERSION,
            "vendor_name": self.settings.vendor_name,
            "system_name": self._marked(self.settings.system_name),
            "static_cuas_location": self._stands(*self.origin),
            "detection": [
                {
                    "name": self._marked(self.sensors[sensor].name),
                    "records": [raw(r) for r in records],
                }
                for sensor, records in self._plots.items()
            ],
            "tracks": [
                {
                    "uas_id": track_id,
                    "name": self._marked(f"T{track_id}{' ' + what if what else ''}"),
                    "records": [raw(r) for r in records],
                }
                for (track_id, what), records in self._tracks.items()
            ],
        }
        return msgspec.json.encode(document)


def _bearing(azimuth_rad: float) -> float:
    return degrees(azimuth_rad) % 360.0


class CourageousOutput:
    """Keeps a trial's log, saved whole every `save_s` and at the end."""

    def __init__(
        self, settings: CourageousSettings, clock: Callable[[], int] = time.time_ns
    ) -> None:
        """Raises `BadSite` without a purpose, or a folder that can be written."""
        purpose = stated_purpose(settings.name, settings.purpose)
        self.settings, self.clock = settings, clock
        self.health = OutputHealth(settings.name, "courageous", purpose, "up")
        self.log: TrialLog | None = None  # begins with the first instant
        self.path = Path(settings.path)
        self._saved_ns = -(1 << 62)
        if not self.path.parent.is_dir():
            raise BadSite(f"There is no folder {self.path.parent} for the trial's log.")

    @property
    def address(self) -> str:
        return f"file:{self.path}"

    def send(self, frame: AirFrame) -> None:
        """One instant into the log; neither blocks for long nor raises."""
        try:
            log = self.log = self.log or TrialLog(frame, self.settings)
        except BadSite as fault:
            self.health.state, self.health.words = "off", f"off: {fault}"
            self.health.drop("no datum", len(frame.objects))
            return
        before = log.left_out
        self.health.sent += log.add(frame)
        self.health.drop("log full", log.left_out - before)
        self.health.last_sent_ns = self.clock()
        if frame.now_ns - self._saved_ns >= self.settings.save_s * NS_PER_S:
            self._saved_ns = frame.now_ns
            self.save()

    def save(self) -> None:
        """Write the log as it is; a disk that does not take it is shown and tried again."""
        if self.log is None:
            return
        try:
            with tempfile.NamedTemporaryFile(
                dir=self.path.parent, suffix=".part", delete=False
            ) as part:
                part.write(self.log.to_json())
            Path(part.name).replace(self.path)
        except OSError as fault:
            self.health.state, self.health.last_error = "waiting", str(fault)[:200]
        else:
            self.health.state = "up"

    async def run(self) -> None:
        """Until cancelled; the last records are saved then."""
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.save()
            self.health.state, self.health.words = "off", "stopped"
