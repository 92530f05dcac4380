"""From a restriction or an incident to one text per party, in its language, in plain words.

Every text says what, where, how high, from when to when, whom it binds, who is exempt, why, and whom
to call. What the authority has not issued says that it is no NOTAM; an exercise says so in every line.
"""

from __future__ import annotations

from windhover.errors import BadInput
from windhover.notices.notam.encode import Draft, encode
from windhover.notices.parties import by_id, duty, recipients
from windhover.notices.phrases import (
    CANCELLATION,
    EVIDENCE,
    EXERCISE,
    LABELS,
    MOMENT,
    NOT_A_NOTAM,
    TRAFFIC,
    Local,
    exempt_words,
    time_words,
)
from windhover.notices.places import area_words, band_words, middle, place_words
from windhover.schema.cases import Incident, Notice, NoticeKind, Restriction, Words
from windhover.schema.countries import ADJECTIVE, country_words
from windhover.schema.place import Language, Party, Point, Site
from windhover.units import NS_PER_MIN, NS_PER_S

IN_FORCE = ("issued", "in force", "cancellation requested")


def compose(
    site: Site,
    about: Restriction | Incident,
    moment: NoticeKind,
    number: int,
    now_ns: int,
    local: Local,
    *,
    told: tuple[str, ...] = (),
    place: Point | None = None,
) -> tuple[Notice, ...]:
    """Notices "N{number}", "N{number + 1}" … in the order in which the parties are told.

    `told`: ids of the parties that heard of it before, who also hear how it goes on and ends.
    `place`: where an incident without a volume is. Nobody to tell gives ().
    """
    competent = about.competent if isinstance(about, Restriction) else ""
    notices: list[Notice] = []
    for party in recipients(site, moment, competent, told):
        if isinstance(about, Restriction):
            subject, text, binds = _of_restriction(site, about, moment, party, now_ns, local)
        else:
            subject, text, binds = _of_incident(site, about, party, now_ns, local, place)
        notices.append(
            Notice(
                id=f"N{number + len(notices)}",
                party=party.id,
                language=party.language,
                kind=moment,
                subject=marked(site, subject),
                text=framed(site, text),
                composed_ns=now_ns,
                state="composed",
                incident_id=about.incident_id if isinstance(about, Restriction) else about.id,
                restriction_id=about.id if isinstance(about, Restriction) else "",
                due_ns=now_ns + round(party.acknowledge_within_s * NS_PER_S),
                binds=binds,
            )
        )
    return tuple(notices)


def marked(site: Site, line: str) -> str:
    """One line, with the mark of an exercise where this is one."""
    return f"{EXERCISE}: {line}" if site.exercise else line


def framed(site: Site, text: str) -> str:
    """A text whose every line says that it is an exercise, where this is one.

    Lines that already say so, and empty ones, stay as they are.
    """
    if not site.exercise:
        return text
    lines = [
        line
        if not line.strip() or line.startswith(("EXERCISE", "EJERCICIO"))
        else f"EXERCISE / EJERCICIO · {line}"
        for line in text.split("\n")
    ]
    return "\n".join([EXERCISE, *lines])


def binds_words(site: Site, restriction: Restriction, moment: NoticeKind) -> Words:
    """Whom it binds: what a neighbour needs to read first."""
    home = country_words(site.country)
    if moment == "lifted":
        return Words("Nobody any more.", "Ya no obliga a nadie.")
    if moment == "advice":
        return Words(
            "Nobody: this is advice, not a restriction.",
            "A nadie: es un aviso, no una restricción.",
        )
    other = site.border.neighbour if site.border is not None else ""
    not_theirs = Words("", "")
    if other:
        neighbour = country_words(other)
        not_theirs = Words(
            f" It binds nobody in the airspace of {neighbour.en}.",
            f" No obliga a nadie en el espacio aéreo de {neighbour.es}.",
        )
    if restriction.state not in IN_FORCE:
        return Words(
            f"Nobody yet: it has been requested and not issued.{not_theirs.en}",
            f"A nadie todavía: fue solicitada y no ha sido emitida.{not_theirs.es}",
        )
    return Words(
        f"Aircraft in the airspace of {home.en} inside the volume.{not_theirs.en}",
        f"A las aeronaves en el espacio aéreo de {home.es} dentro del volumen.{not_theirs.es}",
    )


