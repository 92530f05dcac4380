"""El Paso night: physically the story it claims to be, on any seed, and the same bytes each time."""

from collections import Counter
from hashlib import sha256

import numpy as np
import pytest
from shapely.geometry import LineString, Polygon
from shapely.geometry import Point as Dot

from windhover.exercises import SCENARIOS, el_paso
from windhover.exercises.el_paso import people, sky
from windhover.exercises.night import Night
from windhover.geo.frames import sector_frame, to_enu
from windhover.schema.batches import CLASSES
from windhover.schema.commands import FileCountermeasure, FileFriend
from windhover.score.simulate.world import Truth

SEEDS = range(40)


@pytest.fixture(scope="module")
def nights() -> list[Night]:
    return [el_paso.night(seed) for seed in SEEDS]


def plane(night: Night, ring: tuple) -> np.ndarray:  # type: ignore[type-arg]
    frame = sector_frame(night.site.sector)
    return to_enu(
        frame,
        np.array([p.latitude_rad for p in ring]),
        np.array([p.longitude_rad for p in ring]),
        np.full(len(ring), 1171.0),
    )[:, :2]


def named(night: Night, name: str) -> Truth:
    return next(one for one in night.truth if one.name == name)


def north_of(line: np.ndarray, place: np.ndarray) -> bool:
    """On the northern, that is the left bank: the river is taken where it is nearest."""
    river = LineString(line)
    along = river.project(Dot(*place))
    a, b = river.interpolate(max(0, along - 30)), river.interpolate(along + 30)
    (ax, ay), (bx, by) = ((a.x, a.y), (b.x, b.y)) if a.x < b.x else ((b.x, b.y), (a.x, a.y))
    return bool((bx - ax) * (place[1] - ay) - (by - ay) * (place[0] - ax) > 0)


def test_the_balloon_comes_from_juarez_floats_level_and_passes_over_fort_bliss(
    nights: list[Night],
) -> None:
    for night in nights:
        balloon = named(night, "foil balloon")
        river = LineString(plane(night, night.site.border.line[0]))  # type: ignore[union-attr]
        start = balloon.position_enu_m[0, :2]
        assert river.distance(Dot(*start)) > 700.0
        assert not north_of(np.array(river.coords), start)
        bliss = Polygon(
            plane(night, next(z for z in night.site.zones if z.id == "fort-bliss").polygon)
        )
        inside = [bliss.contains(Dot(*place)) for place in balloon.position_enu_m[::40, :2]]
        assert sum(inside) * 10 > 200  # seconds
        level = balloon.height_ground_m[int(900 / 0.25) :]
        assert level.std() < 15.0 and 130.0 < level.mean() < 290.0


def test_the_dark_drone_crosses_at_120_m_and_returns(nights: list[Night]) -> None:
    for night in nights:
        drone = named(night, "dark drone")
        river = np.array(plane(night, night.site.border.line[0]))  # type: ignore[union-attr]
        assert not north_of(river, drone.position_enu_m[0, :2])
        farthest = drone.position_enu_m[int(np.argmax(drone.position_enu_m[:, 1])), :2]
        assert north_of(river, farthest) and LineString(river).distance(Dot(*farthest)) > 1500.0
        assert not north_of(river, drone.position_enu_m[-1, :2])
        over = [north_of(river, place) for place in drone.position_enu_m[::20, :2]]
        assert drone.height_ground_m[::20][over] == pytest.approx(120.0, abs=8.0)
        assert drone.height_ground_m[-1] < 3.0 and drone.time_ns[-1] < night.end_ns


def test_the_agency_drone_keeps_to_what_was_filed_and_is_silent(nights: list[Night]) -> None:
    for night in nights:
        filed = next(c.friend for _, c in night.opening_commands if isinstance(c, FileFriend))
        area = Polygon(plane(night, filed.polygon))
        drone = named(night, "agency drone")
        assert all(area.contains(Dot(*place)) for place in drone.position_enu_m[::20, :2])
        assert drone.height_ground_m.max() < filed.upper_height_ground_m
        assert filed.from_ns <= drone.time_ns[0] and drone.time_ns[-1] <= filed.to_ns
        assert filed.radio_silent and filed.claimed_id == 0
        river = np.array(plane(night, night.site.border.line[0]))  # type: ignore[union-attr]
        assert all(north_of(river, place) for place in drone.position_enu_m[::40, :2])


