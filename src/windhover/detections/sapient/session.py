"""One connection of a sensor node to us, its fusion node: bytes and the time in, rows and bytes out.

Sans I/O: `feeds/sapient.py` owns the socket and the clock. The duties (BSI Flex 335 v2): acknowledge a
registration, remember it for two minutes after the line was lost, read status reports and close after
three missed ones, acknowledge alerts, read task acknowledgements, answer every message that cannot be
used with an `Error` that names the field.
"""

from __future__ import annotations

from typing import Final

from windhover.detections.decoded import count
from windhover.detections.sapient import answers, check, tasks, wire
from windhover.detections.sapient.check import Fault
from windhover.detections.sapient.framing import Framer, frame
from windhover.detections.sapient.middleware import Reminders, failed_task, for_us
from windhover.detections.sapient.outcome import Happened, Outcome, Told
from windhover.detections.sapient.registry import (
    Known,
    Registry,
    declared_zone,
    first_mode,
    policy_fault,
    status_interval_s,
)
from windhover.detections.sapient.rows import Rows
from windhover.detections.sapient.wire import Message
from windhover.schema.reports import SensorState
from windhover.units import NS_PER_S

_GOODBYE: Final = 5
_SYSTEM_ERROR: Final = 3
_NOT_DETECTING: Final = 11
_TASK_STATUS: Final = {1: "accepted", 2: "rejected", 3: "completed", 4: "failed"}
_ALERT_TYPE: Final = {
    1: "information", 2: "warning", 3: "critical", 4: "error", 5: "fatal", 6: "mode change",
}  # fmt: skip
TASKS_KEPT: Final = 256


