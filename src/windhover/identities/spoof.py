"""Whether a Remote ID claim can be what it says: its clock, its places, its operator.

Remote ID is signed by nobody in most of the world (ASTM F3411-22a leaves authentication optional), so
anybody can send any serial number from anywhere. Four things that a forged or replayed claim gets
wrong and an honest one hardly ever does:

- its clock stands still while messages keep coming (a recording played in a loop);
- the same serial number is at two places at once;
- it jumps farther than any small drone flies in that time;
- its operator stands farther away than a small drone's link reaches, or at 0° N 0° E.

A doubt is kept for `DOUBTED_NS` and lessens what the claim counts; it accuses nobody: a broken clock
and a bad antenna make the same. ADS-B is left out: there two receivers' errors look the same.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from windhover.geo.frames import Frame, to_enu
from windhover.schema.batches import F64, I64, Detections, Kind, Tracks
from windhover.schema.cases import Words
from windhover.schema.place import Sensor
from windhover.schema.reports import Cooperative
from windhover.timescale import EARLIEST_NS

FROZEN_NS: Final = 3 * 10**9
"""Messages that came over this time with one and the same measured time: its clock stands still."""
FROZEN_MESSAGES: Final = 4
APART_M: Final = 500.0
"""Two tracks with one serial number this far apart are two senders."""
TOGETHER_NS: Final = 5 * 10**9
OPERATOR_WITHIN_M: Final = 20_000.0
"""Links of camera drones are sold for 10 to 20 km over open ground."""
FASTEST_M_S: Final = 100.0
JUMP_M: Final = 400.0
DOUBTED_NS: Final = 600 * 10**9

FROZEN, TWO_PLACES, JUMPED, OPERATOR_FAR = 1, 2, 4, 8
"""Bits of a doubt."""
WORDS: Final = {
    FROZEN: Words("its clock stands still", "su reloj está parado"),
    TWO_PLACES: Words(
        "the same serial number is at two places at once",
        "el mismo número de serie está en dos lugares a la vez",
    ),
    JUMPED: Words(
        "it jumps farther than a small drone flies",
        "salta más lejos de lo que vuela un dron pequeño",
    ),
    OPERATOR_FAR: Words(
        "its operator would stand out of reach", "su operador estaría fuera de alcance"
    ),
}


class Watch(msgspec.Struct, frozen=True):
    """What is remembered of one claim's messages and places."""

    time_ns: int = EARLIEST_NS  # measured time of its newest message
    since_ns: int = EARLIEST_NS  # when that measured time was first received
    messages: int = 0  # with that measured time
    place_ns: int = EARLIEST_NS  # of its newest place
    east_m: float = 0.0  # that place in the sector's frame
    north_m: float = 0.0
    frozen_ns: int = EARLIEST_NS  # when it was last found so
    two_places_ns: int = EARLIEST_NS
    jumped_ns: int = EARLIEST_NS


def hear(watch: Watch, claim: Cooperative) -> Watch:
    """After one more message."""
    if claim.time_ns != watch.time_ns:
        return msgspec.structs.replace(
            watch, time_ns=claim.time_ns, since_ns=claim.received_ns, messages=1
        )
    messages = watch.messages + 1
    stands = messages >= FROZEN_MESSAGES and claim.received_ns - watch.since_ns >= FROZEN_NS
    return msgspec.structs.replace(
        watch,
        messages=messages,
        frozen_ns=claim.received_ns if stands else watch.frozen_ns,
    )


def place(watch: Watch, time_ns: int, east_m: float, north_m: float) -> Watch:
    """After one more place that it claims."""
    jumped_ns = watch.jumped_ns
    if watch.place_ns != EARLIEST_NS:
        away = float(np.hypot(east_m - watch.east_m, north_m - watch.north_m))
        elapsed_s = max(time_ns - watch.place_ns, 0) * 1e-9
        if away > JUMP_M + FASTEST_M_S * elapsed_s:
            jumped_ns = time_ns
    return msgspec.structs.replace(
        watch,
        place_ns=max(time_ns, watch.place_ns),
        east_m=east_m,
        north_m=north_m,
        jumped_ns=jumped_ns,
    )


def watch_places(
    watches: dict[int, Watch], detections: Detections, sensors: tuple[Sensor, ...], frame: Frame
) -> None:
    """Every place that Remote ID receivers brought, into `watches`."""
    if not detections.n:
        return
    remote_id = np.array([s.kind == "remote_id" for s in sensors] or [False])
    mine = remote_id[np.clip(detections.sensor, 0, len(remote_id) - 1)]
    mine &= (detections.claimed_id != 0) & (detections.kind == Kind.POSITION)
    for row in np.flatnonzero(mine).tolist():
        latitude, longitude = detections.value[row, 0], detections.value[row, 1]
        enu = to_enu(frame, latitude, longitude, np.float64(0.0))
        claimed = int(detections.claimed_id[row])
        watches[claimed] = place(
            watches.get(claimed, Watch()),
            int(detections.time_ns[row]),
            float(enu[0]),
            float(enu[1]),
        )


def watch_pairs(
    watches: dict[int, Watch], claims: dict[int, Cooperative], tracks: Tracks, now_ns: int
) -> None:
    """Tracks that carry one Remote ID serial number at two places now, into `watches`."""
    spoken: I64 = np.flatnonzero(
        (tracks.claimed_id != 0)
        & (tracks.claim_weight >= 0.5)
        & (tracks.hit_ns >= now_ns - TOGETHER_NS)
    )
    ids, counts = np.unique(tracks.claimed_id[spoken], return_counts=True)
    for claimed in ids[counts > 1].tolist():
        if claimed not in claims or not is_remote_id(claims[claimed]):
            continue
        where: F64 = tracks.state_enu[spoken[tracks.claimed_id[spoken] == claimed], :2]
        if float(np.ptp(where, axis=0).max()) > APART_M:
            watches[claimed] = msgspec.structs.replace(
                watches.get(claimed, Watch()), two_places_ns=now_ns
            )


def is_remote_id(claim: Cooperative) -> bool:
    return claim.scheme in ("remote_id", "uas_registration")


def doubts(watch: Watch, claim: Cooperative, frame: Frame, position_enu: F64, now_ns: int) -> int:
    """Bits of what speaks against a claim of a track at position_enu (3,); 0 = nothing."""
    if not is_remote_id(claim):
        return 0
    found = 0
    for bit, when_ns in (
        (FROZEN, watch.frozen_ns),
        (TWO_PLACES, watch.two_places_ns),
        (JUMPED, watch.jumped_ns),
    ):
        if when_ns > now_ns - DOUBTED_NS:
            found |= bit
    latitude, longitude = claim.operator_latitude_rad, claim.operator_longitude_rad
    if latitude is not None and longitude is not None:
        enu = to_enu(frame, np.float64(latitude), np.float64(longitude), np.float64(0.0))
        if float(np.hypot(enu[0] - position_enu[0], enu[1] - position_enu[1])) > OPERATOR_WITHIN_M:
            found |= OPERATOR_FAR
    return found


def words(bits: int) -> Words | None:
    """The doubts in words; None without any."""
    told = [said for bit, said in WORDS.items() if bits & bit]
    if not told:
        return None
    return Words(", and ".join(w.en for w in told), ", y ".join(w.es for w in told))
