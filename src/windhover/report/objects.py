"""One object's part of the story: what was said of it, when that was first sure, why, and its curves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from windhover.identities import Explanation
from windhover.picture import Picture
from windhover.report.history import Glimpse, History
from windhover.report.story import EvidenceLine, Probabilities, StoryObject, Trail, Velocities
from windhover.schema.batches import ATTRIBUTES, CLASSES, F64, MOTIONS
from windhover.units import NS_PER_S

Explanations = Mapping[tuple[int, str], Explanation]
"""(track, what was said of it) → the last full answer that said so."""
TRAIL_EVERY_S = 4
LAST_S = 60
SURE = 0.9
"""The probability at which an answer counts as decided."""


def told_object(
    history: History,
    picture: Picture,
    explanations: Explanations,
    rows: list[tuple[int, int]],
    start_ns: int,
    *,
    name: str = "",
    truth: str = "",
    true_class: str = "",
    true_trail: Trail | None = None,
) -> StoryObject:
    """The story of what was held at `rows`, (glimpse, row) in order of time.

    `decided_after_s` counts from the first plot of the first track that held it to the first second
    at which the answer that stood at the end was said with more than `SURE`.
    """
    true_trail = Trail() if true_trail is None else true_trail
    if not rows:
        return StoryObject(
            name=name,
            truth=truth,
            said="unknown",
            probability=0.0,
            sentence="Never held: no sensor saw it well enough for a track.",
            sentence_es="Nunca se le dio seguimiento: ningún sensor lo vio lo suficiente.",
            true_trail=true_trail,
        )
    last = last_answer(history.glimpses, rows)
    seen, row = history.glimpses[last[0]], last[1]
    said = int(seen.said[row])
    p = np.array([history.glimpses[i].probability[r] for i, r in rows])
    when = np.array([history.glimpses[i].now_ns for i, _ in rows])
    first_ns = int(history.glimpses[rows[0][0]].born_ns[rows[0][1]])
    sure = np.flatnonzero(
        (p[:, said] > SURE) & (np.array([history.glimpses[i].said[r] for i, r in rows]) == said)
    )
    decided = None if not len(sure) else float(when[sure[0]] - first_ns) / NS_PER_S
    track_ids = tuple(dict.fromkeys(int(history.glimpses[i].track_id[r]) for i, r in rows))
    why = _last_explanation(explanations, track_ids, CLASSES[said])
    return StoryObject(
        name=name,
        truth=truth,
        said=CLASSES[said],
        probability=round(float(seen.probability[row, said]), 4),
        decided_after_s=decided,
        sentence=why.sentence.en if why else "",
        sentence_es=why.sentence.es if why else "",
        would_settle=why.would_settle.en if why else "",
        evidence=tuple(
            EvidenceLine(
                source=item.source,
                sentence=item.sentence.en,
                sentence_es=item.sentence.es,
                weight=item.weight,
            )
            for item in (why.evidence if why else ())
        ),
        right=None if CLASSES[said] == "unknown" or not true_class else CLASSES[said] == true_class,
        track_ids=track_ids,
        motion=MOTIONS[int(seen.said_motion[row])] if seen.said_motion[row] >= 0 else "",
        attributes={
            name: {1: True, 0: False}.get(int(flag))
            for name, flag in zip(ATTRIBUTES, seen.attributes[row], strict=True)
        },
        first_seen_s=(first_ns - start_ns) / NS_PER_S,
        last_seen_s=(int(when[-1]) - start_ns) / NS_PER_S,
        trail=_trail(history, picture, rows),
        true_trail=true_trail,
        probabilities=Probabilities(
            t_s=column((when[::TRAIL_EVERY_S] - start_ns) / NS_PER_S, 1),
            of={name: column(p[::TRAIL_EVERY_S, k], 3) for k, name in enumerate(CLASSES)},
        ),
        velocities=_velocities(history, rows, start_ns),
    )


def last_answer(glimpses: Sequence[Glimpse], rows: list[tuple[int, int]]) -> tuple[int, int]:
    """The (glimpse, row) that stands for what was said of an object in the end.

    The last at which the label was that of most of its last minute of being seen: what coasts is
    only remembered, and a track that runs off as its object lands says nothing about it.
    """
    fresh = [(i, r) for i, r in rows if glimpses[i].seen[r]] or rows
    end = fresh[-LAST_S:]
    labels = Counter(int(glimpses[i].said[r]) for i, r in end)
    most = labels.most_common(1)[0][0]
    return next((i, r) for i, r in reversed(end) if int(glimpses[i].said[r]) == most)


def _last_explanation(
    explanations: Explanations, track_ids: tuple[int, ...], said: str
) -> Explanation | None:
    """The last words about an object that go with what was said of it."""
    for track_id in reversed(track_ids):
        if (why := explanations.get((track_id, said))) is not None:
            return why
    return None


def column(values: F64, digits: int) -> tuple[float, ...]:
    return tuple(round(float(value), digits) for value in values)


def maybe(values: F64, digits: int) -> tuple[float | None, ...]:
    return tuple(round(float(v), digits) if np.isfinite(v) else None for v in values)


def _trail(history: History, picture: Picture, rows: list[tuple[int, int]]) -> Trail:
    picked = rows[::TRAIL_EVERY_S]
    seconds, latitude, longitude, height = history.places(picture, picked)
    vertical = picture.site.sector.vertical
    altitude = height - (np.nan if vertical.undulation_m is None else vertical.undulation_m)
    ground = vertical.ground_altitude_amsl_m
    return Trail(
        t_s=column(seconds, 1),
        lat_deg=column(latitude, 6),
        lon_deg=column(longitude, 6),
        altitude_amsl_m=maybe(altitude, 1),
        height_ground_m=maybe(altitude - (np.nan if ground is None else ground), 1),
    )


def _velocities(history: History, rows: list[tuple[int, int]], start_ns: int) -> Velocities:
    """Ground velocity from the track, wind as it was then known."""
    picked = [(i, row) for i, row in rows if i in history.airflows]
    if not picked:
        return Velocities()
    ground = np.array([history.glimpses[i].state_enu[row, 3:5] for i, row in picked])
    air = np.array([history.airflows[i].mean_m_s[row] for i, row in picked])
    sigma = np.array([history.airflows[i].sigma_m_s[row] for i, row in picked])
    when = np.array([history.glimpses[i].now_ns for i, _ in picked])
    return Velocities(
        t_s=column((when - start_ns) / NS_PER_S, 1),
        ground_east_m_s=column(ground[:, 0], 2),
        ground_north_m_s=column(ground[:, 1], 2),
        wind_east_m_s=maybe(air[:, 0], 2),
        wind_north_m_s=maybe(air[:, 1], 2),
        wind_sigma_m_s=maybe(sigma, 2),
    )
