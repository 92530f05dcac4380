"""Check our ASTERIX tables and framing against libasterix (MIT), which is no dependency of the product.

Run in an environment of its own:  pip install libasterix && python builders/detections_asterix.py FILE.pcap …
It compares (1) the length of every item of every profile, (2) record by record the octets of every item of the
captures given. It prints what differs and ends with a count; it writes no file.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import asterix.base as base
import asterix.generated as generated

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from windhover.detections import pcap, udp
from windhover.detections.asterix.records import records
from windhover.detections.asterix.uap import PROFILES, Item

EDITIONS = {34: "Cat_034_1_29", 48: "Cat_048_1_32", 21: "Cat_021_2_6", 62: "Cat_062_1_20"}


def variation(rule: Any) -> Any:
    return getattr(rule, "cv_variation", None) or rule.cv_default_variation


def form(kind: Any) -> str:
    """libasterix's item in the notation of `uap`."""
    name = next(c.__name__ for c in kind.__mro__ if c.__module__ == "asterix.base")
    if name in ("Element", "Group"):
        return str(kind.cv_bit_size // 8)
    if name == "Repetitive":
        return f"R{form(kind.cv_variation)}" if getattr(kind, "cv_rep_bytes", None) else "X"
    if name == "Compound":
        inside = ("-" if i is None else form(variation(i.cv_rule)) for i in kind.cv_items_list)
        return f"({' '.join(inside)})"
    return {"Extended": "X", "Explicit": "E"}[name]


def ours(item: Item) -> str:
    if item.form == "fixed":
        return str(item.octets)
    if item.form == "compound":
        return f"({' '.join(ours(part) for part in item.parts)})"
    return {"extended": "X", "repetitive": f"R{item.octets}", "explicit": "E", "spare": "-"}[
        item.form
    ]


def compare_profiles() -> int:
    differences = 0
    for category, edition in EDITIONS.items():
        theirs = getattr(generated, edition).cv_record.cv_items_list
        for item, other in zip(PROFILES[category], theirs, strict=True):
            rule = getattr(other, "cv_non_spare", None)
            want = "-" if rule is None else form(variation(rule.cv_rule))
            have = ours(item)
            if item.name in ("RE", "SP"):
                continue
            if have != want or (rule is not None and rule.cv_name != item.name):
                differences += 1
                print(f"CAT{category:03d}/{item.name}: ours {have}, theirs {want}")
    return differences


def compare_capture(path: Path) -> Counter[str]:
    result: Counter[str] = Counter()
    found, _ = pcap.packets(path.read_bytes())
    for datagram in udp.datagrams(found)[0]:
        mine = records(datagram.data, Counter())
        theirs: list[Any] = []
        for block in base.RawDatablock.parse(base.Bits.from_bytes(datagram.data)):
            edition = EDITIONS.get(block.get_category())
            if edition is None:
                continue
            kind = getattr(generated, edition)
            parsed = kind.cv_uap.parse(block.get_raw_records())
            if isinstance(parsed, ValueError):
                result["blocks refused by libasterix"] += 1
                continue
            theirs += [(block.get_category(), record) for record in parsed]
        if len(mine) != len(theirs):
            result["datagrams with another number of records"] += 1
            continue
        for record, (category, other) in zip(mine, theirs, strict=True):
            result["records"] += 1
            for item in PROFILES[category]:
                there = other.get_item(item.name) if item.name not in ("RE", "SP", "-") else None
                if item.form == "spare" or item.name in ("RE", "SP"):
                    continue
                if (there is not None) != (item.name in record.items):
                    result[f"presence differs {category:03d}/{item.name}"] += 1
                elif there is not None:
                    raw = there.unparse().to_bytes()
                    at = record.items[item.name]
                    same = record.data[at : at + len(raw)] == raw
                    result[
                        "items equal" if same else f"octets differ {category:03d}/{item.name}"
                    ] += 1
    return result


if __name__ == "__main__":
    print(f"{compare_profiles()} lengths differ")
    for name in sys.argv[1:]:
        print(name, dict(compare_capture(Path(name))))
