"""Files of libraries' formats, damaged: read, or refused in one line; nothing else, and quickly."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tracemalloc
import zipfile
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import netcdf_file

from windhover.errors import BadInput
from windhover.feeds import sniff
from windhover.feeds.files import read_payload, read_wind


def sounding() -> bytes:
    """A small radiosonde file in the form of ARM's."""
    box = io.BytesIO()
    file = netcdf_file(box, "w")
    file.createDimension("time", 6)
    base = file.createVariable("base_time", "i4", ())
    base[...] = 1_137_646_980
    for name, values in {
        "time_offset": np.arange(6) * 2.0,
        "lat": -12.42 + np.arange(6) * 1e-4,
        "lon": 130.89 + np.arange(6) * 1e-4,
        "alt": 30.0 + np.arange(6) * 10,
        "u_wind": np.full(6, 3.0),
        "v_wind": np.array([1.0, 1.0, -9999.0, 1.0, 1.0, 1.0]),
    }.items():
        variable = file.createVariable(name, "f8", ("time",))
        variable[:] = values
        variable.units = b"meters above Mean Sea Level" if name == "alt" else b"x"
    file.flush()
    payload = box.getvalue()
    file.close()
    return payload


def parquet() -> bytes:
    box = io.BytesIO()
    table = pa.table({"time": [1.7e9, 1.7e9 + 1], "lat_deg": [1.0, 2.0], "lon_deg": [1.0, 2.0]})
    pyarrow.parquet.write_table(table, box)
    return box.getvalue()


IGC = (
    b"AXXX001\r\nHFDTE110226\r\nHFALGALTGPS:ELL\r\n"
    b"B2359583148000N10624000WA0120001230\r\n"
    b"B0000023148010N10624000WA0120201232\r\n"
    b"B0000043148020N10624000WV0120401234\r\n"
    b"Bbroken\r\n"
)
SEEDS = {"sounding": sounding(), "parquet": parquet(), "igc": IGC}


def zipped(payload: bytes) -> bytes:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.igc", payload)
    return box.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress, zipped])
def test_a_packed_file_takes_the_room_that_it_fills_and_a_bomb_no_more_than_is_allowed(
    pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    small, bomb = pack(IGC), pack(bytes(300 << 20))
    tracemalloc.start()
    try:
        assert sniff.unpack(small)[0] == IGC
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
        monkeypatch.setattr(sniff, "MAX_BYTES", 8 << 20)
        tracemalloc.reset_peak()
        held = tracemalloc.get_traced_memory()[0]
        with pytest.raises(BadInput, match="unpacks to more"):
            sniff.unpack(bomb)
        assert tracemalloc.get_traced_memory()[1] - held < 40 << 20
    finally:
        tracemalloc.stop()


def test_a_log_past_midnight_in_its_own_datum() -> None:
    recording = read_payload(IGC, "flight.igc")
    assert recording.kind == "igc"
    assert recording.n == 3
    assert recording.to_ns - recording.from_ns < 10 * 10**9
    assert recording.names == ("flight",)
    assert recording.rejected == {
        "broken B record": 1,
        # A fix without three dimensions has pressure altitude alone.
        "height unused: barometric, QNH or undulation unknown": 1,
    }
    assert recording.batches[0].detections.value[0, 2] == 1230.0
    assert recording.batches[0].detections.value[0, 1] == pytest.approx(np.radians(-106.4))


def test_above_the_geoid_is_not_above_the_ellipsoid() -> None:
    recording = read_payload(IGC.replace(b"ELL", b"GEO"), "flight.igc")
    assert recording.sector.vertical.undulation_m == 0.0
    assert any("mean sea level" in word for word in recording.understood)


def test_a_sounding(tmp_path) -> None:  # type: ignore[no-untyped-def]
    recording = read_payload(SEEDS["sounding"], "sonde.cdf")
    assert recording.n == 6
    assert recording.own_wind is not None
    assert recording.own_wind.n == 5  # −9999 is no wind
    (tmp_path / "sonde.cdf").write_bytes(SEEDS["sounding"])
    assert read_wind(tmp_path / "sonde.cdf").n == 5


@pytest.mark.parametrize("kind", sorted(SEEDS))
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_damaged(kind: str, data: st.DataObject) -> None:
    broken = bytearray(SEEDS[kind])
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, 0x20]))
    cut = data.draw(st.one_of(st.none(), st.integers(1, len(broken))))
    try:
        recording = read_payload(bytes(broken[:cut]), "f")
    except BadInput as fault:
        assert "\n" not in str(fault)
    else:
        values = [b.detections.value[:, :2] for b in recording.batches]
        assert all(np.isfinite(v).all() for v in values)
