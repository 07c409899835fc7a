"""The connections to a database server that are open, so that a server that never answers holds up no end."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import Any
from weakref import WeakSet

from sqlalchemy import Engine, event

from genmedia_exporter.storage.errors import StorageError


class ServerConnections:
    """All connections to one server, from all threads.

    A thread that waits for an answer cannot be ended; its socket can, and then the thread fails at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = WeakSet[Any]()
        self._ended = False

    def watch(self, engine: Engine) -> None:
        """Know of every connection that *engine* makes from now on."""
        event.listen(engine, "do_connect", self._refuse_after_end)
        event.listen(engine, "connect", self._connected)

    def end(self) -> None:
        """Break all that are open, and let no other be made."""
        with self._lock:
            self._ended = True
            each = list(self._open)
        for connection in each:
            _break(connection)

    def _refuse_after_end(self, *_: object) -> None:
        if self._ended:
            raise StorageError("the database did not answer until the end")

    def _connected(self, connection: Any, _record: object) -> None:
        with self._lock:
            self._open.add(connection)
            ended = self._ended
        if ended:
            _break(connection)


def _break(connection: Any) -> None:
    # Of a copy, for the library closes its own; to shut down one is to shut down both.
    with (
        contextlib.suppress(Exception),  # it is closed already
        socket.socket(fileno=os.dup(connection.fileno())) as copy,
    ):
        copy.shutdown(socket.SHUT_RDWR)
