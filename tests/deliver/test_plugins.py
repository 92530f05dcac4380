"""A stranger's package adds a feed and an output; a bad one is reported and takes nothing down."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from tests.deliver.scene import NOW_NS, each_kind, frame
from tests.detections.conftest import make_sensor
from windhover.deliver import plugins as outputs
from windhover.deliver.consumer import OutputHealth
from windhover.deliver.plugins import PluginSettings
from windhover.detections import DECODERS
from windhover.detections.decoded import Decoder, nothing
from windhover.errors import BadSite
from windhover.feeds import plugins as feeds
from windhover.schema.place import Vertical

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/windhover-kite"
HERE = "tests.deliver.test_plugins"
PURPOSE = "Counted for the festival's safety officer."

PROGRAM = """
from pathlib import Path
from tests.deliver.scene import NOW_NS, each_kind, frame
from tests.detections.conftest import make_sensor
from windhover.deliver.plugins import PluginSettings, make
from windhover.detections import DECODERS
from windhover.feeds.hub import Hub
from windhover.feeds.live import Feed
from windhover.feeds.settings import FeedSettings
from windhover.feeds.plugins import install
from windhover.schema.place import Vertical

print([(p.name, p.package, p.fault) for p in install()])
sensor = make_sensor("points", "festival")
Feed(FeedSettings("kites", "kite_lines", "udp", "127.0.0.1:1", "festival"), 0, sensor, Vertical(), Hub())
decoded = DECODERS["kite_lines"](b"%d 31.8 -106.4 1290 red\\nrubbish\\n" % (NOW_NS // 10**9), NOW_NS, 0, sensor, Vertical())
print(decoded.detections.n, decoded.rejected)
output = make(PluginSettings("officer", "Counted for the safety officer.", "headcount", {"path": "count.txt"}))
output.send(frame(*each_kind(), exercise=True))
print(output.health.sent, output.health.name, Path("count.txt").read_text().strip())
"""


def test_the_example_package_is_installed_and_found(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-build-isolation",
         "--disable-pip-version-check", "--no-warn-script-location", "--root-user-action=ignore",
         "--target", str(tmp_path / "site"), str(EXAMPLE)],
        check=True, capture_output=True, text=True, timeout=120, cwd=tmp_path,
    )  # fmt: skip
    root = str(EXAMPLE.parents[1])
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        check=True, capture_output=True, text=True, timeout=120, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), root])},
    ).stdout.splitlines()  # fmt: skip
    assert said == [
        "[('kite_lines', 'windhover-kite', '')]",
        "1 {'not a line of ours': 1}",
        "1 officer EXERCISE / EJERCICIO 2026-02-11T06:30:10.000Z "
        "3 aircraft, 1 balloon, 1 bird, 4 drone, 1 tethered, 1 unknown",
    ]


def decode_badly(*_: object) -> Any:
    raise RuntimeError("boom")


def decode_something_else(*_: object) -> Any:
    return [1, 2, 3]


def decode_well(*_: object) -> Any:
    return nothing("a well-behaved plugin")


no_decoder = 5


def point(name: str, value: str, group: str = feeds.GROUP) -> EntryPoint:
    return EntryPoint(name, f"{HERE}:{value}", group)


def test_bad_feeds_are_reported_and_left_out() -> None:
    table: dict[str, Decoder] = dict(DECODERS)
    before = set(table)
    told = feeds.install(
        table,
        [
            point("asterix", "decode_well"),
            point("bad", "decode_badly"),
            point("else", "decode_something_else"),
            point("five", "no_decoder"),
            point("gone", "nowhere"),
            EntryPoint("none", "no.such.module:x", feeds.GROUP),
            point("well", "decode_well"),
        ],
    )
    faults = {p.name: p.fault for p in told}
    assert faults["asterix"] == "its name is taken"
    assert faults["five"] == "is no decoder"
    assert faults["gone"].startswith("cannot be loaded: AttributeError")
    assert faults["none"].startswith("cannot be loaded: ModuleNotFoundError")
    assert [n for n, fault in faults.items() if not fault] == ["bad", "else", "well"]
    assert set(table) == before | {"bad", "else", "well"}
    assert table["asterix"] is DECODERS["asterix"]
    asked = (b"x", NOW_NS, 0, make_sensor(), Vertical())
    assert table["bad"](*asked).rejected == {"fault in the plugin: RuntimeError": 1}
    assert table["else"](*asked).rejected == {"fault in the plugin: not what a decoder gives": 1}
    assert table["well"](*asked).rejected == {"a well-behaved plugin": 1}
    assert feeds.install(table, [point("well", "decode_well")])[0].fault == ""  # twice does no harm


class Failing:
    def __init__(self) -> None:
        self.health = OutputHealth("", "failing", "")

    def send(self, _: object) -> None:
        raise RuntimeError("boom")

    async def run(self) -> None:
        raise RuntimeError("no network")


def make_failing(*_: object) -> Failing:
    return Failing()


def make_badly(*_: object) -> Failing:
    raise RuntimeError("boom")


def make_nothing(*_: object) -> object:
    return object()


def test_a_failing_output_takes_nothing_down() -> None:
    found = [point("failing", "make_failing", outputs.GROUP)]

    async def main() -> None:
        output = outputs.make(PluginSettings("x", PURPOSE, "failing"), found=found)
        task = asyncio.create_task(output.run())
        output.send(frame(*each_kind()))
        await asyncio.sleep(0.01)
        assert not task.done()
        assert output.health.dropped == {"fault in the plugin": 1}
        assert (output.health.state, output.health.last_error) == ("waiting", "RuntimeError: no network")  # fmt: skip
        assert output.health.purpose == PURPOSE
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("none", "make_failing", "no installed package offers 'other'"),
        ("other", "make_badly", "cannot be made: RuntimeError: boom"),
        ("other", "make_nothing", "cannot be made: AttributeError"),
    ],
)
def test_outputs_that_cannot_be_made_say_why(kind: str, value: str, words: str) -> None:
    with pytest.raises(BadSite, match=words):
        outputs.make(
            PluginSettings("x", PURPOSE, "other"), found=[point(kind, value, outputs.GROUP)]
        )
