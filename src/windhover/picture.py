"""The whole flow on one screen: what arrives changes the picture, and the picture says what happened.

`advance(picture, arrived, now_ns) -> (picture, events)` is the only way a picture ever changes.
It reads no clock, no random source, no socket and no file, so any recorded day can be played again
to the same result. It takes ownership of the picture it is given.

    feeds ──bytes──▶ detections ──▶ tracks ──▶ identities ──▶ incidents ──▶ restrictions ──▶ notices
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np

from windhover import desk, identities, incidents, tracks
from windhover.air import wind
from windhover.air.wind import WindField
from windhover.desk import Desk
from windhover.geo.context import Ground, Seen, ground_of, see
from windhover.geo.frames import from_enu
from windhover.identities import IdentityState
from windhover.incidents import Book
from windhover.schema.batches import (
    ATTRIBUTES,
    CLASSES,
    MOTIONS,
    Detections,
    Identities,
    Tracks,
    Updates,
    Wind,
)
from windhover.schema.cases import Words
from windhover.schema.commands import CloseIncident, Command, SiteChange, Tick
from windhover.schema.events import (
    CommandRefused,
    Event,
    IdentityChanged,
    IncidentChanged,
    InputRejected,
    TrackConfirmed,
    TrackEnded,
)
from windhover.schema.place import Site
from windhover.schema.reports import Report, Reports
from windhover.tracks import TrackerState

Arrived = Detections | Reports | Wind | SiteChange | Command | Tick


class Picture(NamedTuple):
    """Everything that Windhover knows of one sector at one instant."""

    site: Site
    ground: Ground
    now_ns: int  # the latest instant it was advanced to, UTC
    observed_ns: int  # the instant that tracks and identities speak of, UTC
    tracker: TrackerState
    tracks: Tracks
    wind: WindField
    minds: IdentityState
    identities: Identities
    heard: tuple[Report, ...]  # reports that the next step of `identities` will weigh
    incidents: Book
    desk: Desk
    told: dict[int, tuple[str, str]]  # track → the (class, motion) that people were last told


def start(site: Site, at_ns: int) -> Picture:
    """An empty picture of a place."""
    ground = ground_of(site)
    tracker, held, _ = tracks.advance(
        tracks.start(site.sector, site.sensors), Detections.empty(), at_ns
    )
    minds, known = identities.advance(
        identities.start(site.sensors, ground.frame, site.sector.vertical),
        held, Updates.empty(), Detections.empty(), (), wind.start(), (), at_ns,
    )  # fmt: skip
    return Picture(
        site, ground, at_ns, at_ns, tracker, held, wind.start(), minds, known, (), incidents.start(), desk.start(), {}
    )  # fmt: skip


def advance(picture: Picture, arrived: Arrived, now_ns: int) -> tuple[Picture, tuple[Event, ...]]:
    """One step. Time never runs backwards: an earlier `now_ns` is taken as the picture's own.

    Detections move tracks and identities; reports and wind are kept for the next step; a tick lets
    time pass and asks the deciding half; a command is a person's word to the desk.
    """
    now_ns = max(now_ns, picture.now_ns)
    picture = picture._replace(now_ns=now_ns)
    match arrived:
        case Detections():
            return _observe(picture, arrived, now_ns)
        case Reports():
            picture = picture._replace(heard=picture.heard + arrived.items)
            picture, events = _deliveries(picture, arrived, now_ns)
            return picture, _rejected("reports", arrived.rejected, now_ns) + events
        case Wind():
            return picture._replace(wind=wind.add(picture.wind, arrived, now_ns)), ()
        case Tick():
            seen_events: tuple[Event, ...] = ()
            if picture.observed_ns != now_ns or picture.heard:  # else there is nothing to coast
                picture, seen_events = _observe(picture, Detections.empty(), now_ns)
            picture, decided = _decide(picture, now_ns)
            return picture, seen_events + decided
        case SiteChange():
            return _move_house(picture, arrived, now_ns)
        case CloseIncident():
            return _close(picture, arrived, now_ns)
        case _:
            moved, events = desk.obey(
                picture.desk, arrived, look(picture), picture.incidents.incidents, now_ns
            )
            return picture._replace(desk=moved), events


def look(picture: Picture) -> Seen:
    """The instant as the deciding half sees it."""
    filed = picture.desk
    return see(
        picture.site, picture.ground, picture.tracks, picture.identities,
        filed.friends, filed.countermeasures, filed.claims,
    )  # fmt: skip


def _observe(picture: Picture, plots: Detections, now_ns: int) -> tuple[Picture, tuple[Event, ...]]:
    """Detections → tracks → identities, and what changed for people."""
    plots, refused = _usable(plots, len(picture.site.sensors))
    tracker, held, updates = tracks.advance(picture.tracker, plots, now_ns)
    minds, known = identities.advance(
        picture.minds,
        held,
        updates,
        plots,
        picture.heard,
        picture.wind,
        desk.flying(picture.desk, now_ns),
        now_ns,
    )
    before = picture.tracks
    picture = picture._replace(
        tracker=tracker, tracks=held, minds=minds, identities=known, heard=(), observed_ns=now_ns
    )
    events = _rejected("detections", refused, now_ns)
    events += _came_and_went(picture, before, now_ns)
    told, changed = _identity_changes(picture, now_ns)
    return picture._replace(told=told), events + changed


def _decide(picture: Picture, now_ns: int) -> tuple[Picture, tuple[Event, ...]]:
    """Identities × airspace → incidents → restrictions → notices."""
    seen = look(picture)
    book, changed = incidents.advance(picture.incidents, seen, now_ns)
    moved, events = desk.advance(picture.desk, changed, book.incidents, seen, now_ns)
    said = tuple(IncidentChanged(now_ns, incident) for incident in changed)
    return picture._replace(incidents=book, desk=moved), said + events


def _close(
    picture: Picture, command: CloseIncident, now_ns: int
) -> tuple[Picture, tuple[Event, ...]]:
    """A person ends an incident; its open drafts end with it."""
    book, outcome = incidents.close(picture.incidents, command, now_ns)
    if isinstance(outcome, Words):
        return picture, (CommandRefused(now_ns, "CloseIncident", command.by, outcome),)
    moved, events = desk.advance(picture.desk, (outcome,), book.incidents, look(picture), now_ns)
    return picture._replace(incidents=book, desk=moved), (IncidentChanged(now_ns, outcome), *events)


def _deliveries(
    picture: Picture, reports: Reports, now_ns: int
) -> tuple[Picture, tuple[Event, ...]]:
    """What channels said became of notices."""
    moved, events = desk.delivered(picture.desk, reports.items, picture.site, now_ns)
    return picture._replace(desk=moved), events


def _move_house(
    picture: Picture, change: SiteChange, now_ns: int
) -> tuple[Picture, tuple[Event, ...]]:
    """Zones, parties, policies may change under way; sensors and sector need a fresh start."""
    try:
        site = msgspec.json.decode(change.site_json, type=Site)
    except msgspec.DecodeError as error:
        why = Words(f"The site cannot be read: {error}.", f"No se puede leer el sitio: {error}.")
        return picture, (CommandRefused(now_ns, "SiteChange", change.by, why),)
    kept = (picture.site.sector, picture.site.sensors, picture.site.exercise)
    if (site.sector, site.sensors, site.exercise) != kept:
        why = Words(
            "Sensors, the sector and exercise or real cannot change under way: restart with the new site.",
            "Los sensores, el sector y el modo de ejercicio no pueden cambiar en curso: reinicie con el nuevo sitio.",
        )
        return picture, (CommandRefused(now_ns, "SiteChange", change.by, why),)
    return picture._replace(site=site, ground=ground_of(site)), ()


def _usable(plots: Detections, sensors: int) -> tuple[Detections, dict[str, int]]:
    """The core's own last check; decoders have already refused what they could see."""
    if plots.n == 0:
        return plots, {}
    known = (plots.sensor >= 0) & (plots.sensor < sensors)
    finite = np.isfinite(plots.value[:, :2]).all(axis=1) & np.isfinite(plots.covariance).all(
        axis=(1, 2)
    )
    good = known & finite
    if good.all():
        return plots, {}
    counts = {"unknown sensor": int((~known).sum()), "not a number": int((known & ~finite).sum())}
    return plots.take(good), {reason: n for reason, n in counts.items() if n}


