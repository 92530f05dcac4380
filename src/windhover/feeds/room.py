"""How much the kernel keeps for a socket of ours while we are busy, and how much it has let go.

A datagram has no sender that waits: what comes while the loop is at something else lies in the socket's buffer, and
what does not fit there is gone before anybody could count it but the kernel. So the buffer is made roomy, and the
kernel is asked (Linux, `sock_diag`(7): SO_MEMINFO, SK_MEMINFO_DROPS).
"""

from __future__ import annotations

import contextlib
import socket
from struct import unpack
from typing import Final

ROOM: Final = 8 << 20
"""Octets asked for; the kernel gives up to `net.core.rmem_max`, and more only to an administrator."""
_SO_RCVBUFFORCE: Final = 33
_SO_MEMINFO: Final = 55
_MEMINFO: Final = "=9I"  # the last of which counts what was let go
_MEMINFO_OCTETS: Final = 36


def make_roomy(sock: socket.socket) -> None:
    """As large a buffer as this process may have."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, ROOM)
    except OSError:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)


def let_go(sock: socket.socket) -> int:
    """Datagrams or frames that found no room since the socket was opened; 0 where the system does not tell."""
    try:
        told = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO_OCTETS)
    except OSError:
        return 0
    return int(unpack(_MEMINFO, told)[-1]) if len(told) == _MEMINFO_OCTETS else 0
