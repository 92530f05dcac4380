"""The answer in words: layers, evidence item by item, one sentence, and what would settle it."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from windhover.air.wind import STALE_SIGMA_M_S
from windhover.errors import BadInput
from windhover.geo.frames import from_enu
from windhover.identities import peers, spoof, weigh
from windhover.identities.models import MODELS
from windhover.identities.motion import difference_from_wind
from windhover.identities.sensors import HEARD, SILENCE_AFTER_S
from windhover.identities.state import DARK, FRIEND, IdentityState
from windhover.identities.words import CLASS_WORDS, SHORT_WORDS, adverb, joined
from windhover.schema.batches import ATTRIBUTES, CLASSES, F64, MOTIONS
from windhover.schema.cases import Words
from windhover.timescale import EARLIEST_NS

STANDING = (
    "hover", "hold", "tether", "tether, swinging", "sway, narrow", "sway", "sway, wide", "fixed", "legs", "agile",
)  # fmt: skip
STANDS_M_S = 2.0
LEVEL_M_S = 0.3
SILENT_WORDS = (  # in the order of HEARD
    Words("ADS-B", "ADS-B"),
    Words("Remote ID", "identificación remota"),
    Words("a control link", "enlace de control"),
)


class Evidence(msgspec.Struct, frozen=True):
    """One item: where it comes from, what it says, how strongly and how much it counts."""

    source: str  # of weigh.SOURCES
    sentence: Words
    log_likelihood: dict[str, float]  # class → natural logarithm, best = 0
    weight: float  # λ


class Explanation(msgspec.Struct, frozen=True):
    """Everything a person may ask about one track's identity."""

    track_id: int
    motion: dict[str, float]  # of MOTIONS, probabilities
    classes: dict[str, float]  # of CLASSES, probabilities
    attributes: dict[str, bool | None]
    said: str
    said_motion: str
    evidence: tuple[Evidence, ...]
    sentence: Words
    would_settle: Words
    decided_after_s: float | None  # from the first plot to the present label; None = undecided


def explain(state: IdentityState, track_id: int) -> Explanation:
    """Why a track is called what it is called. Raises `BadInput` for a track that is not held."""
    row = int(np.searchsorted(state.track_id, track_id))
    if row >= len(state.track_id) or state.track_id[row] != track_id:
        raise BadInput(f"Track {track_id} is not held.", "Name one that is shown.")
    classes = dict(zip(CLASSES, np.exp(state.log_probability[row]).tolist(), strict=True))
    motion = dict(zip(MOTIONS, np.exp(state.motion_log_probability[row]).tolist(), strict=True))
    attributes = {
        name: None if value < 0 else bool(value)
        for name, value in zip(ATTRIBUTES, state.attributes[row].tolist(), strict=True)
    }
    why = motion_words(state, row)
    decided = int(state.decided_ns[row])
    return Explanation(
        track_id=int(track_id),
        motion=motion,
        classes=classes,
        attributes=attributes,
        said=CLASSES[state.said[row]],
        said_motion=MOTIONS[state.said_motion[row]],
        evidence=_evidence(state, row, why),
        sentence=_sentence(state, row, why),
        would_settle=_would_settle(state, row),
        decided_after_s=None
        if decided == EARLIEST_NS
        else max(decided - int(state.born_ns[row]), 0) * 1e-9,
    )


