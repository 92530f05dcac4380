"""NOTAMs: read every text into a structured notice or a precise reason, and write correct ones.

decode(text) -> Notam          one notice, never raises
several(text), join(texts)     a stream of notices, parts of one put together
one_line(notam)                what it says in plain English and Spanish
to_json(notam)                 what `windhover notam decode` prints
encode(draft) -> str           a restriction as an ICAO NOTAM
refusals(notam)                why an office would refuse it
"""

from windhover.notices.notam.check import refusals
from windhover.notices.notam.decode import decode
from windhover.notices.notam.emit import to_json
from windhover.notices.notam.encode import Draft, encode
from windhover.notices.notam.encode_fdc import FdcDraft, encode_fdc
from windhover.notices.notam.model import Area, Limit, Notam, QLine
from windhover.notices.notam.parts import join, several
from windhover.notices.notam.plain import one_line

__all__ = [
    "Area",
    "Draft",
    "FdcDraft",
    "Limit",
    "Notam",
    "QLine",
    "decode",
    "encode",
    "encode_fdc",
    "join",
    "one_line",
    "refusals",
    "several",
    "to_json",
]
