"""From the record's structs to the story's: SI, radians and nanoseconds become people's units.

For whoever fills a story (`exercises`, the replay); every function takes the instant from which the
story counts its seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from windhover.report.story import (
    LatLon,
    MapAerodrome,
    MapSensor,
    MapZone,
    StoryClaim,
    StoryIncident,
    StoryNotice,
    StoryPlan,
    StoryQuestion,
    StoryRestriction,
    StorySite,
)
from windhover.schema.cases import (
    Claim,
    Countermeasure,
    Friend,
    Incident,
    Notice,
    Question,
    Restriction,
)
from windhover.schema.place import Point, Site
from windhover.units import DEG_PER_RAD, M2_PER_KM2, M_PER_FT, NS_PER_MIN, NS_PER_S

_GRADES = ("E0", "E1", "E2", "E3", "E4")
_EXPOSURES = ("X0", "X1", "X2", "X3")


def after_s(time_ns: int | None, start_ns: int) -> float | None:
    """Seconds from the start; None stays None."""
    return None if time_ns is None else (time_ns - start_ns) / NS_PER_S


def lat_lon(point: Point) -> LatLon:
    """Degrees, rounded to 0.1 m."""
    return (
        round(point.latitude_rad * DEG_PER_RAD, 6),
        round(point.longitude_rad * DEG_PER_RAD, 6),
    )


def ring(points: Sequence[Point]) -> tuple[LatLon, ...]:
    return tuple(lat_lon(point) for point in points)


def place(site: Site) -> StorySite:
    """What a map needs of a site."""
    lat_deg, lon_deg = lat_lon(site.sector.origin)
    border = site.border
    return StorySite(
        name=site.name,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        ground_altitude_amsl_m=site.sector.vertical.ground_altitude_amsl_m,
        country=site.country,
        neighbour=border.neighbour if border else "",
        zones=tuple(
            MapZone(
                id=zone.id,
                name=zone.name,
                kind=zone.kind,
                polygon=ring(zone.polygon),
                upper_height_ground_m=zone.upper_height_ground_m,
            )
            for zone in site.zones
        ),
        border=tuple(ring(line) for line in border.line) if border else (),
        border_source=border.source if border else "",
        border_official=border.official if border else False,
        border_sigma_m=border.sigma_m if border else None,
        border_home=lat_lon(border.home_side) if border else None,
        sensors=tuple(
            MapSensor(
                name=sensor.name,
                kind=sensor.kind,
                lat_deg=lat_lon(sensor.position)[0],
                lon_deg=lat_lon(sensor.position)[1],
                range_m=sensor.range_max_m,
                range_min_m=sensor.range_min_m,
            )
            for sensor in site.sensors
        ),
        aerodromes=tuple(
            MapAerodrome(
                icao=aerodrome.icao,
                name=aerodrome.name,
                lat_deg=lat_lon(aerodrome.reference)[0],
                lon_deg=lat_lon(aerodrome.reference)[1],
                runways=tuple(
                    (lat_lon(runway.threshold), lat_lon(runway.opposite))
                    for runway in aerodrome.runways
                ),
            )
            for aerodrome in site.aerodromes
        ),
    )


def incident(
    history: Sequence[Incident], start_ns: int, names: Mapping[int, str] | None = None
) -> StoryIncident:
    """One incident from all its states, oldest first; `names` says what people call a track."""
    last = history[-1]
    named = dict.fromkeys((names or {}).get(track, f"track {track}") for track in last.track_ids)
    return StoryIncident(
        id=last.id,
        rule=last.rule,
        grade=last.grade,
        exposure=last.exposure,
        highest_grade=max((i.grade for i in history), key=_GRADES.index),
        highest_exposure=max((i.exposure for i in history), key=_EXPOSURES.index),
        opened_after_s=(last.opened_ns - start_ns) / NS_PER_S,
        closed_after_s=after_s(last.closed_ns, start_ns),
        state=last.state,
        why=last.why.en,
        why_es=last.why.es,
        verdict=last.verdict or "",
        verdict_reason=last.verdict_reason,
        objects=tuple(named),
        track_ids=last.track_ids,
        zone=last.zone_id or "",
    )


def restriction(last: Restriction, start_ns: int) -> StoryRestriction:
    """One restriction as it ended. Minutes used run from the authority's number to the end."""
    used: float | None = 0.0
    if last.issued_ns is not None:
        used = None if last.ended_ns is None else (last.ended_ns - last.issued_ns) / NS_PER_MIN
    lower_m = last.volume.lower_altitude_amsl_m
    return StoryRestriction(
        id=last.id,
        incident_id=last.incident_id,
        hazard=last.hazard.kind,
        hazard_words=last.hazard.words.en,
        rung=last.rung,
        state=last.state,
        area_km2=last.volume.area_m2 / M2_PER_KM2,
        lower_ft=0.0 if lower_m is None else round(lower_m / M_PER_FT, 1),
        upper_ft=round(last.volume.upper_altitude_amsl_m / M_PER_FT, 1),
        ordered_minutes=(last.to_ns - last.from_ns) / NS_PER_MIN,
        used_minutes=used,
        polygon=ring(last.volume.polygon),
        centre=lat_lon(last.volume.centre) if last.volume.centre else None,
        radius_m=last.volume.radius_m,
        drafted_after_s=after_s(last.drafted_ns, start_ns),
        requested_after_s=after_s(last.requested_ns, start_ns),
        issued_after_s=after_s(last.issued_ns, start_ns),
        ended_after_s=after_s(last.ended_ns, start_ns),
        authority_number=last.authority_number,
        competent=last.competent,
        requested_by=last.requested_by,
        exemptions=last.exemptions,
        excludes_neighbour=last.excludes_neighbour,
        impact=last.impact.en,
        impact_es=last.impact.es,
        why=last.why.en,
        why_es=last.why.es,
        reason=last.reason,
        renewals=last.renewals,
    )


