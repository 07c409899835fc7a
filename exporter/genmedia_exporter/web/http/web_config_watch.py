"""The web file in force: read again when it or a file it names changes; the last good one stays."""

from __future__ import annotations

import errno
import os
import ssl
import stat
import threading
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from genmedia_exporter.config.files import read_bounded
from genmedia_exporter.config.problems import Problem, Problems
from genmedia_exporter.core.clock import Clock, SystemClock, Unix
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.web.http.tls import LiveContext
from genmedia_exporter.web.http.web_config import EMPTY, WebConfig, load_web_config
from genmedia_exporter.web.http.web_config_section import MAX_FILE

log = EventLog(__name__)

SETTLED: Final = 2.0
"""Seconds after which a change of a file shows in its times for sure; some count whole seconds."""

Signature = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was read. Without a signature its content is compared."""

    signature: Signature | None
    content: bytes | None  # None: it could not be read


class WebConfigWatch:
    """Gives out what the web file says now; without a file, that nothing is configured.

    Looking is a few `stat` calls, so that every connection and every request can look. Safe to
    call from several threads: who comes while another reads gets what was in force before.
    """

    def __init__(self, path: Path | None = None, clock: Clock | None = None) -> None:
        """Read the file. Raises Problems."""
        self.path = path
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._seen: dict[Path, _Seen] = {}
        self._problems: tuple[str, ...] = ()
        self._live = False
        self._tell: Callable[[bool], None] = lambda _success: None
        self._config = WebConfig() if path is None else load_web_config(path, self._read)
        self._context = self._config.tls.context() if self._config.tls else None
        # What comes through a pipe cannot be read a second time.
        self._live = path is not None and path.is_file()

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is allowed in the file in force, but does not do what one may expect."""
        return self._config.warnings

    def current(self) -> WebConfig:
        """Return what is in force, after a look at the files."""
        self._look()
        return self._config

    def tls_context(self) -> ssl.SSLContext | None:
        """Return the context to listen with, which is always the one in force; None without TLS."""
        return LiveContext(self._current_context) if self._context is not None else None

    def reload(self) -> Sequence[str]:
        """Look at the files now. Return what keeps their present content from being in force."""
        self._look(wait=True)
        return self._problems

    def on_result(self, tell: Callable[[bool], None]) -> None:
        """Let *tell* know from now on, and at once, whether the files as they are were taken."""
        self._tell = tell
        if self.path is not None:
            tell(not self._problems)

    def _current_context(self) -> ssl.SSLContext:
        self._look()
        if self._context is None:
            raise RuntimeError("TLS was switched off under a socket that speaks it")
        return self._context

    def _look(self, *, wait: bool = False) -> None:
        if not self._live or not self._lock.acquire(blocking=wait):
            return
        try:
            if self._changed():
                self._take()
        finally:
            self._lock.release()

    def _changed(self) -> bool:
        seen = list(self._seen.items())
        return any(self._has_changed(path, each) for path, each in seen)

    def _has_changed(self, path: Path, seen: _Seen) -> bool:
        if seen.signature is not None and seen.signature == _signature(path):
            return False
        try:
            self._read(path, MAX_FILE)  # and remember its present times
        except OSError:
            self._seen[path] = _Seen(None, None)
        now, self._seen[path] = self._seen[path], _Seen(None, seen.content)
        if now.content != seen.content:
            return True
        self._seen[path] = now
        return False

    def _take(self) -> None:
        self._seen = {}
        problems: Sequence[Problem] = ()
        before = set(self.warnings)
        try:
            config = load_web_config(self.path or Path(), self._read)
            context = config.tls.context() if config.tls else None
            if (context is None) is not (self._context is None):
                message = (
                    "TLS can be switched on or off by a restart only; nothing of this file is taken"
                )
                raise Problems([Problem(str(self.path), "tls_server_config", message)])
            if config.empty and not self._config.empty:  # who edits it may be about to fill it
                message = f"{EMPTY}; to protect nothing from now on, write {{}}"
                raise Problems([Problem(f"{self.path}:1:1", "", message)])
        except Problems as bad:
            problems = bad.problems
        else:
            self._config, self._context = config, context
        self._say(problems, before)

    def _say(self, problems: Sequence[Problem], told: Container[Problem]) -> None:
        self._problems = tuple(map(str, problems))
        self._tell(not problems)
        for problem in problems:
            log.error("web configuration not reloaded", err=problem)
        if not problems:
            log.info("web configuration reloaded", file=self.path)
            for warning in self.warnings:
                if warning not in told:
                    log.warning("web configuration warning", warning=warning)

    def _read(self, path: Path, limit: int) -> bytes:
        """Return a file's content, and remember it with the times it had before."""
        self._seen[path] = _Seen(None, None)
        signature = _signature(path)
        if signature is None and (self._live or path != self.path):
            # Only the web file itself may come through a pipe, and only once.
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        content = read_bounded(path, limit)
        settled = signature and self._clock.now() - Unix(signature[0] / 1e9) > SETTLED
        self._seen[path] = _Seen(signature if settled else None, content)
        return content


def _signature(path: Path) -> Signature | None:
    """Return what changes with a file's content, None for what is no file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    latest = max(found.st_mtime_ns, found.st_ctime_ns)
    return latest, found.st_mtime_ns, found.st_size, found.st_ino, found.st_dev
