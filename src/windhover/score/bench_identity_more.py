"""What the population does not ask: calm air, known aircraft, and how fast the bank is."""

from __future__ import annotations

from time import process_time

import numpy as np

from windhover import tracks
from windhover.geo.frames import from_enu, sector_frame
from windhover.identities import motion, weigh
from windhover.identities import state as identify
from windhover.schema.batches import MOTIONS, Detections, Kind, Updates, claim_id
from windhover.schema.place import Sensor
from windhover.schema.reports import Cooperative, Report
from windhover.score.bench_identity import EPOCH_NS, PER_SCENE, SECTOR, draw, run
from windhover.score.bench_identity_figures import CALLED, figures, posterior
from windhover.score.bench_identity_paths import Case, case
from windhover.score.population import AIR, CLAIMS, SORTS, Air
from windhover.units import NS_PER_S

NEIGHBOUR_FIGURES = (
    "drift_auc_30s", "drift_tpr_at_1pct_30s", "drift_auc_60s", "drone_decided_s_median", "drone_decided_s_p90",
    "drifter_decided_s_median", "drifter_decided_s_p90", "drifter_called_drone", "drifter_called_powered", "ece_drift",
)  # fmt: skip
RATE_FIGURES = (
    *NEIGHBOUR_FIGURES, "drifter_called_drone_upper95", "drifter_called_powered_upper95", "ece_all",
    "drone_bird_auc_60s", "hover_called_drone_60s", "hover_powered_or_tethered_60s", "right_60s",
)  # fmt: skip
CALM = Air(mean_speed_m_s=0.3, greatest_speed_m_s=0.6)


def calm(seed: int, count: int = 216) -> dict[str, float]:
    """Level foil balloons and hovering drones in calm air: to a radar they are one thing."""
    rng = np.random.default_rng([seed, 21])
    pair = [s for s in SORTS if s.name in ("foil balloon level", "drone hovering")]
    pair = [s._replace(climb_m_s=(0.0, 0.0), height_m=(60.0, 150.0)) for s in pair]
    cases = [case(rng, pair[k % 2], CALM, CLAIMS["as claimed"]) for k in range(count)]
    result = run(cases, seed)
    k = 59
    balloon = result.truth == weigh.BALLOON
    p = posterior(result)
    return {
        "n": float(count),
        "undetermined_60s": float((result.said_motion[:, k] == len(MOTIONS) - 1).mean()),
        "balloon_called_drone": float((p[balloon, :, weigh.DRONE] > CALLED).any(axis=1).mean()),
    }


def neighbours(seed: int, claim: str, scenes: int = 24) -> dict[str, float]:
    """Scenes in one air with one error of the claimed wind: what the wind that drifters lend changes.

    A third are drifters, half drones, the rest birds; the same plots with and without the loan.
    """
    rng = np.random.default_rng([seed, 23])
    sorts = [s for s in SORTS if s.of in ("balloon", "drone", "bird")]
    sorts = [s._replace(height_m=(80.0, 300.0)) for s in sorts]
    of = {name: [s for s in sorts if s.of == name] for name in ("balloon", "drone", "bird")}
    cases: list[Case] = []
    for _ in range(scenes):
        first = case(rng, of["balloon"][2], AIR, CLAIMS[claim])
        for k in range(PER_SCENE):
            among = of["balloon" if k % 6 < 2 else "drone" if k % 6 < 5 else "bird"]
            sort = among[int(rng.integers(len(among)))]
            cases.append(case(rng, sort, AIR, CLAIMS[claim], beside=first))
    out: dict[str, float] = {"n": float(len(cases))}
    for name, lent in (("alone", False), ("lent", True)):
        found = figures(run(cases, seed, one_air=lent), intervals=False)
        for key in NEIGHBOUR_FIGURES:
            out[f"{key}_{name}"] = found[key]
    return out


def with_range_rates(seed: int, count: int = 1440) -> dict[str, float]:
    """The population through a radar that also tells range rates, ± 0.5 m/s."""
    found = figures(run(draw(seed, count, "as claimed"), seed, sigma_rate_m_s=0.5))
    return {"n": found["n"], **{key: found[key] for key in RATE_FIGURES}}


