"""`windhover notam` and its bench, run as a person runs them."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from windhover.cli.bench_notam import measure
from windhover.cli.notam import app

RUN = CliRunner()
TEXT = (
    "A1234/26 NOTAMN\nQ) KZAB/QRTCA/IV/BO/W/000/180/3148N10623W011\n"
    "A) KZAB B) 2602110630 C) 2602210630\nE) TEMPORARY RESTRICTED AREA WI A CIRCLE RADIUS 10NM\n"
    "CENTRED ON 314825N 1062239W.\nF) SFC G) 17999FT AMSL"
)


def test_decode_prints_one_object_a_notice(tmp_path: Path) -> None:
    plain = tmp_path / "two.txt"
    plain.write_text(f"{TEXT}\n\n!OKC 08/083 OKC TWY A6 CLSD 2508191956-2511282300EST\n")
    lines = tmp_path / "two.jsonl.gz"
    rows = [{"id": "A1234/26", "raw": TEXT}, {"id": "X1/26", "raw": "OKC NAV ILS RWY 35R IM U/S"}]
    lines.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    for file, ids in ((plain, ["A1234/26", "08/083"]), (lines, ["A1234/26", "X1/26"])):
        result = RUN.invoke(app, ["decode", str(file), "--jsonl"])
        assert result.exit_code == 0, result.output
        shown = [json.loads(line) for line in result.stdout.splitlines()]
        assert [row["id"] for row in shown] == ids
        assert shown[0]["volumes"][0]["properties"]["radius_m"] == 18520.0
    result = RUN.invoke(app, ["decode", "-"], input=TEXT)
    assert result.exit_code == 0 and "temporary restricted area activated" in result.stdout
    assert "zona restringida temporal" in result.stdout and "radius 10.00 NM" in result.stdout


@pytest.mark.parametrize("content", [b"", b'{"raw": ', b'{"id": 1}', b"\x1f\x8bbroken"])
def test_bad_files_end_with_one_clear_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad"
    file.write_bytes(content)
    result = RUN.invoke(app, ["decode", str(file), "--jsonl"])
    assert result.exit_code == 2
    assert result.stderr.startswith("windhover notam: ") and result.stderr.count("\n") == 1


def test_a_file_that_is_not_there() -> None:
    result = RUN.invoke(app, ["decode", "nowhere.txt"])
    assert result.exit_code == 2 and "cannot be read" in result.stderr


def test_check_tells_the_reasons(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text(TEXT)
    bad.write_text(TEXT.replace("/180/", "/100/"))
    assert RUN.invoke(app, ["check", str(good)]).exit_code == 0
    result = RUN.invoke(app, ["check", str(bad), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refusals"][0]["item"] == "Q"


def test_draw_writes_a_picture_or_nothing(tmp_path: Path) -> None:
    file, out = tmp_path / "one.txt", tmp_path / "one.png"
    file.write_text(TEXT)
    result = RUN.invoke(app, ["draw", str(file), "--out", str(out)])
    assert result.exit_code == 0 and out.read_bytes().startswith(b"\x89PNG")
    # Item Q's circle stands in for an area that the words do not draw …
    nameless = TEXT.replace("314825N 1062239W", "EL PASO")
    far = TEXT.replace("314825N 1062239W", "514825N 0062239E").replace("A0101/26", "A0102/26")
    file.write_text(f"{nameless}\n\n{far}")
    result = RUN.invoke(app, ["draw", str(file), "--out", str(out)])
    assert result.exit_code == 0 and "2 areas drawn" in result.stdout
    # … and without either there is nothing to draw.
    file.write_text(re.sub(r"/\d{4}N\d{5}W\d{3}", "/", nameless))
    other = tmp_path / "other.png"
    result = RUN.invoke(app, ["draw", str(file), "--out", str(other)])
    assert result.exit_code == 2 and list(tmp_path.glob("other*")) == []


def test_the_bench_measures_what_it_says() -> None:
    figures = measure([TEXT, "nonsense", TEXT.replace("E)", "D) DAILY 0700-0800 E)")])
    assert figures["texts"] == 3 and figures["schedules"] == 1
    assert figures["accepted_percent"] == pytest.approx(200 / 3)
    assert figures["schedules_to_intervals_percent"] == 100.0
    assert figures["texts_per_s"] > 0
