"""What silences what, on the running daemon: each case fires everything at once and looks who is left."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.alertmanager.conftest import Daemon, Labels, titles

A = {"target": "a", "provider": "openai", "vendor": "openai.com", "channel": "official"}
B = {"target": "b", "provider": "openai", "vendor": "openai.com", "channel": "reverse"}
OTHER = {"target": "c", "provider": "openai", "vendor": "relay.example", "channel": "official"}


def alert(name: str, severity: str = "warning", where: Labels | None = None, **more: str) -> Labels:
    """Return the labels of an alert."""
    return {"alertname": f"Genmedia{name}", "severity": severity} | (where or {}) | more


CHANGED = alert("StatusChanged", "info", A, **{"from": "operational", "to": "down"})
DOWN = alert("TargetDown", "critical", A)


@dataclass(frozen=True)
class Case:
    """Alerts that fire together: the first silences `muted`, and leaves `heard` alone."""

    source: Labels
    muted: list[Labels]
    heard: list[Labels] = field(default_factory=list)


CASES = {
    "exporter down": Case(
        alert("ExporterDown", "critical"),
        [alert("BudgetSpent"), alert("ScheduleLag")],
        [
            CHANGED,
            DOWN,
            alert("ProviderIncident", "critical", vendor="v"),
            alert("Watchdog", "none"),
        ],
    ),
    "network in doubt": Case(
        alert("NetworkInDoubt", "info"),
        [
            CHANGED,
            alert("TargetUnknown", where=A),
            alert("EvidenceStale", where=A, depth="reach"),
            alert("PageUnreadable", page="openai"),
            alert("PageDisagrees", "info", A),
        ],
        [
            alert("TargetDown", "critical", OTHER),
            alert("ProviderIncident", "critical", vendor="openai.com"),
            alert("Watchdog", "none"),
            alert("BudgetSpent", period="day"),
            alert("ModelRetiring", where=A),
            alert("ConfigReloadFailed"),
            alert("CertificateExpiring", where=A),
        ],
    ),
    "maintenance": Case(
        alert("Maintenance", "info", A),
        [
            CHANGED,
            alert("StatusFlapping", where=A),
            alert("ErrorBudgetBurn", where=A),
            alert("PageDisagrees", "info", A),
        ],
        [
            alert("TargetSuspended", "critical", OTHER),
            alert("AuthError", where=A),
            alert("ModelRetiring", where=A),
            alert("ProviderIncident", "critical", vendor="openai.com"),
        ],
    ),
    "maintenance lets the end of an outage through": Case(
        alert("Maintenance", "info", A), [CHANGED], [DOWN]
    ),
    "provider incident": Case(
        alert("ProviderIncident", "critical", vendor="openai.com"),
        [
            DOWN,
            alert("TargetRateLimited", where=B),
            alert("StatusFlapping", where=B),
            alert("ErrorBudgetBurn", where=A),
            alert("GenerationSlow", where=B),
        ],
        [
            CHANGED,
            alert("TargetSuspended", "critical", OTHER),
            alert("AuthError", "critical", B),
            alert("TargetRetired", where=A),
            alert("CertificateExpiring", where=A),
            alert("BudgetLow", period="day"),
        ],
    ),
    "critical silences lesser of its target": Case(
        DOWN,
        [alert("TargetDegraded", "info", A), alert("ErrorBudgetBurn", "critical", A)],
        [
            CHANGED,
            alert("TargetRateLimited", where=B),
            alert("ModelRetiring", where=A),
            alert("CertificateExpiring", where=A),
            alert("BudgetSpent", period="day"),
            alert("ScheduleLag"),
        ],
    ),
    "an outage of a reverse channel burns its budget": Case(
        alert("TargetRiskControl", "warning", B),
        [alert("ErrorBudgetBurn", where=B), alert("ErrorBudgetSpent", where=B)],
        [alert("ErrorBudgetBurn", where=OTHER), alert("ModelRetiring", where=B)],
    ),
    "a critical without a target silences nobody": Case(
        alert("BudgetSpent", "critical", period="day"),
        [alert("EvidenceStale", where=A, depth="generate")],
        [
            alert("BudgetLow", period="month"),
            alert("ScheduleLag"),
            alert("ConfigReloadFailed"),
            alert("PageUnreadable", page="openai"),
        ],
    ),
    "flapping": Case(
        alert("StatusFlapping", where=A),
        [CHANGED],
        [DOWN | {"target": "d"}, alert("StatusChanged", "info", B, **{"from": "down", "to": "up"})],
    ),
    "an empty account": Case(
        alert("QuotaExhausted", "critical", A, account="x"),
        [alert("BalanceLow", account="x")],
        [alert("BalanceLow", account="y")],
    ),
    "budget spent, evidence of free depths": Case(
        alert("BudgetSpent", period="day"),
        [alert("BudgetLow", period="day")],
        [alert("EvidenceStale", where=A, depth="reach"), alert("GenerationSlow", where=A)],
    ),
    "one alert in two strengths": Case(
        alert("ModelRetiring", where=A),
        [alert("ModelRetiring", "info", A)],
        [alert("ModelRetiring", "info", B)],
    ),
    "our key": Case(
        alert("AuthError", "warning", A),
        [DOWN, alert("EvidenceStale", where=A, depth="accept")],
        [CHANGED, alert("TargetSuspended", "critical", B), alert("QuotaExhausted", where=A)],
    ),
    "a model they do not know": Case(
        alert("ModelVanished", "critical", A),
        [alert("AuthError", "critical", A), alert("TargetRetired", "critical", A)],
        [CHANGED, alert("AuthError", "critical", OTHER), alert("TargetRetired", where=B)],
    ),
    "nothing said of a target hides that it vanished without notice": Case(
        alert("ModelVanished", "warning", A),
        [alert(name, "critical", A) for name in ("AuthError", "TargetRetired")]
        + [alert("TargetDown", "critical", A), alert("EvidenceStale", where=A, depth="reach")],
        [alert("QuotaExhausted", "critical", A), alert("CertificateExpiring", "critical", A)],
    ),
    "nothing said of a target hides that a probe was taken for an order": Case(
        alert("ProbeAccepted", where=A),
        [DOWN]
        + [alert(n, "critical", A) for n in ("TargetRetired", "AuthError", "ModelVanished")]
        + [alert("EvidenceStale", where=A, depth="reach")],
        [
            alert("Maintenance", "info", A),
            alert("ProviderIncident", "critical", vendor="openai.com"),
            alert("QuotaExhausted", "critical", A),
        ],
    ),
    "our money": Case(
        alert("QuotaExhausted", "warning", A),
        [alert("TargetUnknown", "info", A)],
        [CHANGED, alert("TargetDown", "critical", B)],
    ),
    "retired": Case(
        alert("TargetRetired", "warning", A),
        [alert("ModelRetiring", where=A), alert("ErrorBudgetSpent", where=A), DOWN],
        [CHANGED, alert("ModelVanished", where=B)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_silences_what(daemon: Daemon, name: str) -> None:
    """The named alerts are inhibited; the source and all others are not."""
    case, at = CASES[name], {"job": name, "instance": "here:10067"}
    daemon.fire(*(labels | at for labels in (case.source, *case.muted, *case.heard)))
    daemon.wait_until_heard(name, titles([case.source, *case.heard]))
