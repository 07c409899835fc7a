"""The world's own pages: what is going on, faults on request, the story, and the index."""

import html
import json
from collections.abc import Mapping

from genmedia_exporter.demo.faults import KINDS
from genmedia_exporter.demo.ledger import Ledger
from genmedia_exporter.demo.message import Request, Response, html_response, json_response
from genmedia_exporter.demo.services.contract import KEY, Service
from genmedia_exporter.demo.story import Story
from genmedia_exporter.demo.troubles import Troubles

__all__ = ["Control"]


class Control:
    """Answers under /_world/ and at /."""

    def __init__(
        self, services: Mapping[str, Service], troubles: Troubles, ledger: Ledger, story: Story
    ) -> None:
        self._services = services
        self._troubles = troubles
        self._ledger = ledger
        self._story = story

    def answer(self, request: Request) -> Response:
        """The answer to one request below /_world."""
        known = {
            ("GET", "/state"): self._state,
            ("GET", "/story"): self._tell,
            ("POST", "/story"): self._run,
            ("POST", "/faults"): self._put,
        }
        method = "GET" if request.method == "HEAD" else request.method
        try:
            if action := known.get((method, request.path)):
                return action(request)
            if method == "DELETE" and request.path.startswith("/faults/"):
                return self._lift(request)
        except ValueError as error:
            return self._complain(str(error))
        return json_response(404, {"error": "the world has no such page"})

    def _complain(self, words: str) -> Response:
        existing = {"services": list(self._services), "kinds": list(KINDS)}
        return json_response(400, {"error": words, **existing})

    def _state(self, request: Request) -> Response:
        state = {name: self._service_state(name) for name in self._services}
        story = {**self._story.tell()}
        story.pop("script")
        total = round(self._ledger.total_usd, 6)
        shown = {"services": state, "story": story, "spent_usd": total}
        return json_response(200, shown | {"slips": self._ledger.slips})

    def _service_state(self, name: str) -> dict[str, object]:
        account, fault = self._ledger[name], self._troubles.current(name)
        return {
            "fault": fault and {"kind": fault.kind, "options": dict(fault.options)},
            "requests": account.requests,
            "creates": account.creates,
            "spent_usd": round(account.usd, 6),
            "in_flight": account.in_flight,
            "most_in_flight": account.most_in_flight,
            "models": [model.id for model in self._services[name].models],
        }

    def _tell(self, request: Request) -> Response:
        return json_response(200, self._story.tell())

    def _run(self, request: Request) -> Response:
        running = _object(request).get("running")
        if not isinstance(running, bool):
            raise ValueError("running must be true or false")
        self._story.run(running)
        return self._tell(request)

    def _put(self, request: Request) -> Response:
        asked = _object(request)
        service, kind = str(asked.pop("service", "")), str(asked.pop("kind", ""))
        duration = asked.pop("duration_s", None)
        fault = self._troubles.put(service, kind, duration, asked)
        shown = {"service": service, "kind": fault.kind, "options": dict(fault.options)}
        return json_response(201, shown | {"meaning": KINDS[fault.kind].meaning})

    def _lift(self, request: Request) -> Response:
        service = request.path.removeprefix("/faults/")
        self._troubles.lift(service)
        return json_response(200, {"service": service, "fault": None})

    def index(self, request: Request) -> Response:
        """A page for people: the services, their addresses and keys."""
        rows = "".join(self._row(request.origin, service) for service in self._services.values())
        now = "".join(f"<li>{html.escape(scene.says)}</li>" for scene in self._story.in_force())
        return html_response(
            200,
            f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Demo world</title>"
            f"<h1>Demo world</h1><p>Pretend providers; every key is <code>{KEY}</code>.</p>"
            f"<table><tr><th>base_url<th>speaks<th>key<th>models{rows}</table>"
            f"<h2>Right now</h2><ul>{now or '<li>Nothing is wrong.</li>'}</ul>"
            f"<p><a href='/_world/state'>state</a> <a href='/_world/story'>story</a></p></html>",
        )

    def _row(self, origin: str, service: Service) -> str:
        base = html.escape(f"{origin}/{service.name}{service.base_path}")
        models = html.escape(", ".join(model.id for model in service.models))
        style = html.escape(service.key_style)
        return f"<tr><td><code>{base}</code><td>{service.says}<td><code>{style}</code><td>{models}"


def _object(request: Request) -> dict[str, object]:
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise ValueError("the body must be a JSON object") from error
    if not isinstance(value, dict):
        raise ValueError("the body must be a JSON object")
    return value
