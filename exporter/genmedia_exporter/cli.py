"""The command line: flags as official exporters have them, and a subcommand for each chore.

A command's module is imported when the command is called: all of them together take a second of CPU.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import platform
import signal
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmedia_exporter import __version__
from genmedia_exporter.commands.parser import FAILURE, Parser, parse
from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.commands.which import DEFAULT, config_to_read, read_config
from genmedia_exporter.config.problems import Problems
from genmedia_exporter.core.clock import Clock, SystemClock
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.daemon import early_signals, logs

if TYPE_CHECKING:
    from genmedia_exporter.targets.source import ConfigSource

log = EventLog(__name__)

Declare = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand: what it says of itself, what it takes, what it does."""

    help: str
    declare: tuple[Declare, ...]
    run: Callable[[argparse.Namespace, Clock], int]
    log_level: str = "error"  # a chore prints what it found; only a daemon tells its life

    @property
    def daemon(self) -> bool:
        """Whether it runs until a signal ends it."""
        return self.log_level == "info"


def _of(module: str, name: str) -> Callable[..., Any]:
    """Return what calls a function of a command's module, imported then."""

    def call(*args: Any) -> Any:
        return getattr(import_module(f"genmedia_exporter.commands.{module}"), name)(*args)

    return call


def _with_config(
    run: Callable[[argparse.Namespace, ConfigSource, Clock], int], *, or_demo: bool = False
) -> Callable[[argparse.Namespace, Clock], int]:
    """Return *run* with the configuration read for it; *or_demo*: else that of a running demo."""

    def run_with_config(args: argparse.Namespace, clock: Clock) -> int:
        path, told = config_to_read(args.config_file) if or_demo else (args.config_file, "")
        if told:
            print(told, file=sys.stderr)
        return run(args, read_config(path, clock), clock)

    return run_with_config


def _config_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config.file", dest="config_file", type=Path, default=DEFAULT,
        metavar="FILE", help="the configuration (default: genmedia.yml)",
    )  # fmt: skip


COMMANDS = {
    "serve": Command(
        "probe and serve /metrics (the default)",
        (_config_file, _of("serve", "add_arguments")),
        _of("serve", "run"),
        log_level="info",
    ),
    "demo": Command(
        "start simulated services and watch them; no key needed",
        (_of("demo", "add_arguments"), _of("serve", "add_web_arguments")),
        _of("serve", "run_demo"),
        log_level="info",
    ),
    "check": Command(
        "probe all targets once, for free, and print a summary; exit 0 if all are usable, else 2",
        (_config_file, _of("check", "add_arguments")),
        _with_config(_of("check", "run"), or_demo=True),
    ),
    "probe": Command(
        "probe one target once and print everything it saw; asks before it spends money",
        (_config_file, _of("probe", "add_arguments")),
        _with_config(_of("probe", "run"), or_demo=True),
    ),
    "explain": Command(
        "explain what one HTTP response means, without network",
        (_of("explain", "add_arguments"),),
        _of("explain", "run"),
    ),
    "route": Command(
        "rank the channels to call now, best first, and say why; exit 0 if one is usable, else 2",
        (_of("route", "add_arguments"),),
        _of("route", "run"),
    ),
    "export": Command(
        "write the history of all probes as JSON or CSV",
        (_config_file, _of("history", "add_export_arguments")),
        _with_config(_of("history", "run_export"), or_demo=True),
    ),
    "uptime": Command(
        "print uptime, stability, outages and MTTR of every target",
        (_config_file, _of("history", "add_uptime_arguments")),
        _with_config(_of("history", "run_uptime"), or_demo=True),
    ),
    "catalogue": Command(
        "list the known providers and models",
        (_of("catalogue", "add_arguments"),),
        _of("catalogue", "run"),
    ),
    "doctor": Command(
        "check what people get wrong, for free, and say what to do; exit 2 if something is",
        (_config_file, _of("doctor", "add_arguments")),
        _with_config(_of("doctor", "run"), or_demo=True),
    ),
    "init": Command(
        "write a commented configuration for the keys found in the environment",
        (_of("init", "add_arguments"),),
        _of("init", "run"),
    ),
    "provider": Command(
        "check a provider file, try recorded answers on it, or draft a new one",
        (_of("provider", "add_arguments"),),
        _of("provider", "run"),
    ),
}

