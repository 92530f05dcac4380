"""The whole El Paso night as a watch officer plays it, in both languages; a server dies and returns."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Open, Served

pytestmark = pytest.mark.browser


class Words(NamedTuple):
    """What stands on the screens in one language, and what the officer writes."""

    language: str
    locale: str
    acknowledged: str
    balloon: str
    settles: str
    silent: str
    requested: str
    number: str
    issued: str
    told: str
    why_over: str
    lifted: str
    answer: str
    send: str
    hands_over: str
    takes_over: str
    sign: str
    waits: str
    both: str
    check: str
    holds: str
    hazard_gone: str
    note: str


EN = Words(
    "en", "en-GB", "acknowledged", "balloon", "What would settle it", "broadcasts nothing",
    "requested from", "The authority's number", "issued", "Who was told", "Why the hazard is over",
    "lifted", "No. The notice binds on this side of the line alone.", "Send the answer",
    "Hands over", "Takes over", "Sign", "Waits for the other signature", "Both have signed", "Check the chain",
    "the chain holds", "The drone has gone back.", "One drone went back over the line.",
)  # fmt: skip
ES = Words(
    "es", "es-MX", "Acuse", "globo", "Qué lo resolvería", "no emite señal", "solicitada a",
    "Número de la autoridad", "emitida", "A quién se avisó", "Por qué terminó el peligro",
    "levantada", "No. El aviso obliga solo de este lado de la línea.", "Enviar la respuesta",
    "Entrega", "Recibe", "Firmar", "Falta la otra firma", "Ambos firmaron", "Verificar la cadena",
    "la cadena está íntegra", "El dron se regresó.", "Un dron regresó al otro lado de la línea.",
)  # fmt: skip

DARK_CROSSING = """async () => {
  const picture = await (await fetch("/api/picture")).json();
  const open = picture.incidents.find((i) => i.rule === "border_crossing" && i.state === "open"
    && picture.restrictions.some((r) => r.incident_id === i.id && r.state === "drafted" && r.rung >= "R2"));
  return open ? open.id : null;
}"""
SEEN_BY = """async () => {
  const picture = await (await fetch("/api/picture")).json();
  return picture.alerts.find((a) => a.acknowledged_by)?.acknowledged_by;
}"""
SECOND_OFFICER = """async () => {
  const { csrf } = await (await fetch("/api/session")).json();
  const answer = await fetch("/api/accounts", { method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify({ name: "Luz", roles: ["operator"] }) });
  return (await answer.json()).link_token;
}"""
SPEED = 10
NUMBER = "EXERCISE-26-0117"


class Officer:
    """One person at one screen: keys first, the mouse where a person would take it."""

    def __init__(self, browser: Browser, link: str, words: Words) -> None:
        self.context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale=words.locale
        )
        self.faults: list[str] = []
        self.words, self.page = words, self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        # An exercise's account is English: whoever wants another language says so.
        self.context.add_init_script(
            f"localStorage.setItem('windhover.language', '{words.language}')"
        )
        self.page.goto(link)
        self.page.wait_for_selector(".console")

    def key(self, key: str) -> None:
        self.page.keyboard.press(key)

    def done(self, words: str) -> None:
        """The screen says that it was done."""
        expect(self.page.locator(".toast.good").filter(has_text=words).last).to_be_visible()

    def open(self, incident: str) -> None:
        self.page.evaluate(f"location.hash = 'i={incident}'")
        expect(self.page.locator("#incident-title")).to_contain_text(incident)


def awaited(page: Page, script: str, seconds: float) -> str:
    """What the server has, as soon as it has it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = page.evaluate(script)
        if found:
            return str(found)
        page.wait_for_timeout(400)
    raise AssertionError("it does not come")


@pytest.mark.parametrize("words", [EN, ES], ids=["en", "es"])
def test_the_night_as_a_watch_officer_plays_it(
    words: Words, browser: Browser, tmp_path: Path, console: Path
) -> None:
    night = Served(tmp_path / "record", speed=SPEED, skip=8.5)
    try:
        officer = Officer(browser, night.link, words)
        sees_and_acknowledges(officer)
        reads_why_it_is_a_balloon(officer)
        incident = decides_on_the_dark_drone(officer)
        the_public_reads_it(browser, night, officer, closed=True)
        answers_the_neighbour(officer)
        lifts(officer, incident)
        the_public_reads_it(browser, night, officer, closed=False)
        hands_over(browser, night, officer)
        proves_it(officer)
        officer.context.close()
        assert not officer.faults
    finally:
        night.kill()


