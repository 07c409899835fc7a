"""Incidents made by hand, for the tests of metrics and web and for screenshots."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Fault, Operation, Status
from genmedia_exporter.incidents.evidence import exhibit_of
from genmedia_exporter.incidents.model import (
    NETWORK,
    Domain,
    Event,
    Incident,
    Member,
    PageNote,
    Scope,
    Substitute,
)
from tests.metrics.samples import AT
from tests.web.site import kept_failure


def member(name: str, **changes: object) -> Member:
    """Return a target that is down since five minutes before AT."""
    known = Member(name, Status.DOWN, Reason.SERVER_ERROR, Fault.PROVIDER, AT - 300)
    return replace(known, **changes)  # type: ignore[arg-type]


def incident(**changes: object) -> Incident:
    """Return an open incident of a vendor with two targets, of which one is well again."""
    members = (
        member("sora-2-official"),
        member("sora-2-pro", until=AT - 60, status=Status.OPERATIONAL),
    )
    known = Incident(
        id="20261118-1101-abc123",
        domain=Domain(Scope.VENDOR, "apiyi.example"),
        vendor="apiyi.example",
        begin=AT - 300,
        members=MappingProxyType({one.name: one for one in members}),
        events=(
            Event(AT - 300, "sora-2-official", "Internal server error.", Status.DOWN),
            Event(AT - 290, "sora-2-pro", "Internal server error.", Status.DOWN),
            Event(AT - 120, "", 'The status page openai reports: Slow "images" <b>'),
            Event(AT - 60, "sora-2-pro", "Works.", Status.OPERATIONAL),
        ),
        page=PageNote(
            "openai",
            "Images",
            "https://s.example/i1",
            AT - 120,
            "partial_outage",
            'Slow "images" <b>',
        ),
        cost_usd=0.8,
        exhibits=(exhibit_of(kept_failure("sora-2-official")),),
        substitutes=(Substitute(Operation.VIDEO, "sora-2", "veo-3.1"),),
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def closed() -> Incident:
    """Return one of an account that ended three days before AT."""
    one = member(
        "kling",
        status=Status.OPERATIONAL,
        reason=Reason.QUOTA_EXHAUSTED,
        fault=Fault.ACCOUNT,
        since=AT - 270_000,
        until=AT - 260_000,
    )
    return incident(
        id="20261115-0806-0dd5e7",
        domain=Domain(Scope.ACCOUNT, "kling-main"),
        vendor="klingai.com",
        begin=one.since,
        members=MappingProxyType({one.name: one}),
        closed_at=AT - 259_100,
        events=(Event(one.since, "kling", "Our quota.", Status.QUOTA_EXHAUSTED),),
        page=None,
        cost_usd=0.0,
        exhibits=(),
        substitutes=(),
    )


def of_our_network() -> Incident:
    """Return one that is about us."""
    one = member("veo-3.1", status=Status.UNKNOWN, reason=Reason.OWN_NETWORK, fault=Fault.NETWORK)
    return incident(
        id="20261118-1101-77aa77",
        domain=NETWORK,
        vendor="",
        members=MappingProxyType({one.name: one}),
        events=(),
        page=None,
        exhibits=(),
        substitutes=(),
    )
