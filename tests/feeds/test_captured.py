"""Captures that go on: over a line in any pieces, and off an interface of this machine."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.test_captures import block
from tests.detections.test_remote_id import BASIC, LOCATION, PACK, beacon, bluetooth
from tests.feeds.test_live import until, with_feed
from windhover.detections import pcap, rid_frames
from windhover.feeds import captured, monitor
from windhover.feeds.hub import Hub
from windhover.feeds.live import Feed
from windhover.feeds.settings import FeedSettings
from windhover.feeds.streams import STREAMS
from windhover.schema.place import Vertical

SENSOR = make_sensor("remote_id", "rid")
AT = [RECEIVED_NS - k * 10**9 for k in (3, 2, 1)]
ANOTHER = PACK.replace(b"1ABC0000000000001", b"1XYZ0000000000002")
FRAMES = [(251, bluetooth(BASIC)), (251, bluetooth(LOCATION)), (127, beacon(ANOTHER))]


def classic() -> bytes:
    """One link type: the two single messages, of which the first alone says nothing of a place."""
    records = [captured.record(data, at) for (_, data), at in zip(FRAMES[:2], AT, strict=False)]
    return captured.header(251) + b"".join(records)


def blocks() -> bytes:
    out = block("<", 0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    for link in (251, 127):
        out += block("<", 1, struct.pack("<HHI", link, 0, 0))
    for (link, data), at_ns in zip(FRAMES, AT, strict=True):
        units = at_ns // 1000
        head = (0 if link == 251 else 1, units >> 32, units & 0xFFFFFFFF, len(data), len(data))
        out += block("<", 6, struct.pack("<IIIII", *head) + data)
    return out


@pytest.mark.parametrize("whole", [classic(), blocks()], ids=["pcap", "pcapng"])
@given(data=st.data())
def test_any_pieces_give_what_the_whole_gives(whole: bytes, data: st.DataObject) -> None:
    stream = STREAMS["remote_id_pcap"](0, SENSOR, Vertical())
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    rows, claims = 0, set()
    for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        decoded = stream.feed(whole[a:b], RECEIVED_NS)
        assert not decoded.rejected
        rows += decoded.detections.n
        claims |= set(decoded.detections.claimed_id.tolist())
    expected = rid_frames.decode(whole, RECEIVED_NS, 0, SENSOR, Vertical())
    assert rows == expected.detections.n > 0
    assert claims == set(expected.detections.claimed_id.tolist())
    assert 0 not in claims


@pytest.mark.parametrize(
    "payload",
    [
        b"GET / HTTP/1.1\r\n\r\n" + bytes(40),
        captured.header(127) + struct.pack("<IIII", 1, 2, 1 << 30, 1 << 30),
        blocks()[:60] + b"\x06\0\0\0\xff\xff\xff\x7f" + bytes(40),
    ],
)
def test_what_cannot_be_followed_is_counted_and_does_not_grow(payload: bytes) -> None:
    stream = captured.CaptureStream(0, SENSOR, Vertical())
    for _ in range(100):
        said = stream.feed(payload, RECEIVED_NS).rejected
    assert said == {"capture that cannot be followed": 1}
    assert stream.rest == stream.head == b""


def made(hub: Hub, **basis: str) -> Feed:
    settings = FeedSettings("air", "remote_id_pcap", "interface", "lo", "rid", **basis)  # type: ignore[arg-type]
    return Feed(settings, 0, SENSOR, Vertical(), hub, clock=lambda: RECEIVED_NS, back_off_s=(0.01,))


def raw_socket() -> socket.socket:
    try:
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sock.bind(("lo", 0))
    except (OSError, AttributeError):
        pytest.skip("this process may not send raw frames")
    return sock


def test_frames_of_an_interface_become_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback interface stands for one in monitor mode; what goes over it are radiotap frames."""
    monkeypatch.setitem(monitor.LINKS, 772, pcap.RADIOTAP)
    sock, hub = raw_socket(), Hub()
    named = {"legal_basis": "consent of the owner", "basis_recorded_by": "Ana Ruiz"}

    async def session() -> None:
        async def heard() -> None:
            await until(lambda: hub.health["air"].state == "up")
            sock.send(beacon(PACK))
            await until(lambda: hub.health["air"].detections >= 1)

        await with_feed(made(hub, **named), heard)

    with sock:
        asyncio.run(session())
    (arrival, *_) = hub.take()
    assert arrival.decoded.detections.claimed_id[0] != 0


def test_an_interface_that_is_no_monitor_and_one_without_a_basis() -> None:
    raw_socket().close()
    hub = Hub()
    asyncio.run(made(hub).run())
    assert hub.health["air"].words.startswith("off: it captures signalling")
    with pytest.raises(OSError, match="not in monitor mode"):
        monitor.open_interface("lo")
    with pytest.raises(OSError):
        monitor.open_interface("no such")
