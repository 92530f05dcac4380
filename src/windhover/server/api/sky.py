"""What is up there: the site, the picture, tracks with their reasons and their history."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any, Final

import msgspec
import numpy as np

from windhover.air import wind
from windhover.deliver.consumer import OutputHealth
from windhover.errors import BadInput
from windhover.identities import Explanation, explain
from windhover.restrictions import footprint
from windhover.schema.batches import CLASSES, F64, MOTIONS
from windhover.schema.cases import (
    Claim,
    Countermeasure,
    Friend,
    Incident,
    LogEntry,
    Notice,
    Question,
    Restriction,
)
from windhover.schema.place import Point, Site
from windhover.server import frames, player
from windhover.server.accounts import digest
from windhover.server.alerts import Alert
from windhover.server.frames import Rows
from windhover.server.route import ANYONE, LOOKING, Call, Refused, Route, tagged
from windhover.server.sources import FeedHealth
from windhover.server.watch import Cold, Watch
from windhover.timescale import from_iso

SEEN: Final = ("viewer", "partner")
DRIFT_S: Final = (300.0, 600.0, 900.0)


class At(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """?at=ISO: what was known then; without, now."""

    at: Annotated[str, msgspec.Meta(max_length=40)] = ""


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """?after=&limit=&at="""

    after: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=5000)] = 500
    at: Annotated[str, msgspec.Meta(max_length=40)] = ""


class JournalHead(msgspec.Struct, frozen=True):
    seq: int
    head: str


class PictureAnswer(msgspec.Struct, frozen=True):
    """Everything that people decide about."""

    now_ns: int
    exercise: bool
    revision: int  # the frame's cold_revision
    failed: str  # why the clock stands, in words; "" = it runs
    incidents: tuple[Incident, ...]
    restrictions: tuple[Restriction, ...]
    notices: tuple[Notice, ...]
    questions: tuple[Question, ...]
    claims: tuple[Claim, ...]
    friends: tuple[Friend, ...]
    countermeasures: tuple[Countermeasure, ...]
    alerts: tuple[Alert, ...]
    log: tuple[LogEntry, ...]
    feeds: tuple[FeedHealth, ...]
    outputs: tuple[OutputHealth, ...]
    journal: JournalHead


class TrackRow(msgspec.Struct, frozen=True):
    """One row of the live frame, named."""

    track_id: int
    lat_deg: float
    lon_deg: float
    height_ellipsoid_m: float | None
    height_ground_m: float | None
    east_m_s: float
    north_m_s: float
    up_m_s: float
    sigma_major_m: float
    sigma_minor_m: float
    sigma_major_azimuth_rad: float
    age_s: float
    said: str
    said_motion: str
    probability: float
    existence: float
    status_bits: int


class TracksAnswer(msgspec.Struct, frozen=True):
    now_ns: int
    tracks: tuple[TrackRow, ...]
    next: int | None  # give it as `after`; None = that was all


class LocalWind(msgspec.Struct, frozen=True):
    """The wind at the track, as it is known."""

    east_m_s: float
    north_m_s: float
    covariance: tuple[tuple[float, float], tuple[float, float]]  # m²/s² in east, north


class Drifted(msgspec.Struct, frozen=True):
    """Where a drifting object is expected, and two standard errors round it."""

    seconds: float
    place: Point
    radius_m: float


class TrackAnswer(msgspec.Struct, frozen=True):
    """One object and everything a person may ask about it."""

    now_ns: int
    row: TrackRow
    explanation: Explanation | None  # None while it is too new
    wind: LocalWind
    altitude_amsl_m: float | None
    velocity_covariance: tuple[tuple[float, float], tuple[float, float]]  # m²/s² in east, north
    born_ns: int
    sensors: tuple[str, ...]  # that have held it in the last 30 s
    callsign: str
    drift: tuple[Drifted, ...]  # empty for what does not move with the air
    operator_known: bool  # GET /api/tracks/{id}/operator tells where, to those who may know
    incidents: tuple[str, ...]
    claims: tuple[Claim, ...]


class OperatorAnswer(msgspec.Struct, frozen=True):
    """Where a remote pilot said to stand: personal data, every reading is written down."""

    track_id: int
    identifier: str
    place: Point
    time_ns: int


async def read_site(call: Call) -> Site:
    """The place."""
    return call.server.core.site


async def read_picture(call: Call) -> Any:
    """Everything that people decide about, now or as it was known then."""
    core = call.server.core
    if call.query.at:
        at_ns = from_iso(call.query.at)
        then = await asyncio.to_thread(core.colds.at, at_ns, core.now_ns)
        return _picture(call, then.cold, at_ns, then.seq, live=False)
    party = call.by.party if not call.by.may("viewer") else ""
    tag = f'"{core.started_ns:x}-{core.cold_revision}-{digest(party).hex()[:8]}"'
    # A hundred clients fetch it in the same second: it is put together once.
    key = (core.cold_revision, party, int(time.monotonic()))
    if call.server.picture[0] != key:
        answer = _picture(call, core.cold, core.now_ns, core.cold_revision, live=True)
        call.server.picture = (key, msgspec.json.encode(answer))
    return tagged(call.request, call.server.picture[1], tag)


def _picture(call: Call, cold: Cold, now_ns: int, revision: int, *, live: bool) -> PictureAnswer:
    core = call.server.core
    feeds = core.source.health() if live else ()
    outputs = tuple(core.outputs.health) if core.outputs is not None and live else ()
    if not call.by.may("viewer"):
        cold, feeds, outputs = for_party(cold, call.by.party), (), ()
    return PictureAnswer(
        now_ns, core.site.exercise, revision, core.failed, cold.incidents, cold.restrictions,
        cold.notices, cold.questions, cold.claims, cold.friends, cold.countermeasures,
        cold.alerts, cold.log, feeds, outputs, JournalHead(*core.head),
    )  # fmt: skip


def for_party(cold: Cold, party: str) -> Cold:
    """What a partner sees: what was written to it, and what it said itself."""
    return Cold(
        notices=tuple(n for n in cold.notices if n.party == party),
        questions=tuple(q for q in cold.questions if q.party == party),
        claims=tuple(c for c in cold.claims if c.party == party),
        friends=tuple(f for f in cold.friends if f.operator == party),
        countermeasures=tuple(c for c in cold.countermeasures if c.operator == party),
    )


async def list_tracks(call: Call) -> TracksAnswer:
    """All tracks by id, a page at a time."""
    core, query = call.server.core, call.query
    rows, now_ns = core.rows, core.now_ns
    if query.at:
        at_ns = from_iso(query.at)
        found = await asyncio.to_thread(player.shots, core, at_ns - 15 * 10**9, at_ns)
        rows = frames.unpack(found[-1].frame)[1] if found else frames.nothing()
        now_ns = found[-1].now_ns if found else at_ns
    first = int(np.searchsorted(rows.track_id, query.after, side="right"))
    last = min(first + query.limit, rows.n)
    told = tuple(row_of(rows, i) for i in range(first, last))
    return TracksAnswer(now_ns, told, told[-1].track_id if last < rows.n else None)


def row_of(rows: Rows, i: int) -> TrackRow:
    """Row i with its names."""
    said, motion = CLASSES[rows.said[i]], MOTIONS[rows.said_motion[i]]
    return TrackRow(
        int(rows.track_id[i]),
        float(rows.latitude_1e7_deg[i]) / 1e7,
        float(rows.longitude_1e7_deg[i]) / 1e7,
        known(rows.height_ellipsoid_m[i]),
        known(rows.height_ground_m[i]),
        float(rows.east_m_s[i]),
        float(rows.north_m_s[i]),
        float(rows.up_m_s[i]),
        float(rows.sigma_major_m[i]),
        float(rows.sigma_minor_m[i]),
        float(rows.sigma_major_azimuth_rad[i]),
        float(rows.age_s[i]),
        said,
        motion,
        float(rows.probability_255[i]) / 255.0,
        float(rows.existence_255[i]) / 255.0,
        int(rows.status_bits[i]),
    )


def known(value: Any) -> float | None:
    """A number, or None where it is not known."""
    return float(value) if np.isfinite(value) else None


async def read_track(call: Call) -> TrackAnswer:
    """One object: what it is, how sure, why."""
    track_id = track_number(call)
    return await call.server.core.ask(lambda watch: _track(watch, track_id))


def track_number(call: Call) -> int:
    """The id in the path. Raises `Refused` 404 where it is no number."""
    text = call.path["track_id"]
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise Refused(404, "There is no such track.")
    return int(text)


def _track(watch: Watch, track_id: int) -> TrackAnswer:
    from windhover.picture import look

    picture = watch.keeper.picture
    seen = look(picture)
    row = seen.row_of(track_id)
    if row is None:
        raise Refused(404, f"Track {track_id} is not held now; its history may be.")
    held = picture.tracks
    rows = frames.rows_of(seen, picture.incidents.incidents, picture.now_ns)
    try:
        why = explain(picture.minds, track_id)
    except BadInput:
        why = None
    mean, covariance = wind.wind_at(
        picture.wind, picture.ground.frame, picture.now_ns,
        np.ascontiguousarray(held.state_enu[row : row + 1, :3]), picture.site.sector.vertical,
    )  # fmt: skip
    claimed = int(held.claimed_id[row])
    said = picture.minds.claims.get(claimed)
    sensors = picture.site.sensors
    return TrackAnswer(
        picture.now_ns,
        row_of(rows, int(np.searchsorted(rows.track_id, track_id))),
        why,
        LocalWind(float(mean[0, 0]), float(mean[0, 1]), _matrix(covariance[0])),
        known(seen.altitude_amsl_m[row]),
        _matrix(held.covariance_enu[row, 3:5, 3:5]),
        int(held.born_ns[row]),
        tuple(s.name for i, s in enumerate(sensors) if int(held.sensors[row]) >> (i % 63) & 1),
        said.callsign.strip() if said is not None else "",
        tuple(
            Drifted(seconds, *footprint.drifted(seen, row, seconds))
            for seconds in (DRIFT_S if MOTIONS[seen.said_motion[row]] == "with the air" else ())
        ),
        claimed in watch.operators,
        tuple(i.id for i in picture.incidents.incidents if track_id in i.track_ids),
        tuple(c for c in picture.desk.claims if c.track_id == track_id),
    )


def _matrix(values: F64) -> tuple[tuple[float, float], tuple[float, float]]:
    return (
        (float(values[0, 0]), float(values[0, 1])),
        (float(values[1, 0]), float(values[1, 1])),
    )


async def read_operator(call: Call) -> OperatorAnswer:
    """Where the remote pilot said to stand."""
    track_id = track_number(call)

    def find(watch: Watch) -> OperatorAnswer | None:
        held = watch.keeper.picture.tracks
        row = np.flatnonzero(held.track_id == track_id)
        told = watch.operators.get(int(held.claimed_id[row[0]])) if len(row) else None
        return None if told is None else OperatorAnswer(track_id, *told)

    found = await call.server.core.ask(find)
    if found is None:
        raise Refused(404, "Its operator's position is not known.")
    return found


TRACK: Final = "/api/tracks/{track_id}"
ROUTES: Final = (
    Route("GET", "/api/site", ANYONE, "The place.", read_site, Site),
    Route(
        "GET", "/api/picture", SEEN, "Incidents, restrictions, notices and all that is filed.",
        read_picture, PictureAnswer, query=At,
    ),
    Route("GET", "/api/tracks", LOOKING, "Tracks by id.", list_tracks, TracksAnswer, query=Page),
    Route("GET", TRACK, LOOKING, "One object and why.", read_track, TrackAnswer),
    Route(
        "GET", TRACK + "/operator", ("operator",), "Where its remote pilot said to stand.",
        read_operator, OperatorAnswer, personal=True,
    ),
)  # fmt: skip