def motion_words(state: IdentityState, row: int) -> Words:
    """What the plots say of the way it moves, without a verdict."""
    held_s = max(int(state.motion.last_ns[row]) - int(state.motion.first_ns[row]), 0) * 1e-9
    velocity = state.velocity_enu[row]
    speed = float(np.hypot(velocity[0], velocity[1]))
    sigma = _wind_sigma(state, row)
    for_en, for_es = f"for {held_s:.0f} s", f"desde hace {held_s:.0f} s"
    over = Words(
        f"Moves over the ground at {speed:.1f} m/s {for_en}",
        f"Se mueve sobre el suelo a {speed:.1f} m/s {for_es}",
    )
    best = int(np.argmax(state.log_probability[row]))
    way = _way(state, row, best)
    if sigma > STALE_SIGMA_M_S:
        return Words(
            f"{over.en}, and the wind there is not known (± {sigma:.0f} m/s)",
            f"{over.es}, y no se conoce el viento ahí (± {sigma:.0f} m/s)",
        )
    wind = state.motion.wind[row]
    said = _wind_words(wind)
    apart = difference_from_wind(state.motion, row)
    if apart is None:
        return over
    difference = float(np.hypot(*apart[0]))
    error = math.sqrt(0.5 * float(np.trace(apart[1])) + sigma**2)
    numbers_en = f"{said.en}, difference {difference:.1f} ± {error:.1f} m/s"
    numbers_es = f"{said.es}, diferencia {difference:.1f} ± {error:.1f} m/s"
    if difference < (2.0 if best == weigh.BALLOON else 1.0) * error:
        if best in weigh.POWERED:
            return Words(
                f"Moves as the wind might, by its speed alone ({numbers_en}), but not by its path, {for_en}",
                f"Se mueve como podría hacerlo el viento por su velocidad ({numbers_es}), no por su trayectoria, {for_es}",
            )
        return Words(
            f"Moves with the measured wind ({numbers_en}) {for_en}",
            f"Se mueve con el viento medido ({numbers_es}) {for_es}",
        )
    if speed < STANDS_M_S and way in STANDING:
        return Words(
            f"Keeps its place over the ground {for_en} although the wind blows ({numbers_en})",
            f"Mantiene su lugar sobre el suelo {for_es} aunque sopla viento ({numbers_es})",
        )
    if best == weigh.TETHERED:
        return Words(
            f"Sways about one place over the ground although the wind blows ({said.en}) {for_en}",
            f"Oscila en torno a un lugar sobre el suelo aunque sopla viento ({said.es}) {for_es}",
        )
    if way.startswith("circle"):
        return Words(
            f"Circles while the wind carries it ({said.en}) {for_en}",
            f"Vuela en círculos mientras el viento lo lleva ({said.es}) {for_es}",
        )
    if best == weigh.CLUTTER:
        return Words(
            f"Its plots scatter without a path {for_en}",
            f"Sus trazas se dispersan sin trayectoria {for_es}",
        )
    return Words(
        f"Moves at {speed:.1f} m/s, not with the measured wind ({numbers_en}) {for_en}",
        f"Se mueve a {speed:.1f} m/s, no con el viento medido ({numbers_es}) {for_es}",
    )


def _way(state: IdentityState, row: int, best: int) -> str:
    """Name of the model by which the class most likely moves now."""
    return MODELS[int(np.argmax(state.motion.weight[row, best]))].name


def _wind_sigma(state: IdentityState, row: int) -> float:
    covariance = state.motion.wind_cov[row]
    return math.sqrt(0.5 * float(covariance[0] + covariance[2]))


def _wind_words(wind_m_s: F64) -> Words:
    """Speed and the direction that it comes from."""
    speed = float(np.hypot(*wind_m_s))
    if speed < 0.5:
        return Words("calm", "en calma")
    comes_from = round(math.degrees(math.atan2(-wind_m_s[0], -wind_m_s[1]))) % 360
    return Words(
        f"{speed:.1f} m/s from {comes_from:03d}°", f"{speed:.1f} m/s de los {comes_from:03d}°"
    )


def _verdict(probability: F64) -> Words:
    """One to three classes that together hold four fifths, with the word for how certain."""
    order = [k for k in np.argsort(-probability, kind="stable").tolist() if k != weigh.UNKNOWN]
    best = order[0]
    if probability[best] >= 0.8:
        name = CLASSES[best]
        how = adverb(float(probability[best]))
        return Words(f"{how.en} {CLASS_WORDS[name].en}", f"{how.es} {CLASS_WORDS[name].es}")
    total, names = 0.0, []
    for k in order[:3]:
        names.append(SHORT_WORDS[CLASSES[k]])
        total += float(probability[k])
        if total >= 0.8:
            break
    if total < 0.7:
        return Words("undetermined so far", "aún indeterminado")
    said, how = joined(names), adverb(total)
    return Words(
        f"{how.en} {said.en}, which of them is undetermined",
        f"{how.es} {said.es}, no se sabe cuál",
    )


