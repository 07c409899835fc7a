"""What the page of a target says of the next probe and its price: when it comes, what really holds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Status
from genmedia_exporter.core.status_page import Maintenance
from genmedia_exporter.health.state import DepthState, Judgement, TargetState, unseen
from genmedia_exporter.spending.demand import Blocked, BlockedBy, cannot_learn, paid_probe_due
from genmedia_exporter.status_pages.report import PageWord
from genmedia_exporter.targets.model import MaintenanceWindow
from genmedia_exporter.web.pages.next_probe import Conditions, next_probe
from tests.metrics.samples import AT, attempt, healthy, verdict
from tests.metrics.samples import unseen as never_probed
from tests.spending.helpers import paid_target
from tests.web.pages.test_target_page import Page, page_of
from tests.web.records import NOW
from tests.web.site import Backend, client

REACH, ACCEPT, GENERATE = Depth
BUDGET = "as the budget allows"


def seen(state: TargetState, depth: Depth, found: Verdict) -> TargetState:
    """Return *state* with *found* as the last probe of *depth*."""
    last = replace(attempt(), verdict=found)
    known = replace(state.depths[depth], recent=(last,))
    return replace(state, depths={**state.depths, depth: known})


def lacking(state: TargetState, depth: Depth, known: DepthState | None = None) -> TargetState:
    """Return *state* as it is before the first probe of *depth*."""
    return replace(state, depths={**state.depths, depth: known or unseen(depth)})


def held() -> Iterator[tuple[str, TargetState, str]]:
    """Yield what keeps a target from being generated, in which state, and the words for it."""
    state = healthy()
    retired = Judgement(Status.RETIRED, Reason.END_DATE_PASSED, Fault.PROVIDER)
    window = MaintenanceWindow(AT - 60, AT + 600, "upgrade")
    running = Maintenance("m", "Upgrade", AT, AT + 60, running=True)
    page = replace(state.page, word=PageWord(None, None, None, running))
    account = replace(state.target.account, credential_problem="DEMO_KEY is not set")
    target = replace(state.target, account=account)
    gone = replace(verdict(Reason.RATE_LIMITED), retry_after=600.0)
    yield "window", replace(state, window=window), "after maintenance"
    yield "their page", replace(state, page=page), "after maintenance"
    yield "retired", replace(state, now=retired), "not while it is retired"
    yield "credential", replace(state, target=target), "not without a credential"
    yield "failing", seen(state, ACCEPT, verdict(Reason.SERVER_ERROR)), "not while accept fails"
    yield "refused", seen(state, REACH, verdict(Reason.INVALID_KEY)), "not while reach fails"
    yield "untried", lacking(state, REACH), "not before reach has run"
    yield "told to wait", seen(state, GENERATE, gone), "in 9 min at the earliest"


HELD = [pytest.param(state, words, id=name) for name, state, words in held()]


@pytest.mark.parametrize(("state", "words"), HELD)
def test_what_holds_a_generation_is_said(state: TargetState, words: str) -> None:
    """Each obstacle in words, and whoever decides does not paid_probe_due for one either."""
    tick = attempt().tick + (NOW - AT)

    assert next_probe(state, GENERATE, NOW, Conditions(blocked=cannot_learn(state, tick))) == words
    assert paid_probe_due(state, 0.4, NOW, tick) is None


def test_a_generation_that_nothing_holds_waits_for_money() -> None:
    """A probe that could not tell is no obstacle, nor is a depth that is stopped for good."""
    state = healthy()
    unclear = seen(state, REACH, verdict(Reason.DNS_FAILURE))
    stopped = replace(state.depths[ACCEPT], disabled=Reason.ACCEPTED_UNEXPECTEDLY)

    for each in (state, unclear, lacking(state, ACCEPT, stopped), lacking(state, GENERATE)):
        conditions = Conditions(blocked=cannot_learn(each, attempt().tick + (NOW - AT)))
        assert next_probe(each, GENERATE, NOW, conditions) == BUDGET


@pytest.mark.parametrize("by", BlockedBy)
def test_the_page_has_words_for_all_that_the_planner_says(by: BlockedBy) -> None:
    """It asks, and decides nothing itself."""
    words = next_probe(
        healthy(), GENERATE, NOW, Conditions(blocked=Blocked(by, REACH, why="no price"))
    )

    assert words != BUDGET
    assert by is not BlockedBy.NEVER or words == "never: no price"
    assert by is not BlockedBy.DAY or words == "not while today’s budget cannot cover it"


def test_what_holds_a_create_that_is_free() -> None:
    """Maintenance, an end and our network hold it too; reach keeps watch in all cases."""
    state = replace(healthy(), window=MaintenanceWindow(AT - 60, AT + 600))
    doubt = Conditions(network_ok=False)

    assert next_probe(state, ACCEPT, NOW, Conditions()) == "after maintenance"
    assert next_probe(healthy(), ACCEPT, NOW, doubt) == "not while our own network is in doubt"
    assert next_probe(state, REACH, NOW, doubt).startswith(("in ", "now"))


def test_the_page_asks_about_money() -> None:
    """The switch is seen on the page of each target."""
    off = Blocked(BlockedBy.SWITCHED_OFF)
    with client(Backend().services(blocked_by=lambda _name: off)) as http:
        text = Page(http.get("/targets/sora-2-official").content).text
    assert "not while paid probes are switched off" in text


def test_a_price_is_told_once() -> None:
    """By the second it takes a sum to know what a generation costs; by the request it does not."""
    for target, words in (
        (paid_target(usd=0.4), "Price $0.40 a request "),
        (
            paid_target(usd=0.1, seconds=5.0),
            "Price $0.10 a second; a generation costs about $0.50 ",
        ),
    ):
        assert words in page_of(replace(never_probed(), target=target)).text
