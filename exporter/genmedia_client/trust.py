"""Whom a client trusts: all authorities of the system, read once, for that takes tens of milliseconds."""

from __future__ import annotations

import ssl
from functools import cache

import httpx2


@cache
def trusted() -> ssl.SSLContext:
    """Return the system's trust store."""
    return httpx2.create_ssl_context()
