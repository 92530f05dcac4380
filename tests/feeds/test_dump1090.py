"""Against dump1090-mutability, a Mode S decoder that somebody else wrote: its Beast, SBS and aircraft.json, live.

The same frames go to it and to our own decoder; what it makes of them comes back over its three outputs. Tolerances
are the last figure that each output writes: 1e-5 degrees in SBS, 1e-6 in JSON, whole knots and degrees in both.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import degrees
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rs1090

from tests.deliver.scene import until
from tests.detections.conftest import make_sensor
from tests.detections.naive import airborne_position, mode_s_parity
from tests.feeds.dump1090 import Plane, Ports, fleet, ports, running, speak, speaker, web
from windhover.deliver.line import shut
from windhover.detections import adsb, beast
from windhover.detections.decoded import Decoded
from windhover.feeds.hub import Hub
from windhover.feeds.live import SILENT_S, Feed
from windhover.feeds.settings import FeedSettings
from windhover.schema.batches import claim_id
from windhover.schema.place import Vertical
from windhover.schema.reports import Cooperative

NAME = "dump1090-mutability"
SENSOR = make_sensor("adsb", "1090")
SEA = Vertical(undulation_m=0.0, qnh_hpa=1013.25)  # heights are pressure altitudes
KT, FT_MIN = 1852 / 3600, 0.3048 / 60
ROUNDS = 8
USUAL = {
    "position not yet resolvable (one half of a pair)",
    "position repeated from an earlier snapshot",
}


def feeds(at: Ports, web_port: int, hub: Hub) -> list[Feed]:
    outputs = (
        ("beast", "tcp", f"127.0.0.1:{at.beast_out}"),
        ("sbs", "tcp", f"127.0.0.1:{at.sbs_out}"),
        ("aircraft_json", "http", f"http://127.0.0.1:{web_port}/aircraft.json"),
    )
    return [
        Feed(
            FeedSettings(form, form, transport, address, "1090", every_s=0.1),
            0, SENSOR, SEA, hub, clock=time.time_ns, back_off_s=(0.05,),
        )
        for form, transport, address in outputs
    ]  # fmt: skip


@asynccontextmanager
async def at_work(*those: Feed) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(feed.run()) for feed in those]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


Row = tuple[int, float, float, float]  # claim, degrees, degrees, m


def rows(decoded: list[Decoded]) -> list[Row]:
    return [
        (int(d.claimed_id[i]), degrees(d.value[i, 0]), degrees(d.value[i, 1]), float(d.value[i, 2]))
        for d in (one.detections for one in decoded)
        for i in range(d.n)
    ]


def by_feed(hub: Hub) -> dict[str, list[Decoded]]:
    told: dict[str, list[Decoded]] = defaultdict(list)
    while arrivals := hub.take(100_000):
        for arrival in arrivals:
            told[arrival.feed].append(arrival.decoded)
    return told


def ours(sent: list[beast.Frame]) -> Decoded:
    """The same frames by our decoder alone, by the receiver's own clock."""
    frames = [frame.data.hex() for frame in sent]
    times = [1_770_791_410 * 10**9 + passed for passed in beast.passed_ns(sent)]
    return adsb.decode_frames(frames, times, None, 0, SENSOR, SEA)[0]


def not_among(found: list[Row], known: list[Row], tolerance_deg: float) -> list[Row]:
    """The rows that no known row of the same aircraft equals within the tolerance, or to 10 cm in height."""
    of = defaultdict(list)
    for row in known:
        of[row[0]].append(row[1:])
    lone = []
    for row in found:
        near = np.abs(np.array(of[row[0]]) - row[1:]).reshape(-1, 3)
        if not (near <= (tolerance_deg, tolerance_deg, 0.1)).all(axis=1).any():
            lone.append(row)
    return lone


