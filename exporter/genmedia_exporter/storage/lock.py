"""One process at a time writes to a database file: the lock beside it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from genmedia_exporter.storage.errors import StorageTakenError


def hold(path: Path) -> Callable[[], None]:
    """Take the lock beside the file that *path* leads to for this process; return how to let go of it.

    Raises StorageTakenError while another process holds it, OSError where it cannot be made.
    """
    lock = f"{os.path.realpath(path)}.lock"  # one lock, whatever links lead there
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise StorageTakenError(
            f"{path} is in use by another exporter; give this one another storage.path, "
            "or let them share a PostgreSQL through storage.url"
        ) from None
    return lambda: os.close(handle)
