"""The watch watches itself: a source that stops answering is an alert, and so is its return.

A watch that was switched off says, when it starts again, from when to when it saw nothing.
"""

from __future__ import annotations

from typing import Final

import msgspec

from windhover.schema.cases import Words
from windhover.schema.sentences import translator
from windhover.units import NS_PER_MIN
from windhover.watch.changes import clock, hours

SILENCE_NS: Final = 15 * NS_PER_MIN
LEAST_FAILURES: Final = 3


_REASONS: Final = (
    ("it cannot be read ({})", "no se puede leer ({})"),
    ("no connection ({})", "no hay conexión ({})"),
    ("it answers {} {}", "responde {} {}"),
    ("its reply is larger than {} bytes", "su respuesta pasa de {} bytes"),
    ("its reply cannot be read ({})", "su respuesta no se puede leer ({})"),
    ("its answer could not be read ({})", "su respuesta no se pudo leer ({})"),
    ("its reply is not JSON", "su respuesta no es JSON"),
    ("its reply is not an object", "su respuesta no es un objeto"),
    ("its reply is not a list", "su respuesta no es una lista"),
    ("its reply holds no notices ({})", "su respuesta no contiene avisos ({})"),
    ("its list is not JSON", "su lista no es JSON"),
    ("its list holds no notice number", "su lista no contiene ningún número de aviso"),
    ("it grants no token: check the credentials", "no concede acceso: revise las credenciales"),
    ("credentials are only sent over https", "las credenciales sólo se envían por https"),
    ("it is neither an mbox file nor a Maildir folder", "no es un archivo mbox ni una carpeta Maildir"),
    ("{} is no http or https address", "{} no es una dirección http o https"),
    ("{} is larger than {} bytes.", "{} pasa de {} bytes."),
    ("{} is no notice that can be read", "{} no es un aviso que se pueda leer"),
    ("{} is larger than {} bytes. Cut it into pieces.", "{} pasa de {} bytes. Divídalo."),
    ("message {} is malformed ({}).", "el mensaje {} está mal formado ({})."),
    ("{} is a broken archive.", "{} es un archivo comprimido dañado."),
    ("{} starts like JSON but is not: {}. One object a line, or one array.", "{} empieza como JSON y no lo es: {}. Un objeto por línea, o una lista."),
    ("{} has an object without a text. Name the field 'raw' or 'text'.", "{} tiene un objeto sin texto. Llame al campo 'raw' o 'text'."),
    # the system's own
    ("No such file or directory", "no existe el archivo o la carpeta"),
    ("Permission denied", "permiso denegado"),
    ("Is a directory", "es una carpeta"),
    ("[Errno {}] Connection refused", "conexión rechazada"),
    ("[Errno {}] Network is unreachable", "red inalcanzable"),
    ("[Errno {}] No route to host", "no hay ruta al servidor"),
    ("[Errno {}] Name or service not known", "no se conoce ese nombre"),
    ("[Errno {}] Temporary failure in name resolution", "no se pudo buscar ese nombre"),
    ("timed out", "sin respuesta a tiempo"),
    ("Not Found", "no encontrado"),
    ("Unauthorized", "sin autorización"),
    ("Forbidden", "prohibido"),
    ("Too Many Requests", "demasiadas consultas"),
    ("Internal Server Error", "error del servidor"),
    ("Bad Gateway", "error de la pasarela"),
    ("Service Unavailable", "servicio no disponible"),
)  # fmt: skip
_found: Final = translator(_REASONS)


def in_spanish(reason: str) -> str:
    """Why a source or a part of it could not be read; what is not known here stays as it came."""
    return _found(reason) or reason


class Health(msgspec.Struct, frozen=True):
    """Of one source. `answered_ns` is None until it answered for the first time."""

    source: str
    began_ns: int
    answered_ns: int | None = None
    failures: int = 0  # in a row
    down: bool = False
    reason: str = ""


def advance(
    health: Health, reason: str | None, now_ns: int, silence_ns: int = SILENCE_NS
) -> tuple[Health, Words | None]:
    """After one attempt: `reason` None = it answered. The words are an alert, told once each way."""
    if reason is None:
        told = None
        if health.down:
            since = health.answered_ns or health.began_ns
            told = Words(
                f"{health.source} answers again; nothing was seen of it from {clock(since)} "
                f"to {clock(now_ns)}.",
                f"{health.source} responde de nuevo; no se vio nada de ella de {clock(since)} "
                f"a {clock(now_ns)}.",
            )
        return Health(health.source, health.began_ns, now_ns), told
    failures = health.failures + 1
    since = health.answered_ns or health.began_ns
    never = health.answered_ns is None and failures == 1
    late = failures >= LEAST_FAILURES and now_ns - since >= silence_ns
    told = None
    if not health.down and (late or never):
        told = Words(
            f"{health.source} does not answer since {clock(since)}: {reason}. "
            "What is published there is not seen.",
            f"{health.source} no responde desde {clock(since)}: {in_spanish(reason)}. "
            "Lo que allí se publique no se ve.",
        )
    return (
        Health(
            health.source,
            health.began_ns,
            health.answered_ns,
            failures,
            health.down or told is not None,
            reason,
        ),
        told,
    )


def slept(last_ns: int | None, now_ns: int, every_ns: int) -> Words | None:
    """The gap of the watch itself, told when it starts again after more than three of its rounds."""
    if last_ns is None or now_ns - last_ns <= 3 * every_ns:
        return None
    return Words(
        f"This watch did not run from {clock(last_ns)} to {clock(now_ns)} "
        f"({hours(now_ns - last_ns)}); what came and went in between was not seen.",
        f"Esta vigilancia no funcionó de {clock(last_ns)} a {clock(now_ns)} "
        f"({hours(now_ns - last_ns)}); lo que apareció y desapareció entretanto no se vio.",
    )