def words_agree(told: list[Decoded], planes: list[Plane], form: str) -> None:
    """Name, speed, direction and climb of every plane, to the last figure that is written.

    dump1090 rounds a direction in the western half towards zero: up to a degree and a half.
    """
    turn_deg, slack_kt = (1e-6, 1e-6) if form == "beast" else (1.5, 1.0)
    words: dict[str, dict[str, Any]] = defaultdict(dict)
    for one in told:
        for report in one.reports:
            assert isinstance(report, Cooperative)
            said = {k: getattr(report, k) for k in report.__struct_fields__}
            words[report.identifier] |= {k: v for k, v in said.items() if v not in (None, "")}
    assert set(words) == {plane.address for plane in planes}
    for plane in planes:
        said = words[plane.address]
        speed_kt = float(np.hypot(plane.east_kt, plane.north_kt))
        track_deg = float(np.degrees(np.arctan2(plane.east_kt, plane.north_kt)))
        assert said["callsign"] == plane.callsign
        assert said["ground_speed_m_s"] / KT == pytest.approx(speed_kt, abs=slack_kt)
        turned = (degrees(said["track_rad"]) - track_deg + 180.0) % 360.0 - 180.0
        assert abs(turned) <= turn_deg
        assert said["vertical_rate_m_s"] / FT_MIN == pytest.approx(plane.rate_ft_min, abs=0.5)
        assert not said["on_ground"]
        # SBS has no place for it.
        assert said.get("category") == (None if form == "sbs" else plane.category)


