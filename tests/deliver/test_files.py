"""Files and streams that others read: readsb's fields, RFC 7946 by GEOS, whole files only."""

from __future__ import annotations

import asyncio
import json
from math import degrees, isnan, nan
from pathlib import Path
from typing import Any

import pytest
import shapely

from tests.deliver.scene import NOW_NS, S, each_kind, frame, free_port, many, thing, until
from tests.detections.conftest import make_sensor
from windhover.deliver import aircraft_json, geojson
from windhover.deliver.airspace import ellipse
from windhover.deliver.files import FileOutput, FileSettings
from windhover.deliver.line import shut
from windhover.deliver.stream import StreamOutput, StreamSettings
from windhover.detections import readsb
from windhover.errors import BadSite
from windhover.schema.place import Vertical

PURPOSE = "Drawn beside the tower's own traffic display."
# Keys and types of readsb's README-json.md that we use; ranges as its clients expect them.
README: dict[str, tuple[type, ...]] = {
    "hex": (str,), "type": (str,), "flight": (str,), "r": (str,), "t": (str,), "desc": (str,),
    "alt_geom": (int,), "gs": (float,), "track": (float,), "geom_rate": (int,), "squawk": (str,),
    "category": (str,), "lat": (float,), "lon": (float,), "nac_p": (int,), "seen": (float,), "seen_pos": (float,),
    "mlat": (list,), "tisb": (list,), "messages": (int,),
}  # fmt: skip


