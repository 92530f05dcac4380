"""Sockets for datagrams that go out."""

from __future__ import annotations

import ipaddress
import socket

from windhover.errors import BadSite


def udp_socket(host: str, multicast_ttl: int = 1) -> socket.socket:
    """A socket that never waits. Raises `BadSite` where the address is none."""
    try:
        group = ipaddress.ip_address(host)
    except ValueError:
        raise BadSite(f"{host!r} is no IP address.", "Write it as 239.2.3.1.") from None
    made = socket.socket(
        socket.AF_INET6 if group.version == 6 else socket.AF_INET, socket.SOCK_DGRAM
    )
    made.setblocking(False)
    if group.is_multicast and group.version == 4:
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, multicast_ttl)
    return made
