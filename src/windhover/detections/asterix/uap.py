"""User application profiles: which item stands at which field reference number, and how long it is.

Source: EUROCONTROL-SPEC-0149 parts 2b (CAT034 ed. 1.29), 4 (CAT048 ed. 1.32), 9 (CAT062 ed. 1.20) and 12
(CAT021 ed. 2.6); the lengths were checked item by item against libasterix's tables
(`builders/detections_asterix.py`). Part 29 (CAT129 ed. 1.2) is in nobody's tables: its summary gives item
120 one octet and its description three; the description is followed. Written as `item:length`, where a length is

| form | meaning |
|---|---|
| `4` | that many octets |
| `X` `X3` | parts of 1 (3) octets, the lowest bit of a part's last octet says that another follows |
| `R8` | one octet N, then N times 8 octets |
| `E` | one octet N, the whole item is N octets long |
| `(1 - 2 X)` | compound: a field specification of its own, then the items it names |

`-` is a spare number: a record that sets it cannot be read further, as nobody knows its length.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Item(NamedTuple):
    """How to step over one item."""

    name: str
    form: str  # "fixed", "extended", "repetitive", "explicit", "compound", "spare"
    octets: int  # of the whole, of one part, or of one repetition
    parts: tuple[Item, ...] = ()  # of a compound, in order of its field specification


_034: Final = (
    "010:2 000:1 030:3 020:1 041:2 050:(1 - - 1 1 2) 060:(1 - - 1 1 1) 070:R2 100:8 110:1 120:8 090:2 "
    "RE:E SP:E"
)
_048: Final = (
    "010:2 140:3 020:X 040:4 070:2 090:2 130:(1 1 1 1 1 1 1) 220:3 240:6 250:R8 161:2 042:4 200:4 170:X "
    "210:4 030:X 080:2 100:4 110:2 120:(2 R6) 230:2 260:7 055:1 050:2 065:1 060:2 SP:E RE:E"
)
_021: Final = (
    "010:2 040:X 161:2 015:1 071:3 130:6 131:8 072:3 150:2 151:2 080:3 073:3 074:4 075:3 076:4 140:2 090:X "
    "210:1 070:2 230:2 145:2 152:2 200:1 155:2 157:2 160:4 165:2 077:3 170:6 020:1 220:(2 2 2 1) 146:2 "
    "148:2 110:(X R15) 016:1 008:1 271:X 132:1 250:R8 260:7 400:1 "
    "295:(1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1) - - - - - RE:E SP:E"
)
_062: Final = (
    "010:2 - 015:1 070:3 105:8 100:6 185:4 210:2 060:2 245:7 "
    "380:(3 6 2 2 2 2 2 X R15 2 2 7 2 2 2 2 2 2 1 8 1 6 2 1 R8 2 2 2) 040:2 080:X "
    "290:(1 1 1 1 2 1 1 1 1 1) 200:1 "
    "295:(1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1) 136:2 130:2 135:2 220:2 "
    "390:(2 7 4 1 4 1 4 4 3 2 2 R4 6 1 7 7 2 7) 270:X 300:1 110:(1 4 6 2 2 1 1) 120:2 510:X3 "
    "500:(4 2 4 1 1 2 2 1) 340:(2 4 2 2 2 1) - - - - - RE:E SP:E"
)

_129: Final = (
    "010:2 015:2 020:3 030:3 040:12 050:2 070:3 080:8 090:3 100:3 110:2 120:3 SP:E 185:5 220:3 "
    "- - - - - -"
)


def _item(name: str, length: str) -> Item:
    if length.isdigit():
        return Item(name, "fixed", int(length))
    if length[0] == "X":
        return Item(name, "extended", int(length[1:] or 1))
    if length[0] == "R":
        return Item(name, "repetitive", int(length[1:]))
    if length == "E":
        return Item(name, "explicit", 0)
    if length == "-":
        return Item(name, "spare", 0)
    parts = tuple(_item(str(i + 1), part) for i, part in enumerate(length[1:-1].split()))
    return Item(name, "compound", 0, parts)


def _profile(text: str) -> tuple[Item, ...]:
    items: list[Item] = []
    for word in text.replace("(", "\0(").split("\0"):
        if word.startswith("("):
            inside, _, word = word.partition(")")
            name = items.pop().name
            items.append(_item(name, inside + ")"))
        for piece in word.split():
            name, _, length = piece.partition(":")
            items.append(Item(name, "spare", 0) if name == "-" else _item(name, length or "-"))
    return tuple(items)


PROFILES: Final = {
    34: _profile(_034),
    48: _profile(_048),
    21: _profile(_021),
    62: _profile(_062),
    129: _profile(_129),
}
"""Category → its items in order of the field reference number."""

# CAT021 before edition 1.0 has another profile, and receivers that write it are still about. Items that differ from
# their later namesakes have names of their own here.
_021_0_26: Final = (
    "010:2 040/0:2 030:3 130/25:8 080:3 140:2 090/0:2 210:1 230:2 145:2 150:2 151:2 152:2 155:2 157:2 160:4 "
    "165/0:X 170:6 095:1 032:1 200:1 020:1 220:(2 2 2 1) 146:2 148:2 110:(X R15) 070:2 131/0:1 - - - - - RE:E SP:E"
)
_021_0_23: Final = (
    "010:2 040/0:2 030:3 130:6 080:3 140:2 090/0:2 210:1 230:2 145:2 150:2 151:2 152:2 155:2 157:2 160:4 "
    "165/0:X 170:6 095:1 032:1 200:1 020:1 220:(2 2 2 1) 146:2 148:2 110:(X R15) - - - - - - - RE:E SP:E"
)
OLDER: Final = {21: (_profile(_021_0_26), _profile(_021_0_23))}
"""Category → profiles of older editions, tried where a block does not fit the present one."""
