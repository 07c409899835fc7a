"""Two pretend status pages that follow the world's troubles, late, as real ones do.

`/_pages/openai` has the shape of incident.io's compatibility API, `/_pages/google` that of Google
Cloud's dashboard; both as their readers met them in 2026.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from genmedia_exporter.demo.environment import Environment
from genmedia_exporter.demo.message import Request, Response, html_response, json_response
from genmedia_exporter.demo.transport import Fault

__all__ = ["LATE", "Pages"]

LATE = 45.0
"""Seconds between a trouble's beginning or end and the page saying so."""

PAGE_ID = "01JPRETEND0PENA1STATVSPAGE"
PRODUCT = {"title": "Gemini Omni (pretend)", "id": "p5rCvyraXdeC6HFE8XJJ"}

_COMPONENTS = {
    "01JPRETEND00000000000IMAGE": ("Images", ("openai-image",)),
    "01JPRETEND000000000000SORA": ("Sora", ("sora-2-official", "sora-2-pro-official")),
    "01JPRETEND000000000000CHAT": ("Chat", ()),
}
_QUIET = frozenset({"rate_limited", "quota", "invalid_key", "no_entitlement", "region", "retired"})
"""Troubles that are the customer's, or none, in a vendor's eyes; no page tells them."""
_WORDS = {"slow": "degraded_performance", "flaky": "degraded_performance"}


@dataclass
class _Told:
    """What a page's editors know of one service: since when it is well or unhealthy, and what is written."""

    unhealthy: bool
    since: float
    written: bool = False
    began: float = 0.0  # Unix seconds
    word: str = "partial_outage"


class Pages:
    """Answers below /_pages."""

    def __init__(self, environment: Environment, fault: Callable[[str], Fault | None]) -> None:
        self._environment = environment
        self._fault = fault
        self._told: dict[str, _Told] = {}
        self._changed = environment.wall()
        self._started = environment.wall()

    def answer(self, request: Request) -> Response:
        """Answer one request for a page's document."""
        answers: Mapping[str, Callable[[], object]] = {
            "/openai/api/v2/summary.json": self._summary,
            "/openai/api/v2/components.json": self._components,
            "/google/incidents.json": self._google_incidents,
            "/google/products.json": lambda: {"products": [PRODUCT]},
        }
        make = answers.get(request.path)
        if make is None:
            return html_response(404, "<!doctype html><title>Not found</title>")
        return json_response(200, make())

    def _ill(self, service: str) -> _Told | None:
        """Return what is written of a service's trouble, None while the page calls it well."""
        fault = self._fault(service)
        unhealthy = fault is not None and fault.kind not in _QUIET
        now = self._environment.clock()
        told = self._told.setdefault(service, _Told(False, now - LATE))
        if told.unhealthy is not unhealthy:
            told.unhealthy, told.since = unhealthy, now
        if told.written is not told.unhealthy and now - told.since >= LATE:
            told.written, told.began = told.unhealthy, self._environment.wall() - LATE
            told.word = _WORDS.get(fault.kind, "partial_outage") if fault else told.word
            self._changed = self._environment.wall()
        return told if told.written else None

    def _page(self) -> dict[str, object]:
        return {
            "id": PAGE_ID,
            "name": "OpenAI (pretend)",
            "url": "https://status.pretend.example/",
            "updated_at": _time(self._changed),
        }

    def _rows(self) -> list[dict[str, object]]:
        rows = []
        for position, (ident, (name, services)) in enumerate(_COMPONENTS.items()):
            troubles = [told for service in services if (told := self._ill(service))]
            rows.append(
                {
                    "id": ident,
                    "name": name,
                    "status": troubles[0].word if troubles else "operational",
                    "position": position,
                    "created_at": _time(self._started),
                    "updated_at": _time(self._started),
                    "page_id": PAGE_ID,
                }
            )
        return rows

    def _components(self) -> object:
        return {"page": self._page(), "components": self._rows()}

    def _summary(self) -> object:
        """Return the summary; the key `incidents` is there only when there is one, as seen there."""
        rows = self._rows()
        incidents = [
            self._incident(ident, name, told)
            for ident, (name, services) in _COMPONENTS.items()
            for service in services
            if (told := self._ill(service))
        ]
        quiet = {"indicator": "none", "description": "All Systems Operational"}
        loud = {"indicator": "minor", "description": "Partial System Degradation"}
        summary = {"page": self._page(), "status": loud if incidents else quiet, "components": rows}
        return {**summary, "incidents": incidents} if incidents else summary

    def _incident(self, ident: str, name: str, told: _Told) -> dict[str, object]:
        return {
            "id": f"{ident[:-6]}TROUBL",
            "name": f"Elevated errors in {name}",
            "status": "investigating",
            "impact": "minor",
            "page_id": PAGE_ID,
            "created_at": _time(told.began),
            "updated_at": _time(told.began + LATE),
            "incident_updates": [],
        }

    def _google_incidents(self) -> object:
        told = self._ill("gemini-omni")
        known = self._told["gemini-omni"]
        if not known.began:
            return []
        begin, ident = _time(known.began), "GPRETEND000000000001"
        incident: dict[str, object] = {
            "id": ident,
            "number": "1",
            "begin": begin,
            "created": begin,
            "modified": _time(self._changed),
            "external_desc": "Elevated errors for Gemini Omni",
            "status_impact": "SERVICE_DISRUPTION",
            "severity": "medium",
            "affected_products": [PRODUCT],
            "most_recent_update": {"status": "SERVICE_DISRUPTION" if told else "AVAILABLE"},
            "uri": f"incidents/{ident}",
        }
        return [incident if told else {**incident, "end": _time(self._changed)}]


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