def _sentence(state: IdentityState, row: int, why: Words) -> Words:
    """The answer in one sentence."""
    verdict = _verdict(np.exp(state.log_probability[row]))
    en, es = f"{why.en}: {verdict.en}", f"{why.es}: {verdict.es}"
    drone = float(np.exp(state.log_probability[row, weigh.DRONE]))
    balloon = float(np.exp(state.log_probability[row, weigh.BALLOON]))
    if _wind_sigma(state, row) > STALE_SIGMA_M_S and drone > 0.05 and balloon > drone:
        en, es = f"{en}; a drone is not excluded", f"{es}; no se excluye un dron"
    told = state.attributes[row]
    claim = _claim_name(state, row)
    if claim:
        en, es = f"{en}; it says that it is {claim}", f"{es}; dice ser {claim}"
    if told[DARK] == 1:
        en, es = (
            f"{en}; dark: a receiver in range hears nothing from it",
            f"{es}; oscuro: un receptor al alcance no oye nada de él",
        )
    if told[FRIEND] == 1 and state.friend[row] < 0:
        en, es = (
            f"{en}; own forces report it as theirs",
            f"{es}; las fuerzas propias lo reportan como suyo",
        )
    elif told[FRIEND] == 1:
        operator = state.friend_words[int(state.friend[row])]
        en, es = (
            f"{en}; a flight of {operator} is filed here",
            f"{es}; aquí hay un vuelo registrado de {operator}",
        )
    return Words(f"{en}.", f"{es}.")


def _claim_name(state: IdentityState, row: int) -> str:
    claim = state.claims.get(int(state.claim[row]))
    if claim is None or state.claim_weight[row] < 0.5:
        return ""
    return claim.callsign.strip() or claim.identifier


def _evidence(state: IdentityState, row: int, why: Words) -> tuple[Evidence, ...]:
    """The items that say anything, in the order of weigh.SOURCES."""
    items = []
    for index, source in enumerate(weigh.SOURCES):
        told = state.log_likelihood[row, index]
        if np.ptp(told) < 1e-9:
            continue
        items.append(
            Evidence(
                source,
                Words(f"{why.en}.", f"{why.es}.")
                if source == "motion"
                else _item(state, row, source),
                dict(zip(CLASSES, (told - told.max()).tolist(), strict=True)),
                float(weigh.WEIGHT[index]),
            )
        )
    return tuple(items)


def _item(state: IdentityState, row: int, source: str) -> Words:
    """The sentence of one source."""
    if source == "climb":
        rate = float(state.velocity_enu[row, 2])
        if abs(rate) < LEVEL_M_S:
            return Words("Keeps its height.", "Mantiene su altura.")
        if rate < 0.0:
            return Words(f"Descends at {-rate:.1f} m/s.", f"Desciende a {-rate:.1f} m/s.")
        return Words(f"Climbs at {rate:.1f} m/s.", f"Asciende a {rate:.1f} m/s.")
    if source == "height":
        return _height_words(state, row)
    if source == "neighbours":
        return _neighbour_words(state, row)
    if source == "radar echo":
        mean = float(state.evidence.echo_sum_dbsm[row] / max(state.evidence.echoes[row], 1e-9))
        return Words(
            f"Its radar echo is {mean:.0f} dBsm.", f"Su eco de radar es de {mean:.0f} dBsm."
        )
    if source == "cooperative":
        name = _claim_name(state, row)
        doubted = spoof.words(int(state.claim_doubts[row]))
        if doubted is not None:
            return Words(
                f"It says that it is {name}, but {doubted.en}: the claim counts little.",
                f"Dice ser {name}, pero {doubted.es}: lo dicho cuenta poco.",
            )
        if state.claim_fits[row] == 0:
            return Words(
                f"It says that it is {name}, but does not move like it.",
                f"Dice ser {name}, pero no se mueve como tal.",
            )
        return Words(
            f"It says that it is {name}, and moves like it.",
            f"Dice ser {name}, y se mueve como tal.",
        )
    if source == "class report":
        seen, turning = state.evidence.class_reports[row].tolist()
        parts = []
        if seen:
            parts.append(
                Words(f"a camera or microphone ({seen} reports)", f"una cámara o un micrófono ({seen} reportes)")
            )  # fmt: skip
        if turning:
            parts.append(
                Words(f"the radar by what turns or beats in its echo ({turning} reports)",
                      f"el radar por lo que gira o bate en su eco ({turning} reportes)")
            )  # fmt: skip
        return Words(
            f"Classified by {', and by '.join(w.en for w in parts)}.",
            f"Clasificado por {' y por '.join(w.es for w in parts)}.",
        )
    if source == "radio":
        return Words(
            "A control link is heard from its direction.",
            "Se oye un enlace de control desde su dirección.",
        )
    if source == "sighting":
        count = int(state.evidence.sighted[row])
        return Words(
            f"People saw something in its direction, and no light of the sky stands there (reports: {count}).",
            f"Alguien vio algo en su dirección, y ahí no hay ninguna luz del cielo (reportes: {count}).",
        )
    return _silence_words(state, row)


