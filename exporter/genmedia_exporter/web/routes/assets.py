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


@cache
def script() -> Asset:
    """Return the script of the pages."""
    body = (files("genmedia_exporter.web") / "static" / "live.js").read_bytes()
    return Asset(f"live.{hashlib.sha256(body).hexdigest()[:16]}.js", body, "text/javascript")


async def get_asset(request: Request) -> Response:
    """Answer with the file of that name; the one of another version is not here."""
    asset = script()
    if request.path_params["name"] != asset.name:
        raise HTTPException(404)
    return Response(asset.body, media_type=asset.media_type, headers=FOR_EVER)
