"""Every alert of the rules reaches the receiver it should, by amtool."""

from __future__ import annotations

import pytest

from tests.stack.programs import run
from tests.stack.shipped import ALERTMANAGER, alert_rules

BY_NAME = {
    "GenmediaWatchdog": "deadman",
    "GenmediaMaintenance": "nobody",
    "GenmediaNetworkInDoubt": "nobody",
    "GenmediaStatusChanged": "feed",
}
BY_STRENGTH = {("GenmediaStatusFlapping", "info"): "feed"}
BY_SEVERITY = {"critical": "oncall", "warning": "team", "info": "notes"}
LOUD = {"oncall", "team"}
CHANNELS = ("", "official", "reverse")

CASES = sorted({(rule["alert"], rule["labels"]["severity"]) for rule in alert_rules()})


def receiver(name: str, severity: str, channel: str) -> str:
    """Say who should hear of an alert."""
    wanted = BY_NAME.get(name) or BY_STRENGTH.get((name, severity)) or BY_SEVERITY[severity]
    return "reverse" if channel == "reverse" and wanted in LOUD else wanted


@pytest.mark.parametrize(("name", "severity"), CASES)
def test_each_alert_has_its_receiver(name: str, severity: str) -> None:
    """By name, then by channel, then by severity; with a channel and without."""
    for channel in CHANNELS:
        labels = [f"alertname={name}", f"severity={severity}", "provider=openai"]
        labels += [f"channel={channel}", "target=Sora 2 official"] if channel else []
        wanted = f"--verify.receivers={receiver(name, severity, channel)}"
        run("amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}", wanted, *labels)


def test_an_alert_nobody_thought_of_reaches_the_team() -> None:
    """Without a severity, or of another product, it is not lost."""
    arguments = ["config", "routes", "test", f"--config.file={ALERTMANAGER}"]
    run("amtool", *arguments, "--verify.receivers=team", "alertname=Another")