def snapshot(exercise: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(aircraft_json.render(frame(*each_kind(), exercise=exercise)))
    return found


def test_every_key_is_readsbs_own() -> None:
    for one in snapshot()["aircraft"] + snapshot(exercise=True)["aircraft"]:
        assert set(one) <= set(README)
        for key, value in one.items():
            assert isinstance(value, README[key]), (key, value)
        assert len(one["hex"].lstrip("~")) == 6
        assert len(one.get("flight", "12345678")) == 8
        assert 0 <= one["nac_p"] <= 11
        assert 0.0 <= one.get("track", 0.0) < 360.0
        # Read without asking whether they are there: tar1090 (messages), graphs1090 and readsb's scripts (seen).
        assert {"hex", "mlat", "tisb", "messages", "seen"} <= set(one)


def test_only_what_is_known_is_said() -> None:
    by_track = dict(zip((t.track_id for t in each_kind()), snapshot()["aircraft"], strict=True))
    assert by_track[3]["hex"] == "a1b2c3" and by_track[3]["flight"] == "MEDEVAC1"
    assert by_track[3]["squawk"] == "4321" and by_track[3]["category"] == "A1"
    assert by_track[3]["alt_geom"] == round(1303.0 / 0.3048)
    assert by_track[3]["geom_rate"] == round(2.0 / 0.3048 * 60)
    assert by_track[1]["hex"] == "~000001" and "flight" not in by_track[1]
    assert (by_track[1]["category"], by_track[1]["t"]) == ("B6", "DRON")
    assert (by_track[4]["category"], by_track[4]["t"]) == ("B2", "BALL")
    assert by_track[9]["category"] == "C3"
    assert "category" not in by_track[5] and "category" not in by_track[6]
    assert "alt_geom" not in by_track[4] and "geom_rate" not in by_track[2]
    assert not any("alt_baro" in one for one in by_track.values())


def test_no_exercise_aircraft_can_be_taken_for_a_real_one() -> None:
    whole = snapshot(exercise=True)
    assert whole["exercise"] == "EXERCISE / EJERCICIO"
    for one in whole["aircraft"]:
        assert one["hex"].startswith("~")
        assert one["flight"] == "EXERCISE"
        assert one["r"].startswith("EXERCISE")
        assert one["desc"].startswith("EXERCISE / EJERCICIO")
        assert "squawk" not in one
    assert "EXERCISE" not in json.dumps(snapshot())


def test_our_own_reader_draws_it() -> None:
    things = many(300)
    decoded = readsb.decode(
        aircraft_json.render(frame(*things)), NOW_NS, 0, make_sensor("adsb"), Vertical()
    )
    assert decoded.detections.n == 300
    for row, one in enumerate(things):
        assert decoded.detections.value[row, 0] == pytest.approx(one.latitude_rad, abs=1e-8)
        assert isnan(decoded.detections.value[row, 2]) == isnan(one.height_ellipsoid_m)


def test_nearly_north_is_north() -> None:
    nearly = thing(1, velocity_enu_m_s=(-0.001, 5.0, 0.0))
    assert aircraft_json.entry(frame(nearly), nearly)["track"] == 0.0


def test_a_map_that_is_opened_late_finds_the_last_hour(tmp_path: Path) -> None:
    def read(name: str) -> Any:
        return json.loads((tmp_path / name).read_bytes())

    (tmp_path / "history_7.json").write_text("{}")  # of a run that was killed
    (tmp_path / "picture.geojson").write_text("{}")  # somebody else's
    settings = FileSettings("tower", PURPOSE, str(tmp_path), "aircraft_json")
    output = FileOutput(settings)
    assert read("receiver.json") == {"version": "windhover", "refresh": 1000, "history": 0}
    assert not (tmp_path / "history_7.json").exists()
    for second in range(91):
        output.send(frame(*many(3 if second else 2), now_ns=NOW_NS + second * S))
    assert read("receiver.json") == {
        "version": "windhover", "refresh": 1000, "history": 4, "lat": 31.8, "lon": -106.4,
    }  # fmt: skip
    pieces = [read(f"history_{k}.json") for k in range(4)]
    assert [piece["now"] for piece in pieces] == [NOW_NS / 1e9 + 30.0 * k for k in range(4)]
    assert [a["messages"] for a in pieces[1]["aircraft"]] == [31, 31, 30]
    assert pieces[1]["messages"] == 2 + 30 * 3
    for second in range(120, 30 * 123, 30):
        output.send(frame(thing(1), now_ns=NOW_NS + second * S))
    assert read("receiver.json")["history"] == 120  # then the oldest are written over
    nows = sorted(read(f"history_{k}.json")["now"] for k in range(120))
    assert nows[-1] - nows[0] == 119 * 30.0

    async def stop() -> None:
        task = asyncio.create_task(output.run())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(stop())
    assert {path.name for path in tmp_path.iterdir()} == {"receiver.json", "picture.geojson"}
    assert read("receiver.json")["history"] == 0


@pytest.mark.parametrize(
    ("sigma_m", "code"), [(0.5, 11), (2.0, 10), (10.0, 9), (30.0, 8), (10_000.0, 0)]
)
def test_nac_p_is_the_best_category_that_holds_the_error(sigma_m: float, code: int) -> None:
    # DO-260B table 2-71: 11 < 3 m, 10 < 10 m, 9 < 30 m, 8 < 92.6 m (95 %, 2.45 sigma).
    one = thing(1, covariance_m2=(sigma_m**2, sigma_m**2, 1.0, 0.0))
    assert aircraft_json.nac_p(one) == code


def test_geos_reads_the_features_where_we_put_them() -> None:
    things = each_kind()
    body = geojson.render(frame(*things))
    collection = shapely.from_geojson(body)
    for point, one in zip(shapely.get_parts(collection), things, strict=True):
        assert point.x == pytest.approx(degrees(one.longitude_rad), abs=1e-7)
        assert point.y == pytest.approx(degrees(one.latitude_rad), abs=1e-7)
        assert point.has_z == (not isnan(one.height_ellipsoid_m))
    properties = json.loads(body)["features"][0]["properties"]
    assert properties["class"] == "drone"
    assert properties["certainty"] == "very likely"
    assert properties["altitude_amsl_m"] == 1325.0
    assert properties["sigma_height_m"] == 15.0
    assert "height_ellipsoid_m" not in json.loads(body)["features"][3]["properties"]


def test_the_ellipse_is_that_of_the_covariance() -> None:
    # 20 m along north-east, 5 m across.
    along, across = 400.0, 25.0
    middle, half = (along + across) / 2, (along - across) / 2
    major, minor, direction = ellipse((middle, middle, 1.0, half))
    assert (major, minor) == pytest.approx((20.0, 5.0))
    assert degrees(direction) == pytest.approx(45.0)
    assert degrees(ellipse((middle, middle, 1.0, -half))[2]) == pytest.approx(135.0)
    assert ellipse((25.0, 400.0, 1.0, 0.0))[::2] == (20.0, 0.0)  # along north


def test_an_exercise_says_so_in_the_collection_and_every_feature() -> None:
    whole = json.loads(geojson.render(frame(*each_kind(), exercise=True)))
    assert whole["exercise"] is True and whole["title"].startswith("EXERCISE / EJERCICIO")
    for one in whole["features"]:
        assert one["properties"]["exercise"] is True
        assert one["properties"]["name"].startswith("EXERCISE / EJERCICIO")
        assert one["id"].startswith("EXERCISE-")


def test_probability_never_reaches_one() -> None:
    whole = json.loads(geojson.render(frame(thing(1, probability=1.0))))
    assert whole["features"][0]["properties"]["probability"] == 0.99


@pytest.mark.parametrize(
    ("form", "name"), [("aircraft_json", "aircraft.json"), ("geojson", "picture.geojson")]
)
def test_files_are_whole_and_go_when_the_output_goes(form: Any, name: str, tmp_path: Path) -> None:
    async def main() -> None:
        output = FileOutput(FileSettings("tower", PURPOSE, str(tmp_path / "web"), form))
        task = asyncio.create_task(output.run())
        await asyncio.sleep(0)
        output.send(frame(*many(20)))
        first = (tmp_path / "web" / name).read_bytes()
        assert json.loads(first)
        output.send(frame(*many(30), now_ns=NOW_NS + S // 10))  # not yet due
        assert (tmp_path / "web" / name).read_bytes() == first
        output.send(frame(*many(30), now_ns=NOW_NS + S))
        assert (tmp_path / "web" / name).read_bytes() != first
        assert not list((tmp_path / "web").glob("*.part"))
        assert output.health.sent == 2
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not (tmp_path / "web" / name).exists()
        assert output.health.state == "off"

    asyncio.run(main())


def test_a_disk_that_does_not_take_it_is_counted(tmp_path: Path) -> None:
    output = FileOutput(FileSettings("tower", PURPOSE, str(tmp_path / "web"), "geojson"))
    (tmp_path / "web").rmdir()
    output.send(frame(thing(1)))
    assert output.health.dropped == {"not written": 1}
    assert output.health.state == "waiting" and output.health.last_error
    (tmp_path / "web").mkdir()
    output.send(frame(thing(1), now_ns=NOW_NS + S))
    assert output.health.state == "up"
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadSite, match="cannot write"):
        FileOutput(FileSettings("tower", PURPOSE, str(tmp_path / "file"), "geojson"))


def test_a_stream_reaches_every_client_and_a_slow_one_misses_whole_instants() -> None:
    port = free_port()

    async def main() -> None:
        output = StreamOutput(StreamSettings("partner", PURPOSE, port, clients_max=2))
        task = asyncio.create_task(output.run())
        await until(lambda: output.health.state == "up")
        clients = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await until(lambda: output.health.connections == 2)
        refused, refused_writer = await asyncio.open_connection("127.0.0.1", port)
        assert await refused.read() == b""
        assert output.health.dropped == {"client refused: too many": 1}
        for i in range(3):
            output.send(frame(*each_kind(), now_ns=NOW_NS + i * S))
            await asyncio.sleep(0.01)
        for reader, _ in clients:
            for i in range(3):
                assert await reader.readexactly(1) == b"\x1e"
                one = json.loads(await reader.readline())
                assert one["time"] == f"2026-02-11T06:30:1{i}.000Z"
        # Nothing is read any more: the queue fills, and instants are missed and counted.
        big = many(4000)
        for i in range(60):
            output.send(frame(*big, now_ns=NOW_NS + (i + 10) * S))
            await asyncio.sleep(0)
            if "a client read too slowly" in output.health.dropped:
                break
        assert output.health.dropped["a client read too slowly"] > 0
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for writer in (refused_writer, *(w for _, w in clients)):
            await shut(writer)
        assert output.health.state == "off"

    asyncio.run(main())


def test_heights_and_rates_may_be_unknown_everywhere() -> None:
    bare = thing(1, height_ellipsoid_m=nan, velocity_enu_m_s=(0.0, 0.0, nan))
    assert b"NaN" not in aircraft_json.render(frame(bare)) + geojson.render(frame(bare))
    assert b"null" not in aircraft_json.render(frame(bare)) + geojson.render(frame(bare))


@pytest.mark.parametrize("receiver", [None, '{"version":"3.14 readsb","refresh":1000}'])
def test_a_receivers_own_folder_is_left_as_it_is(tmp_path: Path, receiver: str | None) -> None:
    files = {"aircraft.json": "{}", "history_0.json": "{}"}
    if receiver is not None:
        files["receiver.json"] = receiver
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(BadSite, match="another program's"):
        FileOutput(FileSettings("tower", PURPOSE, str(tmp_path), "aircraft_json"))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files


def test_our_own_folder_is_taken_again_after_a_kill(tmp_path: Path) -> None:
    settings = FileSettings("tower", PURPOSE, str(tmp_path), "aircraft_json")
    FileOutput(settings).send(frame(*each_kind()))
    assert (tmp_path / "aircraft.json").exists()
    FileOutput(settings)  # nobody took anything away
    assert not (tmp_path / "aircraft.json").exists()
