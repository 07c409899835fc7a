"""What `doctor` looks at on this machine: files, keys, limits, storage, budget, the port. No network."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from genmedia_exporter.config.loader import Config
from genmedia_exporter.core.status import Depth
from genmedia_exporter.spending.forecast import never_paid
from genmedia_exporter.spending.limits import limits_of
from genmedia_exporter.storage.errors import NoHistoryError, StorageError, StorageTakenError
from genmedia_exporter.storage.lock import hold
from genmedia_exporter.storage.place import Place, place_of
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.targets.resolve import Resolution
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.web.http.listening import listen

LEAST_FREE_BYTES: Final = 1 << 30
"""A quarter of a year of a thousand targets takes a few gigabytes; below one it fills up unnoticed."""
FILES_BESIDE_PROBES: Final = 256
"""Open files besides those of probes: scrapes, the database, status pages, the log."""
FILES_PER_PROBE: Final = 2
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_QUOTES: Final = "\"'`"


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    ADVICE = "hint"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    subject: str
    text: str
    todo: str = ""  # what to do about it


def check_files(source: ConfigSource) -> Iterator[Finding]:
    """Yield the files with secrets that others on this machine may read."""
    for path in sorted(source.resolution.secret_files):
        try:
            mode = path.stat().st_mode
        except OSError:
            continue  # a warning of the configuration says so
        if stat.S_ISREG(mode) and mode & (stat.S_IROTH | stat.S_IWOTH):
            yield Finding(
                Level.ADVICE, "secrets", f"{path} can be read by everybody here", f"chmod o= {path}"
            )


def check_keys(resolution: Resolution) -> Iterator[Finding]:
    """Yield accounts whose key is missing, or looks as if more was copied than the key."""
    for account in resolution.accounts.values():
        subject = f"account {account.name}"
        if account.credential_problem:
            yield Finding(Level.PROBLEM, subject, account.credential_problem, _SET_KEY)
        elif account.api_key is not None:
            key = account.api_key.reveal()
            if key[:7].lower() == "bearer ":
                text = "its key begins with 'Bearer ', which the exporter adds itself"
                yield Finding(Level.PROBLEM, subject, text, "write the key alone")
            elif key[:1] in _QUOTES or key[-1:] in _QUOTES:
                text = "its key stands in quotation marks that are sent as part of it"
                yield Finding(Level.PROBLEM, subject, text, "write the key without them")


_SET_KEY: Final = "set it where the exporter runs; until then its targets are unknown"


def check_environment(environ: Mapping[str, str], config: Config) -> Iterator[Finding]:
    """Yield what the process would run into: proxies that are not used, too few open files."""
    used = sorted({n for n in environ if n.upper() in _PROXIES and environ[n]})
    if used:
        text = f"{', '.join(used)} is set, but probes connect directly: a proxy would be part of the result"
        yield Finding(Level.ADVICE, "network", text, "allow direct connections to the services")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = config.limits.probes_in_flight * FILES_PER_PROBE + FILES_BESIDE_PROBES
    if soft < needed:
        text = f"{soft} files may be open, {needed} can be needed"
        todo = f"ulimit -n {needed}, or LimitNOFILE={needed} in the systemd unit"
        yield Finding(Level.PROBLEM if hard < needed else Level.ADVICE, "open files", text, todo)


def check_storage(config: Config, resolution: Resolution) -> Iterator[Finding]:
    """Yield whether history and ledger can be written, and who has them now."""
    place = place_of(config, resolution)
    if not place.is_file:
        yield _reachable(place)
        return
    folder = place.path.absolute().parent
    if not os.access(folder, os.W_OK | os.X_OK):
        text = f"{folder} cannot be written by user {os.getuid()}"
        yield Finding(Level.PROBLEM, "storage", text, "change its owner, or set storage.path")
        return
    yield _held(place.path)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        text = f"{free >> 20} MiB are free in {folder}"
        yield Finding(Level.PROBLEM, "disk", text, "make room, or shorten storage.retention")
    if place.path.is_file():
        yield _reachable(place)


def _held(path: Path) -> Finding:
    # The lock is only tried where it lies: made or removed by us, it might keep the exporter out, or let two in.
    if Path(f"{path}.lock").exists():
        try:
            hold(path)()
        except StorageTakenError:
            return Finding(Level.OK, "storage", f"{path} is in use by a running exporter")
        except OSError as error:
            todo = f"let the exporter's user own {path}.lock"
            return Finding(Level.PROBLEM, "storage", f"{path}.lock: {error.strerror}", todo)
    return Finding(Level.OK, "storage", f"{path} can be written")


def _reachable(place: Place) -> Finding:
    try:
        Reader(place).check()
    except NoHistoryError as error:
        return Finding(Level.OK, "storage", f"{error}: the first start makes it")
    except StorageError as error:
        return Finding(Level.PROBLEM, "storage", str(error), "see docs/storage.md")
    return Finding(Level.OK, "storage", f"{place.shown} holds a history that this version reads")


def check_budget(config: Config, resolution: Resolution) -> Iterator[Finding]:
    """Yield the targets whose paid depth was asked for and can never be bought."""
    limits = limits_of(config.budget, resolution.accounts.values(), resolution.targets)
    for target in resolution.targets:
        if Depth.GENERATE in target.intervals and (why := never_paid(target, limits)):
            todo = "set budget or price, or take generate out of its depths"
            yield Finding(Level.ADVICE, target.name, f"is never generated: {why}", todo)


def check_listening(addresses: Sequence[str]) -> Iterator[Finding]:
    """Yield whether the exporter could listen there now."""
    for address in addresses:
        try:
            sockets: Sequence[socket.socket] = listen(address)
        except (OSError, ValueError) as error:
            todo = "another exporter may run here already; else pass another --web.listen-address"
            text = getattr(error, "strerror", None) or str(error)
            yield Finding(Level.ADVICE, "listening", text, todo)
            continue
        for each in sockets:
            each.close()
        yield Finding(Level.OK, "listening", f"{address} is free")
