"""The shipped configuration is sound, has no secret in it, and can hold what the rules can say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack.programs import run
from tests.stack.shipped import ALERTMANAGER, alert_rules
from tests.yaml_files import read_yaml

CONFIG: dict[str, Any] = read_yaml(ALERTMANAGER)
SECRETS = {"password", "secret", "token", "credentials", "api_url", "auth_secret", "routing_key"}


def test_amtool_finds_nothing() -> None:
    """`amtool check-config` accepts the file, and with it the templates."""
    assert "SUCCESS" in run("amtool", "check-config", ALERTMANAGER)


def pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key of the configuration with its value."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield key, inner
        yield from pairs(inner)
    for inner in value if isinstance(value, list) else ():
        yield from pairs(inner)


def test_secrets_are_files() -> None:
    """No key that takes a secret is used; their `_file` forms are, below one folder."""
    keys = dict(pairs(CONFIG))
    inline = [key for key in keys if any(key.endswith(word) for word in SECRETS)]
    files = {key: value for key, value in keys.items() if key.endswith("_file")}

    assert not inline
    assert files.keys() == {"smtp_auth_password_file", "slack_api_url_file", "credentials_file"}
    assert all(value.startswith("/etc/alertmanager/secrets/") for value in files.values())


def test_addresses_are_examples() -> None:
    """Nobody who forgets to edit an address writes to strangers."""
    text = ALERTMANAGER.read_text("utf-8")
    hosts = re.findall(r"https?://([^/\s]+)", text) + re.findall(r"[\w-]+@([\w.-]+)", text)
    assert len(hosts) > 5
    assert all(host.endswith("example.com") for host in hosts)


def test_each_named_alert_exists() -> None:
    """No route or inhibition waits for an alert that no rule raises."""
    raised = {rule["alert"] for rule in alert_rules()}
    matchers = " ".join(str(value) for key, value in pairs(CONFIG) if key.endswith("matchers"))
    patterns = re.findall(r"Genmedia[\w.+()|]*", matchers)
    named = {name for pattern in patterns for name in _alternatives(pattern)}

    assert "GenmediaWatchdog" in named
    unknown = {name for name in named if not any(re.fullmatch(name, real) for real in raised)}
    assert not unknown


def test_no_two_alerts_silence_each_other() -> None:
    """Of two that fire together, of one target or of none, somebody always speaks."""
    raised = {
        (rule["alert"], rule["labels"]["severity"], "$labels.target" in str(rule["annotations"]))
        for rule in alert_rules()
    }
    both = {(one, other) for one in raised for other in raised if silences(one, other)}

    assert ("GenmediaExporterDown", "GenmediaEvidenceStale") in {(a[0], b[0]) for a, b in both}
    assert not [pair for pair in both if pair[::-1] in both]


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("GenmediaProbeAccepted", {"GenmediaExporterDown"}),
        (
            "GenmediaModelVanished",
            {"GenmediaExporterDown", "GenmediaNetworkInDoubt", "GenmediaMaintenance"},
        ),
    ],
)
def test_what_little_silences(name: str, by: set[str]) -> None:
    """Money that may be lost, and a model that went without notice, are told whatever else is."""
    alerts = [
        (rule["alert"], rule["labels"]["severity"], "$labels.target" in str(rule["annotations"]))
        for rule in alert_rules()
    ]
    these = [alert for alert in alerts if alert[0] == name]
    assert these
    found = {one[0] for one in alerts for other in these if silences(one, other)}
    assert found - {name} == by


def silences(one: tuple[str, str, bool], other: tuple[str, str, bool]) -> bool:
    """Say whether an alert can silence another, by name, severity and whether it has a target."""
    return any(
        fits(rule["source_matchers"], *one)
        and fits(rule["target_matchers"], *other)
        and ("alertname" not in rule["equal"] or one[0] == other[0])
        and ("target" not in rule["equal"] or one[2] == other[2])
        for rule in CONFIG["inhibit_rules"]
    )


def fits(matchers: list[str], name: str, severity: str, has_target: bool) -> bool:
    """Say whether an alert fits by what is known of it, whatever its other labels are."""
    labels = {"alertname": name, "severity": severity, "target": "x" if has_target else ""}
    parts = [re.fullmatch(r'(\w+)(=~|!~|!=|=)"(.*)"', matcher) for matcher in matchers]
    known = [part.groups() for part in parts if part is not None and part[1] in labels]
    return all(
        bool(re.fullmatch(value if "~" in sign else re.escape(value), labels[label]))
        is not sign.startswith("!")
        for label, sign, value in known
    )


def _alternatives(pattern: str) -> list[str]:
    """Take a|b(c|d) apart into a, bc and bd."""
    found = []
    for prefix, inner in re.findall(r"(Genmedia[\w.+]*)(?:\(([^)]*)\))?", pattern):
        found += [prefix + word for word in inner.split("|")] if inner else [prefix]
    return found
