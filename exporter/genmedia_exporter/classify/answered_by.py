"""Who answered: the edge in between, a gateway, somebody behind a gateway, or the vendor. A typed fact."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from genmedia_exporter.classify.layers import Layer
from genmedia_exporter.core.evidence import Exchange
from genmedia_exporter.providers.schema import Generic

_EDGE_TEXT: Final = re.compile(
    r"\A\s*(?:error code: (?:1\d{3}|5[23]\d)\b|upstream connect error|upstream request timeout|"
    r"no healthy upstream|rbac: access denied|stream timeout|default backend - 404|"
    r"request blocked|the request could not be satisfied)",
    re.I,
)
"""What edges say in plain text: Cloudflare, Envoy, an ingress without a service, CloudFront."""

_CLOUDFLARE: Final = re.compile(r"cloudflare-1xxx|\A\s*error 1\d{3}\b", re.I)


def is_edge(exchange: Exchange, document: object, html: bool) -> bool:
    """Whether something between us and the application answered: a CDN, a proxy, an ingress."""
    if html:
        return True
    if isinstance(document, dict):
        if document.get("cloudflare_error") is True:
            return True
        told = (document.get("type"), document.get("title"))
        return any(isinstance(t, str) and _CLOUDFLARE.search(t) for t in told)
    return (exchange.status or 0) >= 400 and _EDGE_TEXT.match(exchange.text) is not None


def edge_number(text: str) -> int:
    """Return the number that Cloudflare gives its own errors, such as 1015; 0 without one."""
    found = re.search(r"error(?:[ _-]?code)?[\"']?[: ]{1,3}(1\d{3}|5[23]\d)\b", text[:4096], re.I)
    return int(found[1]) if found else 0


def is_gateway(exchange: Exchange, layers: Iterable[Layer], generic: Generic) -> bool:
    """Whether a gateway gives itself away, by a header or by its words."""
    marks = generic.gateways
    if any(fnmatchcase(name, glob) for name in exchange.headers for glob in marks.headers):
        return True
    for layer in layers:
        words = layer.types | layer.codes
        if any(fnmatchcase(word, glob) for word in words for glob in marks.words):
            return True
        if any(text in layer.message for text in marks.texts):
            return True
    return any(layer.upstream for layer in layers)
