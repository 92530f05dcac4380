"""Mode S and ADS-B frames → positions and claims. rs1090 reads the bits and resolves the positions.

Sources: ICAO Annex 10 vol. IV; RTCA DO-260B. What is put right here or added:
- rs1090 0.7 has the source of the vertical rate reversed: it is read from the frame itself (ME bit 36,
  `es_frame`: 0 = geometric, 1 = barometric).
- It does not check the checksum of DF 18 (TIS-B, ADS-R, vehicles on the ground): that is done here.
- Height above the ellipsoid = barometric altitude + the latest "geometric minus barometric" difference of
  the same aircraft, no older than 10 s; type codes 20–22 carry it directly, in metres.
- Frames whose address is only XORed into the checksum (DF 4, 5, 20, 21) count only for addresses that a
  frame with a checkable checksum has shown.
- Frames that stand for a multilateration result (Beast marks them) give positions with their own error, and
  nothing that the aircraft says; those of TIS-B claim nothing (`told_by`).
- Comm-B replies (DF 20, 21) become winds in `ehs`.
"""

from __future__ import annotations

from collections import Counter
from math import hypot, nan
from typing import Any, Final, NamedTuple

import numpy as np
import rs1090

from windhover.detections import beast
from windhover.detections.decoded import (
    Decoded,
    count,
    position_fault,
    positions,
    seconds_to_ns,
    time_fault,
)
from windhover.detections.ehs import AirData, Sample, number, wind_of
from windhover.detections.es_frame import (
    epu_m,
    is_frame,
    is_tisb,
    names_its_transponder,
    names_itself,
    parity,
)
from windhover.detections.heights import ellipsoid_from_baro_m, sigma_from_baro_m
from windhover.detections.plausible import jump, without_copies
from windhover.detections.readsb import NACP_EPU_M
from windhover.detections.told_by import SIGMA_OTHERS_M
from windhover.schema.batches import Detections, claim_id
from windhover.schema.place import Sensor, Vertical
from windhover.schema.reports import Cooperative, Report
from windhover.units import M_PER_FT, M_S_PER_FT_MIN, M_S_PER_KT, NS_PER_S, RAD_PER_DEG

DIFFERENCE_MAX_AGE_NS: Final = 10 * NS_PER_S
MEMORY_NS: Final = 20 * NS_PER_S
"""Position frames pair within 10 s; a batch needs the frames of a little more before it."""
REPORT_EVERY_NS: Final = 5 * NS_PER_S
SIGMA_TIME_S: Final = 0.1
SIGMA_HEIGHT_M: Final = 15.0
_SIGMAS_95_CIRCLE: Final = 2.4477
_WANTED_DF: Final = (5, 17, 18, 20, 21)


class Memory(NamedTuple):
    """What a live receiver's decoder carries from one batch to the next."""

    frames: tuple[str, ...] = ()  # position, velocity and status frames of the last 20 s
    times_ns: tuple[int, ...] = ()
    multilaterated: frozenset[str] = frozenset()  # which of them no aircraft sent


class _Aircraft:
    """What is known of one address while a batch is read."""

    def __init__(self) -> None:
        self.difference_m, self.difference_ns = nan, -(2**62)
        self.epu_m = nan
        self.speed_m_s = self.track_rad = self.climb_m_s = nan
        self.callsign = self.category = self.squawk = ""
        self.last: tuple[int, float, float] | None = None
        self.reported_ns = -(2**62)
        self.air = AirData()


