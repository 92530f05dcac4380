"""Builds tests/golden/notam_geometry.jsonl: which area each of some 300 real notices draws.

The notices themselves are not ours to ship: they are named by corpus and number. A person read each
text and wrote down its shape below, the positions counted as they stand in item E: `P` the polygon
of all of them, `C2NM` a circle around the first, `P1-6` a polygon of some, `1-3,>4,5` an arc
clockwise (`<` anticlockwise, `~` the shorter way) around position 4 from 3 to 5, `L0.1KM@1-22` a
corridor of that half width, `S3KM@1:300-120` a sector between two true bearings, a leading minus
airspace taken out of the area before it, `x` airspace taken out in part of the height only (it stays
on its own), `0` no area. Areas come from pyproj and shapely and from a reading
of the positions of its own; the reader under test has no part in it.

Usage: python builders/notam_geometry.py ../shared/data/notam
"""

from __future__ import annotations

import gzip
import json
import lzma
import re
import sys
from pathlib import Path

from pyproj import CRS, Geod, Transformer
from shapely.geometry import LineString, Polygon

GEOD = Geod(ellps="WGS84")
POSITION = re.compile(
    r"(?<![\d.])(\d{4}(?:\d\d)?)(?:\.(\d+))?\s?([NS])[\s,/;:\-–.]{0,12}(\d{4,7})(?:\.(\d+))?\s?([EW])(?![A-Z])"
    r"|(?<![A-Z])([NS])\s?(\d{4}(?:\d\d)?)(?:\.(\d+))?[\s,/;:\-–.]{0,12}([EW])\s?(\d{4,7})(?:\.(\d+))?(?!\d)"
    r"|([\d.]+)° ?([NS]), ([\d.]+)° ?([EW])"
)
METRES = {"NM": 1852.0, "KM": 1000.0, "M": 1.0}

