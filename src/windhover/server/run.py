"""Puts a server together from its settings and runs it until it is told to stop."""

from __future__ import annotations

import asyncio
import difflib
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import uvicorn

from windhover import site as sites
from windhover.deliver.channels import Channel, Mail, Outbox
from windhover.errors import BadInput, WindhoverError
from windhover.exercises import SCENARIOS
from windhover.exercises.demo import site_digest
from windhover.feeds import plugins
from windhover.feeds.hub import Hub
from windhover.feeds.of_site import feeds_of
from windhover.picture import Picture, advance, start
from windhover.record import snapshot
from windhover.record.journal import Journal
from windhover.record.keeper import Keeper
from windhover.record.recorder import Recorder
from windhover.record.replay import resume
from windhover.schema.place import Site
from windhover.server import chronicle, logs
from windhover.server.accounts import Accounts
from windhover.server.app import Server, application
from windhover.server.core import Core
from windhover.server.live_feeds import LiveFeeds
from windhover.server.memory import FrameMemory
from windhover.server.metrics import Metrics
from windhover.server.settings import ExerciseSettings, Settings
from windhover.server.sources import Exercise, Source, Still
from windhover.server.watch import Watch
from windhover.server.who import Account
from windhover.units import NS_PER_H, NS_PER_MIN

Say = Callable[[str], None]
DEMO_NAME: Final = "demo operator"


def build(settings: Settings, clock: Callable[[], int] = time.time_ns) -> Server:
    """A server that has not started. Raises `WindhoverError`."""
    plugins.install()
    folder = Path(settings.record.folder)
    site, source = _world(settings, clock)
    return assemble(settings, site, source, folder, clock)


def check(settings: Settings) -> None:
    """Whether site and settings hold together. Raises `WindhoverError` with what does not."""
    if settings.exercise.name:
        return
    plugins.install()
    site, hub = sites.load(Path(settings.site)), Hub()
    names = [sensor.name for sensor in site.sensors]
    for feed in settings.feed:
        if feed.form not in ("sapient", "weather") and feed.sensor not in names:
            near = difflib.get_close_matches(feed.sensor, names, n=1)
            raise BadInput(
                f"Feed {feed.name!r}: the site has no sensor {feed.sensor!r}.",
                f"Did you mean {near[0]!r}?" if near else f"It has: {', '.join(names)}.",
            )
    feeds_of(settings.feed, site.sensors, site.sector.vertical, hub)
    for health in hub.health.values():
        if health.words.startswith("off: "):
            words = health.words.removeprefix("off: ").removeprefix(f"Feed {health.name!r}: ")
            raise BadInput(f"Feed {health.name!r}: {words.rstrip('.')}.")


def build_still(
    settings: Settings, folder: Path, clock: Callable[[], int] = time.time_ns
) -> Server:
    """A server on a finished record, which it only reads. Raises `WindhoverError`."""
    picture = last_picture(folder)
    source = Still(picture.site, picture.now_ns)
    memory = _memory(settings, picture.site)
    accounts = _accounts(settings, None, clock)  # nothing is written beside a finished record
    core = Core(
        picture.site, source, folder, _channel(settings, folder, picture.site),
        Metrics(), memory, _open_still(picture),
    )  # fmt: skip
    return Server(settings, core, accounts, core.metrics)


def assemble(
    settings: Settings, site: Site, source: Source, folder: Path, clock: Callable[[], int]
) -> Server:
    """A server from its parts."""
    channel = _channel(settings, folder, site)
    core = Core(
        site, source, folder, channel, Metrics(), _memory(settings, site), outputs=settings.output
    )
    return Server(settings, core, _accounts(settings, folder, clock), core.metrics)


def serve(server: Server, say: Say, *, demo_login: bool = False) -> None:
    """Listen until Ctrl-C or SIGTERM; then close the record. Raises `WindhoverError`."""
    settings = server.settings.server
    logs.set_up(settings.log_level)
    config = uvicorn.Config(
        application(server),
        host=settings.host,
        port=settings.port,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=4096,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        ssl_certfile=settings.tls_certificate or None,
        ssl_keyfile=settings.tls_key or None,
        timeout_graceful_shutdown=5,
        access_log=False,
    )
    with suppress(KeyboardInterrupt):  # uvicorn gives the signal on once all is closed
        asyncio.run(_run(server, uvicorn.Server(config), say, demo_login=demo_login))


async def _run(server: Server, web: uvicorn.Server, say: Say, *, demo_login: bool) -> None:
    """The record is opened before anybody can connect; the application closes it."""
    await server.core.start()
    try:
        task = asyncio.create_task(web.serve())
        while not web.started and not task.done():
            await asyncio.sleep(0.02)
        if web.started:
            _welcome(server, web, say, demo_login=demo_login)
        try:
            await task
        except SystemExit:  # uvicorn's way to say that it cannot listen
            where = f"{server.settings.server.host}:{server.settings.server.port}"
            raise WindhoverError(
                f"Nothing can listen at {where}.", "Is the port taken? Choose another."
            ) from None
    finally:
        await server.core.stop()


