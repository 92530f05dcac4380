"""What the caller of `read_recording` wants of a file."""

from __future__ import annotations

from typing import NamedTuple

from windhover.feeds.sniff import Sniffed
from windhover.schema.place import Sensor, Vertical


class Asked(NamedTuple):
    """Handed to every reader beside the bytes."""

    name: str  # of the file, for words
    sniffed: Sniffed  # what it was taken for, and why
    vertical: Vertical | None  # the site's; None = the recording's own reference
    first_sensor: int  # number of its first sensor
    hide_ids: bool
    site_sensors: tuple[Sensor, ...]
    place: tuple[float, float, float] | None = None  # of an instrument whose file tells none:
    # latitude and longitude in degrees, elevation above mean sea level in m or NaN
    near: tuple[float, float] | None = None  # degrees: of a forecast only what lies around
    received_ns: int | None = (
        None  # of what came just now: about when it is from, where it does not say
    )

    def of_kind(self, kind: str) -> Asked:
        """The same where the content told more than the file's beginning."""
        return self._replace(sniffed=self.sniffed._replace(kind=kind))