WORLD = """
A2363/26 P|A3804/26 P|B4250/26 P|A3670/26 P|A3864/26 P|A2576/26 P|F2858/26 P|P3715/26 P|J19/2026 C0.6NM
J25/2026 1,2,~3,4,5-10|A74/2026 P|E2770/2026 P|B1469/2026 P|E2672/2026 P|B1444/2026 P|E2688/2026 P
A2136/2026 C10NM@1;P2-6|Q1680/26 0|B1376/2026 P|A1652/2018 P|A50/2026 P|D1335/2026 P|A5937/2025 P2-6
K835/2026 P|K840/2026 P|K847/2026 P|K855/2026 P|A494/2026 P|H1782/2026 C0.7NM|B292/2026 C0.5NM
A1786/2026 C3NM|A2117/2026 P|A2274/2026 P|B252/2026 P|D1182/2026 C1.6NM|J54/2026 P1-4|K1604/2026 P
C4546/2026 P|E2546/2026 P|A2705/2026 P|H1630/2026 C1NM|A28/2026 P|A2664/2026 P|A2666/2026 P|A1465/2026 P
H1629/2026 C1NM|A2409/2026 P|A2202/2026 C1KM|C2362/2026 C1NM|A2061/2026 P|J12/2026 1,2,~3,4,5,~6,7
D528/2026 P|B1783/2026 P|E1735/2026 P|A1379/2026 P1-4|J2456/2026 C3NM|A678/2026 P|A1417/2026 P
A83/2026 C6NM|H1300/2026 C0.1NM|A2141/2026 P|A1360/2026 P|A341/2026 P|C2435/2026 C16.2NM|A463/2026 P
J871/2026 P|J870/2026 P|J868/2026 P|J874/2026 1,2,>3,4-7|J872/2026 1-5,7,<6,8,9-13|A1349/2026 C11.36KM
A2170/2026 P|C2336/2026 P|B3881/2026 P|B3876/2026 C1NM|A1118/2026 P|A289/2026 0|D1847/2026 P|A1364/2026 P
I2605/2026 C0.1NM|A1338/2026 P|M4/2026 P|D863/2026 C5NM|D1941/2026 C300M|A140/2026 P|A1115/2026 P
A364/2026 C9NM|P1481/2026 P|H1604/2026 P|E1085/2026 P|W393/2026 C600M|A455/2026 P1-11|P1229/2026 P
A1020/2026 P|W418/2026 P|B573/2026 P|A1552/2026 C1000M|A36/2026 C3NM|A813/2026 P|E876/2026 P
D1341/2026 C20NM|F865/2026 C8.5NM|P1225/2026 P|U2504/2026 C500M|H738/2026 C1NM|A520/2026 C5NM|A376/2026 P
M753/2026 P|D546/2026 C2NM|D552/2026 1,>2,3,4,>5,6,7|A751/2026 P1-6;P7-11|D1638/2026 P|D1538/2026 P
D1712/2026 P|D381/2026 P|A1248/2026 P|A524/2026 P|A1200/2026 P|A791/2026 P|A861/2026 P|A956/2026 P
A1320/2026 P|A1308/2026 P|A1036/2026 P|A779/2026 P|A2279/2025 xC5NM|A929/2026 P|A967/2026 C1NM
W478/2026 C0.25NM|I149/2026 C1.5NM|K816/2026 C4NM|P1334/2026 P1-7;xC18NM@8|F974/2026 P
D1057/2026 C12.5KM|D1332/2026 P|D1086/2026 C9NM@1;-P2-6|A832/2026 C3NM|A210/2026 C55NM|A829/2026 C0.7NM
A828/2026 C0.7NM|A701/2026 P|O110/2026 C5KM|J310/2026 P|J597/2026 P|J594/2026 P|R3160/2025 C0.54NM
R2442/2025 C1NM|D1437/2026 C1NM
Q3419/2026 S3KM@1:300-120;S3KM@2:120-300|Q3489/2026 P1-7;P8-15|Y3008/2026 C3KM
H6281/2026 P1-7;P8-14;C0.1KM@15|H6176/2026 L0.1KM@1-22
H6191/2026 P1-32;C1KM@33;C1KM@34;C1KM@35|Y3009/2026 C0.02KM@1;L0.57KM@2-19|Q3285/2026 C30KM
N3066/2026 P|N3107/2026 C5KM|H4160/2026 1-5,>6,7,8|E5259/2026 P1-29;C0.5KM@30;C0.5KM@31
Q3158/2026 P1-10;C2.5KM@11|J5664/2026 P|E3480/2026 P|J5697/2026 C1KM@1;P2-13|N3310/2026 C1KM|Q3484/2026 P
H6171/2026 S3KM@1:290-110|J5659/2026 P|N2941/2026 C1KM|Q3486/2026 P1-38;C1KM@39;C1KM@40
E5256/2026 P1-32;C1KM@33;C1KM@34;C2.5KM@35;C1KM@36;C1KM@37|J5612/2026 P1-5;P6-10|N4352/2026 P
H6233/2026 P|Q3100/2026 P1-12;C1KM@13;C1KM@14;C1KM@15;C1KM@16;C1KM@17|Y2909/2026 C3.5KM
J5565/2026 P1-32;C1.5KM@33;C1.5KM@34;C1KM@35|Y2930/2026 P|E7623/2026 P|J4900/2026 P|N3096/2026 C5KM
Y2956/2026 P1-31;C1KM@32;C1KM@33;C1KM@34;C1KM@35;C1KM@36|E5408/2026 P1-41;C1KM@42;C1KM@43
Q3094/2026 P1-7;C1KM@8|E5049/2026 P1-11;C0.5KM@12;C1KM@13|N3018/2026 P1-46;C1KM@47;C1KM@48;C1KM@49
E6259/2026 P|N3681/2026 P|E4979/2026 L1.5KM@1-23;C0.5KM@24;C0.5KM@25|H6322/2026 P1-5;P6-10;C5KM@11
E5065/2026 P|H6337/2026 P1-18;P19-39;C1KM@40;C1KM@41
E4808/2026 P1-36;C1KM@37;C1KM@38;C1KM@39;C1KM@40;C1KM@41;C1KM@43;C1KM@44;C1KM@45
"""