def _height_words(state: IdentityState, row: int) -> Words:
    """How high it is above the ground, as flat as the sector takes it."""
    ground = state.vertical.ground_altitude_amsl_m
    if ground is None:
        return Words(
            "Its height above the ground is not known.", "Se desconoce su altura sobre el suelo."
        )
    height_ellipsoid_m = float(from_enu(state.frame, state.position_enu[row])[2])
    above = max(height_ellipsoid_m - (state.vertical.undulation_m or 0.0) - ground, 0.0)
    return Words(f"About {above:.0f} m above the ground.", f"A unos {above:.0f} m sobre el suelo.")


def _neighbour_words(state: IdentityState, row: int) -> Words:
    """The wind that what drifts nearby tells, and whether this moves with it."""
    lent = peers.lent_to(state)
    said = _wind_words(state.motion.wind[row] + lent.error_m_s[row])
    agrees = state.log_likelihood[row, weigh.PEERS, weigh.BALLOON] > 0.0
    does = Words("it moves as they do", "se mueve como ellos")
    if not agrees:
        does = Words("it does not move with them", "no se mueve con ellos")
    count = int(lent.lenders[row])
    return Words(
        f"By what drifts nearby (objects: {count}) the wind there is {said.en}; {does.en}.",
        f"Según lo que va a la deriva cerca (objetos: {count}), ahí el viento es: {said.es}; {does.es}.",
    )


def _silence_words(state: IdentityState, row: int) -> Words:
    """What it does not broadcast although it would have been heard, by name."""
    covered, heard = state.evidence.covered_s[row], state.evidence.heard[row]
    silent = [
        SILENT_WORDS[i]
        for i in range(len(HEARD))
        if covered[i] >= SILENCE_AFTER_S and heard[i] == 0.0
    ]
    said = joined(silent) if silent else Words("nothing", "nada")
    return Words(
        f"Not heard from it, although receivers reach there: {said.en}.",
        f"No se oye de él, aunque los receptores llegan ahí: {said.es}.",
    )


def _would_settle(state: IdentityState, row: int) -> Words:
    """What a watch officer could ask for."""
    probability = np.exp(state.log_probability[row])
    if state.said[row] != weigh.UNKNOWN and probability.max() > 0.9:
        return Words(
            "Settled for now; a change is told.", "Resuelto por ahora; un cambio se avisa."
        )
    look_en, look_es = _look(state, row)
    drifting = probability[weigh.BALLOON] > 0.1
    if drifting and _wind_sigma(state, row) > 1.5:
        return Words(
            f"Wind measured within 2 km, or {look_en}.",
            f"Viento medido a menos de 2 km, o {look_es}.",
        )
    return Words(f"{look_en.capitalize()}.", f"{look_es.capitalize()}.")


def _look(state: IdentityState, row: int) -> tuple[str, str]:
    """Bearing and elevation from the sector's origin."""
    east, north, up = state.position_enu[row].tolist()
    bearing = round(math.degrees(math.atan2(east, north))) % 360
    words_en = f"a look at bearing {bearing:03d}° from the sector's centre"
    words_es = f"una mirada al rumbo {bearing:03d}° desde el centro del sector"
    if math.isfinite(up):
        elevation = round(math.degrees(math.atan2(up, math.hypot(east, north))))
        words_en += f", elevation {elevation}°"
        words_es += f", elevación {elevation}°"
    return words_en, words_es
