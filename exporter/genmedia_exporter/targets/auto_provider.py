"""`provider: auto`: which provider an address is, by its host, else by whoever asks it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from genmedia_exporter.core.secret import Secret
from genmedia_exporter.providers.loader import load_provider, provider_names

AUTO: Final = "auto"
FALLBACK: Final = "openai-compatible"
"""What an address is taken for that nobody recognises: the commonest wire."""


_OTHERS: Final = (
    ("azure", r"[a-z0-9-]+\.openai\.azure\.com"),
    ("kling", r"api\.klingai\.com"),
    ("dashscope", r"dashscope\.aliyuncs\.com"),
    ("minimax", r"api\.minimaxi\.com"),
    ("zhipu", r"api\.z\.ai"),
    ("vidu", r"api\.vidu\.cn"),
    ("bfl", r"api\.[a-z0-9]+\.bfl\.ai"),
    ("xai", r"[a-z0-9-]+\.api\.x\.ai"),
)
"""Hosts of vendors in other regions, or of their customers, besides the ones their files name."""


class Recognised(NamedTuple):
    """A provider, and what shows that it is this one."""

    provider: str
    because: str


Recognise = Callable[[str, Secret | None], Recognised | None]
"""Asks an address, with a key, what it is; None where it does not say. Blocks."""


@cache
def _hosts() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the hosts of the vendors' own addresses; where files have a variable, anything."""
    named = ((name, load_provider(name).base_url) for name in provider_names())
    found = [(name, urlsplit(url).netloc) for name, url in named if url is not None]
    patterns = [(n, re.sub(r"\\\{[^}]*\}", "[a-z0-9-]+", re.escape(host))) for n, host in found]
    return tuple((name, re.compile(pattern)) for name, pattern in (*patterns, *_OTHERS))


def by_host(base_url: str) -> Recognised | None:
    """Return the provider whose own address this is, or None."""
    host = urlsplit(base_url).hostname or ""
    name = next((name for name, pattern in _hosts() if pattern.fullmatch(host)), None)
    return None if name is None else Recognised(name, f"{host} is its own host")


def recognised(base_url: str, key: Secret | None, ask: Recognise | None) -> Recognised:
    """Return what *base_url* is: by its host, by asking, or what it is taken for without either."""
    found = by_host(base_url) or (ask(base_url, key) if ask is not None else None)
    why = "nothing it answers is known" if ask is not None else "nobody asked it"
    return found or Recognised(FALLBACK, why)
