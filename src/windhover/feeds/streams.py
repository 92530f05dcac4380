"""Byte streams → decoded batches: what a connection must remember from one read to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final, Protocol

from windhover.detections import adsb, beast, dronescout, plots, readsb, sbs
from windhover.detections.decoded import Decoded, Decoder, count, nothing
from windhover.feeds.captured import CaptureStream
from windhover.feeds.cot import CotStream
from windhover.schema.place import Sensor, Vertical

MAX_LINE: Final = 8 << 20
"""A line that does not end is dropped and counted; nothing may grow without bound."""


class Stream(Protocol):
    """Feed it bytes as they come."""

    def feed(self, payload: bytes, received_ns: int) -> Decoded: ...


class BeastStream:
    """Beast framing, with the last frames remembered so that halves of positions meet."""

    def __init__(self, sensor: int, sensor_info: Sensor, vertical: Vertical) -> None:
        self.sensor, self.sensor_info, self.vertical = sensor, sensor_info, vertical
        self.rest, self.memory = b"", adsb.Memory()

    def feed(self, payload: bytes, received_ns: int) -> Decoded:
        frames, self.rest, broken = beast.parse(self.rest + payload)
        decoded, self.memory = adsb.decode_frames(
            [frame.data.hex() for frame in frames],
            beast.times_ns(frames, received_ns),
            received_ns,
            self.sensor,
            self.sensor_info,
            self.vertical,
            self.memory,
            beast.multilaterated(frames),
        )
        rejected = Counter(decoded.rejected)
        count(rejected, "broken Beast frame", broken)
        return decoded._replace(rejected=dict(rejected))


class LineStream:
    """One message per line, by a stateless decoder."""

    def __init__(
        self, decoder: Decoder, sensor: int, sensor_info: Sensor, vertical: Vertical
    ) -> None:
        self.decoder = decoder
        self.sensor, self.sensor_info, self.vertical = sensor, sensor_info, vertical
        self.rest = b""

    def feed(self, payload: bytes, received_ns: int) -> Decoded:
        whole, newline, rest = (self.rest + payload).rpartition(b"\n")
        if len(rest) > MAX_LINE:
            self.rest = b""
            return nothing("line without end")
        self.rest = rest
        if not newline:
            return nothing()
        return self.decoder(whole, received_ns, self.sensor, self.sensor_info, self.vertical)


def _lines(decoder: Decoder) -> Callable[[int, Sensor, Vertical], Stream]:
    return lambda sensor, sensor_info, vertical: LineStream(decoder, sensor, sensor_info, vertical)


STREAMS: Final[dict[str, Callable[[int, Sensor, Vertical], Stream]]] = {
    "beast": BeastStream,
    "cot": CotStream,
    "sbs": _lines(sbs.decode),
    "plots": _lines(plots.decode),
    "aircraft_json": _lines(readsb.decode),
    "dronescout": _lines(dronescout.decode),
    "remote_id_pcap": CaptureStream,
}
"""Feed form → a fresh stream for one connection."""
