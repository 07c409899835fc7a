"""A process that records until it is killed, or meets trouble on purpose; run by the tests."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from pathlib import Path

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.storage.place import Place, writing
from tests.storage.helpers import Life


async def endless(path: Path) -> None:
    """Flush small batches without end; say so after the first."""
    life = Life(path)
    await life.begin()
    reasons = (Reason.OK, Reason.SERVER_ERROR, Reason.SERVER_ERROR)
    number = sum(depth.total for depth in life.state().depths.values())
    said = False
    while True:
        for _ in range(7):
            life.see(reasons[number % 3])
            number += 1
        await life.recorder.flush()
        if not said:
            print("writing", flush=True)  # noqa: T201
            said = True


async def full(path: Path) -> None:
    """Run out of room, then get some again; fail unless both are noticed."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    life = Life(path)
    await life.begin()
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    written = True
    while written:  # reopening folds the log into the file, which makes room once or twice
        for _ in range(500):
            life.see()
        written = await life.recorder.flush() or await life.recorder.flush()
    seen = sum(depth.total for depth in life.state().depths.values())
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert await life.recorder.flush()
    await life.history.close()
    print("survived", seen, life.recorder.dropped, flush=True)  # noqa: T201


async def read_only(path: Path) -> None:
    """Go on probing where nothing can be written."""
    life = Life(path)
    writing(Place(path))  # loads what nobody else may read here
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    await life.begin()
    for _ in range(3):
        life.see()
    assert not await life.recorder.flush()
    assert life.told[-1] == (False, 0)
    await life.history.close()
    print("survived", flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(
        {"endless": endless, "full": full, "read_only": read_only}[sys.argv[1]](Path(sys.argv[2]))
    )
