"""Which channel comes first: tables over statuses, channels, prices and policies, and what always holds."""

from __future__ import annotations

from collections.abc import ItemsView, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from genmedia_exporter.config.schema import Policy
from genmedia_exporter.core.clock import EPOCH
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault, Operation, Status
from genmedia_exporter.health.state import Judgement, Snapshot, TargetState
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.routes import RouteMetrics
from genmedia_exporter.providers.prices import Price
from genmedia_exporter.routing.ranking import BUILT_IN, RoutingError, clip_price, policies, route
from tests.fakes import make_target
from tests.metrics.samples import attempt, depth_state

OFFICIAL, REVERSE = Channel.OFFICIAL, Channel.REVERSE


def state(
    name: str,
    channel: Channel = OFFICIAL,
    status: Status = Status.OPERATIONAL,
    usd: float | None = None,
    *,
    operation: Operation = Operation.VIDEO,
    reason: Reason = Reason.OK,
    seconds: float | None = None,
) -> TargetState:
    """Return a target with that status, priced by the request, its reach taking *seconds*."""
    price = None if usd is None else Price(usd_per_request=usd)
    target = replace(make_target(name), channel=channel, price=price, operation=operation)
    depths = {} if seconds is None else {Depth.REACH: depth_state(attempt(seconds=seconds))}
    return TargetState(target, depths, now=Judgement(status, reason, Fault.NONE))


def board(*states: TargetState) -> Snapshot:
    """Return a snapshot of *states*."""
    return Snapshot(EPOCH, 1, {s.target.name: s for s in states})


def names(
    *states: TargetState,
    policy: str = "production",
    known: Mapping[str, Policy] = BUILT_IN,
    uptime: Mapping[str, float] | None = None,
) -> str:
    """Return the names as they are ranked, one after the other."""
    ranking = route(board(*states), "video", policy, known, (uptime or {}).get)
    assert [entry.rank for entry in ranking.entries] == list(range(1, len(states) + 1))
    return " ".join(entry.candidate.name for entry in ranking.entries)


def test_production_takes_official_before_reverse() -> None:
    """Also when the reverse one is cheaper, in better health, and up more often."""
    found = names(
        state("r", REVERSE, usd=0.1),
        state("o", OFFICIAL, Status.DEGRADED, usd=9.0),
        uptime={"r": 1.0, "o": 0.9},
    )
    assert found == "o r"


def test_production_goes_on_to_reverse() -> None:
    """An official channel that is not usable stands behind every reverse one that is."""
    assert names(state("o", status=Status.DOWN), state("r", REVERSE)) == "r o"


@pytest.mark.parametrize("policy", ["development", "budget"])
def test_cheap_first(policy: str) -> None:
    """By price among the usable; an unknown price is no low one."""
    found = names(
        state("dear", usd=0.8),
        state("unknown"),
        state("free-but-down", usd=0.0, status=Status.DOWN),
        state("cheap", REVERSE, usd=0.12),
        policy=policy,
    )
    assert found == "cheap dear unknown free-but-down"


def test_stable_takes_the_best_uptime() -> None:
    """Whatever the channel; nobody's uptime comes last, and a tenth of a percent is a tie."""
    found = names(
        state("new"),
        state("flaky"),
        state("solid", REVERSE, Status.DEGRADED),
        state("as-solid"),
        policy="stable",
        uptime={"flaky": 0.91, "solid": 0.99949, "as-solid": 0.99901},
    )
    assert found == "as-solid solid flaky new"


def test_of_equals_the_cheaper() -> None:
    """What the policy cannot tell apart goes by price, and only then by name."""
    states = [state("a-dear", usd=2.4), state("b-cheap", usd=0.8), state("a-unknown")]

    assert names(*states, uptime={"a-dear": 1.0, "b-cheap": 0.9999, "a-unknown": 1.0}) == (
        "b-cheap a-dear a-unknown"
    )


def test_a_policy_by_latency() -> None:
    """By the usual time of `reach`, unknown ones last."""
    known = {"fast": Policy(order_by="latency")}
    states = [state("slow", seconds=2.0), state("a-unknown"), state("quick", seconds=0.2)]
    assert names(*states, policy="fast", known=known) == "quick slow a-unknown"


def test_a_configured_policy_replaces_the_built_in_one() -> None:
    """By name; the others stay."""
    known = policies({"production": Policy(prefer=(REVERSE,))})
    assert names(state("o"), state("r", REVERSE), known=known) == "r o"
    assert list(known) == ["production", "development", "budget", "stable"]


def test_ties_go_by_name() -> None:
    """The same question gives the same answer, in whatever order targets are configured."""
    assert names(state("c"), state("a"), state("b")) == "a b c"


