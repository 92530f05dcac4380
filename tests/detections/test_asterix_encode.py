"""What our encoder writes, our decoder and libasterix read; what a profile cannot hold is refused."""

from __future__ import annotations

from collections import Counter
from math import degrees, isnan

import asterix.base as base
import asterix.generated as generated
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.detections.conftest import RECEIVED_NS, make_sensor
from windhover.detections import asterix
from windhover.detections.asterix.encode import Content, encode_block, encode_record
from windhover.detections.asterix.records import part_offset, records
from windhover.detections.asterix.uap import PROFILES, Item
from windhover.errors import BadInput
from windhover.schema.batches import claim_id
from windhover.schema.place import Vertical
from windhover.schema.reports import Cooperative

THEIRS = {
    34: generated.Cat_034_1_29,
    48: generated.Cat_048_1_32,
    21: generated.Cat_021_2_6,
    62: generated.Cat_062_1_20,
}


def octets(item: Item) -> st.SearchStrategy[bytes]:
    if item.form == "fixed":
        return st.binary(min_size=item.octets, max_size=item.octets)
    if item.form == "explicit":
        return st.binary(min_size=1, max_size=20)
    if item.form == "repetitive":
        return st.integers(1, 3).flatmap(
            lambda n: st.binary(min_size=n * item.octets, max_size=n * item.octets)
        )

    def clear(raw: bytes) -> bytes:
        return bytes(c & 0xFE if (i + 1) % item.octets == 0 else c for i, c in enumerate(raw))

    return st.binary(min_size=item.octets, max_size=item.octets).map(clear)


def contents(
    profile: tuple[Item, ...], reserved: bool = False
) -> st.SearchStrategy[dict[str, Content]]:
    """Any choice of the items of a profile with any octets in them; `reserved`: expansion and special fields too."""
    choices: dict[str, st.SearchStrategy[Content]] = {}
    for item in profile:
        if item.form == "explicit" and reserved:
            choices[item.name] = st.binary(min_size=1, max_size=40)
        if item.form in ("spare", "explicit"):
            continue
        choices[item.name] = contents(item.parts) if item.form == "compound" else octets(item)  # type: ignore[assignment]
    return st.lists(st.sampled_from(sorted(choices)), min_size=1, max_size=12, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({n: choices[n] for n in names})
    )


@pytest.mark.parametrize("category", sorted(PROFILES))
@given(data=st.data())
def test_any_items_come_back_where_the_tables_say(category: int, data: st.DataObject) -> None:
    wanted = data.draw(
        st.lists(contents(PROFILES[category], reserved=True), min_size=1, max_size=3)
    )
    block = encode_block(category, [encode_record(category, items) for items in wanted])
    rejected: Counter[str] = Counter()
    found = records(block, rejected)
    assert not rejected
    assert [set(r.items) for r in found] == [set(items) for items in wanted]
    for record, items in zip(found, wanted, strict=True):
        for item in PROFILES[category]:
            content = items.get(item.name)
            if isinstance(content, dict):
                for name, inside in content.items():
                    part = next(p for p in item.parts if p.name == name)
                    at = part_offset(record, item, name)
                    if part.form == "fixed":
                        assert record.data[at : at + len(inside)] == inside
            elif isinstance(content, bytes) and item.form == "fixed":
                at = record.items[item.name]
                assert record.data[at : at + len(content)] == content


@pytest.mark.parametrize("category", sorted(THEIRS))
@given(data=st.data())
def test_libasterix_reads_any_items(category: int, data: st.DataObject) -> None:
    items = data.draw(contents(PROFILES[category]))
    block = encode_block(category, [encode_record(category, items)])
    (raw,) = base.RawDatablock.parse(base.Bits.from_bytes(block))
    parsed = THEIRS[category].cv_uap.parse(raw.get_raw_records())
    assert not isinstance(parsed, ValueError), parsed
    (record,) = parsed
    for item in PROFILES[category]:
        if item.form == "spare" or item.name in ("RE", "SP"):
            continue
        there = record.get_item(item.name)
        assert (there is not None) == (item.name in items)
        if item.form == "fixed" and there is not None:
            assert there.unparse().to_bytes() == items[item.name]


