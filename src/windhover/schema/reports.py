"""What arrives that is not a position: claims of cooperative objects, class reports, sightings, replies.

Frozen structs, one tagged union `Report`. All of them are recorded before they touch the picture.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Cooperative(msgspec.Struct, frozen=True, tag=True):
    """What an object says of itself beside its position (ADS-B, Mode S, Remote ID). A claim, never proof."""

    time_ns: int
    received_ns: int
    sensor: int
    claimed_id: int  # schema.batches.claim_id(scheme, identifier)
    scheme: Literal["icao", "remote_id", "uas_registration", "callsign", "cot"]
    identifier: str
    callsign: str = ""
    category: str = (
        ""  # ADS-B emitter category as its two characters, "A1" … "C7"; "UAS" for Remote ID
    )
    squawk: str = ""
    ground_speed_m_s: float | None = None
    track_rad: float | None = None
    vertical_rate_m_s: float | None = None
    operator_latitude_rad: float | None = None
    operator_longitude_rad: float | None = None
    on_ground: bool = False


class ClassReport(msgspec.Struct, frozen=True, tag=True):
    """A camera, microphone or radar classifier says what it sees."""

    time_ns: int
    received_ns: int
    sensor: int
    azimuth_rad: float | None
    elevation_rad: float | None
    log_likelihood: dict[str, float]  # class name → natural logarithm
    source: str = ""


class RadioPresence(msgspec.Struct, frozen=True, tag=True):
    """An RF sensor hears a control or video link; content is not decoded."""

    time_ns: int
    received_ns: int
    sensor: int
    azimuth_rad: float | None
    sigma_azimuth_rad: float
    emission: str = "control_link"


Movement = Literal["", "still", "slow", "steady", "fast", "erratic"]
"""`steady` and `fast` cross the sky; `erratic` goes to and fro about one place."""
Lights = Literal["", "none", "steady", "flashing", "coloured"]
Sound = Literal["", "none", "buzzing", "engine", "other"]


class Sighting(msgspec.Struct, frozen=True, tag=True):
    """A person saw something, from somewhere, in some direction."""

    time_ns: int
    received_ns: int
    observer: str
    latitude_rad: float
    longitude_rad: float
    azimuth_rad: float | None = None
    elevation_rad: float | None = None
    words: str = ""
    duration_s: float | None = None  # how long it was seen
    movement: Movement = ""  # "" = not told, of this and the next two
    lights: Lights = ""
    sound: Sound = ""
    landmarks: str = ""  # what it stood over or beside


class SensorState(msgspec.Struct, frozen=True, tag=True):
    """A sensor came, went, or changed its settings: silence only counts while it listens."""

    time_ns: int
    received_ns: int
    sensor: int
    listening: bool
    words: str = ""


class Delivery(msgspec.Struct, frozen=True, tag=True):
    """What became of one attempt to hand a notice to a party's channel."""

    time_ns: int
    received_ns: int
    notice_id: str
    delivered: bool
    words: str = ""
    journal_head: str = ""  # that the message carried: the party is a witness to it


Report = Cooperative | ClassReport | RadioPresence | Sighting | SensorState | Delivery


class Reports(msgspec.Struct, frozen=True, tag=True):
    """A batch of reports, in the order of their arrival."""

    items: tuple[Report, ...]
    rejected: dict[str, int] = {}  # reason → how many the decoder refused