def test_the_laser_is_filed_without_a_finished_review(nights: list[Night]) -> None:
    for night in nights:
        laser = next(
            c.countermeasure for _, c in night.opening_commands if isinstance(c, FileCountermeasure)
        )
        assert laser.aviation_review == "not finished" and laser.means == "laser"
        assert Polygon(plane(night, laser.area.polygon)).area == pytest.approx(
            laser.area.area_m2, rel=0.005
        )


def test_nothing_exceeds_its_physics(nights: list[Night]) -> None:
    fastest = {"balloon": 16.0, "tethered": 12.0, "bird": 32.0, "drone": 18.0, "aircraft": 135.0}
    for night in nights:
        for thing in night.truth:
            speed = np.linalg.norm(thing.velocity_enu_m_s[:, :2], axis=1)
            assert speed.max() < fastest[thing.of_class], (night.seed, thing.name)
            assert thing.height_ground_m.min() >= 0.0
            assert np.all(np.diff(thing.time_ns) == 250_000_000)
            jolt = np.linalg.norm(np.diff(thing.velocity_enu_m_s, axis=0), axis=1) / 0.25
            assert np.quantile(jolt, 0.99) < 9.0, (night.seed, thing.name)


def test_everybody_is_there_once(nights: list[Night]) -> None:
    for night in nights:
        kinds = Counter(one.kind for one in night.truth)
        assert kinds["drone, dark"] == kinds["drone, friend"] == kinds["balloon, foil"] == 1
        assert kinds["drone, Remote ID"] == kinds["tethered, kite"] == 1
        assert kinds["aircraft, airliner"] == 8 and kinds["bird, flapping"] == 5
        assert {one.of_class for one in night.truth} <= set(CLASSES)
        assert len({one.name for one in night.truth}) == len(night.truth)


def digest(night: Night) -> str:
    told = sha256()
    for arrival in night.arrivals():
        told.update(
            f"{arrival.received_ns} {arrival.feed} {arrival.sensor}".encode() + arrival.payload
        )
    return told.hexdigest()


def test_one_seed_is_one_night_and_another_seed_another() -> None:
    first = el_paso.night(3)
    assert digest(first) == digest(first) == digest(SCENARIOS["el-paso"](3))
    assert digest(el_paso.night(4)) != digest(first)


def test_bytes_arrive_in_order_and_carry_no_label() -> None:
    night = el_paso.night(5)
    last = night.start_ns
    feeds: Counter[str] = Counter()
    words = [word.encode() for word in (*CLASSES[1:5], "dark", "friend", "truth", "foil", "kite")]
    for arrival in night.arrivals():
        assert arrival.received_ns >= last
        last = arrival.received_ns
        feeds[arrival.feed] += 1
        assert not any(word in arrival.payload for word in words), arrival.payload[:200]
    assert last < night.end_ns + 5_000_000_000
    assert set(feeds) == {"plots", "aircraft_json", "dronescout", "wind_csv"}


def test_the_site_says_that_it_is_an_exercise() -> None:
    site = el_paso.site()
    assert site.exercise
    assert all(party.address.endswith(".example") for party in site.parties)
    assert site.border is not None and not site.border.official
    assert [rung.name for rung in site.policy.ladder] == [f"R{k}" for k in range(7)]
    assert {rung.competent for rung in site.policy.ladder} <= {party.id for party in site.parties}


def test_the_slow_party_is_slow_enough_to_be_escalated() -> None:
    for seed in SEEDS:
        cast = people.cast(np.random.default_rng(seed), 10**18)
        slow = next(
            one for one in cast if isinstance(one, people.Reader) and one.party == "hospital"
        )
        patience_s = next(
            p.acknowledge_within_s for p in el_paso.site().parties if p.id == "hospital"
        )
        assert slow.first_after_ns is not None and slow.first_after_ns / 1e9 > patience_s + 60.0
        assert sky.DURATION_S > 2000.0


@pytest.mark.soak
def test_two_hundred_nights_tell_the_story() -> None:
    more = [el_paso.night(seed) for seed in range(len(SEEDS), 200)]
    test_the_balloon_comes_from_juarez_floats_level_and_passes_over_fort_bliss(more)
    test_the_dark_drone_crosses_at_120_m_and_returns(more)
    test_the_agency_drone_keeps_to_what_was_filed_and_is_silent(more)
    test_nothing_exceeds_its_physics(more)
    test_everybody_is_there_once(more)
