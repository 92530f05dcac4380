"""The weather as it comes: asked for over HTTP or in a file, told by its content, never in the loop's way."""

from __future__ import annotations

import asyncio
import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import degrees, radians
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from tests.feeds.test_live import until
from windhover.exercises.el_paso import site as el_paso_site
from windhover.feeds import weather
from windhover.feeds.hub import Hub
from windhover.feeds.of_site import feeds_of
from windhover.feeds.settings import FeedSettings
from windhover.feeds.weather import WeatherFeed
from windhover.schema.batches import Wind, WindSource
from windhover.schema.place import Point, Vertical
from windhover.timescale import from_iso

EL_PASO: Final = Point(radians(31.8), radians(-106.4))
NOW_NS: Final = from_iso("2026-02-11T07:05:00Z")
DATED: Final = b"2026/02/11 06:51\nKELP 110651Z 27010KT 10SM CLR 08/M02 A3012\n"
BARE: Final = b"METAR KELP 110651Z 27010KT 10SM CLR 08/M02 A3012\n"
LATER: Final = b"2026/02/11 07:51\nKELP 110751Z 18020KT 10SM CLR 08/M02 A3012\n"


class Service(http.server.BaseHTTPRequestHandler):
    """Says what it is given; refuses whoever does not say what it is, as the weather service does."""

    says = DATED
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        known = self.headers["User-Agent"] == "windhover"
        self.send_response(200 if known else 403)
        self.end_headers()
        self.wfile.write(self.says if known else b"")

    def log_message(self, *_: Any) -> None: ...


@contextmanager
def service() -> Iterator[tuple[type[Service], str]]:
    handler = type("Own", (Service,), {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield handler, f"http://127.0.0.1:{server.server_address[1]}/stations/KELP.TXT"
    finally:
        server.shutdown()
        server.server_close()


def taken(hub: Hub) -> list[Wind]:
    return [one.decoded.wind for one in hub.take() if one.decoded.wind is not None]


def test_a_metar_is_fetched_once_and_again_when_it_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(weather, "EVERY_S", {})
    hub = Hub()
    health = hub.register("aerodrome")

    async def main(handler: type[Service], address: str) -> list[Wind]:
        settings = FeedSettings("aerodrome", "weather", "http", address, every_s=0.02)
        (feed,) = feeds_of((settings,), (), Vertical(), hub, lambda: NOW_NS, EL_PASO)
        task = asyncio.create_task(feed.run())
        await until(lambda: handler.asked >= 4)
        found = taken(hub)
        assert health.state == "up" and health.words.startswith(
            "winds: 1 (metar), the latest of 2026-02-11 06:51 UTC"
        )
        handler.says = b"closed for maintenance"
        await until(lambda: health.rejected == {"no file of winds": 1})
        assert "KELP.TXT" in health.words
        handler.says = LATER
        await until(lambda: health.messages == 3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return found + taken(hub)

    with service() as (handler, address):
        first, second = asyncio.run(main(handler, address))
    assert first.n == second.n == 1 and first.source[0] == WindSource.METAR
    # 10 kt from the west; 20 kt from the south.
    assert (first.east_m_s[0], first.north_m_s[0]) == pytest.approx((5.144, 0.0), abs=1e-3)
    assert (second.east_m_s[0], second.north_m_s[0]) == pytest.approx((0.0, 10.289), abs=1e-3)
    assert first.time_ns[0] == from_iso("2026-02-11T06:51:00Z")
    assert degrees(first.latitude_rad[0]) == pytest.approx(31.81, abs=0.02)


def test_a_service_of_the_weather_is_asked_once_a_minute_at_most() -> None:
    hub = Hub()

    async def main(handler: type[Service], address: str) -> int:
        settings = FeedSettings("aerodrome", "weather", "http", address, every_s=0.01)
        task = asyncio.create_task(WeatherFeed(settings, None, hub, lambda: NOW_NS).run())
        await until(lambda: hub.health["aerodrome"].messages == 1)
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return handler.asked

    with service() as (handler, address):
        assert asyncio.run(main(handler, address)) == 1


@pytest.mark.parametrize("payload", [DATED, BARE])
def test_a_report_without_year_and_month_is_of_when_it_came(payload: bytes) -> None:
    decoded, _ = weather.winds(payload, FeedSettings("w", "weather", "file", "x"), EL_PASO, NOW_NS)
    assert decoded.wind is not None
    assert decoded.wind.time_ns.tolist() == [from_iso("2026-02-11T06:51:00Z")]


def test_of_a_continent_what_lies_around_and_of_tracks_nothing(shared: Path) -> None:
    asked = FeedSettings("forecast", "weather", "file", "nam.grib2")
    payload = (shared / "data/wind/nam_cfgrib.grib2").read_bytes()
    near = Point(radians(40.0), radians(-100.0))
    decoded, words = weather.winds(payload, asked, near, from_iso("2018-09-17T03:00:00Z"))
    assert decoded.wind is not None and decoded.detections.n == 0
    assert "grib" in words
    assert np.abs(np.degrees(decoded.wind.latitude_rad) - 40.0).max() < 6.0
    track = b"time,lat_deg,lon_deg,height_ellipsoid_m\n2026-02-11T06:30:00Z,31.80,-106.40,1290\n"
    decoded, words = weather.winds(track, asked, near, NOW_NS)
    assert decoded.wind is None and decoded.detections.n == 0 and "holds no wind" in words


def test_an_instrument_without_a_place_is_given_one(shared: Path) -> None:
    payload = next((shared / "data/wind").glob("*.mnd*")).read_bytes()
    asked = FeedSettings("sodar", "weather", "file", "sodar.mnd")
    decoded, words = weather.winds(payload, asked, None, NOW_NS)
    assert decoded.wind is None and words
    placed = FeedSettings("sodar", "weather", "file", "sodar.mnd", place=(31.8, -106.4, 1_200.0))
    decoded, _ = weather.winds(payload, placed, None, NOW_NS)
    assert decoded.wind is not None and decoded.wind.n > 0


def test_it_is_in_the_picture_of_a_server(tmp_path: Path) -> None:
    from tests.server.conftest import house_in
    from windhover.server.live_feeds import LiveFeeds

    now = time.gmtime()
    file = tmp_path / "metar.txt"
    file.write_text(time.strftime("KELP %d%H%MZ 27010KT 10SM CLR 08/M02 A3012\n", now))
    feed = FeedSettings("aerodrome", "weather", "file", str(file))
    site = el_paso_site()
    with house_in(tmp_path / "r", LiveFeeds((feed,), site)) as house:
        head = house.token("viewer")
        until_s = time.monotonic() + 10.0
        while True:
            (shown,) = house.client.get("/api/feeds", headers=head).json()["feeds"]
            if shown["words"].startswith("winds: 1 "):
                break
            assert time.monotonic() < until_s, shown
            time.sleep(0.05)
        while True:
            winds = house.client.get("/api/wind", headers=head)
            if winds.json()["levels"][0]["east_m_s"] > 3.0:  # 5.1 m/s at the mast
                break
            assert time.monotonic() < until_s, winds.text
            time.sleep(0.05)


def test_it_asks_for_its_basis_as_any_other_feed() -> None:
    hub = Hub()
    settings = FeedSettings("w", "weather", "file", "/no/such", captures_signalling=True)
    asyncio.run(WeatherFeed(settings, None, hub).run())
    assert hub.health["w"].state == "off" and "legal basis" in hub.health["w"].words
