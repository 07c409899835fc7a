"""What the page of one target says of it now: texts only, made of the snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Channel, Depth, Fault, Status
from genmedia_exporter.core.status_page import PageReport
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.health.uptime import WINDOWS, Uptime
from genmedia_exporter.report.formatting import absolute, day, percent, span
from genmedia_exporter.spending.limits import dollars
from genmedia_exporter.status_pages.report import next_maintenances
from genmedia_exporter.targets.model import Target, generation_usd
from genmedia_exporter.web.pages.style import plain_word
from genmedia_exporter.web.pages.target_rows import ending, price
from genmedia_exporter.words.language import say

_CHANNELS: Final[Mapping[Channel, str]] = {
    Channel.OFFICIAL: "official, with the vendor’s own keys",
    Channel.REVERSE: "reverse, through a pool that imitates the vendor’s client",
}
_FAULTS: Final[Mapping[Fault, str]] = {
    Fault.PROVIDER: "The provider’s",
    Fault.GATEWAY: "The gateway’s",
    Fault.ACCOUNT: "Ours: account, key or credit",
    Fault.NETWORK: "Ours: the network, or the request",
    Fault.CONTENT: "Ours: the prompt of our probe",
    Fault.NONE: "Nobody’s",
}
_STARS: Final = 5


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the list: what to heed in it, where the text leads, what is of less weight."""

    term: str
    text: str
    notice: str = ""
    url: str = ""
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """Uptime over one window."""

    window: str
    ratio: str
    known: str


def facts(state: TargetState, snapshot: Snapshot, now: Unix) -> tuple[Fact, ...]:
    """Return what is known of a target, most wanted first; *now* in Unix seconds."""
    target = state.target
    model = say(
        "{model}, for {operation}", model=target.model or "–", operation=say(target.operation)
    )
    return (
        *_fault(state),
        *_end(state, now),
        *_maintenance(state, snapshot, now),
        _vendor_page(state, snapshot),
        *_traffic(state),
        Fact(say("Channel"), say(_CHANNELS[target.channel])),
        Fact(say("Provider"), f"{target.provider.title} ({target.account.host})"),
        Fact(say("Vendor"), target.account.vendor),
        Fact(say("Account"), target.account.name),
        Fact(say("Model"), model),
        Fact(say("Price"), _price(target)),
        *_certificate(state, now),
    )


def _fault(state: TargetState) -> Iterator[Fact]:
    now, provider = state.now, state.target.provider
    if now.fault is Fault.PROVIDER and provider.kind == "gateway":
        yield Fact(say("Fault"), say("The vendor’s, behind the gateway"))
    elif now.fault is not Fault.NONE or now.status is not Status.OPERATIONAL:
        yield Fact(say("Fault"), say(_FAULTS[now.fault]))


def _price(target: Target) -> str:
    if target.price is None:
        return say("not known")
    usd = next(iter(target.price.units().values()))
    job = target.provider.job_for(target.operation, target.model)
    one = generation_usd(target.price, job)
    said = price(target)
    if one and one != usd:
        said += say("; ") + say("a generation costs about {usd}", usd=dollars(round(one, 6)))
    if Depth.GENERATE not in target.depths:
        said += say("; ") + say("none is bought by probes")
    return said


def _end(state: TargetState, now: Unix) -> Iterator[Fact]:
    ends = state.retires_at
    if ends is not None:
        yield Fact(say("End"), "", ending(ends, now, state.target))
    elif state.target.successor:
        yield Fact(say("Successor"), state.target.successor)
    if state.lifecycle_disagreement and state.told_end is not None:
        told, entry = state.told_end.at, state.target.provider.model(state.target.model)
        theirs = say("none") if told is None else absolute(told)[:10]
        ours = str(entry.end_date) if entry is not None and entry.end_date else say("none")
        both = say("{theirs}; by our catalogue: {ours}", theirs=theirs, ours=ours)
        yield Fact(say("End by the listing"), both)


