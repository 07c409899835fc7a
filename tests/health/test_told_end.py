"""What the board makes of an end that the service's own listing tells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import ToldEnd
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Operation, Status
from genmedia_exporter.health.board import Board
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.providers.schema import ModelEntry
from genmedia_exporter.targets.model import Target
from tests.fakes import START, FakeClock, make_target, verdict, verdict_evidence

DAY = 86_400.0
END = Unix(1_700_006_400.0)  # 2023-11-15, hours after START


def target(end_date: str | None) -> Target:
    """Return a target whose provider's file has *end_date* for its model."""
    entry = ModelEntry.model_validate(
        {"name": "veo3", "operation": Operation.VIDEO, "end_date": end_date, "source": "test"}
    )
    plain = make_target(ends_at=entry.ends_at)
    entry = entry.model_copy(update={"name": plain.model})
    of = plain.provider.model_copy(update={"models": (entry,)})
    return replace(plain, account=replace(plain.account, provider=of))


def after(
    of: Target, told: ToldEnd | None, reason: Reason = Reason.OK, *, wait: float = 0.0
) -> TargetState:
    """Return the state after one probe that was told so, and one that came to *reason*."""
    clock = FakeClock()
    board = Board(clock)
    board.configure((of,), {})
    first = verdict_evidence(clock, of, Depth.REACH, replace(verdict(), told_end=told))
    board.observe(first.evidence, first.verdict)
    clock.freeze(wait)
    second = verdict_evidence(clock, of, Depth.REACH, verdict(reason))
    change = board.observe(second.evidence, second.verdict)
    assert change is not None
    return change.after


@pytest.mark.parametrize(
    ("end_date", "told", "disagreement"),
    [
        ("2023-11-15", ToldEnd(END), False),
        ("2023-11-16", ToldEnd(END), True),
        (None, ToldEnd(END), True),
        (None, ToldEnd(None), False),
        ("2023-11-15", ToldEnd(None), True),
        ("2023-11-15", None, None),
    ],
)
def test_file_and_listing(
    end_date: str | None, told: ToldEnd | None, disagreement: bool | None
) -> None:
    """They differ, or agree, or the listing tells nothing; a later answer without it changes nothing."""
    assert after(target(end_date), told).lifecycle_disagreement is disagreement


def test_the_listing_comes_first() -> None:
    """Its date is shown; where it tells none, the catalogue's is."""
    assert after(target("2027-01-01"), ToldEnd(END)).retires_at == END
    assert after(target(None), ToldEnd(END)).retires_at == END
    assert after(target("2023-11-15"), ToldEnd(None)).retires_at == END


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (None, Status.RETIRED),
        (ToldEnd(END), Status.RETIRED),
        (ToldEnd(Unix(float(END) + 30 * DAY)), Status.UNKNOWN),
        (ToldEnd(None), Status.UNKNOWN),
    ],
)
def test_a_postponed_end_is_no_end_yet(told: ToldEnd | None, status: Status) -> None:
    """A model that is not found retires by the calendar only where the listing's own date has passed."""
    state = after(target("2023-11-15"), told, Reason.MODEL_NOT_FOUND, wait=10 * DAY)
    assert (state.now.status is Status.RETIRED) is (status is Status.RETIRED)
    assert START < END
