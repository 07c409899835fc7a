"""What `doctor` asks services and status pages, once and for free: is it us, the way there, or them?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from genmedia_exporter.commands.doctor_checks import Finding, Level
from genmedia_exporter.core.clock import Clock
from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.http_dates import http_date
from genmedia_exporter.core.status import Depth, Fault, Outcome
from genmedia_exporter.core.status_page import PageReport, PageSettings
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.status_pages.fetch import PageFetcher
from genmedia_exporter.status_pages.report import configured
from genmedia_exporter.status_pages.watch import read_page
from genmedia_exporter.targets.model import Target
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.transport.network import Network

SKEW_SECONDS: Final = 60.0
"""By so much services' clocks and ours may differ before end dates, budgets and alerts suffer."""

_TODO: Final = {
    Fault.ACCOUNT: "renew or correct the key, its entitlement or its credit",
    Fault.NETWORK: "check DNS, firewall and route from this machine",
    Fault.PROVIDER: "nothing to do here; the service answers so",
    Fault.GATEWAY: "nothing to do here; ask the gateway's operator if it lasts",
}

Looked = Sequence[tuple[Target, Observation]]


def looked(source: ConfigSource, clock: Clock) -> tuple[Looked, Sequence[PageReport]]:
    """Probe one target of each account at its shallowest depth, and read each status page."""
    return asyncio.run(_look(source, clock))


async def _look(source: ConfigSource, clock: Clock) -> tuple[Looked, Sequence[PageReport]]:
    network = Network()
    prober, fetcher = Prober(network, clock), PageFetcher(network, clock)
    slots = asyncio.Semaphore(source.config.limits.probes_in_flight)
    components = source.resolution.page_components
    first: dict[str, Target] = {}
    for target in source.resolution.targets:
        # Without its key a service can only say what is known already.
        if not target.account.credential_problem and any(d.free for d in target.depths):
            first.setdefault(target.account.name, target)

    async def probe(target: Target) -> tuple[Target, Observation]:
        async with slots:
            depth = next(depth for depth in target.depths if depth.free)
            return target, await prober.probe(target, depth)

    async def read(page: PageSettings) -> PageReport:
        wanted = configured(page, components.get(page.id, ()))
        return await read_page(PageReport(page, page.engine), fetcher, wanted, clock.now)

    async with asyncio.TaskGroup() as group:
        probes = [group.create_task(probe(target)) for target in first.values()]
        pages = [group.create_task(read(page)) for page in source.resolution.pages]
    return [each.result() for each in probes], [each.result() for each in pages]


def check_accounts(seen: Looked, clock: Clock) -> Iterator[Finding]:
    """Yield what each account's service said, and how far its clock is from ours."""
    skews: list[float] = []
    for target, observation in seen:
        verdict, main = observation.verdict, observation.evidence.main
        if (told := http_date(main.headers.get("date", ""))) is not None:
            skews.append(told - observation.evidence.at)
        subject, depth = f"account {target.account.name}", observation.evidence.depth
        if verdict.outcome is Outcome.SUCCESS:
            shown = "its key was accepted" if _with_key(target, depth) else "it answers"
            yield Finding(Level.OK, subject, f"{main.host}: {shown}")
            continue
        ours = verdict.fault in (Fault.ACCOUNT, Fault.NETWORK)
        text = f"{main.host}: {verdict.reason.meaning.text}"
        more = f" ({verdict.message})" if verdict.message else ""
        todo = _TODO.get(verdict.fault, f"genmedia-exporter probe '{target.name}' shows the answer")
        yield Finding(Level.PROBLEM if ours else Level.ADVICE, subject, text + more, todo)
    yield from _clock(skews)


def _with_key(target: Target, depth: Depth) -> bool:
    call = target.call_for(depth)
    return target.account.api_key is not None and call is not None and "key" in call.proves


def _clock(skews: Sequence[float]) -> Iterator[Finding]:
    """Yield what most services agree on: one wrong clock of theirs is not ours."""
    if not skews:
        return
    middle = sorted(skews)[len(skews) // 2]
    if abs(middle) <= SKEW_SECONDS:
        yield Finding(Level.OK, "clock", "agrees with the services'")
    else:
        word = "behind" if middle > 0 else "ahead of"
        text = f"is {abs(middle):.0f} s {word} the services'"
        yield Finding(Level.PROBLEM, "clock", text, "set it by NTP, for example with chrony")


def check_pages(reports: Sequence[PageReport]) -> Iterator[Finding]:
    """Yield which status pages can be read."""
    for report in reports:
        subject = f"page {report.settings.id}"
        if report.readable:
            yield Finding(Level.OK, subject, f"{report.settings.url} was read")
        else:
            text = f"{report.settings.url}: {report.problem or 'cannot be read'}"
            yield Finding(Level.PROBLEM, subject, text, "correct url or engine under status_pages")
