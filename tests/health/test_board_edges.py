"""The board at its edges: reloads, skips, costs, disabled depths, status pages, other exporters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Certainty, Depth, Status
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.judge import ONLY_GATEWAY
from genmedia_exporter.health.persisted import saved_from
from genmedia_exporter.health.state import StateChange, TargetState
from genmedia_exporter.providers.loader import load_provider
from tests.fakes import make_target, verdict, verdict_evidence
from tests.health.test_board import Watch
from tests.status_pages.test_report import UNHEALTHY, WELL, report

A, B = make_target("a"), make_target("b", host="api.example.net")


def state(board: Board, name: str = "a") -> TargetState:
    """Return what the board knows of a target."""
    found = board.state(name)
    assert found is not None
    return found


def test_a_skip_is_counted_by_reason() -> None:
    """From nothing, one by one; of a target nobody watches, not at all."""
    board = Watch(A).board
    board.skip("a", Depth.REACH, "concurrency")
    board.skip("a", Depth.REACH, "concurrency")
    board.skip("a", Depth.REACH, "network")
    board.skip("nobody", Depth.REACH, "network")

    assert dict(state(board).depths[Depth.REACH].skipped) == {
        "concurrency": 2,
        "network": 1,
    }


def test_costs_are_added_up() -> None:
    """A probe costs nothing unless somebody says so."""
    watch = Watch(A)
    told = verdict_evidence(watch.clock, A, Depth.REACH, verdict(Reason.OK), 0.1, 0.0)
    watch.board.observe(told.evidence, told.verdict)
    free = state(watch.board).depths[Depth.REACH].cost_usd
    for _ in range(2):
        watch.board.observe(told.evidence, told.verdict, 0.25)

    assert (free, state(watch.board).depths[Depth.REACH].cost_usd) == (0.0, 0.5)


def test_what_nobody_planned_costs_nothing() -> None:
    """A review tells no cost."""
    changes: list[StateChange] = []
    watch = Watch()
    board = Board(watch.clock, listener=changes.append)
    board.configure([A], {})
    told = verdict_evidence(watch.clock, A, Depth.REACH, verdict(Reason.OK), 0.1, 0.0)
    board.observe(told.evidence, told.verdict)
    watch.clock.freeze(3_600.0)
    board.review()

    assert len(changes) >= 2
    assert {change.unplanned_usd for change in changes} == {0.0}


def test_a_disabled_depth_outlives_the_target() -> None:
    """A reload takes it away and another brings it back: no create may be repeated."""
    board = Watch(A, B).board
    board.disable("a", Depth.ACCEPT, Reason.ACCEPTED_UNEXPECTEDLY)
    board.configure([B], {})
    gone = board.state("a")
    board.configure([A, B], {})

    assert gone is None
    assert state(board).depths[Depth.ACCEPT].disabled is Reason.ACCEPTED_UNEXPECTEDLY


@pytest.mark.parametrize(
    ("reason", "disabled"),
    [
        (Reason.ACCEPTED_UNEXPECTEDLY, Reason.ACCEPTED_UNEXPECTEDLY),
        (Reason.SERVER_ERROR, None),
    ],
)
def test_a_create_that_was_made_while_its_target_was_taken_away_is_known(
    reason: Reason, disabled: Reason | None
) -> None:
    """Its answer comes after the reload; another reload must not repeat it. An outage stops nothing."""
    watch = Watch(A, B)
    board = watch.board
    watch.in_flight.add("a")
    board.configure([B], {})
    told = verdict_evidence(watch.clock, A, Depth.ACCEPT, verdict(reason))
    board.observe(told.evidence, told.verdict)
    board.configure([A, B], {})

    known = state(board).depths.get(Depth.ACCEPT)
    assert (known.disabled if known else None) is disabled


def test_what_is_under_way_outlives_the_target() -> None:
    """Its create may be accepted while nobody watches it; other targets begin anew."""
    watch = Watch(A, B)
    for name in ("a", "b"):
        watch.see(name=name)
    watch.in_flight.add("a")
    watch.board.configure([], {})
    watch.board.disable("a", Depth.ACCEPT, Reason.ACCEPTED_UNEXPECTEDLY)
    watch.board.disable("b", Depth.ACCEPT, Reason.ACCEPTED_UNEXPECTEDLY)
    watch.board.configure([A, B], {})
    found = [state(watch.board, name) for name in ("a", "b")]

    assert found[0].depths[Depth.ACCEPT].disabled is Reason.ACCEPTED_UNEXPECTEDLY
    assert Depth.ACCEPT not in found[1].depths or found[1].depths[Depth.ACCEPT].disabled is None


def test_a_depth_is_disabled_once() -> None:
    """The first reason stays."""
    board = Watch(A).board
    board.disable("a", Depth.ACCEPT, Reason.ACCEPT_UNANSWERED)
    board.disable("a", Depth.ACCEPT, Reason.ACCEPTED_UNEXPECTEDLY)

    assert state(board).depths[Depth.ACCEPT].disabled is Reason.ACCEPT_UNANSWERED


def test_a_page_speaks_of_its_own_targets() -> None:
    """Neither of those of another page nor of those without one; and a report is told once."""
    own = replace(A, page=("vendor", "Images"))
    other = replace(B, page=("elsewhere", "Images"))
    none = make_target("c", host="api.example.org")
    watch = Watch(own, other, none)
    watch.board.configure([own, other, none], {}, ["vendor", "elsewhere"])
    well = watch.board.report_page(report(WELL))
    unhealthy = watch.board.report_page(report(UNHEALTHY))
    again = watch.board.report_page(report(UNHEALTHY))

    assert (well, unhealthy, again) == ((), ("a",), ())


def test_another_exporter_confirms_only_what_is_watched() -> None:
    """What it says of targets nobody has here is passed over."""
    watch = Watch(A)
    watch.see()
    saved = {"a": saved_from(state(watch.board)), "nobody": saved_from(state(watch.board))}
    watch.board.update_peers(["nobody", "a"], saved)

    assert watch.board.state("nobody") is None
    assert state(watch.board).now.status is Status.OPERATIONAL


def test_what_another_exporter_sees_is_shown_where_the_target_is_its_own() -> None:
    """Its word of a target that it watches; of one that we watch it confirms nothing."""
    watch = Watch(A)
    seen = [watch.see(Reason.NO_CHANNEL, certainty=Certainty.EXPLICIT) for _ in range(2)][-1]
    assert seen.now.status is Status.SUSPENDED
    saved = {"a": saved_from(seen)}
    ours: set[str] = set()
    for status in (Status.SUSPENDED, Status.UNKNOWN):
        board = Board(watch.clock, is_ours=ours.__contains__)
        board.configure([A], {})
        board.update_peers(["a"], saved)
        assert state(board).now.status is status
        ours.add("a")


def test_settings_of_another_exporter_reach_their_targets() -> None:
    """Handed over they begin as saved; names nobody has are passed over."""
    watch = Watch(A)
    watch.see()
    saved = {"a": saved_from(state(watch.board))}
    other = Watch(A).board
    other.hand_over(["nobody", "a"], saved)

    assert other.state("nobody") is None
    assert state(other).now.status is Status.OPERATIONAL


@pytest.mark.parametrize(
    ("provider", "depth", "message"),
    [
        ("litellm", Depth.REACH, ONLY_GATEWAY),
        ("litellm", Depth.ACCEPT, ONLY_GATEWAY),
        ("litellm", Depth.GENERATE, ""),
        ("new-api", Depth.REACH, ONLY_GATEWAY),
        ("new-api", Depth.ACCEPT, ""),  # it takes an enabled channel
        ("openai", Depth.ACCEPT, ""),  # nobody stands behind
    ],
)
def test_who_sees_only_the_gateway_says_so(provider: str, depth: Depth, message: str) -> None:
    """LiteLLM itself refuses our creates: a dead vendor behind it is not seen for free."""
    account = replace(A.account, provider=load_provider(provider))
    depths = (Depth.REACH, Depth.ACCEPT, Depth.GENERATE)
    target = replace(A, account=account, depths=depths, intervals=dict.fromkeys(depths, 60.0))
    watch = Watch(target)
    for deeper in depths[: depths.index(depth) + 1]:
        watch.see(depth=deeper, after=1.0)
    found = state(watch.board).now

    assert (found.status, found.message) == (Status.OPERATIONAL, message)
