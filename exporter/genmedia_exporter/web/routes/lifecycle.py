"""/-/healthy, /-/ready, /-/reload and /config: what operators and orchestrators ask."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.web.http.responses import plain, problem
from genmedia_exporter.web.services import ProbingStalled, Services

_GATED: Final = "Reload over HTTP is disabled. Start with --web.enable-lifecycle, or send SIGHUP."
_SPENDING_GATED: Final = (
    "The switch over HTTP is disabled. Start with --web.enable-lifecycle, or set "
    "budget: {daily_usd: 0} and reload."
)
_WEB_STAYS: Final = "The web configuration was not taken; the running one stays in force."
UNHEALTHY_SECONDS: Final = 30.0
"""Seconds without a turn of the probing loop after which somebody should restart the exporter."""
_SWITCHES: Final = {"true": True, "false": False}


class Lifecycle:
    """Serves the exporter's own affairs."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def healthy(self, _request: Request) -> Response:
        """Answer that the process serves and probing turns; never depends on any provider.

        `Age` tells how old what the exporter tells is, in seconds.
        """
        silent = self._services.silent()
        headers = {"Age": f"{max(0.0, self._services.age()):.0f}"}
        if silent >= UNHEALTHY_SECONDS:
            text = f"Unhealthy: probing has stood still for {silent:.0f} s; the log says where."
            return plain(text, 503, headers)
        return plain("Healthy", headers=headers)

    async def ready(self, _request: Request) -> Response:
        """Answer 503 until the first round of probes is done, and how far it is."""
        targets = self._services.snapshot().targets
        seen = sum(state.newest is not None for state in targets.values())
        progress = f"{seen} of {len(targets)} targets probed"
        if self._services.ready():
            return plain(f"Ready: {progress}.")
        return plain(f"Not ready: {progress} in the first round.", 503, {"Retry-After": "5"})

    async def reload(self, _request: Request) -> Response:
        """Take new configurations into force; a bad one leaves the running one and is a 500.

        The answer names what was not taken, and what is doubtful in what was.
        """
        if not self._services.lifecycle_enabled:
            return problem(_GATED, 403)
        problems = await self._services.reload()
        web_problems = self._services.reload_web()
        if problems:
            told = ["Not reloaded; the running configuration stays in force."]
        else:
            told = ["Reloaded.", *self._services.warnings()]
        if web_problems:
            told.append(_WEB_STAYS)
        if problems or web_problems:
            return problem("\n".join(told), 500, problems=[*problems, *web_problems])
        return plain("\n".join(told))

    async def spending(self, request: Request) -> Response:
        """Switch paid probes on or off, past the next start. Off holds even where that is a 500."""
        services = self._services
        if not services.lifecycle_enabled:
            return problem(_SPENDING_GATED, 403)
        said = request.query_params.getlist("enabled")
        on = _SWITCHES.get(said[0]) if len(said) == 1 else None
        if on is None:
            return problem(
                "Use ?enabled=false to stop paid probes, ?enabled=true to allow them.", 400
            )
        try:
            await services.enable_spending(on)
        except ProbingStalled as error:
            then = (
                "Paid probes stay off" if on else "Nothing is bought meanwhile, and then it is off"
            )
            return problem(f"Not now: {error}. {then}.", 503)
        except StorageError as error:
            now = (
                "Paid probes stay off." if on else "Paid probes are off until this exporter stops."
            )
            return problem(f"{now} The switch could not be saved: {error}.", 500)
        return plain("Paid probes may run, within the budget." if on else "Paid probes are off.")

    async def config(self, _request: Request) -> Response:
        """Answer with the configuration in force, secrets hidden."""
        text = await asyncio.to_thread(self._services.config_yaml)
        return plain(text.rstrip("\n"))
