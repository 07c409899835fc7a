"""The words against the code: whatever is documented exists, and whatever exists is documented."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from genmedia_exporter import __version__
from genmedia_exporter.cli import COMMANDS, build_parser, with_command
from genmedia_exporter.config.loader import parse_config
from genmedia_exporter.config.schema import Document
from genmedia_exporter.config.values import format_duration
from genmedia_exporter.core import evidence
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Outcome, Status
from genmedia_exporter.health import backoff as pacing
from genmedia_exporter.health import baseline, judge, page_agreement, patterns, state
from genmedia_exporter.health import own_network as network_watch
from genmedia_exporter.media import inspect
from genmedia_exporter.metrics.catalogue import FAMILIES
from genmedia_exporter.probing import on_demand
from genmedia_exporter.providers.loader import provider_names
from genmedia_exporter.routing import ranking
from genmedia_exporter.spending import demand as spending
from genmedia_exporter.spending import limits as budget
from genmedia_exporter.spending import priority
from genmedia_exporter.spending import runner as generation
from genmedia_exporter.storage import leases, recorder
from genmedia_exporter.web.http import connections, framing, protocol
from genmedia_exporter.web.routes import history
from genmedia_exporter.web.routes import metrics as metrics_route
from tests.yaml_files import parse_yaml

ROOT: Final = Path(__file__).parent.parent
SOURCE: Final = ROOT / "exporter"
README: Final = (ROOT / "README.md").read_text("utf-8")
METHOD: Final = (ROOT / "METHOD.md").read_text("utf-8")
REASONS: Final = (ROOT / "docs" / "reasons.md").read_text("utf-8")
PAGES: Final = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "exporter" / "genmedia_exporter" / "providers" / "README.md",
]
BIN: Final = Path(sys.executable).parent


def label(page: Path) -> str:
    """Return how a page is called in messages."""
    return page.relative_to(ROOT).as_posix()


def fenced(text: str, *kinds: str) -> list[str]:
    """Return the code blocks of these kinds; "" is a block without one."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [body for kind, body in found if kind in kinds]


def rows(text: str, *heading: str) -> list[list[str]]:
    """Return the cells of all tables with this heading, without the heading."""
    found: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells == list(heading):
            inside = True
        elif inside and not line.startswith("|---"):
            found.append(cells)
    return found


# --- pages


def test_the_readme_is_short() -> None:
    """A README of everything is read by nobody."""
    assert len(README.splitlines()) < 200


def test_the_picture_is_light() -> None:
    """It loads at once."""
    assert (ROOT / "docs" / "status-page.png").stat().st_size < 150_000


def test_the_method_can_be_read_in_one_sitting() -> None:
    """What does not fit has a page of its own below docs/."""
    assert len(METHOD.split()) <= 3_000


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_links_lead_somewhere(page: Path) -> None:
    """Files and headings that a page links to are there."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE)
            assert anchor in [h.lower().replace(" ", "-") for h in headings], target


BLOCKS: Final = [
    pytest.param(block, id=f"{label(page)}-{number}")
    for page in PAGES
    for number, block in enumerate(fenced(page.read_text("utf-8"), "yaml"), 1)
]


@pytest.mark.parametrize("block", BLOCKS)
def test_yaml_is_sound(block: str) -> None:
    """Every block of YAML parses; one that is a configuration parses as one."""
    parsed = parse_yaml(block)
    if isinstance(parsed, dict) and set(parsed) <= set(Document.model_fields):
        parse_config(block, "documentation.yml")


# --- commands


def parsers() -> Mapping[str, argparse.ArgumentParser]:
    """Return the parser of each command, and of each action of a command that has several."""
    commands = _choices(build_parser())
    return {**commands, **{n: p for c in commands.values() for n, p in _choices(c).items()}}


def _choices(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    found = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    choices = found[0].choices if found else {}
    return typing.cast("Mapping[str, argparse.ArgumentParser]", choices)


def test_every_command_and_flag_is_documented() -> None:
    """README and usage page name each, and none that is not there."""
    flags = {
        flag
        for parser in parsers().values()
        for action in parser._actions
        for flag in action.option_strings
        if flag.startswith("--")
    }
    pages = README + (ROOT / "docs" / "usage.md").read_text("utf-8")
    told = set(re.findall(r"(?<![\w-])--[a-z][\w.-]*\w", pages))
    assert flags - {"--help"} <= told
    assert told <= flags | {"--help", "--version"}
    for command in COMMANDS:
        assert re.search(rf"`{command}\b", pages), command


def test_the_readme_counts_the_alerts() -> None:
    """As many as there are, each with its runbook."""
    rules = (ROOT / "alerts" / "alerting.rules.yml").read_text("utf-8")
    alerts = set(re.findall(r"- alert: *(\w+)", rules))

    assert f"{len(alerts)} alerts with a runbook each" in README
    assert alerts == {file.stem for file in (ROOT / "alerts" / "runbooks").glob("*.md")}


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_shell_lines_can_be_typed(page: Path) -> None:
    """Commands in a block to copy are ones that the command line and the Makefile take.

    What pip is to install is this checkout, for no index has the project, or something it depends on.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    packages = {re.split(r"[^\w-]", need)[0] for need in project["dependencies"]} | {"."}
    chores = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for block in fenced(page.read_text("utf-8"), "sh"):
        for line in block.splitlines():
            program, *arguments = shlex.split(line, comments=True)
            if program == "make":
                assert arguments[0] in chores, line
            elif program == "pip":
                assert arguments[0] == "install", line
                assert {a for a in arguments[1:] if not a.startswith("-")} <= packages, line
            elif program.endswith("genmedia-exporter"):
                build_parser().parse_args(with_command(arguments))
            else:
                pytest.fail(f"{line}: neither make, pip nor genmedia-exporter")


