"""The pretend status pages: their shapes, and that they follow troubles late."""

from __future__ import annotations

import json
from typing import Any

import httpx2 as httpx

from genmedia_exporter.demo.environment import Environment
from genmedia_exporter.demo.message import Request
from genmedia_exporter.demo.pages import LATE, PRODUCT, Pages
from genmedia_exporter.demo.transport import Fault
from genmedia_exporter.demo.world import run_in_thread


class Newsroom:
    """Pages with a clock and faults that tests move."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.faults: dict[str, Fault] = {}
        environment = Environment(clock=lambda: self.at, wall=lambda: 1_700_000_000.0 + self.at)
        self.pages = Pages(environment, self.faults.get)

    def get(self, path: str, after: float = 0.0) -> Any:
        """Let time pass and read a document."""
        self.at += after
        return json.loads(self.pages.answer(Request("GET", path)).body)


SUMMARY, GOOGLE = "/openai/api/v2/summary.json", "/google/incidents.json"


def test_a_quiet_page_has_no_incidents_key() -> None:
    """As seen on OpenAI's page, the key is absent while there is nothing to tell."""
    summary = Newsroom().get(SUMMARY)

    assert list(summary) == ["page", "status", "components"]
    assert {row["status"] for row in summary["components"]} == {"operational"}


def test_trouble_is_told_late_and_ended_late() -> None:
    """Nothing is said at first; then the component and an incident; then it is over, late again."""
    news = Newsroom()
    news.get(SUMMARY)
    news.faults["openai-image"] = Fault("overloaded")
    early = news.get(SUMMARY)
    told = news.get(SUMMARY, LATE)
    del news.faults["openai-image"]
    still = news.get(SUMMARY)
    over = news.get(SUMMARY, LATE)

    words = [s["components"][0]["status"] for s in (early, told, still, over)]
    assert words == ["operational", "partial_outage", "partial_outage", "operational"]
    assert [len(s.get("incidents", [])) for s in (early, told, still, over)] == [0, 1, 1, 0]


def test_a_customers_trouble_is_not_told() -> None:
    """Rate limits and empty accounts are no incident in a vendor's eyes."""
    news = Newsroom()
    news.faults["openai-image"] = Fault("quota")
    news.get(SUMMARY)

    assert "incidents" not in news.get(SUMMARY, LATE)


def test_google_keeps_an_ended_incident_with_its_end() -> None:
    """An incident of Google's is active while it has no end, and stays in the list after."""
    news = Newsroom()
    quiet = news.get(GOOGLE)
    news.faults["gemini-omni"] = Fault("server_error")
    news.get(GOOGLE)
    (active,) = news.get(GOOGLE, LATE)
    news.faults.clear()
    news.get(GOOGLE)
    (ended,) = news.get(GOOGLE, LATE)

    assert quiet == []
    assert "end" not in active
    assert ended["end"]
    assert active["affected_products"] == [PRODUCT]


def test_pages_are_served_and_others_are_not_found() -> None:
    """The world serves both pages; what incident.io does not have is 404 with HTML, as there."""
    with run_in_thread() as world:
        base = f"{world.url}/_pages"
        found = httpx.get(f"{base}/openai/api/v2/components.json")
        missing = httpx.get(f"{base}/openai/api/v2/incidents/unresolved.json")
        products = httpx.get(f"{base}/google/products.json")

    assert found.json()["components"][0]["name"] == "Images"
    assert (missing.status_code, missing.headers["content-type"][:9]) == (404, "text/html")
    assert products.json() == {"products": [PRODUCT]}
