"""An administrator invites, limits and ends; whoever was invited chooses a password. In a browser."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Open, Served

pytestmark = pytest.mark.browser

NAME, PASSWORD, OTHER = "Luz", "correct horse battery", "another long password"


def test_an_account_lives_from_its_invitation_to_its_end(
    opened: Open, served: Served, browser: Browser
) -> None:
    admin = opened()
    admin.keyboard.press("u")
    expect(admin.get_by_role("heading", level=1, name="Accounts")).to_be_visible()
    link = invited(admin)

    context = browser.new_context(locale="es-MX")
    luz = context.new_page()
    luz.set_default_timeout(PATIENCE_MS)
    luz.goto(link)
    luz.wait_for_selector(".console")
    expect(luz.locator("html")).to_have_attribute("lang", "es-MX")
    luz.keyboard.press("u")
    expect(luz.get_by_role("heading", level=1, name="Su cuenta")).to_be_visible()
    assert luz.get_by_role("heading", name="Libro de auditoría").count() == 0
    luz.get_by_text("Elegir una contraseña").click()
    new = luz.get_by_label("Contraseña nueva")
    new.fill("Qwertyuiop123")
    expect(new).to_have_attribute("type", "password")
    luz.get_by_role("button", name="Mostrar").click()
    expect(new).to_have_attribute("type", "text")
    new.press("Enter")
    expect(luz.locator(".problem")).to_contain_text("contraseñas comunes o robadas")
    new.fill(PASSWORD)
    luz.keyboard.press("Enter")
    expect(luz.locator(".toast.good")).to_contain_text("Contraseña guardada")

    # Nothing of the session where a script could read it.
    held = luz.evaluate("[{...localStorage}, {...sessionStorage}, document.cookie]")
    assert held[1:] == [{}, ""] and {k.split(".")[1] for k in held[0]} <= {
        "language", "theme", "keys", "sound",
    }  # fmt: skip
    luz.get_by_role("button", name="Salir").click()
    logged_in(luz, PASSWORD)
    luz.keyboard.press("u")
    luz.get_by_text("Cambiar su contraseña").click()
    luz.get_by_label("Contraseña actual").fill("a wrong guess of it")
    luz.get_by_label("Contraseña nueva").fill(OTHER)
    luz.keyboard.press("Enter")
    expect(luz.locator(".problem")).to_contain_text("actual es incorrecta")
    luz.get_by_label("Contraseña actual").fill(PASSWORD)
    # The first change's own message may still stand: the answer is what counts.
    with luz.expect_response("**/api/session/password") as changed:
        luz.keyboard.press("Enter")
    assert changed.value.ok

    admin.get_by_role("button", name=f"Change: {NAME}").click()
    admin.locator(".change").get_by_role("checkbox", name=re.compile("^approver")).check()
    admin.get_by_role("button", name="Save").click()  # other rights end the session
    expect(admin.locator(".change")).to_have_count(0)
    luz.reload()
    expect(luz.get_by_role("button", name="Iniciar sesión")).to_be_visible()
    logged_in(luz, OTHER)
    admin.get_by_role("button", name=f"Change: {NAME}").click()
    admin.get_by_role("button", name="Shut out").click()
    expect(admin.locator(".people")).to_contain_text("shut out")
    luz.reload()
    expect(luz.get_by_role("button", name="Iniciar sesión")).to_be_visible()
    admin.get_by_role("button", name="Remove").click()
    admin.get_by_role("button", name="Remove for good").click()
    expect(admin.locator(".people")).not_to_contain_text(NAME)
    expect(admin.locator(".audit")).to_contain_text("removed an account")
    context.close()


def invited(admin: Page) -> str:
    """Its one-time link, as the administrator sees it."""
    admin.get_by_text("Invite somebody").click()
    form = admin.locator("form").filter(has=admin.get_by_role("button", name="Make the account"))
    form.get_by_label("Name").fill(NAME)
    form.get_by_role("checkbox", name=re.compile("^operator")).check()
    form.get_by_label("Language").select_option("es")
    form.get_by_role("button", name="Make the account").click()
    expect(admin.locator(".people")).to_contain_text(NAME)
    link = admin.locator(".secret input").input_value()
    assert "/#enter=" in link
    return link


def logged_in(page: Page, password: str) -> None:
    page.get_by_label("Nombre").fill(NAME)
    page.get_by_label("Contraseña").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_selector(".console")


def test_a_token_is_shown_once_is_scoped_and_can_be_revoked(opened: Open, served: Served) -> None:
    page = opened("#v=accounts")
    page.get_by_text("Make a token").click()
    page.get_by_label("What for").fill("wall display")
    page.get_by_role("checkbox", name=re.compile("^viewer looks")).last.check()
    page.get_by_label("Ends after, days").fill("7")
    page.get_by_role("button", name="Make it").click()
    secret = page.locator(".secret input").input_value()
    assert asked(served, secret, "/api/session") == (200, ["viewer"])
    assert asked(served, secret, "/api/accounts")[0] == 403
    page.reload()
    expect(page.locator("main")).to_contain_text("wall display")
    assert page.locator(".secret").count() == 0
    page.get_by_role("button", name="Revoke: wall display").click()
    expect(page.locator(".toast.good")).to_contain_text("revoked")
    assert asked(served, secret, "/api/session")[0] == 401


def asked(served: Served, secret: str, path: str) -> tuple[int, Any]:
    """What the API answers to a program with this token."""
    answer = httpx.get(served.url + path, headers={"Authorization": f"Bearer {secret}"})
    return answer.status_code, answer.json().get("roles")
