"""What has a date and stays for days: at most one message about it in any day, to anybody."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Final

import pytest

from tests.alerts.rules import ALERTS
from tests.nights.dispatch import Alertmanager, Message
from tests.nights.playing import Labels

DEADLINES: Final = (
    "BalanceLow",
    "BudgetSpent",
    "CertificateExpiring",
    "ErrorBudgetSpent",
    "ModelRetiring",
    "QuotaExhausted",
    "TargetRetired",
)
DAYS: Final = 10
DAY: Final = 1440


def strengths(name: str) -> list[str]:
    """Return the severities that rules give an alert."""
    return [rule.body["labels"]["severity"] for rule in ALERTS if rule.name == f"Genmedia{name}"]


def lasting(name: str, channel: str) -> list[Labels]:
    """Return an alert of two targets of one vendor in all its strengths."""
    return [
        {
            "alertname": f"Genmedia{name}", "job": "genmedia", "severity": severity, "target": target,
            "vendor": "openai.com", "account": "main", "channel": channel,
        }
        for severity in strengths(name)
        for target in ("one", "two")
    ]  # fmt: skip


def heard(name: str, channel: str) -> list[Message]:
    """Return what people read while it fires for ten days, the second target half a day later."""
    first, second = (
        [a for a in lasting(name, channel) if a["target"] == target] for target in ("one", "two")
    )
    minutes = range(0, DAYS * DAY, 5)
    return Alertmanager().messages({m: first + (second if m >= 720 else []) for m in minutes})


@pytest.mark.parametrize("channel", ["official", "reverse"])
@pytest.mark.parametrize("name", DEADLINES)
def test_a_deadline_is_told_once_a_day_at_most(name: str, channel: str) -> None:
    """Reminders of what is known; that another target is struck, too, is news."""
    assert strengths(name)
    by_receiver: dict[str, list[Message]] = defaultdict(list)
    for message in heard(name, channel):
        by_receiver[message.receiver].append(message)
    assert sum(map(len, by_receiver.values())) >= 3  # it is said, grows, and is said again
    for messages in by_receiver.values():
        reminders = [m for m in messages if m.minute > 720 + 60]
        assert all(b.minute - a.minute >= DAY - 1 for a, b in pairwise(reminders)), messages
        assert len(reminders) <= DAYS
