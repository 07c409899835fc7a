"""/api/v1/openapi.json: every route and every field of the answers, for programs that write clients."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter import __version__
from genmedia_exporter.config.yaml_source import read_yaml
from genmedia_exporter.web.http.responses import body_reply


class OpenApiRoute:
    """Serves the description; *server* is where the paths in it begin, "" for the root."""

    def __init__(self, server: str) -> None:
        self._server = server.rstrip("/")

    async def get(self, request: Request) -> Response:
        """Answer with OpenAPI 3.1."""
        body = await asyncio.to_thread(_rendered, self._server)
        return await body_reply(request, body, "application/json")


@cache
def _rendered(server: str) -> bytes:
    return json.dumps(description(server)).encode() + b"\n"


def description(server: str = "") -> dict[str, Any]:
    """Return the whole description, with what the file leaves to us."""
    text = (files("genmedia_exporter.web") / "openapi.yml").read_text("utf-8")
    document: dict[str, Any] = read_yaml(text, "openapi.yml").data
    document["info"]["version"] = __version__
    document["servers"] = [{"url": server or "/"}]
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("required", list(schema["properties"]))
    return document
