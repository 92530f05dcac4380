"""The people of the El Paso night, scripted. Each reads what happens and gives the commands real ones will.

They decide nothing that the software should: they are slow, they read, they ask. A party acknowledges
in its own time, and the hospital's flight desk is so slow once that its notice is escalated.
"""

from __future__ import annotations

from math import pi

import numpy as np

from windhover.exercises.el_paso import sky
from windhover.exercises.night import Person
from windhover.exercises.officer import WatchOfficer
from windhover.exercises.roles import Authority, Due, Reader, delays
from windhover.geo.frames import Frame, from_enu
from windhover.schema.cases import Countermeasure, Friend, Volume
from windhover.schema.commands import (
    AskQuestion,
    Command,
    FileCountermeasure,
    FileFriend,
    RecordClaim,
    WithdrawCountermeasure,
)
from windhover.schema.events import (
    CountermeasureFiled,
    Event,
    IncidentChanged,
    NoticeChanged,
)
from windhover.schema.place import Point, Site
from windhover.site.shapes import circle
from windhover.units import DEG_PER_RAD, M_PER_FT, NS_PER_MIN, NS_PER_S

ANSWER = (
    "No. No se prepara ninguna operación sobre territorio mexicano. El aviso obliga solo a quien vuela "
    "en el espacio aéreo de este lado de la línea y lo excluye del suyo; se levantará por este mismo medio."
)
QUESTION = "¿Preparan una operación sobre nuestro territorio? ¿A quién obliga este aviso?"


def filed(site: Site, frame: Frame, start_ns: int) -> tuple[tuple[int, Command], ...]:
    """What partners file in the first half minute: their own drone, and a laser nobody has reviewed."""
    ground_amsl_m = site.sector.vertical.ground_altitude_amsl_m or 0.0
    friend = Friend(
        id="",
        operator="border-agency",
        what="drone",
        polygon=tuple(_place(frame, corner) for corner in sky.FRIEND_CORNERS_M),
        upper_height_ground_m=sky.FRIEND_TOP_M,
        from_ns=start_ns + 2 * NS_PER_MIN,
        to_ns=start_ns + 33 * NS_PER_MIN,
        radio_silent=True,
        words="EXERCISE: own drone on patrol, silent",
    )
    centre = _place(frame, sky.LASER_CENTRE_M)
    laser = Countermeasure(
        id="",
        operator="partner cell (exercise)",
        means="laser",
        area=Volume(
            polygon=circle(
                centre.latitude_rad * DEG_PER_RAD,
                centre.longitude_rad * DEG_PER_RAD,
                sky.LASER_RADIUS_M,
            ),
            upper_altitude_amsl_m=ground_amsl_m + 8000.0 * M_PER_FT,
            centre=centre,
            radius_m=sky.LASER_RADIUS_M,
            area_m2=pi * sky.LASER_RADIUS_M**2,
        ),
        from_ns=start_ns + 12 * NS_PER_MIN,
        to_ns=start_ns + 42 * NS_PER_MIN,
        aviation_review="not finished",
        words="EXERCISE: counter-drone laser test",
    )
    return (
        (start_ns + 5 * NS_PER_S, FileFriend(friend, by="border-agency desk")),
        (start_ns + 20 * NS_PER_S, FileCountermeasure(laser, by="partner cell")),
    )


def _place(frame: Frame, corner_m: tuple[float, float]) -> Point:
    latitude, longitude, _ = from_enu(frame, np.array([*corner_m, 0.0]))
    return Point(float(latitude), float(longitude))


def cast(rng: np.random.Generator, end_ns: int) -> tuple[Person, ...]:
    """Everybody, with the delays that this seed gives them."""

    delay = delays(rng)
    return (
        WatchOfficer(delay(35, 80), delay(25, 60), delay(70, 170), end_ns, ANSWER),
        Authority(delay(50, 130), delay(30, 80)),
        Partner(delay(1250, 1500)),
        BorderDesk(delay(60, 120)),
        Neighbour(delay(60, 140)),
        *(
            Reader(party, delay(15, 100), first_ns)
            for party, first_ns in (
                ("authority", None),
                ("centre", None),
                ("airport", None),
                ("hospital", delay(390, 480)),
                ("border-agency", None),
                ("vecino", None),
            )
        ),
    )


class Partner:
    """Filed a laser activity; takes it back when the review does not end in time."""

    name = "partner cell"

    def __init__(self, withdraw_ns: int) -> None:
        self.withdraw_ns = withdraw_ns
        self.known: set[str] = set()

    def react(self, events: tuple[Event, ...], now_ns: int) -> Due:
        """One withdrawal for each activity filed."""
        due: list[tuple[int, Command]] = []
        for event in events:
            if isinstance(event, CountermeasureFiled) and event.countermeasure.id not in self.known:
                self.known.add(event.countermeasure.id)
                due.append(
                    (
                        now_ns + self.withdraw_ns,
                        WithdrawCountermeasure(
                            event.countermeasure.id,
                            self.name,
                            "The aviation review is not finished; the activity will not take place.",
                        ),
                    )
                )
        return tuple(due)


class BorderDesk:
    """Says early what it believes to have seen; it is kept beside the sensors' record."""

    name = "border-agency desk"

    def __init__(self, after_ns: int) -> None:
        self.after_ns = after_ns
        self.said_it = False

    def react(self, events: tuple[Event, ...], now_ns: int) -> Due:
        """One claim, about the first thing that drifts."""
        for event in events:
            if (
                isinstance(event, IncidentChanged)
                and event.incident.rule == "drifting_object"
                and event.incident.track_ids
                and not self.said_it
            ):
                self.said_it = True
                claim = RecordClaim(
                    party="border-agency",
                    says="It is a drone.",
                    on_evidence="One observer, naked eye, at night.",
                    by=self.name,
                    track_id=event.incident.track_ids[0],
                    incident_id=event.incident.id,
                )
                return ((now_ns + self.after_ns, claim),)
        return ()


class Neighbour:
    """Reads its first notice and asks the one question that matters."""

    name = "guardia vecina"

    def __init__(self, ask_ns: int) -> None:
        self.ask_ns = ask_ns
        self.asked = False

    def react(self, events: tuple[Event, ...], now_ns: int) -> Due:
        """One question after the first notice that concerns a restriction, or any first notice."""
        for event in events:
            if (
                isinstance(event, NoticeChanged)
                and event.notice.party == "vecino"
                and event.notice.state == "sent"
                and not self.asked
            ):
                self.asked = True
                ask = AskQuestion("vecino", QUESTION, self.name, event.notice.incident_id)
                return ((now_ns + self.ask_ns, ask),)
        return ()
