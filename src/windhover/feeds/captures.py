"""Packet captures → `Recording`: Remote ID out of the air, ASTERIX off the wire."""

from __future__ import annotations

from collections import Counter

from windhover.detections import pcap, rid_frames, udp
from windhover.detections.decoded import Decoded
from windhover.errors import BadInput
from windhover.feeds import asterix_files
from windhover.feeds.asked import Asked
from windhover.feeds.recording import Recording, build, truth_by_claim
from windhover.schema.place import Point, Sensor, Vertical
from windhover.timescale import PLAUSIBLE_TO_NS

_LAST_NS = PLAUSIBLE_TO_NS - 1
_READER = Sensor("recording", "points", Point(0.0, 0.0), 0.0, 0.0, 1e9, 1.0)


def cooperative(
    decoded: Decoded, understood: tuple[str, ...], asked: Asked, kind: str = "adsb"
) -> Recording:
    """Feeds whose rows carry claims: the truth is what they claim."""
    truth, names = truth_by_claim(decoded.detections, decoded.reports)
    return build(
        name=asked.name,
        kind=asked.sniffed.kind,
        reason=asked.sniffed.reason,
        understood=understood,
        decoded=decoded,
        truth_object=truth,
        names=names,
        sensor_kind="remote_id" if kind == "remote_id" else "adsb",
        vertical=asked.vertical or Vertical(),
        first_sensor=asked.first_sensor,
        hide_ids=asked.hide_ids,
    )


def capture(payload: bytes, asked: Asked) -> Recording:
    """Any packet capture. Raises `BadInput` where nothing in it is read."""
    found, broken = pcap.packets(payload)
    links = Counter(packet.link_type for packet in found)
    if not links:
        raise BadInput("The packet capture holds no packets.")
    air = sum(links[link] for link in rid_frames.CARRIERS)
    wire = sum(links[link] for link in udp.LINKS)
    if not air and not wire:
        link = links.most_common(1)[0][0]
        raise BadInput(f"The capture's link type {link} carries nothing that Windhover reads.")
    # A capture of several interfaces is read as what most of it is, or else as what is left.
    readers = [_remote_id, asterix_files.from_capture]
    try:
        return readers[wire > air](found, broken, asked)
    except BadInput:
        if not air or not wire:
            raise
    return readers[wire <= air](found, broken, asked)


def _remote_id(found: list[pcap.Packet], broken: int, asked: Asked) -> Recording:
    decoded, transmitters = rid_frames.decode_packets(
        found, _LAST_NS, asked.first_sensor, _READER, asked.vertical or Vertical(), {}
    )
    if broken:
        decoded = decoded._replace(rejected=decoded.rejected | {"broken packet record": broken})
    understood = (
        f"{len(found):,} packets, {len(transmitters)} Remote ID transmitters",
        "time ← the drone's seconds after the hour beside the capture's own time",
        "heights: above the ellipsoid ← geodetic altitude",
        "object ← serial number or registration",
    )
    return cooperative(decoded, understood, asked, "remote_id")
