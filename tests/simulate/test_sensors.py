"""The bytes say what is there, within the noise that the site's sensor table states."""

import json
from base64 import b64decode
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pytest
from pyproj import Transformer

from windhover.detections import DECODERS
from windhover.detections.decoded import Decoded
from windhover.exercises import el_paso
from windhover.geo.frames import from_enu, sector_frame, to_enu
from windhover.schema.batches import Kind, claim_id
from windhover.schema.place import Site
from windhover.score.simulate import adsb, radar, remote_id
from windhover.score.simulate.drift import Motion, clock
from windhover.score.simulate.world import (
    Arrival,
    Broadcast,
    Thing,
    Transponder,
    geodetic,
    truth_of,
)
from windhover.timescale import from_iso
from windhover.units import NS_PER_S

START = from_iso("2026-02-18T03:30:00Z")
SECONDS = 300.0


@pytest.fixture(scope="module")
def site() -> Site:
    return el_paso.site()


def straight(
    from_m: tuple[float, float, float], velocity: tuple[float, float, float], **more: object
) -> Thing:
    t = clock(0.0, int(SECONDS * 4) + 40)
    position = np.array(from_m) + t[:, None] * np.array(velocity)
    motion = Motion(0.0, position, np.tile(np.array(velocity), (len(t), 1)))
    told = {"name": "x", "of_class": "drone", "kind": "test", "rcs_dbsm": 10.0} | more
    return Thing(motion=motion, **told)  # type: ignore[arg-type]


def read(site: Site, arrivals: list[Arrival]) -> list[Decoded]:
    return [
        DECODERS[one.feed](
            one.payload,
            one.received_ns,
            one.sensor,
            site.sensors[max(0, one.sensor)],
            site.sector.vertical,
        )
        for one in arrivals
    ]


def test_the_worlds_geometry_is_that_of_proj(site: Site) -> None:
    """Places 40 km out, against PROJ's geocentric and topocentric conversions."""
    frame = sector_frame(site.sector)
    east_north_up = np.array([[0.0, 0.0, 50.0], [30e3, -20e3, 120.0], [-38e3, 1e3, 900.0]])
    latitude, longitude, height = geodetic(site, frame, east_north_up)
    origin = site.sector.origin
    pipeline = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=cart +ellps=WGS84 +step +proj=topocentric +ellps=WGS84 "
        f"+lat_0={np.degrees(origin.latitude_rad)} +lon_0={np.degrees(origin.longitude_rad)} "
        f"+h_0={site.sector.origin_height_ellipsoid_m}"
    )
    east, north, up = pipeline.transform(np.degrees(longitude), np.degrees(latitude), height)
    assert np.column_stack([east, north]) == pytest.approx(east_north_up[:, :2], abs=7.0)
    assert height == pytest.approx(1195.0 - 24.0 + east_north_up[:, 2])
    truth = truth_of(site, frame, START, straight((30e3, -20e3, 120.0), (0.0, 0.0, 0.0)))
    assert truth.position_enu_m[0] == pytest.approx([east[1], north[1], up[1]], abs=1e-3)


def test_radar_errors_are_the_stated_ones(site: Site) -> None:
    frame = sector_frame(site.sector)
    quiet = msgspec.structs.replace(site.sensors[0], clutter_per_scan=0.0)
    place = msgspec.structs.replace(site, sensors=(quiet, *site.sensors[1:]))
    thing = straight((-6000.0, 5000.0, 300.0), (20.0, -12.0, 1.0))
    lines = list(
        radar.arrivals(
            np.random.default_rng(1), place, frame, 0, radar.Physics(), (thing,), START, SECONDS
        )
    )
    decoded = read(place, lines)
    rows = [part.detections for part in decoded]
    truth = truth_of(place, frame, START, thing)
    own = radar.local_frame(place.sensors[0])
    errors = []
    for batch in rows:
        for k in range(batch.n):
            at = [
                np.interp(batch.time_ns[k], truth.time_ns, truth.position_enu_m[:, axis])
                for axis in range(3)
            ]
            local = to_enu(own, *from_enu(frame, np.array(at)))
            slant = np.linalg.norm(local)
            azimuth = np.arctan2(local[0], local[1]) % (2 * np.pi)
            value = np.array([slant, azimuth, np.arcsin(local[2] / slant)])
            assert batch.kind[k] == Kind.RANGE_AZIMUTH_ELEVATION
            off = batch.value[k] - value
            off[1] = (off[1] + np.pi) % (2 * np.pi) - np.pi  # it passes north of the radar
            errors.append(off / np.sqrt(np.diag(batch.covariance[k])))
    errors = np.array(errors)
    assert len(errors) == pytest.approx(0.95 * SECONDS, abs=15)
    assert np.abs(errors.mean(0)).max() < 0.25
    assert errors.std(0) == pytest.approx([1.0, 1.0, 1.0], abs=0.15)


