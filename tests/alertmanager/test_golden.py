"""Whole messages as people get them, in files to look at: what the rules say, in the shipped templates.

The alerts are those of alerts/tests/texts.yml, which promtool holds against the rules. `GENMEDIA_GOLDEN=write` writes
the files anew; read them then.
"""

from __future__ import annotations

import html
import json
import os
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.alertmanager.conftest import WITHIN, Daemon
from tests.alertmanager.test_templates import message, render
from tests.alerts.rules import FOLDER
from tests.yaml_files import read_yaml

GOLDEN: Final = Path(__file__).parents[1] / "data" / "messages"
PARTS: Final = {
    "subject.txt": ("genmedia.title", "text"),
    "mail.txt": ("genmedia.email.text", "text"),
    "mail.html": ("genmedia.email.html", "html"),
    "slack.txt": ("genmedia.slack.text", "text"),
}


QUIET: Final = "shows nothing of it"
TROUBLE: Final = "shows “Videos API: errors & delays” (major)"


def alert(name: str, severity: str = "critical") -> tuple[dict[str, str], dict[str, str]]:
    """Return labels and annotations of an alert of texts.yml."""
    for test in read_yaml(FOLDER / "tests" / "texts.yml")["tests"]:
        for check in test["alert_rule_test"]:
            for found in check["exp_alerts"]:
                if check["alertname"] == name and found["exp_labels"]["severity"] == severity:
                    return {"alertname": name, **found["exp_labels"]}, found["exp_annotations"]
    raise LookupError(name)


def messages() -> dict[str, dict[str, Any]]:
    """Return the messages: of one target, of three by one vendor, of two that share a message, and of the ends."""
    one, words = alert("GenmediaTargetDown")
    incident, of_incident = alert("GenmediaProviderIncident")
    pro = one | {"target": "Sora 2 Pro", "model": "sora-2-pro"}
    key, of_key = alert("GenmediaAuthError")
    gone, of_gone = alert("GenmediaTargetRetired")
    quota, of_quota = alert("GenmediaQuotaExhausted")
    vanished, of_vanished = alert("GenmediaModelVanished")
    return {
        "one-target": message(one, **words),
        "one-target-over": message(one, status="resolved", **words),
        "two-targets": message(one, pro, **words),
        "key-refused": message(key, **of_key),
        "quota-out": message(quota, **of_quota),
        "model-gone": message(gone, **of_gone),
        "model-vanished": message(vanished, **of_vanished),
        "incident": message(incident, **of_incident),
        "incident-over": message(incident, status="resolved", **of_incident),
    }


def test_two_exporters_say_what_one_says() -> None:
    """Of the same target: promtool holds both tests of texts.yml, and what they expect is the same alert."""
    told = [
        check["exp_alerts"]
        for test in read_yaml(FOLDER / "tests" / "texts.yml")["tests"]
        for check in test["alert_rule_test"]
        if check["alertname"] == "GenmediaTargetDown"
    ]
    assert len(told) == 2
    assert told[0] == told[1]
    assert len(told[0]) == 1


def agree(name: str, text: str) -> None:
    """Compare with the file, or write it."""
    file = GOLDEN / name
    if os.environ.get("GENMEDIA_GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8"), f"{name}: look at it, then GENMEDIA_GOLDEN=write"


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("about", messages())
def test_messages_are_as_in_the_files(about: str, part: str, tmp_path: Path) -> None:
    """Word for word."""
    template, kind = PARTS[part]
    said = render(tmp_path, f'{{{{ template "{template}" . }}}}', messages()[about], kind)
    agree(f"{about}.{part}", said.rstrip() + "\n")


@pytest.mark.parametrize("about", ["one-target", "incident"])
@pytest.mark.parametrize("part", ["mail.txt", "mail.html", "slack.txt"])
def test_a_page_says_all_that_is_needed(about: str, part: str) -> None:
    """What, since when, why, by whose fault, what the vendor says, what to use instead, and where to look."""
    text = (GOLDEN / f"{about}.{part}").read_text("utf-8")
    wanted = [
        "Sora 2",
        "server_error",
        "by fault of the provider",
        "Kling 3",
        "2026-11-23 03:10:00",
    ]
    wanted += [
        "shows nothing of it" if about == "one-target" else "Its status page reports it, too"
    ]
    wanted += ["alerts/runbooks/Genmedia", "grafana.example.com/d/genmedia-"]
    wanted += [
        "genmedia.example.com/targets/Sora%202"
        if about == "one-target"
        else "genmedia.example.com/incidents/20261129-openai-com"
    ]
    wanted += [] if about == "one-target" else ["3 targets of openai.com", "Sora cheap (reverse)"]
    assert [word for word in wanted if word not in text] == []


@pytest.mark.parametrize("about", ["one-target-over", "incident-over"])
@pytest.mark.parametrize("part", ["mail.txt", "mail.html", "slack.txt"])
def test_what_is_over_calls_for_nothing(about: str, part: str) -> None:
    """Who reads that it is over is told when and why, and not to move traffic."""
    text = (GOLDEN / f"{about}.{part}").read_text("utf-8")
    assert "2026-11-23 03:20:00" in text
    assert "server_error" in text
    assert [word for word in ("Move", "nstead", "genmedia-exporter probe") if word in text] == []


@pytest.mark.parametrize("part", ["mail.txt", "mail.html", "slack.txt"])
@pytest.mark.parametrize(
    ("about", "why", "page"),
    [
        ("key-refused", "invalid_key (HTTP 401), by fault of the account", QUIET),
        ("quota-out", "quota_exhausted (HTTP 429), by fault of the account", TROUBLE),
        ("model-gone", "retired; its end was announced for", TROUBLE),
        ("model-vanished", "retired; no end was announced", QUIET),
    ],
)
def test_what_is_no_outage_says_what_they_say_and_what_to_use(
    about: str, why: str, page: str, part: str
) -> None:
    """A key that is refused, a model that is gone: their word for it, their page's, and what still works."""
    text = html.unescape((GOLDEN / f"{about}.{part}").read_text("utf-8"))
    assert why in text
    assert page in text
    assert "Kling 3 (official, kling.ai)" in text


def test_the_webhook_says_the_same(daemon: Daemon) -> None:
    """For programs: labels and annotations as they are."""
    labels, words = alert("GenmediaProviderIncident")
    daemon.fire(labels, **words)
    posts = daemon.sinks.wait(
        lambda: [p for p in daemon.sinks.posts_to("/genmedia/oncall") if "Kling 3" in str(p.body)],
        "the incident", WITHIN,
    )  # fmt: skip
    body = json.dumps(posts[0].body, indent=2, sort_keys=True, ensure_ascii=False)
    body = re.sub(r'"(startsAt|endsAt|fingerprint|externalURL)": "[^"]*"', r'"\1": "…"', body)
    agree("incident.webhook.json", body + "\n")
