"""`explain`: what one HTTP answer means, without network."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import BinaryIO

from genmedia_exporter.classify.cases import Case, CaseError, read_cases, redacted_case
from genmedia_exporter.classify.explain import Answer
from genmedia_exporter.commands.explain_batch import (
    Providers,
    as_fields,
    doubts_of,
    explain_all,
    verdict_on,
    with_defaults,
)
from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.core.clock import Clock, Unix
from genmedia_exporter.core.evidence import MAX_BODY_BYTES, Transport, Verdict
from genmedia_exporter.core.status import Channel, Depth


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `explain` takes."""
    parser.add_argument(
        "--provider",
        metavar="P",
        help="a provider's name, or the path of a file; without one the generic rules answer",
    )
    parser.add_argument(
        "--http-status", type=_status, metavar="N", help="HTTP status of the response, 100 to 599"
    )
    parser.add_argument(
        "--body", metavar="FILE", help="body of the response; - reads standard input"
    )
    parser.add_argument(
        "--header",
        action="append",
        default=[],
        type=_header,
        metavar='"K: V"',
        help="header of the response; may be repeated",
    )
    parser.add_argument(
        "--transport",
        choices=[kind.value for kind in Transport],
        help="how the response broke off, or why there is none",
    )
    parser.add_argument(
        "--channel", choices=[channel.value for channel in Channel], help="default: the provider's"
    )
    parser.add_argument(
        "--depth",
        choices=[depth.value for depth in Depth],
        help="depth of the probe (default: whatever fits)",
    )
    parser.add_argument("--model", default="", metavar="M", help="model, for its end date")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument(
        "--batch",
        metavar="FILE",
        help="many answers, one JSON object a line; - reads standard input. Exit code 2 if one is "
        "not what its expect says",
    )
    parser.add_argument(
        "--report", action="store_true", help="write a redacted case for a bug report instead"
    )


def _status(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 100 <= int(text[:4]) <= 599):
        raise argparse.ArgumentTypeError(f"{text!r} is not an HTTP status (100 to 599)")
    return int(text)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not a header; write 'Name: value'")
    return name.strip(), value.strip()


def run(args: argparse.Namespace, clock: Clock) -> int:
    """Print the verdict, or many. Raises UsageError, UnknownProviderError for a file that is missing."""
    if args.batch is not None:
        return _run_batch(args, clock.now())
    if args.http_status is None and args.transport is None:
        raise UsageError("explain needs --http-status, or --batch with a file of answers")
    case = Case(
        "reported",
        args.provider or "",
        Answer(
            args.http_status,
            dict(args.header),
            _body(args.body, sys.stdin.buffer),
            Transport(args.transport) if args.transport else None,
        ),
        Channel(args.channel) if args.channel else None,
        Depth(args.depth) if args.depth else None,
        args.model,
    )
    providers = Providers()
    verdict = verdict_on(case, providers.get(case.provider), clock.now())
    providers.tell(sys.stderr)
    if args.report:
        print(redacted_case(case, verdict))
        return 0
    print(json.dumps(as_fields(verdict)) if args.format == "json" else _as_text(verdict))
    return 0


def _run_batch(args: argparse.Namespace, now: Unix) -> int:
    if args.http_status is not None or args.transport or args.body or args.header or args.report:
        raise UsageError("--batch takes each answer from its file, not from the command line")
    lines = _text(args.batch).splitlines()
    own = {
        "provider": args.provider,
        "channel": args.channel,
        "depth": args.depth,
        "model": args.model,
    }
    try:
        numbered = dict(read_cases(lines))
    except CaseError as error:
        raise UsageError(f"--batch {args.batch}: {error}") from error
    for doubt in doubts_of(numbered):
        print(f"genmedia-exporter: warning: --batch {args.batch}: {doubt}", file=sys.stderr)
    cases = [with_defaults(case, own) for case in numbered.values()]
    return explain_all(cases, now, args.format, sys.stdout, sys.stderr)


def _text(source: str) -> str:
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise UsageError(f"--batch {source}: {error.strerror}") from error
    return data.decode("utf-8", "replace")


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
