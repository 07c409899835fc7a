"""How incidents open, grow, ebb and close, on both sides of each threshold."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genmedia_exporter.core.clock import DAY
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Status
from genmedia_exporter.core.status_page import ComponentStatus
from genmedia_exporter.health.state import DepthState, Transition
from genmedia_exporter.incidents.domains import TOGETHER_SECONDS
from genmedia_exporter.incidents.machine import HOLD_OFF, LOST_SECONDS, id_of
from genmedia_exporter.incidents.model import (
    MOST_EVENTS,
    MOST_MEMBERS,
    NETWORK,
    Domain,
    Event,
    Phase,
    Scope,
    shortened,
)
from genmedia_exporter.targets.model import MaintenanceWindow
from tests.fakes import START
from tests.incidents.boards import DOWN, MINUTE, OK, Boards, broken, names
from tests.metrics.samples import attempt

TURNS = (OK, DOWN, Reason.STALE, Reason.INVALID_KEY, Reason.RETIRED, Reason.RISK_CONTROL)

# --- opening


def test_more_than_half_of_a_vendor_is_an_incident() -> None:
    """Two of four are two outages; three of four are one incident of the vendor."""
    board = Boards("abcd")
    board.turn("a")
    board.look(11 * MINUTE)
    board.turn("b")
    assert board.look(11 * MINUTE) == ()
    board.turn("c")
    found = board.only()

    assert (found.domain, found.vendor) == (Domain(Scope.VENDOR, "example.com"), "example.com")
    assert (names(found.members), found.count) == ("abc", 3)
    assert (found.cause, found.phase) == ((DOWN, Fault.PROVIDER), Phase.INVESTIGATING)


def test_three_that_break_within_ten_minutes_are_an_incident() -> None:
    """However many others work; three that break one after another over an hour are not."""
    board = Boards("abcdefgh")
    for name in "abc":
        board.turn(name)
        assert board.look(TOGETHER_SECONDS / 2) == ()
    board.turn("de")
    assert names(board.only().members) == "abcde"


def test_three_that_have_just_been_configured_are_not_yet() -> None:
    """What was never seen well tells nothing of a change."""
    board = Boards("abcdefgh")
    board.states = {
        name: replace(state, added_at=START - 60 if name in "abc" else START - DAY)
        for name, state in board.states.items()
    }
    board.turn("abc")
    assert board.look() == ()


def test_a_vendor_with_one_target_has_incidents_too() -> None:
    """One target of a vendor that has others is its own trouble."""
    board = Boards("ab", alone="z")
    board.turn("az")
    assert [incident.vendor for incident in board.look()] == ["z.org"]


def test_those_that_need_not_work_are_not_counted() -> None:
    """Retired, under maintenance, silent for ten minutes: two of the two that remain are broken."""
    board = Boards("abcde")
    board.turn("c", Reason.RETIRED)
    board.turn("d", Reason.NO_CREDENTIAL)
    window = MaintenanceWindow(START, START + DAY)
    board.states["e"] = replace(board.states["e"], window=window)
    board.look(11 * MINUTE)
    board.turn("ab")
    assert names(board.only().members) == "ab"


@pytest.mark.parametrize(
    ("reason", "counts"),
    [
        (Reason.NO_CHANNEL, True),
        (Reason.RISK_CONTROL, True),
        (Reason.PAUSED, True),
        (Reason.RATE_LIMITED, False),  # our own haste
        (Reason.SLOW, False),
        (Reason.RETIRED, False),
        (Reason.OWN_NETWORK, False),
        (Reason.MAINTENANCE, False),
    ],
)
def test_what_counts_against_a_vendor(reason: Reason, counts: bool) -> None:
    """What is unusable by the fault of provider or gateway."""
    board = Boards("ab")
    board.turn("ab", reason)
    assert bool(board.look()) is counts


def test_a_key_or_a_quota_is_an_incident_of_the_account() -> None:
    """Not of the vendor, and beside one of the vendor."""
    board = Boards("abc", alone="z")
    board.turn("abc", Reason.INVALID_KEY)
    found = board.only()
    assert (found.domain, found.vendor) == (Domain(Scope.ACCOUNT, "main"), "example.com")
    assert found.cause == (Reason.INVALID_KEY, Fault.ACCOUNT)

    board.turn("z", Reason.QUOTA_EXHAUSTED)
    assert {incident.domain.name for incident in board.look()} == {"main", "z"}


def test_our_network_is_one_incident() -> None:
    """While it is in doubt; a target that is frozen with it joins no vendor's."""
    board = Boards("abc", alone="yz")
    board.turn("abcyz", Reason.OWN_NETWORK)
    assert board.look() == ()
    board.network_ok = False
    found = board.only()
    assert (found.domain, found.vendor, names(found.members)) == (NETWORK, "", "abcyz")
    assert found.cause == (Reason.OWN_NETWORK, Fault.NETWORK)

    board.network_ok = True
    board.turn("abcyz", OK)
    assert board.only(HOLD_OFF - 1).phase is Phase.MONITORING
    assert board.look(1) == ()


