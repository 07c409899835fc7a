"""Asks a running exporter which channel to call now, over its /api/v1/route."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx2

_NEEDED: Final = {"rank", "target", "channel", "status", "usable", "price_per_100", "why"}


class AskError(RuntimeError):
    """The exporter did not give a ranking; `str()` is a sentence for people."""


class NobodyThereError(AskError):
    """No exporter answers at that address."""


async def ask_route(
    exporter_url: str, operation: str, policy: str, timeout: float, family: str | None = None
) -> Mapping[str, Any]:
    """Return the exporter's answer as parsed JSON. Raises AskError.

    *exporter_url* may carry a route prefix and a user with password; *timeout* in seconds is for
    each step on the way.
    """
    # The exporter stands in our own network: a proxy for the outside would only be in the way.
    async with httpx2.AsyncClient(timeout=timeout, trust_env=False) as http:
        try:
            url = f"{exporter_url.rstrip('/')}/api/v1/route"
            asked = {"operation": operation, "policy": policy, "family": family}
            params = {name: value for name, value in asked.items() if value is not None}
            answer = await http.get(url, params=params)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            place = exporter_url.rpartition("@")[2]  # a password stays out of messages
            why = str(error) or type(error).__name__
            raise NobodyThereError(f"no exporter answers at {place}: {why}") from error
    if answer.status_code != httpx2.codes.OK:
        raise AskError(_said(answer))
    return _ranking(answer.content)


def _said(answer: httpx2.Response) -> str:
    try:
        said = str(answer.json()["detail"]).partition("\n")[0][:300]
    except (ValueError, TypeError, KeyError):  # a proxy's words
        said = answer.text.strip().partition("\n")[0][:300]
    refused = answer.status_code == httpx2.codes.BAD_REQUEST  # its own sentence, for people
    return said if refused else f"the exporter answered {answer.status_code}: {said or 'nothing'}"


def _ranking(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
        sound = all(one.keys() >= _NEEDED for one in told["targets"])
    except (ValueError, TypeError, KeyError, AttributeError):
        sound = False
    if not sound:
        raise AskError("what answered is no exporter with routing")
    return dict(told)
