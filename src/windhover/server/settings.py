"""`windhover.toml`: every setting, its default and its meaning; `docs/administrator.md` lists them.

Unknown keys are refused with the nearest name: a setting that is misspelt must not be silently off.
"""

from __future__ import annotations

import difflib
import ipaddress
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import msgspec

from windhover.deliver.outputs import OutputSettings
from windhover.errors import BadInput
from windhover.feeds.settings import FeedSettings
from windhover.schema.place import Language

OUTPUTS: Final[dict[str, type[msgspec.Struct]]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(OutputSettings)
}
"""What [[output]] kind = "…" may say."""

Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]


class ServerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[server] where it listens"""

    host: str = "127.0.0.1"  # other than loopback only with TLS or a trusted proxy
    port: Port = 8410  # 0 = any free one
    tls_certificate: str = ""  # PEM file, with its chain
    tls_key: str = ""  # PEM file
    trusted_proxies: tuple[str, ...] = ()  # addresses whose X-Forwarded-* headers are believed
    names: tuple[str, ...] = ()  # host names under which it is reached, beside loopback's
    language: Language = "en"  # of the login page and of new accounts
    log_level: Literal["debug", "info", "warning", "error"] = "info"


class AccessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[access] sessions and limits"""

    session_hours: Positive = 12.0  # a session ends after this, whatever happens
    idle_minutes: Positive = 60.0  # and after this without a request
    login_attempts: Count = 5  # wrong passwords per name and per address in `login_window_minutes`
    login_window_minutes: Positive = 15.0
    requests_per_minute: Count = 1200  # per session, token or address
    body_kib: Count = 256  # largest request body
    live_clients: Count = 300  # live connections at one time
    live_clients_each: Count = 20  # of one account
    token_days_max: Count = 366  # the longest life of an API token
    password_length_min: Annotated[int, msgspec.Meta(ge=12, le=128)] = 12


class RecordSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[record] where the journal, the archive and the accounts lie"""

    folder: str = "record"
    remember_minutes: Positive = 60.0  # live frames kept in memory for a quick look back
    remember_mib: Count = 128  # and never more than this


class MailSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[mail] how notices leave; without a host they are written to `outbox`"""

    sender: str = "watch@windhover.example"
    outbox: str = ""  # folder; empty = "outbox" in the record's folder
    host: str = ""  # SMTP server; empty = only the outbox
    port: Port = 587
    user: str = ""
    password_file: str = ""  # a file that only the server may read


class ExerciseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[exercise] a scenario instead of live feeds; everything it says is marked"""

    name: str = ""  # el-paso, gatwick, vilnius; empty = no exercise
    seed: Annotated[int, msgspec.Meta(ge=0)] = 1
    speed: Annotated[float, msgspec.Meta(ge=0.1, le=60)] = 1.0  # exercise seconds per second
    skip_minutes: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0  # played at once at the start
    officer: Literal["scripted", "you"] = "scripted"  # "you": the watch officer's part is yours


class ConsoleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[console] what the pages may load besides themselves"""

    tiles: str = (
        ""  # https address of map tiles of your own, with {z}, {x} and {y}; empty = offline
    )
    tile_origins: tuple[str, ...] = ()  # further https origins that these tiles come from
    status_phone: str = ""  # whom the public status page says to call
    status_cache_s: Count = 15


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    server: ServerSettings = ServerSettings()
    access: AccessSettings = AccessSettings()
    record: RecordSettings = RecordSettings()
    mail: MailSettings = MailSettings()
    exercise: ExerciseSettings = ExerciseSettings()
    console: ConsoleSettings = ConsoleSettings()
    site: str = "site"  # the site's folder (windhover site init); an exercise brings its own
    feed: tuple[FeedSettings, ...] = ()  # [[feed]] one per source (docs/feeds.md)
    output: tuple[OutputSettings, ...] = ()  # [[output]] one per consumer of our picture

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by TLS, here or at a trusted proxy."""
        return bool(self.server.tls_certificate or self.server.trusted_proxies)


def load(path: Path) -> Settings:
    """The settings of a file; paths in it are taken from its folder. Raises `BadInput`."""
    try:
        text = path.read_text("utf-8")
    except OSError as why:
        raise BadInput(f"{path} cannot be read: {why.strerror}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is no text in UTF-8.") from None
    return at(parse(text, str(path)), path.parent)


def parse(text: str, name: str = "windhover.toml") -> Settings:
    """Settings from TOML. Raises `BadInput` with one line that names the setting."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise BadInput(f"{name} is not TOML: {why}.") from None
    _known(tree, Settings, name, "")
    try:
        settings = msgspec.convert(tree, Settings)
    except msgspec.ValidationError as why:
        words, _, where = str(why).partition(" - at `$")
        place = where.strip("`").lstrip(".") or "the file"
        raise BadInput(f"{name}: {place}: {words}.") from None
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """What no single field can say. Raises `BadInput`."""
    server = settings.server
    if bool(server.tls_certificate) != bool(server.tls_key):
        raise BadInput(
            "[server] tls_certificate and tls_key belong together.", "Give both or none."
        )
    if not is_loopback(server.host) and not settings.secure:
        raise BadInput(
            f"[server] host = {server.host!r} would be reached from outside without TLS.",
            'Set tls_certificate and tls_key, or trusted_proxies, or keep host = "127.0.0.1".',
        )
    for table, names in (
        ("feed", [one.name for one in settings.feed]),
        ("output", [one.name for one in settings.output]),
    ):
        if len(set(names)) != len(names):
            raise BadInput(f"Two [[{table}]] have the same name.")
    if settings.exercise.name and settings.feed:
        raise BadInput("An exercise takes no live feeds.", "Remove [[feed]] or [exercise].")
    tiles = settings.console.tiles
    if tiles and (not _is_https(tiles) or any(f"{{{name}}}" not in tiles for name in "zxy")):
        raise BadInput(
            f"[console] tiles: {tiles!r} is no https address with {{z}}, {{x}} and {{y}}."
        )
    for origin in settings.console.tile_origins:
        if not _is_https(origin):
            raise BadInput(f"[console] tile_origins: {origin!r} is no https origin.")


