"""Twenty made-up objects: every motion is a formula, nothing here comes from a sensor."""

from __future__ import annotations

from math import cos, exp, pi, radians, sin

from windhover.report.story import (
    EvidenceLine,
    Probabilities,
    StoryObject,
    Trail,
    Velocities,
)

CLASSES = ("aircraft", "drone", "balloon", "bird", "tethered", "clutter", "unknown")
LAT0, LON0 = 31.8072, -106.3776
M_PER_DEG_LAT = 110_900.0
M_PER_DEG_LON = 111_320.0 * cos(radians(LAT0))
GROUND_M = 1200.0


def at(east_m: float, north_m: float) -> tuple[float, float]:
    return round(LAT0 + north_m / M_PER_DEG_LAT, 6), round(LON0 + east_m / M_PER_DEG_LON, 6)


def box(east_m: float, north_m: float, wide_m: float, high_m: float) -> tuple:
    return (
        at(east_m - wide_m, north_m - high_m),
        at(east_m + wide_m, north_m - high_m),
        at(east_m + wide_m, north_m + high_m),
        at(east_m - wide_m, north_m + high_m),
    )


def circle(east_m: float, north_m: float, radius_m: float, n: int = 48) -> tuple:
    return tuple(
        at(east_m + radius_m * sin(2 * pi * k / n), north_m + radius_m * cos(2 * pi * k / n))
        for k in range(n)
    )


def _wobble(t: float, seed: float) -> float:
    return sin(0.11 * t + seed) + 0.6 * sin(0.037 * t + 2.3 * seed) + 0.4 * sin(0.53 * t + 5 * seed)


def _probabilities(t: list[float], said: str, top: float, settle_s: float) -> Probabilities:
    rival = {"drone": "bird", "balloon": "drone", "bird": "drone", "aircraft": "drone"}.get(
        said, "drone"
    )
    columns: dict[str, list[float]] = {name: [] for name in CLASSES}
    for k in t:
        done = 1 - exp(-(k - t[0]) / settle_s)
        p = max(0.02, 0.2 + (top - 0.2) * done + 0.02 * _wobble(k, 1.0) * (1 - done))
        rest = 1 - p
        other = dict.fromkeys(CLASSES, 0.06)
        other[rival], other["unknown"] = 0.45 * done + 0.1, 0.6 * (1 - done) + 0.06
        other[said] = 0.0
        total = sum(other.values())
        for name in CLASSES:
            columns[name].append(round(p if name == said else rest * other[name] / total, 4))
    return Probabilities(t_s=tuple(t), of={k: tuple(v) for k, v in columns.items()})


def _object(
    path,
    first_s: float,
    last_s: float,
    *,
    step_s: float,
    said: str,
    top: float,
    settle_s: float = 25.0,
    **rest: object,
) -> StoryObject:
    """path(t) → east m, north m, height above ground m."""
    t = [first_s + k * step_s for k in range(int((last_s - first_s) / step_s) + 1)]
    where = [path(k) for k in t]
    lat_lon = [at(e, n) for e, n, _ in where]
    later = [path(k + 1.0) for k in t]
    ground_e = [round(b[0] - a[0], 2) for a, b in zip(where, later, strict=True)]
    ground_n = [round(b[1] - a[1], 2) for a, b in zip(where, later, strict=True)]
    return StoryObject(
        said=said,
        probability=top,
        first_seen_s=first_s,
        last_seen_s=last_s,
        trail=Trail(
            t_s=tuple(t),
            lat_deg=tuple(p[0] for p in lat_lon),
            lon_deg=tuple(p[1] for p in lat_lon),
            altitude_amsl_m=tuple(round(GROUND_M + h, 1) for _, _, h in where),
            height_ground_m=tuple(round(h, 1) for _, _, h in where),
        ),
        probabilities=_probabilities(t, said, top, settle_s),
        velocities=Velocities(
            t_s=tuple(t),
            ground_east_m_s=tuple(ground_e),
            ground_north_m_s=tuple(ground_n),
            wind_east_m_s=tuple(round(3.1 + 0.3 * _wobble(k / 9, 2.0), 2) for k in t),
            wind_north_m_s=tuple(round(3.6 + 0.3 * _wobble(k / 7, 4.0), 2) for k in t),
            wind_sigma_m_s=tuple(1.4 for _ in t),
        ),
        **rest,
    )


