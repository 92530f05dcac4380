"""What anybody may read: health, readiness, what is closed, the API's own description; and the metrics."""

from __future__ import annotations

from html import escape
from typing import Final

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from windhover.schema.cases import Restriction, Words
from windhover.schema.place import Point, Site
from windhover.server.route import PUBLIC, Call, Refused, Route, tagged
from windhover.timescale import to_iso, to_local
from windhover.units import DEG_PER_RAD, NS_PER_S

BANNER: Final = "EXERCISE / EJERCICIO"
SHOWN: Final = ("issued", "in force", "cancellation requested")
LIFTED_SHOWN_NS: Final = 6 * 3600 * NS_PER_S


class HealthAnswer(msgspec.Struct, frozen=True):
    """Whether the process lives (200) or its clock stands (503)."""

    status: str
    why: str = ""


class Closed(msgspec.Struct, frozen=True):
    """One area as the competent authority has issued it."""

    number: str
    state: str
    from_ns: int
    to_ns: int
    why: Words
    authority: str
    polygon: tuple[Point, ...]
    lower_altitude_amsl_m: float | None
    upper_altitude_amsl_m: float
    ended_ns: int | None


class StatusAnswer(msgspec.Struct, frozen=True):
    """What is closed, until when, why, whom to call. Nothing about people or tracks."""

    notice: str  # EXERCISE / EJERCICIO, or empty
    site: str
    as_of_ns: int
    phone: str
    closed: tuple[Closed, ...]
    lifted: tuple[Closed, ...]  # within the last six hours


async def health(call: Call) -> Response:
    """The process answers."""
    core = call.server.core
    answer = HealthAnswer("failed" if core.failed else "ok", core.failed)
    return Response(
        msgspec.json.encode(answer), 503 if core.failed else 200, media_type="application/json"
    )


async def ready(call: Call) -> Response:
    """The record is open and the clock runs."""
    core = call.server.core
    good = core.ready and not core.failed
    answer = HealthAnswer("ready" if good else "not ready", core.failed)
    return Response(
        msgspec.json.encode(answer), 200 if good else 503, media_type="application/json"
    )


async def metrics(call: Call) -> Response:
    """Prometheus' text format; from this machine, or with a token of a viewer."""
    server, hub = call.server, call.server.core.hub
    server.metrics.clients.set(len(hub.clients))
    server.metrics.dropped.set(hub.dropped)
    server.metrics.sent.set(hub.bytes_sent)
    return Response(server.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def status_of(call: Call) -> StatusAnswer:
    """What the public page says."""
    core = call.server.core
    site, now_ns = core.site, core.cold_ns
    names = {party.id: party.name for party in site.parties}
    issued = [r for r in core.cold.restrictions if r.authority_number]
    return StatusAnswer(
        BANNER if site.exercise else "",
        site.name,
        now_ns,
        call.server.settings.console.status_phone,
        tuple(_closed(r, names) for r in issued if r.state in SHOWN),
        tuple(
            _closed(r, names)
            for r in issued
            if r.state == "cancelled" and (r.ended_ns or 0) > core.now_ns - LIFTED_SHOWN_NS
        ),
    )


def _closed(restriction: Restriction, names: dict[str, str]) -> Closed:
    volume = restriction.volume
    return Closed(
        restriction.authority_number,
        restriction.state,
        restriction.from_ns,
        restriction.to_ns,
        restriction.hazard.words,
        names.get(restriction.competent, restriction.competent),
        volume.polygon,
        volume.lower_altitude_amsl_m,
        volume.upper_altitude_amsl_m,
        restriction.ended_ns,
    )


async def read_status(call: Call) -> Response:
    """What is closed, as JSON; anybody may keep it for some seconds."""
    encoded = msgspec.json.encode(status_of(call))
    return _cacheable(call, encoded, "application/json")


async def status_page(call: Call) -> Response:
    """What is closed, as a page in both languages; no script, no account."""
    page = _page(status_of(call), call.server.core.site)
    return _cacheable(call, page.encode(), "text/html; charset=utf-8")


def _cacheable(call: Call, body: bytes, kind: str) -> Response:
    core, console = call.server.core, call.server.settings.console
    response = tagged(call.request, body, f'"{core.started_ns:x}-{core.cold_revision}-{len(body)}"')
    response.headers["Cache-Control"] = f"public, max-age={console.status_cache_s}"
    response.headers["Content-Type"] = kind
    return response


STYLE: Final = "/status.css"
CSS: Final = """:root{color-scheme:light dark}
body{font:1.1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
.exercise{border:3px solid;padding:.5rem 1rem;font-weight:700}
section{border-top:1px solid;margin-top:1.5rem}
dt{font-weight:700}dd{margin:0 0 .5rem}
"""


async def status_css(call: Call) -> Response:
    """The page's style, from its own address: no inline style is allowed."""
    return _cacheable(call, CSS.encode(), "text/css; charset=utf-8")


def _page(status: StatusAnswer, site: Site) -> str:
    banner = f'<p class="exercise">{BANNER}</p>' if status.notice else ""
    title = f"{BANNER} · {status.site}" if status.notice else status.site
    halves = "".join(_half(status, site, language) for language in ("en", "es"))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<link rel="stylesheet" href="{STYLE}"></head><body><main>{banner}'
        f"<h1>{escape(status.site)}</h1>{halves}</main></body></html>"
    )


