"""`provider`: check a provider file, try recorded answers on it, draft a new one."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from genmedia_exporter.commands.recorded import recorded
from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.config.files import read_bounded
from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.config.values import check_url
from genmedia_exporter.core.clock import Clock, Unix
from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Depth, Operation
from genmedia_exporter.probing.recognition import ask
from genmedia_exporter.probing.replay import Question, judge, play, reply_of
from genmedia_exporter.providers.lint import lint
from genmedia_exporter.providers.loader import (
    is_provider_file,
    load_provider,
    parse_provider,
    provider_names,
)
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.targets.auto_provider import by_host

WRONG: Final = 2
"""Exit code where a file is doubtful or an answer is read otherwise than expected."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `provider` takes."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser("lint", help="say what is wrong or doubtful in provider files")
    check.add_argument("files", nargs="+", metavar="FILE", help="a path, or the name of a provider")
    test = actions.add_parser("test", help="give recorded answers to a provider file")
    test.add_argument("file", metavar="FILE", help="a path, or the name of a provider")
    test.add_argument(
        "answers", type=Path, metavar="ANSWERS", help="recorded answers, one JSON object a line"
    )
    known = actions.add_parser(
        "recognise", help="ask an address, for nothing, which provider it is"
    )
    known.add_argument("url", metavar="URL")
    known.add_argument("--key", metavar="VARIABLE", default="", help="where its key is kept")
    known.add_argument(
        "--draft", metavar="NAME", default="", help="print a file for it to begin with"
    )
    new = actions.add_parser("new", help="print a draft, with the questions it must answer")
    new.add_argument("name", metavar="NAME", help="the word that configurations will use")
    new.add_argument("--like", default="", metavar="P", help="begin with a copy of this provider")


def run(args: argparse.Namespace, clock: Clock) -> int:
    """Do what was asked; 2 where something is wrong. Raises UsageError and Problems."""
    if args.action == "lint":
        return _lint(args.files)
    if args.action == "test":
        return _test(load_provider(args.file), args.answers, clock.now())
    if args.action == "recognise":
        return _recognise(args.url, os.environ.get(args.key, ""), args.draft)
    print(draft(args.name, args.like), end="")
    return 0


# --- lint


def _lint(files: list[str]) -> int:
    found = [problem for file in files for problem in lint(*_content(file))]
    for problem in found:
        print(problem)
    print(
        f"{len(files)} file{'s' * (len(files) != 1)}, {len(found)} doubtful"
        if found
        else "no doubts"
    )
    return WRONG if found else 0


def _content(name_or_path: str) -> tuple[bytes, str]:
    if is_provider_file(name_or_path):
        return read_bounded(Path(name_or_path)), name_or_path
    if name_or_path not in provider_names():
        hint = did_you_mean(name_or_path, provider_names(), "give a name, or a path with a /")
        raise UsageError(f"no provider is called {name_or_path!r}; {hint}")
    file = f"{name_or_path}.yml"
    return (resources.files("genmedia_exporter.providers") / file).read_bytes(), file


# --- test


def _test(provider: Provider, answers: Path, now: Unix) -> int:
    asked = right = 0
    for place, given in recorded(answers):
        verdict = judged(provider, given, now, place)
        wrong = _wrong(given, verdict)
        asked, right = asked + 1, right + (not wrong)
        name = given.get("id", asked)
        print(f"{verdict.status.icon} {name}: {verdict.reason} ({verdict.rule}){wrong}")
    print(f"{right} of {asked} right", file=sys.stderr)
    return 0 if right == asked else WRONG


def judged(provider: Provider, given: Mapping[str, Any], now: Unix, name: str = "it") -> Verdict:
    """Return what *given* comes to: one answer, or with `play` all of a probe in their order. Raises UsageError."""
    try:
        replies = [reply_of(one) for one in given.get("play") or [given]]
        asked = _question(provider, given)
        other = given.get("control")
        control = (str(other["call"]), reply_of(other)) if other else None
    except (KeyError, ValueError, TypeError) as error:
        raise UsageError(f"{name}: {error}") from None
    if given.get("play"):
        return asyncio.run(play(provider, asked, replies)).verdict
    return judge(provider, asked, replies[0], now, control)


