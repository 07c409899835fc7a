"""Page and probe side by side: do they agree, and who saw trouble first?"""

from __future__ import annotations

from collections.abc import Mapping

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Fault, Status
from genmedia_exporter.core.status_page import PageReport
from genmedia_exporter.health.judge import EXPIRY_INTERVALS
from genmedia_exporter.health.state import Judgement, PageAgreement
from genmedia_exporter.status_pages.report import SILENT, PageWord, word_on
from genmedia_exporter.targets.model import Target

PAGE_LIFETIME = 900.0
"""Seconds a page's last good reading says something about a target; longer if it is read rarely."""

_ILL = frozenset(
    {
        Status.DEGRADED,
        Status.RATE_LIMITED,
        Status.RISK_CONTROL,
        Status.DOWN,
        Status.SUSPENDED,
    }
)
_THEIRS = frozenset({Fault.PROVIDER, Fault.GATEWAY})


def probes_say(judgement: Judgement) -> bool | None:
    """Return whether our probes find the target healthy; None when that says nothing about them."""
    if judgement.status is Status.OPERATIONAL and judgement.up == 1:
        return True
    return False if judgement.status in _ILL and judgement.fault in _THEIRS else None


def compare(
    before: PageAgreement, word: PageWord, judgement: Judgement, now: Unix
) -> PageAgreement:
    """Return the view after *word* and *judgement*, both of the moment *now* in Unix seconds."""
    probes = probes_say(judgement)
    probe_since = _unhealthy_since(before.probe_unhealthy_since, probes, now)
    page_since = _unhealthy_since(before.page_unhealthy_since, word.healthy, now)
    lead = before.lead
    if before.page_unhealthy_since is None and page_since is not None and probe_since is not None:
        lead = page_since - probe_since
    known = probes is not None and word.healthy is not None
    agreement = int(probes is word.healthy) if known else None
    return PageAgreement(word, agreement, probe_since, page_since, lead)


def _unhealthy_since(since: Unix | None, healthy: bool | None, now: Unix) -> Unix | None:
    """Return since when it has been unhealthy; saying nothing ends nothing."""
    if healthy is True:
        return None
    return now if healthy is False and since is None else since


def page_word(target: Target, reports: Mapping[str, PageReport], now: Unix) -> PageWord:
    """Return what the status page of *target* says of it at *now*, in Unix seconds."""
    if target.page is None:
        return SILENT
    page, component = target.page
    report = reports.get(page)
    return word_on(report, component, now, _lifetime(report))


def word_ends(report: PageReport | None) -> Unix | None:
    """Return until when the last good reading of *report* says something, None without one."""
    if report is None or report.read_at is None:
        return None
    return report.read_at + _lifetime(report)


def _lifetime(report: PageReport | None) -> float:
    refreshed_every = report.settings.interval if report is not None else None
    return max(PAGE_LIFETIME, EXPIRY_INTERVALS * (refreshed_every or 0.0))
