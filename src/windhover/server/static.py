"""The console's files, as its build left them; without a build, a page that says how to make one."""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from windhover.server.route import Problem, Refused, answer_of

if TYPE_CHECKING:
    from windhover.server.app import Server

FOLDER: Final = Path(__file__).with_name("static")
TYPES: Final = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".pbf": "application/x-protobuf",
    ".wasm": "application/wasm",
}
MISSING: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Windhover</title>
<h1>Windhover is running; its console is not built</h1>
<p>The wheel brings the console. In a source checkout, build it:</p>
<pre>make console</pre>
<p>The API works meanwhile: <a href="/api/openapi.json">/api/openapi.json</a>,
<a href="/status">/status</a>.</p>
<h2 lang="es">La consola no está compilada</h2>
<p lang="es">El servidor funciona. Compile la consola con <code>make console</code>.</p>
</html>
"""


def endpoint(server: Server, folder: Path = FOLDER) -> Callable[[Request], Awaitable[Response]]:
    """Any path that is no route: a file of the console, or its first page."""

    async def file(request: Request) -> Response:
        try:
            server.door.check_host(request)
        except Refused as why:
            return answer_of(Problem(why.error), why.status)
        path = str(request.path_params.get("path", ""))
        if path.startswith("api/"):
            return answer_of(Problem("There is nothing here."), 404)
        return serve(request, folder, path)

    return file


def serve(request: Request, folder: Path, path: str) -> Response:
    """The file below `folder`, never one outside it."""
    root = folder.resolve()
    wanted = (root / (path or "index.html")).resolve()
    if not wanted.is_relative_to(root) or not wanted.is_file():
        if path and "." in path.rpartition("/")[2]:
            return answer_of(Problem("There is nothing here."), 404)
        wanted = root / "index.html"  # the console's own addresses
        if not wanted.is_file():
            return Response(MISSING, 200 if not path else 404, media_type="text/html")
    data = wanted.read_bytes()
    etag = f'"{blake2b(data, digest_size=12).hexdigest()}"'
    hashed = path.startswith("assets/")
    headers = {
        "ETag": etag,
        "Cache-Control": "public, max-age=31536000, immutable" if hashed else "no-cache",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    kind = TYPES.get(wanted.suffix) or mimetypes.guess_type(wanted.name)[0]
    return Response(data, 200, headers, kind or "application/octet-stream")