class Session:
    """The state of one connection. Call `receive` with what came, `tick` about once a second, `lost` at its end."""

    def __init__(self, registry: Registry, now_ns: int, shared: bool = False) -> None:
        """`shared`: a middleware carries many nodes on this one line, and no node's end is its end."""
        self.registry, self.settings, self.shared = registry, registry.settings, shared
        self.framer = Framer()
        self.opened_ns = self.half_since_ns = now_ns
        self.known: Known | None = None  # the node that is spoken of; the only one unless shared
        self.nodes: dict[str, tuple[Known, int]] = {}  # with the count of its connections
        self._reminders = Reminders()
        self._errors: tuple[int, int] = (0, 0)  # the second, how many were answered in it
        self._replies: list[bytes] = []
        self._told: list[Told] = []
        self._rows = Rows()
        self._close = ""

    @property
    def node_id(self) -> str:
        return self.known.node_id if self.known else ""

    def receive(self, payload: bytes, now_ns: int) -> Outcome:
        """Whatever came on the line."""
        if not self.framer.waiting:
            self.half_since_ns = now_ns
        messages = self.framer.feed(payload)
        if messages:
            self.half_since_ns = now_ns
        for raw in messages:
            if self._close:
                break
            self._message(raw, now_ns)
        if self.framer.fault and not self._close:
            self._fault(self.framer.refused, [Fault("length", self.framer.fault)], now_ns)
            self._close = self.framer.fault
        return self._outcome(now_ns)

    def tick(self, now_ns: int) -> Outcome:
        """Time passed: missed status reports, half messages, a line that never registers."""
        patience_ns = self.settings.registration_within_s * NS_PER_S
        if not self.nodes and not self.shared and now_ns - self.opened_ns > patience_ns:
            self._close = "nobody registered on the line"
        for known, _ in list(self.nodes.values()):
            self.known = known
            waited_ns = now_ns - known.status_ns
            missed = self.settings.missed_intervals
            if self._mine() and waited_ns > missed * known.interval_s * NS_PER_S:
                words = f"{missed} status reports missed"
                self._say("silent", words)
                self._end(known, words, now_ns)
        half_ns = now_ns - self.half_since_ns
        if self.framer.waiting and half_ns > self.settings.half_message_s * NS_PER_S:
            self._close = "half a message, and the rest does not come"
        return self._outcome(now_ns)

    def lost(self, now_ns: int, words: str = "the line was lost") -> Outcome:
        """The connection ended, whoever ended it. The registration is remembered from now on."""
        for known, _ in list(self.nodes.values()):
            self.known = known
            if self._mine():
                known.connected, known.closed_ns = False, now_ns
                if known.listening:
                    self._say("lost", words)
                    self._state(False, words, now_ns)
        return self._outcome(now_ns)

    def dismiss(self, node_id: str, now_ns: int, words: str) -> Outcome:
        """A node may be heard no longer: its sensor is silent from now on, and it has to register anew."""
        self.known = self.nodes.pop(node_id, (None, 0))[0]
        if self.known is not None:
            self.known.connected = False
            self._say("lost", words)
            self._state(False, words, now_ns)
        return self._outcome(now_ns)

    def task(self, what: str, value: object, now_ns: int, node_id: str = "") -> tuple[bytes, str]:
        """A framed `Task` to this node, or why it is refused. There is no way around the list."""
        if node_id:
            self.known = self.nodes.get(node_id.lower(), (None, 0))[0]
        if self.known is None or not self._mine():
            return b"", "no node is registered on this line"
        message = tasks.task_message(self.settings.node_id, self.known.address, now_ns, what, value)
        why = tasks.refusal(message.task, self.known.kind, self.registry.effectors())
        if why:
            return b"", why
        self._remember_task(message.task.task_id, "sent")
        return frame(wire.packed(message)), ""

    # One message

    def _message(self, raw: bytes, now_ns: int) -> None:
        message = wire.parse(raw)
        if message is None:
            return self._fault(raw, [Fault("packet", "is no SapientMessage")], now_ns)
        content = message.WhichOneof("content")
        if self.shared:  # whoever speaks, before anything is said of it
            self.known = self.nodes.get(message.node_id.lower(), (None, 0))[0]
            if self.known is None and content == "error":
                return self._undelivered(message.error)
            if not for_us(message, self.known is not None, self.settings.node_id):
                return None
        wrong = check.faults(message, self.settings.tolerances)
        if wrong:
            if content == "registration":
                reasons = tuple(map(str, wrong))
                self._reply(
                    answers.registration_ack(
                        self.settings.node_id, message.node_id, now_ns, False, reasons
                    )
                )
                self._told.append(Told("refused", message.node_id.lower(), reasons[0]))
            return self._fault(raw, wrong, now_ns)
        if content == "registration":
            return self._register(raw, message, now_ns)
        if self.known is None:
            self._resume(message.node_id, now_ns)
        known = self.known
        if known is None and self.shared and self._reminders.again(message.node_id, now_ns):
            return count(self._rows.rejected, "not registered")
        if known is None:
            words = "a registration must come first"
            return self._fault(raw, [Fault("registration", words)], now_ns)
        if not self._mine():
            self.nodes.pop(known.node_id, None)
            self._close = "" if self.shared else "the node has a newer line"
            return None
        if message.node_id.lower() != known.node_id:
            words = f"this line belongs to node {known.node_id}"
            return self._fault(raw, [Fault("node_id", words)], now_ns)
        known.heard_ns = now_ns
        on_time = self._on_time(raw, message, known, now_ns)
        if content == "detection_report":
            if on_time:
                self._detection(raw, message, known, now_ns)
        elif content == "status_report":
            self._status(message.status_report, known, now_ns)
        elif content == "alert":
            self._alert(message.alert, known, now_ns)
        elif content == "task_ack":
            status = _TASK_STATUS.get(message.task_ack.task_status, "unspecified")
            self._remember_task(message.task_ack.task_id, status)
            self._say("task", " ".join((status, *message.task_ack.reason))[:200])
        elif content == "task":
            self._refuse_task(message.task.task_id, known, now_ns)
        elif content == "error":
            said = "; ".join(message.error.error_message)[:200]
            count(self._rows.rejected, "the node says that it could not read us")
            self._say("fault", f"the node answers: {said}")
        elif content != "alert_ack":
            self._fault(raw, [Fault(content, "does not go from a sensor to its parent")], now_ns)
        return None

    def _register(self, raw: bytes, message: Message, now_ns: int) -> None:
        node_id = message.node_id.lower()
        plan = self.registry.plan_of(node_id)
        reason = policy_fault(message.registration, plan)
        known = self.registry.known.get(node_id)
        if not self.shared and self.known is not None and self.known.node_id != node_id:
            reason = f"node_id: this line belongs to node {self.known.node_id}"
        elif known is not None and node_id not in self.nodes and known.alive(now_ns):
            # A restarted sensor may find its old line half open; a live one keeps its place.
            reason = "the node is registered on another line that is alive"
        interval_s = status_interval_s(message.registration)
        if reason or plan is None or interval_s is None:
            count(self._rows.rejected, "registration refused")
            self._reply(
                answers.registration_ack(
                    self.settings.node_id, message.node_id, now_ns, False, (reason,)
                )
            )
            self._told.append(Told("refused", node_id, reason))
            return
        if known is None or known.plan is not plan:
            known = self.registry.enter(Known(node_id, plan))
        known.kind = tasks.kind_of(message.registration)
        known.name = message.registration.name[:80] or message.registration.short_name[:80]
        known.interval_s, known.address = interval_s, message.node_id
        known.zone = declared_zone(message.registration)
        known.mode = first_mode(message.registration)
        known.last_detection_ns = 0
        self._take(known, now_ns)
        self._reply(
            answers.registration_ack(self.settings.node_id, message.node_id, now_ns, True, ())
        )
        what = f"registered as {known.name or 'a node without a name'}"
        if known.kind.effector:
            what += f"; an effector ({known.kind.effector}): it is given no task, ever"
        self._say("registered", what)
        self._state(True, what, now_ns)
        self._on_time(raw, message, known, now_ns)

    def _resume(self, node_id: str, now_ns: int) -> None:
        """A node that comes back in time need not register again."""
        known = self.registry.known.get(node_id.lower())
        if known is not None and known.remembered(now_ns, self.settings.memory_s):
            self._take(known, now_ns)
            self._say("resumed", "came back without a new registration, as it may")
            self._state(True, "the line is back", now_ns)

    def _take(self, known: Known, now_ns: int) -> None:
        self.known = known
        known.generation += 1
        self.nodes[known.node_id] = (known, known.generation)
        known.connected, known.closed_ns = True, 0
        known.heard_ns = known.status_ns = now_ns

    def _mine(self) -> bool:
        if self.known is None:
            return False
        _, generation = self.nodes.get(self.known.node_id, (None, -1))
        return self.known.generation == generation

    def _end(self, known: Known, words: str, now_ns: int) -> None:
        """A node is gone; on a line of its own the line goes with it."""
        self._state(False, words, now_ns)
        known.connected, known.closed_ns = False, now_ns
        if self.shared:
            self.nodes.pop(known.node_id, None)
        else:
            self._close = words

    def _on_time(self, raw: bytes, message: Message, known: Known, now_ns: int) -> bool:
        """Whether the message's time can be believed; its clock is watched either way."""
        at_ns = wire.time_ns(message.timestamp)
        corrected_ns = at_ns - round(known.plan.clock_ahead_s * NS_PER_S)
        if at_ns >= 0 and known.clock.note(corrected_ns, now_ns):
            offset = known.clock.offset()
            if offset is not None and not known.clock_told:
                self._say("clock", offset.words)
            known.clock_told = offset is not None
        if known.plan.clock_ahead_s:
            message.timestamp.seconds, message.timestamp.nanos = divmod(
                max(corrected_ns, 0), NS_PER_S
            )
        wrong = check.time_faults(message, now_ns, self.settings.tolerances)
        # A middleware repeats to a newcomer what its nodes said when they came.
        if wrong and not (self.shared and not message.HasField("detection_report")):
            self._fault(raw, wrong, now_ns)
        return not wrong

    def _detection(self, raw: bytes, message: Message, known: Known, now_ns: int) -> None:
        at_ns = wire.time_ns(message.timestamp)
        gap_s = self.settings.tolerances.detection_gap_s
        apart_ns = at_ns - known.last_detection_ns
        if gap_s and known.last_detection_ns and apart_ns < gap_s * NS_PER_S and apart_ns != 0:
            words = f"{apart_ns / NS_PER_S:.3f} s after the detection before, {gap_s:g} must lie between"
            return self._fault(raw, [Fault("timestamp", words)], now_ns)
        known.last_detection_ns = max(at_ns, known.last_detection_ns)
        report = message.detection_report
        if (report.derived_detection or report.associated_detection) and (
            self.registry.heard_already(report)
        ):
            return count(self._rows.rejected, "made of reports that came here themselves")
        known.detections += 1
        return self._rows.add(
            report,
            at_ns,
            now_ns,
            known.node_id,
            known.plan.sensor,
            known.plan.sensor_info,
            known.standing,
            self.registry.vertical,
            known.zone,
        )

    def _status(self, report: Message, known: Known, now_ns: int) -> None:
        known.status_ns = now_ns
        known.mode = report.mode or known.mode
        if report.HasField("node_location"):
            reason = known.moved_to(report.node_location, self.registry.vertical)
            if reason and not reason.startswith("height unused"):
                count(self._rows.rejected, f"node's own place: {reason}")
        if report.system == _GOODBYE:
            self._say("goodbye", "the node said goodbye")
            known.interval_s = 0.0  # what it declared is forgotten
            self._end(known, "goodbye", now_ns)
            return
        blind = any(one.status_type == _NOT_DETECTING for one in report.status)
        listening = not blind and report.system != _SYSTEM_ERROR
        if listening != known.listening:
            words = "detecting again" if listening else "says that it is not detecting"
            self._state(listening, words, now_ns)

    def _alert(self, alert: Message, known: Known, now_ns: int) -> None:
        kind = _ALERT_TYPE.get(alert.alert_type, "unspecified")
        words = f"alert, {kind}: {alert.description}"[:300]
        self._say("alert", words)
        self._state(known.listening, words, now_ns)  # into the record, with the sensor that said it
        self._reply(answers.alert_ack(self.settings.node_id, known.address, now_ns, alert.alert_id))

    def _refuse_task(self, task_id: str, known: Known, now_ns: int) -> None:
        """A node below has nothing to task us with."""
        count(self._rows.rejected, "task refused")
        self._reply(answers.task_refused(self.settings.node_id, known.address, now_ns, task_id))

    # Answers

    def _fault(self, raw: bytes, wrong: list[Fault], now_ns: int) -> None:
        """Count a message that cannot be used, and say why to whoever sent it."""
        field = "".join(c for c in wrong[0].field if not c.isdigit())
        count(self._rows.rejected, f"fault in {field}")
        message = wire.parse(raw) if raw else None
        if message is not None and message.HasField("error"):
            return  # an answer to an answer could go on for ever
        second, answered = now_ns // NS_PER_S, 0
        if self._errors[0] == second:
            answered = self._errors[1]
        if answered >= self.settings.errors_per_s:
            count(self._rows.rejected, "faults beyond those that are answered")
            return
        self._errors = (second, answered + 1)
        to = self.known.address if self.known else ""
        if message is not None and wire.UUID4.fullmatch(message.node_id):
            to = message.node_id  # on a shared line the answer is for whoever spoke
        self._reply(answers.error(self.settings.node_id, to, now_ns, raw, wrong))
        self._told.append(Told("fault", to.lower(), str(wrong[0])))

    def _undelivered(self, error: Message) -> None:
        """The middleware itself could not use what we sent, above all where the node has left it."""
        said = "; ".join(error.error_message)[:200]
        count(self._rows.rejected, "the middleware could not use what we sent")
        node_id, task_id = failed_task(error, self.settings.node_id)
        self.known = self.nodes.get(node_id, (None, 0))[0]
        if self.known is not None and task_id in self.known.tasks:  # not what a stranger made up
            self._remember_task(task_id, "undelivered")
        self._say("fault", f"the middleware answers: {said}")

    def _reply(self, payload: bytes) -> None:
        self._replies.append(frame(payload))

    def _say(self, what: Happened, words: str) -> None:
        self._told.append(Told(what, self.node_id, words))

    def _state(self, listening: bool, words: str, now_ns: int) -> None:
        """The sensor listens or not: silence counts only while it does."""
        if self.known is not None:
            self.known.listening = listening
            sensor = self.known.plan.sensor
            self._rows.reports.append(SensorState(now_ns, now_ns, sensor, listening, words))

    def _remember_task(self, task_id: str, status: str) -> None:
        if self.known is not None:
            self.known.tasks.pop(task_id, None)
            self.known.tasks[task_id] = status
            while len(self.known.tasks) > TASKS_KEPT:
                del self.known.tasks[next(iter(self.known.tasks))]

    def _outcome(self, now_ns: int) -> Outcome:
        rows, self._rows = self._rows, Rows()
        outcome = Outcome(
            rows.decoded(now_ns),
            b"".join(self._replies),
            self._close,
            tuple(self._told),
            tuple(rows.origins),
        )
        self._replies, self._told = [], []
        return outcome