def decode_frames(
    frames: list[str],
    times_ns: list[int],
    received_ns: int | None,
    sensor: int,
    sensor_info: Sensor,
    vertical: Vertical,
    memory: Memory = Memory(),  # noqa: B008 – an immutable tuple
    multilaterated: frozenset[str] = frozenset(),
) -> tuple[Decoded, Memory]:
    """Hexadecimal frames with their times, oldest first → rows, claims; and the memory for the next batch.

    `received_ns` None: each frame was received when it was measured (a recording). `multilaterated` are the
    frames that stand for a network's results. Never raises.
    """
    rejected: Counter[str] = Counter()
    good: list[tuple[int, str]] = []
    for text, time_ns in zip(frames, times_ns, strict=True):
        if not is_frame(text):
            count(rejected, "not a Mode S frame")
            continue
        fault = time_fault(time_ns, time_ns if received_ns is None else received_ns)
        if fault:
            count(rejected, fault)
        elif (format_ := int(text[:2], 16) >> 3) in _WANTED_DF:
            if format_ == 18 and (len(text) < 28 or parity(bytes.fromhex(text))):
                count(rejected, "checksum or format of a frame")
                continue
            good.append((time_ns, text.lower()))
    good.sort(key=lambda item: item[0])
    remembered = list(zip(memory.times_ns, memory.frames, strict=True))
    good = without_copies(remembered, good, rejected)
    new_from = good[0][0] if good else 0
    remembered = [item for item in remembered if item[0] <= new_from]
    messages = _read([*remembered, *good])
    count(rejected, "checksum or format of a frame", len(remembered) + len(good) - len(messages))
    multilaterated |= memory.multilaterated
    gathered = _Batch(received_ns, sensor, sensor_info, vertical, rejected, multilaterated)
    fleet: dict[str, _Aircraft] = {}
    for i, message in enumerate(messages):
        gathered.message(message, fleet, i >= len(remembered))
    kept = [
        item for item in [*remembered, *good] if item[0] > (good[-1][0] if good else 0) - MEMORY_NS
    ]
    held = frozenset(f for _, f in kept if f in multilaterated)
    after = Memory(tuple(f for _, f in kept), tuple(t for t, _ in kept), held) if good else memory
    return gathered.finish(), after


def _read(items: list[tuple[int, str]]) -> list[dict[str, Any]]:
    """rs1090's dictionaries, in order; frames that it refuses are missing."""
    if not items:
        return []
    # rs1090 drops refused frames from its answer, and gives the time back as it got it.
    base = items[0][0] // NS_PER_S
    times = [(t - base * NS_PER_S) / NS_PER_S for t, _ in items]
    answers = rs1090.decode([frame for _, frame in items], times)
    for answer in answers:
        answer["time_ns"] = base * NS_PER_S + round(answer["timestamp"] * 1e6) * 1000
    return list(answers)


