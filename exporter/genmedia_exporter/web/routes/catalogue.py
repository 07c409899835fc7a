"""/api/v1/catalogue: the providers and models that come with the exporter."""

from __future__ import annotations

import asyncio
import json
from functools import cache

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.providers.loader import load_provider, provider_names
from genmedia_exporter.report.catalogue import provider_object
from genmedia_exporter.web.http.request import only
from genmedia_exporter.web.http.responses import body_reply


async def get_catalogue(request: Request) -> Response:
    """Answer with all providers, or with the one that `?provider=` names; 400 for an unknown one."""
    only(request, "provider")
    asked = request.query_params.getlist("provider")
    known = provider_names()
    for name in asked:
        if name not in known:
            hint = did_you_mean(name, known, f"known are {', '.join(known)}")
            raise HTTPException(400, f"There is no provider '{name[:100]}'; {hint}")
    wanted = tuple(dict.fromkeys(asked)) or known
    body = await asyncio.to_thread(lambda: ", ".join(map(_written, wanted)))
    return await body_reply(request, f'{{"providers": [{body}]}}\n'.encode(), "application/json")


@cache
def _written(name: str) -> str:
    """Return a provider as JSON; its file comes with the exporter and stays what it is."""
    return json.dumps(provider_object(load_provider(name)))
