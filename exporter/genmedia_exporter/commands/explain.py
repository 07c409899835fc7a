"""`explain`: what one HTTP answer means, without network."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import BinaryIO

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.evidence import MAX_BODY_BYTES, Verdict
from genmedia_exporter.core.status import Channel, Depth
from genmedia_exporter.providers.loader import load_generic, load_provider


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `explain` takes."""
    parser.add_argument(
        "--provider", required=True, metavar="P", help="a provider's name, or the path of a file"
    )
    parser.add_argument(
        "--http-status", required=True, type=_status, metavar="N", help="the HTTP status, 100-599"
    )
    parser.add_argument(
        "--body", metavar="FILE", help="the body of the answer; - reads standard input"
    )
    parser.add_argument(
        "--header",
        action="append",
        default=[],
        type=_header,
        metavar='"K: V"',
        help="a header of the answer; may be repeated",
    )
    parser.add_argument(
        "--channel", choices=[channel.value for channel in Channel], help="default: the provider's"
    )
    parser.add_argument(
        "--depth",
        choices=[depth.value for depth in Depth],
        help="how far the probe went; default: whatever fits",
    )
    parser.add_argument("--model", default="", metavar="M", help="the model, for its end date")
    parser.add_argument("--format", choices=["text", "json"], default="text")


def _status(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 100 <= int(text[:4]) <= 599):
        raise argparse.ArgumentTypeError(f"{text!r} is no HTTP status; they go from 100 to 599")
    return int(text)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is no header; write it as 'Name: value'")
    return name.strip(), value.strip()


def run(args: argparse.Namespace, clock: Clock) -> int:
    """Print the verdict. Raises UnknownProviderError, and UsageError for a body nobody can read."""
    answer = Answer(args.http_status, dict(args.header), _body(args.body, sys.stdin.buffer))
    verdict = explain(
        answer,
        load_provider(args.provider),
        load_generic(),
        now=clock.now(),
        channel=Channel(args.channel) if args.channel else None,
        depth=Depth(args.depth) if args.depth else None,
        model=args.model,
    )
    print(_as_json(verdict) if args.format == "json" else _as_text(verdict))
    return 0


def _body(source: str | None, standard_input: BinaryIO) -> bytes:
    if source is None:
        return b""
    if source == "-":
        return standard_input.read(MAX_BODY_BYTES)
    try:
        with Path(source).open("rb") as file:
            return file.read(MAX_BODY_BYTES)
    except OSError as error:
        raise UsageError(f"--body {source}: {error.strerror}") from error


def _as_json(verdict: Verdict) -> str:
    return json.dumps(
        {
            "outcome": verdict.outcome,
            "status": verdict.status,
            "fault": verdict.fault,
            "up": verdict.up,
            "reason": verdict.reason,
            "rule": verdict.rule,
        }
    )


def _as_text(verdict: Verdict) -> str:
    up = {1: "yes", 0: "no", None: "cannot say"}[verdict.up]
    lines = [
        f"{verdict.status.icon} {verdict.status}: {verdict.reason.meaning.text}",
        f"   outcome  {verdict.outcome}",
        f"   fault    {verdict.fault}",
        f"   up       {up}",
        f"   reason   {verdict.reason}",
        f"   rule     {verdict.rule}",
    ]
    if verdict.message:
        lines.append(f"   it said  {verdict.message}")
    return "\n".join(lines)
