"""OpenAPI 3.1 from the table of routes and the structs that they take and give."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import version
from typing import Any, Final

import msgspec

from windhover.server.route import Problem, Route
from windhover.server.routes import TABLE

REF: Final = "#/components/schemas/{name}"
ERRORS: Final = {
    "400": "Not JSON.",
    "401": "Nobody is logged in.",
    "403": "Not with these roles, or the CSRF header is missing.",
    "404": "There is no such thing.",
    "409": "It does not fit the state of things.",
    "413": "Too large.",
    "415": "Not JSON.",
    "421": "Not this server's name.",
    "422": "A field is missing or out of range.",
    "429": "Too many requests.",
    "503": "Not now.",
}


@cache
def document(cookie: str) -> bytes:
    """The whole description as JSON. `cookie`: the session's name for it, another one behind TLS."""
    types = [t for route in TABLE for t in (route.answer, route.body, route.query) if t]
    types.append(Problem)
    _, components = msgspec.json.schema_components(types, ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in TABLE:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Windhover",
                "version": version("windhover"),
                "description": "Times are ns since 1970 UTC, angles rad, lengths m. "
                "Live frames: /api/live and /api/replay (WebSocket, design/api.md).",
            },
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {
                    "session": {"type": "apiKey", "in": "cookie", "name": cookie},
                    "token": {"type": "http", "scheme": "bearer"},
                },
            },
        }
    )


def _operation(route: Route) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    if route.query is not None:
        schema = msgspec.json.schema(route.query)["$defs"][route.query.__name__]
        parameters += [
            {"name": name, "in": "query", "required": False, "schema": kind}
            for name, kind in schema["properties"].items()
        ]
    answer: dict[str, Any] = {"description": route.summary}
    if route.answer is not None:
        answer["content"] = {route.content: {"schema": _ref(route.answer)}}
    elif route.status != 204:
        answer["content"] = {route.content: {"schema": {}}}
    problem = {"application/json": {"schema": _ref(Problem)}}
    operation: dict[str, Any] = {
        "operationId": _name(route),
        "summary": route.summary,
        "description": (route.handler.__doc__ or "").strip(),
        "x-roles": list(route.roles),
        "responses": {
            str(route.status): answer,
            **{code: {"description": words, "content": problem} for code, words in ERRORS.items()},
        },
        "security": [{"session": []}, {"token": []}] if route.roles else [],
    }
    if route.loopback:
        operation["x-loopback"] = True
    if route.personal:
        operation["x-personal-data"] = True
    if route.method == "GET":
        operation["responses"]["304"] = {"description": "As you have it."}
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(route.body)}},
        }
    return operation


def _ref(kind: type[Any]) -> dict[str, str]:
    return {"$ref": REF.format(name=kind.__name__)}


def _name(route: Route) -> str:
    words = re.findall(r"[A-Za-z0-9]+", route.path)
    return "_".join([route.method.lower(), *words])
