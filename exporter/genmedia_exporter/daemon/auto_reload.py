"""Reloads when the content of the configuration has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from genmedia_exporter.core.clock import Clock


async def auto_reload(
    clock: Clock,
    interval: float | None,
    changed: Callable[[], bool],
    reload: Callable[[str], Awaitable[object]],
) -> None:
    """Reload whenever *changed*, asked in a thread every *interval* seconds, for ever. None: never."""
    while interval is not None:
        await clock.sleep(interval)
        if await asyncio.to_thread(changed):
            await reload("content changed")
    await asyncio.get_running_loop().create_future()