def _traffic(state: TargetState) -> Iterator[Fact]:
    if "traffic" not in state.sources:
        return
    good = sum(slot.good for slot in state.traffic.slots)
    calls = good + sum(slot.bad for slot in state.traffic.slots)
    told = say("{good} of {calls} calls worked in ten minutes", good=str(good), calls=str(calls))
    yield Fact(say("Applications report"), told)


def _maintenance(state: TargetState, snapshot: Snapshot, now: Unix) -> Iterator[Fact]:
    term = say("Maintenance")
    if state.window is not None:
        said = say("A configured window is open until {time}", time=absolute(state.window.end))
        yield Fact(term, f"{said}: {state.window.reason}" if state.window.reason else said)
    if state.page.maintenance:
        running = state.page.word.maintenance
        said = say("In progress by their status page")
        if running is not None and running.end is not None:
            said = say("In progress by their status page until {time}", time=absolute(running.end))
        yield Fact(term, f"{said}: {running.title}" if running else said)
    report, component = _report(state, snapshot), state.page.word.component
    if report is None or report.reading is None or component is None:
        return
    for coming in next_maintenances(report.reading, component):
        if not coming.running and coming.start is not None and coming.start > now:
            said = say("Announced from {time}", time=absolute(coming.start))
            yield Fact(term, f"{said}: {coming.title}")
            return


def _report(state: TargetState, snapshot: Snapshot) -> PageReport | None:
    return snapshot.pages.get(state.target.page[0]) if state.target.page else None


def _vendor_page(state: TargetState, snapshot: Snapshot) -> Fact:
    term = say("Status page")
    if state.target.page is None:
        return Fact(term, say("none is configured for this target"))
    name, wanted = state.target.page
    report, word = _report(state, snapshot), state.page.word
    url = report.settings.url if report else ""
    if report is None or report.reading is None:
        why = f": {report.problem}" if report and report.problem else ""
        return Fact(term, say("{page} could not be read yet", page=name) + why, url=url)
    if word.component is None:
        return Fact(term, say("{page} does not list “{name}”", page=name, name=wanted), url=url)
    status = say(plain_word(word.component.status))
    said = say(
        "{page} reports “{name}”: {status}", page=name, name=word.component.name, status=status
    )
    if word.incident:
        said += say(", with the incident “{title}”", title=word.incident.title)
    said += "" if report.readable else say("; ") + say("unreadable now")
    if state.page.agreement == 0:
        return Fact(term, said, say("Our probes disagree."), url)
    return Fact(term, said, "", url, _agreement(state))


def _agreement(state: TargetState) -> str:
    seen = state.page
    if seen.agreement is None:
        return ""
    if seen.lead is not None and seen.page_unhealthy_since is not None:
        return say("Our probes agree, and detected it {span} earlier.", span=span(seen.lead))
    return say("Our probes agree.")


def _certificate(state: TargetState, now: Unix) -> Iterator[Fact]:
    expiry = state.tls_expiry
    if expiry is None:
        return
    if expiry > now:
        text = say("valid for {span}, until {day}", span=span(expiry - now), day=day(expiry))
    else:
        text = say("no longer valid, until {day}", day=day(expiry))
    yield Fact(say("Certificate"), text)


def figures(known: Mapping[str, Uptime]) -> tuple[Figure, ...]:
    """Return the uptime over the usual windows."""
    return tuple(_figure(window, known.get(window)) for window in WINDOWS)


def _figure(window: str, uptime: Uptime | None) -> Figure:
    seconds = WINDOWS[window]
    title = span(seconds)
    if uptime is None or uptime.ratio is None:
        return Figure(title, "–", say("no data"))
    share = int(uptime.share * 100 + 0.5)
    if share == 100:
        return Figure(title, percent(uptime.ratio), "")
    known = percent(share / 100) if share else say("less than {share}", share=percent(0.01))
    return Figure(title, percent(uptime.ratio), say("{share} known", share=known))


def starred(stars: int) -> tuple[str, str]:
    """Return *stars* drawn, and said."""
    if not 1 <= stars <= _STARS:
        return "", say("not enough data for stars")
    said = say("stability {stars} of {most}, over 7 days", stars=stars, most=_STARS)
    return "★" * stars + "☆" * (_STARS - stars), said
