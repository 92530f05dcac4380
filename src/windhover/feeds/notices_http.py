"""One HTTP request and its reply, with the standard library; what is asked and sent stays small.

A reply is cut off at its limit, a redirect to another host loses the credentials, and nothing but
http and https is opened. Every failure is a `SourceDown` with one plain reason.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from typing import IO, Final, NamedTuple
from urllib.parse import urlsplit

from windhover.errors import WindhoverError

LARGEST_REPLY: Final = 64_000_000
TIMEOUT_S: Final = 20.0
_AGENT: Final = "windhover-watch/1 (notice reader)"


class SourceDown(WindhoverError):
    """A source that did not answer, or not with what it should."""


class Request(NamedTuple):
    """`headers` may hold credentials; they go to `url`'s host only."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None  # given = POST


class Reply(NamedTuple):
    """304 has no body."""

    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


Fetch = Callable[[Request], Reply]


class _Careful(urllib.request.HTTPRedirectHandler):
    """Follows redirects within http and https; credentials stay behind when the host changes."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        made = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if made is not None and (old.scheme, old.netloc) != (new.scheme, new.netloc):
            for name in ("Authorization", "Client_id", "Client_secret", "Cookie"):
                made.remove_header(name)
        return made


_OPENER: Final = urllib.request.OpenerDirector()
for _handler in (
    urllib.request.ProxyHandler,
    urllib.request.HTTPHandler,
    urllib.request.HTTPSHandler,
    urllib.request.HTTPDefaultErrorHandler,
    urllib.request.HTTPErrorProcessor,
    _Careful,
):
    _OPENER.add_handler(_handler())


def fetch(request: Request) -> Reply:
    """Ask once. Raises `SourceDown` where no reply with status 200 or 304 comes."""
    if urlsplit(request.url).scheme not in ("http", "https"):
        raise SourceDown(f"{request.url} is no http or https address")
    headers = {"User-Agent": _AGENT, **dict(request.headers)}
    made = urllib.request.Request(request.url, request.body, headers)
    try:
        with _OPENER.open(made, timeout=TIMEOUT_S) as reply:
            body = reply.read(LARGEST_REPLY + 1)
            names = {name.lower(): value for name, value in reply.headers.items()}
            if len(body) > LARGEST_REPLY:
                raise SourceDown(f"its reply is larger than {LARGEST_REPLY:,} bytes")
            return Reply(reply.status, names, body)
    except urllib.error.HTTPError as wrong:
        wrong.close()
        if wrong.code == 304:
            return Reply(304, {}, b"")
        raise SourceDown(f"it answers {wrong.code} {wrong.reason}") from None
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as wrong:
        reason = wrong.reason if isinstance(wrong, urllib.error.URLError) else wrong
        raise SourceDown(f"no connection ({reason})") from None