def _of_restriction(
    site: Site,
    restriction: Restriction,
    moment: NoticeKind,
    party: Party,
    now_ns: int,
    local: Local,
) -> tuple[str, str, str]:
    """Subject, text, whom it binds."""
    language = party.language
    binds = binds_words(site, restriction, moment).of(language)
    authority = by_id(site, restriction.competent)
    where = place_words(site, middle(restriction.volume)).of(language)
    area = area_words(restriction.volume).of(language)
    from_words = time_words(restriction.from_ns, party.local_timezone, language, local)
    to_words = time_words(restriction.to_ns, party.local_timezone, language, local)
    es = language == "es"
    ending = restriction.state == "cancellation requested"
    lines: list[tuple[str, str]] = [("what", _what(site, restriction, moment, authority, language))]
    lines.append(("where", f"{area}; {where}." if where else f"{area}."))
    lines.append(("height", f"{band_words(restriction.volume, language)}."))
    if moment == "lifted":
        ended = restriction.ended_ns if restriction.ended_ns is not None else now_ns
        ended_words = time_words(ended, party.local_timezone, language, local)
        lines.append(("when", f"terminó el {ended_words}." if es else f"ended {ended_words}."))
    else:
        lines.append(
            ("when", f"del {from_words} al {to_words}." if es else f"{from_words} to {to_words}.")
        )
    if restriction.exemptions and moment in ("request", "issued"):
        names = exempt_words(restriction.exemptions, language)
        how = (
            "con autorización del control de tránsito aéreo e informando el peligro a la tripulación"
            if es
            else "on air traffic control clearance, with the hazard told to the crew"
        )
        lines.append(("exempt", f"{names}, {how}."))
    lines.append(("why", restriction.why.of(language)))
    if moment == "request" and not ending:
        lines.append(("impact", restriction.impact.of(language)))
    if ending:
        lines.append(("reason", f"{restriction.reason.rstrip('.')}."))
    lines.append(("call", _call(site, authority, language)))
    # Whom a notice binds is the first thing that somebody abroad needs to read.
    lines.insert(0 if party.country != site.country else 4, ("binds", binds))
    body = "\n".join(f"{LABELS[key].of(language)}: {value}" for key, value in lines)
    if moment == "request" and not ending:
        body = f"{NOT_A_NOTAM}\n{body}"
    notam = notam_text(site, restriction, moment)
    if notam:
        body = f"{body}\n\n{notam}"
    head = CANCELLATION if ending and moment == "request" else MOMENT[moment]
    rung = _rung_words(site, restriction, language)
    subject = f"{head.of(language)}: {restriction.id}, {rung}"
    return subject, body, binds


def notam_text(site: Site, restriction: Restriction, moment: NoticeKind) -> str:
    """The ICAO text: a draft with the request, its number once issued; NOTAMC to ask for its end.

    Empty for advice and once lifted (the authority's own notice says that), and where the restriction
    cannot be written as a NOTAM. An exercise never carries a number.
    """
    if moment not in ("request", "issued") or restriction.rung in ("R0", "R1"):
        return ""
    ending = restriction.state == "cancellation requested"
    neighbour = site.border.neighbour if site.border is not None else ""
    try:
        return encode(
            Draft(
                fir=site.fir,
                volume=restriction.volume,
                from_ns=restriction.from_ns,
                to_ns=max(restriction.to_ns, restriction.from_ns + NS_PER_MIN),
                reason_words=restriction.hazard.words.en.partition(" (")[0],
                kind="C" if ending else "N",
                number=restriction.authority_number
                if moment == "issued" and not site.exercise
                else "",
                replaces=restriction.authority_number if ending else "",
                exercise=site.exercise,
                excludes=ADJECTIVE.get(neighbour, neighbour)
                if restriction.excludes_neighbour
                else "",
                border_sigma_m=site.border.sigma_m if site.border is not None else None,
                exemptions=restriction.exemptions,
            )
        )
    except BadInput:
        return ""


