"""Which metrics are shown, and how many series that makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.state import TargetState
from genmedia_exporter.metrics.exporter import ExporterMetrics
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.page import Metrics
from genmedia_exporter.metrics.selection import EVERYTHING, NOT_SLIM, Selection, fits_any
from tests.alerts.rules import RULES, selectors
from tests.metrics.samples import healthy, snapshot, unseen

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


@pytest.mark.parametrize(("shown", "most"), [(EVERYTHING, 80), (SLIM, 45)])
def test_a_target_has_so_many_series(shown: Selection, most: int) -> None:
    """At the default depths, with a price, an end date, a page and a certificate; no series twice."""
    found = series(page(free(healthy("a")), shown=shown), "a")
    assert len(found) == len(set(found))
    assert most - 3 <= len(found) <= most, Counter(line.partition("{")[0] for line in found)


def test_a_paid_depth_adds_so_many() -> None:
    """As docs/metrics.md says, at most."""
    both = series(page(healthy("a")), "a")
    assert len([line for line in both if "generat" in line and "reason" not in line]) <= 33


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
    paid = series(page(healthy("a")), "a")
    assert 'genmedia_probes_skipped_total{target="a",depth="generate",reason="budget"}' in paid


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
