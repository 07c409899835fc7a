"""`serve`: the daemon, and `--config.check` that only looks at its configuration."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from genmedia_exporter.commands import demo
from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.commands.which import announced
from genmedia_exporter.config.problems import Problem
from genmedia_exporter.config.values import quote
from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.daemon import early_signals
from genmedia_exporter.daemon.app import App
from genmedia_exporter.daemon.loops import new_loop
from genmedia_exporter.daemon.options import Options
from genmedia_exporter.daemon.signals import EndDeadline
from genmedia_exporter.daemon.supervisor import Supervisor
from genmedia_exporter.metrics.selection import fits_any
from genmedia_exporter.spending.forecast import forecast
from genmedia_exporter.spending.limits import limits_of
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.targets.summary import describe
from genmedia_exporter.web.http.origin import parse_hosts
from genmedia_exporter.web.http.server import DEFAULT_ADDRESS
from genmedia_exporter.web.http.web_config_watch import WebConfigWatch
from genmedia_exporter.web.look import Look, chosen

log = EventLog(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of the daemon."""
    add_web_arguments(parser)
    _add_config_arguments(parser)


def add_web_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how the daemon listens and who may reload it."""
    web = parser.add_argument_group("web")
    web.add_argument(
        "--web.listen-address", dest="listen", action="append", metavar="ADDRESS",
        help=f"where to listen; may be repeated (default: {DEFAULT_ADDRESS})",
    )  # fmt: skip
    web.add_argument(
        "--web.config.file", dest="web_config", type=Path, metavar="FILE",
        help="TLS and basic auth, in the format of the Prometheus exporter-toolkit",
    )  # fmt: skip
    web.add_argument(
        "--web.external-url", dest="external_url", default="", metavar="URL",
        help="URL of the exporter as seen from outside, behind a proxy",
    )  # fmt: skip
    web.add_argument(
        "--web.allowed-hosts", dest="allowed_hosts", action="append", default=[], metavar="NAMES",
        help="answer only under these host names, addresses and localhost; with commas, may be "
        "repeated (default: any name for reading)",
    )  # fmt: skip
    web.add_argument(
        "--web.route-prefix", dest="route_prefix", metavar="PATH",
        help="prefix of all paths (default: the path of --web.external-url)",
    )  # fmt: skip
    web.add_argument(
        "--web.enable-lifecycle", dest="lifecycle", action="store_true",
        help="allow POST /-/reload and /-/spending",
    )  # fmt: skip
    _add_look_arguments(parser)


def _add_look_arguments(parser: argparse.ArgumentParser) -> None:
    pages = parser.add_argument_group("pages")
    pages.add_argument(
        "--web.page-title", dest="page_title", default="", metavar="TEXT",
        help="what the pages are called (default: genmedia-exporter)",
    )  # fmt: skip
    pages.add_argument(
        "--web.logo", dest="logo", type=Path, metavar="FILE",
        help="a picture at the top of the pages: svg, png, jpg or webp",
    )  # fmt: skip
    pages.add_argument(
        "--web.css", dest="css", type=Path, metavar="FILE",
        help="style sheet rules that come after those of the pages",
    )  # fmt: skip
    pages.add_argument(
        "--web.dashboard-url", dest="dashboard_url", default="", metavar="URL",
        help="where a target's dashboard is; {target} in it stands for the name, else var-target= is added",
    )  # fmt: skip


def _add_config_arguments(parser: argparse.ArgumentParser) -> None:
    config = parser.add_argument_group("configuration")
    config.add_argument(
        "--config.check", dest="check", action="store_true",
        help="check the configuration and the web configuration, print what would be probed, and exit",
    )  # fmt: skip
    config.add_argument(
        "--config.enable-auto-reload", dest="auto_reload", action="store_true",
        help="reload when the content of the configuration changes",
    )  # fmt: skip
    config.add_argument(
        "--config.auto-reload-interval", dest="auto_reload_interval", type=_seconds, default=30.0,
        metavar="SECONDS", help="how often to check for changes (default: 30)",
    )  # fmt: skip


def _seconds(text: str) -> float:
    try:
        value = float(text.removesuffix("s"))
    except ValueError:
        value = 0.0
    if not 1 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 1 and 86400 seconds")
    return value


def run(args: argparse.Namespace, source: ConfigSource, clock: Clock) -> int:
    """Serve until a signal ends it. Raises Problems, OSError and ValueError when it cannot start."""
    wanted = options(args)
    warnings = [*source.warnings, *_dropped_in_vain(source), *wanted.web_config.warnings]
    if args.check:
        print(describe(source.resolution))
        print(_forecast(source, clock))
        for warning in warnings:
            print(warning, file=sys.stderr)
        print("Configuration is valid.")
        return 0
    for warning in warnings:
        log.warning("configuration warning", warning=warning)
    return _serve(App(source, wanted, clock))


def _dropped_in_vain(source: ConfigSource) -> Iterator[Problem]:
    """Yield a warning for each glob of `metrics.drop` that fits nothing."""
    for number, glob in enumerate(source.config.metrics.drop):
        if not fits_any(glob):
            yield source.config.places.problem(
                ("metrics", "drop", number),
                f"no metric is called {quote(glob)}",
                "docs/metrics.md lists them",
                severity="warning",
            )


def _forecast(source: ConfigSource, clock: Clock) -> str:
    """Return what paid probes will cost, a line for all of them and one for each target."""
    resolution = source.resolution
    limits = limits_of(source.config.budget, resolution.accounts.values(), resolution.targets)
    found = forecast(resolution.targets, limits, now=clock.now())
    return "\n".join([found.headline, *(f"  {line}" for line in found.lines())])


def run_demo(args: argparse.Namespace, clock: Clock) -> int:
    """Serve the demo world's configuration, and the world. Raises WorldError besides."""
    early_signals.release(signal.SIGINT)  # there is a folder to tidy up
    with (
        demo.world(args.demo_day, args.demo_listen, chaos=args.chaos) as world_url,
        demo.configuration(world_url, chaos=args.chaos) as path,
        contextlib.ExitStack() as stack,
    ):
        source = ConfigSource(path, os.environ, clock)
        source.load()
        args.auto_reload = False  # the demo's configuration is its own
        app = App(source, options(args), clock)

        def started() -> None:
            stack.enter_context(announced(path, app.url))
            _greet(demo.greeting(app.url, world_url, chaos=args.chaos))

        return _serve(app, started)


