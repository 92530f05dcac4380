"""Detections of any sensor → plots in the sector's frame (`layout`, P_… and Q_…).

Everything that can be known without a track is worked out here once; what depends on the track's
height or range (slant range, bearing, latitude and longitude without height) is finished in
`imm.see`. Rows that cannot be right (not finite, no such sensor, no such kind) are left out.
"""

from __future__ import annotations

import math

import numpy as np

from windhover.geo.ellipsoid import ECCENTRICITY_SQUARED, SEMI_MAJOR_M
from windhover.geo.frames import Frame, frame_at, point_enu, rotation_between
from windhover.schema.batches import F64, I8, I32, I64, Detections
from windhover.schema.place import Sensor
from windhover.tracks.bias import begin_bias
from windhover.tracks.kernel import kernel
from windhover.tracks.layout import (
    CLASS_BEARING,
    CLASS_COOPERATIVE,
    CLASS_RADAR,
    FAR,
    FORM_BEARING,
    FORM_FLAT,
    FORM_PLACE,
    FORM_SLANT,
    P_AZ,
    P_CLUTTER,
    P_DOPPLER,
    P_EL,
    P_END,
    P_FORM,
    P_RA,
    P_RANGE,
    P_RE,
    P_RR,
    P_RXX,
    P_RXY,
    P_RYY,
    P_RZ,
    P_SENSOR,
    P_T,
    P_TX,
    P_TY,
    P_X,
    P_Y,
    P_Z,
    PLOT_F,
    PLOT_I,
    Q_CLAIM,
    Q_ROW,
    Q_SERIAL,
    Q_TIME,
    S_AREA,
    S_CLASS,
    S_CLUTTER,
    S_FIRST,
    S_FRAME,
    S_HORIZON,
    S_LAST,
    S_NOISE,
    S_PD,
    S_PERIOD,
    S_RMAX,
    S_RMIN,
    S_X,
    S_Y,
    S_Z,
    SENSOR_F,
)
from windhover.tracks.misses import believe

FLOOR_M2 = 0.01  # a plot is never better than 10 cm: keeps singular covariances invertible
FLOOR_RAD2 = 1e-10
CLUTTER_HEIGHT_M = 10_000.0  # false positions spread over this much height
UP = 1.0


def sensor_table(sensors: tuple[Sensor, ...], frame: Frame, radius_m: float) -> tuple[F64, F64]:
    """(S, SENSOR_F) numbers and (S, 3, 3) rotations from each sensor's own ENU to the sector's,
    followed in the last axis by nothing: sigmas stand in `sensor_sigmas`."""
    table = np.zeros((len(sensors), SENSOR_F))
    turn = np.zeros((len(sensors), 3, 3))
    for s, sensor in enumerate(sensors):
        here = frame_at(
            sensor.position.latitude_rad, sensor.position.longitude_rad, sensor.height_ellipsoid_m
        )
        table[s, S_X : S_Z + 1] = point_enu(frame, sensor.position, sensor.height_ellipsoid_m)
        turn[s] = rotation_between(here, frame)
        kind = (
            CLASS_RADAR
            if sensor.kind.startswith("radar")
            else CLASS_BEARING
            if sensor.kind in ("rf", "camera", "acoustic")
            else CLASS_COOPERATIVE
        )
        reach = max(sensor.range_max_m, sensor.range_min_m + 1.0)
        period = max(sensor.period_s, 0.01)
        table[s, S_PD] = min(max(sensor.detection_probability, 0.01), 0.999)
        table[s, S_RMIN] = sensor.range_min_m
        table[s, S_RMAX] = reach
        table[s, S_PERIOD] = period
        table[s, S_CLUTTER] = max(sensor.clutter_per_scan, 1e-3)
        table[s, S_CLASS] = kind
        table[s, S_HORIZON] = math.tan(min(max(sensor.horizon_elevation_rad, -1.5), 1.5))
        table[s, S_FRAME] = min(max(period / 8.0, 0.05), 1.0)
        table[s, S_LAST] = -FAR
        table[s, S_FIRST] = FAR
        area_radius = min(reach, radius_m) if kind == CLASS_COOPERATIVE else reach
        table[s, S_AREA] = math.pi * area_radius**2
        begin_bias(table, s)
        table[s, S_NOISE : S_NOISE + 2] = 1.0
        believe(table, s)
    return table, turn


def sensor_sigmas(sensors: tuple[Sensor, ...]) -> F64:
    """(S, 5) standard deviations where a plot brings none: range, azimuth, elevation, place, height."""
    return np.array(
        [
            [
                max(s.sigma_range_m, 1.0),
                max(s.sigma_azimuth_rad, 1e-4),
                max(s.sigma_elevation_rad, 1e-4),
                max(s.sigma_position_m, 3.0),
                max(s.sigma_height_m, 10.0),
            ]
            for s in sensors
        ]
    ).reshape(len(sensors), 5)