UK = """
J1138/26 C1NM|H6814/22 C2NM|U6698/23 C0.5NM|J1097/26 P|J3995/23 P|H5193/23 C0.25NM|H0551/24 C0.5NM
C2602/22 C170M|H1108/24 C1NM|K0422/22 0|B0889/25 C10NM|A5630/22 0|H3750/23 C1NM|C4296/23 0|J0836/25 C2NM
J2916/24 P|K0214/22 0|H5344/22 P|H7686/23 P|L0441/24 C0.1NM|H1236/24 P|J4603/25 P|J1854/25 P|J4902/25 P
J1828/22 P|C2041/25 C50M|C6674/23 C0.2NM|H0540/23 C1NM|B0825/26 P|H1751/23 C2NM|H0843/24 C1NM
J0209/26 C1.6NM|H2101/26 C1NM|H9242/22 C15NM|U6410/22 C0.5NM|H3664/26 P|J2825/22 C6NM|H7865/22 C15NM
H7882/23 C1NM|H0308/24 C2.5NM|H8444/23 C5NM|H2502/26 C3NM|U4864/26 C5NM|H1664/24 C1.5NM|C6665/23 C0.5NM
C5556/25 0|C3133/24 C200M|J1621/24 P|H2857/25 C5NM|K0204/22 0|H4024/24 C2NM|H2379/24 C2NM|H7781/23 C1NM
U3450/25 C420M|H3040/25 P|H1107/24 C8NM|A0875/26 0|U1239/24 C0.05NM|H8702/22 C6NM|K0271/25 0|K0414/22 0
U3998/22 C2NM|C5432/23 0|U7254/25 C25M|U3433/26 C2NM|U2918/25 C500M|H7573/24 P|G0145/24 0|G0285/24 0
A0539/26 0|A1702/26 C0.3NM|G0193/24 0|J1991/26 C1NM|J3816/23 C2.5NM|H3006/26 C0.2NM|L3095/25 C0.5NM
C1528/24 0|U3187/23 C0.25NM|U6446/23 C0.5NM|H5998/22 C2NM|C6045/24 0|H5749/24 C3.2NM|H3762/22 C2NM
L2585/25 C1NM|H4152/24 C0.33NM|H2971/25 C1NM|J1932/22 P|H4656/26 C2NM|J1326/26 P|H2910/23 C10NM
U0465/24 C500M|H7008/23 C1NM|K0546/22 0|H3899/24 C3NM|L4903/26 C0.1NM|N0271/25 0|H6684/25 C1NM|C3858/23 0
H2695/24 P|H8532/23 C0.3NM|J3882/23 C1.1NM|U7435/23 C0.5NM|K0564/24 0|H5820/24 C8NM|H7464/24 C0.25NM
H5130/23 C1NM|U5888/26 C5NM|H6939/23 C2NM|H4456/25 C1NM|A2162/24 C0.05NM|K0024/25 0|A5562/23 C0.27NM
J2378/25 P|K0353/22 0|H1809/23 P|D0697/23 C3NM|U6669/24 C200M|C6177/25 C0.1NM|J3794/23 P|H5123/22 C0.5NM
H4718/25 P|K0499/22 0|H7193/24 P|H6736/22 C5NM|H6242/23 C1NM|I1500/25 C0.2NM|H7386/23 P|K0343/22 0
H4145/24 C1NM|H6071/25 C5NM|L2838/24 0|G0266/22 0|H0835/25 C1NM|U5879/24 C200M|H1412/26 C2NM|L5936/23 C0.5NM
B1499/22 P|U3846/22 C5NM|J2394/24 C1NM|U2207/24 C500M|U0986/25 C75M|H5967/23 C5NM|H6484/23 C1NM
H8769/22 C1NM|U0289/24 C0.3NM|P0183/22 C0.08NM|B3098/22 P|B0692/24 0|C3924/22 C10M|B0446/26 P
J1884/22 2,>1,3,5,<4,6|J1864/22 P|B1485/22 P|B1486/22 P|B1519/22 P
J2023/22 P1-5;P6-12;13,14,15,17,<16,18,19-25|J2038/22 P|J2057/22 1-3,5,>4,6,7-11,13,>12,14;15-19,21,>20,22
J2055/22 2,>1,3,4,5,7,>6,8,9,10;11,12,14,>13,15,16,17,19,<18,20|H5940/22 L2NM@1-2|J2817/22 1-5,<6,7-17
J2830/22 P|B2163/22 P|H7783/22 1,>2,3,4|H7878/22 P|B2426/22 1-4,<5,6-10|H8081/22 L2NM@1-2|H8512/22 L2NM@1-2
B2601/22 P|H8953/22 P1-7;P8-14;P15-19;P20-24|C1607/23 0|B1037/23 1-7,>8,9|J2104/23 1,2,4,<3,5
J2326/23 P|G0187/23 P|J2484/23 1-3,5,<4,6,7-11|J2472/23 1,2,4,>3,5|J3314/23 1-14,16,<15,17
B2507/23 1,<2,3-6|J3907/23 2,<1,3,4-7|H1448/24 L2NM@1-2|J1047/24 P|A1906/24 P
J0403/24 2,>1,3,4,5,7,>6,8,9,10|J1614/24 1-5,7,<6,8,9-13
"""