_DESCRIPTION = """\
Prometheus exporter for AI video and image generation APIs: is this model, on this
channel, usable right now, and if not, whose fault is it?
"""
_EPILOG = """\
Without a command it serves. See also 'genmedia-exporter COMMAND --help'.
"""


def build_parser(only: str = "") -> Parser:
    """Return the parser of the whole command line, or of what *only* one command takes."""
    parser = Parser(
        "genmedia-exporter",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=_version())
    if not only:  # without a command these go to `serve`; they stand here so that --help shows them
        _config_file(parser)
        _of("serve", "add_arguments")(parser)
        _add_logging(parser, "info")
    chores = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    for name, command in COMMANDS.items():
        chore = chores.add_parser(name, help=command.help, description=f"{name}: {command.help}")
        if only in ("", name):
            _add_logging(chore, command.log_level)
            for declare in command.declare:
                declare(chore)
    return parser


def _add_logging(parser: argparse.ArgumentParser, level: str) -> None:
    group = parser.add_argument_group("logging")
    group.add_argument(
        "--log.level", dest="log_level", choices=logs.LEVELS, default=level,
        help=f"(default: {level})",
    )  # fmt: skip
    group.add_argument(
        "--log.format", dest="log_format", choices=["logfmt", "json"], default="logfmt",
        help="(default: logfmt)",
    )  # fmt: skip


def _version() -> str:
    return f"genmedia-exporter, version {__version__} (python {platform.python_version()})"


def with_command(arguments: Sequence[str]) -> list[str]:
    """Return *arguments* with the command first; flags may stand before it, and it may be left out."""
    arguments = list(arguments)
    if arguments[:1] in (["-h"], ["--help"], ["--version"]):
        return arguments
    if arguments and arguments[0] in COMMANDS:
        return arguments
    values = _flags_with_value({"serve", *arguments})
    position = 0
    while position < len(arguments) and arguments[position].startswith("-"):
        position += 2 if arguments[position] in values else 1
    if position < len(arguments) and arguments[position] in COMMANDS:
        return [arguments[position], *arguments[:position], *arguments[position + 1 :]]
    return ["serve", *arguments]


def _flags_with_value(names: Collection[str]) -> frozenset[str]:
    """Return every flag of the commands among *names* whose value is the argument after it."""
    found: set[str] = set()
    for command in (command for name, command in COMMANDS.items() if name in names):
        parser = argparse.ArgumentParser(add_help=False)
        _add_logging(parser, command.log_level)
        for declare in command.declare:
            declare(parser)
        actions = parser._actions
        found |= {s for action in actions if action.nargs != 0 for s in action.option_strings}
    return frozenset(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    _open_output()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["--version"]:
        print(_version())
        return 0
    given, words = len(words), with_command(words)
    only = words[0] if words and words[0] in COMMANDS else ""
    args = parse(build_parser(only), words, COMMANDS if len(words) > given else ())
    daemon = COMMANDS[args.command].daemon
    logs.configure(args.log_level, args.log_format, apart=daemon)
    if daemon:
        logs.take_everything()
        early_signals.keep()
    else:
        gc.enable()  # a daemon does when it has started
        early_signals.release(signal.SIGHUP, signal.SIGINT)
    try:
        return COMMANDS[args.command].run(args, SystemClock())
    except Problems as problems:
        _refuse(args, [str(problem) for problem in problems.problems])
    except BrokenPipeError:
        # Whoever read our output has seen enough, as `head` does; say nothing into nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    except _refusals() as error:
        _refuse(args, [f"genmedia-exporter: {_one_line(error)}"])
    finally:
        early_signals.release()
    return FAILURE


def _refusals() -> tuple[type[Exception], ...]:
    """Return what a command raises that it cannot do what it was told."""
    from genmedia_exporter.commands.demo import WorldError
    from genmedia_exporter.providers.errors import UnknownProviderError

    return UsageError, UnknownProviderError, WorldError, OSError, ValueError


def _refuse(args: argparse.Namespace, problems: Sequence[str]) -> None:
    """Say why nothing starts: to people, unless a daemon's lines are read by a program."""
    for problem in problems:
        if COMMANDS[args.command].daemon and args.log_format == "json":
            log.error("cannot start", err=problem)
        else:
            print(problem, file=sys.stderr)


def _open_output() -> None:
    """Make sure that there is an output, and that no terminal's alphabet can stop it."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for as long as the process lives
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _one_line(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    where = f": {error.filename}" if isinstance(error, OSError) and error.filename else ""
    return f"{text}{where}"
