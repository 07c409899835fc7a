"""A file of histories, cut so that each is played through the rules that it asks about, and what those read.

A rule that nothing asked about reads cannot change an answer; but each takes its time at each minute, and there are
a hundred. What asks for all alerts is played through all rules.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.alerts.rules import FILES, RULES, Rule, selectors
from tests.yaml_files import read_yaml

RECORDED: Final = re.compile(r"genmedia:[\w:]+")
FIRING: Final = re.compile(r'ALERTS\{[^}]*alertname="(\w+)"')
GROUPS: Final = [group for file in FILES for group in read_yaml(file)["groups"]]


def cut(file: Path, folder: Path) -> list[Path]:
    """Write the histories of a file anew, with rules of their own; return the files for promtool."""
    whole = read_yaml(file)
    alike: defaultdict[frozenset[str], list[Any]] = defaultdict(list)
    for test in whole["tests"]:
        alike[frozenset(needed(test))].append(test)
    return [
        _write(folder, f"{file.stem}-{number}", {**whole, "tests": tests}, names)
        for number, (names, tests) in enumerate(alike.items())
    ]


def needed(test: Mapping[str, Any]) -> set[str]:
    """Return the names of the rules that a history asks about, and of all that those read."""
    named = {check["alertname"] for check in test.get("alert_rule_test", ())}
    for check in test.get("promql_expr_test", ()):
        named |= _asked(check["expr"])
    return _with_what_they_read(named)


def _asked(expr: str) -> set[str]:
    """Return the rules that an expression asks about: what is recorded, and alerts, all where it names none."""
    found = set(RECORDED.findall(expr))
    for selector in selectors(expr):
        if selector.name in ("ALERTS", "ALERTS_FOR_STATE"):
            patterns = [
                m.value for m in selector.matchers.matchers
                if m.name == "alertname" and "Not" not in str(m.op)
            ]  # fmt: skip
            names = {rule.name for rule in RULES if "alert" in rule.body}
            found |= {n for n in names if all(re.fullmatch(p, n) for p in patterns)}
    return found


def _with_what_they_read(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    left = set(names)
    while left:
        found |= left
        left = {word for rule in RULES if rule.name in left for word in _read(rule)} - found
    return found


def _read(rule: Rule) -> list[str]:
    """Return what a rule reads of other rules, in its texts too."""
    told = str(rule.body)
    return RECORDED.findall(told) + FIRING.findall(told)


def _write(folder: Path, name: str, document: dict[str, Any], wanted: frozenset[str]) -> Path:
    groups = []
    for group in GROUPS:
        rules = [rule for rule in group["rules"] if (rule.get("alert") or rule["record"]) in wanted]
        if rules:
            groups.append({**group, "rules": rules})
    rule_file, test_file = folder / f"{name}.rules.yml", folder / f"{name}.yml"
    rule_file.write_text(yaml.safe_dump({"groups": groups}, width=10**9), "utf-8")
    order = [group["name"] for group in groups]
    document = {**document, "rule_files": [str(rule_file)], "group_eval_order": order}
    test_file.write_text(yaml.safe_dump(document, width=10**9, sort_keys=False), "utf-8")
    return test_file