def sees_and_acknowledges(officer: Officer) -> None:
    page, words = officer.page, officer.words
    expect(page.locator(".live-state .pill.good")).to_be_visible()
    expect(page.locator(".alert.newest .alert-words")).to_be_visible()
    officer.key("a")
    officer.done(words.acknowledged)
    assert awaited(page, SEEN_BY, 10) == "demo operator"


def reads_why_it_is_a_balloon(officer: Officer) -> None:
    page, words = officer.page, officer.words
    officer.open("I2")
    page.locator(".facts .link").first.click()
    side = page.locator("#side")
    expect(side.locator(".says")).to_contain_text(words.balloon)
    expect(side.locator(".evidence li").nth(1)).to_be_visible()
    expect(side.locator(".settle")).to_contain_text(words.settles)
    expect(side.locator("svg[role=img]").first).to_be_visible()
    officer.key("Escape")
    expect(page.locator("#incident-title")).to_contain_text("I2")


def decides_on_the_dark_drone(officer: Officer) -> str:
    """Request, number, acknowledgements. Gives the incident's id."""
    page, words = officer.page, officer.words
    incident = awaited(page, DARK_CROSSING, 60)
    officer.open(incident)
    expect(page.locator(".lead")).to_contain_text(words.silent)
    expect(page.locator(".rung.today")).to_be_visible()
    expect(page.locator(".step")).to_contain_text("km²")  # what it costs stands there before
    current = page.locator(".current")
    expect(current).to_contain_text(re.compile(r"\d+:\d\d"))
    officer.key("d")
    officer.key("Enter")
    officer.done(words.requested)
    number = page.get_by_label(words.number)
    expect(number.or_(page.get_by_label(words.why_over))).to_be_visible()
    if number.is_visible():  # the scripted authority may have been quicker
        number.fill(NUMBER)
        number.press("Enter")
    expect(current).to_contain_text("EXERCISE-")
    expect(page.get_by_role("heading", name=words.told)).to_be_visible()
    expect(page.locator(".matrix .good").first).to_be_visible(timeout=PATIENCE_MS)
    return incident


def answers_the_neighbour(officer: Officer) -> None:
    page, words = officer.page, officer.words
    officer.key("q")
    question = page.locator(".question").first
    expect(question).to_contain_text("¿", timeout=PATIENCE_MS)
    question.locator("textarea").fill(words.answer)
    question.get_by_role("button", name=words.send).click()
    expect(page.locator(".question.answered")).to_contain_text(words.answer)


def lifts(officer: Officer, incident: str) -> None:
    page, words = officer.page, officer.words
    officer.open(incident)
    page.get_by_label(words.why_over).wait_for()
    officer.key("d")
    page.keyboard.type(words.hazard_gone)
    officer.key("Enter")
    # The scripted authority cancels in its own time; only then is anybody told that it is over.
    expect(page.locator(".matrix").first).to_contain_text(words.lifted, timeout=PATIENCE_MS)


def the_public_reads_it(browser: Browser, night: Served, officer: Officer, *, closed: bool) -> None:
    """Without an account and without a script."""
    context = browser.new_context(locale=officer.words.locale, java_script_enabled=False)
    page = context.new_page()
    response = page.goto(night.url + "/status")
    assert response is not None and "max-age" in response.headers["cache-control"]
    expect(page.locator("body")).to_contain_text("EXERCISE")
    if closed:
        expect(page.locator("body")).to_contain_text("EXERCISE-")
    context.close()


def hands_over(browser: Browser, night: Served, officer: Officer) -> None:
    """Both sign, each at a screen of their own."""
    page, words = officer.page, officer.words
    second = Officer(browser, f"{night.url}/#enter={page.evaluate(SECOND_OFFICER)}", words)
    for who, off in ((officer, ""), (second, "demo operator")):
        who.key("w")
        if off:
            who.page.get_by_label(words.hands_over, exact=True).fill(off)
        who.page.get_by_label(words.takes_over, exact=True).fill("Luz")
        who.page.locator(".relief textarea").fill(words.note)
        who.page.get_by_role("button", name=words.sign, exact=True).click()
        expect(page.locator(".verdict")).to_contain_text(words.both if off else words.waits)
    expect(second.page.locator(".verdict")).to_contain_text(words.both)
    second.context.close()
    assert not second.faults


def proves_it(officer: Officer) -> None:
    page, words = officer.page, officer.words
    officer.key("j")
    page.get_by_role("button", name=words.check).click()
    expect(page.locator(".page .pill.good")).to_contain_text(words.holds)


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