TRANSCRIPTS: Final = [
    pytest.param(*found, id=label(page))
    for page in PAGES
    for block in fenced(page.read_text("utf-8"), "")
    for found in re.findall(r"\A\$ (genmedia-exporter explain .*)\n((?s:.+))\Z", block)
]


@pytest.mark.parametrize(("command", "output"), TRANSCRIPTS)
def test_transcripts_are_real(command: str, output: str) -> None:
    """What the pages show of `explain` is what it says."""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        ["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=120
    )
    assert (done.stdout, done.returncode) == (output, 0)


# --- statuses, reasons, metrics


def test_the_readme_names_every_status() -> None:
    """With its code and its icon."""
    found = rows(README, "code", "", "status", "meaning")
    assert [row[:3] for row in found] == [[str(s.code), s.icon, s] for s in Status]


def test_the_method_names_every_status_and_reason() -> None:
    """With everything the code knows of it, word for word."""
    statuses = rows(METHOD, "code", "status", "when", "up")
    assert [row[:2] for row in statuses] == [[str(s.code), f"{s.icon} `{s}`"] for s in Status]
    found = rows(REASONS, "reason", "outcome", "status", "fault", "needs", "text")
    assert [[*row[:4], row[5]] for row in found] == [
        [
            f"`{reason}`",
            reason.meaning.outcome,
            reason.meaning.status,
            reason.meaning.fault + (" *" if reason.meaning.shared else ""),
            reason.meaning.text,
        ]
        for reason in Reason
    ]
    for outcome in Outcome:
        assert f"| `{outcome}` |" in REASONS