# --- while it lasts


def test_late_ones_join_and_it_has_begun_with_the_first() -> None:
    """Also those that are broken by something else; what was broken for a week is no beginning."""
    board = Boards("abcde")
    board.turn("a")
    board.look(DAY)
    board.turn("b")
    board.look(5 * MINUTE)
    board.turn("c", Reason.NO_CHANNEL)
    found = board.only(MINUTE)
    assert (found.begin, names(found.members)) == (START + DAY, "abc")

    board.turn("d")
    after = board.only(MINUTE)
    assert (after.id, after.begin, names(after.members)) == (found.id, found.begin, "abcd")
    assert after.cause == (DOWN, Fault.PROVIDER)


def test_nothing_happens_to_it_when_nothing_happens() -> None:
    """The same object: nothing is rendered or written anew."""
    board = Boards("ab")
    board.turn("ab")
    assert board.only() is board.only(MINUTE)


def test_the_ebb_is_a_part_of_it() -> None:
    """Until nothing is broken for a quarter of an hour, a failure goes on with the same incident."""
    board = Boards("abc")
    board.turn("abc")
    first = board.only(10 * MINUTE)
    board.turn("ab", OK)
    assert (board.only().phase, broken(board.only())) == (Phase.INVESTIGATING, "c")
    board.turn("c", OK)
    ebbing = board.only(HOLD_OFF - 1)
    assert (ebbing.phase, ebbing.end) == (Phase.MONITORING, START + 10 * MINUTE)

    board.turn("b")
    again = board.only()
    assert (again.id, again.end, broken(again)) == (first.id, None, "b")
    board.turn("b", OK)
    ended = board.now
    assert board.only(HOLD_OFF - 1).id == first.id
    assert board.look(1) == ()

    (closed,) = board.past
    assert (closed.id, closed.phase) == (first.id, Phase.RESOLVED)
    assert (closed.end, closed.closed_at) == (ended, ended + HOLD_OFF)
    assert [event.status for event in closed.events if event.target == "b"] == [
        Status.DOWN, Status.OPERATIONAL, Status.DOWN, Status.OPERATIONAL,
    ]  # fmt: skip


def test_after_the_hold_off_it_is_another_one() -> None:
    """With an id of its own."""
    board = Boards("ab")
    board.turn("ab")
    first = board.only()
    board.turn("ab", OK)
    board.look(HOLD_OFF)
    board.turn("ab")
    assert board.only().id != first.id


@pytest.mark.parametrize(("waited", "open_"), [(899.0, True), (900.0, False)])
def test_the_hold_off_is_a_quarter_of_an_hour(waited: float, open_: bool) -> None:
    """As METHOD.md says."""
    board = Boards("ab")
    board.turn("ab")
    board.look(MINUTE)
    board.turn("ab", OK)
    assert bool(board.look(waited)) is open_


def test_the_story_tells_when_a_status_began_and_not_when_it_was_looked_at() -> None:
    """A look comes late; a status that it became by the way has the time of the look."""
    board = Boards("ab")
    board.turn("ab")
    board.look(5 * MINUTE)
    board.turn("a", OK)
    turned = board.now
    board.now = turned + 90.0
    (told,) = [e for e in board.only().events if e.target == "a" and e.status is Status.OPERATIONAL]
    assert told.at == turned


def test_unknown_ends_nothing_for_an_hour() -> None:
    """Then nobody waits for it any more: it has ended when it was lost."""
    board = Boards("ab")
    board.turn("ab")
    board.look(MINUTE)
    board.turn("ab", Reason.STALE)
    lost = board.now
    assert broken(board.only(LOST_SECONDS - 1)) == "ab"
    board.look(1)
    assert [incident.end for incident in board.past] == [lost]


def test_one_that_stays_broken_for_a_day_holds_nothing_open() -> None:
    """But a vendor that is down as a whole has its incident for as long as it takes."""
    board = Boards("abc")
    board.turn("abc")
    board.look(2 * DAY)
    assert broken(board.only()) == "abc"
    board.turn("ab", OK)
    assert broken(board.only(HOLD_OFF - 1)) == "c"
    assert board.look(1) == ()
    assert board.past[0].end == START + 2 * DAY


def test_a_removed_target_is_not_waited_for() -> None:
    """A reload takes it out of the story, and says so."""
    board = Boards("abc")
    board.turn("abc")
    board.look(MINUTE)
    del board.states["c"]
    found = board.only()
    assert broken(found) == "ab"
    assert found.events[-1] == Event(board.now, "c", "No longer watched.")


