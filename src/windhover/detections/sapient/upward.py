"""Our own side as a node: a line to somebody else's fusion, without the socket.

We register, wait for the acknowledgement, send status and rounds of detections, and answer tasks. A task
from above passes the same allow-list as one from here; what we cannot do ourselves is refused with a
reason, never handed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from windhover.detections.sapient import answers, check, compose, tasks, wire
from windhover.detections.sapient.compose import Shown, Thing, UpwardSettings, Warned
from windhover.detections.sapient.framing import Framer, frame
from windhover.detections.sapient.outcome import Told
from windhover.detections.sapient.wire import Message
from windhover.units import NS_PER_S

ANSWER_WITHIN_S: Final = 10.0
"""An acknowledgement that takes longer is taken for lost, and the line is made anew."""
CLOCK_BACK_NS: Final = NS_PER_S
PERIODS_S: Final = {1: 5.0, 2: 2.0, 3: 1.0}
"""DETECTION_REPORT_RATE low, medium, high → seconds between rounds."""
EXISTENCE: Final = {1: 0.5, 2: 0.8, 3: 0.95}
"""DETECTION_THRESHOLD low, medium, high → existence that a track needs to be told."""
CLASS_FLOOR: Final = {1: 0.0, 2: 0.3, 3: 0.6}
"""CLASSIFICATION_THRESHOLD low, medium, high → probability that a class needs to be told."""
OF_SENSORS: Final = frozenset(("registration", "status_report", "detection_report", "alert"))
"""What a middleware that has us for a peer passes on of its sensors: the feed reads it, not we."""
_START, _ACCEPTED, _REJECTED = 1, 1, 2


class Up(NamedTuple):
    """What one call did."""

    send: bytes = b""
    close: str = ""
    told: tuple[Told, ...] = ()


class Upward:
    """One connection to a parent."""

    def __init__(self, settings: UpwardSettings, warned: dict[str, Warned] | None = None) -> None:
        """`warned`: what an earlier line has told of incidents, which this one goes on from."""
        self.settings = settings
        self.framer = Framer()
        self.registered = False
        self.parent_id = ""
        self.period_s = settings.period_s
        self.existence = 0.0
        self.class_floor = 0.0
        self.sent = 0
        self._asked_ns = self._status_ns = self._round_ns = 0
        self._news = True
        self._last: dict[int, Message] = {}
        self.warned: dict[str, Warned] = dict(warned or {})
        self._warn_again = True  # whoever has just registered is told of all that is open

    def start(self, now_ns: int) -> Up:
        """The first thing on a new line: our registration."""
        self._asked_ns, self.registered, self._news = now_ns, False, True
        return Up(self._out(compose.registration(self.settings, now_ns)))

    def receive(self, payload: bytes, now_ns: int) -> Up:
        """Whatever the parent sent."""
        send, close = b"", ""
        told: tuple[Told, ...] = ()
        for raw in self.framer.feed(payload):
            one = self._message(raw, now_ns)
            send += one.send
            told += one.told
            close = close or one.close
        return Up(send, close or self.framer.fault, told)

    def tick(self, now_ns: int, shown: Shown | Sequence[Thing] | None = None) -> Up:
        """What is due: status, and a round of detections where a picture is given."""
        if not self.registered:
            late = now_ns - self._asked_ns > ANSWER_WITHIN_S * NS_PER_S
            return Up(close="the parent does not acknowledge our registration" if late else "")
        if now_ns < max(self._status_ns, self._round_ns) - CLOCK_BACK_NS:
            # A strict parent refuses what is earlier than what it had; on a new line it begins anew.
            return Up(close="this machine's clock was set back")
        send = b""
        # A little early: a parent that counts exactly must never find us late.
        if now_ns - self._status_ns >= 0.9 * self.settings.status_interval_s * NS_PER_S:
            send += self._status(now_ns)
        if shown is not None and now_ns - self._round_ns >= self.period_s * NS_PER_S:
            send += self._round(shown, now_ns)
        return Up(send)

    def goodbye(self, now_ns: int) -> Up:
        """The last thing on a line that we close ourselves."""
        if not self.registered:
            return Up()
        return Up(self._out(compose.status(self.settings, now_ns, False, goodbye=True)))

    def warn(self, standing: Sequence[Warned], now_ns: int) -> Up:
        """An `Alert` for each incident that is new or more urgent than it was told, and for each that is over.

        One that becomes less urgent is not told again: what flaps would ring each time.
        """
        if not self.registered:
            return Up()
        told, now = [], {one.id: one for one in standing}
        for one in standing:
            before = self.warned.get(one.id)
            known = before is not None and one.exposure <= before.exposure
            if before is not None and known:
                now[one.id] = one._replace(exposure=before.exposure)
            if not known or self._warn_again:
                told.append(compose.alert(self.settings, now[one.id], now_ns))
        over = [one for one in self.warned.values() if one.id not in now]
        told += [compose.alert(self.settings, one, now_ns, over=True) for one in over]
        self.warned, self._warn_again = now, False
        return Up(b"".join(map(self._out, told)))

    def _round(self, shown: Shown | Sequence[Thing], now_ns: int) -> bytes:
        """All tracks at one time: a strict parent wants 80 ms between two times, and allows equal ones."""
        self._round_ns = now_ns
        told = compose.things(shown) if isinstance(shown, Shown) else shown
        now = {
            thing.track_id: compose.detection(self.settings, thing, now_ns, self.class_floor, order)
            for order, thing in enumerate(told)
            if thing.existence >= self.existence
        }
        gone = [one for track, one in self._last.items() if track not in now]
        self._last = now
        self.sent += len(now)
        return b"".join(
            [self._out(one) for one in now.values()]
            + [
                self._out(compose.lost(self.settings, one, now_ns, order))
                for order, one in enumerate(gone, len(told))
            ]
        )

    def _message(self, raw: bytes, now_ns: int) -> Up:
        message = wire.parse(raw)
        if message is None:
            return self._error(raw, ["packet: is no SapientMessage"], now_ns)
        content = message.WhichOneof("content")
        if content in OF_SENSORS:
            return Up()
        wrong = check.faults(message, check.Tolerances())
        if wrong and content != "error":
            return self._error(raw, [str(fault) for fault in wrong], now_ns)
        if (
            message.destination_id
            and message.destination_id.lower() != self.settings.node_id.lower()
        ):
            return Up(told=(self._told("fault", "a message for somebody else came here"),))
        if content == "registration_ack":
            return self._acknowledged(message, now_ns)
        if content == "task":
            return self._task(message, now_ns)
        if content == "error":
            said = "; ".join(message.error.error_message)[:200]
            return Up(told=(self._told("fault", f"the parent answers: {said}"),))
        return Up()

    def _acknowledged(self, message: Message, now_ns: int) -> Up:
        self.parent_id = message.node_id
        if not message.registration_ack.acceptance:
            reasons = "; ".join(message.registration_ack.ack_response_reason)[:200]
            self.registered = False
            words = f"the parent refuses our registration: {reasons or 'no reason told'}"
            return Up(close=words, told=(self._told("refused", words),))
        self.registered = True
        return Up(self._status(now_ns), told=(self._told("registered", "with the parent"),))

    def _task(self, message: Message, now_ns: int) -> Up:
        """Accept what we can do and may; refuse everything else in words."""
        task = message.task
        reason = tasks.command_refusal(task)
        send, which = b"", ""
        if not reason and task.control != _START:
            reason = "nothing of ours runs that could be stopped or paused"
        if not reason:
            which = task.command.WhichOneof("command")
            value = getattr(task.command, which)
            if which == "request":
                send, reason = self._request(value.strip().lower(), now_ns)
            elif which == "look_at":
                reason = "where a sensor looks is decided by the people here"
            elif value not in PERIODS_S:
                reason = f"{which} wants low, medium or high"
            elif which == "detection_report_rate":
                self.period_s = PERIODS_S[value]
            elif which == "detection_threshold":
                self.existence = EXISTENCE[value]
            else:
                self.class_floor = CLASS_FLOOR[value]
        # Without an address it reaches whoever asked, through any middleware: one that has us for a peer
        # knows only its sensors by address, and refuses what is for its parent.
        answer = compose.envelope(self.settings, now_ns)
        answer.task_ack.task_id = task.task_id
        answer.task_ack.task_status = _REJECTED if reason else _ACCEPTED
        if reason:
            answer.task_ack.reason.append(reason)
        words = f"task refused: {reason}" if reason else f"task taken: {which}"
        return Up(self._out(answer) + send, told=(self._told("task", words),))

    def _request(self, words: str, now_ns: int) -> tuple[bytes, str]:
        if words == "registration":
            # Who registers anew has told nothing yet: the next status is news again.
            self.registered, self._asked_ns, self._news = False, now_ns, True
            self._warn_again = True
            return self._out(compose.registration(self.settings, now_ns)), ""
        if words in ("status", "heartbeat"):
            return self._status(now_ns), ""
        return b"", "we have no camera to take a picture with"

    def _status(self, now_ns: int) -> bytes:
        self._status_ns, first = now_ns, self._news
        self._news = False
        return self._out(compose.status(self.settings, now_ns, first))

    def _error(self, raw: bytes, words: list[str], now_ns: int) -> Up:
        answer = compose.envelope(self.settings, now_ns)
        answer.error.packet = answers.packet(raw)
        answer.error.error_message.extend(words)
        return Up(self._out(answer), told=(self._told("fault", words[0][:200]),))

    def _told(self, what: str, words: str) -> Told:
        return Told(what, self.parent_id, words)  # type: ignore[arg-type]  # one of `Happened`

    def _out(self, message: Message) -> bytes:
        return frame(wire.packed(message))
