"""Whether a night came out right: the three things that must never go otherwise, and what else counts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from windhover.exercises.matching import match
from windhover.exercises.night import Night
from windhover.exercises.play import Played
from windhover.report.objects import last_answer
from windhover.schema.batches import ATTRIBUTES, CLASSES
from windhover.schema.events import IncidentChanged

DRONE, BALLOON = CLASSES.index("drone"), CLASSES.index("balloon")
FRIEND = ATTRIBUTES.index("friend")
INTRUDER_RULES = ("border_crossing", "zone_entry", "traffic_conflict")


class Judgement(NamedTuple):
    """One night. `right` is the conjunction of the three promises."""

    right: bool
    friend_in_incident: bool  # a filed friendly flight was put into an intruder's incident
    balloon_called_drone: bool  # a balloon was said to be a drone above 0.9, at any second
    dark_drone_found: bool  # held, said to be a drone, and an incident opened about it
    said_right: int  # objects whose last answer was their class
    objects: int  # objects that were ever held
    reasons: tuple[str, ...]


def judge(played: Played, night: Night) -> Judgement:
    """Hold the night against its truth. Every second counts, not only the end."""
    glimpses = played.history.glimpses
    held = match(night.truth, glimpses)
    intruders: set[int] = set()
    for event in played.events:
        if isinstance(event, IncidentChanged) and event.incident.rule in INTRUDER_RULES:
            intruders.update(event.incident.track_ids)
    reasons: list[str] = []
    right_answers = seen_objects = 0
    friend_wrong = balloon_wrong = False
    found = True
    for thing, rows in zip(night.truth, held, strict=True):
        if not rows:
            if thing.kind == "drone, dark":
                found = False
                reasons.append(f"{thing.name} was never held")
            continue
        seen_objects += 1
        index, row = last_answer(glimpses, rows)
        right_answers += CLASSES[int(glimpses[index].said[row])] == thing.of_class
        # A track counts for an object where it held it for most of its own time near it.
        ids, counts = np.unique([int(glimpses[i].track_id[r]) for i, r in rows], return_counts=True)
        tracks = {int(t) for t, n in zip(ids, counts, strict=True) if n >= 10}
        if thing.kind == "drone, friend" and tracks & intruders:
            friend_wrong = True
            reasons.append(f"{thing.name} stands in an intruder's incident")
        if thing.of_class == "balloon":
            p = max(float(glimpses[i].probability[r, DRONE]) for i, r in rows)
            if p > 0.9:
                balloon_wrong = True
                reasons.append(f"{thing.name} was called a drone with {p:.2f}")
        if thing.kind == "drone, dark":
            said = any(int(glimpses[i].said[r]) == DRONE for i, r in rows)
            found = said and bool(tracks & intruders)
            if not found:
                reasons.append(
                    f"{thing.name}: {'said' if said else 'not said'} to be a drone, "
                    f"{'in' if tracks & intruders else 'no'} incident"
                )
    return Judgement(
        not friend_wrong and not balloon_wrong and found,
        friend_wrong,
        balloon_wrong,
        found,
        right_answers,
        seen_objects,
        tuple(reasons),
    )