@pytest.mark.parametrize(
    ("category", "items", "why"),
    [
        (99, {"010": b"ab"}, "category 099"),
        (62, {}, "nothing in it"),
        (62, {"999": b"a"}, "no item 999"),
        (62, {"010": b"abc"}, "062/010 of 3 octets"),
        (62, {"010": {"1": b"ab"}}, "no parts"),
        (62, {"380": b"abc"}, "by its parts"),
        (62, {"380": {"1": b"ab"}}, "062/380/1 of 2 octets"),
        (62, {"080": b"\x01"}, "extension bit"),
        (62, {"RE": b""}, "1 to 254"),
        (48, {"250": b"1234567"}, "048/250 of 7 octets"),
    ],
    ids=str,
)
def test_what_a_profile_cannot_hold_is_refused(
    category: int, items: dict[str, Content], why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        encode_record(category, items)


def test_blocks_have_a_limit() -> None:
    with pytest.raises(BadInput, match="65,532"):
        encode_block(62, [])
    with pytest.raises(BadInput, match="65,532"):
        encode_block(62, [bytes(65_533)])


# CAT129 by hand from the specification (part 29, edition 1.2): specification octets 1 to 3 announce
# 010 020 040 | 050 070 … | 185 220. 010 is field 1, 020 3, 030 4, 040 5, 050 6, 070 7, 080 8, 090 9,
# 110 11, 185 14, 220 15.
BY_HAND = bytes.fromhex(
    "810034"  # category 129, 52 octets
    "bf" "d3" "80"  # 1 3 4 5 6 7 | 8 9 11 14 | 15
    "0000"  # SAC/SIC 00/00, as recommended for an aircraft's own message
    "414243" "583031" "53314e303030343200000000"  # ABC, X01, "S1N00042"
    "5553" "2db400"  # US, 06:30:00 = 23,400 s · 128
    "0b4e81b5" "da2b3c4d"  # 31.8°, −106.4° in steps of 180°/2^30
    "003a98"  # 1,500.0 m above mean sea level
    "000c"  # half of all errors within 12 m
    "00064fff38"  # 1.00 m/s east, −2.00 m/s north
    "00012c"  # 3.00 m/s up
)  # fmt: skip


def test_an_unmanned_aircrafts_report() -> None:
    sensor = make_sensor("remote_id", "gateway")
    decoded = asterix.decode(BY_HAND, RECEIVED_NS, 2, sensor, Vertical(undulation_m=-24.0))
    assert decoded.rejected == {}
    rows = decoded.detections
    assert rows.n == 1
    assert degrees(rows.value[0, 0]) == pytest.approx(31.8, abs=1e-6)
    assert degrees(rows.value[0, 1]) == pytest.approx(-106.4, abs=1e-6)
    assert rows.value[0, 2] == pytest.approx(1476.0)
    assert rows.covariance[0, 0, 0] ** 0.5 == pytest.approx(12 / 1.1774)
    assert int(rows.time_ns[0]) == RECEIVED_NS - 10 * 10**9
    assert rows.claimed_id[0] == claim_id("remote_id", "ABC-X01-S1N00042")
    (report,) = decoded.reports
    assert isinstance(report, Cooperative)
    assert (report.scheme, report.identifier, report.category) == (
        "remote_id",
        "ABC-X01-S1N00042",
        "UAS",
    )


def test_an_unmanned_aircrafts_height_needs_a_datum() -> None:
    sensor = make_sensor("remote_id", "gateway")
    decoded = asterix.decode(BY_HAND, RECEIVED_NS, 2, sensor, Vertical())
    assert isnan(decoded.detections.value[0, 2])
    assert decoded.rejected == {"height unused: above mean sea level, undulation unknown": 1}
    above_ground = encode_block(
        129,
        [encode_record(129, {"010": b"\0\0", "070": b"\x2d\xb4\x00", "080": bytes.fromhex("0b4e81b5da2b3c4d"), "100": b"\x00\x03\xe8"})],
    )  # fmt: skip
    site = Vertical(undulation_m=-24.0, ground_altitude_amsl_m=1130.0)
    decoded = asterix.decode(above_ground, RECEIVED_NS, 2, sensor, site)
    assert decoded.detections.value[0, 2] == pytest.approx(1130.0 + 100.0 - 24.0)
    assert decoded.detections.claimed_id[0] == 0 and not decoded.reports


def test_a_report_without_position_is_counted() -> None:
    block = encode_block(129, [encode_record(129, {"010": b"\0\0", "050": b"US"})])
    decoded = asterix.decode(block, RECEIVED_NS, 0, make_sensor(), Vertical())
    assert decoded.rejected == {"no position": 1}


def test_longitudes_from_0_to_360_are_brought_home() -> None:
    east = encode_record(129, {"010": b"\0\0", "080": bytes.fromhex("0b4e81b5") + (round(253.6 * 2**30 / 180)).to_bytes(4, "big")})  # fmt: skip
    decoded = asterix.decode(encode_block(129, [east]), RECEIVED_NS, 0, make_sensor(), Vertical())
    assert degrees(decoded.detections.value[0, 1]) == pytest.approx(-106.4, abs=1e-6)
