"""Asks a running exporter, over its /api/v1/route, in which order to try the routes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import httpx2

from genmedia_client.trust import trusted

PATH: Final = "/api/v1/route"
OPERATION: Final = "video"
OFFICIAL_FIRST: Final = "production"
CHEAP_FIRST: Final = "budget"
"""Two of the exporter's own policies."""


class RankingError(RuntimeError):
    """The exporter gave no ranking."""


async def fetch_places(
    exporter_url: str, policy: str, timeout: float
) -> Mapping[str, tuple[int, int]]:
    """Return each target's place in the exporter's order, the usable ones first. Raises RankingError.

    *exporter_url* may have a route prefix and a user with password; *timeout* in seconds is for
    each step of the request.
    """
    params = {"operation": OPERATION, "policy": policy}
    # The exporter is in our own network: a proxy for the internet would only be in the way.
    try:
        async with httpx2.AsyncClient(verify=trusted(), timeout=timeout, trust_env=False) as http:
            answer = await http.get(f"{exporter_url.rstrip('/')}{PATH}", params=params)
    except Exception as error:  # its address may be wrong in as many ways as there are
        raise RankingError("no exporter answers") from error
    if answer.status_code != httpx2.codes.OK:
        raise RankingError(f"the exporter answered {answer.status_code}")
    return _places(answer.content)


def _places(body: bytes) -> Mapping[str, tuple[int, int]]:
    try:
        targets = json.loads(body)["targets"]
        return {one["target"]: (0 if one["usable"] else 2, int(one["rank"])) for one in targets}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise RankingError("the answer is not a ranking") from error