def test_a_key_that_is_refused_meanwhile_ends_nothing() -> None:
    """It says nothing of the vendor; retirement and maintenance do."""
    board = Boards("abcd")
    board.turn("abcd")
    board.look(MINUTE)
    board.turn("a", Reason.INVALID_KEY)
    board.turn("b", Reason.RETIRED)
    board.turn("c", Reason.MAINTENANCE)
    assert broken(board.only()) == "ad"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdz"), st.sampled_from(TURNS), st.integers(0, 25)), max_size=25
    )
)
def test_only_what_has_changed_need_be_looked_at(turns: list[tuple[str, Reason, int]]) -> None:
    """Whatever happens, it comes to the same as looking at everything."""
    whole, part = Boards("abcd", alone="z"), Boards("abcd", alone="z")
    part.seen = {}
    for name, reason, minutes in turns:
        for board in (whole, part):
            board.turn(name, reason)
            board.look(minutes * MINUTE)
    assert whole.incidents == part.incidents
    assert whole.past == part.past


# --- the vendor's page


def test_what_the_page_said_and_how_late() -> None:
    """Its first word has the time; what it said stays when it is taken down."""
    board = Boards("ab")
    board.turn("ab")
    board.say(None)
    assert board.only().page is None
    board.say(ComponentStatus.OPERATIONAL)
    silent = board.only(MINUTE)
    assert silent.page is not None
    assert (silent.page.at, silent.lead, silent.page.status) == (None, None, "operational")

    board.say(ComponentStatus.PARTIAL_OUTAGE)
    told = board.only(MINUTE)
    assert told.lead == MINUTE
    board.say(ComponentStatus.MAJOR_OUTAGE)
    board.only(MINUTE)
    board.say(ComponentStatus.OPERATIONAL)
    after = board.only(MINUTE)
    assert after.page is not None
    assert (after.lead, after.page.status) == (MINUTE, "major_outage")
    assert [event.text for event in after.events if not event.target] == [
        "The status page vendor reports: partial_outage"
    ]


# --- money


def test_what_failed_generations_cost() -> None:
    """Those that led to it at their mean price, those that fail meanwhile; not one that succeeds."""

    def bought(*reasons: Reason, usd: float) -> DepthState:
        recent = tuple(attempt(reason) for reason in reasons)
        return DepthState(recent=recent, total=len(recent), cost_usd=usd)

    def spend(known: DepthState) -> None:
        depths = MappingProxyType({Depth.GENERATE: known})
        board.states["a"] = replace(board.states["a"], depths=depths)

    board = Boards("a")
    board.turn("a", Reason.GENERATION_STUCK)
    stuck = Reason.GENERATION_STUCK
    spend(bought(OK, OK, stuck, stuck, usd=2.0))
    assert board.only().cost_usd == pytest.approx(1.0)
    spend(bought(OK, OK, stuck, stuck, stuck, usd=2.5))
    assert board.only(MINUTE).cost_usd == pytest.approx(1.5)
    spend(bought(OK, OK, stuck, stuck, stuck, OK, usd=3.0))
    board.turn("a", OK)
    assert board.only(MINUTE).cost_usd == pytest.approx(1.5)


# --- identity and bounds


def test_the_id_is_the_same_whoever_tells_of_it() -> None:
    """By domain and beginning alone; readable, and another one for another domain."""
    vendor = Domain(Scope.VENDOR, "example.com")
    assert id_of(vendor, START).startswith("20231114-2213-")
    assert id_of(vendor, START) == id_of(Domain(Scope.VENDOR, "example.com"), START)
    assert id_of(vendor, START) != id_of(Domain(Scope.ACCOUNT, "example.com"), START)
    assert id_of(vendor, START) != id_of(vendor, START + 60)


def test_the_story_is_bounded() -> None:
    """Its beginning and its end are kept."""
    events = [Event(START + n, "a", "x") for n in range(MOST_EVENTS + 10)]
    kept = shortened([*reversed(events), *events])
    assert (len(kept), kept[0], kept[-1]) == (MOST_EVENTS, events[0], events[-1])


def test_a_closed_incident_is_bounded() -> None:
    """It knows of all targets, and keeps some."""
    board = Boards("a")
    many = {f"t{n}": replace(board.states["a"]) for n in range(MOST_MEMBERS + 5)}
    board.states = {
        name: replace(state, target=replace(state.target, name=name))
        for name, state in many.items()
    }
    board.groups = type(board.groups).of(state.target for state in board.states.values())
    for name in board.states:
        last = Transition(START, Status.OPERATIONAL, Status.DOWN)
        down = replace(board.states[name].now, status=Status.DOWN, fault=Fault.PROVIDER)
        board.states[name] = replace(board.states[name], now=down, last_transition=last)
    assert board.only().count == MOST_MEMBERS + 5
    board.states = {}
    board.look(HOLD_OFF)
    assert (board.past[0].count, len(board.past[0].members)) == (MOST_MEMBERS + 5, MOST_MEMBERS)
