"""Evidence read aloud: it names what was not heard, and says up, down or level."""

from __future__ import annotations

import numpy as np
import pytest

from windhover.exercises import el_paso
from windhover.geo.frames import sector_frame, to_enu
from windhover.identities import start
from windhover.identities.explain import _item
from windhover.identities.memory import IdentityState, hold
from windhover.identities.sensors import HEARD
from windhover.schema.batches import Tracks

NOW = 1_770_000_000_000_000_000


@pytest.fixture
def state() -> IdentityState:
    site = el_paso.site()
    sector = site.sector
    empty = start(site.sensors, sector_frame(sector), sector.vertical)
    zeros, whole = np.zeros(1), np.ones(1, np.int64)
    one = Tracks(
        whole, whole * NOW, np.zeros((1, 6)), np.eye(6)[None], np.ones(1), np.ones((1, 3)) / 3.0,
        np.ones(1, np.int8), whole * NOW, whole * NOW, np.zeros(1, np.int64), zeros, whole,
    )  # fmt: skip
    held = hold(empty, one, NOW)
    ground = (sector.vertical.ground_altitude_amsl_m or 0.0) + (sector.vertical.undulation_m or 0.0)
    origin = sector.origin
    held.position_enu[0] = to_enu(
        held.frame, origin.latitude_rad, origin.longitude_rad, ground + 120.0
    )
    return held


@pytest.mark.parametrize(
    ("up_m_s", "says"),
    [(2.0, "Climbs at 2.0 m/s."), (-5.3, "Descends at 5.3 m/s."), (0.1, "Keeps its height.")],
)
def test_climb(state: IdentityState, up_m_s: float, says: str) -> None:
    state.velocity_enu[0, 2] = up_m_s
    assert _item(state, 0, "climb").en == says


def test_height(state: IdentityState) -> None:
    assert _item(state, 0, "height").en == "About 120 m above the ground."


def test_silence_names_what_was_not_heard(state: IdentityState) -> None:
    state.evidence.covered_s[0] = 60.0
    state.evidence.heard[0] = 0.0
    state.evidence.heard[0, HEARD.index("adsb")] = 5.0
    said = _item(state, 0, "silence").en
    assert "Remote ID" in said and "control link" in said and "ADS-B" not in said
    assert np.all(state.evidence.heard[0] >= 0.0)
