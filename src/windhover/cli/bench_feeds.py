"""`windhover bench feeds`: messages a second of each decoder and encoder, beside the library at hand.

Every line is one core's processor time on the same messages, the best of three. Ours counts everything up
to the rows and claims that the picture takes: framing, checks, units, error models, rejects. The library's
counts what it does: as a rule it parses, and leaves the rest to its user. Where a library is not
installed, or where there is none, the line says so. With a folder of recordings the real ones are read.
"""

from __future__ import annotations

import gc
import gzip
import importlib
import json as json_module
import time
from collections import Counter
from collections.abc import Callable
from math import radians
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from windhover.cli import bench_feeds_payloads as made
from windhover.deliver import aircraft_json, geojson
from windhover.deliver.asterix import AsterixOutput, AsterixSettings, groups
from windhover.deliver.cot_events import events_of, to_stream, to_xml
from windhover.detections import DECODERS, adsb, pcap, rid_frames, udp
from windhover.detections.asterix.encode import encode_block
from windhover.detections.asterix.records import records
from windhover.detections.asterix.rows import rows as asterix_rows
from windhover.errors import BadInput
from windhover.feeds.streams import BeastStream
from windhover.schema.place import Point, Sensor, Vertical

SENSOR = Sensor("north", "points", Point(radians(31.8), radians(-106.4)), 0.0, 0.0, 1e9, 1.0, 10.0, 0.01)  # fmt: skip
VERTICAL = Vertical(undulation_m=-24.0, qnh_hpa=1013.25)
LATEST_NS = 4_000_000_000 * 10**9


class Line(msgspec.Struct, frozen=True):
    """One decoder or encoder."""

    name: str
    messages: int
    per_s: float
    floor_per_s: float | None  # what the project promises of one core
    library: str
    library_per_s: float | None
    note: str = ""


def rate(n: int, work: Callable[[], object]) -> float:
    """Messages per second of processor time, the best of three."""
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        work()
        best = max(best, n / max(time.process_time() - began, 1e-9))
    return best


def decode(form: str, payload: bytes) -> Callable[[], object]:
    """The form's decoder on one payload."""

    def work() -> object:
        return DECODERS[form](payload, made.NOW_NS, 0, SENSOR, VERTICAL)

    return work


