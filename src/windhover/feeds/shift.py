"""A source whose clock is wrong: its times told, and brought back to ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from windhover.detections.decoded import Decoded
from windhover.units import NS_PER_H

_HORIZONS_H: Final = (25, 49)
TIMES_TOLD: Final = 8


def into_our_time(decoded: Decoded, ahead_ns: int, received_ns: int) -> Decoded:
    """What a decoder made in the source's own time → in ours, received at `received_ns`."""
    if not ahead_ns:
        return decoded
    rows = decoded.detections
    rows.time_ns[:] -= ahead_ns
    rows.received_ns[:] = received_ns
    if decoded.wind is not None:
        decoded.wind.time_ns[:] -= ahead_ns
    reports = tuple(
        replace(report, time_ns=report.time_ns - ahead_ns, received_ns=received_ns)
        for report in decoded.reports
    )
    return decoded._replace(reports=reports)


def times_told_ns(decode: Callable[[int], Decoded], received_ns: int) -> list[int]:
    """The times that a payload states, read as if a day and two days had passed; [] where they follow us.

    A form whose times are completed by the reception (seconds of the hour, of the day) answers
    differently to the two, and then says nothing about its source's clock.
    """
    told = [
        decode(received_ns + hours * NS_PER_H).detections.time_ns.tolist() for hours in _HORIZONS_H
    ]
    return told[0][:TIMES_TOLD] if told[0] == told[1] else []
