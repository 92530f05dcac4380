"""`windhover bench console`: frame times of the console's map with many moving tracks, beside an empty map.

A stand-in of the server (the built console, a site, frames of made-up tracks) and a real Chromium. Both
maps are measured in the same run, so that the ratio travels where the machine does not.
"""

from __future__ import annotations

import asyncio
import json as json_module
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import msgspec
import numpy as np
import typer
import uvicorn
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from windhover.errors import BadInput
from windhover.exercises import el_paso
from windhover.schema.batches import CLASSES
from windhover.schema.place import Site
from windhover.server import frames, static
from windhover.units import DEG_PER_RAD, NS_PER_S

FLAGS: Final = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)
WARM_S: Final = 60
"""Seconds of picture time played at once, so that the trails are there."""
START_NS: Final = 1_771_385_000 * NS_PER_S
MEASURE: Final = """async (seconds) => {
  const { map } = window.windhover.map;
  const times = [];
  const began = performance.now();
  let last = began;
  await new Promise((done) => {
    const step = (now) => {
      times.push(now - last);
      last = now;
      map.panBy([Math.sin((now - began) / 400) * 6, Math.cos((now - began) / 400) * 6], { duration: 0 });
      if (now - began > 1000 * seconds && times.length > 23) done(); else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
  return times.slice(3);
}"""


