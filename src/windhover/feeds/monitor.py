"""A Wi-Fi interface of this machine in monitor mode (Linux): every management frame that it hears.

The interface is put into monitor mode by the system (`iw dev wlan1 set type monitor`), and the process needs the
right to read raw frames (CAP_NET_RAW). Remote ID goes out in beacons and action frames (ASTM F3411-22a §5.4.6); what
people send each other goes in data frames, and those the kernel keeps to itself: they never reach this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import socket
from collections.abc import AsyncIterator
from struct import pack
from typing import Final

from windhover.detections import pcap
from windhover.feeds.room import make_roomy

EVERY_PROTOCOL: Final = 0x0003
AT_ONCE: Final = 256
FRAME_MOST: Final = 65_536
LINKS: Final[dict[int, int]] = {801: pcap.IEEE802_11, 803: pcap.RADIOTAP}
"""Kind of hardware that Linux names (ARPHRD_…) → link type of its frames."""


_SO_ATTACH_FILTER: Final = 26
_TYPE_BITS: Final = 0x0C
"""Of a frame's first octet; none of them is set in a management frame (IEEE 802.11-2020 §9.2.4.1.3)."""
_MANAGEMENT: Final = (  # code, jump if true, jump if false, operand: classic BPF, linux/filter.h
    (0x45, 1, 0, _TYPE_BITS),  # any type bit set?
    (0x06, 0, 0, 0xFFFF_FFFF),  # no: the whole frame
    (0x06, 0, 0, 0),  # yes: nothing of it
)
FILTERS: Final = {
    pcap.IEEE802_11: ((0x30, 0, 0, 0), *_MANAGEMENT),  # A = first octet
    pcap.RADIOTAP: (  # the header before the frame says its own length, low octet first
        (0x30, 0, 0, 3),  # A = high octet
        (0x64, 0, 0, 8),  # A <<= 8
        (0x07, 0, 0, 0),  # X = A
        (0x30, 0, 0, 2),  # A = low octet
        (0x4C, 0, 0, 0),  # A |= X
        (0x07, 0, 0, 0),  # X = A
        (0x50, 0, 0, 0),  # A = the octet at X
        *_MANAGEMENT,
    ),
}
"""What the kernel runs on each frame before it lets us have it; a frame too short for it is not let through."""


def open_interface(name: str) -> tuple[socket.socket, int]:
    """A socket that hears every management frame of an interface, and their link type.

    Raises `OSError` where there is none of the name, the right is missing, or it is not in monitor mode.
    """
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # protocol 0: deaf until it is bound
    try:
        sock.setblocking(False)
        make_roomy(sock)
        sock.bind((name, 0))
        link = LINKS.get(sock.getsockname()[3])
        if link is None:
            raise OSError(f"the interface {name} is not in monitor mode")
        _attach(sock, FILTERS[link])
        sock.bind((name, EVERY_PROTOCOL))
    except BaseException:
        sock.close()
        raise
    return sock, link


def _attach(sock: socket.socket, program: tuple[tuple[int, int, int, int], ...]) -> None:
    steps = ctypes.create_string_buffer(b"".join(pack("=HBBI", *step) for step in program))
    # struct sock_fprog: how many, and where; the kernel copies them at once.
    sock.setsockopt(
        socket.SOL_SOCKET, _SO_ATTACH_FILTER, pack("@HP", len(program), ctypes.addressof(steps))
    )


async def frames(sock: socket.socket) -> AsyncIterator[list[bytes]]:
    """What came since the last look, at most `AT_ONCE` frames; ends with an `OSError` when the interface goes."""
    loop = asyncio.get_running_loop()
    while True:
        heard = [await loop.sock_recv(sock, FRAME_MOST)]
        with contextlib.suppress(BlockingIOError):
            while len(heard) < AT_ONCE:
                heard.append(sock.recv(FRAME_MOST))
        yield heard
