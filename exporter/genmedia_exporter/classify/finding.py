"""What is found in an answer, before it is a verdict."""

from __future__ import annotations

from dataclasses import dataclass

from genmedia_exporter.core.evidence import Basis
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Fault, Status


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in an answer, and by which rule; not yet a verdict."""

    reason: Reason
    rule: str  # "openai.insufficient_quota"
    message: str = ""  # the service's own words, unscrubbed
    explicit: bool = False  # decided by a code that can mean nothing else
    upstream: bool = False  # relayed from behind a gateway
    http: int = 0  # the status of what was judged: the answer's, or of an error in it
    fault: Fault | None = None
    status: Status | None = None
    basis: Basis = "shape"
