"""Which event loop is used: uvloop's where it is installed; the standard one serves as well."""

from __future__ import annotations

import asyncio
import contextlib


def new_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop."""
    with contextlib.suppress(ImportError):
        import uvloop

        return uvloop.new_event_loop()
    return asyncio.new_event_loop()
