"""Cursor on Target from a TAK server's stream or a network's datagrams, for the table of streams.

What a connection must remember is only the half event at its end; everything else is in
`detections/`.
"""

from __future__ import annotations

from collections import Counter

from windhover.detections.cot import to_decoded
from windhover.detections.cot_event import split
from windhover.detections.decoded import Decoded
from windhover.schema.place import Sensor, Vertical


class CotStream:
    """TAK XML documents and protobuf frames, mixed as the server sends them."""

    def __init__(self, sensor: int, sensor_info: Sensor, vertical: Vertical) -> None:
        self.sensor, self.sensor_info, self.vertical = sensor, sensor_info, vertical
        self.rest = b""

    def feed(self, payload: bytes, received_ns: int) -> Decoded:
        """The whole events so far → rows and claims; never raises, never keeps more than 256 KiB."""
        rejected: Counter[str] = Counter()
        events, self.rest = split(self.rest + payload, rejected)
        return to_decoded(
            events, received_ns, self.sensor, self.sensor_info, self.vertical, rejected
        )
