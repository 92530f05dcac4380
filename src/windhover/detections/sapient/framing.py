"""SAPIENT's framing: four octets of length, little-endian, then one protobuf message.

Source: SAPIENT Interface Control Document v7, 2.1.2, kept by BSI Flex 335 v2. There is nothing to find
the next message by after a wrong length, so a frame that cannot be meant ends the connection.
"""

from __future__ import annotations

from typing import Final

HEADER: Final = 4
MAX_MESSAGE: Final = 1 << 20
"""No message of the standard comes near; a length above is a fault or an attack."""


class Framer:
    """Bytes as they come → whole messages. Never holds more than one message and one header."""

    def __init__(self, max_message: int = MAX_MESSAGE) -> None:
        self.max_message = max_message
        self.rest = b""
        self.fault = ""  # once set, nothing that follows can be read
        self.refused = b""  # the header that it speaks of

    def feed(self, payload: bytes) -> list[bytes]:
        """The messages that are now whole, in order. An empty frame is a message without content."""
        if self.fault:
            return []
        buffer = self.rest + payload if self.rest else payload
        messages: list[bytes] = []
        at, end = 0, len(buffer)
        while end - at >= HEADER:
            length = int.from_bytes(buffer[at : at + HEADER], "little")
            if length > self.max_message:
                self.fault = f"a frame of {length} octets is announced; {self.max_message} are read"
                self.rest, self.refused = b"", bytes(buffer[at : at + HEADER])
                return messages
            if end - at - HEADER < length:
                break
            messages.append(bytes(buffer[at + HEADER : at + HEADER + length]))
            at += HEADER + length
        self.rest = bytes(buffer[at:])
        return messages

    @property
    def waiting(self) -> bool:
        """Whether half a message is held: the other half must come in time."""
        return bool(self.rest)


def frame(payload: bytes) -> bytes:
    """One message with its length before it."""
    return len(payload).to_bytes(HEADER, "little") + payload
