"""Status pages beside the probes: reports, suspicion, agreement, lead, maintenance, escalation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Status
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
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.page_agreement import PAGE_LIFETIME
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.status_pages.report import (
    FROZEN_AFTER,
    MOVED_AFTER,
    find,
    with_problem,
    with_reading,
)
from tests.fakes import START, FakeClock, make_target, verdict, verdict_evidence

WELL = Component("c1", "Images", ComponentStatus.OPERATIONAL, "APIs")
UNHEALTHY = replace(WELL, status=ComponentStatus.PARTIAL_OUTAGE)
SETTINGS = PageSettings("vendor", "https://status.example", components=("Images",))
EMPTY = PageReport(SETTINGS)


def reading(*components: Component, **more: object) -> PageReading:
    """Return a reading of one page."""
    return PageReading(Impact.NONE, components, identity="p1", **more)  # type: ignore[arg-type]


def report(*components: Component, now: Unix = START, **more: object) -> PageReport:
    """Return a report of a good reading."""
    return with_reading(EMPTY, "statuspage", reading(*components, **more), ("Images",), now)


def test_components_are_found_by_id_then_by_name() -> None:
    """An id wins; a name may carry its group; a name that two share is neither."""
    twin = Component("c2", "Images", ComponentStatus.OPERATIONAL, "Web")

    assert find((WELL,), "c1") is WELL
    assert find((WELL,), "images") is WELL
    assert find((WELL, twin), "Images") is None
    assert find((WELL, twin), "Web / Images") is twin


def test_a_missing_component_is_known_to_be_missing() -> None:
    """A configured component that the page does not list is kept as None, never as healthy."""
    other = Component("c9", "Chat", ComponentStatus.OPERATIONAL)

    assert dict(report(other).listed) == {"Images": None}


def test_the_last_good_reading_stays() -> None:
    """A failed reading makes the page unreadable and keeps what was known, with its age."""
    good = report(WELL)
    failed = with_problem(good, "HTML instead of JSON")

    assert not failed.readable
    assert (good.reading, good.read_at) == (failed.reading, failed.read_at)


def test_another_page_is_not_taken() -> None:
    """An answer with another identity is suspect: the page has moved or a mirror answers."""
    good = report(WELL)
    moved = replace(reading(UNHEALTHY), identity="p2")
    after = with_reading(good, "statuspage", moved, ("Images",), START)

    assert not after.readable
    assert after.reading is good.reading
    assert "another page" in after.problem


def test_a_page_that_stays_renamed_is_believed_after_a_day() -> None:
    """Another identity that keeps answering is the page under a new name, not a passing mirror."""
    good = report(WELL)
    renamed = replace(reading(UNHEALTHY), identity="p2")
    first = with_reading(good, "statuspage", renamed, ("Images",), START + 60)
    early = with_reading(first, "statuspage", renamed, ("Images",), START + 59 + MOVED_AFTER)
    later = with_reading(first, "statuspage", renamed, ("Images",), START + 60 + MOVED_AFTER)

    assert (first.readable, early.readable, later.readable) == (False, False, True)
    assert later.reading is renamed


def test_a_frozen_mirror_is_not_taken() -> None:
    """A page unchanged for months is a forgotten mirror; so is one that goes back in time."""
    old = report(WELL, updated_at=START - FROZEN_AFTER - 1)
    good = report(WELL, updated_at=START)
    back = with_reading(good, "statuspage", reading(WELL, updated_at=START - 2e6), (), START)

    assert "mirror" in old.problem
    assert "older copy" in back.problem


@pytest.mark.parametrize(("seconds", "taken"), [(FROZEN_AFTER, True), (FROZEN_AFTER + 1, False)])
def test_how_long_a_page_may_stand_still(seconds: float, taken: bool) -> None:
    """180 days to the second."""
    assert (report(WELL, updated_at=START - seconds).problem == "") is taken


@pytest.mark.parametrize(("seconds", "taken"), [(DAY, True), (DAY + 1, False)])
def test_how_far_back_a_page_may_go(seconds: float, taken: bool) -> None:
    """One server of a cluster may be behind; more than a day is an older copy."""
    good = report(WELL, updated_at=START)
    behind = reading(WELL, updated_at=START - seconds)

    assert (with_reading(good, "statuspage", behind, (), START).problem == "") is taken


class Side:
    """A board with one target tied to a page component."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.board = Board(self.clock)
        self.target = replace(make_target(), page=("vendor", "Images"))
        self.board.configure([self.target], {}, ["vendor"])

    def page(self, *components: Component, after: float = 10.0, **more: object) -> tuple[str, ...]:
        """Let time pass, then report a reading; return who has just been called unhealthy."""
        self.clock.freeze(after)
        return self.board.report_page(report(*components, now=self.clock.now(), **more))

    def probe(self, reason: Reason = Reason.OK, after: float = 10.0) -> TargetState:
        """Let time pass, then feed one observation."""
        self.clock.freeze(after)
        found = verdict_evidence(self.clock, self.target, Depth.REACH, verdict(reason))
        change = self.board.observe(found.evidence, found.verdict)
        assert change is not None
        return change.after

    @property
    def state(self) -> TargetState:
        """The target as it stands."""
        found = self.board.state("a")
        assert found is not None
        return found


