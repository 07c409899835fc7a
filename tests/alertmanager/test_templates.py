"""Every template is rendered by its name: a misnamed one is a blank message, and no error anywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.stack.programs import run
from tests.stack.shipped import ALERTMANAGER, TEMPLATES

SOURCE = "\n".join(file.read_text("utf-8") for file in sorted(TEMPLATES.glob("*.tmpl")))
DEFINED = set(re.findall(r'define "([^"]+)"', SOURCE))
USED = set(re.findall(r'template "([^"]+)"', SOURCE + ALERTMANAGER.read_text("utf-8")))
TAKES = {"status": '"down"', "severity": '"critical"', "slack.escaped": "`a < b`"}
"""What a part takes that takes neither a message nor an alert."""
NEWER = {"trimSpace", "date", "tz", "since", "humanizeDuration", "dict", "map", "append", "now"}
"""Functions that Alertmanager 0.25 does not have."""

OFFICIAL = {
    "target": "Sora 2 official",
    "provider": "openai",
    "channel": "official",
    "model": "sora-2",
    "operation": "video",
}
CHANGED = OFFICIAL | {
    "alertname": "GenmediaStatusChanged",
    "severity": "info",
    "from": "operational",
    "to": "down",
}
DOWN = OFFICIAL | {"alertname": "GenmediaTargetDown", "severity": "critical"}
SPENT = {"alertname": "GenmediaBudgetSpent", "severity": "warning", "period": "day"}
EXPORTER = {"alertname": "GenmediaExporterDown", "severity": "critical", "instance": "a:10067"}
WORDS = {
    "summary": "The status changed.",
    "reason": "server_error",
    "description": "Answers 503 <script>alert(1)</script> & <!channel>",
    "dashboard_url": "/d/genmedia-target?var-target=Sora%202%20official",
    "runbook_url": "https://docs.example/runbooks/GenmediaTargetDown.md",
}


def message(*alerts: dict[str, str], status: str = "firing", **words: str) -> dict[str, Any]:
    """Return what Alertmanager fills templates with."""
    common = dict(set.intersection(*(set(labels.items()) for labels in alerts)))
    return {
        "receiver": "feed",
        "status": status,
        "alerts": [_alert(labels, status, words or WORDS) for labels in alerts],
        "groupLabels": {"provider": "openai"},
        "commonLabels": common,
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example",
    }


def _alert(labels: dict[str, str], status: str, words: dict[str, str]) -> dict[str, Any]:
    return {
        "status": status,
        "labels": labels,
        "annotations": words,
        "startsAt": "2026-11-23T11:10:00+08:00",
        "endsAt": "2026-11-23T11:20:00+08:00",
        "generatorURL": "http://prometheus.example/graph?g0.expr=1&g0.tab=1",
        "fingerprint": "f",
    }


MESSAGES = {
    "change": message(CHANGED),
    "two changes": message(CHANGED, CHANGED | {"target": "Sora 2 Pro official"}),
    "down": message(DOWN),
    "resolved": message(DOWN, status="resolved"),
    "budget": message(SPENT),
    "whole address": message(
        DOWN, dashboard_url="https://grafana.example/d/x", description="Hung."
    ),
    "bare": message(EXPORTER, summary="The exporter is gone."),
    "foreign": message({"severity": "warning"}, summary="From elsewhere."),
}


def render(folder: Path, text: str, content: dict[str, Any], kind: str = "text") -> str:
    """Render a text as Alertmanager would."""
    data = folder / "data.json"
    data.write_text(json.dumps(content), "utf-8")
    glob = f"--template.glob={TEMPLATES / '*.tmpl'}"
    arguments = [glob, f"--template.text={text}", f"--template.type={kind}"]
    return run("amtool", "template", "render", *arguments, f"--template.data={data}")


def invocation(name: str) -> str:
    """Return a text that renders a template with what it takes."""
    part = name.removeprefix("genmedia.")
    if part.startswith("alert.") or part == "slack.name":
        return f'{{{{ range .Alerts }}}}{{{{ template "{name}" . }}}}{{{{ end }}}}'
    taken = next((TAKES[start] for start in TAKES if part.startswith(start)), ".")
    return f'{{{{ template "{name}" {taken} }}}}'


def kind_of(name: str) -> str:
    """Say whether a template makes text or HTML."""
    return "html" if name.endswith((".html", ".links", ".pill")) else "text"


def test_what_is_used_is_defined() -> None:
    """And nothing is defined that nobody uses."""
    assert len(DEFINED) > 10
    assert DEFINED == USED


def test_only_functions_of_the_oldest_alertmanager() -> None:
    """The templates run on 0.25."""
    actions = re.findall(r"{{-?(.*?)-?}}", re.sub(r'"[^"]*"', "", SOURCE), re.DOTALL)
    words = {word for action in actions for word in re.findall(r"(?<![.$\w])\w+", action)}
    assert not words & NEWER


@pytest.mark.parametrize("name", sorted(DEFINED))
def test_each_template_says_something(name: str, tmp_path: Path) -> None:
    """Whatever the message is about, no template is blank or says `<no value>`."""
    for about in MESSAGES if "alert" not in name and "change" not in name else ("change", "down"):
        said = render(tmp_path, invocation(name), MESSAGES[about], kind_of(name))
        assert said.strip(), f"{name} is blank for {about}"
        assert "<no value>" not in said
        assert "ZgotmplZ" not in said, "html/template refused a value"


SUBJECT = '{{ template "genmedia.title" . }}'


@pytest.mark.parametrize(
    ("about", "subject"),
    [
        ("change", "🔴 Sora 2 official: status changed, operational → down"),
        ("two changes", "🔴 2 services of openai (official): status changed, operational → down"),
        ("down", "[FIRING:1] critical · GenmediaTargetDown · Sora 2 official"),
        ("resolved", "[RESOLVED] critical · GenmediaTargetDown · Sora 2 official"),
        ("budget", "[FIRING:1] warning · GenmediaBudgetSpent · probe budget of the day"),
        ("bare", "[FIRING:1] critical · GenmediaExporterDown · genmedia-exporter a:10067"),
        ("foreign", "[FIRING:1] warning · several alerts · genmedia-exporter"),
    ],
)
def test_subjects(about: str, subject: str, tmp_path: Path) -> None:
    """The subject says what it is about without opening the mail."""
    assert render(tmp_path, SUBJECT, MESSAGES[about]).strip() == subject


@pytest.mark.parametrize("kind", ["html", "text"])
def test_the_mail_of_a_change(kind: str, tmp_path: Path) -> None:
    """It carries service, previous and present status, the time of the check, the reason, a link."""
    mail = render(
        tmp_path, f'{{{{ template "genmedia.email.{kind}" . }}}}', MESSAGES["change"], kind
    )
    for part in ("Sora 2 official", "operational", "down", "2026-11-23 03:10:00 UTC"):
        assert part in mail
    assert "server_error" in mail
    assert "Answers 503" in mail
    assert "https://grafana.example.com/d/genmedia-target?var-target=Sora%202%20official" in mail


@pytest.mark.parametrize(
    ("about", "link"),
    [
        ("down", "https://grafana.example.com/d/genmedia-target?var-target=Sora%202%20official"),
        ("whole address", "https://grafana.example/d/x"),
        ("bare", "http://prometheus.example/graph?g0.expr=1&g0.tab=1"),
    ],
)
def test_the_heading_leads_somewhere(about: str, link: str, tmp_path: Path) -> None:
    """To the dashboard, whose path Grafana's address goes before, or to the query."""
    assert render(tmp_path, '{{ template "genmedia.link" . }}', MESSAGES[about]).strip() == link


def test_words_of_others_stay_words(tmp_path: Path) -> None:
    """A title of an incident is neither markup in mails nor a call to everybody in Slack."""
    mail = render(tmp_path, '{{ template "genmedia.email.html" . }}', MESSAGES["change"], "html")
    slack = render(tmp_path, '{{ template "genmedia.slack.text" . }}', MESSAGES["change"])
    assert "<script>" not in mail
    assert "&lt;script&gt;" in mail
    assert "<!channel>" not in slack
    assert "&amp; &lt;!channel&gt;" in slack
