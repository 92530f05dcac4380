"""Role × route over every route of the OpenAPI document; the door's other promises on all of them."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from tests.server.conftest import PASSWORD, House
from windhover.server.door import COOKIE
from windhover.server.openapi import document
from windhover.server.routes import TABLE
from windhover.server.who import INCLUDES, ROLES, Role

DOCUMENT = msgspec.json.decode(document(COOKIE))
OPERATIONS = [
    (method.upper(), path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
NAMES = [f"{method} {path}" for method, path, _ in OPERATIONS]
REFUSED = (401, 403)


def filled(path: str) -> str:
    """A path whose parameters name nothing."""
    return re.sub(r"{\w+}", "0", path)


def may(role: Role, operation: dict[str, Any]) -> bool:
    wanted = operation["x-roles"]
    return not wanted or any(r in wanted for r in (role, *INCLUDES.get(role, ())))


def test_the_document_holds_every_route_of_the_table() -> None:
    assert sorted(NAMES) == sorted(f"{r.method} {r.path}" for r in TABLE)
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_through_where_it_may_and_nowhere_else(
    role: Role, shared_house: House
) -> None:
    client, header = shared_house.client, shared_house.token(role)
    client.cookies.clear()
    wrong = []
    for method, path, operation in OPERATIONS:
        body = {} if method in ("POST", "PATCH") else None
        answer = client.request(method, filled(path), json=body, headers=header)
        let_in = answer.status_code not in REFUSED
        # The one public route that asks for a secret refuses for want of it, not of a role.
        if let_in != may(role, operation) or answer.status_code >= 500:
            wrong.append((method, path, answer.status_code))
    assert not wrong


def test_without_an_account_only_public_routes_answer(shared_house: House) -> None:
    client = shared_house.client
    client.cookies.clear()
    for method, path, operation in OPERATIONS:
        body = {} if method in ("POST", "PATCH") else None
        answer = client.request(method, filled(path), json=body)
        assert (answer.status_code == 401) == bool(operation["x-roles"]), (method, path)


def test_every_unsafe_route_wants_the_sessions_own_csrf_token(house: House) -> None:
    good = house.login("approver", "admin")
    for method, path, operation in OPERATIONS:
        if method == "GET" or not operation["x-roles"]:
            continue
        for header in ({}, {"X-CSRF-Token": "x" + good["X-CSRF-Token"][1:]}):
            answer = house.client.request(method, filled(path), json={}, headers=header)
            assert answer.status_code == 403, (method, path)
            assert "X-CSRF-Token" in answer.json()["error"]
        if (method, path) != ("DELETE", "/api/session"):
            answer = house.client.request(method, filled(path), json={}, headers=good)
            assert answer.status_code not in REFUSED, (method, path, answer.text)


def test_another_sites_page_can_do_nothing(house: House) -> None:
    good = house.login("approver")
    foreign = {**good, "Origin": "https://elsewhere.example"}
    answer = house.client.post("/api/phone-log", json={"text": "x"}, headers=foreign)
    assert answer.status_code == 403
    login = {"name": "approver", "password": PASSWORD}
    answer = house.client.post("/api/session", json=login, headers={"Origin": "null"})
    assert answer.status_code == 403
    form = house.client.post(
        "/api/session", content=b"name=a", headers={"Content-Type": "text/plain"}
    )
    assert form.status_code == 415


def test_a_foreign_name_that_leads_here_is_refused(shared_house: House) -> None:
    for path in ("/api/status", "/", "/health"):
        answer = shared_house.client.get(path, headers={"Host": "rebound.example:8410"})
        assert answer.status_code == 421


def test_a_token_holds_no_more_than_its_scope_and_its_account_today(house: House) -> None:
    header = house.token("operator")
    assert house.client.get("/api/session", headers=header).json()["roles"] == [
        "viewer",
        "operator",
    ]
    _, narrow = house.server.accounts.make_token(
        "operator", "t", ("viewer",), house.clock() + 10**12
    )
    narrow_header = {"Authorization": f"Bearer {narrow}"}
    answer = house.client.post("/api/phone-log", json={"text": "x"}, headers=narrow_header)
    assert answer.status_code == 403
    account = house.server.accounts.find("operator")
    assert account is not None
    house.server.accounts.change(msgspec.structs.replace(account, roles=("viewer",)))
    answer = house.client.post("/api/phone-log", json={"text": "x"}, headers=header)
    assert answer.status_code == 403
    house.clock.pass_s(3601)
    assert house.client.get("/api/session", headers=header).status_code == 401


@pytest.mark.parametrize("path", ["/api/status", "/status", "/", "/api/none", "/api/session"])
def test_every_answer_carries_the_security_headers(path: str, shared_house: House) -> None:
    shared_house.client.cookies.clear()
    headers = shared_house.client.get(path).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
    )
    assert policy["script-src"].strip() == "'self'"
    assert policy["default-src"].strip() == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "cache-control" in headers


def test_a_handlers_own_fault_is_an_answer_in_one_line(house: House) -> None:
    header = house.token("viewer")
    house.server.core.rows = None  # type: ignore[assignment]  # a fault, on purpose
    answer = house.client.get("/api/tracks", headers=header)
    assert answer.status_code == 500
    assert answer.json() == {"error": "A fault of our own; it has been logged."}
