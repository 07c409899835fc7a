"""While a target is quiet, a round of purchases need not look at it: nothing is due and nothing urgent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.core.clock import PAST
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.backoff import generation_spacing
from genmedia_exporter.spending.demand import is_due, quiet_until
from tests.health.test_board import Watch
from tests.spending.test_demand import GENERATE, HOURS, candidate, keep_free_depths_well, watch

ENDS = (Reason.OK, Reason.SLOW, Reason.SERVER_ERROR, Reason.JOB_FAILED, Reason.PROBE_MODERATED)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(list(Depth)), st.sampled_from(ENDS)),
        st.tuples(st.none(), st.floats(1.0, 8 * HOURS)),
    ),
    max_size=20,
)


@given(STEPS)
def test_what_is_quiet_is_neither_due_nor_wanted(
    steps: list[tuple[Depth | None, Reason | float]],
) -> None:
    """Whatever has happened before."""
    watched = watch()
    for depth, what in steps:
        if isinstance(what, Reason):
            assert depth is not None
            watched.see(what, depth=depth)
        else:
            watched.wait(what)
        state, now, tick = watched.wait(0), watched.clock.now(), watched.clock.monotonic()
        if tick < quiet_until(state):
            assert candidate(watched, state) is None
            assert not is_due(state, now, tick)


def test_a_good_generation_makes_it_quiet_until_its_turn() -> None:
    """Counted from its start, as the turn is."""
    watched = watch()
    began = watched.clock.monotonic()
    watched.see(Reason.OK, depth=GENERATE, duration=90.0)
    ended = watched.clock.monotonic()
    state = watched.wait(0)

    assert quiet_until(state) == ended - 90.0 + generation_spacing(state.target)
    assert began <= ended


@pytest.mark.parametrize("happened", ["nothing", "failed", "contradicted", "recovered"])
def test_what_may_be_urgent_is_asked_each_time(happened: str) -> None:
    """Never generated, the last one failed, or a free depth has contradicted another or come back since."""
    watched: Watch = watch()
    if happened == "failed":
        watched.see(Reason.JOB_FAILED, depth=GENERATE)
    if happened == "contradicted":
        watched.see(Reason.OK, depth=GENERATE)
        keep_free_depths_well(watched, 600.0)
        watched.see(Reason.SERVER_ERROR, depth=Depth.ACCEPT)
    if happened == "recovered":
        watched.see(Reason.OK, depth=GENERATE)
        for depth in (Depth.REACH, Depth.REACH, Depth.ACCEPT, Depth.ACCEPT):
            watched.see(Reason.SERVER_ERROR, depth=depth)
        watched.see(Reason.OK)
        watched.see(Reason.OK, depth=Depth.ACCEPT)

    assert quiet_until(watched.wait(0)) == PAST
