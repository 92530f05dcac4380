"""A Wi-Fi interface of this machine in monitor mode (Linux): every frame that it hears.

The interface is put into monitor mode by the system (`iw dev wlan1 set type monitor`), and the process needs the
right to read raw frames (CAP_NET_RAW).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Final

from windhover.detections import pcap

EVERY_PROTOCOL: Final = 0x0003
AT_ONCE: Final = 256
FRAME_MOST: Final = 65_536
LINKS: Final[dict[int, int]] = {801: pcap.IEEE802_11, 803: pcap.RADIOTAP}
"""Kind of hardware that Linux names (ARPHRD_…) → link type of its frames."""


def open_interface(name: str) -> tuple[socket.socket, int]:
    """A socket that hears every frame of an interface, and their link type.

    Raises `OSError` where there is none of the name, the right is missing, or it is not in monitor mode.
    """
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
    try:
        sock.setblocking(False)
        sock.bind((name, EVERY_PROTOCOL))
        link = LINKS.get(sock.getsockname()[3])
        if link is None:
            raise OSError(f"the interface {name} is not in monitor mode")
    except BaseException:
        sock.close()
        raise
    return sock, link


async def frames(sock: socket.socket) -> AsyncIterator[list[bytes]]:
    """What came since the last look, at most `AT_ONCE` frames; ends with an `OSError` when the interface goes."""
    loop = asyncio.get_running_loop()
    while True:
        heard = [await loop.sock_recv(sock, FRAME_MOST)]
        with contextlib.suppress(BlockingIOError):
            while len(heard) < AT_ONCE:
                heard.append(sock.recv(FRAME_MOST))
        yield heard
