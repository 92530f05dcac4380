"""All outputs of a site: set up from settings, journalled, run side by side, fed one instant at a time.

One that cannot be set up is shown in the health and left out; the others go on. Who is set up is journalled
with the purpose that its consumer stated, before its first byte leaves, and again when it is taken away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec

from windhover.deliver.airspace import AirFrame, frame_of
from windhover.deliver.asterix import AsterixOutput, AsterixSettings
from windhover.deliver.consumer import Output, OutputHealth, ended, stated
from windhover.deliver.cot import CotOutput, CotSettings
from windhover.deliver.courageous import CourageousOutput, CourageousSettings
from windhover.deliver.files import FileOutput, FileSettings
from windhover.deliver.plugins import PluginSettings
from windhover.deliver.plugins import make as make_plugin
from windhover.deliver.sapient import SapientOutput, SapientSettings
from windhover.deliver.stream import StreamOutput, StreamSettings
from windhover.errors import BadSite
from windhover.picture import Picture

OutputSettings = (
    CotSettings
    | AsterixSettings
    | FileSettings
    | StreamSettings
    | SapientSettings
    | CourageousSettings
    | PluginSettings
)
"""As a configuration file has it, told apart by `kind`: cot, asterix, file, stream, sapient, courageous, plugin."""

Clock = Callable[[], int]
Mark = Callable[[int, msgspec.Struct], object]
"""Takes a journal mark: `Recorder.mark`."""


def make(settings: OutputSettings, clock: Clock = time.time_ns) -> Output:
    """One output. Raises `BadSite`."""
    match settings:
        case CotSettings():
            return CotOutput(settings, clock)
        case AsterixSettings():
            return AsterixOutput(settings, clock)
        case FileSettings():
            return FileOutput(settings, clock)
        case StreamSettings():
            return StreamOutput(settings, clock)
        case SapientSettings():
            return SapientOutput(settings, clock)
        case CourageousSettings():
            return CourageousOutput(settings, clock)
        case PluginSettings():
            return make_plugin(settings, clock)


class Outputs:
    """`send(picture)` once a step, `run()` as a task; `health` for the screen.

    Both belong to the event loop's own thread. Where the picture lives in another, `frame_of` may be called
    there, and its result handed to `send_frame` in the loop: a frame shares nothing with the picture.
    """

    def __init__(
        self,
        settings: tuple[OutputSettings, ...],
        mark: Mark,
        by: str,
        clock: Clock = time.time_ns,
        more: tuple[Output, ...] = (),
    ) -> None:
        """`by` is the account that configured them; `more` are outputs made elsewhere."""
        self.mark, self.by, self.clock = mark, by, clock
        self.outputs: list[Output] = []
        self.health: list[OutputHealth] = []
        for one in settings:
            kind = type(one).__struct_config__.tag
            try:
                self._add(make(one, clock))
            except BadSite as fault:
                health = OutputHealth(one.name, str(kind), one.purpose, "off", f"off: {fault}")
                self.health.append(health)
        for output in more:
            self._add(output)

    def _add(self, output: Output) -> None:
        """Journal first: a consumer whose purpose cannot be written down gets nothing."""
        now_ns = self.clock()
        address = str(getattr(output, "address", ""))
        self.mark(now_ns, stated(output.health, address, self.by, now_ns))
        self.outputs.append(output)
        self.health.append(output.health)

    def send(self, picture: Picture) -> None:
        """One instant to all; neither blocks nor raises."""
        if self.outputs:
            self.send_frame(frame_of(picture))

    def send_frame(self, frame: AirFrame) -> None:
        """The same with the instant made elsewhere."""
        for output in self.outputs:
            try:
                output.send(frame)
            except Exception as fault:  # a fault of one must not take the others down
                output.health.drop("fault in the output itself")
                output.health.last_error = f"{type(fault).__name__}: {fault}"[:200]

    async def run(self) -> None:
        """Until cancelled; then every consumer's end is journalled."""
        tasks = [asyncio.create_task(output.run()) for output in self.outputs]
        try:
            if tasks:
                await asyncio.wait(tasks)
            await asyncio.get_running_loop().create_future()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            now_ns = self.clock()
            for output in self.outputs:
                self.mark(now_ns, ended(output.health, self.by, now_ns))
