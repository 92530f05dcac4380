"""One instant of the picture as those who look on from outside get it: objects, sensors, nothing else.

Every output makes its bytes from an `AirFrame`, so what leaves the house is decided here once: tracks
that are confirmed or coasting, what they are said to be, how sure that is in words, and what they say of
themselves. Clutter stays in and is counted. There is no field for an intention.
"""

from __future__ import annotations

from math import atan2, degrees, nan, pi, sqrt
from typing import Final

import msgspec
import numpy as np

from windhover.geo.ellipsoid import ECCENTRICITY_SQUARED, SEMI_MAJOR_M
from windhover.geo.frames import from_enu
from windhover.identities.words import SHORT_WORDS, adverb
from windhover.picture import Picture
from windhover.schema.batches import ATTRIBUTES, CLASSES, F64, I8, MOTIONS, TrackStatus
from windhover.schema.reports import Cooperative

EXERCISE: Final = "EXERCISE / EJERCICIO"
HEIGHT_KNOWN_SIGMA_M: Final = 300.0
"""A height less sure than this is not told: a 2-D radar knows none."""
RATE_KNOWN_SIGMA_M_S: Final = 10.0
STANDS_BELOW_M_S: Final = 1.5
_DRONE: Final = CLASSES.index("drone")


class AirSensor(msgspec.Struct, frozen=True):
    """One of the site's sensors."""

    name: str
    kind: str
    latitude_rad: float
    longitude_rad: float
    height_ellipsoid_m: float


class AirObject(msgspec.Struct, frozen=True):
    """One object that is held now."""

    track_id: int
    time_ns: int  # the instant that position and velocity speak of, UTC
    born_ns: int
    hit_ns: int  # last plot
    latitude_rad: float
    longitude_rad: float
    height_ellipsoid_m: float  # NaN = not known
    velocity_enu_m_s: tuple[
        float, float, float
    ]  # at the object's own place; up is NaN if not known
    covariance_m2: tuple[float, float, float, float]  # east², north², up², east·north
    said: str  # of CLASSES
    probability: float  # of what is said
    motion: str  # of MOTIONS
    words: str  # the same for people, in English
    drone_probability: float = 0.0  # whatever is said
    coasting: bool = False
    stands: bool = False  # keeps its place over the ground
    cooperative: bool = False  # says who it is
    friend: bool = False  # a flight on file explains it
    dark: bool = False
    scheme: str = ""  # of the claim: "icao", "remote_id", "uas_registration", "callsign", "cot"
    identifier: str = ""
    callsign: str = ""
    category: str = ""  # ADS-B emitter category, or "UAS"
    squawk: str = ""
    operator: tuple[float, float] | None = None  # latitude_rad, longitude_rad, as the drone says
    sensors: tuple[str, ...] = ()  # that held it in the last 30 s
    existence: float = 1.0  # probability that there is an object at all
    class_probability: tuple[float, ...] = ()  # over CLASSES
    motion_probability: tuple[float, ...] = ()  # over MOTIONS

    @property
    def track_deg(self) -> float:
        """Course over the ground, clockwise from true north."""
        return degrees(atan2(self.velocity_enu_m_s[0], self.velocity_enu_m_s[1])) % 360.0


class AirIncident(msgspec.Struct, frozen=True):
    """An incident that is open now."""

    id: str
    opened_ns: int
    exposure: str  # X0 … X3
    words: str  # for people, in English
    tracks: tuple[tuple[int, int], ...] = ()  # of its objects that are held: track and birth


class AirFrame(msgspec.Struct, frozen=True):
    """All objects of one instant."""

    site: str
    exercise: bool
    now_ns: int
    objects: tuple[AirObject, ...]
    sensors: tuple[AirSensor, ...] = ()
    withheld: dict[str, int] = {}  # why → how many tracks are not told
    undulation_m: float | None = None  # ellipsoid → mean sea level
    origin: tuple[float, float, float] | None = (
        None  # of the sector: rad, rad, m above the ellipsoid
    )
    incidents: tuple[AirIncident, ...] = ()


def ellipse(covariance_m2: tuple[float, float, float, float]) -> tuple[float, float, float]:
    """One-sigma semi-axes in m (longer first), and the longer one's direction clockwise from north, rad.

    >>> major, minor, direction = ellipse((9.0, 4.0, 1.0, 0.0))
    >>> major, minor, round(direction, 6)
    (3.0, 2.0, 1.570796)
    """
    east, north, _, cross = covariance_m2
    middle, half = (east + north) / 2.0, sqrt(((east - north) / 2.0) ** 2 + cross**2)
    direction = (pi / 2.0 - 0.5 * atan2(2.0 * cross, east - north)) % pi
    return sqrt(max(middle + half, 0.0)), sqrt(max(middle - half, 0.0)), direction