def _rejected(source: str, reasons: dict[str, int], now_ns: int) -> tuple[Event, ...]:
    return (InputRejected(now_ns, source, dict(reasons)),) if reasons else ()


def _came_and_went(picture: Picture, before: Tracks, now_ns: int) -> tuple[Event, ...]:
    held = picture.tracks
    new = np.flatnonzero(~np.isin(held.track_id, before.track_id))
    gone = np.flatnonzero(~np.isin(before.track_id, held.track_id))
    latitude, longitude, height = from_enu(picture.ground.frame, held.state_enu[new, :3])
    came = tuple(
        TrackConfirmed(
            now_ns,
            int(held.track_id[row]),
            float(latitude[i]),
            float(longitude[i]),
            float(height[i]),
        )
        for i, row in enumerate(new)
    )
    went = tuple(
        TrackEnded(now_ns, int(before.track_id[row]), int(before.hit_ns[row])) for row in gone
    )
    return came + went


def _identity_changes(
    picture: Picture, now_ns: int
) -> tuple[dict[int, tuple[str, str]], tuple[Event, ...]]:
    """Tell people once for each new answer; the labels' hysteresis stands in `identities`."""
    known, told = picture.identities, {}
    events: list[Event] = []
    for row, track_id in enumerate(known.track_id.tolist()):
        answer = (CLASSES[known.said[row]], MOTIONS[known.said_motion[row]])
        told[track_id] = answer
        if picture.told.get(track_id) == answer:
            continue
        why = identities.explain(picture.minds, track_id)
        events.append(
            IdentityChanged(
                now_ns, track_id, answer[0], float(np.exp(known.log_probability[row, known.said[row]])), answer[1],
                {name: {1: True, 0: False}.get(int(flag)) for name, flag in zip(ATTRIBUTES, known.attributes[row], strict=True)},
                why.sentence, why.decided_after_s,
            )
        )  # fmt: skip
    return told, tuple(events)
