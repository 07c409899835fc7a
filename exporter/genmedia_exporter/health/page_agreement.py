"""Page and probe side by side: do they agree, and who saw trouble first?"""

from __future__ import annotations

from genmedia_exporter.core.status import Fault, Status
from genmedia_exporter.health.state import Judgement, PageAgreement
from genmedia_exporter.status_pages.report import PageWord

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
    """Return whether our probes find the target well; None when that says nothing about them."""
    if judgement.status is Status.OPERATIONAL and judgement.up == 1:
        return True
    return False if judgement.status in _ILL and judgement.fault in _THEIRS else None


def compare(
    before: PageAgreement, word: PageWord, judgement: Judgement, now: float
) -> PageAgreement:
    """Return the view after *word* and *judgement*, both of the moment *now* in Unix seconds."""
    probes = probes_say(judgement)
    probe_since = _ill_since(before.probe_ill_since, probes, now)
    page_since = _ill_since(before.page_ill_since, word.well, now)
    lead = before.lead
    if before.page_ill_since is None and page_since is not None and probe_since is not None:
        lead = page_since - probe_since
    known = probes is not None and word.well is not None
    agreement = int(probes is word.well) if known else None
    return PageAgreement(word, agreement, probe_since, page_since, lead)


def _ill_since(since: float | None, well: bool | None, now: float) -> float | None:
    """Return since when it has been ill; saying nothing ends no illness."""
    if well is True:
        return None
    return now if well is False and since is None else since
