"""Recordings of the real world, their names hidden: what counts as followed, and what the tracker reaches."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from tests.tracks.site import T0, fleet, reported, reports
from windhover.cli.bench_tracker import tracker
from windhover.detections import pcap, udp
from windhover.detections.asterix.rows import Radar, rows
from windhover.detections.decoded import Decoded
from windhover.errors import BadInput
from windhover.feeds.asterix_files import turn_s
from windhover.feeds.files import read_recording
from windhover.feeds.recording import Recording, build
from windhover.schema.batches import Detections
from windhover.schema.place import Vertical
from windhover.score.tracking_real import follow
from windhover.units import NS_PER_S


def recorded(objects: int = 4, seconds: int = 40) -> Recording:
    """Objects that report twice a second, far from one another."""
    rng = np.random.default_rng(3)
    place, velocity = fleet(objects, rng)
    scans = [
        reported(place + velocity * k, T0 + k * NS_PER_S, rng, sigma_m=5.0) for k in range(seconds)
    ]
    return build(
        name="made", kind="points_csv", reason="", understood=(),
        decoded=Decoded(Detections.concatenate(scans), (), None, {}),
        truth_object=np.tile(np.arange(objects), seconds), names=tuple("abcdefgh"[:objects]),
        sensor_kind="points", vertical=Vertical(), sensors=(reports(kind="points"),), hide_ids=True,
    )  # fmt: skip


def test_what_is_easy_is_followed_from_the_second_plot_on() -> None:
    found = follow(recorded())
    assert (found.names, found.tracks, found.tracks_per_name) == (4, 4, 1.0)
    assert found.named_plots == found.plots == 160
    assert found.near_known == 1.0 and found.purity == 1.0
    assert found.near <= 1.0 - 4 / 160  # nothing is shown on its first plot


def test_names_that_change_places_are_not_pure() -> None:
    good = recorded()
    swapped = good.truth_object.copy()
    late = np.arange(len(swapped)) >= len(swapped) * 3 // 4
    swapped[late] = (swapped[late] + 1) % 4
    found = follow(good._replace(truth_object=swapped))
    assert found.purity == pytest.approx(0.75, abs=0.03)


def test_a_name_told_once_or_twice_is_no_object() -> None:
    good = recorded()
    truth = good.truth_object.copy()
    truth[[40, 90]] = 4
    found = follow(good._replace(truth_object=truth, names=(*good.names, "garbled")))
    assert (found.names, found.named_plots, found.plots) == (4, 158, 160)
    with pytest.raises(BadInput, match="names no object"):
        follow(good._replace(truth_object=np.full(160, -1)))


@pytest.mark.shared
def test_a_real_radar_is_followed_with_its_codes_hidden(shared: Path) -> None:
    path = shared / "data" / "asterix" / "jm_260429.pcap"
    recording = read_recording(path, hide_ids=True)
    assert all((batch.detections.claimed_id == 0).all() for batch in recording.batches)
    found = follow(recording)
    assert found.names == 19 and found.named_plots > 3500
    # 99 % is wanted; 2 % of its plots lie farther than 800 m off a straight line through their neighbours.
    assert found.near > 0.98 and found.near_known > 0.985
    assert found.purity >= 0.98
    assert found.tracks_per_name <= 1.15


@pytest.mark.shared
def test_the_command_tells_it_and_says_where_it_cannot(shared: Path) -> None:
    folder = shared / "data" / "asterix"
    app = typer.Typer()
    app.command()(tracker)
    told = CliRunner().invoke(app, [str(folder / "jm_260429.pcap")])
    assert told.exit_code == 0 and "tracks per name" in told.stdout
    nobody = CliRunner().invoke(app, [str(folder / "cat_034_048.pcap")])
    assert nobody.exit_code == 2 and "names no object" in nobody.output


@pytest.mark.shared
def test_plots_alone_tell_how_long_the_antenna_turns(shared: Path) -> None:
    packets, _ = pcap.packets((shared / "data" / "asterix" / "jm_260429.pcap").read_bytes())
    radars: dict[int, Radar] = {}
    found = []
    for datagram in udp.datagrams(packets)[0]:
        found += rows(datagram.data, datagram.time_ns, Vertical(), Counter(), radars)
    told = next(iter(radars.values())).period_s  # its own CAT034 says so
    assert turn_s(found) == pytest.approx(told, abs=0.01)
    assert turn_s(found[:60]) == pytest.approx(told, abs=0.03)
    assert turn_s(found[:5]) == 5.0
