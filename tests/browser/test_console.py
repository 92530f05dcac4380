"""What a watch officer sees and does, in a browser, against a running exercise."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Served
from windhover.schema.batches import CLASSES

pytestmark = pytest.mark.browser

WHERE = """() => {
  const { map, store, words } = window.windhover.map;
  words.style.visibility = "hidden";
  const style = getComputedStyle(document.documentElement);
  return Array.from({ length: store.size }, (_, i) => {
    const p = map.project([store.lon_deg[i], store.lat_deg[i]]);
    return { x: p.x, y: p.y, kind: store.class_index[i], status: store.status[i],
             speed: Math.hypot(store.east_m_s[i], store.north_m_s[i]) };
  });
}"""
COLOUR = "(name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim()"


def pixels(page: Page) -> np.ndarray:
    box = page.locator(".map").bounding_box()
    assert box is not None
    png = page.screenshot(clip=box)
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def rgb(page: Page, name: str) -> np.ndarray:
    text = page.evaluate(COLOUR, name).lstrip("#")
    text = "".join(c * 2 for c in text) if len(text) == 3 else text
    return np.array([int(text[i : i + 2], 16) for i in (0, 2, 4)])


def has(image: np.ndarray, colour: np.ndarray, near: float = 40.0) -> bool:
    return bool((np.abs(image - colour).sum(axis=2) < near).any())


@pytest.mark.parametrize("theme", ["dark", "day"])
def test_the_map_draws_every_slow_track_where_it_is_in_its_class_colour(
    opened: Open, theme: str
) -> None:
    page = opened(theme=theme)
    page.wait_for_function("() => window.windhover.map.store.size >= 5")
    # One instant of the record stands still while it is looked at.
    page.evaluate(
        "location.hash = 'x=0&at=' + new Date(window.windhover.map.now_ms - 2000).toISOString()"
    )
    expect(page.locator(".live-state")).to_contain_text("Past")
    page.wait_for_function("() => window.windhover.map.store.size >= 4")
    page.wait_for_function("() => window.windhover.map.map.loaded()")
    page.wait_for_timeout(1000)
    page.evaluate("document.querySelector('.alerts').style.display = 'none'")
    rows: list[Any] = page.evaluate(WHERE)
    image = pixels(page)
    assert has(image, rgb(page, "land"), 12), "no land: the backdrop did not draw"
    assert has(image, rgb(page, "runway"), 60), "no runway"
    wanted = [
        r
        for r in rows
        if r["speed"] < 25 and r["kind"] != CLASSES.index("clutter") and not r["status"] & 2
        and 20 < r["x"] < image.shape[1] - 20 and 20 < r["y"] < image.shape[0] - 20
    ]  # fmt: skip
    assert wanted
    for row in wanted:
        x, y = round(row["x"]), round(row["y"])
        around = image[max(y - 22, 0) : y + 22, max(x - 22, 0) : x + 22]
        assert has(around, rgb(page, f"c-{CLASSES[row['kind']]}"), 120), row


def test_a_click_on_a_mark_tells_what_it_is_and_why(opened: Open) -> None:
    page = opened()
    page.wait_for_function("() => window.windhover.map.store.size >= 5")
    page.wait_for_timeout(800)
    page.evaluate("document.querySelector('.alerts').style.display = 'none'")
    spot = page.evaluate(
        """() => { const { map, store } = window.windhover.map; const i = store.row(2);
        const p = map.project([store.lon_deg[i], store.lat_deg[i]]); return [p.x, p.y]; }"""
    )
    page.locator(".map canvas.maplibregl-canvas").click(position={"x": spot[0], "y": spot[1]})
    side = page.locator("#side")
    expect(side.get_by_role("heading", name=re.compile("Object 2"))).to_be_visible()
    expect(side.get_by_text("What would settle it:")).to_be_visible()
    expect(side.locator(".evidence li").first).to_be_visible()
    expect(side.locator("svg[role=img]").first).to_be_visible()
    assert "t=2" in page.url


def test_a_shared_link_opens_the_same_screen(opened: Open) -> None:
    page = opened("#v=table&t=2", language="es")
    expect(page.get_by_role("heading", name=re.compile("Objeto 2"))).to_be_visible()
    expect(page.locator("table.list tr[aria-current=true]")).to_contain_text("globo")
    held = page.evaluate("window.windhover.map.store.size")
    assert page.locator("table.list tbody tr").count() >= min(held, 5)


def test_the_past_shows_only_what_was_known_then(opened: Open, served: Served) -> None:
    page = opened()
    first = page.evaluate("fetch('/api/record').then(r => r.json()).then(r => r.from_ns / 1e6)")
    page.evaluate(f"location.hash = 'at=' + new Date({first} + 100000).toISOString() + '&x=0'")
    page.reload()
    expect(page.locator(".live-state")).to_contain_text("Past")
    expect(page.locator(".timebar")).to_contain_text("What was known then")
    expect(page.locator(".incident")).to_have_count(1)  # the second opened later
    page.keyboard.press("l")
    expect(page.locator(".live-state")).to_contain_text("Live")
    expect(page.locator(".incident").nth(1)).to_be_visible()


PAGES = ("table", "questions", "friends", "sighting", "feeds", "journal", "relief", "accounts")


def test_no_page_has_a_serious_fault_of_access(opened: Open) -> None:
    """WCAG 2.2 AA as far as axe-core can tell: every page in the dark, the fullest in every theme."""
    page = opened("#i=I1")
    page.wait_for_selector(".rung")
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        page.wait_for_timeout(100)
        answer = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        for fault in answer.response["violations"]:
            if fault["impact"] in ("serious", "critical"):
                nodes = [node["html"][:160] for node in fault["nodes"]]
                found[f"{name}: {fault['id']}"] = nodes[:3]

    for theme in ("dark", "day", "red"):
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        look(f"incident, {theme}")
        page.keyboard.press("k")
    page.evaluate("location.hash = 't=2'")
    page.wait_for_selector(".evidence")
    look("object")
    for name in PAGES:
        page.evaluate(f"location.hash = 'v={name}'")
        page.wait_for_selector("h1")
        look(name)
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    look("help")
    assert not found


def test_everything_by_keyboard_alone(opened: Open) -> None:
    page = opened()
    page.wait_for_selector(".incident")
    page.keyboard.press("n")
    expect(page.locator("#incident-title")).to_be_visible()
    page.keyboard.press("o")
    expect(page.locator("#object-title")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#incident-title")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#board-title")).to_be_visible()
    for key, heading in (("t", "Objects"), ("q", "Questions"), ("f", "Friends"), ("h", "Feeds")):
        page.keyboard.press(key)
        expect(page.get_by_role("heading", level=1, name=re.compile(heading))).to_be_visible()
    for key, heading in (("j", "Journal"), ("w", "Watch relief"), ("s", "Report a sighting")):
        page.keyboard.press(key)
        expect(page.get_by_role("heading", level=1, name=re.compile(heading))).to_be_visible()
    page.keyboard.press("m")
    page.keyboard.press("e")
    expect(page.locator("html")).to_have_attribute("lang", "es-MX")
    page.keyboard.press("k")
    expect(page.locator("html")).to_have_attribute("data-theme", "day")
    page.keyboard.press("p")  # the telephone log: p, write, Enter
    page.keyboard.type("La torre pregunta por el globo.")
    page.keyboard.press("Enter")
    expect(page.locator(".toast.good")).to_contain_text("Llamada anotada")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".alert").first).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator(".toast.good").last).to_contain_text("Acuse de la alerta")


def test_a_telephone_acknowledges_and_lifts(opened: Open) -> None:
    page = opened("#i=I1", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    act = page.locator(".current button.primary, .current [data-decide]").first
    expect(act).to_be_in_viewport()
    box = act.bounding_box()
    assert box is not None and box["height"] >= 24
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
    alert = page.locator(".alert button.button").first
    if alert.count():
        alert.tap()
        expect(page.locator(".toast.good").last).to_be_visible()
