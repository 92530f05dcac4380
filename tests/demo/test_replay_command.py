"""Real recordings through the command line, and files that are none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def windhover(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "windhover", *map(str, arguments)],
        capture_output=True,
        input=stdin,
        timeout=300,
    )


@pytest.mark.shared
def test_84_aircraft_without_their_names(shared: Path) -> None:
    answer = windhover(
        "replay",
        shared / "data/tracks/aircraft/opensky_84_aircraft.csv.gz",
        "--hide-ids",
        "--score",
        "--json",
    )
    assert answer.returncode == 0, answer.stderr
    figures = json.loads(answer.stdout)
    assert figures["objects"] == 84
    assert figures["held_by_one_track"] >= 80
    assert figures["tracks"] <= 100
    # Nothing is silently dropped: every one of the 6,052 rows is a plot or counted.
    assert figures["detections"] + sum(figures["rejected"].values()) == 6052


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adsb/sample_dump1090.bin", "beast"),
        ("tracks/balloon/twpsondewnpnC3.b1.20060119.050300.custom.cdf.gz", "sounding"),
        ("tracks/glider/igc_lib__new_zealand.igc.gz", "igc"),
        ("tracks/aircraft/samu31.json.gz", "json"),
    ],
)
def test_other_recordings_say_what_was_understood(
    shared: Path, name: str, kind: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    answer = windhover("replay", shared / "data" / name, "--out", out)
    words = (answer.stdout + answer.stderr).decode()
    assert answer.returncode == 0, words
    assert f"read as {kind}" in words.replace("\n", " ") or kind in words
    assert "understood" in words
    assert {"report.html", "story.json", "journal.sqlite"} <= {f.name for f in out.iterdir()}
    verdict = windhover("journal", "verify", out / "journal.sqlite")
    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("noise.bin", bytes(range(256)) * 40),
        ("headless.csv", b"1,2,3\n4,5,6\n"),
        ("half.json", b'[{"timestamp": 17, "latitude": '),
        ("cut.gz", b"\x1f\x8b\x08\x00\x00"),
        ("nan.csv", b"time,lat_deg,lon_deg,altitude_amsl_m\nnan,nan,nan,nan\n"),
    ],
)
def test_what_is_no_recording_is_one_line_exit_2_and_nothing_half_written(
    tmp_path: Path, name: str, content: bytes
) -> None:
    source, out = tmp_path / name, tmp_path / "out"
    source.write_bytes(content)
    answer = windhover("replay", source, "--out", out)
    lines = [line for line in answer.stderr.decode().splitlines() if line.strip()]
    assert answer.returncode == 2, answer.stdout
    assert len(lines) == 1 and lines[0].startswith("windhover: "), lines
    assert sorted(p.name for p in tmp_path.iterdir()) == [name]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    answer = windhover("replay", tmp_path / "nowhere.csv")
    assert answer.returncode == 2
    assert b"nowhere.csv" in answer.stderr


def test_points_from_standard_input() -> None:
    rows = ["time,lat_deg,lon_deg,altitude_amsl_m"]
    rows += [f"{1770791400 + t},{31.8 + 1e-4 * t:.6f},-106.4,{1200 + t}" for t in range(60)]
    answer = windhover("replay", "-", "--json", stdin="\n".join(rows).encode())
    assert answer.returncode == 0, answer.stderr
    assert len(json.loads(answer.stdout)["objects"]) == 1
