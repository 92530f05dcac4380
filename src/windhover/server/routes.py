"""Every route once. The application, the OpenAPI document and the test of roles are made from it."""

from __future__ import annotations

from typing import Final

from windhover.server.api import acts, aloft, entry, feeds, history, people, plan, proof, sky
from windhover.server.api import open as open_routes
from windhover.server.route import Route

TABLE: Final[tuple[Route, ...]] = (
    *open_routes.ROUTES,
    *entry.ROUTES,
    *sky.ROUTES,
    *aloft.ROUTES,
    *history.ROUTES,
    *plan.ROUTES,
    *acts.ROUTES,
    *feeds.ROUTES,
    *proof.ROUTES,
    *people.ROUTES,
)