def known_aircraft(seed: int, count: int = 40, seconds: int = 40) -> dict[str, float]:
    """Aircraft that say who they are, once a second: when is each called an aircraft?"""
    rng = np.random.default_rng([seed, 22])
    sensor = Sensor(
        "receiver", "adsb", SECTOR.origin, 1200.0, 0.0, 200_000.0, 1.0,
        sigma_position_m=15.0, sigma_height_m=15.0, detection_probability=0.85,
        horizon_elevation_rad=-1.0, hears=("adsb",),
    )  # fmt: skip
    frame = sector_frame(SECTOR)
    heading = rng.uniform(0.0, 2.0 * np.pi, count)
    speed = rng.uniform(35.0, 230.0, count)
    velocity = np.stack(
        [speed * np.sin(heading), speed * np.cos(heading), rng.uniform(-8, 8, count)], axis=1
    )
    place = np.column_stack(
        [rng.uniform(-9_000, 9_000, (count, 2)), rng.uniform(1_000, 4_000, count)]
    )
    claims = np.array([claim_id("icao", f"{k:06x}") for k in range(count)])
    first = rng.uniform(0.0, 8.0, count)
    tracker = tracks.start(SECTOR, (sensor,))
    state = identify.start((sensor,), frame, SECTOR.vertical)
    called = np.full(count, np.inf)
    for k in range(seconds):
        now_ns = EPOCH_NS + (k + 1) * NS_PER_S
        at = k + rng.uniform(0.0, 0.9, count)
        heard = np.flatnonzero((rng.random(count) < 0.85) & (at >= first))
        heard = heard[np.argsort(at[heard], kind="stable")]
        where = (
            place[heard] + velocity[heard] * at[heard, None] + rng.normal(size=(len(heard), 3)) * 10
        )
        plots = Detections.empty(len(heard))
        plots.time_ns[:] = EPOCH_NS + np.round(at[heard] * NS_PER_S).astype(np.int64)
        plots.received_ns[:] = plots.time_ns
        plots.kind[:] = Kind.POSITION
        plots.value[:] = np.stack(from_enu(frame, where), axis=1)
        plots.covariance[:] = np.diag([225.0, 225.0, 225.0])
        plots.claimed_id[:] = claims[heard]
        reports: tuple[Report, ...] = tuple(
            Cooperative(
                int(EPOCH_NS + at[i] * NS_PER_S), now_ns, 0, int(claims[i]), "icao", f"{i:06x}",
                category="A3" if speed[i] > 90 else "A1", ground_speed_m_s=float(speed[i]),
            )
            for i in heard
            if rng.random() < 0.2
        )  # fmt: skip
        tracker, held, fed = tracks.advance(tracker, plots, now_ns)
        air = identify.LocalWind(
            np.zeros((held.n, 2)), np.tile(np.eye(2) * 49.0, (held.n, 1, 1)), np.zeros((held.n, 2))
        )
        state, said = identify.advance_in(state, held, fed, plots, reports, air, (), now_ns)
        order = np.searchsorted(state.track_id, said.track_id)
        for row, label in zip(order, said.said, strict=True):
            if label == weigh.AIRCRAFT:
                who = np.flatnonzero(claims == state.claim[row])
                called[who] = np.minimum(called[who], k + 1.0 - first[who])
    return {
        "n": float(count),
        "matched_s_median": float(np.median(called)),
        "matched_s_p95": float(np.quantile(called, 0.95, method="higher")),
    }


def speed(count: int = 1000, steps: int = 20) -> float:
    """Track-updates per second of processor time of the whole bank, on one core."""
    rng = np.random.default_rng(5)
    state = motion.MotionState.fresh(count)
    wind, cov = np.tile([4.0, 2.0], (count, 1)), np.tile([2.25, 0.0, 2.25], (count, 1))
    covariance = np.tile(np.diag([100.0, 100.0, 225.0]), (count, 1, 1))
    rows = np.arange(count)
    started = 0.0
    for k in range(steps + 2):
        if k == 2:
            started = process_time()
        updates = Updates(
            rows,
            rows,
            np.full(count, 0.95),
            np.full(count, (k + 1) * NS_PER_S),
            rng.normal(size=(count, 3)) * 10.0,
            covariance,
        )
        motion.feed(state, updates, wind, cov, np.zeros((count, 2)))
    return count * steps / (process_time() - started)
