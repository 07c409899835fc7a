"""The whole chain over real sockets: a provider fails in the demo world, and people are told.

World, exporter, Prometheus with the shipped rules, Alertmanager with the shipped configuration and
templates, a mail server and a web server; nothing leaves this machine. Intervals are a second, what
alerts wait is shortened by shipped.FASTER.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from genmedia_exporter.demo.world import World, run_in_thread
from tests.stack import programs
from tests.stack.programs import POLL, get
from tests.stack.shipped import (
    FASTER,
    GROUP_WAIT,
    SCRAPE,
    alertmanager_config,
    copied_rules,
    prometheus_config,
)
from tests.stack.sinks import Mail, Sinks, sinks

FOLLOWS_WITHIN = 180.0
"""Seconds in which the exporter must have seen a change; two of three probes decide, one a second."""
TOLD_WITHIN = 2 * SCRAPE + GROUP_WAIT
"""Seconds between a change in the exporter and the mail: one to scrape it, one to evaluate."""
DELIVERY = max(1.0, os.getloadavg()[0])
"""Seconds that programs may need for their work, beside their intervals: they share the cores with others."""
PAGED_WITHIN = 180.0
FEED, ONCALL = "genmedia-status@example.com", "oncall@example.com"

WATCHED = {
    "Sora 2 official": ("sora-2-official", "openai", "sora-2"),
    "GPT Image": ("openai-image", "openai", "gpt-image-2.5-flare"),
    "Wan on fal": ("fal", "fal", "fal-ai/wan/v2.7/text-to-video"),
}
VICTIM = "Sora 2 official"


@dataclass(frozen=True)
class Stack:
    """Everything that runs."""

    world: World
    exporter: str
    prometheus: programs.Prometheus
    sinks: Sinks

    def target(self, name: str) -> dict[str, Any]:
        """Return what the exporter says of a target now."""
        targets = get(f"{self.exporter}/api/v1/status")["targets"]
        found: dict[str, Any] = next(t for t in targets if t["name"] == name)
        return found

    def wait_for_status(self, name: str, status: str) -> float:
        """Return since when a target has a status."""
        deadline = time.monotonic() + FOLLOWS_WITHIN
        while (seen := self.target(name))["status"] != status:
            assert time.monotonic() < deadline, seen
            time.sleep(POLL)
        return datetime.fromisoformat(seen["since"]).timestamp()

    def mail(self, to: str, word: str, within: float) -> Mail:
        """Wait for the mail to somebody with *word* in its subject."""
        return self.sinks.wait(
            lambda: next((m for m in self.sinks.mails_to(to) if word in m.subject), None),
            f"a mail to {to} about {word!r}",
            within,
        )


def watched(world: World) -> dict[str, Any]:
    """Return a configuration that probes each service once a second."""
    accounts = {
        service: {
            "provider": provider,
            "base_url": f"{world.url}/{service}",
            "api_key": {"value": "demo-key"},
        }
        for service, provider, _ in WATCHED.values()
    }
    targets = [
        {"name": name, "account": service, "model": model, "depths": ["reach"]}
        for name, (service, _, model) in WATCHED.items()
    ]
    defaults = {"timeout": "1s", "interval": {"reach": "1s"}}
    return {"defaults": defaults, "accounts": accounts, "targets": targets}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Everything, one on top of the other; taken down in reverse order whatever happens."""
    with ExitStack() as opened:
        world, kept = opened.enter_context(run_in_thread()), opened.enter_context(sinks())
        url = opened.enter_context(programs.exporter(tmp_path, watched(world)))
        receivers = alertmanager_config(tmp_path, kept)
        manager = opened.enter_context(programs.alertmanager(tmp_path, receivers))
        rules = copied_rules(tmp_path, FASTER)
        config = prometheus_config(tmp_path, rules, scrape=url, alertmanager=manager)
        server = opened.enter_context(programs.prometheus(tmp_path, config))
        yield Stack(world, url, server, kept)


def test_people_are_told_once_and_told_when_it_is_over(stack: Stack) -> None:
    """A change is one mail and one webhook in time; an outage pages; both are over with it, and told anew."""
    for name in WATCHED:
        stack.wait_for_status(name, "operational")
    stack.prometheus.wait_for("count(genmedia_target_status_code == 1) == 3", FOLLOWS_WITHIN)

    stack.world.set_fault("sora-2-official", "server_error")
    fell = stack.wait_for_status(VICTIM, "down")
    told = stack.mail(FEED, "operational → down", TOLD_WITHIN + 180)
    page = stack.mail(ONCALL, "GenmediaTargetDown", PAGED_WITHIN)

    stack.world.clear_fault("sora-2-official")
    rose = stack.wait_for_status(VICTIM, "operational")
    back = stack.mail(FEED, "down → operational", TOLD_WITHIN + 180)
    stack.mail(ONCALL, "[RESOLVED]", PAGED_WITHIN)
    stack.sinks.wait(
        lambda: ("operational → down", "resolved") in webhooks(stack), "the end", PAGED_WITHIN
    )

    stack.world.set_fault("sora-2-official", "server_error")
    stack.wait_for_status(VICTIM, "down")
    again = stack.sinks.wait(
        lambda: feed(stack)[2:], "a mail about the second fall", TOLD_WITHIN + 180
    )
    stack.sinks.wait(lambda: len(webhooks(stack)) > 4, "five webhooks", PAGED_WITHIN)

    assert told.at - fell < TOLD_WITHIN + DELIVERY
    assert back.at - rose < TOLD_WITHIN + DELIVERY
    assert feed(stack) == [told, back, *again]
    assert [mail.subject for mail in again] == [told.subject]
    assert VICTIM in told.subject
    for word in (VICTIM, "operational", "down", "UTC", "http"):
        assert word in told.text
    assert "Reason:   server_error" in told.text
    assert "Reason" not in back.text
    assert "FIRING:1" in page.subject
    assert sorted(webhooks(stack)) == [
        ("down → operational", "firing"),
        ("down → operational", "resolved"),
        ("operational → down", "firing"),
        ("operational → down", "firing"),
        ("operational → down", "resolved"),
    ]


def feed(stack: Stack) -> list[Mail]:
    """Return the mails about changes."""
    return stack.sinks.mails_to(FEED)


def webhooks(stack: Stack) -> list[tuple[str, str]]:
    """Return what the webhook of the feed was told: each change, and whether it is news or over."""
    posts = stack.sinks.posts_to("/genmedia/status")
    alerts = [(a["labels"], a["status"]) for post in posts for a in post.body["alerts"]]
    return [(f"{labels['from']} → {labels['to']}", status) for labels, status in alerts]
