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
from genmedia_exporter.report.formatting import absolute, percent, span
from genmedia_exporter.spending.limits import dollars
from genmedia_exporter.status_pages.report import next_maintenances
from genmedia_exporter.targets.lifecycle import ending_verb
from genmedia_exporter.targets.model import Target, generation_usd
from genmedia_exporter.web.pages.style import plain_word

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
    return (
        *_fault(state),
        *_end(state, now),
        *_maintenance(state, snapshot, now),
        _vendor_page(state, snapshot),
        Fact("Channel", _CHANNELS[target.channel]),
        Fact("Provider", f"{target.provider.title} ({target.account.host})"),
        Fact("Account", target.account.name),
        Fact("Model", f"{target.model or '–'}, for {target.operation}"),
        Fact("Price", _price(target)),
        *_certificate(state, now),
    )


def _fault(state: TargetState) -> Iterator[Fact]:
    now, provider = state.now, state.target.provider
    if now.fault is Fault.PROVIDER and provider.kind == "gateway":
        yield Fact("Fault", "The vendor’s, behind the gateway")
    elif now.fault is not Fault.NONE or now.status is not Status.OPERATIONAL:
        yield Fact("Fault", _FAULTS[now.fault])


def _price(target: Target) -> str:
    if target.price is None:
        return "not known"
    unit, usd = next(iter(target.price.units().items()))
    job = target.provider.job_for(target.operation, target.model)
    one = generation_usd(target.price, job)
    price = f"{dollars(round(usd, 6))} {'an' if unit == 'image' else 'a'} {unit}"
    about = f"; a generation costs about {dollars(round(one, 6))}" if one and one != usd else ""
    bought = "" if Depth.GENERATE in target.depths else "; none is bought by probes"
    return price + about + bought


def _end(state: TargetState, now: Unix) -> Iterator[Fact]:
    ends, successor = state.retires_at, state.target.successor
    after = f"; its successor is {successor}" if successor else ""
    if ends is not None:
        day = absolute(ends)[:10]
        verb = ending_verb(ends <= now, certain=state.target.end_date_certain)
        when = f"{span(now - ends)} ago" if ends <= now else f"in {span(ends - now)}"
        yield Fact("End", "", f"It {verb} {when}, on {day}{after}.")
    elif successor:
        yield Fact("Successor", successor)


def _maintenance(state: TargetState, snapshot: Snapshot, now: Unix) -> Iterator[Fact]:
    if state.window is not None:
        until = f"until {absolute(state.window.end)}"
        why = f": {state.window.reason}" if state.window.reason else ""
        yield Fact("Maintenance", f"A configured window is open {until}{why}")
    if state.page.maintenance:
        said = state.page.word.maintenance
        title = f": {said.title}" if said else ""
        until = f" until {absolute(said.end)}" if said and said.end is not None else ""
        yield Fact("Maintenance", f"In progress by their status page{until}{title}")
    report, component = _report(state, snapshot), state.page.word.component
    if report is None or report.reading is None or component is None:
        return
    for coming in next_maintenances(report.reading, component):
        if not coming.running and coming.start is not None and coming.start > now:
            when = f"from {absolute(coming.start)}"
            yield Fact("Maintenance", f"Announced {when}: {coming.title}")
            return


def _report(state: TargetState, snapshot: Snapshot) -> PageReport | None:
    return snapshot.pages.get(state.target.page[0]) if state.target.page else None


def _vendor_page(state: TargetState, snapshot: Snapshot) -> Fact:
    term = "Status page"
    if state.target.page is None:
        return Fact(term, "none is configured for this target")
    name, wanted = state.target.page
    report, word = _report(state, snapshot), state.page.word
    url = report.settings.url if report else ""
    if report is None or report.reading is None:
        why = f": {report.problem}" if report and report.problem else ""
        return Fact(term, f"{name} could not be read yet{why}", url=url)
    if word.component is None:
        return Fact(term, f"{name} does not list “{wanted}”", url=url)
    said = f"{name} reports “{word.component.name}”: {plain_word(word.component.status)}"
    said += f", with the incident “{word.incident.title}”" if word.incident else ""
    said += "" if report.readable else "; unreadable now"
    if state.page.agreement == 0:
        return Fact(term, said, "Our probes disagree.", url)
    return Fact(term, said, "", url, _agreement(state))


def _agreement(state: TargetState) -> str:
    seen = state.page
    if seen.agreement is None:
        return ""
    if seen.lead is not None and seen.page_unhealthy_since is not None:
        return f"Our probes agree, and detected it {span(seen.lead)} earlier."
    return "Our probes agree."


def _certificate(state: TargetState, now: Unix) -> Iterator[Fact]:
    expiry = state.tls_expiry
    if expiry is not None:
        left = f"for {span(expiry - now)}" if expiry > now else "no longer"
        yield Fact("Certificate", f"valid {left}, until {absolute(expiry)[:10]}")


def figures(known: Mapping[str, Uptime]) -> tuple[Figure, ...]:
    """Return the uptime over the usual windows."""
    return tuple(_figure(window, known.get(window)) for window in WINDOWS)


def _figure(window: str, uptime: Uptime | None) -> Figure:
    title = window.replace("h", " h").replace("d", " days")
    if uptime is None or uptime.ratio is None:
        return Figure(title, "–", "no data")
    share = int(uptime.share * 100 + 0.5)
    known = "" if share == 100 else f"{share} % known" if share else "less than 1 % known"
    return Figure(title, percent(uptime.ratio), known)


def starred(stars: int) -> tuple[str, str]:
    """Return *stars* drawn, and said."""
    if not 1 <= stars <= _STARS:
        return "", "not enough data for stars"
    return "★" * stars + "☆" * (_STARS - stars), f"stability {stars} of {_STARS}, over 7 days"
