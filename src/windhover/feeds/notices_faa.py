"""The FAA's two public doors: the NOTAM Management Service (with credentials) and the list of TFRs.

NMS: a token for client credentials from `/v1/auth/token`, then `/nmsapi/v1/notams` with the header
`nmsResponseFormat: GEOJSON`; the answer holds `data.geojson[].properties.coreNOTAMData` (service
description of 2026; the older NOTAM API's `items[]` is read as well). The TFR list:
`/tfrapi/exportTfrList` and one `/download/detail_N_NNNN.xml` each.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from windhover.feeds.notices_http import Fetch, Request, SourceDown, fetch
from windhover.feeds.notices_sources import Answer
from windhover.feeds.notices_texts import Item, moment
from windhover.units import NS_PER_S

NMS_HOST: Final = "https://api-nms.aim.faa.gov"
TFR_HOST: Final = "https://tfr.faa.gov"
_EARLY_NS: Final = 60 * NS_PER_S  # a token is renewed so long before it ends
_MOST_DETAILS: Final = 60  # of new restrictions fetched in one round
_PAUSE_S: Final = 0.5  # between two details: the server is everybody's
_NUMBER: Final = re.compile(r"\d{1,2}/\d{3,5}")


class NmsSource:
    """The NOTAM Management Service. `query` is its own: "location=KELP", "feature=AIRSPACE" …"""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        query: str = "feature=AIRSPACE",
        *,
        host: str = NMS_HOST,
        ask: Fetch = fetch,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.name = "FAA NOTAM service"
        self._who = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._query, self._host, self._ask, self._now_ns = query, host.rstrip("/"), ask, now_ns
        self._token, self._until_ns = "", 0
        if not self._host.startswith("https://") and "127.0.0.1" not in self._host:
            raise SourceDown("credentials are only sent over https")

    def poll(self) -> Answer:
        """All notices that the query finds."""
        query = urlencode([*parse_qsl(self._query), ("allowRedirect", "false")])
        url = f"{self._host}/nmsapi/v1/notams?{query}"
        headers = (
            ("Authorization", f"Bearer {self._access()}"),
            ("nmsResponseFormat", "GEOJSON"),
            ("Accept", "application/json"),
        )
        try:
            reply = self._ask(Request(url, headers))
        except SourceDown:
            self._token = ""  # it may have been refused for its token: the next round asks anew
            raise
        return _nms_answer(_object(reply.body))

    def _access(self) -> str:
        if self._token and self._now_ns() < self._until_ns:
            return self._token
        headers = (
            ("Authorization", f"Basic {self._who}"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        )
        body = b"grant_type=client_credentials"
        granted = _object(self._ask(Request(f"{self._host}/v1/auth/token", headers, body)).body)
        token = granted.get("access_token")
        if not isinstance(token, str) or not token:
            raise SourceDown("it grants no token: check the credentials")
        try:
            lasts_s = int(granted.get("expires_in", 1799))
        except (TypeError, ValueError):
            lasts_s = 0
        self._token = token
        self._until_ns = self._now_ns() + lasts_s * NS_PER_S - _EARLY_NS
        return token


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise SourceDown("its reply is not JSON") from None
    if not isinstance(found, dict):
        raise SourceDown("its reply is not an object")
    return found


def _nms_answer(reply: dict[str, Any]) -> Answer:
    data = reply.get("data")
    features = data.get("geojson") if isinstance(data, dict) else reply.get("items")
    if isinstance(features, dict):
        features = features.get("features")
    if not isinstance(features, list):
        problem = reply.get("errors") or reply.get("status") or "no list of notices"
        raise SourceDown(f"its reply holds no notices ({str(problem)[:120]})")
    items, unread = [], []
    for feature in features:
        item = _nms_item(feature)
        if item is None:
            unread.append("a notice without a text")
        else:
            items.append(item)
    pages = reply.get("totalPages", 1)
    whole = isinstance(pages, int) and pages <= 1
    return Answer(tuple(items), whole and not unread, (), tuple(unread))


def _nms_item(feature: Any) -> Item | None:
    try:
        core = feature["properties"]["coreNOTAMData"]
        notam = core["notam"]
    except (KeyError, TypeError):
        return None
    if not isinstance(notam, dict):
        return None
    number = str(notam.get("number") or "")
    issued = notam.get("issued")
    texts: list[str] = []
    translations = core.get("notamTranslation") if isinstance(core, dict) else None
    for translation in translations if isinstance(translations, list) else []:
        if isinstance(translation, dict):
            keys = ("domestic_message", "icao_message", "simpleText", "formattedText")
            texts += [translation[k] for k in keys if isinstance(translation.get(k), str)]
    if isinstance(notam.get("text"), str):
        texts.append(notam["text"])
    whole = [t for t in texts if t.lstrip().startswith("!") or "Q)" in t]
    if not whole and not texts:
        return None
    published = moment(issued) if isinstance(issued, str) else None
    return Item(number, (whole or texts)[0], published)


class TfrListSource:
    """The public list of temporary flight restrictions; details are fetched once for each version."""

    def __init__(
        self,
        *,
        host: str = TFR_HOST,
        ask: Fetch = fetch,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = "FAA TFR list"
        self._host, self._ask, self._pause = host.rstrip("/"), ask, pause
        self._known: dict[str, str] = {}  # number → the row as it stood when the detail was fetched

    def poll(self) -> Answer:
        """New and changed restrictions in full; the others by their number only."""
        headers = (("Accept", "application/json"),)
        reply = self._ask(Request(f"{self._host}/tfrapi/exportTfrList", headers))
        rows = _rows(reply.body)
        items: list[Item] = []
        listed: list[str] = []
        unread: list[str] = []
        for number, row in rows.items():
            mark = str(sorted((k, str(v)) for k, v in row.items()))
            if self._known.get(number) == mark or len(items) >= _MOST_DETAILS:
                listed.append(f"FDC {number}")
                continue
            try:
                if items:
                    self._pause(_PAUSE_S)
                name = number.replace("/", "_")
                detail = self._ask(Request(f"{self._host}/download/detail_{name}.xml"))
                items.append(Item(number, detail.body.decode("utf-8", "replace")))
                self._known[number] = mark
            except SourceDown as wrong:
                listed.append(f"FDC {number}")
                unread.append(f"{number} stands on the list; its text cannot be had: {wrong}")
        self._known = {n: mark for n, mark in self._known.items() if n in rows}
        return Answer(tuple(items), True, tuple(listed), tuple(unread))


def _rows(body: bytes) -> dict[str, dict[str, Any]]:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise SourceDown("its list is not JSON") from None
    if isinstance(found, dict):
        found = next((v for v in found.values() if isinstance(v, list)), None)
    if not isinstance(found, list):
        raise SourceDown("its reply is not a list")
    rows = {}
    for row in found:
        number = str(row.get("notam_id", "")) if isinstance(row, dict) else ""
        if _NUMBER.fullmatch(number):
            rows[number] = row
    if found and not rows:
        raise SourceDown("its list holds no notice number")
    return rows