_SAYS: Final = {
    "en": (
        "Airspace status", "Nothing is restricted that is known here.", "Restricted",
        "Lifted in the last six hours", "number", "from", "until", "why", "by", "heights",
        "Call", "As of", "the surface", "m above mean sea level",
        "The competent authority decides; this page reports what it issued.",
    ),
    "es": (
        "Estado del espacio aéreo", "Aquí no se conoce ninguna restricción.", "Restringido",
        "Levantado en las últimas seis horas", "número", "desde", "hasta", "motivo", "por",
        "alturas", "Llame a", "A las", "la superficie", "m sobre el nivel medio del mar",
        "Decide la autoridad competente; esta página informa de lo que emitió.",
    ),
}  # fmt: skip


def _half(status: StatusAnswer, site: Site, language: str) -> str:
    says = _SAYS[language]
    parts = [f'<section lang="{language}"><h2>{says[0]}</h2>']
    if not status.closed:
        parts.append(f"<p>{says[1]}</p>")
    parts += [_area(one, site, language, says[2]) for one in status.closed]
    parts += [_area(one, site, language, says[3]) for one in status.lifted]
    if status.phone:
        parts.append(f"<p>{says[10]}: {escape(status.phone)}</p>")
    parts.append(f"<p>{says[11]} {_clock(status.as_of_ns, site)}. {says[14]}</p></section>")
    return "".join(parts)


def _area(one: Closed, site: Site, language: str, heading: str) -> str:
    says = _SAYS[language]
    low = (
        says[12]
        if one.lower_altitude_amsl_m is None
        else f"{one.lower_altitude_amsl_m:.0f} {says[13]}"
    )
    corners = "; ".join(
        f"{p.latitude_rad * DEG_PER_RAD:.4f}, {p.longitude_rad * DEG_PER_RAD:.4f}"
        for p in one.polygon[:12]
    )
    rows = (
        (says[4], one.number),
        (says[5], _clock(one.from_ns, site)),
        (says[6], _clock(one.ended_ns or one.to_ns, site)),
        (says[7], one.why.es if language == "es" else one.why.en),
        (says[8], one.authority),
        (says[9], f"{low} – {one.upper_altitude_amsl_m:.0f} {says[13]}"),
        ("WGS 84", corners),
    )
    items = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in rows)
    return f"<h3>{heading}</h3><dl>{items}</dl>"


def _clock(time_ns: int, site: Site) -> str:
    rules = site.zone_rules.get(site.local_timezone, ())
    local = to_local(time_ns, [(r.from_ns, r.offset_s, r.abbreviation) for r in rules])
    return f"{local:%Y-%m-%d %H:%M %Z} ({to_iso(time_ns)[11:16]}Z)"


async def openapi(call: Call) -> Response:
    """This API, described from the same table and structs."""
    from windhover.server.openapi import document

    if call.request.method != "GET":
        raise Refused(405, "GET only.")
    return Response(document(call.server.door.cookie), media_type="application/json")


ROUTES: Final = (
    Route("GET", "/health", PUBLIC, "Does the process live?", health, HealthAnswer),
    Route("GET", "/ready", PUBLIC, "Can it be used?", ready, HealthAnswer),
    Route("GET", "/api/status", PUBLIC, "What is closed.", read_status, StatusAnswer),
    Route("GET", "/status", PUBLIC, "What is closed, as a page.", status_page, content="text/html"),
    Route("GET", STYLE, PUBLIC, "The style of that page.", status_css, content="text/css"),
    Route("GET", "/api/openapi.json", PUBLIC, "This description.", openapi),
    Route(
        "GET", "/metrics", ("viewer", "admin"), "Figures for Prometheus.", metrics,
        loopback=True, content="text/plain",
    ),
)  # fmt: skip
