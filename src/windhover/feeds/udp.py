"""UDP, unicast and multicast: each datagram is one payload.

A group is joined on every interface: radars have a network of their own, and the system's own choice is the one
interface that leads to the rest of the world. The socket is bound to the group itself, because on Linux one that
is bound to a port alone hears every group that any program of the machine has joined (ip(7), IP_MULTICAST_ALL).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
from collections.abc import Callable
from typing import Final

from windhover.feeds.room import make_roomy

JOIN_S: Final = 5.0
"""How often interfaces are looked for that have come since."""


class _Listener(asyncio.DatagramProtocol):
    def __init__(self, arrived: Callable[[bytes], None]) -> None:
        self.arrived = arrived

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.arrived(data)


async def listen(
    host: str, port: int, arrived: Callable[[bytes], None]
) -> asyncio.DatagramTransport:
    """Call `arrived` with every datagram to host:port; `stay_joined` then keeps a group joined.

    Raises `OSError` where the port is taken or no interface joins the group.
    """
    address = ipaddress.IPv4Address(socket.gethostbyname(host))
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        make_roomy(sock)
        if address.is_multicast:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((str(address), port))
        if address.is_multicast and not join(sock, address):
            raise OSError(f"no interface of this machine joins the group {address}")
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Listener(arrived), sock=sock)
    except BaseException:
        sock.close()
        raise
    return transport


async def stay_joined(sock: socket.socket) -> None:
    """Join the group that a socket is bound to on interfaces that come later, or come again. Never returns."""
    address = ipaddress.IPv4Address(sock.getsockname()[0])
    while True:
        await asyncio.sleep(JOIN_S)
        if address.is_multicast:
            join(sock, address)


def join(sock: socket.socket, group: ipaddress.IPv4Address) -> int:
    """On how many more interfaces a group is joined now. One that is joined, or cannot be, is passed over."""
    joined = 0
    for index, _ in socket.if_nameindex():
        member = struct.pack("=4s4si", group.packed, bytes(4), index)  # struct ip_mreqn
        try:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        except OSError:
            continue
        joined += 1
    return joined
