"""What a decision sees: identities found by track, heights known or not, sides of the border."""

from __future__ import annotations

import numpy as np
import pytest

from tests.geo.scene import GROUND_AMSL_M, NOW_NS, UNDULATION_M, Thing, at, look, site
from windhover.geo.context import ground_of, heights, see
from windhover.schema.batches import CLASSES, Identities
from windhover.schema.place import Sector, Vertical

PLACE = site()
GROUND = ground_of(PLACE)
THINGS = tuple(
    Thing(31.75 + 0.01 * k, -106.5, track_id=10 * k, said=CLASSES[k]) for k in range(1, 6)
)


def some(identities: Identities, rows: list[int]) -> Identities:
    return Identities(*(np.ascontiguousarray(column[rows]) for column in identities))


@pytest.mark.parametrize("rows", [[0, 1, 2, 3, 4], [4, 2, 0], [3], []])
def test_identities_are_found_by_track_in_any_order(rows: list[int]):
    whole = look(PLACE, *THINGS, ground=GROUND)
    seen = see(PLACE, GROUND, whole.tracks, some(whole.identities, rows))
    for row in range(5):
        if row in rows:
            assert CLASSES[seen.said[row]] == THINGS[row].said
            assert seen.probability[row].max() == pytest.approx(0.95)
        else:
            assert CLASSES[seen.said[row]] == "unknown"
            assert seen.probability[row, CLASSES.index("unknown")] == 1.0
            assert (seen.attributes[row] == -1).all()


def test_rows_by_track():
    seen = look(PLACE, *THINGS, ground=GROUND)
    assert seen.row_of(30) == 2 and seen.row_of(31) is None


def test_nothing_in_the_air():
    seen = look(PLACE, ground=GROUND)
    assert seen.tracks.n == 0 and seen.border_m.shape == (0,) and seen.probability.shape == (0, 7)


def test_heights_come_from_the_ellipsoid_by_what_the_site_states():
    seen = look(PLACE, Thing(31.85, -106.3, height_ground_m=150.0), ground=GROUND)
    assert seen.altitude_amsl_m[0] == pytest.approx(GROUND_AMSL_M + 150.0, abs=1e-3)
    assert seen.height_ground_m[0] == pytest.approx(150.0, abs=1e-3)
    height = np.array([GROUND_AMSL_M + UNDULATION_M + 70.0])

    def with_vertical(vertical: Vertical) -> tuple[np.ndarray, np.ndarray]:
        return heights(site(sector=Sector("T", at(31.8, -106.4), 0.0, 5e4, vertical)), height)

    assert np.isnan(with_vertical(Vertical())).all()
    altitude, above = with_vertical(Vertical(undulation_m=UNDULATION_M))
    assert altitude[0] == pytest.approx(GROUND_AMSL_M + 70.0) and np.isnan(above[0])
    altitude, above = with_vertical(Vertical(ground_altitude_amsl_m=GROUND_AMSL_M))
    assert np.isnan(altitude[0]) and np.isnan(above[0])  # never taken for the ellipsoid


def test_a_height_worse_than_300_m_is_none():
    seen = look(
        PLACE, Thing(31.85, -106.3, sigma_up_m=301.0), Thing(31.85, -106.3, sigma_up_m=299.0)
    )
    assert np.isnan(seen.altitude_amsl_m).tolist() == [True, False]


def test_places_and_sides():
    seen = look(PLACE, Thing(31.71, -106.5), Thing(31.69, -106.5), ground=GROUND, now_ns=NOW_NS)
    assert np.degrees(seen.latitude_rad) == pytest.approx([31.71, 31.69], abs=1e-9)
    assert np.sign(seen.border_m).tolist() == [1, -1]
    alone = look(site(border=None), Thing(31.71, -106.5))
    assert np.isnan(alone.border_m).all()
