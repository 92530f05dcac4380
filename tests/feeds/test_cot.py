"""Blue forces on a TAK server's stream become friends in the picture."""

from __future__ import annotations

import asyncio
from math import degrees

import numpy as np

from tests.deliver.scene import free_port, until
from windhover import picture as pictures
from windhover.deliver.airspace import frame_of
from windhover.deliver.cot_events import to_stream, to_xml
from windhover.deliver.line import shut
from windhover.detections.cot_event import CotEvent
from windhover.exercises import el_paso
from windhover.feeds.hub import Hub
from windhover.feeds.live import Feed
from windhover.feeds.settings import FeedSettings
from windhover.identities import explain
from windhover.schema.commands import Tick
from windhover.schema.reports import Reports

SITE = el_paso.site()
T0 = el_paso.EVENING
S = 10**9
SPEED_M_S = 40.0


def eagle(i: int, kind: str = "a-f-A-M-H") -> CotEvent:
    """An own helicopter that flies north at 40 m/s."""
    at = SITE.sector.origin
    latitude = degrees(at.latitude_rad) + 0.05 + np.degrees(i * SPEED_M_S / 6.378e6)
    return CotEvent(
        "eagle-1", kind, "m-g", T0 + i * S, T0 + i * S, T0 + (i + 30) * S,
        latitude, degrees(at.longitude_rad), 1700.0, 10.0, 15.0,
        callsign="EAGLE 1", course_deg=0.0, speed_m_s=SPEED_M_S,
    )  # fmt: skip


def test_an_own_helicopter_becomes_a_friend_and_goes_out_as_one() -> None:
    port = free_port()
    now = [T0]

    async def main() -> None:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for i in range(20):
                now[0] = T0 + i * S + S // 10
                writer.write(to_stream(eagle(i)) if i % 2 else to_xml(eagle(i)))
                await writer.drain()
                await asyncio.sleep(0.02)
            await shut(writer)

        server = await asyncio.start_server(serve, "127.0.0.1", port)
        hub = Hub()
        row = next(i for i, s in enumerate(SITE.sensors) if s.kind == "adsb")
        feed = Feed(
            FeedSettings("tak", "cot", "tcp", f"127.0.0.1:{port}", SITE.sensors[row].name),
            row, SITE.sensors[row], SITE.sector.vertical, hub, clock=lambda: now[0],
        )  # fmt: skip
        task = asyncio.create_task(feed.run())
        await until(lambda: feed.health.detections >= 20)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        server.close()
        await asyncio.sleep(0.05)  # until the connections are gone
        picture = pictures.start(SITE, T0)
        for arrival in hub.take(1000):
            at = arrival.received_ns
            picture, _ = pictures.advance(picture, Reports(arrival.decoded.reports), at)
            picture, _ = pictures.advance(picture, arrival.decoded.detections, at)
            picture, _ = pictures.advance(picture, Tick(), at)
        (one,) = frame_of(picture).objects
        assert one.friend and one.cooperative
        assert (one.scheme, one.callsign) == ("cot", "EAGLE 1")
        told = explain(picture.minds, one.track_id)
        assert told.attributes["friend"] is True
        assert "own forces report it as theirs" in told.sentence.en
        assert "fuerzas propias" in told.sentence.es

    asyncio.run(main())
