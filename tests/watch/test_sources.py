"""Sources against recorded replies (made up, in the services' own form) and a server that misbehaves."""

from __future__ import annotations

import gzip
import json
import mailbox
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from tests.watch.making import CITY_TFR, icao
from windhover.cli.watch import source_of
from windhover.errors import BadInput
from windhover.feeds.notices_faa import NmsSource, TfrListSource
from windhover.feeds.notices_http import Reply, Request, SourceDown, fetch
from windhover.feeds.notices_read import closure_of
from windhover.feeds.notices_sources import AddressSource, FileSource, MailSource

DETAIL = """<?xml version="1.0" encoding="UTF-8"?>
<XNOTAM-Update xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Group><Add><Not>
<NotUid><dateIssued>2026-02-11T05:30:00</dateIssued><txtLocalName>6/9101</txtLocalName></NotUid>
<dateEffective>2026-02-11T06:30:00</dateEffective><dateExpire>2026-02-21T06:30:00</dateExpire>
<codeTimeZone>UTC</codeTimeZone><codeExpirationTimeZone>UTC</codeExpirationTimeZone>
<codeFacility>ZAB</codeFacility>
<txtDescrPurpose>SPECIAL SECURITY REASONS</txtDescrPurpose>
<TfrNot><codeType>99.7</codeType><TFRAreaGroup><aseTFRArea><txtName>AREA A</txtName>
<codeDistVerUpper>ALT</codeDistVerUpper><valDistVerUpper>17999</valDistVerUpper>
<uomDistVerUpper>FT</uomDistVerUpper><codeDistVerLower>HEI</codeDistVerLower>
<valDistVerLower>0</valDistVerLower><uomDistVerLower>FT</uomDistVerLower></aseTFRArea>
<aseShapes><Abd><Avx><codeType>CIR</codeType><geoLat>31.80666667N</geoLat>
<geoLong>106.37777778W</geoLong><valRadiusArc>10</valRadiusArc><uomRadiusArc>NM</uomRadiusArc>
</Avx></Abd></aseShapes></TFRAreaGroup></TfrNot></Not></Add></Group></XNOTAM-Update>"""

LIST: list[dict[str, Any]] = [
    {"notam_id": "6/9101", "facility": "ZAB", "state": "TX", "type": "SECURITY",
     "description": "EL PASO, TX", "creation_date": "02/11/2026"},
    {"notam_id": "6/9102", "facility": "ZAB", "state": "NM", "type": "SECURITY",
     "description": "SANTA TERESA, NM", "creation_date": "02/11/2026"},
]  # fmt: skip


class Recorded:
    """Replies by the end of the address; None = the service is down."""

    def __init__(self, replies: dict[str, Any]) -> None:
        self.replies, self.asked = replies, list[Request]()

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        for ending, reply in self.replies.items():
            if request.url.split("?")[0].endswith(ending):
                if reply is None:
                    raise SourceDown("no connection (timed out)")
                body = reply if isinstance(reply, str) else json.dumps(reply)
                return Reply(200, {}, body.encode())
        raise SourceDown("it answers 404 Not Found")


def nms_reply(*texts: str) -> dict[str, Any]:
    features = [
        {"type": "Feature", "geometry": None, "properties": {"coreNOTAMData": {
            "notamEvent": {"scenario": "6000"},
            "notam": {"id": f"NOTAM_1_{k}", "number": "6/9101", "type": "N",
                      "issued": "2026-02-11T05:30:00.000Z", "classification": "FDC",
                      "accountId": "FDC", "text": text},
            "notamTranslation": [{"type": "LOCAL_FORMAT", "simpleText": text}]}}}
        for k, text in enumerate(texts)
    ]  # fmt: skip
    return {"status": "Success", "errors": [], "data": {"geojson": features}}


