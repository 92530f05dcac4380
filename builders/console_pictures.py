"""The console's pictures in the documentation: a running exercise in a real Chromium, seed 1.

Run: .venv/bin/python -m builders.console_pictures      (a minute; needs the built console and chromium)
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from tests.browser.conftest import FLAGS, Served

PICTURES: Final = Path(__file__).resolve().parents[1] / "docs" / "pictures"
DESK, PHONE = (1280, 800), (390, 844)
SHOTS: Final = (
    ("console", "i=I1", "en", "dark", DESK),
    ("console_es", "i=I1", "es", "day", DESK),
    ("console_object", "t=2&c=31.7800,-106.4450,12.30", "en", "day", DESK),
    ("console_red", "", "es", "red", DESK),
    ("console_phone", "i=I1", "es", "dark", PHONE),
    ("console_accounts", "v=accounts", "en", "dark", DESK),
)
ACKNOWLEDGE: Final = """async () => {
  const { csrf } = await (await fetch("/api/session")).json();
  const { alerts } = await (await fetch("/api/picture")).json();
  for (const alert of alerts.slice(0, -1)) await fetch(`/api/alerts/${alert.id}/acknowledge`,
    { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf }, body: "{}" });
}"""


def main() -> None:
    chromium = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Served(Path(folder) / "record", speed=1, skip=8.6)
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            take(browser, server)
        finally:
            browser.close()
            server.kill()


def take(browser: Browser, server: Served) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.link)
    page.wait_for_selector(".console")
    page.evaluate(ACKNOWLEDGE)
    state = context.storage_state()
    context.close()
    for name, link, language, theme, (width, height) in SHOTS:
        context = browser.new_context(
            storage_state=state, viewport={"width": width, "height": height}
        )
        context.add_init_script(
            f"localStorage.setItem('windhover.language', '{language}');"
            f"localStorage.setItem('windhover.theme', '{theme}')"
        )
        page = context.new_page()
        page.goto(f"{server.url}/#{link}")
        page.wait_for_selector(".console")
        page.wait_for_function("() => window.windhover.map.map.loaded()", timeout=90_000)
        page.wait_for_timeout(4000)
        page.evaluate(ACKNOWLEDGE)
        page.wait_for_timeout(1500)
        if "accounts" in link:
            page.get_by_text("Invite somebody").click()
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        picture.quantize(256, kmeans=2).save(PICTURES / f"{name}.png", optimize=True)
        context.close()


if __name__ == "__main__":
    main()
