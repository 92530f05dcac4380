"""A made-up night near El Paso, small enough to read: what the report room's tests render.

Positions are rounded from an atlas, the border is a sketch of seven points, and every motion is a
formula. Nothing here comes from a sensor or from another room.
"""

from __future__ import annotations

import msgspec

from tests.report.synthetic_objects import GROUND_M, LAT0, LON0, at, box, circle, objects
from windhover.report.story import (
    MapAerodrome,
    MapSensor,
    MapZone,
    Moment,
    RealOrder,
    Story,
    StoryClaim,
    StoryIncident,
    StoryNotice,
    StoryPlan,
    StoryQuestion,
    StoryRestriction,
    StorySite,
)


def site() -> StorySite:
    return StorySite(
        name="El Paso",
        lat_deg=LAT0,
        lon_deg=LON0,
        ground_altitude_amsl_m=GROUND_M,
        country="US",
        neighbour="MX",
        zones=(
            MapZone(
                id="kelp",
                name="El Paso International",
                kind="aerodrome",
                polygon=box(0, 0, 2300, 2100),
                upper_height_ground_m=900,
            ),
            MapZone(
                id="bliss",
                name="Fort Bliss range",
                kind="restricted",
                polygon=(at(1000, 4200), at(9800, 3600), at(11200, 9900), at(2600, 11800)),
                upper_height_ground_m=1500,
            ),
            MapZone(
                id="hospital",
                name="University hospital",
                kind="critical",
                polygon=circle(-5600, -4600, 600, 24),
                upper_height_ground_m=300,
            ),
        ),
        border=(
            (
                (31.7838, -106.65),
                (31.7838, -106.53),
                (31.7475, -106.487),
                (31.7635, -106.452),
                (31.7545, -106.402),
                (31.7290, -106.373),
                (31.6900, -106.335),
                (31.6470, -106.280),
                (31.5600, -106.200),
            ),
        ),
        border_source="sketch for tests",
        border_official=False,
        border_sigma_m=150,
        border_home=(LAT0, LON0),
        sensors=(
            MapSensor(
                name="Radar north", kind="radar_3d", lat_deg=31.825, lon_deg=-106.40, range_m=18_000
            ),
            MapSensor(
                name="Radar river", kind="radar_2d", lat_deg=31.752, lon_deg=-106.44, range_m=9_000
            ),
            MapSensor(name="ADS-B", kind="adsb", lat_deg=31.80, lon_deg=-106.38, range_m=120_000),
            MapSensor(name="RF river", kind="rf", lat_deg=31.757, lon_deg=-106.43, range_m=7_000),
        ),
        aerodromes=(
            MapAerodrome(
                icao="KELP",
                name="El Paso",
                lat_deg=LAT0,
                lon_deg=LON0,
                runways=((at(-1500, -1300), at(1200, 1500)), (at(-900, 900), at(1800, 300))),
            ),
            MapAerodrome(
                icao="MMCS",
                name="Ciudad Juárez",
                lat_deg=31.6361,
                lon_deg=-106.4289,
                runways=(((31.6255, -106.4355), (31.6470, -106.4235)),),
            ),
        ),
    )


PARTIES = (
    ("Albuquerque Center (simulated)", "en"),
    ("El Paso Tower (simulated)", "en"),
    ("University hospital (simulated)", "en"),
    ("Centro de control, Ciudad Juárez (simulado)", "es"),
)

TEXT = {
    "en": "EXERCISE EXERCISE EXERCISE\nDRAFT, NOT A NOTAM\nSubject: pause of one sector, object I1\nWhere: inside 3.4 km² south of Fort Bliss, surface to 5,500 ft above mean sea level.\nWhen: 15 minutes from 03:58Z unless renewed.\nExempt on air traffic control clearance: medevac, search and rescue, police, military.\nWhom it binds: operators in United States airspace only. Mexican airspace is excluded.",
    "es": "EJERCICIO EJERCICIO EJERCICIO\nBORRADOR, NO ES NOTAM\nAsunto: pausa de un sector, objeto I1\nDónde: 3.4 km² al sur de Fort Bliss, de la superficie a 5,500 ft sobre el nivel del mar.\nCuándo: 15 minutos desde las 03:58Z, salvo renovación.\nExentos con autorización del control: ambulancia aérea, búsqueda y salvamento, policía, militares.\nA quién obliga: solo a operadores en espacio aéreo de Estados Unidos. El espacio aéreo mexicano queda excluido.",
}


