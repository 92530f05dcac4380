"""An officer plays the decision of the night in English and in Spanish; the server dies and returns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Open, Served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, console: Path) -> Iterator[Served]:
    """A night of its own: what is decided here would end what other tests look at."""
    server = Served(tmp_path_factory.mktemp("night") / "record", speed=6, skip=7)
    yield server
    server.kill()


SOMETHING_TO_ASK = """async () => {
  const picture = await (await fetch("/api/picture")).json();
  const draft = picture.restrictions.find((r) => r.state === "drafted" && r.incident_id !== "I1"
    && ["R2", "R3", "R4"].includes(r.rung));
  return draft ? Number(draft.incident_id.slice(1)) : null;
}"""


def later(page: Page) -> None:
    page.wait_for_timeout(500)


def test_the_decision_is_played_by_keyboard_in_both_languages(
    own: Served, browser: Browser
) -> None:
    """Ask, wait for the authority's number, ask for its end: I1 in English, I2 in Spanish."""
    context = browser.new_context(viewport={"width": 1180, "height": 720}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(own.link)
    current = page.locator(".current")
    state = current.locator(".pill").first

    def open_incident(number: int) -> None:
        page.evaluate(f"location.hash = 'i=I{number}'")
        expect(page.locator("#incident-title")).to_contain_text(f"I{number}")

    def ask(button: str, done: str) -> None:
        page.wait_for_selector(".rung.today")
        expect(page.locator(".step")).to_contain_text("km²")  # the cost stands there before
        expect(current).to_contain_text(re.compile(r"\d+:\d\d"))
        page.keyboard.press("d")
        expect(page.get_by_role("button", name=re.compile(button))).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".toast.good").last).to_contain_text(done)

    def end(why: str, standing: str, over: str) -> None:
        # The scripted authority answers in its own time; only its number makes the area stand.
        expect(state).to_contain_text(re.compile(standing), timeout=PATIENCE_MS)
        expect(page.locator(".matrix tbody tr").first).to_be_visible()
        page.keyboard.press("d")
        page.keyboard.type(why)
        page.keyboard.press("Enter")
        expect(page.get_by_text(why).first).to_be_visible()
        # The matrix tells it: by now a new cause may have drafted a new proposal.
        expect(page.locator(".matrix").first).to_contain_text(over, timeout=PATIENCE_MS)

    page.wait_for_selector(".incident")
    open_incident(1)
    ask("Request from", "requested from")
    page.keyboard.press("e")
    other = next(
        number for _ in range(120) if (number := page.evaluate(SOMETHING_TO_ASK)) or later(page)
    )
    open_incident(other)
    ask("Solicitar a", "solicitada a")
    page.keyboard.press("e")
    open_incident(1)
    end("The activity will not take place.", "issued|in force", "lifted")
    page.keyboard.press("e")
    open_incident(other)
    end("El globo se alejó.", "emitida|en vigor", "levantada")
    page.keyboard.press("q")
    question = page.locator(".question").first
    expect(question).to_contain_text("¿", timeout=PATIENCE_MS)
    question.locator("textarea").fill("No. El aviso obliga solo de este lado de la línea.")
    question.get_by_role("button", name="Enviar la respuesta").click()
    expect(page.locator(".question.answered")).to_contain_text("El aviso obliga solo")
    context.close()
    assert not faults


def test_no_word_of_the_screens_is_english_in_spanish(opened: Open) -> None:
    """The catalogue is complete (vitest); here what is on the glass: no English word of ours."""
    page = opened("#i=I1", language="es")
    page.wait_for_selector(".rung")
    english = {
        "the", "and", "with", "incident", "incidents", "live", "close", "request", "withdraw",
        "renew", "acknowledge", "today", "friends", "feeds", "journal", "table", "claim", "object",
    }  # fmt: skip
    found: dict[str, set[str]] = {}
    for view in (
        "map",
        "table",
        "questions",
        "friends",
        "sighting",
        "feeds",
        "journal",
        "relief",
        "accounts",
    ):
        page.evaluate(f"location.hash = 'v={view}'")
        page.wait_for_timeout(200)
        # What people and parties wrote stays in their own words.
        text = page.evaluate(
            """() => { const c = document.querySelector('.console').cloneNode(true);
            c.querySelectorAll('pre, blockquote, .subject, .notice, .question p, .claims, .journal,'
              + '.card-text, .who, .site-name, .list th[scope=row], li').forEach((x) => x.remove());
            return c.innerText ?? c.textContent; }"""
        )
        words = set(re.findall(r"[a-z]+", text.lower())) & english
        if words:
            found[view] = words
    assert not found


def test_a_killed_server_is_said_and_its_return_is_seen(
    browser: Browser, tmp_path: Path, console: Path
) -> None:
    server = Served(tmp_path / "record", speed=2, skip=4)
    context = browser.new_context(viewport={"width": 900, "height": 600}, locale="en-GB")
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(server.link)
        page.wait_for_selector(".incident")
        expect(page.locator(".live-state")).to_contain_text("Live")
        incidents = page.locator(".incident").count()
        server.kill()
        expect(page.get_by_role("alert").filter(has_text="NOT LIVE")).to_be_visible()
        expect(page.locator(".live-state")).to_contain_text("NOT LIVE")
        server.start()
        expect(page.locator(".live-state .pill.good")).to_contain_text("Live")
        expect(page.get_by_role("alert").filter(has_text="NOT LIVE")).to_have_count(0)
        assert page.locator(".incident").count() >= incidents
    finally:
        context.close()
        server.kill()
