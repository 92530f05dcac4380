"""The bars on the real samples, and that no text raises or keeps the reader busy."""

from __future__ import annotations

import gzip
import json
import lzma
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windhover.notices.notam import decode, refusals, to_json

MOST_S = 0.010


def raws(path: Path) -> list[str]:
    opener = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, open)
    with opener(path, "rt") as file:  # type: ignore[operator]
        return [json.loads(line)["raw"] for line in file]


def quickest_s(text: str, tries: int = 12) -> float:
    """Processor time of one reading; the least of a few, so that a busy machine does not count."""
    spent = []
    for _ in range(tries):
        start = time.process_time()
        decode(text)
        spent.append(time.process_time() - start)
        if spent[-1] < MOST_S:
            break
    return min(spent)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "every", "accepted"),
    [("uk_20000.jsonl.xz", 4, 0.999), ("world_1000.jsonl.gz", 1, 0.99), ("faa_20.jsonl", 1, 1.0)],
)
def test_acceptance_and_schedules(shared: Path, name: str, every: int, accepted: float) -> None:
    texts = raws(shared / "data/notam" / name)[::every]
    read = [decode(text) for text in texts]
    assert sum(n.ok for n in read) >= accepted * len(read)
    dated = [n for n in read if n.item_d]
    assert sum(n.schedule_ok for n in dated) >= 0.97 * len(dated)
    assert all(n.raw == text for n, text in zip(read, texts, strict=True))
    for notam in read[::7]:
        json.dumps(to_json(notam))
        refusals(notam)


TOKENS = st.sampled_from(
    ["Q) ", "A) EGTT ", "B) ", "C) ", "D) ", "E) ", "F) ", "G) ", "2601010000 ", "PERM ", "EST ",
     "510000N 0010000W ", "RADIUS ", "1.5NM ", "CLOCKWISE ARC ", "CENTRED ON ", "BTN ", "SR-SS ",
     "MON-FRI ", "0000-2359 ", "JAN ", "31 ", "-", "EXC ", "PART 1 OF 2 ", "A0001/26 NOTAMN ", "!FDC ",
     "6/0001 ", "EITHER SIDE ", "AZM 010-020 ", "SFC-", "FL100 ", "BELOW ", "        ", "\n", "<", "°", "'"]
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(max_size=400), st.lists(st.one_of(TOKENS, st.text(max_size=6)), max_size=120).map("".join)))  # fmt: skip
def test_no_text_raises_or_takes_long(text: str) -> None:
    notam = decode(text)
    assert notam.ok is not bool(notam.error)
    json.dumps(to_json(notam))
    refusals(notam)
    assert quickest_s(text) < MOST_S


ARCS = "B) 2601010000 E) 454000N 0040000E ANTICLOCKWISE ARC RADIUS 10NM CENTRED ON 453000N 0040000E TO "


@pytest.mark.parametrize(
    "text",
    [
        " " * 23_000,
        "E)" * 11_000,
        "9" * 23_000,
        "510000N 0010000W " * 1_300,
        "E) " + "51 00 00N " * 2_000,
        "A1/26 NOTAMN " * 1_800,
        "A0001/26 NOTAMN PART 1 OF 2 " * 800,
        "B) 2601010000 C) 2701010000 D) " + "0000-0001 " * 290 + "E) X",
        "B) 2601010000 C) 9912312359 D) SR-SS E) X Q) EGTT/QRTCA////000/999/5100N00000W001",
        "B) 2601010000 C) 2601020000 E) " + "WI 1NM EITHER SIDE OF LINE 510000N 0010000W - " * 400,
        "B) 2601010000 E) EXCLUDING " + "AIRSPACE " * 2_000,
        "B) 2601010000 E) F)" + " F)" * 7_000 + " G)" * 100,
        "!" + "FDC 1/1234 " * 2_000,
        "<a>" * 7_000,
        ARCS * 190,
        "B) 2601010000 E) " + "SECTOR 030/120 DEG 20NM RADIUS CENTRED 410000N 0123000E. " * 130,
        "B) 2601010000 E) " + "WI 5NM RADIUS OF 510000N 0010000E EXCLUDING AREA " * 130,
    ],
    ids=lambda text: text[:24],
)
def test_hostile_texts(text: str) -> None:
    assert quickest_s(text) < MOST_S


