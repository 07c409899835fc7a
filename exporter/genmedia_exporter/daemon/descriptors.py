"""The first three file descriptors: a supervisor may have closed them."""

from __future__ import annotations

import os


def fill_standard() -> None:
    """Open the null device in place of each that is closed, before anything else gets its number.

    Else a socket or the database would be "standard error", and whoever closes that ends it; libuv
    aborts where it finds one of its own there.
    """
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(handle, True)
    os.close(handle)