def test_the_tfr_list_fetches_each_restriction_once() -> None:
    ask = Recorded({"exportTfrList": LIST, "detail_6_9101.xml": DETAIL, "detail_6_9102.xml": None})
    source = TfrListSource(ask=ask, pause=lambda _: None)
    answer = source.poll()
    (item,) = answer.items
    got = closure_of(item)
    assert got is not None and (got.key, got.legal_basis) == ("FDC 6/9101", "14 CFR 99.7")
    assert got.kind == "restriction" and got.radius_nm == pytest.approx(10.0)
    assert got.upper_fl == 180.0 and got.published_ns == 1770787800000000000
    # The one whose text cannot be had still stands on the list.
    assert answer.listed == ("FDC 6/9102",) and "cannot be had" in answer.unread[0]
    ask.replies["detail_6_9102.xml"] = DETAIL.replace("6/9101", "6/9102")
    again = source.poll()
    assert [i.known for i in again.items] == ["6/9102"] and again.listed == ("FDC 6/9101",)
    assert not source.poll().items
    ask.replies["exportTfrList"] = LIST[:1]
    assert source.poll().listed == ("FDC 6/9101",)


@pytest.mark.parametrize("reply", [None, "<html>busy</html>", {"error": "x"}, [{"other": 1}], "7"])
def test_a_broken_list_is_an_outage_and_not_an_empty_sky(reply: Any) -> None:
    with pytest.raises(SourceDown):
        TfrListSource(ask=Recorded({"exportTfrList": reply})).poll()


def test_the_notam_service_gets_a_token_and_keeps_it() -> None:
    ask = Recorded(
        {"/v1/auth/token": {"access_token": "abc", "expires_in": "1799", "token_type": "Bearer"},
         "/nmsapi/v1/notams": nms_reply(CITY_TFR)}
    )  # fmt: skip
    clock = [0]
    source = NmsSource("me", "secret", "location=KELP", ask=ask, now_ns=lambda: clock[0])
    (item,) = source.poll().items
    got = closure_of(item)
    assert got is not None and got.key == "FDC 6/9101" and got.published_ns == 1770787800000000000
    source.poll()
    assert [r.url.split("/v1/")[1] for r in ask.asked] == [
        "auth/token", "notams?location=KELP&allowRedirect=false", "notams?location=KELP&allowRedirect=false",
    ]  # fmt: skip
    assert dict(ask.asked[0].headers)["Authorization"] == "Basic bWU6c2VjcmV0"
    assert ask.asked[0].body == b"grant_type=client_credentials"
    assert dict(ask.asked[1].headers)["Authorization"] == "Bearer abc"
    assert dict(ask.asked[1].headers)["nmsResponseFormat"] == "GEOJSON"
    clock[0] = 1_800 * 1_000_000_000
    source.poll()
    assert len(ask.asked) == 5  # the token had run out
    assert "secret" not in source.name


@pytest.mark.parametrize(
    "reply",
    [
        None,
        "<html/>",
        {"status": "Failure", "errors": [{"message": "quota"}]},
        {"data": {"geojson": 5}},
    ],
)
def test_a_broken_answer_of_the_service_is_an_outage(reply: Any) -> None:
    ask = Recorded({"/v1/auth/token": {"access_token": "abc"}, "/nmsapi/v1/notams": reply})
    with pytest.raises(SourceDown):
        NmsSource("me", "secret", ask=ask).poll()
    with pytest.raises(SourceDown):
        NmsSource("me", "secret", ask=Recorded({"/v1/auth/token": {"error": "denied"}})).poll()
    with pytest.raises(SourceDown, match="https"):
        NmsSource("me", "secret", host="http://elsewhere.example")


def test_odd_rows_of_the_service_are_told_and_not_fatal() -> None:
    reply = nms_reply(CITY_TFR)
    reply["data"]["geojson"] += [None, {"properties": None}, {"properties": {"coreNOTAMData": {}}}]
    ask = Recorded({"/v1/auth/token": {"access_token": "abc"}, "/nmsapi/v1/notams": reply})
    answer = NmsSource("me", "secret", ask=ask).poll()
    assert len(answer.items) == 1 and len(answer.unread) == 3 and not answer.complete


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "n.txt"
    path.write_text(icao("J1/26"))
    source = FileSource(path)
    first = source.poll()
    assert first is not None and len(first.items) == 1 and source.poll() is None
    path.write_bytes(gzip.compress(f"{icao('J1/26')}\n\n{icao('J2/26')}".encode()))
    second = source.poll()
    assert second is not None and len(second.items) == 2 and not second.complete
    path.unlink()
    with pytest.raises(SourceDown):
        source.poll()
    folder = FileSource(tmp_path, complete=True)
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "good.txt").write_text(icao("J3/26"))
    answer = folder.poll()
    # Half a folder read is no list of everything.
    assert answer is not None and len(answer.items) == 1 and answer.unread and not answer.complete