class _Batch:
    """Rows on their way into arrays."""

    def __init__(
        self,
        received_ns: int | None,
        sensor: int,
        sensor_info: Sensor,
        vertical: Vertical,
        rejected: Counter[str],
        multilaterated: frozenset[str],
    ) -> None:
        self.multilaterated = multilaterated
        self.received_ns, self.sensor, self.sensor_info = received_ns, sensor, sensor_info
        self.vertical, self.rejected = vertical, rejected
        self.rows: list[tuple[int, float, float, float, float, float, int]] = []
        self.reports: list[Report] = []
        self.winds: list[Sample] = []

    def message(self, message: dict[str, Any], fleet: dict[str, _Aircraft], new: bool) -> None:
        address = message["icao24"]
        if message["df"] == "5":
            if address in fleet:
                fleet[address].squawk = str(message.get("squawk") or "")
            return
        if message["df"] in ("20", "21"):
            if address in fleet:
                wind = fleet[address].air.reply(message, message["time_ns"], self.vertical)
                if wind is not None and new:
                    self.winds.append(wind)
            return
        aircraft = fleet.setdefault(address, _Aircraft())
        frame, time_ns = bytes.fromhex(message["frame"]), message["time_ns"]
        bds = message.get("bds")
        measured = bool(self.multilaterated) and message["frame"] in self.multilaterated
        if measured and bds != "05":
            return  # a computed velocity is not what the aircraft says
        if bds == "08":
            aircraft.callsign = str(message.get("callsign") or "").strip(" _#")
            type_code, category = frame[4] >> 3, frame[4] & 7
            aircraft.category = f"{'DCBA'[type_code - 1]}{category}" if 1 <= type_code <= 4 else ""
        elif bds == "09":
            _velocity(message, aircraft, time_ns)
        elif bds in ("65", "62"):
            nac_p = message.get("NACp")
            if isinstance(nac_p, int) and 0 < nac_p <= 11:
                aircraft.epu_m = NACP_EPU_M[nac_p]
        elif bds in ("05", "06"):
            self._position(message, frame, aircraft, address, time_ns, new, measured)

    def _position(
        self,
        message: dict[str, Any],
        frame: bytes,
        aircraft: _Aircraft,
        address: str,
        time_ns: int,
        new: bool,
        measured: bool,
    ) -> None:
        on_ground = message["bds"] == "06"
        if on_ground:
            aircraft.speed_m_s = number(message.get("groundspeed")) * M_S_PER_KT
            aircraft.track_rad = number(message.get("track")) * RAD_PER_DEG
        latitude, longitude = number(message.get("latitude")), number(message.get("longitude"))
        names = names_its_transponder if measured else names_itself
        claimed = claim_id("icao", address) if names(frame) else 0
        if new and claimed:
            self._report(aircraft, address, claimed, time_ns, on_ground)
        if latitude != latitude:
            if new:
                count(self.rejected, "position not yet resolvable (one half of a pair)")
            return
        fault = position_fault(latitude, longitude) or jump(
            aircraft.last, time_ns, latitude, longitude
        )
        if fault:
            if new:
                count(self.rejected, fault)
            return
        aircraft.last = (time_ns, latitude, longitude)
        height_m, sigma_height_m = self._height(message, frame, aircraft, time_ns, on_ground, new)
        if not on_ground:
            aircraft.air.place, aircraft.air.ellipsoid_m = aircraft.last, height_m
        if not new:
            return
        bound_m = aircraft.epu_m if aircraft.epu_m == aircraft.epu_m else epu_m(frame)
        others = measured or is_tisb(frame)
        sigma_m = SIGMA_OTHERS_M if others else bound_m / _SIGMAS_95_CIRCLE
        if sigma_m != sigma_m:
            sigma_m = self.sensor_info.sigma_position_m or 100.0
        speed = aircraft.speed_m_s if aircraft.speed_m_s == aircraft.speed_m_s else 100.0
        self.rows.append(
            (
                time_ns,
                latitude,
                longitude,
                height_m,
                hypot(sigma_m, SIGMA_TIME_S * speed),
                sigma_height_m,
                claimed,
            )
        )

    def _height(
        self,
        message: dict[str, Any],
        frame: bytes,
        aircraft: _Aircraft,
        time_ns: int,
        on_ground: bool,
        new: bool,
    ) -> tuple[float, float]:
        """Height above the ellipsoid and its sigma; what is only remembered (not `new`) was counted before."""
        counted = self.rejected if new else Counter[str]()
        if on_ground:
            count(counted, "height unused: on the ground, elevation not told")
            return nan, 0.0
        if frame[4] >> 3 >= 20:
            return float(frame[5] << 4 | frame[6] >> 4), SIGMA_HEIGHT_M
        baro_m = number(message.get("altitude")) * M_PER_FT
        if baro_m != baro_m:
            count(counted, "height unused: none told")
            return nan, 0.0
        aircraft.air.baro_m = baro_m
        if time_ns - aircraft.difference_ns <= DIFFERENCE_MAX_AGE_NS:
            return baro_m + aircraft.difference_m, SIGMA_HEIGHT_M
        height_m = ellipsoid_from_baro_m(baro_m, self.vertical)
        if height_m != height_m:
            count(counted, "height unused: barometric, QNH or undulation unknown")
            return nan, 0.0
        return height_m, sigma_from_baro_m(baro_m)

    def _report(
        self, aircraft: _Aircraft, address: str, claimed: int, time_ns: int, on_ground: bool
    ) -> None:
        if time_ns - aircraft.reported_ns < REPORT_EVERY_NS:
            return
        aircraft.reported_ns = time_ns
        self.reports.append(
            Cooperative(
                time_ns,
                time_ns if self.received_ns is None else self.received_ns,
                self.sensor,
                claimed,
                "icao",
                address,
                callsign=aircraft.callsign,
                category=aircraft.category,
                squawk=aircraft.squawk,
                ground_speed_m_s=_optional(aircraft.speed_m_s),
                track_rad=_optional(aircraft.track_rad),
                vertical_rate_m_s=_optional(aircraft.climb_m_s),
                on_ground=on_ground,
            )
        )

    def finish(self) -> Decoded:
        wind, reports = wind_of(self.winds), tuple(self.reports)
        if not self.rows:
            return Decoded(Detections.empty(), reports, wind, dict(self.rejected))
        table = np.array([row[1:6] for row in self.rows], np.float64)
        time_ns = np.array([row[0] for row in self.rows], np.int64)
        received = time_ns if self.received_ns is None else np.full_like(time_ns, self.received_ns)
        detections = positions(
            time_ns,
            received,
            self.sensor,
            table[:, 0] * RAD_PER_DEG,
            table[:, 1] * RAD_PER_DEG,
            table[:, 2],
            table[:, 3],
            table[:, 4],
            np.array([row[6] for row in self.rows], np.int64),
        )
        return Decoded(detections, reports, wind, dict(self.rejected))