def test_agreement() -> None:
    """Both healthy or both unhealthy is 1, a difference 0, and silence of either is nothing."""
    side = Side()
    side.probe()
    silent = side.state.page.agreement
    side.page(WELL)
    both_well = side.state.page.agreement
    side.page(UNHEALTHY)

    assert (silent, both_well, side.state.page.agreement) == (None, 1, 0)


def test_lead_is_how_long_the_probes_were_first() -> None:
    """The probes see trouble, the page tells it ninety seconds later."""
    side = Side()
    side.page(WELL)
    side.probe()
    side.probe(Reason.SERVER_ERROR)
    side.probe(Reason.SERVER_ERROR)
    side.page(UNHEALTHY, after=90.0)

    assert side.state.page.lead == 90.0
    assert side.state.page.agreement == 1


def test_there_is_no_lead_when_the_page_was_first() -> None:
    """A page that tells before we see it has no lead to show."""
    side = Side()
    side.probe()
    side.page(UNHEALTHY)
    side.probe(Reason.SERVER_ERROR)
    side.probe(Reason.SERVER_ERROR)

    assert side.state.page.lead is None


def test_a_page_never_sets_a_status_alone() -> None:
    """An outage on the page leaves an operational target operational, and asks for a look."""
    side = Side()
    side.probe()
    called = side.page(UNHEALTHY)

    assert called == ("a",)
    assert side.page(UNHEALTHY) == ()
    assert Status.OPERATIONAL is side.state.now.status


def test_an_incident_tied_to_the_component_counts() -> None:
    """An open incident on an operational component is trouble told; elsewhere it is not."""
    side = Side()
    side.probe()
    elsewhere = Incident("i1", "Chat is slow", Impact.MAJOR, components=("c9",))
    side.page(WELL, incidents=(elsewhere,))
    unconcerned = side.state.page.word.healthy
    side.page(WELL, incidents=(replace(elsewhere, components=("c1",)),))

    assert (unconcerned, side.state.page.word.healthy) == (True, False)


def test_running_maintenance_on_the_component_is_maintenance() -> None:
    """The page ties a running maintenance to our component; an upcoming or foreign one does nothing."""
    side = Side()
    side.probe()
    window = Maintenance("m1", "Moving house", START, START + 600, False, ("c1",))
    side.page(WELL, maintenances=(window,))
    upcoming = side.state.now.status
    side.page(WELL, maintenances=(replace(window, running=True, components=("c9",)),))
    foreign = side.state.now.status
    side.page(WELL, maintenances=(replace(window, running=True),))
    running = side.state.now
    side.page(WELL)

    assert Status.OPERATIONAL is upcoming is foreign
    assert (running.reason, running.message) == (Reason.PAGE_MAINTENANCE, "Moving house")
    assert Status.OPERATIONAL is side.state.now.status


def test_an_unreadable_page_changes_nothing_until_it_is_old() -> None:
    """A page that cannot be read for a while flaps nothing; then it says nothing."""
    side = Side()
    side.probe()
    side.page(WELL)
    known = side.board.snapshot().pages["vendor"]
    side.board.report_page(with_problem(known, "HTTP 503"))
    side.clock.freeze(PAGE_LIFETIME - 60)
    side.probe()
    kept = side.state.page.agreement
    side.clock.freeze(60)
    side.board.review()

    assert (kept, side.state.page.agreement) == (1, None)


def test_a_page_that_is_read_rarely_speaks_until_it_is_read_again() -> None:
    """With an interval of an hour, the last reading counts for more than fifteen minutes."""
    side = Side()
    side.probe()
    known = report(WELL, now=side.clock.now())
    side.board.report_page(replace(known, settings=replace(SETTINGS, interval=3_600.0)))
    side.clock.freeze(3_600)

    assert side.probe().page.agreement == 1


def test_a_removed_page_is_forgotten() -> None:
    """After a reload without it, neither its report nor its word is left."""
    side = Side()
    side.page(WELL)
    side.board.configure([replace(side.target, page=None)], {})

    assert dict(side.board.snapshot().pages) == {}
    assert side.state.page.word.healthy is None