def frame_of(picture: Picture) -> AirFrame:
    """What the picture says now. Cost: some microseconds a track; nothing is kept of the picture."""
    site, held, known = picture.site, picture.tracks, picture.identities
    row_of = {track_id: row for row, track_id in enumerate(known.track_id.tolist())}
    latitude, longitude, height = from_enu(picture.ground.frame, held.state_enu[:, :3])
    # The velocity is turned to the object's own east, north, up: at the rim of a sector they differ.
    ahead = from_enu(picture.ground.frame, held.state_enu[:, :3] + held.state_enu[:, 3:])
    north = (ahead[0] - latitude) * _meridian_m(latitude)
    turned = (ahead[1] - longitude + pi) % (2.0 * pi) - pi
    east = turned * _parallel_m(latitude)
    climb = ahead[2] - height
    born_ns = dict(zip(held.track_id.tolist(), held.born_ns.tolist(), strict=True))
    objects: list[AirObject] = []
    withheld: dict[str, int] = {}
    for row, track_id in enumerate(held.track_id.tolist()):
        said_row = row_of.get(track_id)
        reason = _why_not(int(held.status[row]), said_row, known.said)
        if reason or said_row is None:
            withheld[reason] = withheld.get(reason, 0) + 1
            continue
        covariance = held.covariance_enu[row]
        said = CLASSES[known.said[said_row]]
        probability = float(np.exp(known.log_probability[said_row, known.said[said_row]]))
        motion = MOTIONS[known.said_motion[said_row]]
        flags = dict(zip(ATTRIBUTES, (known.attributes[said_row] == 1).tolist(), strict=True))
        claim = _claim(picture, int(held.claimed_id[row]), float(held.claim_weight[row]))
        speed = float(np.hypot(east[row], north[row]))
        told_height = covariance[2, 2] <= HEIGHT_KNOWN_SIGMA_M**2
        told_rate = told_height and covariance[5, 5] <= RATE_KNOWN_SIGMA_M_S**2
        objects.append(
            AirObject(
                track_id=track_id,
                time_ns=int(held.time_ns[row]),
                born_ns=int(held.born_ns[row]),
                hit_ns=int(held.hit_ns[row]),
                latitude_rad=float(latitude[row]),
                longitude_rad=float(longitude[row]),
                height_ellipsoid_m=float(height[row]) if told_height else nan,
                velocity_enu_m_s=(
                    float(east[row]),
                    float(north[row]),
                    float(climb[row]) if told_rate else nan,
                ),
                covariance_m2=(
                    float(covariance[0, 0]),
                    float(covariance[1, 1]),
                    float(covariance[2, 2]),
                    float(covariance[0, 1]),
                ),
                said=said,
                probability=probability,
                motion=motion,
                words=_words(said, probability, motion),
                drone_probability=float(np.exp(known.log_probability[said_row, _DRONE])),
                coasting=int(held.status[row]) == TrackStatus.COASTING,
                stands=speed < STANDS_BELOW_M_S and motion != "with the air",
                cooperative=flags["cooperative"],
                friend=flags["friend"],
                dark=flags["dark"],
                scheme=claim.scheme if claim else "",
                identifier=claim.identifier if claim else "",
                callsign=claim.callsign if claim else "",
                category=claim.category if claim else "",
                squawk=claim.squawk if claim else "",
                operator=_operator(claim),
                sensors=tuple(
                    s.name
                    for i, s in enumerate(site.sensors)
                    if int(held.sensors[row]) >> (i % 63) & 1
                ),
                existence=float(held.existence[row]),
                class_probability=tuple(np.exp(known.log_probability[said_row]).tolist()),
                motion_probability=tuple(np.exp(known.motion_log_probability[said_row]).tolist()),
            )
        )
    return AirFrame(
        site=site.name,
        exercise=site.exercise,
        now_ns=picture.now_ns,
        objects=tuple(objects),
        sensors=tuple(
            AirSensor(
                s.name,
                s.kind,
                s.position.latitude_rad,
                s.position.longitude_rad,
                s.height_ellipsoid_m,
            )
            for s in site.sensors
        ),
        withheld=withheld,
        undulation_m=site.sector.vertical.undulation_m,
        origin=(
            site.sector.origin.latitude_rad,
            site.sector.origin.longitude_rad,
            site.sector.origin_height_ellipsoid_m,
        ),
        incidents=tuple(
            AirIncident(
                one.id,
                one.opened_ns,
                one.exposure,
                one.why.en,
                tuple((track, born_ns[track]) for track in one.track_ids if track in born_ns),
            )
            for one in picture.incidents.incidents
            if one.state == "open"
        ),
    )


def _why_not(status: int, said_row: int | None, said: I8) -> str:
    if status == TrackStatus.TENTATIVE or said_row is None:
        return "tentative"
    return "clutter" if CLASSES[said[said_row]] == "clutter" else ""


def _words(said: str, probability: float, motion: str) -> str:
    if said == "unknown":
        return f"Not yet known; moves {motion}" if motion != "undetermined" else "Not yet known"
    certainty = adverb(probability).en.capitalize()
    moves = "" if motion == "undetermined" else f"; moves {motion}"
    return f"{certainty} {SHORT_WORDS[said].en}{moves}"


def _claim(picture: Picture, claimed_id: int, weight: float) -> Cooperative | None:
    """What the object says of itself, where most of its plots carry that claim."""
    return picture.minds.claims.get(claimed_id) if claimed_id and weight >= 0.5 else None


def _operator(claim: Cooperative | None) -> tuple[float, float] | None:
    if claim is None or claim.operator_latitude_rad is None or claim.operator_longitude_rad is None:
        return None
    return claim.operator_latitude_rad, claim.operator_longitude_rad


def _meridian_m(latitude_rad: F64) -> F64:
    """(N,) metres for each radian of latitude."""
    bend: F64 = 1.0 - ECCENTRICITY_SQUARED * np.sin(latitude_rad) ** 2
    return SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / bend**1.5


def _parallel_m(latitude_rad: F64) -> F64:
    """(N,) metres for each radian of longitude."""
    bend: F64 = 1.0 - ECCENTRICITY_SQUARED * np.sin(latitude_rad) ** 2
    return SEMI_MAJOR_M / np.sqrt(bend) * np.cos(latitude_rad)
