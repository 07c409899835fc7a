"""`doctor`: check what people get wrong, for free, and say what to do about it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from genmedia_exporter.commands.doctor_checks import (
    Finding,
    Level,
    check_budget,
    check_environment,
    check_files,
    check_keys,
    check_listening,
    check_storage,
)
from genmedia_exporter.commands.doctor_network import check_accounts, check_pages, looked
from genmedia_exporter.core.clock import Clock
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.web.http.listening import DEFAULT_ADDRESS

SOMETHING_TO_DO = 2
"""Exit code when a finding asks for something."""

_MARKS = {Level.OK: "✔", Level.ADVICE: "!", Level.PROBLEM: "✘"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `doctor` takes."""
    parser.add_argument(
        "--web.listen-address", dest="listen", action="append", metavar="ADDRESS",
        help=f"where the exporter is to listen; may be repeated (default: {DEFAULT_ADDRESS})",
    )  # fmt: skip
    parser.add_argument(
        "--offline", action="store_true", help="look at this machine only, contact no service"
    )
    parser.add_argument("--format", choices=["text", "json"], default="text")


def run(args: argparse.Namespace, source: ConfigSource, clock: Clock) -> int:
    """Print what was found; 0 when nothing is to be done, else 2. Spends no money.

    Raises Problems for a configuration that cannot be used.
    """
    findings = diagnose(source, clock, args.listen or [DEFAULT_ADDRESS], args.offline)
    if args.format == "json":
        print(json.dumps({"findings": [asdict(each) for each in findings]}, indent=2))
    else:
        print(_told(findings))
    return 0 if all(each.level is not Level.PROBLEM for each in findings) else SOMETHING_TO_DO


def diagnose(
    source: ConfigSource, clock: Clock, listen: Sequence[str], offline: bool
) -> list[Finding]:
    """Return what there is to say, in the order in which it is best mended."""
    config, resolution = source.config, source.resolution
    counted = (
        f"{source.path}: {len(resolution.targets)} targets, {len(resolution.accounts)} accounts"
    )
    findings = [Finding(Level.OK, "configuration", counted)]
    # A missing key is told below, with what to do.
    keys = [account.credential_problem for account in resolution.accounts.values()]
    said = [str(each) for each in source.warnings if each.message not in keys]
    findings += [Finding(Level.ADVICE, "configuration", each) for each in said]
    findings += check_files(source)
    findings += check_keys(resolution)
    findings += check_environment(source.environ, config)
    findings += check_storage(config, resolution)
    findings += check_budget(config, resolution)
    findings += check_listening(listen)
    if not offline:
        seen, reports = looked(source, clock)
        findings += check_accounts(seen, clock)
        findings += check_pages(reports)
    return findings


def _told(findings: Sequence[Finding]) -> str:
    width = max(len(each.subject) for each in findings)
    lines: list[str] = []
    for each in findings:
        lines.append(f"{_MARKS[each.level]} {each.subject:<{width}}  {each.text}")
        if each.todo:
            lines.append(f"  {'':<{width}}  → {each.todo}")
    problems = sum(each.level is Level.PROBLEM for each in findings)
    advice = sum(each.level is Level.ADVICE for each in findings)
    lines.append(f"{_count(problems, 'problem')}, {_count(advice, 'hint')}")
    return "\n".join(lines)


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'s' * (number != 1)}"