def _balloon(t: float) -> tuple[float, float, float]:
    s = t - 60
    return (
        -8200 + 3.2 * s + 9 * _wobble(t / 4, 0.4),
        -6600 + 3.7 * s + 9 * _wobble(t / 4, 1.7),
        240 + 5 * _wobble(t / 5, 3.0),
    )


def _dark(t: float) -> tuple[float, float, float]:
    s = t - 420
    north = -7800 + (11 * s if s < 330 else 3630 - 11 * (s - 330) if s < 680 else 0)
    return -1500 + 60 * sin(s / 60), north, 120 + 2 * _wobble(t, 1)


def _hobby(t: float) -> tuple[float, float, float]:
    a = 2 * pi * (t - 200) / 95
    return 4800 + 130 * cos(a), 2600 + 130 * sin(a), 70 + 20 * sin(a / 3)


def _own(t: float) -> tuple[float, float, float]:
    leg = ((t - 300) / 240) % 2
    x = leg if leg < 1 else 2 - leg
    return 3300 + 3400 * x, -8600 - 2900 * x, 150.0


def _straight(east, north, course_deg, speed, height, climb, from_s):
    def path(t: float) -> tuple[float, float, float]:
        s = t - from_s
        return (
            east + speed * sin(radians(course_deg)) * s,
            north + speed * cos(radians(course_deg)) * s,
            max(0.0, height + climb * s),
        )

    return path


def _medevac(t: float) -> tuple[float, float, float]:
    s = t - 900
    return -9000 + 34 * s, -2500 + 900 * sin(s / 170), 300.0


def _police(t: float) -> tuple[float, float, float]:
    a = 2 * pi * (t - 500) / 210
    return -3800 + 1500 * cos(a), -3400 + 1100 * sin(a), 260.0


def _birds(t: float) -> tuple[float, float, float]:
    s = t - 350
    return (
        9000 - 9.5 * s + 14 * _wobble(t, 2),
        5000 - 6.0 * s + 14 * _wobble(t, 5),
        90 + 15 * _wobble(t, 1),
    )


def _kite(t: float) -> tuple[float, float, float]:
    return -5200 + 3 * _wobble(t, 1), -9300 + 3 * _wobble(t, 2), 60 + 5 * _wobble(t, 3)


def _thing(t: float) -> tuple[float, float, float]:
    return 7200 + 1.9 * (t - 1500), -1800 + 2.4 * (t - 1500), 110.0


