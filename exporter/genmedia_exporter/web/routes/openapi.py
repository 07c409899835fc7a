"""/api/v1/openapi.json: every route and every field of the answers, for programs that write clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter import __version__
from genmedia_exporter.config.yaml_source import read_yaml
from genmedia_exporter.providers.loader import provider_names
from genmedia_exporter.routing.ranking import BUILT_IN
from genmedia_exporter.web.http.request import only
from genmedia_exporter.web.http.responses import body_reply


class OpenApiRoute:
    """Serves the description; *server* is where the paths in it begin, "" for the root.

    *targets*, *families* and *policies* tell the names of this moment: any other is a 400.
    """

    def __init__(
        self,
        server: str,
        targets: Callable[[], Iterable[str]] = tuple,
        families: Callable[[], Iterable[str]] = tuple,
        policies: Callable[[], Iterable[str]] = lambda: BUILT_IN,
    ) -> None:
        self._server = server.rstrip("/")
        self._targets = targets
        self._families = families
        self._policies = policies

    async def get(self, request: Request) -> Response:
        """Answer with OpenAPI 3.1."""
        only(request)
        names = tuple(self._targets()), tuple(self._families()), tuple(self._policies())
        body = await asyncio.to_thread(_rendered, self._server, *names)
        return await body_reply(request, body, "application/json")


@lru_cache(maxsize=4)
def _rendered(
    server: str, targets: tuple[str, ...], families: tuple[str, ...], policies: tuple[str, ...]
) -> bytes:
    return json.dumps(description(server, targets, families, policies)).encode() + b"\n"


def description(
    server: str = "",
    targets: Sequence[str] = (),
    families: Sequence[str] = (),
    policies: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the whole description, with what the file leaves to us."""
    text = (files("genmedia_exporter.web") / "openapi.yml").read_text("utf-8")
    document: dict[str, Any] = read_yaml(text, "openapi.yml").data
    document["info"]["version"] = __version__
    document["servers"] = [{"url": server or "/"}]
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("required", list(schema["properties"]))
    names = {
        ("/probe", "target"): targets,
        ("/api/v1/route", "family"): families,
        ("/api/v1/route", "policy"): policies,
        ("/api/v1/catalogue", "provider"): provider_names(),
    }
    for path, operations in document["paths"].items():
        for operation in operations.values():
            responses = operation["responses"]
            responses |= _EVERYWHERE
            if "404" in responses:  # a name that cannot be one leads to no page of ours
                responses["404"]["content"] |= _PROBLEM
            for parameter in operation.get("parameters", ()):
                if known := names.get((path, parameter.get("name", ""))):
                    parameter["schema"]["enum"] = list(known)
    return document


_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_EVERYWHERE: Final = {
    "401": {"$ref": "#/components/responses/Unauthorized"},
    "default": {"$ref": "#/components/responses/Refused"},
}
