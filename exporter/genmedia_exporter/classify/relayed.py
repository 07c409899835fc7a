"""Whose is an error that a gateway shows: its own, or one of the vendor or the gateway behind it? Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from genmedia_exporter.classify.layers import Layer
from genmedia_exporter.core.evidence import Exchange
from genmedia_exporter.core.json_pointer import resolve
from genmedia_exporter.providers.schema import Generic, Provider

_ID: Final = re.compile(r"\(request id: (\w{8,64})\)", re.I)
"""How one-api and its descendants sign an error."""
_QUOTED_CODE: Final = re.compile(
    r"[(（\[](?:错误码|error ?code|errcode|err ?no|ret ?code|code) ?[:：=] ?(-?\d{1,9})[)）\]]"
)
"""How a gateway quotes the code that its vendor gave."""
_ID_HEADER: Final = "x-oneapi-request-id"
_OWN_ROUTE: Final = "invalid url ("
"""What they say of a route that they lack, under a vendor's type."""
_OWN_TASK: Final = frozenset({"code", "message", "data"})
"""What an error of their video routes has, beside a code that is a word."""
_OWN_ENDS: Final = ("_error", "_panic")
_OWN_KEYS: Final = frozenset({"success", "description"})
"""What their other routes have, those for Midjourney among them."""


def is_relayed(
    exchange: Exchange,
    layer: Layer,
    provider: Provider | None,
    generic: Generic,
    refused: bool = True,
) -> bool:
    """Whether an error that a gateway shows as its own is one of whoever is behind it.

    Who sends us to a vendor's console does not speak of our key. A gateway that signs its errors
    relays what another signed; one that has error types of its own relays what has another's or none, if it is one that is `refused`.
    """
    marks = generic.gateways
    if any(text in layer.message for text in marks.consoles) or _is_signed_by_another(
        exchange, layer
    ):
        return True
    if _quotes_another_code(layer) or _is_of_openrouter(layer, provider):
        return True
    own = (provider.own_types if provider is not None else ()) or _forwards(
        exchange, layer, generic
    )
    if not own or _any_fits(layer.types, own) or _is_own_route(layer):
        return False
    if layer.types & frozenset(marks.vendor_types) and not _is_of_our_balance(layer):
        return True
    return refused and _ID_HEADER in exchange.headers and _is_strange(layer)


def _is_signed_by_another(exchange: Exchange, layer: Layer) -> bool:
    """Whether a gateway behind this one has signed: another id than its own, or a second one."""
    ids = set(_ID.findall(layer.shown))
    own = exchange.headers.get(_ID_HEADER, "")
    return len(ids) > 1 or (bool(own) and bool(ids) and own not in ids)


_OPENROUTER: Final = "https://openrouter.ai/settings/"


def _is_of_openrouter(layer: Layer, provider: Provider | None) -> bool:
    """Whether an error has OpenRouter's envelope, which names its own customer, or sends to that one's settings there.

    Behind another gateway, the customer is that gateway.
    """
    document = layer.document
    if _OPENROUTER in layer.message:
        return provider is None or provider.name != "openrouter"
    meant, customer = resolve(document, "/error/metadata"), resolve(document, "/user_id")
    told = isinstance(meant, dict) and bool(meant.get("provider_name") or meant.get("headers"))
    theirs = isinstance(customer, str) and customer.startswith("user_")
    return told and theirs and (provider is None or provider.name != "openrouter")


def _quotes_another_code(layer: Layer) -> bool:
    """Whether the text of an error with a code of its own quotes another one: `permission denied (错误码: 3018)`."""
    quoted = set(_QUOTED_CODE.findall(layer.message))
    return bool(layer.codes) and bool(quoted) and quoted.isdisjoint(layer.codes)


def _is_of_our_balance(layer: Layer) -> bool:
    """Whether a 403 speaks of a balance: the vendor whose type `insufficient_quota` is answers that with 429."""
    return layer.http == 403 and "insufficient_quota" in layer.types


def _is_own_route(layer: Layer) -> bool:
    """Whether the gateway lacks the route that we asked for: it signs only what it relays of that."""
    return layer.message.startswith(_OWN_ROUTE) and _ID.search(layer.shown) is None


def _is_strange(layer: Layer) -> bool:
    """Whether an error has no type that such a gateway could have made, or stands in a vendor's shape.

    What it makes ends in `_error` and is signed, in its forks, too; what it relays is either not.
    """
    document = layer.document
    if not isinstance(document, dict):
        return False
    error = resolve(document, "/error")
    if isinstance(error, dict):
        own = str(error.get("type") or "").strip().casefold().endswith(_OWN_ENDS)
        return not own or _ID.search(layer.shown) is None
    if document.keys() & _OWN_KEYS:
        return False
    return not (document.keys() <= _OWN_TASK and isinstance(document.get("code"), str))


def _any_fits(words: Iterable[str], globs: Iterable[str]) -> bool:
    return any(fnmatchcase(word, glob) for word in words for glob in globs)


def _forwards(exchange: Exchange, layer: Layer, generic: Generic) -> tuple[str, ...]:
    """Return the own error types of the gateway that shows itself here as one that forwards; or ()."""
    marks = generic.gateways.forwarding
    known = any(fnmatchcase(name, glob) for name in exchange.headers for glob in marks.headers)
    return marks.own_types if known or any(t in layer.message for t in marks.texts) else ()