def _of_incident(
    site: Site, incident: Incident, party: Party, now_ns: int, local: Local, place: Point | None
) -> tuple[str, str, str]:
    language = party.language
    es = language == "es"
    lines = [f"{LABELS['what'].of(language)}: {incident.why.of(language)}"]
    if incident.hazard.declared is not None:
        place = middle(incident.hazard.declared)
        lines.append(
            f"{LABELS['where'].of(language)}: {area_words(incident.hazard.declared).of(language)}; "
            f"{place_words(site, place).of(language)}."
        )
        lines.append(
            f"{LABELS['height'].of(language)}: {band_words(incident.hazard.declared, language)}."
        )
    elif place is not None:
        lines.append(f"{LABELS['where'].of(language)}: {place_words(site, place).of(language)}.")
    since = time_words(incident.opened_ns, party.local_timezone, language, local)
    lines.append(f"{LABELS['when'].of(language)}: {'desde el' if es else 'since'} {since}.")
    binds = (
        "A nadie: es un aviso, no una restricción."
        if es
        else "Nobody: this is advice, not a restriction."
    )
    lines.append(f"{LABELS['binds'].of(language)}: {binds}")
    lines.append(f"{LABELS['evidence'].of(language)}: {EVIDENCE[incident.grade].of(language)}.")
    lines.append(f"{LABELS['traffic'].of(language)}: {TRAFFIC[incident.exposure].of(language)}.")
    lines.append(f"{LABELS['call'].of(language)}: {_call(site, None, language)}")
    subject = (
        f"{MOMENT['advice'].of(language)}: {incident.id}, {incident.hazard.words.of(language)}"
    )
    return subject, "\n".join(lines), binds


def _rung_words(site: Site, restriction: Restriction, language: Language) -> str:
    """The rung with the site's own words for it."""
    for rung in site.policy.ladder:
        if rung.name == restriction.rung:
            return f"{rung.name} {rung.action.get(language, '')}".strip()
    return restriction.rung


def _what(
    site: Site,
    restriction: Restriction,
    moment: NoticeKind,
    authority: Party | None,
    language: Language,
) -> str:
    rung = _rung_words(site, restriction, language)
    name = authority.name if authority is not None else restriction.competent
    number = restriction.authority_number
    es = language == "es"
    if moment == "advice":
        return f"aviso ({rung})." if es else f"advice ({rung})."
    if moment == "request" and restriction.state == "cancellation requested":
        return (
            f"se solicita a {name} cancelar {number} ({rung}); sigue en vigor."
            if es
            else f"{name} is asked to cancel {number} ({rung}); it is still in force."
        )
    if moment == "request":
        return (
            f"se solicita a {name} ({rung}); no está emitida."
            if es
            else f"requested from {name} ({rung}); not issued."
        )
    if moment == "lifted":
        return (
            f"{name} canceló {number or restriction.id} ({rung})."
            if es
            else f"{name} has cancelled {number or restriction.id} ({rung})."
        )
    return (
        f"{name} emitió {number or restriction.id} ({rung})."
        if es
        else f"{name} has issued {number or restriction.id} ({rung})."
    )


def _call(site: Site, authority: Party | None, language: Language) -> str:
    """Names and addresses; the duty officer answers questions."""
    officer = duty(site)
    parts = []
    if authority is not None:
        parts.append(f"{authority.name}, {authority.address}")
    if officer is not None and officer != authority:
        word = "" if authority is None else ("preguntas: " if language == "es" else "questions: ")
        parts.append(f"{word}{officer.name}, {officer.address}")
    return "; ".join(parts) + "."
