"""From an incident to a draft: the smallest volume and the fewest minutes that keep traffic clear.

A draft is a proposal to people. It restricts nothing: only the competent authority does.
"""

from __future__ import annotations

import msgspec

from windhover.geo.borders import clip_home
from windhover.geo.context import Seen
from windhover.geo.volumes import from_plane, in_volume
from windhover.restrictions.footprint import band_of, drift, reach
from windhover.restrictions.impact import impact
from windhover.restrictions.ladder import ORDER, choose
from windhover.schema.batches import CLASSES
from windhover.schema.cases import Incident, Restriction, Volume, Words
from windhover.schema.place import Rung
from windhover.units import NS_PER_S

BALLOON = CLASSES.index("balloon")
ADVICE_S = 600.0
"""How long advice without a clock of its own is drawn for."""

REFLECTIONS = Words(
    "Area and times are those that the operator declared; beams reflected by an object are not bounded by them.",
    "El área y los horarios son los que declaró el operador; los haces reflejados por un objeto no quedan acotados por ellos.",
)
CLIPPED = Words(
    "The neighbour's airspace is excluded.", "Se excluye el espacio aéreo del país vecino."
)
CLIPPED_UNSURE = Words(
    "The neighbour's airspace is excluded; the border line used may be off by {sigma:.0f} m.",
    "Se excluye el espacio aéreo del país vecino; la línea fronteriza empleada puede diferir en {sigma:.0f} m.",
)


def draft(incident: Incident, seen: Seen, now_ns: int, number: int) -> Restriction | None:
    """The restriction "R{number}" that the incident asks for, or None where watching is enough.

    None also where the object is not held now: nobody knows where to draw.
    """
    rung = choose(incident, seen.site.policy)
    if rung is None or incident.state == "closed":
        return None
    shape = _shape(incident, seen, rung, now_ns)
    if shape is None:
        return None
    volume, from_ns, to_ns, notes = shape
    volume, clipped, more = _at_home(seen, volume)
    why = _joined(incident.why, *notes, *more)
    return Restriction(
        id=f"R{number}",
        incident_id=incident.id,
        rung=rung.name,
        hazard=incident.hazard,
        volume=volume,
        from_ns=from_ns,
        to_ns=to_ns,
        state="drafted",
        competent=rung.competent,
        exemptions=seen.site.policy.default_exemptions,
        why=why,
        impact=impact(seen, volume, from_ns, to_ns),
        drafted_ns=now_ns,
        proposal_lapses_ns=lapse_ns(rung, now_ns),
        excludes_neighbour=clipped,
    )


def redraw(
    restriction: Restriction, incident: Incident, seen: Seen, now_ns: int
) -> Restriction | None:
    """A draft that nobody has asked for yet, drawn anew where the object is now or its rung rose.

    None where it need not be: it still holds the object with half its margin, or is out of our hands.
    The proposal's clock is not set back: only a person renews.
    """
    if restriction.state != "drafted" or incident.hazard.declared is not None:
        return None
    rung = choose(incident, seen.site.policy)
    if rung is None:
        return None
    risen = ORDER.index(rung.name) > ORDER.index(restriction.rung)
    if holds(restriction, seen) and not risen:
        return None
    new = draft(incident, seen, now_ns, 0)
    if new is None:
        return None
    lapses = restriction.proposal_lapses_ns
    if risen and new.proposal_lapses_ns is not None:
        lapses = new.proposal_lapses_ns if lapses is None else min(lapses, new.proposal_lapses_ns)
    return msgspec.structs.replace(
        new,
        id=restriction.id,
        drafted_ns=restriction.drafted_ns,
        proposal_lapses_ns=lapses,
        requested_by=restriction.requested_by,
        renewals=restriction.renewals,
        exemptions=restriction.exemptions,
    )


def holds(restriction: Restriction, seen: Seen) -> bool:
    """Whether every object of the hazard that is held now stays in the volume for another minute.

    True for a declared area, and where none of the objects is held: nothing contradicts the drawing.
    """
    if restriction.hazard.declared is not None:
        return True
    rows = held_rows(seen, restriction.hazard.track_ids)
    if not rows:
        return True
    ahead = seen.plane_m[rows] + 60.0 * seen.velocity_m_s[rows, :2]
    for places in (seen.plane_m[rows], ahead):
        latitude, longitude = from_plane(seen.ground.frame, places)
        inside = in_volume(restriction.volume, latitude, longitude, seen.altitude_amsl_m[rows])
        # At the neighbour's the volume ends at the line: what is there is not ours to restrict.
        if restriction.excludes_neighbour:
            inside = inside | (seen.border_m[rows] < 0.0)
        if not inside.all():
            return False
    return True


def held_rows(seen: Seen, track_ids: tuple[int, ...]) -> list[int]:
    """Rows of those tracks that are held now."""
    return [row for t in track_ids if (row := seen.row_of(t)) is not None]


def lapse_ns(rung: Rung, now_ns: int) -> int | None:
    """When a proposal of this rung lapses unless a person renews it; R0 and R1 have no clock."""
    if rung.limit_s is None or ORDER.index(rung.name) < 2:
        return None
    return now_ns + round(rung.limit_s * NS_PER_S)


def _shape(
    incident: Incident, seen: Seen, rung: Rung, now_ns: int
) -> tuple[Volume, int, int, list[Words]] | None:
    """Volume, from, to and what must be said about them."""
    hazard = incident.hazard
    if hazard.declared is not None:
        from_ns = max(now_ns, hazard.from_ns or now_ns)
        seconds = rung.limit_s or ADVICE_S
        to_ns = hazard.to_ns or from_ns + round(seconds * NS_PER_S)
        if to_ns <= from_ns:
            return None
        return hazard.declared, from_ns, to_ns, [REFLECTIONS]
    rows = held_rows(seen, incident.track_ids)
    if not rows:
        return None
    seconds = rung.limit_s if rung.limit_s is not None else ADVICE_S
    to_ns = now_ns + round(seconds * NS_PER_S)
    drifting = bool((seen.said[rows] == BALLOON).all())
    margin_m = seen.site.policy.margin_m
    if drifting:
        volume = drift(seen, rows, min(seconds, ADVICE_S), margin_m)
    else:
        volume = reach(seen, rows, margin_m)
    caveat = band_of(seen, rows, seconds, drifting=drifting).caveat
    return volume, now_ns, to_ns, [] if caveat is None else [caveat]


def _at_home(seen: Seen, volume: Volume) -> tuple[Volume, bool, list[Words]]:
    """The volume without the neighbour's airspace, whether anything was cut, and the words for it."""
    border = seen.site.border
    if seen.ground.border is None or border is None:
        return volume, False, []
    volume, clipped = clip_home(seen.ground.border, seen.ground.frame, volume)
    if not clipped:
        return volume, False, []
    if border.official and border.sigma_m <= 10.0:
        return volume, True, [CLIPPED]
    unsure = Words(
        CLIPPED_UNSURE.en.format(sigma=border.sigma_m),
        CLIPPED_UNSURE.es.format(sigma=border.sigma_m),
    )
    return volume, True, [unsure]


def _joined(*words: Words) -> Words:
    return Words(" ".join(w.en for w in words), " ".join(w.es for w in words))
