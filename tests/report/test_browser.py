"""The page in a real browser: no word on its console, no sideways scrolling, something to see."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.report.synthetic import hostile, night, replayed
from windhover.report.html import render
from windhover.report.pictures import screenshot

pytestmark = pytest.mark.browser

# Each page stands in a frame of its own, whose document the measuring script may read.
MEASURE = """<!doctype html><meta charset="utf-8"><body><script>
const pages = %s, found = [];
let open = 0;
for (const [name, page] of Object.entries(pages)) for (const width of [375, 768, 800, 1280]) {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  open += 1;
  frame.onload = () => {
    const root = frame.contentDocument.documentElement;
    const wide = [...root.querySelectorAll("main *, header *, footer *")]
      .filter(e => !e.closest(".scroll") && !e.closest("svg, thead") && e.getBoundingClientRect().right > width + 1)
      .map(e => e.tagName + "." + e.className).slice(0, 5);
    const maps = [...root.querySelectorAll("svg.map")].filter(e => e.getBoundingClientRect().width > 0)
      .map(e => ({style: e.getAttribute("class"), slides: e.parentElement.scrollWidth - e.parentElement.clientWidth,
        letter_px: e.getBoundingClientRect().width / e.viewBox.baseVal.width * 12}));
    found.push({name, width, maps, scroll: root.scrollWidth, height: root.scrollHeight, wide,
      ran: Boolean(frame.contentWindow.ran), scripts: root.querySelectorAll("script,img").length});
    if (--open === 0) document.title = "done:" + JSON.stringify(found);
  };
  frame.srcdoc = page;
  document.body.append(frame);
}
</script>"""


def browse(chromium: str, folder: Path, *arguments: str) -> tuple[str, str]:
    """Standard output and everything the browser logged."""
    done = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--enable-logging=stderr",
            f"--user-data-dir={folder / 'profile'}",
            *arguments,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout, done.stderr


def test_no_page_scrolls_sideways_on_a_phone_a_tablet_or_a_desk(
    chromium: str, tmp_path: Path
) -> None:
    pages = {
        "night": render(night()),
        "replay": render(replayed()),
        "hostile": render(hostile()).replace("alert(", "window.ran=("),
    }
    written = json.dumps(pages).replace("</", "<\\/").replace("<!--", "<\\!--")
    wrapper = tmp_path / "measure.html"
    wrapper.write_text(MEASURE % written.replace("%", "%%") % ())
    out, log = browse(chromium, tmp_path, "--dump-dom", wrapper.as_uri())
    title = re.search(r"<title>done:(.*?)</title>", out, flags=re.DOTALL)
    assert title, log[-2000:]
    found = json.loads(title[1].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))
    assert len(found) == 12
    for measured in found:
        assert measured["wide"] == [], measured
        assert measured["scroll"] <= measured["width"], measured
        assert measured["height"] > 1500
        phone = measured["width"] <= 768
        for drawn in measured["maps"]:
            assert drawn["style"] == ("map phone" if phone else "map desk")
            assert drawn["letter_px"] > 8.5
            assert drawn["slides"] <= 0
        assert measured["maps"] or measured["name"] != "night"
        assert not measured["ran"] and measured["scripts"] == 0
    assert "CONSOLE" not in log


def test_the_page_draws_itself_by_day_and_by_night(chromium: str, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    page = tmp_path / "night.html"
    page.write_text(render(night()))
    day, dark = tmp_path / "day.png", tmp_path / "dark.png"
    screenshot(page, day, 1280, 1000)
    _, log = browse(
        chromium,
        tmp_path,
        f"--screenshot={dark}",
        "--window-size=1280,1000",
        "--blink-settings=preferredColorScheme=0",
        page.as_uri(),
    )
    assert "CONSOLE" not in log, log
    assert day.stat().st_size < 200_000
    for shot, low, high, colours in ((day, 230, 255, 60), (dark, 0, 50, 500)):
        look = np.asarray(image.open(shot).convert("RGB"))
        assert look.shape == (1000, 1280, 3)
        assert low <= np.median(look) <= high
        assert len(np.unique(look.reshape(-1, 3), axis=0)) > colours  # letters, lines, marks
        banner = look[18, 5].astype(int)  # the exercise's yellow, from edge to edge
        assert banner[0] > 200 and banner[1] > 150 and banner[2] < 100