NUMBERS: Final = {
    "METHOD.md": (
        f"{judge.EXPIRY_INTERVALS:g} intervals of its depth",
        f"at least {baseline.MIN_SAMPLES} samples",
        f"{baseline.MAX_SAMPLES:,}, evenly spread",
        f"more than {baseline.FACTOR:g} times the median",
        f"more than {baseline.FLOOR:g} s longer",
        f"over {baseline.WINDOW / 3600:g} hours",
        f"tried within {network_watch.WINDOW:g} s",
        f"| {pacing.SUSPECT_INTERVAL:g} s after its first failure",
        f"waits at most {metrics_route.PATIENCE:g} s",
        f"A reading counts for {page_agreement.PAGE_LIFETIME / 60:g} minutes",
        f"({inspect.FIRST_BYTES >> 10} KiB, or {inspect.MORE_BYTES >> 10} where",
    ),
    "docs/probing.md": (
        f"{pacing.SUSPECT_INTERVAL:g} s later",
        f"at most every {on_demand.SCRAPE_GAP:g} s",
        f"waits at most {metrics_route.PATIENCE:g} s",
    ),
    "docs/reasons.md": (
        f"within the last {network_watch.WINDOW:g} s",
        f"first {judge.GATEWAY_GRACE / 60:g} minutes",
    ),
    "docs/routing.md": (f"{ranking.CLIP_SECONDS} s of video",),
    "docs/storage.md": (
        f"every {recorder.FLUSH_RECORDS} probes",
        f"up to {recorder.CAPACITY:,} probes",
        "after {:g}, {:g}, {:g}, then every {:g} s".format(*recorder.RETRY_SECONDS),
        f"A lease lasts {leases.LEASE:g} s",
        f"within {judge.EXPIRY_INTERVALS:g} of its shortest intervals",
    ),
    "docs/spending.md": (
        f"Every {generation.ROUND_SECONDS:g} s the exporter asks",
        f"| after {pacing.CONFIRM_SECONDS:g} s, or",
        f"{2 * pacing.CONFIRM_SECONDS / 60:g} minutes more, at most 1/{1 / pacing.EARLIEST:g} of",
        f"once they have worked for {spending.CALM_SECONDS / 60:g} minutes",
        f"{(1 - budget.ROUTINE_SHARE) * 100:g} % of a day's money",
        f"{priority.FOLLOW_UPS} more prices",
    ),
}


@pytest.mark.parametrize(
    ("page", "phrase"), [(page, phrase) for page, found in NUMBERS.items() for phrase in found]
)
def test_pages_have_the_numbers_of_the_code(page: str, phrase: str) -> None:
    """A constant that changes changes the page that promises it."""
    text = " ".join((ROOT / page).read_text("utf-8").split())
    assert phrase in text


@pytest.mark.parametrize(
    "phrase",
    [
        f"Bodies above {framing.MAX_BODY // 1024} KiB, heads above {framing.MAX_HEAD // 1024} KiB",
        f"addresses above {framing.MAX_ADDRESS // 1024} KiB",
        f"A head has {protocol.HEAD_SECONDS:g} s, a body {protocol.BODY_SECONDS:g} s",
        f"answer {protocol.TAKE_SECONDS:g} s to be taken",
        f"at most {connections.MAX_CONNECTIONS:,} connections, {connections.MAX_OF_CLIENT} of one",
        f"At most {connections.MAX_REQUESTS_OF_CLIENT} requests of one address",
        f"under way, {connections.MAX_REQUESTS} in all",
        f"more than {history.MAX_EXPORTS} exports at once",
        f"At most {evidence.MAX_BODY_BYTES >> 20} MiB is read",
    ],
)
def test_the_security_page_has_the_numbers_of_the_code(phrase: str) -> None:
    """A limit that is changed in the code is changed where it is promised."""
    assert phrase in (ROOT / "SECURITY.md").read_text("utf-8")


def test_the_method_counts_in_words() -> None:
    """Numbers that the page spells out."""
    assert (patterns.SLOW_IN_A_ROW, patterns.FLAPS, network_watch.MIN_HOSTS) == (3, 3, 3)
    assert (state.RECENT_ATTEMPTS, pacing.RETIRED_INTERVALS) == (10, 10)


def test_every_metric_is_documented() -> None:
    """With its type and its labels, and none that is not there."""
    text = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    found = [row[:3] for row in rows(text, "metric", "type", "labels", "meaning")]
    known = [[f"`{f.name}`", f.kind.value, ", ".join(f.labels) or "–"] for f in FAMILIES]
    assert sorted(found) == sorted(known)


def test_metrics_in_examples_exist() -> None:
    """Queries and prose use names that are there."""
    known = {family.name for family in FAMILIES} | {"genmedia_exporter", "genmedia_client"}
    for page in PAGES:
        for name in re.findall(r"\bgenmedia_[a-z_]+[a-z]\b", page.read_text("utf-8")):
            assert name in known, f"{label(page)}: {name}"


# --- configuration


