"""What anybody may read: the public page, health, figures, the console's files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.requests import Request

from tests.server.conftest import House
from windhover.server import static

BANNER = "EXERCISE / EJERCICIO"


def test_the_public_page_says_exercise_first_and_speaks_both_languages(shared_house: House) -> None:
    answer = shared_house.client.get("/status")
    page = answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert re.search(rf"<title>{BANNER}", page)
    assert page.index(BANNER) < page.index("<h1>")
    assert 'lang="en"' in page and 'lang="es"' in page
    assert "Nothing is restricted" in page and "no se conoce ninguna restricción" in page
    assert "<script" not in page and "style=" not in page


@pytest.mark.parametrize("path", ["/status", "/api/status"])
def test_the_public_answers_may_be_kept_and_cost_nothing_twice(
    path: str, shared_house: House
) -> None:
    first = shared_house.client.get(path)
    assert "public" in first.headers["cache-control"]
    again = shared_house.client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_health_is_false_once_the_clock_stands(house: House) -> None:
    assert house.client.get("/health").status_code == 200
    house.server.core.failed = "The disk is full."
    health = house.client.get("/health")
    assert health.status_code == 503 and health.json()["why"] == "The disk is full."
    assert house.client.get("/ready").status_code == 503
    token = house.token("operator")
    answer = house.client.post("/api/phone-log", json={"text": "x"}, headers=token)
    assert answer.status_code == 503 and answer.json()["error"] == "The disk is full."


def test_figures_name_requests_by_route_and_no_person(house: House) -> None:
    token = house.token("viewer")
    house.client.get("/api/tracks/123", headers=token)
    text = house.client.get("/metrics", headers=token).text
    wanted = (
        'windhover_requests_total{method="GET",route="/api/tracks/{track_id}",status="404"} 1.0'
    )
    assert wanted in text
    assert "windhover_step_seconds_count" in text and "viewer" not in text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("", 200),
        ("assets/a-1.js", 200),
        ("view/track/7", 200),  # the console's own addresses
        ("assets/none.js", 404),
        ("../secret.txt", 404),
        ("assets/../../secret.txt", 404),
        ("assets/link.txt", 404),
    ],
)
def test_the_consoles_files_and_nothing_outside_them(
    path: str, status: int, tmp_path: Path
) -> None:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("console")
    (folder / "assets" / "a-1.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "assets" / "link.txt").symlink_to(tmp_path / "secret.txt")
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    answer = static.serve(request, folder, path)
    assert answer.status_code == status
    assert b"secret" not in bytes(answer.body)


def test_without_a_console_the_page_says_how_to_build_one(tmp_path: Path) -> None:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    answer = static.serve(request, tmp_path, "")
    assert b"make console" in bytes(answer.body)