@pytest.mark.parametrize(
    ("limit", "status", "usable"),
    [
        (Status.OPERATIONAL, Status.OPERATIONAL, True),
        (Status.OPERATIONAL, Status.DEGRADED, False),
        (Status.DEGRADED, Status.DEGRADED, True),
        (Status.DEGRADED, Status.RATE_LIMITED, False),
        (Status.RATE_LIMITED, Status.RATE_LIMITED, True),
        (Status.QUOTA_EXHAUSTED, Status.RETIRED, False),
        (Status.QUOTA_EXHAUSTED, Status.AUTH_ERROR, False),
        (Status.QUOTA_EXHAUSTED, Status.DOWN, False),
        (Status.QUOTA_EXHAUSTED, Status.MAINTENANCE, False),
        (Status.OPERATIONAL, Status.UNKNOWN, False),
    ],
)
def test_what_is_usable(limit: Status, status: Status, usable: bool) -> None:
    """Up to max_status, and never what cannot work: no policy makes a retired model usable."""
    known = {"mine": Policy(max_status=limit)}
    (entry,) = route(board(state("a", status=status)), "video", "mine", known).entries
    assert entry.usable is usable
    assert bool(entry.reason) is not usable
    assert entry.why.startswith("Not usable") is not usable


def test_nothing_usable_is_said_and_ranked() -> None:
    """The least bad first, each with its reason; a missing credential is as bad as a wrong one."""
    ranking = route(
        board(
            state("retired", status=Status.RETIRED, reason=Reason.RETIRED),
            state("no-key", status=Status.UNKNOWN, reason=Reason.NO_CREDENTIAL),
            state("new", status=Status.UNKNOWN, reason=Reason.NO_EVIDENCE),
            state("down", status=Status.DOWN, reason=Reason.SERVER_ERROR),
            state("limited", REVERSE, Status.RATE_LIMITED, reason=Reason.RATE_LIMITED),
        ),
        "video",
    )
    assert [e.candidate.name for e in ranking.entries] == [
        "limited",
        "new",
        "down",
        "no-key",
        "retired",
    ]
    assert not any(entry.usable for entry in ranking.entries)
    assert ranking.message == "None of 5 is usable now; the least bad comes first."
    assert ranking.entries[0].reason == "Too many requests from our account."
    assert ranking.entries[3].reason == "No credential is configured."


def test_an_operation_without_targets() -> None:
    """It is an answer, and says which operations there are."""
    ranking = route(board(state("a"), state("b", operation=Operation.CHAT)), "image")
    assert ranking.entries == ()
    assert ranking.message.endswith("operations of the targets there are: video, chat.")


@pytest.mark.parametrize(
    ("operation", "policy", "words"),
    [
        ("vidoe", "production", "no operation is called 'vidoe'; did you mean 'video'?"),
        ("", "production", "no operation is called ''; known are: video, image, chat"),
        ("video", "prodution", "no policy is called 'prodution'; did you mean 'production'?"),
    ],
)
def test_words_there_are_not(operation: str, policy: str, words: str) -> None:
    """One sentence, with what was probably meant."""
    with pytest.raises(RoutingError) as refused:
        route(board(), operation, policy)
    assert str(refused.value) == words


def test_one_family_only() -> None:
    """What an application would take instead: other channels of the same model, and no other."""
    states = [state("a"), state("b"), state("c")]
    families = dict(zip("abc", ("sora-2", "veo-3.1", "sora-2"), strict=True))
    told = board(
        *(replace(s, target=replace(s.target, family=families[s.target.name])) for s in states)
    )
    found = route(told, "video", family="sora-2")
    assert [entry.candidate.name for entry in found.entries] == ["a", "c"]
    assert len(route(told, "video").entries) == 3
    none = route(told, "image", family="sora-2")
    assert not none.entries
    assert none.message.endswith("operations of the targets there are: video.")
    with pytest.raises(RoutingError) as refused:
        route(told, "video", family="sora-3")
    assert "did you mean 'sora-2'?" in str(refused.value)


@pytest.mark.parametrize(
    ("price", "operation", "usd"),
    [
        (Price(usd_per_second=0.1), Operation.VIDEO, 0.8),
        (Price(usd_per_request=0.12), Operation.VIDEO, 0.12),
        (Price(usd_per_image=0.04), Operation.IMAGE, 0.04),
        (Price(usd_per_second=0.1), Operation.IMAGE, None),
        (None, Operation.VIDEO, None),
    ],
)
def test_the_price_of_a_standard_clip(
    price: Price | None, operation: Operation, usd: float | None
) -> None:
    """Eight seconds of video, one request, one image."""
    assert clip_price(price, operation) == (usd if usd is None else pytest.approx(usd))


def test_the_price_of_a_hundred() -> None:
    """Without the dust of binary fractions."""
    (entry,) = route(board(state("a", usd=0.1)), "video").entries
    assert entry.price_per_100 == 10.0