def sections(annotation: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    """Return the sections inside a key of this type, with what stands between."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield "", annotation
    elif origin is typing.Annotated:
        yield from sections(inner[0])
    elif origin in (dict, Mapping):
        yield from ((f".NAME{path}", model) for path, model in sections(inner[1]))
    elif origin is tuple:
        yield from ((f"[]{path}", model) for path, model in sections(inner[0]))
    elif origin in (types.UnionType, typing.Union):
        for one in inner:
            yield from sections(one)


def keys(model: type[BaseModel] = Document, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Return every key of the configuration that has a value of its own."""
    for name, field in model.model_fields.items():
        below = list(sections(field.annotation))
        if not below:
            yield prefix + name, field
        for path, section in below:
            yield from keys(section, f"{prefix}{name}{path}.")


def default_of(key: str, field: FieldInfo) -> str:
    """Return how the page writes a key's default."""
    value = field.default
    if key == "targets[].name":
        return "–"  # made up where it is left out
    if field.is_required():
        return "required"
    if value in (None, "", (), {}):
        return "–"
    if isinstance(value, tuple):
        return f"`[{', '.join(value)}]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str | StrEnum):
        return f"`{value}`"
    timed = key.rpartition(".")[2] in ("timeout", "retention") or "interval" in key
    return f"`{format_duration(value) if timed else f'{value:g}'}`"


def test_every_key_is_documented() -> None:
    """With its default, and none that is not there."""
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    found = {row[0]: row[2] for row in rows(text, "key", "type", "default", "meaning")}
    assert found == {f"`{key}`": default_of(key, field) for key, field in keys()}


def test_the_example_uses_every_section() -> None:
    """The page's example is complete enough to start from."""
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    assert set(parse_yaml(fenced(text, "yaml")[0])) == set(Document.model_fields)


# --- house


def project() -> dict[str, Any]:
    """Return the project's table of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return table


def test_the_changelog_begins_with_this_version() -> None:
    """What is released has its words."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    first = re.search(r"^## \[([^\]]+)\]", text, re.MULTILINE)
    assert first is not None
    assert first[1] == __version__


DEPENDENCIES: Final = rows(README, "package", "at least", "why", "home in the code")


def test_every_dependency_has_its_reason() -> None:
    """The README's table is pyproject's list, with the same versions."""
    wanted = [re.match(r"([\w.-]+)>=([\d.]+)", entry) for entry in project()["dependencies"]]
    assert [row[:2] for row in DEPENDENCIES] == [list(found.groups()) for found in wanted if found]
    assert len(DEPENDENCIES) == len(wanted)


IMPORTED_AS: Final = {"prometheus-client": "prometheus_client", "pyyaml": "yaml"}


@pytest.mark.parametrize("row", DEPENDENCIES, ids=lambda row: row[0])
def test_every_dependency_stays_at_home(row: list[str]) -> None:
    """It is imported in the places the README names, and nowhere else."""
    module = IMPORTED_AS.get(row[0], row[0])
    homes = re.findall(r"`([^`]+)`", row[3])
    pattern = re.compile(rf"^\s*(?:import|from) {module}\b", re.MULTILINE)
    users = [
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.py")
        if pattern.search(file.read_text("utf-8"))
    ]
    assert users
    assert [user for user in users if not user.startswith(tuple(homes))] == []


LOCKS: Final = ("requirements.txt", "requirements-dev.txt")


def locked(name: str) -> dict[str, set[str]]:
    """Return the hashes of each package of a lock, by its line of name, version and condition."""
    text = (ROOT / name).read_text("utf-8")
    entries = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
    return {
        entry.partition(" \\\n")[0]: set(re.findall(r"--hash=(sha256:[0-9a-f]{64})\b", entry))
        for entry in entries
    }


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index(name: str) -> None:
    """Where packages come from is the business of whoever installs them; what comes has a hash."""
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r"://|index-url|find-links|trusted-host", text)
    packages = locked(name)
    assert all(packages.values())
    versions = {line.partition("==")[0] for line in packages}
    assert {row[0] for row in DEPENDENCIES} <= versions


def test_what_runs_is_what_is_tested() -> None:
    """The lock of running is a part of the other, version by version and hash by hash."""
    running, testing = map(locked, LOCKS)
    assert running.items() <= testing.items()
    left = {line.partition("==")[0] for line in testing.keys() - running.keys()}
    assert {"pytest", "ruff", "mypy"} <= left


def test_the_readme_counts_the_providers() -> None:
    """As many as there are files."""
    assert f"Providers known: [{len(provider_names())}](CATALOGUE.md)" in README
