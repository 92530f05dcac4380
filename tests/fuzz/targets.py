"""What is fuzzed: a name, good examples to begin with, and a function that raises on a broken promise.

Used three ways: by `soak` under atheris with millions of inputs, by `test_corpus` with what those runs
found worth keeping, and by anybody with a file in hand (`python -m tests.fuzz.one NAME FILE`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.detections.conftest import RECEIVED_NS, make_sensor
from tests.detections.test_fuzz import SEEDS, promises
from windhover.detections import DECODERS, odid, pcap, udp
from windhover.detections.sapient import Session
from windhover.detections.sapient.registry import Known
from windhover.detections.sapient.tasks import NodeKind
from windhover.detections.sapient.upward import Upward
from windhover.errors import BadInput
from windhover.feeds.captured import header, record
from windhover.feeds.files import read_payload
from windhover.feeds.streams import STREAMS
from windhover.schema.place import Vertical

CORPUS = Path(__file__).parent / "corpus"
SENSOR = make_sensor()
# Two receptions 50 s apart and whole-batch decoding make every stateful path reachable.
LATER_NS = RECEIVED_NS + 50_000_000_000


class Target(NamedTuple):
    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def _decoder(name: str) -> Callable[[bytes], None]:
    decoder = DECODERS[name]

    def run(payload: bytes) -> None:
        promises(decoder(payload, RECEIVED_NS, 0, SENSOR, Vertical(undulation_m=-25.0)))

    return run


def _stream(name: str) -> Callable[[bytes], None]:
    """The same bytes in two cuts: what a connection remembers must survive anything."""

    def run(payload: bytes) -> None:
        stream = STREAMS[name](0, SENSOR, Vertical())
        cut = payload[0] if payload else 0
        for at_ns, part in ((RECEIVED_NS, payload[1 : 1 + cut]), (LATER_NS, payload[1 + cut :])):
            promises(stream.feed(part, at_ns), at_ns)

    return run


def _file(payload: bytes) -> None:
    try:
        recording = read_payload(payload, "f")
    except BadInput as fault:
        assert "\n" not in str(fault), "more than one line"
    else:
        for batch in recording.batches:
            promises(batch, 2**62)


def _odid(payload: bytes) -> None:
    odid.decode_any(payload)


def _packets(payload: bytes) -> None:
    try:
        found, _ = pcap.packets(payload)
    except BadInput:
        return
    udp.datagrams(found)


def _sapient(payload: bytes) -> None:
    """On a line whose node has registered, and on a fresh one."""
    from tests.detections.sapient.nodes import NODE, PLAN, registry

    held = registry()
    known = held.enter(Known(NODE, PLAN))
    known.interval_s, known.kind = 5.0, NodeKind((2,), "", ())
    known.connected, known.closed_ns = False, RECEIVED_NS
    for line in (Session(held, RECEIVED_NS), Session(registry(), RECEIVED_NS)):
        outcome = line.receive(payload, RECEIVED_NS)
        promises(outcome.decoded)
        assert len(outcome.origins) == outcome.decoded.detections.n
        assert len(outcome.replies) <= 1 << 21, "an answer that is too long"
        promises(line.tick(LATER_NS).decoded, LATER_NS)


def _upward(payload: bytes) -> None:
    from tests.detections.sapient.test_upward import SETTINGS

    line = Upward(SETTINGS)
    line.start(RECEIVED_NS)
    line.receive(payload, RECEIVED_NS)
    line.tick(LATER_NS)


def captures() -> tuple[bytes, ...]:
    """One frame of Remote ID over each carrier, each in a capture of its link type."""
    from tests.detections.test_captures import hci_report, service
    from tests.detections.test_remote_id import BASIC, PACK, beacon, bluetooth, extended, nan_frame

    frames = (
        (pcap.RADIOTAP, beacon(PACK)),
        (pcap.IEEE802_11, nan_frame(PACK)),
        (pcap.BLE_LL, bluetooth(BASIC)),
        (pcap.BLE_LL, extended(PACK)),
        (pcap.BLUETOOTH_HCI, b"\x04" + hci_report(service(PACK), extended=True)),
        (pcap.BLUETOOTH_HCI, b"\x04" + hci_report(service(BASIC), extended=False)),
    )
    return tuple(header(link) + record(data, RECEIVED_NS) for link, data in frames)


@cache
def targets() -> dict[str, Target]:
    """Every target by name; a decoder that joins the table of decoders is fuzzed without another word."""
    from tests.detections.sapient.nodes import framed
    from tests.detections.sapient.test_check import MESSAGES
    from tests.feeds.test_gpx_kml import GPX, KML, kmz
    from tests.feeds.test_hostile_files import SEEDS as FILES

    made = {f"decode {name}": Target(_decoder(name), (SEEDS[name],)) for name in sorted(DECODERS)}
    for name in sorted(STREAMS):
        made[f"stream {name}"] = Target(_stream(name), (b"\x40" + SEEDS[name] * 2,))
    air = captures()
    made["decode remote_id_pcap"] = Target(_decoder("remote_id_pcap"), air)
    made["stream remote_id_pcap"] = Target(
        _stream("remote_id_pcap"), tuple(b"\x40" + one for one in air)
    )
    node = tuple(framed(one) for one in MESSAGES.values())
    made["sapient node"] = Target(_sapient, (*node, b"".join(node)))
    made["sapient parent"] = Target(_upward, node)
    made["open drone id"] = Target(_odid, (b"\x12" + bytes(24), b"\xf2\x19\x01" + bytes(25)))
    made["packets"] = Target(_packets, (SEEDS["remote_id_pcap"],))
    files = (*SEEDS.values(), *FILES.values(), GPX, KML, kmz(("doc.kml", KML)))
    made["any file"] = Target(_file, files)
    made["gpx"] = Target(_file, (GPX,))
    made["kml"] = Target(_file, (KML,))
    return made


def corpus(name: str) -> list[bytes]:
    """What earlier runs found worth keeping: one input a line, in hexadecimal."""
    path = CORPUS / f"{name.replace(' ', '_')}.hex"
    if not path.exists():
        return []
    return [bytes.fromhex(line) for line in path.read_text().split("\n") if line]
