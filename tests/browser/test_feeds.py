"""The feeds of a real watch, in a browser: how each does, and a named person who lets one listen."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS, Served
from windhover import site
from windhover.record.journal import Journal

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
SETTINGS = """
site = "{site}"
[record]
folder = "{record}"
[[feed]]
name = "roof"
form = "aircraft_json"
transport = "file"
address = "{planes}"
sensor = "adsb"
every_s = 0.3
[[feed]]
name = "ear"
form = "dronescout"
transport = "file"
address = "{planes}"
sensor = "adsb"
captures_signalling = true
[[output]]
kind = "file"
name = "for the tower"
purpose = "the tower's own map"
form = "geojson"
folder = "{out}"
"""


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory, console: Path) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("real")
    planes, stop = folder / "aircraft.json", threading.Event()

    def fly() -> None:
        k = 0
        while not stop.wait(0.3):
            k += 1
            now_s = time.time()
            plane = {"hex": "a1b2c3", "flight": "WH1", "lat": 31.7 + 2e-4 * k, "lon": -106.4}
            plane |= {"alt_geom": 5_000, "gs": 150.0, "track": 0.0, "seen_pos": 0.1, "seen": 0.1}
            nowhere = {"hex": "a1b2c4", "lat": 310.0, "lon": -106.4, "seen_pos": 0.1}
            text = json.dumps({"now": now_s, "messages": k, "aircraft": [plane, nowhere]})
            (folder / "next.json").write_text(text)
            (folder / "next.json").replace(planes)

    flying = threading.Thread(target=fly, daemon=True)
    flying.start()
    place = folder / "site"
    place.mkdir()
    for name, text in site.example_files().items():
        (place / name).write_text(text, "utf-8")
    settings = folder / "windhover.toml"
    settings.write_text(
        SETTINGS.format(site=place, record=folder / "record", planes=planes, out=folder / "out")
    )
    server = Served(folder / "record", arguments=["--config", str(settings)])
    yield server
    server.kill()
    stop.set()
    flying.join()


def test_feeds_say_how_they_do_and_who_answers_for_them(watch: Served, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 900}, locale="en-US")
    page.set_default_timeout(PATIENCE_MS)
    page.goto(watch.link)
    page.get_by_label("Name").fill("Ana Ruiz")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_selector(".console")
    page.keyboard.press("h")
    roof = row(page, "roof")
    expect(roof).to_contain_text("up")
    expect(roof).to_contain_text("Rejected: ")
    expect(roof.locator("td").nth(3)).not_to_have_text("0.0")  # so many a second
    ear = row(page, "ear")
    expect(ear).to_contain_text("no named person has recorded the legal basis")
    expect(row(page, "for the tower")).to_contain_text("the tower's own map")

    ear.get_by_role("button", name="Change: ear").click()
    form = page.locator(".change")
    assert form.get_by_role("button", name="Record as legal basis").is_disabled()
    form.get_by_label("Who answers for it").fill("admin")
    form.get_by_label("Ground or reason").fill("court order 7/2026")
    form.get_by_role("button", name="Record as legal basis").click()
    expect(page.locator(".toast.bad")).to_contain_text("is not the name of a person")
    form.get_by_label("Who answers for it").fill("Luz Ortiz")
    form.get_by_role("button", name="Record as legal basis").click()
    expect(ear).to_contain_text("Runs on: court order 7/2026 (Luz Ortiz).")
    expect(ear).not_to_contain_text("off")

    ear.get_by_role("button", name="Change: ear").click()
    form.get_by_label("Its clock is ahead by").fill("7200")
    form.get_by_role("button", name="Correct its clock").click()
    expect(ear).to_contain_text("Clock corrected by 7200.0 s.")
    ear.get_by_role("button", name="Change: ear").click()
    form.get_by_label("Ground or reason").fill("the order has lapsed")
    form.get_by_role("button", name="Withdraw: off").click()
    expect(ear).to_contain_text("no named person has recorded the legal basis")
    expect(ear).to_contain_text("off")
    page.close()
    with Journal.open(watch.folder / "journal.sqlite", read_only=True) as journal:
        marks = [entry.type for entry in journal.read(kinds=("mark",))]
    wanted = ["LegalBasisRecorded", "ClockCorrected", "BasisWithdrawn"]
    assert [mark for mark in marks if mark in wanted] == wanted


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))
