"""An Alertmanager with the shipped configuration, and sinks behind all its receivers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.stack.programs import POLL, alertmanager, get, post
from tests.stack.shipped import alertmanager_config
from tests.stack.sinks import Sinks, sinks

Labels = dict[str, str]

WITHIN = 240.0


@dataclass(frozen=True)
class Daemon:
    """A running Alertmanager and what it has sent."""

    url: str
    sinks: Sinks

    def fire(self, *alerts: Labels, **annotations: str) -> None:
        """Raise alerts, now: a group with an older one would not wait for the others."""
        now = datetime.now(UTC)
        self._send(alerts, annotations, now, now + timedelta(hours=1))

    def resolve(self, *alerts: Labels, **annotations: str) -> None:
        """Say that alerts are over."""
        now = datetime.now(UTC)
        self._send(alerts, annotations, now - timedelta(seconds=1), now)

    def _send(
        self, alerts: tuple[Labels, ...], annotations: Labels, began: datetime, end: datetime
    ) -> None:
        span = {"startsAt": began.isoformat(), "endsAt": end.isoformat()}
        rest = {"annotations": annotations, "generatorURL": "http://prometheus.example", **span}
        post(f"{self.url}/api/v2/alerts", [{"labels": labels, **rest} for labels in alerts])

    def heard(self, job: str) -> list[str]:
        """Return the alerts of a job that nothing silences now."""
        alerts = get(f"{self.url}/api/v2/alerts", filter=f'job="{job}"')
        return titles(a["labels"] for a in alerts if not a["status"]["inhibitedBy"])

    def wait_until_heard(self, job: str, wanted: list[str]) -> None:
        """Return when exactly these alerts of a job are not silenced."""
        deadline = time.monotonic() + WITHIN
        while (heard := self.heard(job)) != wanted:
            assert time.monotonic() < deadline, f"heard {heard}\ninstead of {wanted}"
            time.sleep(POLL)


def titles(alerts: Iterable[Labels]) -> list[str]:
    """Return what tells alerts apart, in order."""
    parts = ("alertname", "severity", "target", "depth", "period")
    return sorted(" ".join(labels.get(part, "-") for part in parts) for labels in alerts)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One Alertmanager for the tests of a file; each uses labels of its own."""
    folder = tmp_path_factory.mktemp("alertmanager")
    with sinks() as kept, alertmanager(folder, alertmanager_config(folder, kept)) as url:
        yield Daemon(url, kept)
