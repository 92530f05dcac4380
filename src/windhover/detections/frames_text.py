"""Mode S frames as text or in a table: who is the frame and who is the time, told from what stands there.

Known: lines of time and frame in any order and with any delimiter, with or without a header; columns of
any table (OpenSky's `rawmsg` with `mintime`, jet1090's `frame` with `timestamp`); AVR lines of dump1090,
`*8D…;` (no time) and `@` with the receiver's 12 MHz clock.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import numpy as np

from windhover.detections.beast import TICKS_PER_S
from windhover.detections.table import NO_TIME_NS, Column, Table, read_csv, times_ns, words
from windhover.errors import BadInput
from windhover.units import NS_PER_S

_FRAME: Final = re.compile(r"^\s*\*?(?:0x)?([0-9a-fA-F]{14}(?:[0-9a-fA-F]{14})?);?\s*$")
_TICKED: Final = re.compile(r"^@([0-9a-fA-F]{12})([0-9a-fA-F]{14}(?:[0-9a-fA-F]{14})?);?$")
_FIRST: Final = ("mintime", "timestamp", "time", "ts", "t", "rawtime", "time_ns", "received_at")


class Frames(NamedTuple):
    """N frames in the order of the file."""

    data: list[str]  # hexadecimal
    time_ns: list[int]
    refused: int  # lines that hold none
    understood: tuple[str, ...]


def is_frame_line(line: bytes) -> bool:
    """Whether one of the cells is a Mode S frame, and another may be a time; or an AVR line."""
    text = line.decode("ascii", "replace").strip()
    if _TICKED.match(text):
        return True
    cells = [cell.strip().strip('"') for cell in re.split(r"[,;\t| ]", text.rstrip(";"))]
    frames = [cell for cell in cells if _FRAME.match(cell)]
    if not frames or not any(c in "abcdefABCDEF" for c in "".join(frames)):
        return False
    return len(cells) > 1 or text.startswith("*")


def read(payload: bytes, started_ns: int) -> Frames:
    """Lines of text → frames. Clocks without a date count from `started_ns`. Raises `BadInput`."""
    lines = [line.strip() for line in payload.decode("ascii", "replace").splitlines()]
    lines = [line for line in lines if line]
    if not lines:
        raise BadInput("It holds no line of text.")
    if any(line.startswith("@") for line in lines[:2]):
        return _ticked(lines, started_ns)
    if all(line.startswith("*") and "," not in line for line in lines[:2]):
        raise BadInput(
            "These Mode S frames carry no time.",
            "Record them with one: as Beast, or as time,frame.",
        )
    cells = re.split(r"[,;\t| ]", lines[0])
    if "," not in lines[0] and " " in lines[0] and not re.search(r"[;\t|]", lines[0].rstrip(";")):
        payload = b"\n".join(b",".join(line.encode().split()) for line in lines)
        cells = lines[0].split()
    headless = is_frame_line(lines[0].encode())
    if headless:
        cells = [cell for cell in cells if cell]
    table = read_csv(payload, [f"column {k + 1}" for k in range(len(cells))] if headless else None)
    found = in_table(table)
    if found is None:
        raise BadInput("No column holds Mode S frames beside a time.")
    return found


def in_table(table: Table) -> Frames | None:
    """The frames of a table, or None where no column holds any, or no other one times."""
    shares = {name: _share(column) for name, column in table.columns.items()}
    frame = max(shares, key=shares.__getitem__, default="")
    if not frame or shares[frame] < 0.5:
        return None
    others = [name for name in table.columns if name != frame]
    others.sort(key=lambda n: _FIRST.index(n.lower()) if n.lower() in _FIRST else len(_FIRST))
    for name in others:
        time_ns, how = times_ns(table.columns[name])
        if (time_ns > 0).mean() > 0.5 and float(np.median(time_ns[time_ns > 0])) > 6e17:
            break
    else:
        return None
    data, times, refused = [], [], table.broken
    for text, t in zip(words(table.columns[frame]), time_ns.tolist(), strict=True):
        match = _FRAME.match(text)
        if match is None and not text.strip():
            refused += 1
            continue
        data.append(match[1] if match else text.strip())
        times.append(t if t != NO_TIME_NS else 0)
    said = f"time ← '{name}' ({how})", f"frame ← '{frame}'"
    return Frames(data, times, refused, said)


def _share(column: Column) -> float:
    """How many of the first words are frames; numbers alone are none."""
    if column.dtype == np.float64:
        return 0.0
    seen = [str(w) for w in column[:400].tolist() if w]
    good = [w for w in seen if _FRAME.match(w)]
    if not good or not any(c in "abcdefABCDEF" for c in "".join(good)):
        return 0.0
    return len(good) / len(seen)


def _ticked(lines: list[str], started_ns: int) -> Frames:
    data, ticks, refused = [], [], 0
    for line in lines:
        match = _TICKED.match(line)
        if match is None:
            refused += 1
            continue
        ticks.append(int(match[1], 16))
        data.append(match[2])
    if not data:
        raise BadInput(
            "No line of it is an AVR line with a time: @, twelve digits, the frame, and ;"
        )
    passed = np.cumsum(
        np.diff(np.array(ticks, np.int64), prepend=ticks[0]).clip(0, 60 * TICKS_PER_S)
    )
    times = (started_ns + passed * NS_PER_S // TICKS_PER_S).tolist()
    said = "time ← the receiver's 12 MHz clock, which tells no date", "frame ← AVR lines"
    return Frames(data, times, refused, said)
