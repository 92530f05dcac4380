"""`windhover bench feeds` measures what it says: every message becomes what it should, and the table is whole."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from windhover.cli import bench_feeds_payloads as made
from windhover.cli import main
from windhover.cli.bench_feeds import SENSOR, VERTICAL
from windhover.deliver.cot_events import to_xml
from windhover.detections import DECODERS, adsb
from windhover.detections.asterix.rows import rows


@pytest.mark.parametrize(
    ("form", "payload"),
    [
        ("remote_id_pcap", made.remote_id_pcap(250)),
        ("dronescout", made.scout_lines(250)),
        ("sbs", made.sbs(250)),
        ("aircraft_json", made.aircraft_json(250)),
        ("cot", b"".join(map(to_xml, made.own_forces(250)))),
    ],
    ids=["remote_id", "dronescout", "sbs", "aircraft_json", "cot"],
)
def test_every_message_that_is_timed_becomes_a_row(form: str, payload: bytes) -> None:
    decoded = DECODERS[form](payload, made.NOW_NS, 0, SENSOR, VERTICAL)
    assert decoded.detections.n == 250
    assert not any("unused" not in reason for reason in decoded.rejected)


def test_frames_are_positions_once_both_halves_have_come() -> None:
    frames, times = made.mode_s(1000), made.mode_s_times(1000)
    decoded, _ = adsb.decode_frames(frames, times, None, 0, SENSOR, VERTICAL)
    assert decoded.detections.n == 1000 - made.OBJECTS
    counted: Counter[str] = Counter()
    plots = made.asterix_plots(200)
    assert sum(len(rows(d, made.NOW_NS, VERTICAL, counted, {})) for d in plots) == 200
    assert not counted


def test_the_table_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bench", "feeds", "--messages", "200", "--json"])
    assert not ended.value.code
    lines = json.loads(capsys.readouterr().out)["lines"]
    names = {line["name"] for line in lines}
    assert {"Mode S frames", "ASTERIX CAT062", "SAPIENT detection reports", "GeoJSON, out"} <= names
    assert all(line["per_s"] > 0 for line in lines)
    beside = {line["name"]: line["library_per_s"] for line in lines if line["library_per_s"]}
    assert {"Mode S frames", "ASTERIX CAT048", "Cursor on Target, XML"} <= set(beside)


def test_a_folder_without_recordings_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bench", "feeds", "--messages", "200", "--recordings", "/nowhere"])
    assert ended.value.code == 2
    assert "holds none of the recordings" in capsys.readouterr().err
