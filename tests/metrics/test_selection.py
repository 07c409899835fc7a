"""Which metrics are shown, and how many series that makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.metrics.exporter import ExporterMetrics
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.page import Metrics, render_probe
from genmedia_exporter.metrics.selection import EVERYTHING, NOT_SLIM, Selection, fits_any
from tests.alerts.rules import RULES, selectors
from tests.metrics.samples import broken, healthy, snapshot, unseen

SLIM = Selection("slim")


def page(*states: TargetState, shown: Selection = EVERYTHING, form: Format = Format.TEXT) -> bytes:
    """Return the page of a board, with everything that can be told of a target."""
    metrics = Metrics(ExporterMetrics(process=True), selection=lambda: shown)
    return metrics.render(snapshot(*states), form)


def series(found: bytes, name: str) -> list[str]:
    """Return the series of one target, wherever they stand."""
    lines = found.decode().splitlines()
    return [line.rpartition(" ")[0] for line in lines if f'target="{name}"' in line]


def free(state: TargetState) -> TargetState:
    """Return *state* at the default depths, after nothing but successes."""
    depths = (Depth.REACH, Depth.ACCEPT)
    nothing: Any = MappingProxyType({})
    known = {
        depth: replace(state.depths[depth], failures=nothing, skipped=nothing, cost_usd=0.0)
        for depth in depths
    }
    return replace(state, target=replace(state.target, depths=depths), depths=known)


def paid(state: TargetState) -> TargetState:
    """Return *state* at all three depths, after nothing but successes."""
    nothing: Any = MappingProxyType({})
    known = {}
    for depth, seen in state.depths.items():
        known[depth] = replace(seen, failures=nothing, skipped=nothing)
    return replace(state, depths=known)


@pytest.mark.parametrize(
    ("make", "shown", "most"),
    [(paid, EVERYTHING, 80), (paid, SLIM, 45), (free, EVERYTHING, 70), (free, SLIM, 26)],
)
def test_a_target_has_so_many_series(
    make: Callable[[TargetState], TargetState], shown: Selection, most: int
) -> None:
    """With a price, an end date, a page that was late, and a certificate; no series twice."""
    found = series(page(make(healthy("a")), shown=shown), "a")
    assert len(found) == len(set(found))
    assert most - 6 <= len(found) <= most, Counter(line.partition("{")[0] for line in found)


@pytest.mark.parametrize("shown", [EVERYTHING, SLIM])
def test_each_reason_is_one_more(shown: Selection) -> None:
    """Of a failure and of a skip; nothing else comes with them."""
    state = paid(healthy("a"))
    reach = replace(
        state.depths[Depth.REACH],
        failures=MappingProxyType({Reason.NO_CHANNEL: 1, Reason.SERVER_ERROR: 2}),
        skipped=MappingProxyType({"network": 1}),
    )
    before = series(page(state, shown=shown), "a")
    after = series(page(state.with_depth(Depth.REACH, reach), shown=shown), "a")
    assert len(after) == len(before) + 3


def test_slim_shows_the_present_status_and_fault_alone() -> None:
    """One series each, which is 1, under the names that the full profile has a series for each word of."""
    state = broken("a")
    slim = page(state, shown=SLIM).decode()
    for name, word in (("status", "risk_control"), ("fault", "gateway")):
        lines = [line for line in slim.splitlines() if line.startswith(f"genmedia_target_{name}{{")]
        assert lines == [f'genmedia_target_{name}{{target="a",{name}="{word}"}} 1.0']
        assert slim.count(f"# TYPE genmedia_target_{name} ") == 1
        assert f'genmedia_target_{name}{{target="a",{name}="{word}"}} 1.0' in page(state).decode()


def test_free_depths_tell_all_of_their_time() -> None:
    """Where no paid depth takes the room."""
    told = page(free(healthy("a"))).decode()
    for depth in (Depth.REACH, Depth.ACCEPT):
        assert (
            f'genmedia_probe_phase_duration_seconds{{target="a",depth="{depth}",phase="tls"}}'
            in told
        )
        assert f'genmedia_probe_latency_seconds_count{{target="a",depth="{depth}"}}' in told


def test_with_a_paid_depth_a_call_is_taken_apart_at_the_shallowest() -> None:
    """The host is the same at each; of a deeper one's own page nothing is left out."""
    state = paid(healthy("a"))
    told = page(state).decode()
    phase = 'genmedia_probe_phase_duration_seconds{target="a",depth="%s",phase="%s"}'
    for depth, word, there in (
        ("reach", "tls", True), ("accept", "tls", False), ("generate", "connect", False),
        ("generate", "queue", True), ("generate", "run", True), ("generate", "fetch", True),
    ):  # fmt: skip
        assert (phase % (depth, word) in told) is there, (depth, word)
    alone = render_probe(state, Depth.ACCEPT, Format.TEXT).decode()
    assert phase % ("accept", "tls") in alone
    assert 'genmedia_probe_latency_seconds_count{target="a",depth="accept"}' in alone
    assert 'genmedia_probe_latency_seconds_count{target="a",depth="accept"}' not in told