def plots_of(
    detections: Detections,
    table: F64,
    turn: F64,
    sigmas: F64,
    frame: Frame,
    epoch_ns: int,
    serial: int,
) -> tuple[F64, I64]:
    """(N, PLOT_F) and (N, PLOT_I), in the order handed in, without the impossible rows."""
    n = detections.n
    pf = np.empty((n, PLOT_F))
    pi = np.empty((n, PLOT_I), np.int64)
    kept = _convert(
        detections.time_ns,
        detections.sensor,
        detections.kind,
        detections.value,
        detections.covariance,
        detections.doppler_m_s,
        detections.claimed_id,
        table,
        turn,
        sigmas,
        frame.origin_ecef_m,
        np.ascontiguousarray(frame.rotation),
        epoch_ns,
        serial,
        pf,
        pi,
    )
    return pf[:kept], pi[:kept]


@kernel("f8(f8, f8, f8)")
def _variance(given: float, sigma: float, floor: float) -> float:
    return max(given if given > 0.0 else sigma * sigma, floor)


@kernel(
    "i8(i8[::1], i4[::1], i1[::1], f8[:, ::1], f8[:, :, ::1], f8[::1], i8[::1], f8[:, ::1],"
    "f8[:, :, ::1], f8[:, ::1], f8[::1], f8[:, ::1], i8, i8, f8[:, ::1], i8[:, ::1])",
)
def _convert(
    time_ns: I64,
    sensor: I32,
    kind: I8,
    value: F64,
    covariance: F64,
    doppler: F64,
    claim: I64,
    table: F64,
    turn: F64,
    sigmas: F64,
    origin: F64,
    rotation: F64,
    epoch_ns: int,
    serial: int,
    pf: F64,
    pi: I64,
) -> int:
    k = 0
    sensors = table.shape[0]
    for n in range(len(time_ns)):
        s = sensor[n]
        kd = kind[n]
        if s < 0 or s >= sensors or kd < 0 or kd > 5:
            continue
        a = value[n, 0]
        b = value[n, 1]
        c = value[n, 2]
        if not (math.isfinite(a) and (kd == 4 or math.isfinite(b))):
            continue
        if kd == 3 and not math.isfinite(c):
            continue
        bad = False
        for u in range(2):
            if not (covariance[n, u, u] >= 0.0 and covariance[n, u, u] < 1e12):
                bad = True
        if bad:
            continue
        pf[k, P_T] = (time_ns[n] - epoch_ns) * 1e-9
        pf[k, P_SENSOR] = s
        length = table[s, S_FRAME]
        pf[k, P_END] = (math.floor(pf[k, P_T] / length + 1e-9) + 1.0) * length
        pf[k, P_DOPPLER] = doppler[n]
        pf[k, P_RZ] = 0.0
        pf[k, P_Z] = 0.0
        pf[k, P_TX] = 0.0
        pf[k, P_TY] = 0.0
        pf[k, P_RE] = 0.0
        pf[k, P_EL] = 0.0
        pf[k, P_RR] = 0.0
        pf[k, P_RA] = 0.0
        sx = table[s, S_X]
        sy = table[s, S_Y]
        if kd == 0:
            if abs(a) > 1.5708 or abs(b) > 6.2832 or abs(c) > 1e5:
                continue
            has_height = math.isfinite(c)
            h = c if has_height else 0.0
            sl = math.sin(a)
            cl = math.cos(a)
            so = math.sin(b)
            co = math.cos(b)
            vertical = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY_SQUARED * sl * sl)
            ex = (vertical + h) * cl * co - origin[0]
            ey = (vertical + h) * cl * so - origin[1]
            ez = (vertical * (1.0 - ECCENTRICITY_SQUARED) + h) * sl - origin[2]
            x = rotation[0, 0] * ex + rotation[0, 1] * ey + rotation[0, 2] * ez
            y = rotation[1, 0] * ex + rotation[1, 1] * ey + rotation[1, 2] * ez
            z = rotation[2, 0] * ex + rotation[2, 1] * ey + rotation[2, 2] * ez
            up_x = rotation[0, 0] * cl * co + rotation[0, 1] * cl * so + rotation[0, 2] * sl
            up_y = rotation[1, 0] * cl * co + rotation[1, 1] * cl * so + rotation[1, 2] * sl
            up_z = rotation[2, 0] * cl * co + rotation[2, 1] * cl * so + rotation[2, 2] * sl
            # East of the place, seen in the sector's frame: meridians converge.
            east_x = -rotation[0, 0] * so + rotation[0, 1] * co
            east_y = -rotation[1, 0] * so + rotation[1, 1] * co
            cee = _variance(covariance[n, 0, 0], sigmas[s, 3], FLOOR_M2)
            cnn = _variance(covariance[n, 1, 1], sigmas[s, 3], FLOOR_M2)
            cen = covariance[n, 0, 1]
            if not math.isfinite(cen) or covariance[n, 0, 0] <= 0.0:
                cen = 0.0
            most = 0.999 * math.sqrt(cee * cnn)
            cen = min(max(cen, -most), most)
            pf[k, P_X] = x
            pf[k, P_Y] = y
            pf[k, P_Z] = z
            pf[k, P_RXX] = cee * east_x * east_x - 2 * cen * east_x * east_y + cnn * east_y * east_y
            pf[k, P_RYY] = cee * east_y * east_y + 2 * cen * east_x * east_y + cnn * east_x * east_x
            pf[k, P_RXY] = (cee - cnn) * east_x * east_y + cen * (east_x * east_x - east_y * east_y)
            ground = math.sqrt((x - sx) ** 2 + (y - sy) ** 2)
            pf[k, P_AZ] = math.atan2(x - sx, y - sy)
            pf[k, P_RANGE] = ground
            pf[k, P_CLUTTER] = 1.0 / table[s, S_AREA]
            if has_height:
                pf[k, P_FORM] = FORM_PLACE
                pf[k, P_RZ] = _variance(covariance[n, 2, 2], sigmas[s, 4], FLOOR_M2)
                pf[k, P_CLUTTER] /= CLUTTER_HEIGHT_M
            else:
                pf[k, P_FORM] = FORM_FLAT
                pf[k, P_TX] = up_x / up_z
                pf[k, P_TY] = up_y / up_z
        elif kd <= 3:
            if a <= 0.0 or a > 1e6 or abs(b) > 13.0 or (kd == 3 and abs(c) > 1.5708):
                continue
            # Azimuth in the sensor's own horizon, turned into the sector's frame.
            rr = _variance(covariance[n, 0, 0], sigmas[s, 0], FLOOR_M2)
            ra = _variance(covariance[n, 1, 1], sigmas[s, 1], FLOOR_RAD2)
            sn = math.sin(b)
            cs = math.cos(b)
            el = c if kd == 3 else 0.0
            ce = math.cos(el)
            se = math.sin(el)
            lx = a * ce * sn
            ly = a * ce * cs
            lz = a * se
            x = turn[s, 0, 0] * lx + turn[s, 0, 1] * ly + turn[s, 0, 2] * lz
            y = turn[s, 1, 0] * lx + turn[s, 1, 1] * ly + turn[s, 1, 2] * lz
            ground = math.sqrt(x * x + y * y)
            if ground > 1e-6:
                sn = x / ground
                cs = y / ground
            pf[k, P_X] = sx + x
            pf[k, P_Y] = sy + y
            # A sensor at the origin looks along the sector's own north.
            own = turn[s, 2, 2] == 1.0 and turn[s, 0, 1] == 0.0
            pf[k, P_AZ] = b if own else math.atan2(sn, cs)
            pf[k, P_RANGE] = a
            pf[k, P_RR] = rr
            pf[k, P_RA] = ra
            across = ra * ground * ground
            along = rr
            if kd == 3:
                re = _variance(covariance[n, 2, 2], sigmas[s, 2], FLOOR_RAD2)
                along = ce * ce * rr + se * se * a * a * re
                pf[k, P_Z] = (
                    table[s, S_Z] + turn[s, 2, 0] * lx + turn[s, 2, 1] * ly + turn[s, 2, 2] * lz
                )
                pf[k, P_RZ] = se * se * rr + ce * ce * a * a * re + FLOOR_M2
                # Near the zenith azimuth says little and elevation error points every way.
                across = max(across, 0.25 * ra * a * a * re)
            across = max(across, FLOOR_M2)
            along = max(along, FLOOR_M2)
            pf[k, P_RXX] = along * sn * sn + across * cs * cs
            pf[k, P_RXY] = (along - across) * sn * cs
            pf[k, P_RYY] = along * cs * cs + across * sn * sn
            pf[k, P_FORM] = FORM_SLANT if kd == 2 else FORM_PLACE
            span = table[s, S_RMAX] - table[s, S_RMIN]
            pf[k, P_CLUTTER] = 1.0 / (2.0 * math.pi * span * max(ground, 50.0))
            if kd == 3:
                pf[k, P_CLUTTER] /= max(a, 100.0)
        else:
            ra = _variance(covariance[n, 0, 0], sigmas[s, 1], FLOOR_RAD2)
            if abs(a) > 13.0:
                continue
            pf[k, P_FORM] = FORM_BEARING
            x = turn[s, 0, 0] * math.sin(a) + turn[s, 0, 1] * math.cos(a)
            y = turn[s, 1, 0] * math.sin(a) + turn[s, 1, 1] * math.cos(a)
            pf[k, P_AZ] = math.atan2(x, y)
            pf[k, P_RA] = ra
            pf[k, P_X] = sx
            pf[k, P_Y] = sy
            pf[k, P_RXX] = 0.0
            pf[k, P_RXY] = 0.0
            pf[k, P_RYY] = 0.0
            pf[k, P_RANGE] = 0.0
            pf[k, P_CLUTTER] = 0.5 / math.pi
            if kd == 5 and math.isfinite(b) and abs(b) < 1.5:
                pf[k, P_EL] = b
                pf[k, P_RE] = _variance(covariance[n, 1, 1], sigmas[s, 2], FLOOR_RAD2)
                pf[k, P_CLUTTER] /= 1.0
        pi[k, Q_SERIAL] = serial + n
        pi[k, Q_CLAIM] = claim[n]
        pi[k, Q_ROW] = n
        pi[k, Q_TIME] = time_ns[n]
        k += 1
    return k