def objects() -> tuple[StoryObject, ...]:
    made = [
        _object(
            _balloon,
            60,
            2380,
            step_s=8,
            said="balloon",
            top=0.94,
            settle_s=32,
            name="foil balloon",
            truth="balloon, foil",
            right=True,
            decided_after_s=41.2,
            track_ids=(12,),
            motion="with the air",
            attributes={"cooperative": False, "emitting": False, "dark": None, "friend": False},
            sentence="It moves with the air: its velocity has stayed within 0.6 m/s of the wind for 2 min, at a steady 240 m above ground.",
            sentence_es="Se mueve con el aire: su velocidad se mantiene a menos de 0.6 m/s del viento desde hace 2 min, a unos 240 m sobre el suelo.",
            evidence=(
                EvidenceLine(
                    source="motion",
                    sentence="Against the wind of the 19:51 report it has made no way at all: 0.6 ± 0.4 m/s.",
                    favours="balloon",
                    log_likelihood={"balloon": 0.0, "drone": -6.4, "bird": -8.8},
                    weight=0.8,
                ),
                EvidenceLine(
                    source="radio",
                    sentence="The RF sensor in range heard no control link. Silence counts a little only.",
                    favours="balloon",
                    weight=0.3,
                ),
            ),
            would_settle="A camera picture, or 5 more minutes with a change of wind.",
        ),
        _object(
            _dark,
            420,
            1090,
            step_s=4,
            said="drone",
            top=0.97,
            settle_s=16,
            name="dark drone",
            truth="drone, dark",
            right=True,
            decided_after_s=23.8,
            track_ids=(19,),
            motion="through the air",
            attributes={"cooperative": False, "emitting": False, "dark": True, "friend": False},
            sentence="It flies against the wind at 11 m/s, turned on a straight line and is heard by no receiver that covers it.",
            sentence_es="Vuela contra el viento a 11 m/s, dio vuelta en línea recta y ningún receptor que la cubre la escucha.",
        ),
        _object(
            _own,
            300,
            1700,
            step_s=6,
            said="drone",
            top=0.95,
            name="border agency drone",
            truth="drone, friend",
            right=True,
            decided_after_s=4.1,
            track_ids=(17,),
            motion="through the air",
            attributes={"cooperative": False, "emitting": False, "dark": None, "friend": True},
            sentence="A filed flight explains it: Border Patrol plan F1, radio-silent, inside its area and hours.",
        ),
        _object(
            _hobby,
            200,
            1200,
            step_s=4,
            said="drone",
            top=0.98,
            name="hobby drone",
            truth="drone, Remote ID",
            right=True,
            decided_after_s=6.0,
            track_ids=(15, 22),
            motion="through the air",
            attributes={"cooperative": True, "emitting": True, "dark": False, "friend": False},
            sentence="It says so itself by Remote ID, and it moves as it says.",
        ),
        _object(
            _medevac,
            900,
            1500,
            step_s=4,
            said="aircraft",
            top=0.995,
            name="medevac helicopter",
            truth="aircraft, helicopter",
            right=True,
            decided_after_s=3.2,
            track_ids=(25,),
            motion="through the air",
            attributes={"cooperative": True, "emitting": True, "dark": False, "friend": False},
            sentence="ADS-B position, speed and height agree with the radar.",
        ),
        _object(
            _police,
            500,
            1900,
            step_s=5,
            said="aircraft",
            top=0.995,
            name="police helicopter",
            truth="aircraft, helicopter",
            right=True,
            decided_after_s=3.0,
            track_ids=(20,),
            motion="through the air",
            sentence="ADS-B position, speed and height agree with the radar.",
        ),
        _object(
            _birds,
            350,
            1300,
            step_s=5,
            said="bird",
            top=0.81,
            settle_s=60,
            name="cranes",
            truth="bird, flock",
            right=True,
            decided_after_s=96,
            track_ids=(18,),
            motion="through the air",
            sentence="11 m/s through the air with a slow weave, no filed flight, no emission; a slow drone is not ruled out.",
        ),
        _object(
            _kite,
            0,
            2400,
            step_s=12,
            said="tethered",
            top=0.88,
            settle_s=90,
            name="kite",
            truth="tethered, kite",
            right=True,
            decided_after_s=152,
            track_ids=(11,),
            motion="fixed to the ground",
            sentence="It has hung over one spot in a 4.8 m/s wind for 40 min and swings as on a line.",
        ),
        _object(
            _thing,
            1500,
            1640,
            step_s=4,
            said="unknown",
            top=0.52,
            settle_s=40,
            name="",
            truth="balloon, latex",
            decided_after_s=None,
            track_ids=(31,),
            motion="undetermined",
            sentence="Held for 140 s only, in light wind: drifting and slow flight look the same.",
        ),
    ]
    for k in range(11):
        course = (40, 220)[k % 2]
        start = 40 + 205 * k
        east, north = ((-14000, -16500), (9600, 11200))[k % 2]
        made.append(
            _object(
                _straight(
                    east, north, course, 74, 1100 if k % 2 else 60, -1.6 if k % 2 else 3.2, start
                ),
                start,
                min(start + 420, 2400),
                step_s=4,
                said="aircraft",
                top=0.998,
                name=f"airliner EXR{101 + 7 * k}",
                truth="aircraft, airliner",
                right=True,
                decided_after_s=2.1 + 0.2 * k,
                track_ids=(40 + k,),
                motion="through the air",
                attributes={"cooperative": True, "emitting": True, "dark": False, "friend": False},
                sentence="ADS-B position, speed and height agree with the radar.",
            )
        )
    return tuple(made)