def positions(text: str) -> list[tuple[float, float]]:
    """(longitude, latitude) in degrees of every position in item E, in its order."""
    text = re.sub(
        r"(?<=\d)\s{2,}(?=\d{1,6}(?:\.\d+)?[NSEW])|(?<=[NS]\d\d)\s{2,}(?=\d{4}E)", "", text
    )

    def angle(digits: str, fraction: str | None, negative: bool) -> float:
        cut = len(digits) - (4 if len(digits) >= 6 else 2)
        value = float(digits[:cut])
        part = "." + fraction if fraction else ""
        if len(digits) - cut == 4:
            value += int(digits[cut : cut + 2]) / 60 + float(digits[cut + 2 :] + part) / 3600
        else:
            value += float(digits[cut:] + part) / 60
        return -value if negative else value

    found = []
    for m in POSITION.finditer(text):
        if m[1]:
            lat, lon = angle(m[1], m[2], m[3] == "S"), angle(m[4], m[5], m[6] == "W")
        elif m[7]:
            lat, lon = angle(m[8], m[9], m[7] == "S"), angle(m[11], m[12], m[10] == "W")
        else:
            lat = float(m[13]) * (-1 if m[14] == "S" else 1)
            lon = float(m[15]) * (-1 if m[16] == "W" else 1)
        found.append((lon, lat))
    return found


def ring_area(ring: list[tuple[float, float]]) -> tuple[float, float, float]:
    """(area in km², longitude and latitude of the corners' middle)."""
    area, _ = GEOD.polygon_area_perimeter(*zip(*ring, strict=True))
    shape = Polygon(ring).buffer(0)
    return abs(area) / 1e6, shape.centroid.x, shape.centroid.y


def indices(words: str) -> list[int]:
    out: list[int] = []
    for piece in words.split(","):
        first, _, last = piece.partition("-")
        out += range(int(first), int(last or first) + 1)
    return out


def length(words: str) -> float:
    number, unit = re.match(r"([\d.]+)(NM|KM|M)\Z", words).groups()
    return float(number) * METRES[unit]


def arc(
    a: tuple[float, float], c: tuple[float, float], b: tuple[float, float], way: str
) -> list[tuple[float, float]]:
    """Corners a degree apart from a to b around c."""
    az1, _, r1 = GEOD.inv(*c, *a)
    az2, _, r2 = GEOD.inv(*c, *b)
    sweep = (az2 - az1) % 360
    if way == "<" or (way == "~" and sweep > 180):
        sweep -= 360
    steps = max(2, int(abs(sweep)))
    return [
        GEOD.fwd(*c, az1 + sweep * i / steps, r1 + (r2 - r1) * i / steps)[:2]
        for i in range(1, steps)
    ]


def path(words: str, at: list[tuple[float, float]]) -> list[tuple[float, float]]:
    ring: list[tuple[float, float]] = []
    pending: tuple[str, tuple[float, float]] | None = None
    for token in words.split(","):
        if token[0] in "<>~":
            pending = (token[0], at[int(token[1:]) - 1])
            continue
        for i in indices(token):
            if pending is not None:
                ring += arc(ring[-1], pending[1], at[i - 1], pending[0])
                pending = None
            ring.append(at[i - 1])
    return ring


