"""States and snapshots made by hand, for the tests of metrics and web and for the benchmark."""

from __future__ import annotations

from dataclasses import replace

from genmedia_exporter.core.clock import Monotonic, Unix
from genmedia_exporter.core.evidence import AccountBalance, Phases, ToldEnd, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import (
    Certainty,
    Channel,
    Depth,
    Fault,
    Operation,
    Outcome,
    Status,
)
from genmedia_exporter.core.status_page import (
    Component,
    ComponentStatus,
    Impact,
    Incident,
    Maintenance,
    PageReading,
    PageReport,
    PageSettings,
)
from genmedia_exporter.health.state import (
    Attempt,
    DepthState,
    Histogram,
    Judgement,
    PageAgreement,
    Snapshot,
    TargetState,
    Transition,
)
from genmedia_exporter.health.state import unseen as nothing_known
from genmedia_exporter.health.traffic import Traffic
from genmedia_exporter.providers.calls import Call
from genmedia_exporter.providers.prices import Price
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.targets.model import Account, MaintenanceWindow, Target

AT = Unix(1_795_000_000.0)
"""The moment all samples are of: 2026-11-18T10:26:40Z."""
CANARY = "sk-canary-9f8e7d6c5b4a"
"""A credential that must never be seen again."""

PROVIDER = Provider(
    name="new-api",
    title="new-api gateway",
    kind="gateway",
    calls=(Call(id="models", depth=Depth.REACH, path="/models", proves=("key", "listing")),),
)
INTERVALS = {Depth.REACH: 60.0, Depth.ACCEPT: 600.0, Depth.GENERATE: 21600.0}


def account(name: str = "apiyi", channel: Channel = Channel.OFFICIAL) -> Account:
    """Return an account whose key is the canary."""
    url = "https://api.apiyi.example"
    return Account(name, PROVIDER, url, channel, api_key=Secret(CANARY))


def target(
    name: str = "sora-2-official",
    depths: tuple[Depth, ...] = (Depth.REACH, Depth.ACCEPT, Depth.GENERATE),
    channel: Channel = Channel.OFFICIAL,
) -> Target:
    """Return a target priced by the second, with an end date."""
    return Target(
        name=name,
        account=account(channel=channel),
        model="sora-2",
        operation=Operation.VIDEO,
        channel=channel,
        depths=depths,
        intervals={depth: INTERVALS[depth] for depth in depths},
        price=Price(usd_per_second=0.1),
        ends_at=Unix(1_796_083_200.0),
        successor="sora-3",
        slo=0.99 if channel is Channel.OFFICIAL else 0.9,
    )


def verdict(reason: Reason = Reason.OK, message: str = "") -> Verdict:
    """Return what *reason* usually means."""
    meaning = reason.meaning
    return Verdict(
        meaning.outcome,
        meaning.status,
        meaning.fault,
        reason,
        f"new-api.{reason}",
        message,
        Certainty.TRANSIENT,
    )


def attempt(
    reason: Reason = Reason.OK, http: int = 200, at: Unix = AT, seconds: float = 0.21
) -> Attempt:
    """Return one finished probe with all phases."""
    phases = Phases(0.01, 0.02, 0.03, 0.125, 0.025)
    return Attempt(at, Monotonic(at - AT + 5000), seconds, verdict(reason), http, phases)


def generation(at: Unix = AT, seconds: float = 94.5) -> Attempt:
    """Return one finished generation with all phases."""
    made = attempt(at=at, seconds=seconds)
    return replace(made, phases=replace(made.phases, queue=4.0, run=seconds - 6.0, fetch=0.5))


def depth_state(last: Attempt, **changes: object) -> DepthState:
    """Return a depth probed twice, *last* being the newest."""
    failed = {} if last.verdict.success else {last.verdict.reason: 1}
    state = DepthState(
        recent=(attempt(at=last.at - 60), last),
        total=2,
        failures=failed,
        last_success_at=last.at if last.verdict.success else last.at - 60,
        latency=Histogram().observe(0.05).observe(last.duration or 0.0),
        fresh=True,
    )
    return replace(state, **changes)  # type: ignore[arg-type]


