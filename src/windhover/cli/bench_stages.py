"""`windhover bench stages`: where the second goes, from plots to the packed frame, at several sizes.

The server's own steps in one process, on a made-up sky and a made-up clock: every object is tracked,
identified, recorded and packed. Processor time, so that a busy machine counts little.
"""

from __future__ import annotations

import cProfile
import pstats
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Final
from unittest.mock import patch

import msgspec
import typer

WARM_S: Final = 20
"""Compiled, every track confirmed and named, the first rush of events over."""

MADE_UP: Final = "(the made-up plots)"
Place = tuple[Any, str]


def stages(
    objects: Annotated[
        list[int] | None, typer.Option(help="Objects; several may be given.")
    ] = None,
    seconds: Annotated[int, typer.Option(help="Steps that are measured.", min=1)] = 20,
    profile: Annotated[
        bool, typer.Option("--profile", help="Also the 25 dearest functions of the largest.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Processor time of each stage for one step of a second, ms: the median, and the largest of all."""
    sizes = objects or [1000, 5000, 10_000]
    found = {n: _measured(n, seconds) for n in sizes}
    if json:
        print(msgspec.json.encode(found).decode())
    else:
        _tell(found)
    if profile:
        _profiled(max(sizes), seconds)


def _tell(found: dict[int, dict[str, tuple[float, float]]]) -> None:
    print(f"{'ms a step: median (largest)':<34}" + "".join(f"{n:>9,} objects" for n in found))
    for name in next(iter(found.values())):
        cells = (f"{row[name][0]:9.1f} {f'({row[name][1]:.0f})':>7}" for row in found.values())
        print(f"{name:<34}" + "".join(cells))


def _places() -> dict[str, tuple[Place, ...]]:
    """Which functions belong to which stage; the inner one counts, not what called it."""
    from windhover import desk, identities, incidents, picture, tracks
    from windhover.record.recorder import Recorder
    from windhover.server import frames, watch
    from windhover.server.crowd import CrowdSource
    from windhover.server.live import LiveHub
    from windhover.server.memory import FrameMemory

    return {
        MADE_UP: ((CrowdSource, "read"),),
        "detections: order, duplicates": ((watch, "merge"), (picture, "_usable")),
        "tracks": ((tracks, "advance"),),
        "identities": ((identities, "advance"),),
        "what is new: came, went, names": (
            (picture, "_came_and_went"),
            (picture, "_identity_changes"),
        ),
        "the instant for rules and frame": ((picture, "look"), (watch, "look")),
        "incidents": ((incidents, "advance"),),
        "desk: restrictions, notices": ((desk, "advance"), (desk, "flying")),
        "record: journal": ((Recorder, "record"), (Recorder, "_commit")),
        "record: archive": ((Recorder, "show"), (Recorder, "flush")),
        "record: snapshot, every 5 min": ((Recorder, "snapshot"),),
        "frame: columns": ((frames, "rows_of"), (frames, "chances_of")),
        "frame: packed, delta": ((LiveHub, "publish"),),
        "frame: kept for a look back": ((FrameMemory, "keep"),),
    }


class _Clock:
    """Time by stage; while an inner stage runs, the outer one's stands."""

    def __init__(self) -> None:
        self.spent_s: defaultdict[str, float] = defaultdict(float)
        self._running = ["the rest"]
        self._since_s = time.process_time()

    def _turn(self) -> None:
        now_s = time.process_time()
        self.spent_s[self._running[-1]] += now_s - self._since_s
        self._since_s = now_s

    def of(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            self._turn()
            self._running.append(stage)
            try:
                return work(*args, **named)
            finally:
                self._turn()
                self._running.pop()

        return timed

    def taken(self) -> dict[str, float]:
        """Since it was asked last."""
        self._turn()
        told, self.spent_s = dict(self.spent_s), defaultdict(float)
        return told


def _measured(n: int, seconds: int) -> dict[str, tuple[float, float]]:
    """Stage → median and largest ms of a step."""
    clock, places = _Clock(), _places()
    with ExitStack() as stack:
        for stage, parts in places.items():
            for owner, name in parts:
                timed = clock.of(stage, getattr(owner, name))
                stack.enter_context(patch.object(owner, name, timed))
        steps = [clock.taken() for _ in _steps(n, WARM_S + seconds)][WARM_S:]
    names = [*places, "the rest"]
    table = {name: sorted(1e3 * step.get(name, 0.0) for step in steps) for name in names}
    whole = [{**step, MADE_UP: 0.0} for step in steps]
    table["all of it"] = sorted(1e3 * sum(step.values()) for step in whole)
    return {name: (row[len(row) // 2], row[-1]) for name, row in table.items()}


def _steps(n: int, count: int) -> Iterator[int]:
    """Play so many seconds; stops after each. The last one keeps a snapshot, as every fifth minute does."""
    from windhover.server.crowd import Crowd, CrowdSource, crowd_site
    from windhover.server.live import LiveHub
    from windhover.server.memory import FrameMemory
    from windhover.server.watch import open_watch
    from windhover.units import NS_PER_H, NS_PER_S

    with tempfile.TemporaryDirectory(prefix="windhover-bench-") as folder:
        source = CrowdSource(Crowd(n))
        watch = open_watch(Path(folder), crowd_site(), source, source.begun_ns)
        hub, memory = LiveHub(True), FrameMemory(NS_PER_H, 8 << 20, True)
        for k in range(1, count + 1):
            shown = watch.step(None, (), source.begun_ns + k * NS_PER_S)
            if shown.rows is not None and shown.chances is not None:
                tick = hub.publish(shown.rows, shown.now_ns, 0)
                memory.keep(shown.now_ns, shown.rows, shown.chances, 0, tick)
            if k == count:
                watch.keeper.recorder.snapshot(shown.now_ns, watch.keeper.picture)
            yield k
        watch.close()


def _profiled(n: int, seconds: int) -> None:
    """The dearest functions by their own time, the warm steps left out."""
    profile = cProfile.Profile()
    for k in _steps(n, WARM_S + seconds):
        if k == WARM_S:
            profile.enable()
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)
