"""Messages per second of each decoder on real recordings:  python builders/detections_speed.py ../shared/data

Processor time of one core is counted, so that a busy machine does not change the figure much.
"""

from __future__ import annotations

import gzip
import sys
import time
from collections import Counter
from collections.abc import Callable
from math import nan
from pathlib import Path

from windhover.detections import adsb, beast, dronescout, odid, pcap, plots, readsb, rid_frames
from windhover.detections.asterix.rows import rows
from windhover.detections.points import decode as decode_points
from windhover.detections.remote_id import Said
from windhover.schema.place import Point, Sensor, Vertical

SENSOR = Sensor("north", "points", Point(0.0, 0.0), 0.0, 0.0, 1e9, 1.0, 10.0, 0.01)
LATEST_NS = 4_000_000_000 * 10**9
T_S = 1_770_791_400.0


def rate(name: str, what: str, n: int, work: Callable[[], object]) -> None:
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        work()
        best = max(best, n / max(time.process_time() - start, 1e-9))
    print(f"{name:28} {n:>8,} {what:14} {best:>12,.0f} /s")


def main(folder: Path) -> None:
    raw = gzip.decompress((folder / "adsb/rs1090_full_flight_frames.csv.gz").read_bytes())
    frames, times, _ = adsb.read_csv(raw)

    def mode_s() -> object:
        return adsb.decode_frames(frames, times, None, 0, SENSOR, Vertical())

    rate("Mode S", "frames", len(frames), mode_s)
    stream = beast.encode(
        [beast.Frame(i * 1000, 100, bytes.fromhex(f)) for i, f in enumerate(frames)]
    )
    rate("Beast framing", "frames", len(frames), lambda: beast.parse(stream))
    found, _ = pcap.packets((folder / "rid/parrot_anafi4_real.pcapng").read_bytes())

    def remote_id() -> object:
        return rid_frames.decode_packets(found, LATEST_NS, 0, SENSOR, Vertical(), {})

    rate("Remote ID over Wi-Fi", "packets", len(found), remote_id)
    messages = [
        b.messages for p in found for b in rid_frames.broadcasts(p, Counter()) if b.messages
    ]
    count = sum(len(odid.decode_any(m)[0]) for m in messages)
    rate("Remote ID messages", "messages", count, lambda: [odid.decode_any(m) for m in messages])
    place = odid.Location(
        2, 90.0, 12.0, 0.0, 31.7, -106.4, nan, 1290.0, 0, 40.0, 10.0, 3.0, nan, nan
    )
    lines = b"\n".join(
        dronescout.encode(
            Said(odid.BasicId(1, 2, f"X{i}"), None, place), (int(T_S) + i) * 10**9, "r", "m"
        )
        for i in range(5000)
    )
    rate(
        "DroneScout",
        "messages",
        5000,
        lambda: dronescout.decode(lines, LATEST_NS, 0, SENSOR, Vertical()),
    )
    for name in ("jm_260429", "jm_fds260429"):
        packets, _ = pcap.packets((folder / f"asterix/{name}.pcap").read_bytes())
        datagrams, _ = pcap.datagrams(packets)

        def asterix(datagrams: list[pcap.Datagram] = datagrams) -> int:
            return sum(len(rows(d.data, d.time_ns, Vertical(), Counter(), {})) for d in datagrams)

        rate(f"ASTERIX {name}", "rows", asterix(), asterix)
    scan = ",".join(
        f'{{"t":{T_S},"range_m":{1000 + i}.5,"azimuth_deg":{i % 360}.25,"elevation_deg":2.5}}'
        for i in range(20_000)
    )
    line = f'{{"radar":"north","scan_end":{T_S},"plots":[{scan}]}}'.encode()
    rate(
        "Plot lines", "plots", 20_000, lambda: plots.decode(line, LATEST_NS, 0, SENSOR, Vertical())
    )
    fleet = ",".join(
        f'{{"hex":"{i:06x}","lat":31.8,"lon":-106.{i:05d},"alt_geom":5200,"gs":200,"track":90,'
        f'"seen":0.1,"seen_pos":0.1,"nac_p":9,"flight":"A{i}"}}'
        for i in range(1, 10_001)
    )
    snapshot = f'{{"now":{T_S},"aircraft":[{fleet}]}}'.encode()
    rate(
        "aircraft.json",
        "aircraft",
        10_000,
        lambda: readsb.decode(snapshot, LATEST_NS, 0, SENSOR, Vertical()),
    )
    table = gzip.decompress((folder / "tracks/aircraft/opensky_84_aircraft.csv.gz").read_bytes())
    rate(
        "OpenSky CSV",
        "rows",
        6052,
        lambda: decode_points(table, LATEST_NS, 0, SENSOR, Vertical()),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