def test_three_outputs_of_one_sky_and_a_stop_in_between(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    path, at, planes = program(NAME), ports(), fleet(40)

    async def main(web_port: int) -> None:
        hub = Hub(queue_max=100_000)
        stream, sbs, page = feeds(at, web_port, hub)

        async def turn(connection: int) -> None:
            async with speaker(at) as says:
                lines = (stream.health, sbs.health)
                await until(lambda: [line.connections for line in lines] == [connection] * 2)
                told = [line.messages for line in lines]
                await says.until_heard(
                    planes[0].frames(0.0, False)[0],
                    lambda: all(line.messages > n for line, n in zip(lines, told, strict=True)),
                )
                by_feed(hub)
                before = page.health.detections
                await speak(says, planes, ROUNDS)
                await until(lambda: page.health.detections >= before + 2 * len(planes))
                await asyncio.sleep(0.3)
                check(by_feed(hub), says.sent, planes)

        async with at_work(stream, sbs, page):
            for connection in (1, 2):
                with running(path, tmp_path, at):
                    await turn(connection)
                await until(lambda: stream.health.state == sbs.health.state == "waiting")

    with web(tmp_path) as web_port:
        asyncio.run(main(web_port))


def check(told: dict[str, list[Decoded]], sent: list[beast.Frame], planes: list[Plane]) -> None:
    """Its three outputs beside what we make of the frames that it was sent."""
    by_us = ours(sent)
    assert by_us.rejected == {"position not yet resolvable (one half of a pair)": len(planes)}
    alone = rows([by_us])
    assert len(alone) == (ROUNDS - 1) * len(planes)
    np.testing.assert_allclose(sorted(rows(told["beast"])), sorted(alone), atol=1e-9)
    assert len(rows(told["sbs"])) == len(alone)  # not a position is lost
    for form, tolerance_deg in (("sbs", 0.51e-5), ("aircraft_json", 0.51e-6)):
        found = rows(told[form])
        assert {row[0] for row in found} == {claim_id("icao", plane.address) for plane in planes}
        assert not_among(found, alone, tolerance_deg) == []
    for form in ("beast", "sbs", "aircraft_json"):
        words_agree(told[form], planes, form)
        assert {r for one in told[form] for r in one.rejected} <= USUAL


def damaged(rng: random.Random, frames: list[bytes], bits: int) -> list[bytes]:
    """Each with so many bits wrong, none of them in its first octet."""
    wrong = []
    for frame in frames:
        number = int.from_bytes(frame, "big")
        for bit in rng.sample(range(104), bits):
            number ^= 1 << bit
        wrong.append(number.to_bytes(14, "big"))
    return wrong


def heard(path: str, folder: Path, frames: list[bytes], *more: str) -> list[Decoded]:
    """What our Beast feed gets out of dump1090 where these go in; `more` options for it."""
    at = ports()

    async def main() -> list[Decoded]:
        hub = Hub(queue_max=100_000)
        stream = feeds(at, 1, hub)[0]
        async with at_work(stream):
            with running(path, folder, at, *more):
                async with speaker(at) as says:
                    await until(lambda: stream.health.state == "up")
                    first = fleet(1)[0].frames(0.0, False)[0]
                    await says.until_heard(first, lambda: stream.health.messages)
                    by_feed(hub)
                    await says.say(frames)
                    await says.sleep(0.5)
        assert stream.health.connections == 1
        return by_feed(hub)["beast"]

    return asyncio.run(main())


def addresses(told: list[Decoded]) -> set[str]:
    return {r.identifier for one in told for r in one.reports if isinstance(r, Cooperative)}


def test_what_it_rejects_we_reject(program: Callable[[str], str], tmp_path: Path) -> None:
    """One to three bits wrong, frames of chance, replies of addresses that nobody has shown."""
    rng, planes = random.Random(1090), fleet(20)
    good = [frame for plane in planes for frame in plane.frames(0.0, False)]
    wrong = [frame for bits in (1, 2, 3) for frame in damaged(rng, good, bits)]
    wrong += [
        bytes([df << 3 | rng.randrange(8)]) + rng.randbytes(13)
        for df in (17, 18)
        for _ in range(200)
    ]
    strangers = [bytes([df << 3]) + rng.randbytes(13) for df in (20, 21) for _ in range(100)]
    strangers += [bytes([5 << 3]) + rng.randbytes(6) for _ in range(100)]
    told = heard(program(NAME), tmp_path, wrong + strangers + good, "--no-fix")
    assert {reason for one in told for reason in one.rejected} <= USUAL  # nothing of it comes out
    alone = ours([beast.Frame(beast.TICKS_PER_S, 100, frame) for frame in wrong + strangers + good])
    assert alone.rejected["checksum or format of a frame"] == len(wrong)
    assert addresses(told) == addresses([alone]) == {plane.address for plane in planes}
    assert alone.detections.n == sum(one.detections.n for one in told) == 0


def test_what_it_repairs_comes_whole_and_we_repair_nothing(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    planes = fleet(20)
    good = [frame for plane in planes for frame in plane.frames(0.0, False)]
    wrong = damaged(random.Random(1), good, 1)
    told = heard(program(NAME), tmp_path, good + wrong, "--fix")
    assert {reason for one in told for reason in one.rejected} <= USUAL | {"duplicate"}
    assert addresses(told) == {plane.address for plane in planes}
    alone = ours([beast.Frame(beast.TICKS_PER_S, 100, frame) for frame in wrong])
    assert (addresses([alone]), alone.rejected) == (
        set(),
        {"checksum or format of a frame": len(wrong)},
    )


def relayed(control: int, address: str, latitude: float, odd: bool) -> bytes:
    """DF 18 around the position of DF 17; its type code 18 promises no accuracy."""
    me = int(airborne_position(address, latitude, -106.4, 9000, odd)[8:22], 16)
    frame = (
        (18 << 3 | control) << 104 | int(address, 16) << 80 | (me & ~(31 << 51) | 18 << 51) << 24
    )
    return (frame | mode_s_parity(frame, 112)).to_bytes(14, "big")


def test_multilateration_and_tis_b_are_told_apart_by_both(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    path, at = program(NAME), ports()

    async def main(web_port: int) -> None:
        hub = Hub(queue_max=100_000)
        lines = stream, sbs, page = feeds(at, web_port, hub)
        async with at_work(*lines):
            with running(path, tmp_path, at, "--forward-mlat"):
                async with speaker(at) as says:
                    await until(lambda: stream.health.state == sbs.health.state == "up")
                    for k in range(6):
                        latitude, odd = 31.8 + k * 1e-4, bool(k % 2)
                        await says.say([relayed(2, "a1b2c3", latitude, odd)], beast.MULTILATERATION)
                        await says.say(
                            [
                                relayed(2, "a1b2c4", latitude, odd),
                                relayed(5, "a1b2c5", latitude, odd),
                            ]
                        )
                        await says.sleep(0.5)
                    await until(lambda: page.health.detections >= 6)
        told = by_feed(hub)
        assert says.sent[-3].ticks == beast.MULTILATERATION
        for form in ("beast", "aircraft_json"):
            own = claim_id("icao", "a1b2c3")
            assert {row[0] for row in rows(told[form])} == {own, 0}, form
            assert addresses(told[form]) == {"a1b2c3"}, form
            sigma_m = [
                d.covariance[i, 0, 0] ** 0.5
                for d in (one.detections for one in told[form])
                for i in range(d.n) if d.claimed_id[i]
            ]  # fmt: skip
            assert sigma_m == pytest.approx([250.2] * len(sigma_m), abs=0.1), form
        # SBS leaves out what it knows to be multilaterated, and does not say what is TIS-B's.
        assert {row[0] for row in rows(told["sbs"])} == {claim_id("icao", "a1b2c4")}

    with web(tmp_path) as web_port:
        asyncio.run(main(web_port))


def test_a_quiet_sky_is_no_lost_line(
    program: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says that it is there; a second here, sixty by itself, and we wait a little longer than that."""
    assert SILENT_S > 60.0
    monkeypatch.setattr("windhover.feeds.live.SILENT_S", 2.5)
    path, at = program(NAME), ports()

    async def main() -> None:
        stream, sbs, _ = feeds(at, 1, Hub())
        with running(path, tmp_path, at, "--net-heartbeat", "1"):
            async with at_work(stream, sbs):
                await until(lambda: stream.health.state == sbs.health.state == "up")
                await asyncio.sleep(4.0)
                for health in (stream.health, sbs.health):
                    assert (health.state, health.connections) == ("up", 1)
                    assert (health.messages, health.rejected) == (0, {})

    asyncio.run(main())


@pytest.mark.shared
def test_a_recorded_flight(program: Callable[[str], str], shared: Path, tmp_path: Path) -> None:
    """Eighty minutes: altitudes, speeds, directions and rates as dump1090 writes them in SBS, and as we read the frame."""
    path, at = program(NAME), ports()
    packed = (shared / "data/adsb/rs1090_full_flight_frames.csv.gz").read_bytes()
    frames = [f for f in adsb.read_csv(gzip.decompress(packed))[0] if int(f[:2], 16) >> 3 == 17]

    async def main() -> list[list[str]]:
        lines: list[list[str]] = []

        async def listen(reader: asyncio.StreamReader) -> None:
            while line := await reader.readline():
                lines.append(line.decode().strip().split(","))

        with running(path, tmp_path, at, "--no-fix", "--net-buffer", "7"):
            async with speaker(at) as says:
                reader, writer = await asyncio.open_connection("127.0.0.1", at.sbs_out)
                listening = asyncio.create_task(listen(reader))
                await says.until_heard(bytes.fromhex(frames[0]), lambda: lines)
                lines.clear()
                for k in range(0, len(frames), 200):
                    await says.say([bytes.fromhex(f) for f in frames[k : k + 200]])
                    await says.sleep(0.01)
                await asyncio.sleep(1.0)
        await listening  # until it has stopped
        await shut(writer)
        return lines

    read = rs1090.decode(frames, [0.0] * len(frames))
    told = {
        "3": [(one["altitude"],) for one in read if one.get("bds") == "05"],
        "4": [(one.get("groundspeed"), one.get("track"), one.get("vertical_rate")) for one in read if one.get("bds") == "09"],
    }  # fmt: skip
    expected = {kind: len(values) for kind, values in told.items()}
    lines = asyncio.run(main())
    columns = {"3": (11,), "4": (12, 13, 16)}
    for kind, values in told.items():
        written = [[line[c] for c in columns[kind]] for line in lines if line[1] == kind]
        assert len(written) == expected[kind] > 4000
        theirs = np.array([[float(cell or "nan") for cell in row] for row in written])
        mine = np.array([[np.nan if v is None else float(v) for v in row] for row in values])
        apart = np.abs(theirs - mine)
        if kind == "4":
            apart[:, 1] = np.minimum(apart[:, 1], 360.0 - apart[:, 1])
        assert np.array_equal(np.isnan(theirs), np.isnan(mine))
        assert (np.nanmax(apart, axis=0) <= ((0.0,) if kind == "3" else (1.0, 1.5, 0.0))).all()