def test_doppler_is_the_range_rate_positive_away(site: Site) -> None:
    frame = sector_frame(site.sector)
    quiet = msgspec.structs.replace(site.sensors[0], clutter_per_scan=0.0)
    place = msgspec.structs.replace(site, sensors=(quiet, *site.sensors[1:]))
    thing = straight((3000.0, 2500.0, 400.0), (15.0, 10.0, 0.0))
    lines = radar.arrivals(
        np.random.default_rng(6), place, frame, 0, radar.Physics(), (thing,), START, SECONDS
    )
    plots = [part.detections for part in read(place, list(lines))]
    times = np.concatenate([part.time_ns for part in plots])
    ranges = np.concatenate([part.value[:, 0] for part in plots])
    told = np.concatenate([part.doppler_m_s for part in plots])
    # The slope of the measured ranges themselves, over the whole straight flight.
    slope = np.polyfit((times - times[0]) / NS_PER_S, ranges, 2)
    felt = np.polyval(np.polyder(slope), (times - times[0]) / NS_PER_S)
    assert told.mean() > 15.0
    assert (told - felt).std() == pytest.approx(0.5, abs=0.12)
    assert abs((told - felt).mean()) < 0.15


def test_the_beam_tells_when_it_was_there(site: Site) -> None:
    """The antenna turns clockwise from north: the time in the revolution is the azimuth."""
    frame = sector_frame(site.sector)
    thing = straight((-6000.0, -200.0, 300.0), (0.0, 0.0, 0.0))
    physics = radar.Physics(phase=0.0)
    for part in read(
        site,
        list(
            radar.arrivals(np.random.default_rng(1), site, frame, 1, physics, (thing,), START, 60.0)
        ),
    ):
        plots = part.detections
        within = (plots.time_ns - START) / NS_PER_S % 4.8 / 4.8
        turned = plots.value[:, 1] / (2 * np.pi)
        assert np.abs((within - turned + 0.5) % 1.0 - 0.5).max(initial=0.0) < 0.01
        assert np.all(plots.received_ns >= plots.time_ns)


