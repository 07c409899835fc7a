"""The files under alerts/ as they are shipped, and as a test needs them: same rules, other addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.programs import program
from tests.stack.sinks import Sinks
from tests.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "alerts"
ALERTMANAGER = ALERTS / "alertmanager.yml"
TEMPLATES = ALERTS / "templates"
TOKEN = "token-of-the-webhooks"

GROUP_WAIT = 1.0
"""Seconds every group waits in tests; shipped are up to five minutes."""
FASTER = 100
"""By this factor the tests of the stack shorten what an alert waits, to be raised and to go."""
SCRAPE = 1.0
"""Seconds between two scrapes, and between two evaluations of rules."""

TIMES = ("scrape_interval", "scrape_timeout", "evaluation_interval")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def rule_files() -> list[Path]:
    """Return the files with rules; there must be some."""
    files = sorted(ALERTS.glob("*.rules.yml"))
    assert files, f"no *.rules.yml in {ALERTS}"
    return files


def rules(files: list[Path] | None = None) -> Iterator[dict[str, Any]]:
    """Yield every rule of the files, of all when none are given."""
    for file in files or rule_files():
        for group in read_yaml(file)["groups"]:
            yield from group["rules"]


def alert_rules() -> list[dict[str, Any]]:
    """Return every alerting rule; there must be some."""
    alerting = [rule for rule in rules() if "alert" in rule]
    assert alerting, f"no alert in {ALERTS}"
    return alerting


def alertmanager_config(folder: Path, sinks: Sinks) -> Path:
    """Write the shipped configuration with addresses of the sinks and short waits."""
    config = read_yaml(ALERTMANAGER)
    config["global"] |= {"smtp_smarthost": sinks.smtp, "smtp_require_tls": False}
    config["global"]["smtp_auth_password_file"] = _secret(folder, "smtp_password", "unused")
    config["global"]["slack_api_url_file"] = _secret(folder, "slack_url", f"{sinks.web}/slack")
    config["templates"] = [str(TEMPLATES / "*.tmpl"), *_own_templates()]
    _hurry(config["route"])
    for receiver in config["receivers"]:
        for webhook in receiver.get("webhook_configs", []):
            _redirect(webhook, folder, sinks)
    path = folder / "alertmanager.yml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


def _secret(folder: Path, name: str, value: str) -> str:
    path = folder / name
    path.write_text(f"{value}\n", "utf-8")
    return str(path)


def _own_templates() -> list[str]:
    """Name the default templates of an Alertmanager that was unpacked, not installed.

    Debian's build reads those of the system, which may be of another version.
    """
    beside = Path(program("alertmanager")).resolve().parents[1] / "share/prometheus/alertmanager"
    own = beside / "default.tmpl"
    installed = own.is_relative_to("/usr/share")
    return [str(own)] if own.exists() and not installed else []


def _hurry(route: dict[str, Any]) -> None:
    for key in {"group_wait", "group_interval"} & route.keys():
        route[key] = f"{GROUP_WAIT:g}s"
    for child in route.get("routes", []):
        _hurry(child)


def _redirect(webhook: dict[str, Any], folder: Path, sinks: Sinks) -> None:
    path = re.sub("^https://[^/]+", "", webhook["url"])
    webhook["url"] = sinks.web + path
    credentials = _secret(folder, "webhook_token", TOKEN)
    webhook["http_config"] = {"authorization": {"credentials_file": credentials}}


def copied_rules(folder: Path, faster: int = 1) -> list[str]:
    """Copy the rules, with `for`, `keep_firing_for` and the lookback of gauges *faster*.

    Returns the files. Groups lose their interval: that of the test's Prometheus rules.
    """
    return [_copied(file, folder / file.name, faster) for file in rule_files()]


def _copied(source: Path, copied: Path, faster: int) -> str:
    content = read_yaml(source)
    for group in content["groups"]:
        group.pop("interval", None)
        for rule in group["rules"]:
            rule["expr"] = rule["expr"].replace("[5m]", f"[{300 // faster}s]")
            for key in {"for", "keep_firing_for"} & rule.keys():
                rule[key] = f"{round(1000 * seconds(str(rule[key])) / faster)}ms"
    copied.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return str(copied)


def seconds(duration: str) -> float:
    """Return a duration of Prometheus in seconds."""
    parts = re.findall(r"(\d+)(ms|[smhd])", duration)
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def prometheus_config(
    folder: Path, rule_paths: list[str], *, scrape: str = "", alertmanager: str = ""
) -> Path:
    """Write a configuration of Prometheus that looks and thinks every second."""
    config: dict[str, Any] = {
        "global": dict.fromkeys(TIMES, f"{SCRAPE:g}s"),
        "rule_files": rule_paths,
    }
    if scrape:
        config["scrape_configs"] = [_static("genmedia", scrape)]
    if alertmanager:
        static = [{"targets": [alertmanager.removeprefix("http://")]}]
        config["alerting"] = {"alertmanagers": [{"static_configs": static}]}
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


def _static(job: str, url: str) -> dict[str, Any]:
    return {"job_name": job, "static_configs": [{"targets": [url.removeprefix("http://")]}]}