def _welcome(server: Server, web: uvicorn.Server, say: Say, *, demo_login: bool) -> None:
    """Where it is, and how the first person comes in. The links work once and are not logged."""
    settings = server.settings
    port = web.servers[0].sockets[0].getsockname()[1]
    name = settings.server.names[0] if settings.server.names else "127.0.0.1"
    base = f"{'https' if settings.secure else 'http'}://{name}:{port}"
    mark = "EXERCISE / EJERCICIO · " if server.core.site.exercise else ""
    say(f"{mark}Windhover serves {server.core.site.name} at {base}")
    if demo_login and server.core.site.exercise:
        say(f"  enter once: {base}/#enter={demo_link(server.accounts)}")
    elif server.accounts.is_empty():
        token = server.accounts.make_link("first admin")
        say(f"  first administrator, once, within a day: {base}/#first-admin={token}")
    say("  Ctrl-C ends it.")


def demo_link(accounts: Accounts) -> str:
    """A one-time login for an exercise on this machine: an account that has no password."""
    if accounts.find(DEMO_NAME) is None:
        accounts.add(Account(DEMO_NAME, ("approver", "admin")), "")
    return accounts.make_link("enter", DEMO_NAME, NS_PER_H)


def last_picture(folder: Path) -> Picture:
    """The picture as a record left it; nothing is written. Raises `WindhoverError`.

    Looked at, not vouched for: an older version's events may come out in other words today, so bits
    are not compared here. `windhover journal verify` says whether the record holds.
    """
    with Journal.open(folder / chronicle.JOURNAL, read_only=True) as journal:
        loaded = snapshot.load(journal, folder / "archive", Picture)
        if loaded is not None:
            return resume(journal, loaded.picture, advance, loaded.next_seq, check=False)
        site = _scenario_site(journal)
        if site is None:
            raise BadInput(f"{folder} holds no snapshot that this version can read.")
        first = next(iter(journal.read(kinds=("input",))), None)
        if first is None:
            raise BadInput(f"{folder} holds an empty record.")
        return resume(journal, start(site, first.now_ns), advance, check=False)


def _scenario_site(journal: Journal) -> Site | None:
    """The built-in exercise's site that the record was rooted in: a short one leaves no snapshot."""
    if journal.meta.mode != "exercise":
        return None
    sites_of = (Exercise(ExerciseSettings(name=name)).night.site for name in SCENARIOS)
    return next((s for s in sites_of if site_digest(s) == journal.meta.site_digest), None)


def _open_still(picture: Picture) -> Callable[[Path, Site, Source, int], Watch]:
    def opener(folder: Path, site: Site, source: Source, at_ns: int) -> Watch:
        journal = Journal.open(folder / chronicle.JOURNAL, read_only=True)
        watch = Watch(Keeper(picture, Recorder(journal)), source)
        told = chronicle.cold_events(folder, -(2**62), picture.now_ns)
        watch.remember(event for _, event in told)
        return watch

    return opener


def _world(settings: Settings, clock: Callable[[], int]) -> tuple[Site, Source]:
    if settings.exercise.name:
        if settings.exercise.name not in SCENARIOS:
            raise BadInput(
                f"There is no exercise {settings.exercise.name!r}.",
                f"There are: {', '.join(SCENARIOS)}.",
            )
        exercise = Exercise(settings.exercise)
        return exercise.night.site, exercise
    site = sites.load(Path(settings.site))
    return site, LiveFeeds(settings.feed, site, clock)


def _accounts(settings: Settings, folder: Path | None, clock: Callable[[], int]) -> Accounts:
    access = settings.access
    return Accounts(
        None if folder is None else folder / "accounts.sqlite",
        clock,
        session_ns=round(access.session_hours * NS_PER_H),
        idle_ns=round(access.idle_minutes * NS_PER_MIN),
    )


def _memory(settings: Settings, site: Site) -> FrameMemory:
    record = settings.record
    return FrameMemory(
        round(record.remember_minutes * NS_PER_MIN), record.remember_mib << 20, site.exercise
    )


def _channel(settings: Settings, folder: Path, site: Site) -> Channel:
    """Mail where a server is named and this is no exercise; else messages in a folder."""
    mail = settings.mail
    if mail.host and not site.exercise:
        password = ""
        if mail.password_file:
            try:
                password = Path(mail.password_file).read_text("utf-8").strip()
            except OSError as why:
                raise BadInput(f"[mail] password_file: {why.strerror}.") from None
        return Mail(mail.host, mail.port, mail.sender, False, mail.user, password)
    return Outbox(Path(mail.outbox or folder / "outbox"), mail.sender, site.exercise)


def with_port(settings: Settings, port: int) -> Settings:
    """The same settings on another port."""
    return msgspec.structs.replace(
        settings, server=msgspec.structs.replace(settings.server, port=port)
    )


def free_port(host: str, wanted: int) -> int:
    """The port if nobody has it, else 0: any free one."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except OSError:
            return 0
    return wanted