def _question(provider: Provider, given: Mapping[str, Any]) -> Question:
    operation = Operation(given.get("operation", provider.operation))
    model = str(given.get("model", ""))
    return Question(model, operation, Depth(given["depth"]), str(given.get("call", "")))


def _wrong(given: Mapping[str, Any], verdict: Verdict) -> str:
    wanted = {key: given[key] for key in ("reason", "fault", "status") if given.get(key)}
    missed = [f"{k} {w}" for k, w in wanted.items() if str(getattr(verdict, k)) != w]
    return f"; wrong: {', '.join(missed)} expected" if missed else ""


# --- recognise


def _recognise(url: str, key: str, name: str) -> int:
    try:
        place = check_url(url)
    except ValueError as error:
        raise UsageError(f"{url}: {error}") from None
    found = by_host(place) or ask(place, Secret(key) if key else None)
    if found is None:
        told = f"nothing that {place} answers is known; `provider new NAME` prints a draft"
        print(told, file=sys.stderr)
        return WRONG
    if not name:
        print(f"{found.provider}: {found.because}")
        return 0
    print(f"# {place} is {found.provider}: {found.because}.")
    text = draft(name, found.provider)
    line = f"base_url: {place}"
    kept = re.sub(r"(?m)^base_url: .*$", line, text, count=1)
    print(
        kept if line in kept else re.sub(r"(?m)^(kind: .*)$", rf"\1\n{line}", kept, count=1), end=""
    )
    return 0


# --- new


def draft(name: str, like: str = "") -> str:
    """Return the text of a new provider file. Raises UsageError and UnknownProviderError."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise UsageError("a provider's name has small letters, digits, - and _ only")
    if not like:
        return _EMPTY.replace("NAME", name)
    load_provider(like)  # says what was meant where there is none
    text = _content(like)[0].decode()
    body = re.sub(r"\A(#.*\n)*\n*", "", text)
    body = re.sub(r"(?m)^name: .*$", f"name: {name}", body, count=1)
    body = re.sub(r"(?m)^title: .*$", f"title: {name}  # TODO: for people", body, count=1)
    body = re.sub(r"(?m)^(base_url: .*)$", r"\1  # TODO: yours", body, count=1)
    body = re.sub(r"(?m)^(docs: .*)$", r"\1  # TODO: where it explains its errors", body, count=1)
    made = f"# A draft, begun as a copy of {like}. Every rule, price and date in it is {like}'s until checked:\n# {_HOW}\n\n{body}"
    parse_provider(made, f"{name}.yml")
    return made


_HOW: Final = "genmedia-exporter provider lint, then provider test with answers you have seen."

_EMPTY: Final = f"""\
# A draft. Answer each TODO, then: {_HOW}

name: NAME
title: NAME  # TODO: for people
kind: direct  # TODO: direct makes the models, gateway calls others, self_hosted is your own
base_url: https://api.service.example  # TODO: leave out where everybody has a host of their own
prefix: /v1
operation: video
docs: https://docs.service.example/errors  # TODO: where it explains its errors
auth: {{header: Authorization, prefix: "Bearer "}}

calls:
  - id: models  # TODO: the cheapest free request that takes the key
    depth: reach
    path: /models
    http: [200]
    membership: {{pointer: /data, field: id}}
    proves: [edge, application, key, listing]
    source: "TODO: who says so?"

rules:  # TODO: what only this service says; the first that holds decides
  - id: no_money
    when: {{code: [insufficient_balance]}}
    means: quota_exhausted
    source: "TODO: who says so?"

jobs:
  - operation: video
    driver: async_job
    path: /videos
    json: {{model: "{{model}}", prompt: "{{prompt}}", seconds: 4}}  # TODO: the shortest, smallest it sells
    id: /id
    poll: {{path: "/videos/{{id}}", interval_seconds: 10, deadline_seconds: 900}}
    status:
      pointer: /status
      words: {{queued: [queued], running: [running], succeeded: [succeeded], failed: [failed]}}
    output: {{pointer: /video/url}}
    seconds: 4

models: []  # TODO: name, family, operation, price, end_date, successor, source, checked
"""
