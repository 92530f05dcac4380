"""All outputs beside each other, fed by the picture of a played night; mesh networks and TAK's protobuf."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from itertools import pairwise
from math import degrees, hypot, isnan, nan
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import takproto

from tests.deliver.scene import NOW_NS, S, each_kind, frame, free_port, many, thing, until
from windhover.deliver.airspace import AirFrame, frame_of
from windhover.deliver.consumer import ConsumerEnded, ConsumerStated
from windhover.deliver.cot import CotOutput, CotSettings
from windhover.deliver.line import shut
from windhover.deliver.outputs import Outputs, OutputSettings
from windhover.detections.cot_event import CotEvent, split
from windhover.errors import BadSite
from windhover.exercises.el_paso import night
from windhover.exercises.play import play
from windhover.geo.frames import to_enu
from windhover.picture import Picture
from windhover.record.journal import Journal, Meta
from windhover.record.recorder import Recorder

PURPOSE = "Tried by the partner's operations room."


@pytest.fixture(scope="module")
def picture() -> Picture:
    """The El Paso night after two minutes."""
    tonight = night(7)
    tonight = tonight._replace(end_ns=tonight.start_ns + 120 * S)
    with Recorder(Journal.in_memory(Meta(mode="exercise"))) as recorder:
        return play(tonight, recorder).picture


def test_an_instant_says_what_the_picture_says(picture: Picture) -> None:
    shown = frame_of(picture)
    held, known = picture.tracks, picture.identities
    assert shown.exercise and len(shown.objects) >= 2
    assert len(shown.objects) + sum(shown.withheld.values()) == held.n
    row_of = {t: i for i, t in enumerate(held.track_id.tolist())}
    for one in shown.objects:
        row = row_of[one.track_id]
        height = 0.0 if isnan(one.height_ellipsoid_m) else one.height_ellipsoid_m
        enu = to_enu(picture.ground.frame, one.latitude_rad, one.longitude_rad, height)
        if not isnan(one.height_ellipsoid_m):
            assert np.abs(enu - held.state_enu[row, :3]).max() < 1e-3
        # Turning a velocity into the object's own frame changes its direction, not its length.
        if not isnan(one.velocity_enu_m_s[2]):
            assert hypot(*one.velocity_enu_m_s) == pytest.approx(
                float(np.linalg.norm(held.state_enu[row, 3:])), rel=2e-3, abs=0.05
            )
        assert one.said != "clutter"
        assert one.track_id in known.track_id
    named = [one for one in shown.objects if one.scheme == "icao"]
    assert named and all(len(one.identifier) == 6 and one.cooperative for one in named)


def test_level_flight_at_the_rim_does_not_climb(picture: Picture) -> None:
    """150 km out the sector's up leans by 1.3°: an airliner's 230 m/s would seem to climb 5 m/s."""
    held = picture.tracks
    state = held.state_enu.copy()
    covariance = held.covariance_enu.copy()
    out = 120_000.0
    state[0] = [out, 0.0, -(out**2) / (2 * 6.37e6), 230.0, 0.0, -230.0 * out / 6.37e6]
    covariance[0] = np.eye(6)
    moved = picture._replace(tracks=held._replace(state_enu=state, covariance_enu=covariance))
    one = next(t for t in frame_of(moved).objects if t.track_id == held.track_id[0])
    assert abs(one.velocity_enu_m_s[2]) < 0.2
    assert one.velocity_enu_m_s[0] == pytest.approx(230.0, rel=1e-2)


def test_outputs_side_by_side_with_their_marks(picture: Picture, tmp_path: Path) -> None:
    udp, tcp, stream = free_port(socket.SOCK_DGRAM), free_port(), free_port()
    tree: list[dict[str, Any]] = [
        {"kind": "cot", "name": "tak", "purpose": PURPOSE, "host": "127.0.0.1", "port": tcp},
        {"kind": "asterix", "name": "acc", "purpose": PURPOSE, "host": "127.0.0.1", "port": udp, "sac": 1, "sic": 2},
        {"kind": "file", "name": "map", "purpose": PURPOSE, "folder": str(tmp_path), "form": "aircraft_json"},
        {"kind": "stream", "name": "gis", "purpose": PURPOSE, "port": stream},
        {"kind": "file", "name": "mute", "purpose": "", "folder": str(tmp_path), "form": "geojson"},
        {"kind": "plugin", "name": "odd", "purpose": PURPOSE, "plugin": "not_there"},
    ]  # fmt: skip
    settings = msgspec.convert(tree, tuple[OutputSettings, ...])
    marks: list[Any] = []

    async def main() -> None:
        outputs = Outputs(settings, lambda _, mark: marks.append(mark), "engineer", lambda: NOW_NS)
        assert [type(m) for m in marks] == [ConsumerStated] * 4
        assert {m.purpose for m in marks} == {PURPOSE}
        health = {h.name: h for h in outputs.health}
        assert "states no purpose" in health["mute"].words
        assert "no installed package" in health["odd"].words
        task = asyncio.create_task(outputs.run())
        await until(lambda: health["gis"].state == "up")
        outputs.send(picture)
        assert health["map"].sent == 1
        assert health["acc"].sent == len(frame_of(picture).objects)
        assert health["tak"].queued >= len(frame_of(picture).objects)  # nobody listens there
        outputs.outputs[2].send = None  # type: ignore[assignment,method-assign]
        outputs.send_frame(msgspec.structs.replace(frame_of(picture), now_ns=picture.now_ns + S))
        assert health["map"].dropped == {"fault in the output itself": 1}
        assert health["acc"].sent == 2 * len(frame_of(picture).objects)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert {h.state for h in outputs.health} == {"off"}

    asyncio.run(main())
    over = [m for m in marks if isinstance(m, ConsumerEnded)]
    assert [m.name for m in over] == ["tak", "acc", "map", "gis"]
    assert over[0].dropped["stopped"] > 0


def cot(port: int, **more: Any) -> CotSettings:
    return CotSettings(
        "tak", PURPOSE, "127.0.0.1", port, **({"every_s": 0.0, "stale_s": 60.0} | more)
    )


def test_a_full_queue_drops_the_oldest_and_counts(tmp_path: Path) -> None:
    async def main() -> None:
        output = CotOutput(cot(free_port(), queue_max=10, sensors_every_s=0.0), lambda: NOW_NS)
        output.send(frame(*many(25)))
        assert output.health.queued == 10
        assert output.health.dropped == {"queue full": 15}

    asyncio.run(main())


def test_what_went_stale_while_it_waited_is_counted_not_sent() -> None:
    port = free_port()
    clock = [NOW_NS]

    async def main() -> None:
        output = CotOutput(cot(port, sensors_every_s=0.0), lambda: clock[0], (0.02,))
        output.send(frame(*many(7)))
        clock[0] += 61 * S
        output.send(frame(*many(3), now_ns=clock[0]))
        got = bytearray()

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while payload := await reader.read(65_536):
                got.extend(payload)
            await shut(writer)

        server = await asyncio.start_server(take, "127.0.0.1", port)
        task = asyncio.create_task(output.run())
        await until(lambda: output.health.sent == 3 and got.count(b"</event>") == 3)
        assert output.health.dropped == {"stale before it could be sent": 7}
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server.close()

    asyncio.run(main())


def test_a_server_that_takes_nothing_is_left_and_what_was_under_way_comes_again() -> None:
    port = free_port()

    async def main() -> None:
        output = CotOutput(cot(port, sensors_every_s=0.0), lambda: NOW_NS, (0.02,))
        taken: Counter[str] = Counter()
        lines = 0

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal lines
            lines += 1
            if lines == 1:
                await reader.read(100)  # a part of the first event, and then it dies
                writer.transport.abort()
                return
            rest = b""
            while payload := await reader.read(65_536):
                events, rest = split(rest + payload, Counter())
                taken.update(event.uid for event in events)
            await shut(writer)

        server = await asyncio.start_server(take, "127.0.0.1", port)
        task = asyncio.create_task(output.run())
        output.send(frame(*many(40)))
        await until(lambda: len(taken) == 40)
        assert output.health.resent >= 40
        assert output.health.dropped == {}
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server.close()

    asyncio.run(main())


def test_a_server_that_never_reads_is_left_and_every_event_is_counted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("windhover.deliver.line.STALLED_S", 0.2)
    port = free_port()

    async def main() -> None:
        output = CotOutput(cot(port, sensors_every_s=0.0, queue_max=3000), lambda: NOW_NS, (0.02,))
        stalled = asyncio.Event()

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            reader._transport.pause_reading()  # type: ignore[attr-defined]
            await stalled.wait()
            await shut(writer)

        server = await asyncio.start_server(take, "127.0.0.1", port)
        task = asyncio.create_task(output.run())
        health, offered = output.health, 0
        for i in range(60):
            output.send(frame(*many(500), now_ns=NOW_NS + i))
            offered += 500
            await asyncio.sleep(0.01)
            assert offered == health.sent + health.queued + sum(health.dropped.values())
            if "does not take" in health.last_error and "queue full" in health.dropped:
                break
        await until(lambda: "does not take anything" in health.last_error)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert offered == health.sent + health.queued + sum(health.dropped.values())
        stalled.set()
        server.close()
        await asyncio.sleep(0.1)

    asyncio.run(main())


def test_what_the_other_machine_has_not_acknowledged_stays_in_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("windhover.deliver.line.IN_DOUBT_S", -1.0)
    monkeypatch.setattr("windhover.deliver.line.unacknowledged", lambda _: 2500)
    port = free_port()

    async def main() -> None:
        output = CotOutput(cot(port, sensors_every_s=0.0), lambda: NOW_NS, (0.02,))
        line = output.line
        assert line is not None
        line.encode = lambda event: bytes(1000 // int(not event.uid.endswith("T4")))
        lines: list[asyncio.StreamWriter] = []

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            lines.append(writer)
            await reader.read()
            await shut(writer)

        server = await asyncio.start_server(take, "127.0.0.1", port)
        task = asyncio.create_task(output.run())
        output.send(frame(*many(10)))
        await until(lambda: output.health.sent == 9)
        assert output.health.dropped == {"cannot be written": 1}
        assert "ZeroDivisionError" in output.health.last_error
        assert len(line._in_doubt) == 3  # 2,500 octets reach into the third message from the end
        lines[0].transport.abort()
        await until(lambda: output.health.connections == 2 and output.health.sent == 9)
        assert output.health.resent == 3 and output.health.dropped == {"cannot be written": 1}
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server.close()
        await asyncio.sleep(0.1)

    asyncio.run(main())


@pytest.mark.parametrize("encoding", ["xml", "protobuf"])
def test_a_mesh_network_gets_datagrams_that_takproto_reads(encoding: Any) -> None:
    port = free_port(socket.SOCK_DGRAM)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", port))
        receiver.settimeout(5)

        async def main() -> None:
            output = CotOutput(cot(port, transport="mesh", encoding=encoding), lambda: NOW_NS)
            assert output.address == f"udp://127.0.0.1:{port}"
            task = asyncio.create_task(output.run())
            await until(lambda: output.health.state == "up")
            output.send(frame(*each_kind()))
            for _ in range(13):
                data = receiver.recv(65_536)
                if encoding == "xml":
                    data = bytes(takproto.xml2proto(data))
                message = takproto.parse_proto(bytearray(data))
                assert message.cotEvent.uid.startswith("windhover.el-paso.")
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert output.health.sent == 13

        asyncio.run(main())


def words(kind: str, inside: str) -> bytes:
    at = 'time="2026-02-11T06:30:10Z" start="2026-02-11T06:30:10Z" stale="2026-02-11T06:31:10Z"'
    return (
        f'<event version="2.0" uid="server" type="{kind}" how="m-g" {at}>'
        f'<point lat="0" lon="0" hae="0" ce="1" le="1"/><detail><TakControl>{inside}</TakControl></detail></event>'
    ).encode()


@pytest.mark.parametrize("answer", ["true", "false"])
def test_protobuf_begins_when_the_server_says_yes(answer: str) -> None:
    """TAK protocol version 1: the server offers, we ask, it answers; until then both speak XML."""
    port = free_port()

    async def main() -> None:
        output = CotOutput(
            cot(port, encoding="protobuf", sensors_every_s=0.0), lambda: NOW_NS, (0.02,)
        )
        heard: list[CotEvent] = []
        raw = bytearray()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(words("t-x-takp-v", '<TakProtocolSupport version="1"/>'))
            rest = b""
            while payload := await reader.read(65_536):
                raw.extend(payload)
                events, rest = split(rest + payload, Counter())
                heard.extend(events)
                if any(event.type == "t-x-takp-q" for event in events):
                    writer.write(words("t-x-takp-r", f'<TakResponse status="{answer}"/>'))
            await shut(writer)

        server = await asyncio.start_server(serve, "127.0.0.1", port)
        task = asyncio.create_task(output.run())
        await until(lambda: output.protobuf or "refused" in output.health.words)
        asked = next(event for event in heard if event.type == "t-x-takp-q")
        assert asked.detail["TakControl/TakRequest"] == {"version": "1"}
        raw.clear()
        output.send(frame(*each_kind()))
        await until(lambda: len(heard) == 12)
        assert (raw[:1] == b"\xbf") == (answer == "true")
        assert output.protobuf == (answer == "true")
        assert {e.callsign for e in heard} >= {"MEDEVAC1", "T1 drone"}
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server.close()

    asyncio.run(main())


def test_objects_are_told_once_in_their_time_and_refreshed_before_they_go_stale() -> None:
    async def main() -> None:
        output = CotOutput(cot(free_port(), every_s=1.0, stale_s=5.0), lambda: NOW_NS)
        assert output.line is not None
        offered: list[tuple[str, int, int]] = []
        output.line.offer = lambda e, stale: offered.append((e.uid, e.time_ns, e.stale_ns))  # type: ignore[method-assign]
        for i in range(100):  # ten instants a second for ten seconds
            at = NOW_NS + i * S // 10
            output.send(frame(thing(1, time_ns=at), now_ns=at))
        told = [(t, s) for uid, t, s in offered if uid.endswith(".T1")]
        assert len(told) == 10
        for (_, stale), (later, _) in pairwise(told):
            assert later < stale  # never stale while it is held
        assert len([1 for uid, _, _ in offered if "sensor" in uid]) == 2  # once each in 30 s

    asyncio.run(main())


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(BadSite, match="stale between two events"):
        CotOutput(CotSettings("tak", PURPOSE, "127.0.0.1", 1, every_s=5.0, stale_s=3.0))
    with pytest.raises(BadSite, match="no IP address"):
        CotOutput(CotSettings("tak", PURPOSE, "tak.example", 1, transport="mesh"))


def test_an_empty_instant_is_told_as_empty(tmp_path: Path) -> None:
    from windhover.deliver import aircraft_json, geojson

    empty = AirFrame("El Paso", False, NOW_NS, ())
    assert json.loads(geojson.render(empty))["features"] == []
    assert json.loads(aircraft_json.render(empty))["aircraft"] == []
    assert degrees(thing(1, velocity_enu_m_s=(0.0, 0.0, nan)).track_deg) == 0.0