def notices() -> tuple[StoryNotice, ...]:
    made = []
    for k, (party, language) in enumerate(PARTIES):
        for step, (kind, base) in enumerate(
            (("request", 660), ("issued", 742), ("lifted", 1322), ("advice", 1810))
        ):
            acknowledged = None if (k == 2 and step == 3) else base + 38 + 21 * k
            made.append(
                StoryNotice(
                    id=f"N{4 * step + k + 1}",
                    party=party,
                    language=language,
                    kind=kind,
                    subject=(
                        "EJERCICIO: pausa de un sector"
                        if language == "es"
                        else "EXERCISE: pause of one sector"
                    )
                    if step < 3
                    else (
                        "EJERCICIO: área láser declarada"
                        if language == "es"
                        else "EXERCISE: declared laser area"
                    ),
                    text=TEXT[language],
                    state="acknowledged" if acknowledged else "escalated",
                    composed_after_s=base,
                    sent_after_s=base + 1.5,
                    acknowledged_after_s=acknowledged,
                    acknowledged_by="duty officer" if acknowledged else "",
                    lifted_after_s=1323.5 if step in (0, 1) else None,
                    escalations=0 if acknowledged else 1,
                    binds="operators in United States airspace",
                    incident_id="I1" if step < 3 else "I3",
                    restriction_id="R1" if step < 3 else "R2",
                    journal_head=f"{k}{step}" * 32,
                )
            )
    return tuple(made)


def night() -> Story:
    """Twenty objects, 2,400 s, three incidents, two restrictions, sixteen notices, one question."""
    return Story(
        title="El Paso night",
        exercise=True,
        seed=7,
        summary="One night over El Paso, played from the first radar plot to the last acknowledgement. Nineteen of twenty objects were named; one was left open because nothing seen could settle it.",
        summary_es="Una noche sobre El Paso, simulada desde el primer eco de radar hasta el último acuse de recibo. Se identificaron diecinueve de veinte objetos; uno quedó abierto.",
        started="2026-02-11T03:45:00Z",
        duration_s=2400,
        local_timezone="America/Denver",
        objects=objects(),
        incidents=(
            StoryIncident(
                id="I1",
                rule="border_crossing",
                grade="E2",
                exposure="X2",
                highest_grade="E3",
                highest_exposure="X2",
                opened_after_s=470,
                closed_after_s=1330,
                state="closed",
                why="A dark drone crossed the border northward at 120 m, 4 km from the approach to runway 04.",
                why_es="Un dron oscuro cruzó la frontera hacia el norte a 120 m, a 4 km de la aproximación a la pista 04.",
                verdict="drone",
                verdict_reason="It flew back over the river and was lost below the radar's horizon; two radars held it throughout.",
                objects=("dark drone",),
                track_ids=(19,),
                zone="border strip",
            ),
            StoryIncident(
                id="I2",
                rule="drifter",
                grade="E0",
                exposure="X1",
                opened_after_s=340,
                closed_after_s=1020,
                state="closed",
                why="A balloon drifts toward Fort Bliss with the wind; nothing steers it.",
                verdict="balloon",
                verdict_reason="It moved with the air for 11 minutes.",
                objects=("foil balloon",),
            ),
            StoryIncident(
                id="I3",
                rule="countermeasure",
                grade="E1",
                exposure="X2",
                opened_after_s=1780,
                state="watched",
                why="A partner filed laser activity; its aviation review is not finished.",
                objects=(),
            ),
        ),
        restrictions=(
            StoryRestriction(
                id="R1",
                incident_id="I1",
                hazard="object",
                hazard_words="the dark drone, where it can be in 15 minutes",
                rung="R3",
                state="cancelled",
                area_km2=12.6,
                lower_ft=0,
                upper_ft=5500,
                ordered_minutes=15,
                used_minutes=9.7,
                polygon=circle(-1500, -5900, 2000),
                centre=at(-1500, -5900),
                radius_m=2000,
                drafted_after_s=600,
                requested_after_s=660,
                issued_after_s=740,
                ended_after_s=1320,
                authority_number="EXERCISE 0/0001",
                competent="faa",
                requested_by=("Duty manager", "Supervisor"),
                exemptions=("medevac", "search and rescue", "police", "military"),
                excludes_neighbour=True,
                impact="2 arrivals wait 6 minutes; no departure; the medevac is exempt.",
                why="Smallest circle that holds the object for 15 minutes with a 500 m margin.",
                reason="The object left southward.",
            ),
            StoryRestriction(
                id="R2",
                incident_id="I3",
                hazard="laser area",
                hazard_words="the laser area that the partner declared",
                rung="R4",
                state="withdrawn",
                area_km2=17.0,
                lower_ft=0,
                upper_ft=9800,
                ordered_minutes=30,
                used_minutes=0,
                polygon=(at(4800, 5600), at(9000, 5300), at(9600, 9100), at(5300, 9700)),
                drafted_after_s=1790,
                requested_after_s=1805,
                ended_after_s=2050,
                competent="faa",
                exemptions=("medevac", "search and rescue"),
                impact="No traffic in the next 30 minutes.",
                why="The area as declared; specular reflections outside it are not bounded.",
                reason="The partner withdrew its activity.",
            ),
        ),
        notices=notices(),
        questions=(
            StoryQuestion(
                id="Q1",
                party="Secretaría de Seguridad (simulada)",
                language="es",
                question="¿El cierre obliga a vuelos en espacio aéreo mexicano? ¿Hay una operación en curso?",
                answer="No. Obliga solo a operadores en espacio aéreo de Estados Unidos. No hay ninguna operación: es una pausa de 15 minutos por un dron no identificado.",
                asked_after_s=905,
                answered_after_s=1031,
                answered_by="Duty manager",
                incident_id="I1",
            ),
        ),
        claims=(
            StoryClaim(
                party="Anonymous official (simulated)",
                says="The balloon was a cartel drone.",
                on_evidence="none given",
                after_s=1100,
                contradicts="The sensors' record: it moved with the air throughout.",
                about="I2",
            ),
        ),
        plans=(
            StoryPlan(
                kind="friend",
                id="F1",
                operator="Border Patrol (simulated)",
                words="drone (radio-silent)",
                polygon=box(5000, -10000, 2600, 2300),
                from_after_s=0,
                to_after_s=2400,
            ),
            StoryPlan(
                kind="countermeasure",
                id="C1",
                operator="Range control (simulated)",
                words="laser test",
                means="laser",
                aviation_review="not finished",
                polygon=(at(5200, 6000), at(8600, 5700), at(9100, 8700), at(5700, 9300)),
                from_after_s=1900,
                to_after_s=2300,
                withdrawn=True,
            ),
        ),
        timeline=(
            Moment(
                t_s=60, text="First plot of the foil balloon.", kind="object", about="foil balloon"
            ),
            Moment(t_s=101, text="Windhover says balloon: it moves with the air.", kind="object"),
            Moment(t_s=444, text="Windhover says drone, dark.", kind="object", about="dark drone"),
            Moment(
                t_s=470,
                text="The drone crosses the border. Incident I1.",
                kind="incident",
                about="I1",
            ),
            Moment(t_s=660, text="The duty manager asks for R1.", kind="restriction", about="R1"),
            Moment(t_s=742, text="The authority issues it; four parties are told.", kind="notice"),
            Moment(t_s=905, text="The neighbour asks whom it binds.", kind="question", about="Q1"),
            Moment(t_s=1031, text="Answered.", kind="question", about="Q1"),
            Moment(
                t_s=1320,
                text="R1 is cancelled by the authority; the same four are told.",
                kind="restriction",
            ),
        ),
        site=site(),
        real_order=RealOrder(lat_deg=LAT0, lon_deg=LON0),
        journal_head="5f1d3c9a" * 8,
        journal_events=1874,
        journal_file="journal.sqlite",
        archive_rows=48_211,
        detections=48_211,
        rejected={"late": 12, "duplicate": 31},
        version="0.1.0",
    )


