"""`route`: which channel to call now, best first, and why."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rich.cells import cell_len

from genmedia_exporter.commands.check import probed
from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.commands.which import DEFAULT, running_demo
from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.status import Operation, Status
from genmedia_exporter.health.board import Board
from genmedia_exporter.probing.recognition import ask
from genmedia_exporter.report.ranking import ranking_object
from genmedia_exporter.routing.client import AskError, NobodyThereError, ask_route
from genmedia_exporter.routing.ranking import (
    DEFAULT_POLICY,
    RoutingError,
    operation_called,
    policies,
    route,
)
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.web.http.listening import DEFAULT_ADDRESS

NOT_USABLE: Final = 2
"""Exit code when nothing can be called now."""
DEFAULT_URL: Final = f"http://localhost{DEFAULT_ADDRESS}"
ASK_TIMEOUT: Final = 10.0
"""Seconds a running exporter has to answer."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `route` takes."""
    known = ", ".join(Operation)
    parser.add_argument("operation", metavar="OPERATION", help=f"one of: {known}")
    parser.add_argument(
        "--policy", default=DEFAULT_POLICY, metavar="P",
        help="production, development, budget, stable or one of yours (default: production)",
    )  # fmt: skip
    parser.add_argument(
        "--family", metavar="F", help="only targets of one logical model, such as veo-3.1"
    )
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument(
        "--url", metavar="URL",
        help=f"the running exporter to ask (default: a demo of this folder, else {DEFAULT_URL})",
    )  # fmt: skip
    parser.add_argument(
        "--config.file", dest="config_file", type=Path, metavar="FILE",
        help="do not ask an exporter: probe the targets of FILE once, for free, and rank them "
        "(default: genmedia.yml, if it is here and no --url is given)",
    )  # fmt: skip


def run(args: argparse.Namespace, clock: Clock) -> int:
    """Print the ranking; 0 when the first can be called, 2 when none can. Raises UsageError."""
    config, url = _whom(args)
    asked = f"Probed the targets of {config} once." if config else f"Asked the exporter at {url}."
    try:
        operation_called(args.operation)  # wherever the answer comes from, and if from nowhere
        told = _look(args, config, clock) if config else _ask(args, url)
    except NobodyThereError as error:
        hint = "name one with --url, or with --config.file a configuration to probe once, for free"
        raise UsageError(f"{error}; {hint}") from error
    except (AskError, RoutingError) as error:
        raise UsageError(str(error)) from error
    print(asked, file=sys.stderr)
    print(json.dumps(told, indent=2) if args.format == "json" else table(told))
    first = next(iter(told["targets"]), None)
    return 0 if first is not None and first["usable"] else NOT_USABLE


def _whom(args: argparse.Namespace) -> tuple[Path | None, str]:
    """Return the configuration to probe, or else the exporter to ask."""
    if args.config_file or args.url:
        return args.config_file, args.url or ""
    if DEFAULT.exists():
        return DEFAULT, ""
    demo = running_demo()
    return None, demo.url if demo is not None else DEFAULT_URL


def _ask(args: argparse.Namespace, url: str) -> Mapping[str, Any]:
    return asyncio.run(ask_route(url, args.operation, args.policy, ASK_TIMEOUT, args.family))


def _look(args: argparse.Namespace, config: Path, clock: Clock) -> Mapping[str, Any]:
    source = ConfigSource(config, os.environ, clock, recognise=ask)
    source.load()
    known = policies(source.config.routing.policies)
    board = Board(clock)
    board.configure(source.resolution.targets, {}, ())
    ranking = route(board.snapshot(), args.operation, args.policy, known, family=args.family)
    if ranking.entries:  # the words are right and there is something to probe
        asked = [entry.state.target for entry in ranking.entries]
        snapshot, _ = probed(source, asked, clock)
        ranking = route(snapshot, args.operation, args.policy, known, family=args.family)
    return ranking_object(ranking, clock.now())


def table(told: Mapping[str, Any]) -> str:
    """Return a ranking in the JSON of the API as lines for people."""
    lines = [str(told["message"])] if told.get("message") else []
    width = max((cell_len(one["target"]) for one in told["targets"]), default=0)
    return "\n".join([*lines, *(_line(one, width) for one in told["targets"])])


def _line(one: Mapping[str, Any], width: int) -> str:
    name = one["target"] + " " * (width - cell_len(one["target"]))
    price = "–" if one["price_per_100"] is None else f"${one['price_per_100']:.2f}/100"
    status = Status(one["status"])
    head = f"{one['rank']:>3}  {status.icon} {name}  {one['channel']:<8}  {price:>12}"
    return f"{head}  {one['why']}"