def _is_https(address: str) -> bool:
    """Whether it may stand in the content policy as it is."""
    return address.startswith("https://") and not any(sign in address for sign in " ;,'\"")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def at(settings: Settings, folder: Path) -> Settings:
    """The same settings with every path made absolute from `folder`."""

    def absolute(path: str) -> str:
        return str((folder / path).absolute()) if path else ""

    replace = msgspec.structs.replace
    return replace(
        settings,
        site=absolute(settings.site),
        feed=tuple(
            replace(
                one,
                address=absolute(one.address) if one.transport == "file" else one.address,
                password_file=absolute(one.password_file),
                authority=absolute(one.authority),
            )
            for one in settings.feed
        ),
        output=tuple(_output_at(one, absolute) for one in settings.output),
        record=replace(settings.record, folder=absolute(settings.record.folder)),
        mail=replace(
            settings.mail,
            outbox=absolute(settings.mail.outbox),
            password_file=absolute(settings.mail.password_file),
        ),
        server=replace(
            settings.server,
            tls_certificate=absolute(settings.server.tls_certificate),
            tls_key=absolute(settings.server.tls_key),
        ),
    )


def _output_at(one: OutputSettings, absolute: Callable[[str], str]) -> OutputSettings:
    """One output with the paths of its files and keys made absolute."""
    changed: dict[str, Any] = {
        name: absolute(getattr(one, name)) for name in ("folder", "path") if hasattr(one, name)
    }
    tls = getattr(one, "tls", None)
    if tls is not None:
        files = ("authority", "certificate", "key", "password_file")
        paths = {name: absolute(getattr(tls, name)) for name in files}
        changed["tls"] = msgspec.structs.replace(tls, **paths)
    moved: OutputSettings = msgspec.structs.replace(one, **changed)
    return moved


def _known(tree: Any, kind: type[msgspec.Struct], name: str, table: str) -> None:
    """Refuse a key that there is not, with the nearest that there is."""
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in tree.items():
        where = f"{table}{key}"
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1, cutoff=0.5)
            hint = (
                f"Did you mean {table + near[0]!r}?" if near else f"There are: {', '.join(fields)}."
            )
            raise BadInput(f"{name}: there is no setting {where!r}.", hint)
        inner = fields[key]
        if (
            isinstance(value, dict)
            and isinstance(inner, type)
            and issubclass(inner, msgspec.Struct)
        ):
            _known(value, inner, name, f"{where}.")
        elif key in ("feed", "output") and isinstance(value, list):
            for one in value:
                kind_of = FeedSettings if key == "feed" else OUTPUTS.get(_kind(one))
                if isinstance(one, dict) and kind_of is not None:
                    given = {k: v for k, v in one.items() if (key, k) != ("output", "kind")}
                    _known(given, kind_of, name, f"{key}.")


def _kind(tree: Any) -> str:
    return str(tree.get("kind", "")) if isinstance(tree, dict) else ""
