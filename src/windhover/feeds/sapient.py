"""The server that SAPIENT sensor nodes connect to: sockets and the clock around `detections.sapient`.

Each node's reports go into the hub under a name of its own, so that fairness is between sensors and not
between lines. A port that is taken is tried again; a node that misbehaves loses its own line, no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from windhover.detections.decoded import Decoded
from windhover.detections.sapient import (
    FusionSettings,
    Outcome,
    Plan,
    Registry,
    Session,
)
from windhover.detections.sapient.lineage import Lineage
from windhover.detections.sapient.outcome import Told
from windhover.detections.sapient.registry import Known
from windhover.errors import BadSite
from windhover.feeds import again
from windhover.feeds.again import BACK_OFF_S
from windhover.feeds.hub import Arrival, Clock, Hub
from windhover.feeds.settings import (
    FeedSettings,
    SapientNode,
    SapientSettings,
    held_back,
    split_address,
)
from windhover.schema.place import Sensor, Vertical
from windhover.schema.reports import Report
from windhover.units import RAD_PER_DEG

READ: Final = 1 << 16
TICK_S: Final = 0.5
DRAIN_S: Final = 10.0
"""A node that does not read what we answer loses its line."""
HELD_BACK_S: Final = 0.1
MAX_LINES: Final = 256
TOLD_KEPT: Final = 1_000


class _Line(NamedTuple):
    """One connection."""

    session: Session
    writer: asyncio.StreamWriter


WITHDRAWN: Final = "off: its legal basis has been withdrawn"


class SapientServer:
    """`run()` never returns and never raises but on cancellation."""

    def __init__(
        self,
        settings: SapientSettings,
        sensors: tuple[Sensor, ...],
        vertical: Vertical,
        hub: Hub,
        clock: Clock = time.time_ns,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
        tls: ssl.SSLContext | None = None,
        tell: Callable[[Told], None] | None = None,
        lineage: Lineage | None = None,
    ) -> None:
        """Raises `BadSite` where a node names a sensor that the site has not.

        `tell` is called with everything that happens on the lines; the latest are kept in `told` as
        well. `tls` wraps every line. `lineage` learns which node's report each row came from, for
        whoever tells the fused tracks upward.
        """
        self.settings, self.hub, self.clock, self.tls = settings, hub, clock, tls
        self.back_off_s, self._tell = back_off_s, tell
        self.registry = Registry(
            FusionSettings(settings.node_id, settings.tolerances),
            plans_of(settings, sensors),
            vertical,
            _strangers(settings, sensors),
        )
        self.names = {one.node_id.lower(): one.sensor for one in settings.nodes}
        self.health = hub.register(settings.name)
        self.told: deque[Told] = deque(maxlen=TOLD_KEPT)
        self.lineage, self.sensors = lineage, sensors
        self.lines: dict[int, _Line] = {}
        self.declared: FeedSettings | None = None  # as the site wrote it, where a site did

    async def run(self) -> None:
        """Listen for ever; a port that is taken is shown and tried again with growing waits."""
        await again.for_ever(
            self._reach if self.settings.outward else self._listen,
            self.health,
            lambda: self.health.connections,
            self.back_off_s,
            silence="the middleware does not answer",
            may_not=lambda: held_back(self.declared) if self.declared is not None else "",
        )

    def task(self, node_id: str, what: str, value: object) -> str:
        """Send a task to a node; returns why it is refused, or ''. `detections.sapient.tasks` decides."""
        for line in self.lines.values():
            if node_id.lower() in line.session.nodes:
                payload, why = line.session.task(what, value, self.clock(), node_id)
                if not why:
                    line.writer.write(payload)
                return why
        return "no node of this name is connected"

    def correct_clock(self, node_id: str, ahead_s: float) -> str:
        """From now on a node's clock is taken to be so far ahead; returns why not, or ''."""
        plan = self.registry.plans.get(node_id.lower())
        if plan is None:
            return "the site names no such node"
        plan = plan._replace(clock_ahead_s=ahead_s)
        self.registry.plans[node_id.lower()] = plan
        known = self.registry.known.get(node_id.lower())
        if known is not None:
            known.plan, known.clock_told = plan, False
            known.clock.forget()
        self.hub.forget_clock(self._name_of(node_id.lower()))
        return ""

    def follow(self, settings: FeedSettings) -> None:
        """From now on these hold, as the journal allows them."""
        self.declared = settings
        for node in settings.nodes:
            plan = self.registry.plans.get(node.node_id.lower())
            if plan is not None and plan.clock_ahead_s != node.clock_ahead_s:
                self.correct_clock(node.node_id, node.clock_ahead_s)
        self.allow({node.node_id.lower(): node for node in settings.nodes})

    def allow(self, nodes: dict[str, SapientNode]) -> None:
        """Which nodes' legal basis stands in the journal: a radio node without one is refused, and one
        that has lost it is no longer known."""
        for node_id, plan in self.registry.plans.items():
            node = nodes.get(node_id)
            basis = node is not None and bool(node.legal_basis and node.basis_recorded_by)
            if basis != plan.rf_basis:
                self.registry.plans[node_id] = plan._replace(rf_basis=basis)
            if plan.rf_basis and not basis:
                self._forget(node_id)

    def _forget(self, node_id: str) -> None:
        for line in list(self.lines.values()):
            if node_id in line.session.nodes:
                self._hand_on(line, line.session.dismiss(node_id, self.clock(), WITHDRAWN))
                if not line.session.shared:
                    line.writer.transport.abort()
        self.registry.known.pop(node_id, None)
        health = self.hub.register(self._name_of(node_id))
        health.state, health.words = "off", WITHDRAWN

    async def _listen(self) -> None:
        host, port = split_address(self.settings.address)
        server = await asyncio.start_server(self._accept, host, port, ssl=self.tls, limit=READ)
        self.health.state, self.health.words = "up", ""
        try:
            await asyncio.get_running_loop().create_future()  # until cancelled
        finally:
            server.close()
            # Not cancelled: asyncio's streams log a cancelled handler as a fault before Python 3.12.
            for line in self.lines.values():
                line.writer.transport.abort()
            # A time-out here must not take the place of the cancellation that brought us here.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    while self.lines:
                        await asyncio.sleep(0)

    async def _reach(self) -> None:
        """A middleware listens: one line out to it, with all its nodes on it."""
        host, port = split_address(self.settings.address)
        async with asyncio.timeout(10.0):
            reader, writer = await asyncio.open_connection(host, port, ssl=self.tls, limit=READ)
        self.health.state, self.health.words = "up", ""
        await self._line(reader, writer)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self.lines) >= MAX_LINES:
            reason = "line refused: too many"
            said = self.health.rejected
            self.health.rejected = said | {reason: said.get(reason, 0) + 1}
            writer.close()
            return
        await self._line(reader, writer)

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its beginning to its end; its faults are its own."""
        shared = self.settings.outward or self.settings.middleware
        line = _Line(Session(self.registry, self.clock(), shared), writer)
        self.lines[id(line)] = line
        self.health.connections += 1
        try:
            await self._serve(line, reader)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # the line is gone; `lost` below says so
        except Exception as fault:  # a fault of ours must not take the other lines down
            self.health.words = f"fault in the feed itself: {type(fault).__name__}: {fault}"[:200]
        finally:
            del self.lines[id(line)]
            self._hand_on(line, line.session.lost(self.clock()))
            writer.close()

    async def _serve(self, line: _Line, reader: asyncio.StreamReader) -> None:
        reading: asyncio.Task[bytes] | None = None
        try:
            while True:
                reading = reading or asyncio.ensure_future(reader.read(READ))
                await asyncio.wait((reading,), timeout=TICK_S)
                if reading.done():
                    payload, reading = reading.result(), None
                    if not payload:
                        return
                    if self.hub.thin(self._name(line), self.clock()):
                        # Not read on until others had their turn: TCP holds the sender back.
                        await asyncio.sleep(HELD_BACK_S)
                    outcome = self._receive(line, payload)
                else:
                    outcome = line.session.tick(self.clock())
                self._hand_on(line, outcome)
                if outcome.replies:
                    line.writer.write(outcome.replies)
                    async with asyncio.timeout(DRAIN_S):
                        await line.writer.drain()
                if outcome.close:
                    return
                if reading is None:
                    due = line.session.tick(self.clock())  # a busy line has duties too
                    self._hand_on(line, due)
                    if due.close:
                        return
                    await asyncio.sleep(0)  # the other lines' turn
        finally:
            if reading is not None:
                reading.cancel()

    def _receive(self, line: _Line, payload: bytes) -> Outcome:
        began_ns = self.hub.work.clock()
        outcome = line.session.receive(payload, self.clock())
        self.hub.work.spent(self._name(line), began_ns)
        return outcome

    def _name(self, line: _Line) -> str:
        """Under which name a line's node stands in the hub."""
        node_id = line.session.node_id
        if not node_id or line.session.shared:
            return self.settings.name
        return self._name_of(node_id)

    def _name_of(self, node_id: str) -> str:
        # Strangers share one name: whoever invents node ids must not invent queues.
        return f"{self.settings.name}/{self.names.get(node_id, 'strangers')}"

    def _hand_on(self, line: _Line, outcome: Outcome) -> None:
        for one in outcome.told:
            self.told.append(one)
            if self._tell is not None:
                self._tell(one)
        session, now_ns = line.session, self.clock()
        known = session.known
        told = {told.node_id for told in outcome.told} | ({known.node_id} if known else set())
        for node_id in sorted(told & set(self.registry.known)):
            self._show(self.registry.known[node_id], outcome.close)
        if outcome.origins and self.lineage is not None:
            self.lineage.arrived(outcome.decoded.detections, outcome.origins)
        for name, decoded in self._parts(line, outcome.decoded):
            if decoded.detections.n or decoded.reports or decoded.rejected:
                self.hub.push(Arrival(name, now_ns, decoded))

    def _show(self, known: Known, closed: str) -> None:
        health = self.hub.register(self._name_of(known.node_id))
        health.state = "up" if known.connected and not closed else "waiting"
        health.words = closed
        offset = known.clock.offset()
        health.clock = offset.words if offset else ""
        health.clock_ahead_s = offset.ahead_s if offset else 0.0

    def _parts(self, line: _Line, decoded: Decoded) -> list[tuple[str, Decoded]]:
        """What came on a shared line, sensor by sensor, so that none of them is another's flood."""
        if not line.session.shared:
            return [(self._name(line), decoded)]
        rows = decoded.detections
        parts = [(self.settings.name, Decoded(rows.take(slice(0, 0)), (), None, decoded.rejected))]
        sensors = set(rows.sensor.tolist()) | {report_sensor(one) for one in decoded.reports}
        for sensor in sorted(sensors):
            names = [n for n, plan in self.registry.plans.items() if plan.sensor == sensor]
            part = Decoded(
                rows.take(rows.sensor == sensor),
                tuple(one for one in decoded.reports if report_sensor(one) == sensor),
                None,
                {},
            )
            parts.append((self._name_of(names[0] if names else ""), part))
        return parts


def report_sensor(report: Report) -> int:
    """The sensor row that a report speaks for; −1 where it has none."""
    return int(getattr(report, "sensor", -1))


def plans_of(settings: SapientSettings, sensors: tuple[Sensor, ...]) -> dict[str, Plan]:
    """Node id → what the site states of it. Raises `BadSite`."""
    return {one.node_id: _plan(one, sensors) for one in settings.nodes}


def _plan(node: SapientNode, sensors: tuple[Sensor, ...]) -> Plan:
    row = next((i for i, sensor in enumerate(sensors) if sensor.name == node.sensor), None)
    if row is None:
        raise BadSite(f"SAPIENT node {node.node_id}: the site has no sensor {node.sensor!r}.")

    def rad(deg: float | None) -> float | None:
        return None if deg is None else deg * RAD_PER_DEG

    return Plan(
        row,
        sensors[row],
        rad(node.heading_deg),
        rad(node.declination_deg),
        node.clock_ahead_s,
        bool(node.legal_basis and node.basis_recorded_by),
    )


def _strangers(settings: SapientSettings, sensors: tuple[Sensor, ...]) -> Plan | None:
    if not settings.strangers_as:
        return None
    return _plan(SapientNode("strangers", settings.strangers_as), sensors)