def notice(
    last: Notice, start_ns: int, party: str = "", lifted_ns: int | None = None
) -> StoryNotice:
    """One notice as it ended; `party` is the name people read, `lifted_ns` when the same party was
    told that the matter is over."""
    return StoryNotice(
        id=last.id,
        party=party or last.party,
        language=last.language,
        kind=last.kind,
        subject=last.subject,
        text=last.text,
        state=last.state,
        composed_after_s=after_s(last.composed_ns, start_ns),
        sent_after_s=after_s(last.sent_ns, start_ns),
        acknowledged_after_s=after_s(last.acknowledged_ns, start_ns),
        acknowledged_by=last.acknowledged_by,
        lifted_after_s=after_s(lifted_ns, start_ns),
        escalations=last.escalations,
        binds=last.binds,
        incident_id=last.incident_id,
        restriction_id=last.restriction_id,
        in_reply_to=last.in_reply_to,
        journal_head=last.journal_head,
    )


def question(last: Question, start_ns: int, party: str = "") -> StoryQuestion:
    """One question with its answer, if it has one."""
    return StoryQuestion(
        id=last.id,
        party=party or last.party,
        language=last.language,
        question=last.text,
        answer=last.answer,
        asked_after_s=after_s(last.asked_ns, start_ns),
        answered_after_s=after_s(last.answered_ns, start_ns),
        answered_by=last.answered_by,
        incident_id=last.incident_id,
    )


def claim(said: Claim, start_ns: int, party: str = "") -> StoryClaim:
    """One claim, with what it contradicts."""
    return StoryClaim(
        party=party or said.party,
        says=said.says,
        on_evidence=said.on_evidence,
        after_s=after_s(said.time_ns, start_ns),
        contradicts=said.contradicts,
        about=said.incident_id or (f"track {said.track_id}" if said.track_id is not None else ""),
    )


def friend(filed: Friend, start_ns: int) -> StoryPlan:
    """One friendly flight as it was filed."""
    silent = " (radio-silent)" if filed.radio_silent else ""
    return StoryPlan(
        kind="friend",
        id=filed.id,
        operator=filed.operator,
        words=(filed.words or filed.what) + silent,
        polygon=ring(filed.polygon),
        from_after_s=after_s(filed.from_ns, start_ns),
        to_after_s=after_s(filed.to_ns, start_ns),
    )


def countermeasure(filed: Countermeasure, start_ns: int, withdrawn: bool = False) -> StoryPlan:
    """Somebody else's activity as it was filed."""
    return StoryPlan(
        kind="countermeasure",
        id=filed.id,
        operator=filed.operator,
        words=filed.words,
        means=filed.means,
        aviation_review=filed.aviation_review,
        polygon=ring(filed.area.polygon),
        from_after_s=after_s(filed.from_ns, start_ns),
        to_after_s=after_s(filed.to_ns, start_ns),
        withdrawn=withdrawn,
    )
