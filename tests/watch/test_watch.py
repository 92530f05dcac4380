"""The watch from source to alert: once, explained, kept over a restart; pages that load nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.watch.making import CITY_TFR, closure, icao
from windhover.cli import main
from windhover.cli.watch import told_of
from windhover.cli.watch_border import lines
from windhover.cli.watch_page import map_of, page
from windhover.errors import WindhoverError
from windhover.feeds.notices_baseline import read_baseline, shipped
from windhover.feeds.notices_http import SourceDown
from windhover.feeds.notices_read import near
from windhover.feeds.notices_sources import Answer
from windhover.feeds.notices_store import Store
from windhover.feeds.notices_texts import Item
from windhover.feeds.notices_watch import Told, Watch
from windhover.notices.notam.spanish import in_spanish
from windhover.timescale import from_iso
from windhover.watch.brief import compose

T0 = from_iso("2026-02-11T05:31Z")
MINUTE = 60_000_000_000
ISSUED_NS = from_iso("2026-02-11T05:30Z")


class Script:
    """A source that answers as it is told."""

    name = "script"

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.complete = True
        self.down = ""

    def poll(self) -> Answer:
        if self.down:
            raise SourceDown(self.down)
        days_before = ISSUED_NS - 2 * 1440 * MINUTE + 300 * MINUTE
        items = [Item("", t, ISSUED_NS if "FDC" in t[:200] else days_before) for t in self.texts]
        return Answer(tuple(items), self.complete)


def alerts(told: list[Told]) -> list[tuple[str, str]]:
    return [(t.what, t.key) for t in told if t.alert]


def test_the_night_of_the_closure(tmp_path: Path) -> None:
    source = Script()
    source.texts = [CITY_TFR, icao("J1000/26", start="2602110900", end="2602120900")]
    with Store(tmp_path / "w.sqlite") as store:
        watch = Watch(store, [source], shipped())
        told = watch.round(T0)
        assert alerts(told) == [("unusual", "FDC 6/9101")]
        (first,) = (t for t in told if t.alert)
        assert "ranks above every one" in first.words.en and "foreign baseline" in first.words.en
        assert first.share == pytest.approx(1 / 1316)
        assert alerts(watch.round(T0 + MINUTE)) == []  # told once
        # Taken off the list after seven and a half hours.
        source.texts = source.texts[1:]
        watch.round(T0 + 2 * MINUTE)
        late = watch.round(from_iso("2026-02-11T13:55Z"))
        assert ("withdrawn early", "FDC 6/9101") in alerts(late)
        assert any("445 of 14,400 ordered minutes" in t.words.en for t in late)
    # Another process goes on with the same store.
    with Store(tmp_path / "w.sqlite") as store:
        source.texts = [CITY_TFR, *source.texts]
        told = Watch(store, [source], shipped()).round(from_iso("2026-02-12T06:00Z"))
        assert ("gap", "") in alerts(told) and ("back", "FDC 6/9101") in alerts(told)
        assert ("unusual", "FDC 6/9101") not in alerts(told)
        ranked = Watch(store, [], shipped()).ranked()
        assert [s.entry.closure.key for s in ranked] == ["FDC 6/9101", "EG J1000/26"]
        events = [what for _, what, _, _ in store.events_of("FDC 6/9101")]
        assert events == ["issued", "withdrawn early", "back"]


def test_an_outage_is_told_and_takes_nothing_away(tmp_path: Path) -> None:
    source = Script()
    source.texts = [icao(f"J100{k}/26", end="2603010000") for k in range(8)]
    with Store(tmp_path / "w.sqlite") as store:
        watch = Watch(store, [source], shipped())
        watch.round(T0)
        source.down = "no connection (timed out)"
        told = [t for k in range(1, 30) for t in watch.round(T0 + k * MINUTE)]
        assert alerts(told) == [("down", "")] and "timed out" in told[0].words.en
        source.down, source.texts = "", []
        assert ("back", "") in alerts(back := watch.round(T0 + 40 * MINUTE))
        assert ("doubted", "") in alerts(back)
        assert len(store.open_entries("script")) == 8


def test_a_changed_notice_is_compared_with_its_last_version(tmp_path: Path) -> None:
    source = Script()
    source.texts = [CITY_TFR]
    with Store(tmp_path / "w.sqlite") as store:
        watch = Watch(store, [source], shipped())
        watch.round(T0)
        source.texts = [CITY_TFR.replace("10 NM RADIUS", "20 NM RADIUS")]
        told = watch.round(T0 + MINUTE)
        assert ("changed", "FDC 6/9101") in alerts(told)
        entry = store.entry("FDC 6/9101")
        assert entry is not None and entry.version == 2
        brief, history = told_of(store, watch, entry, ())
        changed = next(s for s in brief.sections if s.key == "changed")
        assert "size 10 NM → 20 NM" in changed.lines[0].en
        assert len(history) == 2


def test_what_stood_there_before_is_ranked_and_no_news(tmp_path: Path) -> None:
    source = Script()
    source.texts = [CITY_TFR.replace("2602110630-2602210630", "2602110630-PERM")]
    late = from_iso("2026-04-01T00:00Z")
    with Store(tmp_path / "w.sqlite") as store:
        watch = Watch(store, [source], shipped())
        assert alerts(watch.round(late)) == []
        assert [s.entry.closure.key for s in watch.ranked()] == ["FDC 6/9101"]


def test_a_replacement_was_announced_by_what_it_replaces(tmp_path: Path) -> None:
    source = Script()
    first = icao("J1000/26", start="2602130900", end="2602131500")
    second = icao("J1001/26", "NOTAMR J1000/26", start="2602130900", end="2602141500")
    stranger = icao("J1002/26", "NOTAMR J0900/26", start="2602130900", end="2602141500")
    source.texts = [first, second, stranger]
    with Store(tmp_path / "w.sqlite") as store:
        watch = Watch(store, [source], shipped())
        watch.round(T0)
        compared = {s.entry.closure.key: s.unusual for s in watch.ranked()}
        assert "announced 94.5 h before" in compared["EG J1001/26"].words.en.lower()
        assert "lead_h" not in compared["EG J1002/26"].compared


def test_drafts_and_exercises_wake_nobody(tmp_path: Path) -> None:
    source = Script()
    source.texts = ["EXERCISE / EJERCICIO\n" + CITY_TFR, "DRAFT, NOT A NOTAM / BORRADOR, NO ES NOTAM\n"
                    + CITY_TFR.replace("6/9101", "6/9109")]  # fmt: skip
    with Store(tmp_path / "w.sqlite") as store:
        assert alerts(Watch(store, [source], shipped()).round(T0)) == []


def test_the_page_loads_nothing_and_escapes(tmp_path: Path) -> None:
    made = closure(CITY_TFR.replace("HOSPITAL", "<SCRIPT>ALERT(1)</SCRIPT> HOSPITAL"), ISSUED_NS)
    html = page(
        compose(made, None, spanish=in_spanish, near=near(made)), made, near(made), ["<b>x</b>"]
    )
    assert "<SCRIPT>" not in html and "<b>x</b>" not in html
    assert "default-src 'none'" in html and not re.search(r"(?:src|href)\s*=", html)
    drawn = str(map_of(made, near(made)))
    assert "KELP [US]" in drawn and "MMCS [MX]" in drawn and "NM" in drawn
    assert map_of(closure(icao("J1/26", radius=999, words="ALL")), ()) is None
    # Where an office writes 999 NM for want of a better figure, the drawn area counts.
    drawn_area = closure(icao("J2/26", radius=999))
    assert drawn_area.radius_nm == pytest.approx(5.0)


def test_the_border_is_drawn_where_two_states_are_near() -> None:
    made = closure(CITY_TFR, ISSUED_NS)
    found, source = lines(made, near(made), cache=False)
    assert "unofficial" in source
    # The river between the two cities, 3 NM south of the airport, and the parallel west of it.
    assert any(abs(lat - 31.7839) < 0.001 for line in found for lat, lon in line if lon < -106.55)
    assert any(31.73 < lat < 31.79 and -106.5 < lon < -106.4 for line in found for lat, lon in line)
    html = page(compose(made, None, spanish=in_spanish), made, near(made), [], (found, source))
    assert 'class="border"' in html and "OpenStreetMap" in html
    inland = closure(icao("J1/26"))
    assert lines(inland, near(inland)) == ([], "")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(["watch", *arguments])
    assert stopped.value.code in (0, None), capsys.readouterr().err
    return capsys.readouterr().out


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notices = tmp_path / "n.jsonl"
    text = CITY_TFR.replace("2602110630-2602210630", "2602110630-PERM")
    rows = [{"raw": text, "issued": "2026-02-11T05:30:00Z"}]
    rows += [{"raw": icao(f"J1{k:03d}/26"), "issued": "2026-02-01T10:00:00Z"} for k in range(3)]
    notices.write_text("\n".join(map(json.dumps, rows)))
    store, out = str(tmp_path / "w.sqlite"), tmp_path / "out"
    asked = ("--once", "--now", "2026-02-11T05:40Z", "--store", store, "--out", str(out))
    said = run(capsys, str(notices), *asked)
    assert "ALERT / ALERTA  FDC 6/9101" in said and "Inusual no dice nada" in said
    assert "with no end stated" in said
    assert (out / "FDC_6_9101.html").read_text("utf-8").count("<section") == 14
    claims = tmp_path / "claims.jsonl"
    claims.write_text(json.dumps({"notice": "6/9101", "who": "a mayor", "said": "nobody asked us"}))
    brief = run(capsys, "--brief", "6/9101", "--store", store, "--claims", str(claims), "--json")
    sections = {s["key"]: s for s in json.loads(brief)["brief"]["sections"]}
    assert "nobody asked us" in sections["claims"]["lines"][0]["en"]
    for wrong in (["--brief", "9/9999"], [], ["--claims", str(notices), "tfr"]):
        with pytest.raises((WindhoverError, SystemExit)):
            main(["watch", *wrong, "--store", store])
    assert "FDC 6/9101" in run(capsys, str(notices), "--once", "--store", store)
    with pytest.raises(SystemExit) as stopped:
        main(["watch", str(tmp_path / "gone.jsonl"), "--once", "--store", store])
    assert stopped.value.code not in (0, None)
    assert "No source answered" in capsys.readouterr().err


def test_a_baseline_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive, made = tmp_path / "a.jsonl", tmp_path / "mine.json.xz"
    rows = [
        {"raw": icao(f"J1{k:03d}/26", end=f"26021{2 + k % 5}1500"), "issued": f"2026-02-{1 + k % 9:02d}T10:00:00Z"}
        for k in range(30)
    ]  # fmt: skip
    archive.write_text("\n".join(map(json.dumps, rows)))
    said = run(
        capsys, str(archive), "--write-baseline", str(made), "--name", "Here", "--country", "GB"
    )
    assert said.startswith("30 activations")
    past = read_baseline(made)["restriction"]
    assert past.n == 30 and past.name.en == "Here" and past.country == "GB"
    assert sorted(set(past.severity[:, 0])) == [6.0, 30.0, 54.0, 78.0, 102.0]
    made.write_bytes(b"no")
    with pytest.raises(WindhoverError):
        read_baseline(made)
