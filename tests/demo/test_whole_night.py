"""The whole exercise by its command: what it prints, what it writes, and that none of it looks real."""

from __future__ import annotations

import json
import re
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tests.demo.test_replay_command import windhover
from windhover.schema.batches import CLASSES

MARK = "EXERCISE / EJERCICIO"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str]:
    out = tmp_path_factory.mktemp("demo") / "night"
    answer = windhover("demo", "--no-serve", "--json", "--seed", "12", "--out", out)
    assert answer.returncode == 0, answer.stderr
    return out, json.loads(answer.stdout), answer.stdout.decode()


def test_one_object_tells_the_story(night: tuple[Path, dict[str, Any], str]) -> None:
    _, story, text = night
    assert text.startswith('{"mark":"' + MARK)
    assert len(story["objects"]) >= 15
    for thing in story["objects"]:
        assert thing["said"] in CLASSES
        assert 0.0 <= thing["probability"] < 1.0  # never 100 %
        assert thing["truth"].split(",")[0] in CLASSES
        assert thing["sentence"]
    for limit in story["restrictions"]:
        assert limit["area_km2"] > 0 and limit["upper_ft"] > limit["lower_ft"] >= 0
        assert limit["ordered_minutes"] > 0
    assert {n["language"] for n in story["notices"]} == {"en", "es"}
    assert all(n["sent_after_s"] is not None for n in story["notices"])
    assert re.fullmatch("[0-9a-f]{64}", story["journal_head"])


def test_the_three_promises(night: tuple[Path, dict[str, Any], str]) -> None:
    story = night[1]
    by_truth = {thing["truth"]: thing for thing in story["objects"]}
    assert by_truth["balloon, foil"]["said"] != "drone"
    assert by_truth["drone, dark"]["said"] == "drone"
    friend = by_truth["drone, friend"]
    intruders = [i for i in story["incidents"] if i["rule"] != "uncoordinated_countermeasure"]
    assert not {t for i in intruders for t in i["track_ids"]} & set(friend["track_ids"])
    assert friend["attributes"]["friend"] is True


def test_a_restriction_stands_for_each_declared_hazard_and_is_small(
    night: tuple[Path, dict[str, Any], str],
) -> None:
    limits = night[1]["restrictions"]
    assert {limit["hazard"] for limit in limits} == {"object", "laser area"}
    real = night[1]["real_order"]
    assert real["radius_nm"] == 10 and real["upper_ft"] == 17_999
    assert "not public" in real["sentence"]
    objects = [limit for limit in limits if limit["hazard"] == "object"]
    assert min(limit["area_km2"] for limit in objects) < 0.1 * real["area_km2"]
    assert all(limit["ordered_minutes"] <= 30 for limit in limits)


def test_the_neighbour_asked_in_spanish_and_was_answered(
    night: tuple[Path, dict[str, Any], str],
) -> None:
    (question,) = night[1]["questions"]
    assert question["language"] == "es" and question["question"].startswith("¿")
    assert question["answer"] and question["answered_after_s"] > question["asked_after_s"]


def test_no_message_of_it_can_be_taken_for_real(night: tuple[Path, dict[str, Any], str]) -> None:
    messages = sorted((night[0] / "outbox").glob("*.eml"))
    assert len(messages) == len(night[1]["notices"])
    for path in messages:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert message["Subject"].startswith(MARK), path.name
        assert message["To"].endswith(".example"), path.name
        assert re.fullmatch("[0-9a-f]{64}", message["X-Windhover-Journal-Head"].strip())
        lines = [line for line in message.get_content().splitlines() if line.strip()]
        unmarked = [line for line in lines if "EXERCISE" not in line and "EJERCICIO" not in line]
        # The last line names the notice and the journal's head.
        assert unmarked == [line for line in lines if line.startswith("Windhover N")], unmarked


def test_the_page_and_the_record_are_there_and_hold(
    night: tuple[Path, dict[str, Any], str],
) -> None:
    out, story, _ = night
    page = (out / "report.html").read_text("utf-8")
    assert MARK in page and "<svg" in page and not re.search(r"https?://(?!www\.w3\.org)", page)
    verdict = windhover("journal", "verify", out, "--head", story["journal_head"])
    assert verdict.returncode == 0 and verdict.stdout.decode().startswith(MARK)
    assert list((out / "archive").rglob("*.parquet"))


def test_one_flipped_byte_is_found_and_named(
    night: tuple[Path, dict[str, Any], str], tmp_path: Path
) -> None:
    damaged = bytearray((night[0] / "journal.sqlite").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path = tmp_path / "journal.sqlite"
    path.write_bytes(bytes(damaged))
    seal = night[0] / "journal.sqlite.seal"
    (tmp_path / "journal.sqlite.seal").write_bytes(seal.read_bytes())
    verdict = windhover("journal", "verify", path, "--archive", night[0] / "archive")
    assert verdict.returncode == 1
    assert re.search(r"\b\d+\b", verdict.stdout.decode())
