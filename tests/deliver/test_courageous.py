"""The trial log under the campaign's own schema, and what stands in it."""

from __future__ import annotations

import asyncio
import json
from math import nan, pi, radians
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import numpy as np
import pytest

from tests.deliver.scene import NOW_NS, S, each_kind, frame, many, thing
from windhover.deliver.courageous import CourageousOutput, CourageousSettings, TrialLog
from windhover.errors import BadSite
from windhover.schema.batches import Detections, Kind

FIRST = frame()


def settings(path: Path, **more: Any) -> CourageousSettings:
    return CourageousSettings("trial", "Scored by the campaign's evaluators.", str(path), "Makers", **more)  # fmt: skip


def plots() -> Detections:
    """One plot of each kind."""
    batch = Detections.empty(len(Kind))
    batch.time_ns[:] = NOW_NS
    batch.kind[:] = list(Kind)
    batch.value[:] = [
        [radians(31.8), radians(-106.4), 1300.0],
        [5000.0, pi / 2, 0.0],
        [6000.0, 0.0, 0.0],
        [7000.0, 1.0, 0.1],
        [-0.5, 0.0, 0.0],
        [2.0, 0.2, 0.0],
    ]
    return batch


def made(exercise: bool = False, **more: Any) -> dict[str, Any]:
    log = TrialLog(frame(exercise=exercise), settings(Path("x"), **more))
    log.add(frame(*each_kind(), exercise=exercise))
    log.add_plots(plots())
    found: dict[str, Any] = json.loads(log.to_json())
    return found


@pytest.mark.shared
def test_valid_under_the_campaigns_schema(shared: Path) -> None:
    schema = json.loads((shared / "data/schemas/courageous/courageous.schema.json").read_bytes())
    validator = jsonschema.Draft7Validator(schema)
    validator.validate(json.loads((shared / "data/schemas/courageous/test_data.json").read_bytes()))
    for document in (
        made(),
        made(operators=True),
        made(exercise=True),
        json.loads(TrialLog(FIRST, settings(Path("x"))).to_json()),
    ):
        validator.validate(document)
    broken = made()
    broken["tracks"][0]["records"][0]["classification"] = "Drone"
    assert not validator.is_valid(broken)


def test_what_stands_in_it() -> None:
    document = made(operators=True)
    records = {t["name"]: t["records"][0] for t in document["tracks"]}
    assert records["T1"]["classification"] == "UAV" and records["T1"]["alarm"]["active"]
    assert records["T3"]["classification"] == "Other" and not records["T3"]["alarm"]["active"]
    assert records["T6"]["classification"] == "Unknown"
    assert records["T1"]["location"]["height_amsl"] == pytest.approx(1301.0 + 24.0)
    assert records["T4"]["location"]["$type"] == "Position2d"  # its height is not known
    assert "velocity" not in records["T2"] and records["T1"]["velocity"]["up"] == -0.5
    assert records["T7 GCS"]["classification"] == "GCS"
    uas = [t["uas_id"] for t in document["tracks"] if t["name"].startswith("T7")]
    assert uas == [7, 7]
    numbers = [r["record_number"] for s in document["tracks"] + document["detection"] for r in s["records"]]  # fmt: skip
    assert sorted(numbers) == list(range(len(numbers)))
    assert not [t for t in made()["tracks"] if "GCS" in t["name"]]


def test_plots_keep_what_their_sensor_measured() -> None:
    (from_first,) = made()["detection"]
    kinds = [r["location"]["$type"] for r in from_first["records"]]
    assert kinds == [
        "Position3d", "Position2d", "Position2d", "BearingElevationDistance", "Bearing", "BearingElevation",
    ]  # fmt: skip
    east = from_first["records"][1]["location"]
    at = FIRST.sensors[0]
    metres = (radians(east["lon"]) - at.longitude_rad) * 6_378_137 * np.cos(at.latitude_rad)
    assert metres == pytest.approx(5000.0, rel=2e-3)
    assert from_first["records"][4]["location"]["bearing"] == pytest.approx(360 - np.degrees(0.5))
    assert "cuas_location" in from_first["records"][3]
    assert "cuas_location" not in from_first["records"][0]


def test_an_exercise_says_so() -> None:
    document = made(exercise=True)
    assert document["system_name"].startswith("EXERCISE / EJERCICIO")
    for group in document["tracks"]:
        assert group["name"].startswith("EXERCISE / EJERCICIO")
        assert all(r["identification"].startswith("EXERCISE / EJERCICIO") for r in group["records"])


def test_once_a_second_and_never_without_a_datum() -> None:
    log = TrialLog(FIRST, settings(Path("x")))
    for i in range(50):
        at = NOW_NS + i * S // 10
        log.add(frame(thing(1, time_ns=at), now_ns=at))
    assert log.records == 5
    with pytest.raises(BadSite, match="undulation"):
        TrialLog(msgspec.structs.replace(FIRST, undulation_m=None), settings(Path("x")))


def test_a_site_without_a_datum_is_shown(tmp_path: Path) -> None:
    output = CourageousOutput(settings(tmp_path / "log.json"))
    output.send(msgspec.structs.replace(frame(*many(4)), undulation_m=None))
    assert output.health.words.startswith("off: A trial log needs heights")
    assert output.health.dropped == {"no datum": 4}
    output.save()
    assert not list(tmp_path.iterdir())


def test_a_full_log_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("windhover.deliver.courageous.MAX_RECORDS", 7)
    output = CourageousOutput(settings(tmp_path / "log.json"))
    output.send(frame(*many(10)))
    assert (output.health.sent, output.health.dropped) == (7, {"log full": 3})


def test_the_log_is_saved_under_way_and_at_the_end(tmp_path: Path) -> None:
    async def main() -> None:
        path = tmp_path / "log.json"
        output = CourageousOutput(settings(path, save_s=10.0))
        task = asyncio.create_task(output.run())
        await asyncio.sleep(0)
        for i in range(15):
            at = NOW_NS + i * S
            output.send(frame(thing(1, time_ns=at, height_ellipsoid_m=nan), now_ns=at))
        assert len(json.loads(path.read_bytes())["tracks"][0]["records"]) == 11
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(json.loads(path.read_bytes())["tracks"][0]["records"]) == 15
        assert not list(tmp_path.glob("*.part"))

    asyncio.run(main())
    with pytest.raises(BadSite, match="no folder"):
        CourageousOutput(settings(tmp_path / "none" / "log.json"))
