"""Asks an unknown address for nothing what it is: a few free calls, and a pure look at the shapes of the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from genmedia_exporter.core.clock import SystemClock
from genmedia_exporter.core.evidence import Exchange
from genmedia_exporter.core.json_pointer import MISSING, parse_json, resolve
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel
from genmedia_exporter.providers.addresses import place_of
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.targets.auto_provider import FALLBACK, Recognised
from genmedia_exporter.targets.model import Account
from genmedia_exporter.transport.client import ProbeClient
from genmedia_exporter.transport.network import Network
from genmedia_exporter.transport.request import Request

TIMEOUT: Final = 10.0
"""Seconds for all calls together."""
CALLS: Final = {
    "models": ("/models", True),
    "status": ("//api/status", False),
    "readiness": ("//health/readiness", False),
    "system": ("//system_stats", False),
    "home": ("//mj/home", False),
    "accounts": ("//mj/account/list", False),
}
"""Paths, and whether the key goes along: only where every family wants it."""
_NEW_API: Final = ("self_use_mode_enabled", "demo_site_enabled", "announcements_enabled", "setup")
"""What new-api tells of itself at /api/status and one-api, from which it came, does not."""
_ENVELOPES: Final = (
    ("pixverse", ("/ErrCode", "/ErrMsg"), "ErrCode and ErrMsg"),
    ("minimax", ("/base_resp/status_code", "/base_resp/status_msg"), "base_resp"),
    ("minimax", ("/error/http_code", "/error/type"), "an http_code within"),
    ("tencent", ("/Response/Error/Code", "/Response/RequestId"), "Response.Error.Code"),
)
"""Envelopes of errors that no other family has: provider, what must be there, what is told."""
_OWNERS: Final = {"vllm": "vllm-omni", "sglang": "sglang", "sora2api": "sora2api"}
_HEADERS: Final = ("x-new-api-version", "x-litellm-version", "x-litellm-call-id")


def ask(base_url: str, key: Secret | None) -> Recognised | None:
    """Return what *base_url* is, None where nothing tells. Blocks; needs a thread without a loop."""
    return asyncio.run(recognise(base_url, key, Network()))


async def recognise(base_url: str, key: Secret | None, network: Network) -> Recognised | None:
    """Make the calls at once and look at what comes."""
    provider, clock = load_provider(FALLBACK), SystemClock()
    place = place_of(base_url, provider)
    account = Account(
        "auto", provider.with_prefix(place.prefix), place.base, Channel.OFFICIAL, api_key=key
    )

    async def one(name: str, path: str, auth: bool) -> Exchange:
        deadline = clock.monotonic() + TIMEOUT
        client = ProbeClient(account, deadline, clock, network, keep=_HEADERS)
        return await client.request(Request(name, "GET", client.address(path, {}), auth=auth))

    answers = await asyncio.gather(*(one(n, path, auth) for n, (path, auth) in CALLS.items()))
    return family_of({answer.call: answer for answer in answers})


def family_of(answers: Mapping[str, Exchange]) -> Recognised | None:
    """Return the family that *answers* show, the surest sign first; None where none does."""
    documents = {name: parse_json(answer.text) for name, answer in answers.items()}
    good = {name: documents[name] for name, answer in answers.items() if answer.status == 200}
    return (
        _by_headers(answers)
        or _by_errors(documents)
        or _of_itself(good)
        or _by_models(documents.get("models", MISSING), "models" in good)
    )


def _by_headers(answers: Mapping[str, Exchange]) -> Recognised | None:
    sent = {header for answer in answers.values() for header in answer.headers}
    if "x-new-api-version" in sent:
        return Recognised("new-api", "it sends the header x-new-api-version")
    if sent & {"x-litellm-version", "x-litellm-call-id"}:
        return Recognised("litellm", "it sends LiteLLM's headers")
    return None


def _by_errors(documents: Mapping[str, object]) -> Recognised | None:
    types = {resolve(document, "/error/type") for document in documents.values()}
    for word, name in (("new_api_error", "new-api"), ("one_api_error", "one-api")):
        if word in types:
            return Recognised(name, f"its errors have the type {word}")
    for name, pointers, told in _ENVELOPES:
        whole = [d for d in documents.values() if MISSING not in [resolve(d, p) for p in pointers]]
        if whole:
            return Recognised(name, f"its errors come with {told}")
    return None


def _of_itself(good: Mapping[str, object]) -> Recognised | None:
    """Read what each family tells of itself, without a key."""
    data: Any = resolve(good.get("status", MISSING), "/data")
    if isinstance(data, dict) and "system_name" in data:
        name = "new-api" if any(key in data for key in _NEW_API) else "one-api"
        return Recognised(name, "/api/status tells its name")
    if isinstance(resolve(good.get("readiness", MISSING), "/litellm_version"), str):
        return Recognised("litellm", "/health/readiness tells its version")
    if isinstance(resolve(good.get("system", MISSING), "/system/comfyui_version"), str):
        return Recognised("comfyui", "/system_stats tells its version")
    return _midjourney(good)


def _midjourney(good: Mapping[str, object]) -> Recognised | None:
    """Read what the two programs of that name tell without a key: one its mode, the older its pool."""
    home, listed = good.get("home", MISSING), good.get("accounts", MISSING)
    if any(isinstance(resolve(home, f"/{key}/isDemoMode"), bool) for key in ("data", "result")):
        return Recognised("midjourney-proxy", "/mj/home tells its mode")
    pools = (resolve(listed, pointer) for pointer in ("/0", "/result/0"))
    if any(isinstance(pool, dict) and {"guildId", "channelId"} <= pool.keys() for pool in pools):
        return Recognised("midjourney-proxy", "/mj/account/list tells its pool")
    return None


def _by_models(models: object, listed: bool) -> Recognised | None:
    owner = resolve(models, "/data/0/owned_by")
    if listed and isinstance(owner, str) and owner in _OWNERS:
        return Recognised(_OWNERS[owner], f"its models are owned by {owner}")
    if listed and isinstance(resolve(models, "/data"), list):
        return Recognised(FALLBACK, "/v1/models lists models as OpenAI does")
    if isinstance(resolve(models, "/error/message"), str):
        return Recognised(FALLBACK, "/v1/models refuses as OpenAI does")
    return None
