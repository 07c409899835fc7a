"""Who runs an endpoint: the registrable domain of its host, the domain in which things fail together.

A rule of a few lines rather than the public suffix list. The list has ten thousand entries and changes weekly;
a vendor's name is a label of every alert and must not change with a dependency. Where the rule is wrong, the
operator writes `accounts.X.vendor`.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

_SECOND_LEVEL: Final = frozenset(["ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"])
"""What stands before a country's own domain where names are sold one level down: co.uk, com.cn."""

_PLATFORMS: Final = frozenset(
    {
        "azurewebsites.net",
        "cloudfunctions.net",
        "fly.dev",
        "github.io",
        "herokuapp.com",
        "hf.space",
        "netlify.app",
        "ngrok-free.app",
        "ngrok.app",
        "ngrok.io",
        "onrender.com",
        "openai.azure.com",
        "pages.dev",
        "railway.app",
        "run.app",
        "trycloudflare.com",
        "vercel.app",
        "workers.dev",
        "zeabur.app",
    }
)
"""Domains below which strangers live side by side: what stands before them tells who it is."""


def vendor_of(host: str) -> str:
    """Return the registrable domain of *host*; an address, or a name without a dot, is its own."""
    host = host.rstrip(".").lower()
    if _is_address(host):
        return host
    labels = host.split(".")
    return ".".join(labels[-_length(labels) :])


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _length(labels: list[str]) -> int:
    """Return how many labels the registrable domain has."""
    for count in (2, 3):
        if ".".join(labels[-count:]) in _PLATFORMS:
            return count + 1
    country = len(labels) > 2 and len(labels[-1]) == 2  # a country's code
    return 3 if country and labels[-2] in _SECOND_LEVEL else 2