def test_reasons_come_when_they_are_counted() -> None:
    """None from zero, but the total beside them, and what money alerts look at the increase of."""
    found = series(page(unseen("a")), "a")
    assert not [line for line in found if "reason=" in line]
    assert [line for line in found if "genmedia_probes_total" in line]
    state = free(healthy("a"))
    known = state.depths[Depth.REACH]
    failed = replace(known, failures=MappingProxyType({Reason.NO_CHANNEL: 1}))
    more = series(page(state.with_depth(Depth.REACH, failed)), "a")
    assert [line for line in more if "reason=" in line] == [
        'genmedia_probe_failures_total{target="a",depth="reach",reason="no_channel"}'
    ]
    bought = series(page(healthy("a")), "a")
    assert 'genmedia_probes_skipped_total{target="a",depth="generate",reason="budget"}' in bought


def test_slim_has_what_rules_need() -> None:
    """Of what is left out no alert and no recording rule reads anything."""
    read = {one.name for rule in RULES for one in _selected(rule)}
    for family in NOT_SLIM:
        assert not {name for name in read if name and name.startswith(family.name)}


def _selected(rule: Any) -> Iterator[Any]:
    yield from selectors(rule.expr)


@pytest.mark.parametrize("form", Format)
def test_what_is_dropped_is_gone_with_its_header(form: Format) -> None:
    """By the name of samples or of the family, for targets, pages, the exporter and the process."""
    globs = ("genmedia_probe_phase_*", "genmedia_probes_tot*", "genmedia_status_page_*",
             "genmedia_exporter_build_info", "process_*", "genmedia_target_stability_stars",
             "genmedia_account_balance", "genmedia_route_rank")  # fmt: skip
    whole = page(healthy("a"), form=form).decode()
    less = page(healthy("a"), shown=Selection(drop=globs), form=form).decode()
    for glob in globs:
        start = glob.rstrip("*")
        assert start in whole
        assert f"\n{start}" not in less
        assert f"# TYPE {start}" not in less
    base = page(healthy("a"), shown=Selection(drop=("genmedia_probes",)), form=form).decode()
    assert "genmedia_probes_total" not in base
    assert "genmedia_probes_skipped_total{" in less
    assert "genmedia_target_up{" in less


def test_a_new_selection_holds_at_the_next_scrape() -> None:
    """Without a change on the board: a reload is enough."""
    shown = [EVERYTHING]
    metrics = Metrics(ExporterMetrics(process=False), selection=lambda: shown[0])
    board = snapshot(healthy("a"))
    before = metrics.render(board, Format.TEXT)
    shown[0] = SLIM
    after = metrics.render(board, Format.TEXT)
    assert b"genmedia_probe_latency_seconds" in before
    assert b"genmedia_probe_latency_seconds" not in after


@pytest.mark.parametrize(
    ("glob", "fits"),
    [
        ("genmedia_probes_total", True),
        ("genmedia_probes", True),
        ("genmedia_incident_*", True),
        ("python_*", True),
        ("*", True),
        ("genmedia_probe_phases*", False),
        ("target_up", False),
    ],
)
def test_a_glob_that_fits_nothing_is_known(glob: str, fits: bool) -> None:
    """For a warning of --config.check; of what the client library adds nobody has a list."""
    assert fits_any(glob) is fits