def module(name: str) -> Any:
    """A library if it is installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def libasterix(datagrams: list[bytes], edition: str) -> Callable[[], object] | None:
    """libasterix over the same datagrams: blocks, records, every item found."""
    base, generated = module("asterix.base"), module("asterix.generated")
    if base is None or generated is None:
        return None
    profile = getattr(generated, edition).cv_uap

    def work() -> None:
        for data in datagrams:
            for block in base.RawDatablock.parse(base.Bits.from_bytes(data)):
                profile.parse(block.get_raw_records())

    return work


def line(
    name: str, n: int, work: Callable[[], object], *, floor: float | None = None, library: str = "",
    peer: Callable[[], object] | None = None, peer_n: int | None = None, note: str = "",
) -> Line:  # fmt: skip
    """Measure ours and, where there is one, the library on its share of the same messages."""
    theirs = None if peer is None else rate(peer_n or n, peer)
    return Line(name, n, rate(n, work), floor, library, theirs, note)


def incoming(n: int) -> list[Line]:
    """Everything that comes in."""
    rs1090, takproto = module("rs1090"), module("takproto")
    frames, times = made.mode_s(n), made.mode_s_times(n)
    beast = made.beast_stream(frames)
    scouts = made.scout_lines(n)
    captured = made.remote_id_pcap(n)
    plots = made.asterix_plots(n)
    few = plots[: max(1, len(plots) // 20)]
    settings = AsterixSettings("bench", "Measured, not sent.", "127.0.0.1", 9, 1, 1)
    output = AsterixOutput(settings)
    tracks = [encode_block(62, g) for g in groups(output.records(made.objects(n))[0])]
    output.close()
    fewer = tracks[: max(1, len(tracks) // 20)]
    own = made.own_forces(n)
    xml, binary = [to_xml(e) for e in own], [to_stream(e) for e in own] if takproto else []
    snapshot = made.aircraft_json(n)

    def beast_stream() -> None:
        stream = BeastStream(0, SENSOR, VERTICAL)
        for at in range(0, len(beast), 1 << 16):
            stream.feed(beast[at : at + (1 << 16)], made.NOW_NS)

    def found(data: list[bytes]) -> Callable[[], object]:
        return lambda: [asterix_rows(d, made.NOW_NS, VERTICAL, Counter(), {}) for d in data]

    seconds = [t / 1e9 for t in times]
    lines = [
        line("Mode S frames", n, lambda: adsb.decode_frames(frames, times, None, 0, SENSOR, VERTICAL),
             floor=10_000, library="rs1090 alone",
             peer=None if rs1090 is None else lambda: rs1090.decode(frames, seconds)),
        line("Beast over TCP", n, beast_stream, floor=10_000, note="rs1090 reads no bytes of a stream"),
        line("SBS (BaseStation)", n, decode("sbs", made.sbs(n)), floor=10_000, note="no library"),
        line("aircraft.json", n, decode("aircraft_json", snapshot), floor=10_000,
             library="json alone", peer=lambda: json_module.loads(snapshot)),
        line("Remote ID, Wi-Fi beacon packs", 5 * n, decode("remote_id_pcap", captured),
             floor=50_000, note="no library; five messages a pack, checksums verified"),
        line("DroneScout", n, decode("dronescout", scouts), library="json alone",
             peer=lambda: [json_module.loads(one) for one in scouts.splitlines()]),
        line("ASTERIX CAT048", n, found(plots), floor=50_000, library="libasterix",
             peer=libasterix(few, "Cat_048_1_32"), peer_n=20 * len(few)),
        line("ASTERIX CAT062", n, found(tracks), floor=50_000, library="libasterix",
             peer=libasterix(fewer, "Cat_062_1_20"),
             peer_n=sum(len(asterix_rows(d, made.NOW_NS, VERTICAL, Counter(), {})) for d in fewer)),
        line("Cursor on Target, XML", n, decode("cot", b"".join(xml)), library="takproto alone",
             peer=None if takproto is None else lambda: [takproto.functions.xml2message(x) for x in xml]),
    ]  # fmt: skip
    if takproto is not None:
        lines.append(
            line("Cursor on Target, protobuf", n, decode("cot", b"".join(binary)), library="takproto alone",
                 peer=lambda: [takproto.parse_proto(bytearray(b)) for b in binary])
        )  # fmt: skip
    return lines + sapient(n)


def sapient(n: int) -> list[Line]:
    """SAPIENT, where its library is installed."""
    try:
        measure = importlib.import_module("windhover.feeds.speed_sapient").measure
    except ImportError:
        return []
    times = [measure(n, time.process_time) for _ in range(3)]
    ours, library = max(t.ours for t in times), max(t.library for t in times)
    return [Line("SAPIENT detection reports", n, ours, 20_000, "sapient-py alone", library)]  # fmt: skip


def outgoing(n: int) -> list[Line]:
    """Everything that goes out."""
    frame = made.objects(n)
    takproto = module("takproto")
    events = events_of(frame, 15.0)
    xml = [to_xml(event) for event in events]
    output = AsterixOutput(AsterixSettings("bench", "Measured, not sent.", "127.0.0.1", 9, 1, 1))
    lines = [
        line("Cursor on Target, XML, out", n, lambda: [to_xml(e) for e in events_of(frame, 15.0)]),
        line("ASTERIX CAT062, out", n, lambda: output.records(frame)),
        line("aircraft.json, out", n, lambda: aircraft_json.render(frame)),
        line("GeoJSON, out", n, lambda: geojson.render(frame)),
    ]
    output.close()
    if takproto is not None:
        lines.insert(
            1,
            line("Cursor on Target, protobuf, out", n, lambda: [to_stream(e) for e in events],
                 library="takproto from XML", peer=lambda: [takproto.xml2proto(x) for x in xml]),
        )  # fmt: skip
    return lines


def recorded(folder: Path) -> list[Line]:
    """The same decoders on real recordings. Raises `BadInput` where the folder holds none."""
    lines = []
    path = folder / "adsb/rs1090_full_flight_frames.csv.gz"
    if path.is_file():
        frames, times, _ = adsb.read_csv(gzip.decompress(path.read_bytes()))
        rs1090 = module("rs1090")
        seconds = [t / 1e9 for t in times]
        lines.append(
            line("Mode S, one flight", len(frames),
                 lambda: adsb.decode_frames(frames, times, None, 0, SENSOR, VERTICAL), floor=10_000,
                 library="rs1090 alone",
                 peer=None if rs1090 is None else lambda: rs1090.decode(frames, seconds))
        )  # fmt: skip
    path = folder / "rid/parrot_anafi4_real.pcapng"
    if path.is_file():
        found, _ = pcap.packets(path.read_bytes())
        heard = [b for p in found for b in rid_frames.broadcasts(p, Counter()) if b.messages]
        n = len(heard)
        lines.append(
            line("Remote ID, one drone's beacons", n,
                 lambda: rid_frames.decode_packets(found, LATEST_NS, 0, SENSOR, VERTICAL, {}),
                 note=f"among {len(found):,} packets of the air")
        )  # fmt: skip
    for name, edition in (("jm_260429", "Cat_048_1_32"), ("jm_fds260429", "Cat_062_1_20")):
        path = folder / f"asterix/{name}.pcap"
        if not path.is_file():
            continue
        datagrams, _ = udp.datagrams(pcap.packets(path.read_bytes())[0])
        whole = [d.data for d in datagrams]
        few = whole[: max(1, len(whole) // 40)]
        n, few_n = (sum(len(records(d, Counter())) for d in data) for data in (whole, few))

        def ours(datagrams: list[udp.Datagram] = datagrams) -> None:
            for d in datagrams:
                asterix_rows(d.data, d.time_ns, VERTICAL, Counter(), {})

        lines.append(
            line(f"ASTERIX {name}", n, ours, floor=50_000, library="libasterix",
                 peer=libasterix(few, edition), peer_n=few_n)
        )  # fmt: skip
    if not lines:
        raise BadInput(f"{folder} holds none of the recordings.", "Name the folder that holds adsb/, rid/, asterix/.")  # fmt: skip
    return lines


def words(lines: list[Line]) -> str:
    """The table for people."""
    told = [f"{'':34}{'messages':>10}{'ours /s':>12}{'floor':>9}{'library /s':>12}"]
    for one in lines:
        floor = f"{one.floor_per_s:,.0f}" if one.floor_per_s else "–"
        met = "" if one.floor_per_s is None or one.per_s >= one.floor_per_s else "  BELOW THE FLOOR"
        theirs = f"{one.library_per_s:,.0f}" if one.library_per_s else "–"
        beside = one.library if one.library_per_s else one.note or (f"{one.library} is not installed" if one.library else "no library")  # fmt: skip
        told.append(
            f"{one.name:34}{one.messages:>10,}{one.per_s:>12,.0f}{floor:>9}{theirs:>12}  {beside}{met}"
        )
    return "\n".join(told)


def feeds(
    recordings: Annotated[
        str, typer.Option(help="Folder of real recordings, read besides the written messages.")
    ] = "",
    messages: Annotated[int, typer.Option(min=200, help="Messages of each kind.")] = 20_000,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure every decoder and encoder beside the library that one would otherwise take."""
    for name in ("rs1090", "takproto", "asterix.generated"):
        module(name)
    gc.freeze()  # what libraries hold is not scanned again while others are timed
    lines = incoming(messages) + outgoing(min(messages, 5_000))
    if recordings:
        lines += recorded(Path(recordings))
    if json:
        typer.echo(msgspec.json.encode({"lines": lines}).decode())
    else:
        typer.echo(words(lines))
