"""`serve` and `demo`: their flags, and the order of a start.

The address and the database are taken before the daemon is imported, which takes most of a start: on a
loaded machine a second process would say that they are another's only after many seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from genmedia_exporter.commands import demo
from genmedia_exporter.commands.which import DEFAULT, announced, read_config
from genmedia_exporter.config.problems import Problem, Problems
from genmedia_exporter.core.clock import Clock
from genmedia_exporter.daemon import early_signals
from genmedia_exporter.storage.lock import hold
from genmedia_exporter.web.http.listening import DEFAULT_ADDRESS, listen

if TYPE_CHECKING:
    from genmedia_exporter.targets.source import ConfigSource

_WAY_ON: Final = (
    "name one with --config.file, draft one with `genmedia-exporter init -o genmedia.yml`, "
    "or see `genmedia-exporter demo`"
)


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


def run(args: argparse.Namespace, clock: Clock) -> int:
    """Serve until a signal ends it. Raises Problems, OSError and ValueError when it cannot start."""
    if args.check:
        _exists(args.config_file)
        source = read_config(args.config_file, clock)
        from genmedia_exporter.commands import serving

        return serving.check(args, source, clock)
    with _listening(args) as sockets:
        _exists(args.config_file)
        source = read_config(args.config_file, clock)
        _refuse_taken(source)
        from genmedia_exporter.commands import serving

        return serving.serve(args, source, clock, sockets)


def _exists(config_file: Path) -> None:
    """Raise Problems with the way on where no configuration is named and none is here."""
    if config_file == DEFAULT and not DEFAULT.exists():
        why = f"the configuration file cannot be read: {os.strerror(errno.ENOENT)}"
        raise Problems([Problem(str(DEFAULT), "", why, _WAY_ON)])


def run_demo(args: argparse.Namespace, clock: Clock) -> int:
    """Serve the demo world's configuration, and the world. Raises WorldError besides."""
    early_signals.release(signal.SIGINT)  # there is a folder to tidy up
    with (
        _listening(args) as sockets,
        demo.world(args.demo_day, args.demo_listen, chaos=args.chaos) as world_url,
        demo.configuration(world_url, chaos=args.chaos) as path,
        contextlib.ExitStack() as stack,
    ):
        source = read_config(path, clock)
        args.auto_reload = False  # the demo's configuration is its own
        from genmedia_exporter.commands import serving

        def tell(url: str) -> None:
            stack.enter_context(announced(path, url))
            _greet(demo.greeting(url, world_url, chaos=args.chaos))

        return serving.serve(args, source, clock, sockets, tell)


@contextlib.contextmanager
def _listening(args: argparse.Namespace) -> Iterator[Sequence[socket.socket]]:
    """Listen where the flags say; the server closes the sockets, or else the end of the block."""
    with contextlib.ExitStack() as stack:
        sockets = [
            stack.enter_context(bound)
            for address in args.listen or [DEFAULT_ADDRESS]
            for bound in listen(address)
        ]
        yield sockets


def _refuse_taken(source: ConfigSource) -> None:
    """Raise StorageTakenError when another process has the database file; what else is wrong shows later."""
    if source.resolution.storage_url is None:
        with contextlib.suppress(OSError):
            hold(Path(source.config.storage.path))()


def _greet(text: str) -> None:
    """Print *text*; that nobody reads it ends no daemon."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