def console(
    tracks: Annotated[int, typer.Option(help="Moving tracks with trails.", min=1)] = 5000,
    seconds: Annotated[float, typer.Option(help="Measured while the map is panned.", min=1)] = 8,
    chromium: Annotated[str, typer.Option(help="A Chromium; empty = from the path.")] = "",
    gpu: Annotated[bool, typer.Option(help="Use the graphics card instead of software.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Pan the map over TRACKS moving tracks and over none; print frame times in ms and their ratio."""
    found = chromium or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise BadInput("There is no chromium on the path.", "Install it, or give --chromium PATH.")
    if not (static.FOLDER / "index.html").is_file():
        raise BadInput("The console is not built.", "Run: make console")
    screen = Console(stderr=True)
    flags = FLAGS[:1] if gpu else FLAGS
    summary: dict[str, Any] = {"tracks": tracks, "graphics": "card" if gpu else "software"}
    for name, count in (("empty", 0), ("full", tracks)):
        screen.print(f"Measuring {count} tracks …")
        summary[name] = _figures(_measure(found, flags, count, seconds))
    summary["ratio_p50"] = round(summary["full"]["p50_ms"] / summary["empty"]["p50_ms"], 2)
    if json:
        print(json_module.dumps(summary))
        return
    for name in ("empty", "full"):
        row = summary[name]
        words = f"{tracks:,} moving tracks with trails" if name == "full" else "empty map"
        print(f"{words:<36} p50 {row['p50_ms']:6.1f} ms  p95 {row['p95_ms']:6.1f} ms")
    print(f"ratio of the medians {summary['ratio_p50']} ({summary['graphics']} graphics)")


def _figures(times_ms: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(times_ms, [50, 95])
    return {"frames": len(times_ms), "p50_ms": round(float(p50), 1), "p95_ms": round(float(p95), 1)}


def _measure(chromium: str, flags: tuple[str, ...], count: int, seconds: float) -> list[float]:
    from playwright.sync_api import sync_playwright  # of the tests' requirements

    with _stand_in(count) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(flags))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(url)
        page.wait_for_selector(".console")
        page.wait_for_function(
            "(n) => window.windhover?.map.store.size >= n && window.windhover.map.map.loaded()",
            arg=count,
            timeout=120_000,
        )
        page.wait_for_function("(ms) => window.windhover.map.now_ms >= ms",
                               arg=(START_NS // 1_000_000) + 1000 * WARM_S, timeout=180_000)  # fmt: skip
        times: list[float] = page.evaluate(MEASURE, seconds)
        browser.close()
    return times


class _Sky:
    """Tracks that fly straight, each its own way; turned back at the sector's edge."""

    def __init__(self, site: Site, count: int) -> None:
        rng = np.random.default_rng(5)
        self.site, self.count, self.sequence = site, count, 0
        self.place_m = rng.uniform(-35_000, 35_000, (count, 2))
        speed = rng.uniform(3, 120, count)
        course = rng.uniform(0, 2 * np.pi, count)
        self.velocity = np.stack([speed * np.sin(course), speed * np.cos(course)], axis=1)
        self.kind = rng.integers(0, len(CLASSES), count)
        self.height_m = rng.uniform(50, 6000, count)
        self.sigma_m = rng.uniform(5, 300, (2, count))

    def frame(self) -> bytes:
        """One second later."""
        self.place_m += self.velocity
        out = np.abs(self.place_m) > 38_000
        self.velocity[out] *= -1
        origin = self.site.sector.origin
        lat = origin.latitude_rad + self.place_m[:, 1] / 6_371_008.8
        lon = origin.longitude_rad + self.place_m[:, 0] / 6_371_008.8 / np.cos(origin.latitude_rad)
        n, f4, u1 = self.count, np.float32, np.uint8
        rows = frames.Rows(
            np.arange(1, n + 1, dtype=np.uint32),
            np.rint(lon * DEG_PER_RAD * 1e7).astype(np.int32),
            np.rint(lat * DEG_PER_RAD * 1e7).astype(np.int32),
            self.height_m.astype(f4), self.height_m.astype(f4),
            self.velocity[:, 0].astype(f4), self.velocity[:, 1].astype(f4), np.zeros(n, f4),
            self.sigma_m.max(axis=0).astype(f4), self.sigma_m.min(axis=0).astype(f4),
            np.zeros(n, f4), np.ones(n, f4), self.kind.astype(u1), np.zeros(n, u1),
            np.full(n, 230, u1), np.full(n, 255, u1), np.full(n, frames.CONFIRMED, u1),
        )  # fmt: skip
        self.sequence += 1
        now_ns = START_NS + self.sequence * NS_PER_S
        return frames.pack(
            rows, np.zeros(0, np.uint32), sequence=self.sequence, now_ns=now_ns,
            flags=frames.EXERCISE, cold_revision=1,
        )  # fmt: skip


@contextmanager
def _stand_in(count: int) -> Iterator[str]:
    """The address of a server that shows COUNT made-up tracks, while the block lasts."""
    app, port = _application(count), _free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="error", ws="websockets-sansio")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _application(count: int) -> Starlette:
    site = el_paso.site()
    names = (
        "incidents", "restrictions", "notices", "questions", "claims", "friends",
        "countermeasures", "alerts", "log", "feeds",
    )  # fmt: skip
    picture: dict[str, Any] = {name: [] for name in names}
    picture |= {"now_ns": START_NS, "exercise": True, "revision": 1, "failed": ""}
    picture["journal"] = {"seq": 0, "head": ""}
    session = {
        "name": "bench", "roles": ["viewer"], "party": "", "csrf": "", "exercise": True,
        "site": site.name, "version": "", "language": "en", "still": False,
    }  # fmt: skip
    told: dict[str, Any] = {
        "session": session, "picture": picture, "record": {"from_ns": 0, "to_ns": 0},
    }  # fmt: skip

    async def answer(request: Request) -> Response:
        name = request.path_params["name"]
        if name == "site":
            return Response(msgspec.json.encode(site), media_type="application/json")
        return JSONResponse(told.get(name, {}))

    async def file(request: Request) -> Response:
        return static.serve(request, static.FOLDER, request.path_params["path"])

    async def live(line: WebSocket) -> None:
        await line.accept()
        sky = _Sky(site, count)
        try:
            while True:
                await line.send_bytes(sky.frame())
                await asyncio.sleep(0.05 if sky.sequence < WARM_S else 1.0)
        except (WebSocketDisconnect, RuntimeError):
            return

    return Starlette(
        routes=[
            WebSocketRoute("/api/live", live),
            Route("/api/{name}", answer),
            Route("/{path:path}", file),
        ]
    )
