"""UDP, unicast and multicast: each datagram is one payload."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
from collections.abc import Callable

from windhover.feeds.room import make_roomy


class _Listener(asyncio.DatagramProtocol):
    def __init__(self, arrived: Callable[[bytes], None]) -> None:
        self.arrived = arrived

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.arrived(data)


async def listen(
    host: str, port: int, arrived: Callable[[bytes], None]
) -> asyncio.DatagramTransport:
    """Call `arrived` with every datagram to host:port; a multicast group is joined on all interfaces.

    Raises `OSError` where the port is taken or the group cannot be joined.
    """
    address = ipaddress.ip_address(socket.gethostbyname(host))
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        make_roomy(sock)
        if address.is_multicast:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("", port))
            member = struct.pack("4s4s", address.packed, b"\0\0\0\0")
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        else:
            sock.bind((str(address), port))
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Listener(arrived), sock=sock)
    except BaseException:
        sock.close()
        raise
    return transport
