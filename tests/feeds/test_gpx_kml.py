"""GPX, KML and KMZ: read from their content, hostile XML refused in one line."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windhover.detections import xml_events
from windhover.errors import BadInput
from windhover.feeds.files import read_payload
from windhover.schema.place import Vertical
from windhover.timescale import from_iso

GPX = b"""<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="a glider" xmlns="http://www.topografix.com/GPX/1/1">
  <metadata><name>not the object</name><time>2020-01-01T00:00:00Z</time></metadata>
  <wpt lat="31.70" lon="-106.30"><name>field</name></wpt>
  <trk><name>kite &amp; string</name>
    <trkseg>
      <trkpt lat="31.80" lon="-106.40"><ele>1250.5</ele><time>2026-02-11T06:30:00Z</time></trkpt>
      <trkpt lat="31.81" lon="-106.41"><ele>1251.5</ele><time>2026-02-11T06:30:01.5Z</time></trkpt>
    </trkseg>
    <trkseg>
      <trkpt lat="95.0" lon="-106.41"><time>2026-02-11T06:30:02Z</time></trkpt>
      <trkpt lat="31.83"><time>2026-02-11T06:30:03Z</time></trkpt>
      <trkpt lat="31.82" lon="-106.42"><time>noon</time></trkpt>
      <trkpt lat="31.82" lon="-106.42"><time>2026-02-11T07:30:04+01:00</time></trkpt>
    </trkseg>
  </trk>
  <trk><trkseg><trkpt lat="31.9" lon="-106.4"><time>2026-02-11T06:30:00Z</time></trkpt></trkseg></trk>
</gpx>
"""
KML = b"""<?xml version="1.0"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
<Document><name>a day</name>
  <Placemark><name>balloon</name>
    <gx:MultiTrack><gx:Track><altitudeMode>absolute</altitudeMode>
      <when>2026-02-11T06:30:00Z</when><when>2026-02-11T06:30:10Z</when><when>2026-02-11T06:30:20Z</when>
      <gx:coord>-106.40 31.80 1300</gx:coord><gx:coord>-106.39 31.80 1310</gx:coord><gx:coord></gx:coord>
    </gx:Track></gx:MultiTrack>
  </Placemark>
  <Folder><name>walker</name>
    <Placemark><name>1</name><TimeStamp><when>2026-02-11T06:31:00Z</when></TimeStamp>
      <Point><coordinates>-106.41,31.81,50</coordinates></Point></Placemark>
    <Placemark><name>2</name><TimeSpan><begin>2026-02-11T06:31:05Z</begin><end>2026-02-11T07:00:00Z</end>
      </TimeSpan><Point><altitudeMode>absolute</altitudeMode>
      <coordinates>-106.42,31.81,1290</coordinates></Point></Placemark>
  </Folder>
  <Placemark><name>house</name><Point><coordinates>-106.4,31.8</coordinates></Point></Placemark>
  <Placemark><name>road</name><LineString><coordinates>-106.4,31.8 -106.5,31.9</coordinates>
    </LineString></Placemark>
