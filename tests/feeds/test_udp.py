"""Datagrams to a group: on every interface, also those that come later; and of no other group."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.feeds.test_live import until
from windhover.feeds import udp

GROUP, OTHER = "239.255.77.1", "239.255.77.2"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("", 0))
        port: int = free.getsockname()[1]
        return port


def send(payload: bytes, group: str, port: int, interface: str = "lo") -> None:
    """Out by one interface, and back to whoever has joined on it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        index = socket.if_nametoindex(interface)
        by = struct.pack("=4s4si", bytes(4), bytes(4), index)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, by)
        sock.sendto(payload, (group, port))


@contextmanager
def another_interface(name: str) -> Iterator[None]:
    def ip(*words: str) -> None:
        done = subprocess.run(["ip", *words], check=False, capture_output=True)
        if done.returncode:
            pytest.skip(f"this process may not make interfaces: {done.stderr.decode()}")

    ip("link", "add", name, "type", "veth", "peer", "name", name + "p")
    try:
        ip("addr", "add", "198.51.100.1/24", "dev", name)
        ip("link", "set", name, "up")
        ip("link", "set", name + "p", "up")
        yield
    finally:
        subprocess.run(["ip", "link", "del", name], check=False, capture_output=True)


def test_a_group_is_heard_and_no_other() -> None:
    port, heard, heard_of_other = free_port(), list[bytes](), list[bytes]()

    async def main() -> None:
        ours = await udp.listen(GROUP, port, heard.append)
        other = await udp.listen(OTHER, port, heard_of_other.append)
        send(b"theirs", OTHER, port)
        send(b"ours", GROUP, port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"to this machine alone", ("127.0.0.1", port))
        await until(lambda: bool(heard and heard_of_other))
        await asyncio.sleep(0.05)
        ours.close()
        other.close()

    asyncio.run(main())
    assert (heard, heard_of_other) == ([b"ours"], [b"theirs"])


def test_interfaces_beside_the_first_are_heard_also_when_they_come_later_or_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(udp, "JOIN_S", 0.02)
    port, heard, name = free_port(), list[bytes](), f"lan{os.getpid() % 100_000}"

    async def main() -> None:
        with another_interface(name):
            transport = await udp.listen(GROUP, port, heard.append)
            send(b"at once", GROUP, port, name)
            await until(lambda: b"at once" in heard)
        joining = asyncio.create_task(udp.stay_joined(transport.get_extra_info("socket")))
        with another_interface(name):

            def again() -> bool:
                send(b"again", GROUP, port, name)
                return b"again" in heard

            await until(again)
        joining.cancel()
        transport.close()

    asyncio.run(main())


def test_a_group_that_no_interface_joins_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "if_nameindex", lambda: [])
    with pytest.raises(
        OSError, match=r"no interface of this machine joins the group 239\.255\.77\.1"
    ):
        asyncio.run(udp.listen(GROUP, free_port(), lambda _: None))
