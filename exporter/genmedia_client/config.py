"""Takes the routes from an exporter's configuration file: the only part that needs the exporter."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from genmedia_client.routes import Route, Wire

if TYPE_CHECKING:
    from genmedia_exporter.targets.model import Account, Target
    from genmedia_exporter.targets.source import ConfigSource

_WIRES: Final[Mapping[str, Wire]] = {"/videos": "videos", "/chat/completions": "chat"}
_INSTALL: Final = (
    "from_config reads the file with the exporter's own code, and the module {name} is not installed: "
    "pip install genmedia-exporter. Routes that are written out in the program do not need it."
)


def routes_from_config(path: str | Path) -> tuple[Route, ...]:
    """Return the video routes of a configuration file that use one of the wires, in its order.

    Raises ImportError without the exporter's packages, Problems for a broken file, ValueError when
    no target of it can be called this way.
    """
    source = _source(Path(path))
    source.load()
    made = (_route(target) for target in source.resolution.targets)
    found = tuple(route for route in made if route is not None)
    if not found:
        raise ValueError(f"{path}: no video target is called over /v1/videos or a chat stream")
    return found


def _source(path: Path) -> ConfigSource:
    try:
        from genmedia_exporter.core.clock import SystemClock
        from genmedia_exporter.targets.source import ConfigSource
    except ModuleNotFoundError as error:
        raise ImportError(_INSTALL.format(name=error.name), name=error.name) from error
    return ConfigSource(path, os.environ, SystemClock())


def _route(target: Target) -> Route | None:
    from genmedia_exporter.core.status import Operation

    job = target.provider.job_for(Operation.VIDEO, target.model)
    wire = _WIRES.get(job.path) if job is not None else None
    if target.operation is not Operation.VIDEO or wire is None:
        return None
    account = target.account
    return Route(
        target.name,
        f"{account.base_url}{target.provider.prefix}",
        account.api_key.reveal() if account.api_key else "",
        target.model,
        target.channel.value,
        wire,
        MappingProxyType(_headers(account)),
        account.credential_problem or "",
    )


def _headers(account: Account) -> dict[str, str]:
    headers = {name: value.reveal() for name, value in account.headers.items()}
    if account.auth_header is not None and account.api_key is not None:
        headers[account.auth_header] = f"{account.auth_prefix or ''}{account.api_key.reveal()}"
    return headers