def healthy(name: str = "sora-2-official") -> TargetState:
    """Return a target that works at every depth."""
    return TargetState(
        target=target(name),
        depths={
            Depth.REACH: depth_state(attempt(), skipped={"network": 2}),
            Depth.ACCEPT: depth_state(attempt(Reason.REJECTED_AS_EXPECTED, 400, AT - 30)),
            Depth.GENERATE: depth_state(
                generation(AT - 300),
                latency=nothing_known(Depth.GENERATE).latency.observe(94.5),
                cost_usd=0.8,
                skipped={"budget": 3},
            ),
        },
        now=Judgement(Status.OPERATIONAL, Reason.OK, Fault.NONE, up=1, rule="new-api.ok"),
        last_transition=Transition(AT - 7200, Status.DOWN, Status.OPERATIONAL),
        changes=2,
        tls_expiry=Unix(1_800_000_000.0),
        page=PageAgreement(agreement=0, lead=95.0),
        sources=frozenset({"probe"}),
    )


def broken(name: str = "sora-2-reverse") -> TargetState:
    """Return a reverse channel under risk control, with a reason that is not a usual one."""
    failed = attempt(Reason.RISK_CONTROL, 503)
    return TargetState(
        target=target(name, (Depth.REACH,), Channel.REVERSE),
        depths={Depth.REACH: depth_state(failed)},
        now=Judgement(
            Status.RISK_CONTROL,
            Reason.RISK_CONTROL,
            Fault.GATEWAY,
            up=0,
            message="账号池冷却中 (pool is cooling down)",
            rule="new-api.risk_control",
        ),
        last_transition=Transition(AT - 600, None, Status.RISK_CONTROL),
        window=MaintenanceWindow(AT - 60, AT + 60, "gateway upgrade"),
    )


def page_report() -> PageReport:
    """Return a page that was read well once, with an incident and a maintenance, and one hole."""
    images = Component("c1", "Images", ComponentStatus.PARTIAL_OUTAGE, raw="partial_outage")
    incident = Incident(
        "i1", 'Slow "images"', Impact.MINOR, "https://s.example/i1", AT, AT, ("c1",)
    )
    window = Maintenance("m1", "Moving", AT + 3600, AT + 7200, running=False, components=("c1",))
    reading = PageReading(Impact.MINOR, (images,), (incident,), (window,), "p1", AT)
    return PageReport(
        PageSettings("openai", "https://s.example", components=("Images", "Video")),
        "statuspage",
        readable=True,
        problem="",
        reading=reading,
        read_at=AT - 30,
        listed={"Images": images, "Video": None},
    )


def unseen(name: str = "veo-3.1") -> TargetState:
    """Return a target that was never probed and never had a price."""
    plain = replace(target(name, (Depth.REACH,)), price=None, ends_at=None, successor=None)
    return TargetState(target=plain, depths={Depth.REACH: DepthState()}, added_at=AT - 5)


def snapshot(*states: TargetState, version: int = 1, network_ok: bool = True) -> Snapshot:
    """Return a board of *states*; of one of each kind when none is given."""
    told = Traffic(counts={Outcome.SUCCESS: 40, Outcome.MODERATED: 1})
    listed = replace(healthy(), told_end=ToldEnd(Unix(1_796_083_200.0)), traffic=told)
    chosen = states or (listed, broken(), unseen())
    pages = {"openai": page_report()}
    states = tuple(chosen)
    left = {states[0].target.account.name: AccountBalance(12.5, "usd")}
    known = {s.target.name: s for s in states}
    return Snapshot(AT, version, known, network_ok, pages, balances=left)