def test_clutter_is_poisson_with_the_stated_mean(site: Site) -> None:
    frame = sector_frame(site.sector)
    nothing = straight((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    lines = radar.arrivals(
        np.random.default_rng(4), site, frame, 0, radar.Physics(), (nothing,), START, SECONDS
    )
    counts = np.array([part.detections.n for part in read(site, list(lines))])
    assert counts.mean() == pytest.approx(site.sensors[0].clutter_per_scan, rel=0.1)
    assert counts.var() == pytest.approx(counts.mean(), rel=0.3)


def test_small_and_far_is_seen_less(site: Site) -> None:
    sensor, physics = site.sensors[0], el_paso.CENTRAL_RADAR
    drone = straight((0, 0, 0), (0, 0, 0), rcs_dbsm=-15.0)
    slant = np.array([2e3, 8e3, 12e3, 16e3, 17.9e3, 18.1e3])
    chance = radar.probability(sensor, physics, drone, slant, np.full(6, 0.02), np.full(6, 5.0))
    assert np.all(np.diff(chance) < 0) and chance[1] > 0.85 and chance[-1] == 0.0
    still = radar.probability(
        site.sensors[1], el_paso.AIRPORT_RADAR, drone, slant, np.full(6, 0.02), np.full(6, 0.1)
    )
    assert np.all(still == 0.0)  # no turning blades, no range rate: lost with the ground


def test_adsb_positions_lie_where_the_aircraft_was(site: Site) -> None:
    frame = sector_frame(site.sector)
    thing = straight(
        (-9000.0, 4000.0, 900.0), (80.0, 30.0, -3.0), of_class="aircraft",
        transponder=Transponder("adf999", "EXR999", "A3", "2000"),
    )  # fmt: skip
    parts = read(
        site,
        list(adsb.arrivals(np.random.default_rng(2), site, frame, 2, (thing,), START, SECONDS)),
    )
    truth = truth_of(site, frame, START, thing)
    apart, heights = [], []
    for part in parts:
        for k in range(part.detections.n):
            latitude, longitude, height = part.detections.value[k]
            found = to_enu(frame, latitude, longitude, height)
            at = [
                np.interp(part.detections.time_ns[k], truth.time_ns, truth.position_enu_m[:, axis])
                for axis in range(3)
            ]
            apart.append(np.hypot(*(found[:2] - at[:2])))
            heights.append(found[2] - at[2])
            assert part.detections.claimed_id[k] == claim_id("icao", "adf999")
    assert len(apart) > 0.85 * SECONDS
    assert np.median(apart) < 12.0 and max(apart) < 40.0
    assert np.abs(heights).max() < 25 * 0.3048 * 0.5 + 1.0  # half a step of 25 ft
    spoken = [report for part in parts for report in part.reports]
    assert np.median([r.ground_speed_m_s for r in spoken]) == pytest.approx(
        np.hypot(80.0, 30.0), abs=0.1
    )
    assert np.median([r.track_rad for r in spoken]) == pytest.approx(
        np.arctan2(80.0, 30.0), abs=0.01
    )
    assert np.median([r.vertical_rate_m_s for r in spoken]) == pytest.approx(-3.0, abs=0.2)
    callsigns = {report.callsign for report in spoken}
    assert callsigns == {"EXR999"}


def test_remote_id_is_read_back(site: Site) -> None:
    frame = sector_frame(site.sector)
    said = Broadcast("EXERCISE0TEST001", (1500.0, -900.0), "EXERCISE")
    thing = straight((1000.0, -1500.0, 60.0), (3.0, 4.0, 0.0), broadcast=said)
    parts = read(
        site,
        list(
            remote_id.arrivals(np.random.default_rng(3), site, frame, 3, (thing,), START, SECONDS)
        ),
    )
    truth = truth_of(site, frame, START, thing)
    rejected: Counter[str] = Counter()
    errors = []
    for part in parts:
        rejected.update(part.rejected)
        for k in range(part.detections.n):
            found = to_enu(frame, *part.detections.value[k])
            at = [
                np.interp(part.detections.time_ns[k], truth.time_ns, truth.position_enu_m[:, axis])
                for axis in range(3)
            ]
            errors.append(found - at)
            assert part.detections.claimed_id[k] == claim_id("remote_id", said.serial)
    assert not rejected
    assert len(errors) > 0.8 * SECONDS
    spread = np.array(errors).std(0)
    assert spread == pytest.approx([1.5, 1.5, 3.0], rel=0.25)
    assert np.abs(np.array(errors).mean(0)).max() < 0.8
    report = parts[0].reports[0]
    assert report.ground_speed_m_s == pytest.approx(5.0, abs=0.25)
    assert report.track_rad == pytest.approx(np.arctan2(3.0, 4.0), abs=0.01)
    latitude, longitude, _ = geodetic(site, frame, np.array([1500.0, -900.0, 1.5]))
    assert report.operator_latitude_rad == pytest.approx(float(latitude), abs=1e-8)
    assert report.operator_longitude_rad == pytest.approx(float(longitude), abs=1e-8)


@pytest.mark.shared
def test_the_pack_has_the_layout_of_a_real_receivers(shared: Path) -> None:
    """Field offsets against a recording: same length, and the same bytes are zero in both forms."""
    from pathlib import Path

    recorded = json.loads(
        (Path(str(shared)) / "data/rid/dronescout_json/WiFi-beacon.json").read_text()
    )
    theirs = b64decode(recorded[0]["data"]["UASdata"])
    ours = remote_id.pack(
        serial="1787F04BM24010011195", description="", latitude_deg=1.0, longitude_deg=2.0,
        height_ellipsoid_m=28.0, height_ground_m=3.0, direction_deg=0.0, speed_m_s=0.0, climb_m_s=0.0,
        after_hour_s=10.0, operator_latitude_deg=1.0, operator_longitude_deg=2.0,
        operator_height_ellipsoid_m=5.0, time_s=remote_id.EPOCH_2019_S + 7.0,
    )  # fmt: skip
    assert len(ours) == len(theirs)
    for valid in (892, 893, 894, 912, 913):
        assert ours[valid] == theirs[valid]
    assert theirs[8:28].isalnum() and ours[8:28].isalnum()
