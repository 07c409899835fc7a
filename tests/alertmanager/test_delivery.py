"""What arrives: real mails and requests from the shipped configuration, with the shipped templates."""

from __future__ import annotations

from tests.alertmanager.conftest import WITHIN, Daemon
from tests.stack.shipped import TOKEN
from tests.stack.sinks import Mail, Post

SERVICE = {
    "provider": "openai",
    "vendor": "openai.com",
    "channel": "official",
    "operation": "video",
    "model": "sora-2",
}
WORDS = {
    "summary": "The status changed.",
    "description": "Answered 503 — 账号池冷却中",
    "dashboard_url": "https://grafana.example/d/x",
}


def changed(target: str, before: str, after: str) -> dict[str, str]:
    """Return the labels of a change."""
    labels = {"alertname": "GenmediaStatusChanged", "severity": "info", "target": target}
    return labels | SERVICE | {"from": before, "to": after}


def mail(daemon: Daemon, word: str) -> Mail:
    """Wait for the mail with *word* in its subject."""
    found = daemon.sinks.wait(
        lambda: [m for m in daemon.sinks.mails if word in m.subject], word, WITHIN
    )
    return found[0]


def request(daemon: Daemon, path: str, word: str) -> Post:
    """Wait for the request to a path that mentions *word*."""
    found = daemon.sinks.wait(
        lambda: [p for p in daemon.sinks.posts_to(path) if word in str(p.body)], word, WITHIN
    )
    return found[0]


def test_a_change_is_one_mail_one_slack_message_and_one_webhook(daemon: Daemon) -> None:
    """Services that change alike share a message, and Unicode arrives whole."""
    daemon.fire(
        changed("Veo 3.1", "operational", "risk_control"),
        changed("Kling 3", "operational", "risk_control"),
        **WORDS,
    )
    got = mail(daemon, "operational → risk_control")
    slack = request(daemon, "/slack", "Kling 3")
    hook = request(daemon, "/genmedia/status", "Kling 3")

    assert got.to == "genmedia-status@example.com"
    assert got.subject.startswith("🟡 2 services of openai.com (official): status changed")
    assert got.message["Auto-Submitted"] == "auto-generated"
    for body in (got.text, got.html):
        assert "Veo 3.1" in body
        assert "Kling 3" in body
        assert WORDS["description"] in body
        assert WORDS["dashboard_url"] in body
    assert slack.body["channel"] == "#genmedia-status"
    assert slack.body["attachments"][0]["title"] == got.subject
    assert "账号池冷却中" in slack.body["attachments"][0]["text"]
    assert slack.body["attachments"][0]["color"] == "#b45309"
    assert hook.told == [("GenmediaStatusChanged", "firing")] * 2
    assert hook.headers["authorization"] == f"Bearer {TOKEN}"


def test_a_critical_alert_reaches_the_on_call_three_ways_and_is_resolved(daemon: Daemon) -> None:
    """By mail, Slack and webhook; each hears of the end."""
    down = {"alertname": "GenmediaTargetDown", "severity": "critical", "target": "Pika"} | SERVICE
    daemon.fire(down, **WORDS)
    assert (
        mail(daemon, "[FIRING:1] critical · GenmediaTargetDown · Pika").to == "oncall@example.com"
    )
    assert request(daemon, "/slack", "Pika").body["channel"] == "#genmedia-oncall"
    assert request(daemon, "/genmedia/oncall", "Pika").body["status"] == "firing"

    daemon.resolve(down, **WORDS)
    assert mail(daemon, "[RESOLVED] critical · GenmediaTargetDown · Pika").html
    assert request(daemon, "/genmedia/oncall", "'status': 'resolved'").told


def test_who_must_not_hear_does_not(daemon: Daemon) -> None:
    """Maintenance reaches nobody, a reverse channel wakes nobody, info writes no mail."""
    reverse = SERVICE | {"channel": "reverse", "target": "Pool"}
    daemon.fire({"alertname": "GenmediaMaintenance", "severity": "info", "target": "Window"})
    daemon.fire({"alertname": "GenmediaTargetDown", "severity": "critical"} | reverse, **WORDS)
    daemon.fire({"alertname": "GenmediaTargetUnknown", "severity": "info"} | SERVICE, **WORDS)
    request(daemon, "/slack", "GenmediaTargetUnknown")
    daemon.fire({"alertname": "GenmediaWatchdog", "severity": "none"}, **WORDS)

    request(daemon, "/genmedia", "GenmediaWatchdog")
    assert mail(daemon, "Pool").to == "genmedia-team@example.com"
    assert request(daemon, "/slack", "Pool").body["channel"] == "#genmedia-reverse"
    assert not any("Pool" in str(post.body) for post in daemon.sinks.posts_to("/genmedia/oncall"))
    assert not any("Window" in line for line in daemon.sinks.told())
    assert not any("TargetUnknown" in mail.subject for mail in daemon.sinks.mails)