def circle(centre: tuple[float, float], radius_m: float) -> list[tuple[float, float]]:
    return [GEOD.fwd(*centre, az, radius_m)[:2] for az in range(360)]


def shapes_of(words: str, at: list[tuple[float, float]]) -> list[dict[str, object]]:
    """A specification worked out; a part with a minus is cut out of the one before it."""
    out: list[dict[str, object]] = []
    ring: list[tuple[float, float]] = []
    for part in words.split(";"):
        if part == "0":
            continue
        if not part.startswith("-"):
            shape, ring = shape_of(part, at)
            out.append(shape)
            continue
        left = Polygon(ring).difference(Polygon(shape_of(part[1:], at)[1]))
        area, _ = GEOD.geometry_area_perimeter(left)
        out[-1]["area_km2"] = round(abs(area) / 1e6, 6)
        out[-1]["centre"] = [round(left.centroid.x, 5), round(left.centroid.y, 5)]
    return out


def shape_of(
    words: str, at: list[tuple[float, float]]
) -> tuple[dict[str, object], list[tuple[float, float]]]:
    """One part of a specification and its ring."""
    excluded = words.startswith("x")
    words = words.lstrip("x")
    if words[0] == "C":
        radius, _, centre = words[1:].partition("@")
        kind, ring = "circle", circle(at[int(centre or 1) - 1], length(radius))
    elif words[0] == "S":
        radius, _, rest = words[1:].partition("@")
        centre_words, _, bearings = rest.partition(":")
        first, last = map(int, bearings.split("-"))
        centre = at[int(centre_words) - 1]
        span = (last - first) % 360
        rim = [GEOD.fwd(*centre, first + i, length(radius))[:2] for i in range(span + 1)]
        kind, ring = "sector", [centre, *rim]
    elif words[0] == "L":
        width, _, which = words[1:].partition("@")
        track = [at[i - 1] for i in indices(which)]
        lon, lat = track[0]
        plane = CRS.from_proj4(f"+proj=aeqd +lat_0={lat} +lon_0={lon} +ellps=WGS84")
        flat = Transformer.from_crs("EPSG:4326", plane, always_xy=True)
        line = LineString([flat.transform(*place) for place in track])
        band = line.buffer(length(width), quad_segs=32)
        ring = [flat.transform(*xy, direction="INVERSE") for xy in band.exterior.coords]
        kind = "corridor"
    else:
        which = words[1:] if words[0] == "P" else words
        ring = path(which or f"1-{len(at)}", at)
        kind = "polygon"
    area, lon, lat = ring_area(ring)
    return {
        "kind": kind,
        "excluded": excluded,
        "area_km2": round(area, 6),
        "centre": [round(lon, 5), round(lat, 5)],
    }, ring


def main(folder: Path) -> None:
    corpora = {
        "world_1000.jsonl.gz": (gzip.open, WORLD),
        "uk_20000.jsonl.xz": (lzma.open, UK),
    }
    lines = []
    for name, (opener, specification) in corpora.items():
        with opener(folder / name, "rt") as file:
            texts: dict[str, str] = {}
            twice = set()
            for line in file:
                row = json.loads(line)
                if texts.setdefault(row["id"], row["raw"]) != row["raw"]:
                    twice.add(row["id"])  # a number alone does not say which
        for entry in specification.replace("\n", "|").split("|"):
            if not entry.strip():
                continue
            number, words = entry.split(" ")
            if number in twice:
                continue
            at = positions(re.search(r"\sE\)(.*)", texts[number], re.S)[1])
            try:
                areas = shapes_of(words, at)
            except (IndexError, KeyError) as wrong:
                sys.exit(f"{number} {words}: {wrong}, {len(at)} positions")
            lines.append(json.dumps({"corpus": name, "id": number, "shape": words, "areas": areas}))
    out = Path(__file__).resolve().parents[1] / "tests/golden/notam_geometry.jsonl"
    out.write_text("\n".join(lines) + "\n")
    print(len(lines), "notices")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