def _greet(text: str) -> None:
    """Print *text*; that nobody reads it ends no daemon."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _serve(app: App, tell: Callable[[], None] | None = None) -> int:
    async def main() -> None:
        started = asyncio.Event()
        running = asyncio.create_task(app.run(started, EndDeadline().came))
        waiting = asyncio.create_task(started.wait())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if started.is_set() and tell is not None:
            tell()
        await running

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())
    return 0


def options(args: argparse.Namespace) -> Options:
    """Return what the flags ask of the daemon. Raises Problems of the web configuration."""
    prefix = args.route_prefix
    if prefix is None:
        prefix = urlsplit(args.external_url).path
    return Options(
        listen_addresses=args.listen or [DEFAULT_ADDRESS],
        enable_lifecycle=args.lifecycle,
        auto_reload_interval=args.auto_reload_interval if args.auto_reload else None,
        route_prefix=prefix,
        external_url=args.external_url,
        look=_look(args),
        supervisor=Supervisor(os.environ),
        allowed_hosts=parse_hosts(args.allowed_hosts),
        web_config=WebConfigWatch(args.web_config),
    )


def _look(args: argparse.Namespace) -> Look:
    try:
        return chosen(args.page_title, args.logo, args.css, args.dashboard_url)
    except ValueError as error:
        raise UsageError(str(error)) from None
