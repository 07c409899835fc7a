"""/static: the files that our pages load, under names that change with what is in them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FOR_EVER = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served."""

    name: str  # with its hash: live.0123456789abcdef.js
    body: bytes
    media_type: str

    @property
    def integrity(self) -> str:
        """What a page says of it, so that a browser runs nothing else."""
        return f"sha256-{base64.b64encode(hashlib.sha256(self.body).digest()).decode()}"


def asset(name: str, body: bytes, media_type: str) -> Asset:
    """Return a file under a name that changes with what is in it."""
    stem, _, ending = name.rpartition(".")
    return Asset(f"{stem}.{hashlib.sha256(body).hexdigest()[:16]}.{ending}", body, media_type)


@cache
def script() -> Asset:
    """Return the script of the pages."""
    body = (files("genmedia_exporter.web") / "static" / "live.js").read_bytes()
    return asset("live.js", body, "text/javascript")


class AssetRoute:
    """Serves the script, and the operator's logo."""

    def __init__(self, *more: Asset | None) -> None:
        self._known = {each.name: each for each in (script(), *more) if each is not None}

    async def get(self, request: Request) -> Response:
        """Answer with the file of that name; the one of another version is not here."""
        found = self._known.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        # A picture that is opened by itself must not run what may be in it.
        policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(found.body, media_type=found.media_type, headers={**FOR_EVER, **policy})
