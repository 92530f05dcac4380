"""Bytes → detections: one pure decoder per feed form. `DECODERS` is the table that the edge uses."""

from __future__ import annotations

from typing import Final

from windhover.detections import (
    adsb,
    asterix,
    cot,
    dronescout,
    plots,
    points,
    readsb,
    rid_frames,
    sbs,
    trace,
    wind_csv,
)
from windhover.detections.decoded import Decoded, Decoder

DECODERS: Final[dict[str, Decoder]] = {
    "plots": plots.decode,
    "aircraft_json": readsb.decode,
    "dronescout": dronescout.decode,
    "wind_csv": wind_csv.decode,
    "points_csv": points.decode,
    "asterix": asterix.decode,
    "beast": adsb.decode_beast,
    "mode_s_csv": adsb.decode_csv,
    "sbs": sbs.decode,
    "cot": cot.decode,
    "trace": trace.decode,
    "remote_id_pcap": rid_frames.decode,
}
"""Feed form → its decoder."""

__all__ = ["DECODERS", "Decoded", "Decoder"]
