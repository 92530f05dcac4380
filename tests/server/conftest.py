"""A server in this process on the El Paso site, without feeds; accounts for every role."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from argon2 import PasswordHasher

from windhover.exercises.el_paso import site as el_paso_site
from windhover.server import run
from windhover.server.accounts import Accounts
from windhover.server.app import Server, application
from windhover.server.core import Core
from windhover.server.live_feeds import LiveFeeds
from windhover.server.metrics import Metrics
from windhover.server.settings import Settings
from windhover.server.sources import Source
from windhover.server.who import Account, Role
from windhover.units import NS_PER_H, NS_PER_S

with warnings.catch_warnings():  # it would rather have httpx's successor, which nobody here has yet
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

T0_NS = 1_771_386_000 * NS_PER_S
BASE = "http://127.0.0.1:8410"
PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PARTY = "vecino"


class Clock:
    """Stands until it is told."""

    def __init__(self) -> None:
        self.now_ns = T0_NS

    def __call__(self) -> int:
        return self.now_ns

    def pass_s(self, seconds: float) -> None:
        self.now_ns += round(seconds * NS_PER_S)


class House(NamedTuple):
    """A running server and the ways in."""

    server: Server
    client: TestClient
    clock: Clock

    def token(self, *roles: Role, name: str = "") -> dict[str, str]:
        """A bearer header for an account with these roles."""
        name = name or "+".join(roles)
        if self.server.accounts.find(name) is None:
            party = PARTY if "partner" in roles else ""
            self.server.accounts.add(Account(name, roles, party), PASSWORD)
        _, secret = self.server.accounts.make_token(name, "test", roles, self.clock() + NS_PER_H)
        return {"Authorization": f"Bearer {secret}"}

    def login(self, *roles: Role) -> dict[str, str]:
        """A session's cookie in the client, and the CSRF header for it."""
        self.token(*roles)
        answer = self.client.post(
            "/api/session", json={"name": "+".join(roles), "password": PASSWORD}
        )
        assert answer.status_code == 200, answer.text
        return {"X-CSRF-Token": answer.json()["csrf"]}


def settings_for(folder: Path, **changes: Any) -> Settings:
    tree = {"record": {"folder": str(folder)}, **changes}
    return msgspec.convert(tree, Settings)


@contextmanager
def house_in(folder: Path, source: Source | None = None, **changes: Any) -> Iterator[House]:
    clock = Clock()
    settings = settings_for(folder, **changes)
    site = el_paso_site()
    metrics = Metrics()
    core = Core(
        site, source or LiveFeeds((), site, clock), folder, run._channel(settings, folder, site),
        metrics, run._memory(settings, site),
    )  # fmt: skip
    accounts = Accounts(folder / "accounts.sqlite", clock, hasher=QUICK)
    server = Server(settings, core, accounts, metrics)
    with TestClient(application(server), base_url=BASE) as client:
        yield House(server, client, clock)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all tests of a module that leave no trace in one another."""
    with house_in(tmp_path_factory.mktemp("house")) as found:
        yield found