STATES = some.lists(
    some.builds(
        state,
        some.text("abc", min_size=1, max_size=6),
        some.sampled_from(Channel),
        some.sampled_from(Status),
        some.none() | some.floats(0, 9),
        reason=some.sampled_from([Reason.OK, Reason.NO_CREDENTIAL]),
    ),
    unique_by=lambda made: made.target.name,
)
POLICIES = some.builds(
    Policy,
    prefer=some.lists(some.sampled_from(Channel), unique=True).map(tuple),
    order_by=some.sampled_from(["stability", "price", "latency"]),
    max_status=some.sampled_from(Status),
)


@given(STATES, POLICIES, some.dictionaries(some.text("abc", min_size=1), some.floats(0, 1)))
def test_a_ranking_is_a_permutation_with_the_usable_first(
    states: list[TargetState], policy: Policy, uptime: dict[str, float]
) -> None:
    """Under every policy: nobody is lost, nothing unusable stands above something usable."""
    found = route(board(*states), "video", "p", {"p": policy}, uptime.get)
    again = route(board(*reversed(states)), "video", "p", {"p": policy}, uptime.get)
    ranked = [entry.candidate.name for entry in found.entries]

    assert sorted(ranked) == sorted(one.target.name for one in states)
    assert ranked == [entry.candidate.name for entry in again.entries]
    fits = [entry.usable for entry in found.entries]
    assert fits == sorted(fits, reverse=True)
    never = {Status.UNKNOWN, Status.RETIRED, Status.AUTH_ERROR, Status.DOWN, Status.SUSPENDED}
    assert not any(entry.usable and entry.candidate.status in never for entry in found.entries)
    assert bool(found.message) is not any(fits)


class CountingPolicies(dict[str, Policy]):
    """Policies that count how often somebody went through them to rank."""

    ranked = 0

    def items(self) -> ItemsView[str, Policy]:  # type: ignore[override]
        """Count, and return what a dict returns."""
        self.ranked += 1
        return super().items()


def test_the_metric_is_rendered_anew_only_when_a_rank_may_have_changed() -> None:
    """A probe that changes nothing but times costs no ranking; a status does, a policy does."""
    known = CountingPolicies({**BUILT_IN, "stable": Policy()})
    metrics = RouteMetrics(lambda: known)
    first = metrics.render(board(state("a"), state("b", seconds=0.2)), Format.TEXT)
    work = known.ranked
    assert work > 0
    assert metrics.render(board(state("a"), state("b", seconds=0.3)), Format.TEXT) == first
    assert known.ranked == work

    down = metrics.render(board(state("a", status=Status.DOWN), state("b")), Format.TEXT)
    assert b'genmedia_route_rank{operation="video",policy="stable",target="b"} 1.0' in down
    assert known.ranked > work


def test_the_metric_ranks_only_what_can_be_used() -> None:
    """Whoever follows place 1 is never sent to what is broken, or to what nobody knows. Of policies that nobody
    has configured only the default one costs a series."""
    broken = (state("a", status=Status.DOWN), state("b", status=Status.UNKNOWN))
    metrics = RouteMetrics()
    assert metrics.render(board(*broken), Format.TEXT) == b""
    page = metrics.render(board(*broken, state("c")), Format.TEXT).decode()
    assert page.count("\ngenmedia_route_rank{") == 1
    assert all('target="c"} 1.0' in line for line in page.splitlines() if line[0] != "#")


def test_what_has_no_model_is_no_channel() -> None:
    """A plain URL is watched as well, and nothing that makes a video is there."""
    plain = state("plain", usd=0.0)
    plain = replace(plain, target=replace(plain.target, model=""))
    pool = state("pool", REVERSE)
    assert [e.candidate.name for e in route(board(plain, pool), "video").entries] == ["pool"]
    assert b"plain" not in RouteMetrics().render(board(plain, pool), Format.TEXT)

    alone = route(board(plain), "video")
    assert alone.entries == ()
    assert alone.message == "No target makes video; operations of the targets there are: none."
    assert RouteMetrics().render(board(plain), Format.TEXT) == b""


def test_the_metric_follows_a_reload_and_a_policy_by_latency() -> None:
    """A new policy has its ranks at once; where latency ranks, latency counts."""
    known = dict(BUILT_IN)
    metrics = RouteMetrics(lambda: dict(known))
    slow, quick = state("a", seconds=2.0), state("b", seconds=0.1)
    assert b"fast" not in metrics.render(board(slow, quick), Format.TEXT)
    known["fast"] = Policy(order_by="latency")
    page = metrics.render(board(slow, quick), Format.TEXT)
    assert b'genmedia_route_rank{operation="video",policy="fast",target="b"} 1.0' in page
    assert metrics.render(board(), Format.TEXT) == b""
