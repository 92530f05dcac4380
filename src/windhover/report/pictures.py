"""A picture of a report, for a README: `python -m windhover.report.pictures REPORT.html PICTURE.png`.

Needs a Chromium on the path. The picture has a palette of 128 colours and stays small in a repository.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

WIDTH_PX, HEIGHT_PX = 1240, 1420


def screenshot(
    report: Path, picture: Path, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX
) -> None:
    """The top of a report as a browser shows it by day.

    Raises `FileNotFoundError` without a Chromium, `CalledProcessError` where it fails.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        raise FileNotFoundError("no chromium on the path")
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.png"
        subprocess.run(
            [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--blink-settings=preferredColorScheme=1",
                f"--user-data-dir={folder}/profile",
                f"--screenshot={raw}",
                f"--window-size={width_px},{height_px}",
                report.resolve().as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        Image.open(raw).convert("RGB").quantize(128).save(picture, optimize=True)


if __name__ == "__main__":
    screenshot(Path(sys.argv[1]), Path(sys.argv[2]))