def _velocity(message: dict[str, Any], aircraft: _Aircraft, time_ns: int) -> None:
    aircraft.speed_m_s = number(message.get("groundspeed")) * M_S_PER_KT
    aircraft.track_rad = number(message.get("track")) * RAD_PER_DEG
    aircraft.climb_m_s = number(message.get("vertical_rate")) * M_S_PER_FT_MIN
    difference_m = number(message.get("geo_minus_baro")) * M_PER_FT
    if difference_m == difference_m:
        aircraft.difference_m, aircraft.difference_ns = difference_m, time_ns
    if aircraft.speed_m_s == aircraft.speed_m_s and aircraft.track_rad == aircraft.track_rad:
        aircraft.air.ground = (time_ns, aircraft.speed_m_s, aircraft.track_rad)


def _optional(value: float) -> float | None:
    return None if value != value else value


def decode_csv(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """Lines of `POSIX seconds,frame in hexadecimal`; a header line is skipped. Never raises."""
    frames, times, refused = read_csv(payload)
    decoded, _ = decode_frames(frames, times, received_ns, sensor, sensor_info, vertical)
    rejected = Counter(decoded.rejected)
    count(rejected, "broken line", refused)
    return decoded._replace(rejected=dict(rejected))


def read_csv(payload: bytes) -> tuple[list[str], list[int], int]:
    """Frames, their times in ns, and how many lines were neither."""
    frames: list[str] = []
    times: list[int] = []
    refused = 0
    for row, line in enumerate(payload.decode("ascii", "replace").splitlines()):
        first, _, second = line.partition(",")
        try:
            time_ns = seconds_to_ns(float(first))
        except ValueError:
            refused += row > 0 and bool(line.strip())
            continue
        text = second.strip().strip('"*;')
        if time_ns is None:
            time_ns = 0
        frames.append(text)
        times.append(time_ns)
    return frames, times, refused


def decode_beast(
    payload: bytes, received_ns: int, sensor: int, sensor_info: Sensor, vertical: Vertical
) -> Decoded:
    """A stretch of a Beast stream, the last frame of it received at `received_ns`. Never raises."""
    frames, _, broken = beast.parse(payload)
    decoded, _ = decode_frames(
        [frame.data.hex() for frame in frames],
        beast.times_ns(frames, received_ns),
        received_ns,
        sensor,
        sensor_info,
        vertical,
        multilaterated=beast.multilaterated(frames),
    )
    rejected = Counter(decoded.rejected)
    count(rejected, "broken Beast frame", broken)
    return decoded._replace(rejected=dict(rejected))
