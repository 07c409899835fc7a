"""What `serve` and `demo` do when their places are taken: build the daemon, run it; or only look at its configuration."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.config.problems import Problem
from genmedia_exporter.config.values import check_url, quote
from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.daemon.app import App
from genmedia_exporter.daemon.loops import new_loop
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.daemon.signals import EndDeadline
from genmedia_exporter.daemon.supervisor import Supervisor
from genmedia_exporter.metrics.selection import dropped_in_vain
from genmedia_exporter.spending.forecast import forecast
from genmedia_exporter.spending.limits import limits_of
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.place import place_of, unknown_options
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.targets.summary import describe
from genmedia_exporter.web.http.origin import parse_hosts
from genmedia_exporter.web.http.web_config_watch import WebConfigWatch
from genmedia_exporter.web.look import Look, chosen

log = EventLog(__name__)

GARBAGE: Final = (2_000, 2, 1_000)
"""When to look for garbage among the young, the middle-aged and all. What probes leave refers to nothing that
refers back, so there is little; and a look at all that 5,000 targets keep holds the event loop up for 0.1 to 0.4 s."""


def check(args: argparse.Namespace, source: ConfigSource, clock: Clock) -> int:
    """Print what the configuration means. Raises Problems of the web configuration."""
    warnings = [*_warnings(source, options(args, [])), *_about_database(source)]
    print(describe(source.resolution))
    print(_forecast(source, clock))
    for warning in warnings:
        print(warning, file=sys.stderr)
    print("Configuration is valid.")
    return 0


def serve(
    args: argparse.Namespace,
    source: ConfigSource,
    clock: Clock,
    sockets: Sequence[socket.socket],
    tell: Callable[[str], None] | None = None,
) -> int:
    """Serve on *sockets* until a signal ends it; once it listens, *tell* its URL."""
    wanted = options(args, sockets)
    if tell is None:
        for warning in _warnings(source, wanted):
            log.warning("configuration warning", warning=warning)
    app = App(source, wanted, clock)
    return _run(app, tell)


def _warnings(source: ConfigSource, wanted: Options) -> list[Problem | str]:
    return [*source.warnings, *dropped_in_vain(source.config), *wanted.web_config.warnings]


def _about_database(source: ConfigSource) -> Iterator[Problem]:
    """Yield a warning where nothing installed here speaks to the database, or knows an option."""
    place, found = place_of(source.config, source.resolution), []
    try:
        Reader(place)
    except StorageError as error:
        found.append(str(error))
    found += [f"PostgreSQL has no option {quote(name)}" for name in unknown_options(place)]
    for text in found:
        yield source.config.places.problem(("storage", "url"), text, severity="warning")


def _forecast(source: ConfigSource, clock: Clock) -> str:
    """Return what paid probes will cost, a line for all of them and one for each target."""
    resolution = source.resolution
    limits = limits_of(source.config.budget, resolution.accounts.values(), resolution.targets)
    found = forecast(resolution.targets, limits, now=clock.now())
    return "\n".join([found.headline, *(f"  {line}" for line in found.lines())])


def _run(app: App, tell: Callable[[str], None] | None) -> int:
    async def main() -> None:
        started = asyncio.Event()
        running = asyncio.create_task(app.run(started, EndDeadline().came))
        waiting = asyncio.create_task(started.wait())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        gc.set_threshold(*GARBAGE)
        gc.freeze()  # what is there now stays for ever: no later look for garbage need see it
        gc.enable()
        if started.is_set() and tell is not None:
            tell(app.url)
        await running

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())
    return 0


def options(args: argparse.Namespace, sockets: Sequence[socket.socket]) -> Options:
    """Return what the flags ask of the daemon. Raises Problems of the web configuration."""
    external_url = _external_url(args.external_url)
    return Options(
        listen=lambda: sockets,
        enable_lifecycle=args.lifecycle,
        auto_reload_interval=args.auto_reload_interval if args.auto_reload else None,
        route_prefix=_route_prefix(args.route_prefix, external_url),
        external_url=external_url,
        look=_look(args),
        supervisor=Supervisor(os.environ),
        allowed_hosts=parse_hosts(args.allowed_hosts),
        web_config=WebConfigWatch(args.web_config),
    )


def _external_url(text: str) -> str:
    """Return *text*, which is empty, a URL, or only its path. Raises UsageError."""
    try:
        check_url(f"http://host{text}" if text.startswith("/") else text or "http://host")
        return text
    except ValueError as error:
        raise UsageError(f"--web.external-url: {error}; or write only its path: /PATH") from None


def _route_prefix(text: str | None, external_url: str) -> str:
    """Return the prefix of all paths, as requests have it when they are read. Raises UsageError."""
    flag = "--web.external-url" if text is None else "--web.route-prefix"
    prefix = unquote(urlsplit(external_url).path) if text is None else text
    odd = "".join(c for c in prefix if c in "?#%\\{}" or not c.isprintable())
    dots = {".", ".."} & set(prefix.split("/"))
    if odd or dots:
        which = " ".join([*dict.fromkeys(ascii(c)[1:-1] for c in odd), *sorted(dots)])
        raise UsageError(
            f"{flag}: no request can have the path {quote(prefix)}; write one without {which}"
        )
    return prefix


def _look(args: argparse.Namespace) -> Look:
    try:
        return chosen(args.page_title, args.logo, args.css, args.dashboard_url)
    except ValueError as error:
        raise UsageError(str(error)) from None
