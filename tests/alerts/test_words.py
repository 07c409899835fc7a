"""The words of the alerts: the table of README.md, and a runbook for each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import promql_parser as promql
import pytest

from genmedia_exporter.cli import COMMANDS, build_parser, with_command
from tests.alerts.rules import ALERTS, NAMES, README, RECORDS, RUNBOOKS, known_series, selectors

SECTIONS: Final = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
PAGES: Final = sorted(RUNBOOKS.glob("*.md"))
OTHERS: Final = re.compile(r"up|process_\w+|prometheus_\w+")
"""Metrics in runbooks that the catalogue does not list: the process's, and Prometheus' own."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def table() -> list[list[str]]:
    """Return the rows of the README's list of alerts: name, severities, for."""
    text = README.read_text("utf-8")
    rows = re.findall(
        r"^\| \[(\w+)\]\(runbooks/(\w+)\.md\) \| ([^|]+) \| ([^|]+) \|", text, re.MULTILINE
    )
    assert all(name == page for name, page, *_ in rows)
    return [[name, *rest] for name, _, *rest in rows]


def row(name: str) -> list[str]:
    """Return what the README must say of an alert."""
    rules = [rule for rule in ALERTS if rule.name == name]
    severities = list(dict.fromkeys(rule.severity for rule in rules))
    waits = list(dict.fromkeys(str(rule.body.get("for", "0m")) for rule in rules))
    by_channel = any('{channel="reverse"}' in rule.expr for rule in rules)
    return [name, (" / " if by_channel else ", ").join(severities), ", ".join(waits)]


def test_the_readme_lists_every_alert() -> None:
    """In the order of the rules, with how loud it is and how long it must last."""
    assert table() == [row(name) for name in NAMES]


def test_the_readme_lists_what_is_recorded() -> None:
    """Each series, written out or as the end of one before it."""
    text = README.read_text("utf-8")
    part = text[text.index("## Recorded") : text.index("## Tuning")]
    listed = set(re.findall(r"`((?:genmedia)?[:_][\w:]+)`", part))
    missing = [
        rule.name
        for rule in RECORDS
        if not any(rule.name == word or rule.name.endswith(word) for word in listed)
    ]
    assert not missing


def test_every_alert_has_its_runbook() -> None:
    """And no runbook is left over."""
    assert {page.stem for page in PAGES} == set(NAMES)


@each_page
def test_runbooks_have_their_sections(page: Path) -> None:
    """A tired reader finds the same four headings everywhere."""
    lines = page.read_text("utf-8").splitlines()
    assert lines[0] == f"# {page.stem}"
    assert [line[3:] for line in lines if line.startswith("## ")] == SECTIONS


@each_page
def test_queries_of_runbooks_can_be_run(page: Path) -> None:
    """Each parses, and asks for what is there."""
    known = known_series()
    for query in re.findall(r"```promql\n(.*?)\n```", page.read_text("utf-8"), re.DOTALL):
        promql.parse(query)
        for selector in selectors(query):
            name = selector.name or ""
            if not OTHERS.fullmatch(name):
                assert name in known, query
                assert {m.name for m in selector.matchers.matchers} <= known[name], query


@each_page
def test_commands_of_runbooks_can_be_typed(page: Path) -> None:
    """Each is one that the command line takes."""
    text = page.read_text("utf-8")
    typed = re.findall(r"^genmedia-exporter ([^#\n]+)", text, re.MULTILINE)
    for line in [*typed, *re.findall(r"`genmedia-exporter ([^`]+)`", text)]:
        words = line.split()
        assert words[0] in COMMANDS or words[0].startswith("--"), line
        if words[0] != "explain":  # which wants an answer to explain
            build_parser().parse_args(with_command(words))


@pytest.mark.parametrize("name", NAMES)
def test_commands_of_descriptions_exist(name: str) -> None:
    """What an alert tells to type is a command."""
    for rule in ALERTS:
        if rule.name == name:
            text = rule.annotations["description"]
            for command in re.findall(r"`genmedia-exporter ([\w.-]+)", text):
                assert command in COMMANDS or command == "--config.check"