def replayed() -> Story:
    """What `windhover replay` tells: no truth, no incidents, no people."""
    bare = tuple(msgspec.structs.replace(o, truth="", right=None, name="") for o in objects()[:6])
    return Story(
        title="Replay of plots.csv",
        objects=bare,
        started="2026-02-11T03:45:00Z",
        duration_s=2400,
        sources=("plots.csv",),
        columns={"time": "time, ISO 8601", "alt": "altitude above mean sea level, m"},
        detections=6052,
        rejected={"no position": 3},
        journal_head="ab" * 32,
        journal_events=40,
        version="0.1.0",
    )


HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} ]]> &amp;"


OPEN = {"attributes", "rejected", "columns", "figures", "log_likelihood", "of"}
"""Fields whose keys come from outside."""


def hostile() -> Story:
    """The same night with every string replaced by one that tries to break out."""

    def poison(value: object, within: str = "") -> object:
        if isinstance(value, str):
            return HOSTILE
        if isinstance(value, dict):
            return {
                (f"{key}{HOSTILE}" if within in OPEN else key): poison(inside, key)
                for key, inside in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [poison(inside, within) for inside in value]
        return value

    plain = msgspec.to_builtins(night())
    poisoned = poison(plain)
    assert isinstance(poisoned, dict)
    # Literal fields keep their literals: a struct would not accept anything else.
    for key, field in (("restrictions", "hazard"), ("plans", "kind")):
        for dirty, clean in zip(poisoned[key], plain[key], strict=True):
            dirty[field] = clean[field]
    return msgspec.convert(poisoned, Story)