def xml(inside: str) -> str:
    return f"<r><txtLocalName>6/9101</txtLocalName>{inside}</r>"


def outline(corners: int) -> str:
    """A restriction's file with an outline of so many corners, as the FAA writes it."""
    avx = "".join(
        f"<Avx><codeDatum>WGE</codeDatum><codeType>GRC</codeType><geoLat>{31 + k / corners:.8f}N</geoLat>"
        f"<geoLong>{106 + (k % 7) / 10:.8f}W</geoLong></Avx>"
        for k in range(corners)
    )
    return xml(
        "<TFRAreaGroup><aseTFRArea><txtName>A</txtName><codeDistVerUpper>ALT</codeDistVerUpper>"
        "<valDistVerUpper>17999</valDistVerUpper><uomDistVerUpper>FT</uomDistVerUpper></aseTFRArea>"
        f"<abdMergedArea>{avx}</abdMergedArea></TFRAreaGroup>"
    )


def test_a_long_outline_is_read_whole() -> None:
    text = outline(1_200)
    assert len(text) > 100_000
    (area,) = decode(text).areas
    assert len(area.ring) == 1_200
    assert quickest_s(text) < MOST_S


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep", "<a>" * 22_000 + "</a>" * 22_000),
        ("deep corners", xml("<TFRAreaGroup>" + "<Avx>" * 7_000 + "</Avx>" * 7_000 + "</TFRAreaGroup>")),
        ("areas in areas", xml("<TFRAreaGroup>" * 5_000 + "</TFRAreaGroup>" * 5_000)),
        ("outlines in outlines", xml("<TFRAreaGroup>" + "<abdMergedArea>" * 4_800 + "</abdMergedArea>" * 4_800 + "</TFRAreaGroup>")),
        ("many areas", xml("<TFRAreaGroup/>" * 9_000)),
        ("many outlines", xml("<TFRAreaGroup>" + "<abdMergedArea/>" * 9_000 + "</TFRAreaGroup>")),
        ("many elements", xml("<a/>" * 15_000)),
        ("many names", f'<r xmlns="x">{"<a/>" * 15_000}</r>'),
        ("many attributes", xml("<a " + " ".join(f'x{i}="1"' for i in range(15_000)) + "/>")),
        ("many words", xml("<txtDescrPurpose>" + "14 CFR 99.7 WI 5NM RADIUS " * 6_000 + "</txtDescrPurpose>")),
        ("many circles", xml("<TFRAreaGroup>" + ("<Avx><codeType>CIR</codeType><geoLat>31N</geoLat><geoLong>106W</geoLong>"
                             "<valRadiusArc>5</valRadiusArc></Avx>") * 1_300 + "</TFRAreaGroup>")),
        ("far too long", "<" + "a" * 3_000_000),
    ],
)  # fmt: skip
def test_hostile_xml(name: str, text: str) -> None:
    notam = decode(text)
    assert len(notam.areas) <= 60, name
    assert quickest_s(text) < MOST_S, name


@pytest.mark.shared
def test_mutated_real_texts(shared: Path) -> None:
    texts = raws(shared / "data/notam/world_1000.jsonl.gz")
    rng = random.Random(20261122)
    for _ in range(1_500):
        text = rng.choice(texts)[:6_000]
        for _ in range(rng.randrange(1, 6)):
            i = rng.randrange(len(text) + 1)
            j = min(len(text), i + rng.randrange(1, 40))
            text = rng.choice(
                (
                    text[:i] + text[j:],
                    text[:i] + text[i:j] * rng.randrange(2, 30) + text[j:],
                    text[:i] + rng.choice(texts)[: rng.randrange(200)] + text[j:],
                )
            )
        notam = decode(text)
        json.dumps(to_json(notam))
        assert quickest_s(text) < MOST_S, text