</Document></kml>
"""


def kmz(*files: tuple[str, bytes]) -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return box.getvalue()


def test_a_gpx_file() -> None:
    recording = read_payload(GPX, "flight.gpx", vertical=Vertical(undulation_m=-25.0))
    assert recording.kind == "gpx"
    assert "root is <gpx>" in recording.reason
    assert recording.names == ("kite & string", "flight 2")
    assert recording.n == 4
    assert recording.from_ns == from_iso("2026-02-11T06:30:00Z")
    assert recording.rejected == {
        "absurd position": 1,
        "no position": 1,
        "absurd time": 1,
        "point without a time": 1,
        "height unused: none told": 2,
    }
    heights = np.concatenate([b.detections.value[:, 2] for b in recording.batches])
    assert sorted(heights[np.isfinite(heights)].tolist()) == [1225.5, 1226.5]
    times = np.concatenate([b.detections.time_ns for b in recording.batches])
    assert from_iso("2026-02-11T06:30:04Z") in times.tolist()  # a zone is taken off


def test_without_a_site_heights_are_the_recordings_own() -> None:
    recording = read_payload(GPX, "flight.gpx")
    assert recording.sector.vertical == Vertical(undulation_m=0.0)
    assert any("mean sea level" in words for words in recording.understood)


def test_a_point_that_tells_the_geoids_height_is_above_the_ellipsoid() -> None:
    told = GPX.replace(b"</ele>", b"</ele><geoidheight>-25.5</geoidheight>")
    recording = read_payload(told, "flight.gpx")
    assert recording.sector.vertical == Vertical()
    first = recording.batches[0].detections.value
    assert 1225.0 in first[:, 2].tolist()


def test_a_kml_file() -> None:
    recording = read_payload(KML, "day.kml", vertical=Vertical(undulation_m=-25.0))
    assert recording.kind == "kml"
    assert recording.names == ("balloon", "walker")
    assert recording.n == 4
    assert recording.rejected == {
        "no position": 1,
        "place without a time": 1,
        "line without times": 1,
        "height unused: none told": 1,
    }
    assert any("1 altitudes count from the ground" in words for words in recording.understood)
    heights = np.concatenate([b.detections.value[:, 2] for b in recording.batches])
    assert sorted(heights[np.isfinite(heights)].tolist()) == [1265.0, 1275.0, 1285.0]


@pytest.mark.parametrize(
    "files",
    [
        (("doc.kml", KML),),
        (("files/icon.png", b"\x89PNG"), ("doc.kml", KML), ("files/other.png", b"\x89PNG")),
        (("doc.kml", KML), ("more.kml", b"<kml/>")),
    ],
)
def test_a_kmz_file_with_pictures(files: tuple[tuple[str, bytes], ...]) -> None:
    recording = read_payload(kmz(*files), "day.kmz")
    assert (recording.kind, recording.n) == ("kml", 4)
    assert recording.reason.startswith("zip, inside it")


def test_other_names_and_namespaces() -> None:
    prefixed = GPX.replace(b"<gpx ", b"<g:gpx xmlns:g='http://www.topografix.com/GPX/1/1' ")
    prefixed = prefixed.replace(b"</gpx>", b"</g:gpx>")
    assert read_payload(b"\xef\xbb\xbf" + prefixed, "x").n == 4
    plain = KML.replace(b"gx:", b"").replace(b' xmlns:gx="http://www.google.com/kml/ext/2.2"', b"")
    assert read_payload(plain, "x").n == 4  # KML 2.3 took tracks into the standard


def test_a_file_that_is_cut_off_keeps_what_came_before() -> None:
    cut = GPX[: GPX.index(b"</trkseg>")]
    recording = read_payload(cut, "cut.gpx")
    assert recording.n == 2
    assert any(reason.startswith("broken XML") for reason in recording.rejected)


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><gpx><trk><name>&b;</name></trk></gpx>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE kml SYSTEM "file:///etc/passwd"><kml/>"""


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (LAUGHS, "document type"),
        (OUTSIDE, "document type"),
        (b"<gpx>" + b"<trk>" * 500, "deep"),
        (b"<gpx></gpx>", "no point with a time"),
        (b"<kml></kml>", "no place with a time"),
        (b"<kml><Document>", "broken in line 1"),
        (b'<?xml version="1.0" encoding="martian"?><gpx/>', "XML"),
        (b"<svg></svg>", "no kind"),
    ],
)
def test_hostile_xml_is_refused_in_one_line(payload: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as fault:
        read_payload(payload, "file")
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("seed", [GPX, KML], ids=["gpx", "kml"])
def test_a_year_that_no_clock_of_ours_reaches(seed: bytes) -> None:
    """Nine thousand years on, nanoseconds no longer fit 64 bits (found by fuzzing)."""
    recording = read_payload(seed.replace(b"2026-02-11T06:30:00Z", b"9026-02-11T06:30:00Z"), "f")
    assert recording.rejected["absurd time"] >= 1


def test_too_much_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_events, "MAX_TEXT", 1_000)
    with pytest.raises(BadInput, match="more text"):
        read_payload(b"<gpx><trk><name>" + b"x" * 2_000 + b"</name></trk></gpx>", "file")


@pytest.mark.parametrize("seed", [GPX, KML], ids=["gpx", "kml"])
@settings(max_examples=150)
@given(data=st.data())
def test_damaged(seed: bytes, data: st.DataObject) -> None:
    broken = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(broken) - 1))
        if data.draw(st.booleans()):
            broken[at] = data.draw(st.sampled_from(list(b"\x00<>&;\"'9-eN \xff")))
        else:
            del broken[at : at + data.draw(st.integers(1, 30))]
    try:
        recording = read_payload(bytes(broken), "f")
    except BadInput as fault:
        assert "\n" not in str(fault)
    else:
        for batch in recording.batches:
            assert np.isfinite(batch.detections.value[:, :2]).all()
            assert (np.abs(batch.detections.value[:, 0]) <= np.pi / 2).all()
