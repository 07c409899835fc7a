"""/api/v1/targets/NAME/probes and /probes/ID: the failures that are kept, and one of them whole."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.report.failure import dumped, failure_object, failure_summary
from genmedia_exporter.web.http.request import only
from genmedia_exporter.web.http.responses import body_reply, problem
from genmedia_exporter.web.services import Services


class FailureRoutes:
    """Answers from memory. Redacted in a worker thread, for a body may be large."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def listed(self, request: Request) -> Response:
        """Answer with the kept failures of a target, newest first."""
        only(request)
        name = request.path_params["name"]
        if name not in self._services.snapshot().targets:
            return self._unknown(name)
        kept = self._services.failures(name)
        body = await asyncio.to_thread(
            lambda: dumped({"target": name, "probes": [failure_summary(each) for each in kept]})
        )
        return await body_reply(request, body, "application/json")

    async def one(self, request: Request) -> Response:
        """Answer with one failed probe: every request and answer, and the line that replays it."""
        only(request)
        name, wanted = request.path_params["name"], request.path_params["id"]
        if name not in self._services.snapshot().targets:
            return self._unknown(name)
        found = next((k for k in self._services.failures(name) if k.id == wanted), None)
        if found is None:
            listed = "/api/v1/targets/NAME/probes lists what is kept."
            return problem(
                f"No failed probe {wanted[:64]!r} is kept of {name[:128]!r}; {listed}", 404
            )
        body = await asyncio.to_thread(lambda: dumped(failure_object(found)))
        return await body_reply(request, body, "application/json")

    def _unknown(self, name: str) -> Response:
        targets = self._services.snapshot().targets
        hint = did_you_mean(name, targets, "/api/v1/status lists all targets.")
        return problem(f"No target is called {name[:128]!r}; {hint}", 404)
