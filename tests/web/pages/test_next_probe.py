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
from genmedia_exporter.spending.demand import wish
from genmedia_exporter.spending.forecast import forecast
from genmedia_exporter.spending.limits import Spending
from genmedia_exporter.status_pages.report import PageWord
from genmedia_exporter.targets.model import MaintenanceWindow
from genmedia_exporter.web.pages.next_probe import Around, around, coming
from tests.metrics.samples import AT, attempt, healthy, verdict
from tests.metrics.samples import unseen as never_probed
from tests.spending.helpers import limits, paid_target
from tests.web.pages.test_target_page import Page, page_of
from tests.web.records import NOW
from tests.web.site import SPENDING, Backend, client

REACH, ACCEPT, GENERATE = Depth
BUDGET = "as the budget allows"
MONEY = Around(spending=SPENDING)


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
    """Each obstacle in words, and whoever decides does not wish for one either."""
    tick = attempt().tick + NOW - AT

    assert coming(state, GENERATE, NOW, MONEY) == words
    assert wish(state, 0.4, NOW, tick) is None


def test_a_generation_that_nothing_holds_waits_for_money() -> None:
    """A probe that could not tell is no obstacle, nor is a depth that is stopped for good."""
    state = healthy()
    unclear = seen(state, REACH, verdict(Reason.DNS_FAILURE))
    stopped = replace(state.depths[ACCEPT], disabled=Reason.ACCEPTED_UNEXPECTEDLY)

    for each in (state, unclear, lacking(state, ACCEPT, stopped), lacking(state, GENERATE)):
        assert coming(each, GENERATE, NOW, MONEY) == BUDGET
    assert coming(state, GENERATE, NOW, Around()) == BUDGET


@pytest.mark.parametrize(
    ("spending", "words"),
    [
        (replace(SPENDING, enabled=False), "not while paid probes are switched off"),
        (replace(SPENDING, spent_today_usd=None), "not until the ledger can be read"),
        (replace(SPENDING, spent_today_usd=1.0), "not while today’s budget cannot cover it"),
        (replace(SPENDING, spent_today_usd=0.7), "not while today’s budget cannot cover it"),
        (
            Spending(1.0, 0.0, 20.0, 19.9),
            "not while this month’s budget cannot cover it",
        ),
        (Spending(1.0, 0.6, 20.0, 19.6), BUDGET),
    ],
)
def test_money_that_is_not_there_is_said(spending: Spending, words: str) -> None:
    """Switched off, not known, spent: for the day and for the month."""
    target = paid_target("sora-2-official", 0.4)
    outside = around(target.name, True, spending, forecast([target], limits(1.0, 20.0, target)))

    assert coming(healthy(), GENERATE, NOW, outside) == words


def test_what_can_never_be_paid_is_said() -> None:
    """The reason of the forecast, before all that may pass."""
    target = paid_target("sora-2-official", None)
    outside = around(target.name, False, SPENDING, forecast([target], limits()))

    never = coming(
        replace(healthy(), window=MaintenanceWindow(AT - 60, AT + 60)), GENERATE, NOW, outside
    )
    assert never == "never: its price is not known"
    assert around("another", True, SPENDING, forecast([target], limits())).planned is None


def test_what_holds_a_create_that_is_free() -> None:
    """Maintenance, an end and our network hold it too; reach keeps watch in all cases."""
    state = replace(healthy(), window=MaintenanceWindow(AT - 60, AT + 600))
    doubt = Around(network_ok=False)

    assert coming(state, ACCEPT, NOW, MONEY) == "after maintenance"
    assert coming(healthy(), ACCEPT, NOW, doubt) == "not while our own network is in doubt"
    assert coming(healthy(), GENERATE, NOW, doubt) == "not while our own network is in doubt"
    assert coming(state, REACH, NOW, doubt).startswith(("in ", "now"))


def test_the_page_asks_about_money() -> None:
    """The switch is seen on the page of each target."""
    off = replace(SPENDING, enabled=False)
    with client(Backend().services(spending=lambda: off)) as http:
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