def mail(text: str, attached: str = "") -> EmailMessage:
    message = EmailMessage()
    message["Date"] = "Wed, 11 Feb 2026 05:30:00 +0000"
    message.set_content(text)
    if attached:
        message.add_attachment(attached.encode(), "application", "octet-stream", filename="a.txt")
    return message


@pytest.mark.parametrize("form", ["maildir", "mbox"])
def test_a_mailbox_gives_each_message_once(tmp_path: Path, form: str) -> None:
    path = tmp_path / "box"
    box: Any = mailbox.Maildir(path) if form == "maildir" else mailbox.mbox(path)
    box.add(mail(CITY_TFR))
    box.add(mail("Hello, nothing here", icao("J1/26")))
    box.flush()
    source = MailSource(path)
    answer = source.poll()
    assert answer is not None and len(answer.items) == 2
    assert {i.published_ns for i in answer.items} == {1770787800000000000}
    assert not (again := source.poll()) or not again.items
    box.add(mail(icao("J2/26")))
    box.add(b"\xff\xfe no mail at all")
    box.flush()
    box.close()
    later = source.poll()
    assert later is not None and [i.text[:5] for i in later.items] == ["J2/26"]
    with pytest.raises(SourceDown):
        MailSource(tmp_path / "missing").poll()


class Handler(BaseHTTPRequestHandler):
    """Answers by path; remembers what credentials it was shown."""

    shown: ClassVar[list[tuple[str, str | None]]] = []
    other = 0

    def do_GET(self) -> None:
        Handler.shown.append((self.path, self.headers.get("Authorization")))
        if self.path == "/list" and self.headers.get("If-None-Match") == '"1"':
            self.send_response(304)
            self.end_headers()
        elif self.path == "/list":
            self.send_response(200)
            self.send_header("ETag", '"1"')
            self.end_headers()
            self.wfile.write(icao("J1/26").encode())
        elif self.path.startswith("/away"):
            self.send_response(302)
            target = (
                f"http://localhost:{Handler.other}/list" if self.path == "/away" else "file:///etc"
            )
            self.send_header("Location", target)
            self.end_headers()
        else:
            self.send_response(503)
            self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    made = HTTPServer(("127.0.0.1", 0), Handler)
    Handler.shown, Handler.other = [], made.server_port
    thread = Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()
    thread.join()


def test_an_address_is_asked_for_what_changed(server: str) -> None:
    source = AddressSource(f"{server}/list?key=secret", complete=True)
    answer = AddressSource(f"{server}/list", complete=True).poll()
    assert answer is not None and answer.complete and len(answer.items) == 1
    repeated = AddressSource(f"{server}/list")
    assert repeated.poll() is not None and repeated.poll() is None
    assert "secret" not in source.name
    with pytest.raises(SourceDown, match="503"):
        AddressSource(f"{server}/busy").poll()


def test_credentials_do_not_follow_to_another_host(server: str) -> None:
    fetch(Request(f"{server}/away", (("Authorization", "Bearer abc"),)))
    assert Handler.shown == [("/away", "Bearer abc"), ("/list", None)]
    with pytest.raises(SourceDown):
        fetch(Request(f"{server}/away2"))
    for address in ("file:///etc/hosts", "ftp://127.0.0.1/x", "http://127.0.0.1:1/x"):
        with pytest.raises(SourceDown):
            fetch(Request(address))


def test_the_command_line_names_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cur").mkdir()
    assert isinstance(source_of(str(tmp_path)), MailSource)
    assert isinstance(source_of("list:https://example.org/x"), AddressSource)
    assert isinstance(source_of("tfr"), TfrListSource)
    assert isinstance(source_of("list:x.txt"), FileSource)
    monkeypatch.delenv("WINDHOVER_FAA_CLIENT_ID", raising=False)
    with pytest.raises(BadInput, match="credentials"):
        source_of("faa")
    monkeypatch.setenv("WINDHOVER_FAA_CLIENT_ID", "me")
    monkeypatch.setenv("WINDHOVER_FAA_CLIENT_SECRET", "secret")
    assert isinstance(source_of("faa:location=KELP"), NmsSource)
