"""Kept parts make the same page as parts rendered from nothing, whatever has happened before."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.metrics.exporter import ExporterMetrics
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.page import Metrics
from tests.metrics.samples import AT, broken, healthy, unseen

NAMES = ("a", "b", "c", 'q"uote')
_act = st.one_of(
    st.tuples(st.just("probe"), st.sampled_from(NAMES), st.floats(0, 100)),
    st.tuples(st.just("fail"), st.sampled_from(NAMES), st.sampled_from(list(Reason)[:6])),
    st.tuples(st.just("status"), st.sampled_from(NAMES), st.sampled_from(list(Status))),
    st.tuples(st.just("price"), st.sampled_from(NAMES)),
    st.tuples(st.just("remove"), st.sampled_from(NAMES)),
    st.tuples(st.just("add"), st.sampled_from(NAMES), st.sampled_from([broken, healthy, unseen])),
    st.tuples(st.just("break"), st.sampled_from(NAMES)),
)


def changed(state: TargetState, act: tuple[object, ...]) -> TargetState:
    """Return a state after something has happened to it."""
    known = state.depths[Depth.REACH]
    match act:
        case ("probe", _, float(seconds)):
            latency = known.latency.observe(seconds)
            return state.with_depth(
                Depth.REACH, replace(known, total=known.total + 1, latency=latency)
            )
        case ("fail", _, Reason() as reason):
            failures = {**known.failures, reason: known.failures.get(reason, 0) + 1}
            return state.with_depth(Depth.REACH, replace(known, failures=failures))
        case ("status", _, Status() as status):
            return replace(state, now=replace(state.now, status=status), changes=state.changes + 1)
        case ("price", _):
            return replace(state, target=replace(state.target, price=None, slo=0.5))
        case ("break", _):
            return replace(state, now=None)  # type: ignore[arg-type]
    return state


def timeless(page: bytes) -> list[bytes]:
    """Return the lines of a page, but those that tell when its own counters began."""
    return [line for line in page.splitlines() if b"_created" not in line]


@given(acts=st.lists(_act, max_size=12), form=st.sampled_from(list(Format)))
def test_kept_parts_are_fresh_parts(acts: list[tuple[object, ...]], form: Format) -> None:
    """Byte for byte, after each change, in both formats."""
    kept = Metrics(ExporterMetrics(process=False))
    states = {name: healthy(name) for name in NAMES[:3]}
    for version, act in enumerate([("probe", "a", 1.0), *acts]):
        name = str(act[1])
        if act[0] == "remove":
            if len(states) > 1:  # counters by provider outlive its last target
                states.pop(name, None)
        elif act[0] == "add":
            states[name] = act[2](name)  # type: ignore[operator]
        elif name in states and states[name].now is not None:
            states[name] = changed(states[name], act)
        board = Snapshot(AT, version, dict(states))
        fresh = Metrics(ExporterMetrics(process=False))
        assert timeless(kept.render(board, form)) == timeless(fresh.render(board, form))


def test_what_has_not_changed_lies_in_memory_once() -> None:
    """A page of megabytes has most of it from the page before, and so has the other format."""
    kept = Metrics(ExporterMetrics(process=False))
    states = {name: healthy(name) for name in NAMES}
    first, _ = kept.halves(Snapshot(AT, 1, dict(states)), Format.TEXT)
    states["a"] = changed(states["a"], ("probe", "a", 1.0))
    after = Snapshot(AT, 2, dict(states))
    second, _ = kept.halves(after, Format.TEXT)
    third, _ = kept.halves(after, Format.OPENMETRICS)
    kept_ones = {piece[0].partition(b"{")[0] for piece in second if any(piece is x for x in first)}
    assert b"genmedia_target_status" in kept_ones
    assert b"genmedia_probe_last_run_timestamp_seconds" in kept_ones
    assert b"genmedia_probes_total" not in kept_ones
    of_targets = {id(piece) for piece in second[:-2] if not piece[0].startswith(b"#")}
    assert of_targets <= {id(piece) for piece in third}
