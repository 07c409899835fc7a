"""The page as a whole: compared, parsed, linted, and drawn anew only where something changed."""

from __future__ import annotations

import asyncio
import logging
import subprocess
from collections import Counter
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_text

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import ToldEnd
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Status
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.metrics.exporter import ExporterMetrics, Spending
from genmedia_exporter.metrics.exposition import Block, Format
from genmedia_exporter.metrics.page import Metrics, render_probe
from genmedia_exporter.metrics.targets import render_depth, render_head
from genmedia_exporter.providers.schema import ModelEntry
from tests.events import events
from tests.metrics import golden
from tests.metrics.samples import AT, CANARY, broken, healthy, snapshot, unseen
from tests.programs import program


def samples(page: bytes, form: Format = Format.TEXT) -> dict[tuple[str, str], float]:
    """Return all samples that both formats have, by name and labels; one that stands twice is an error."""
    parse = parse_openmetrics if form is Format.OPENMETRICS else parse_text
    metrics: list[Metric] = list(parse(page.decode()))
    found = [((s.name, str(sorted(s.labels.items()))), s.value) for m in metrics for s in m.samples]
    assert len(dict(found)) == len(found)
    return {key: value for key, value in found if not key[0].endswith("_created")}


def value(page: bytes, name: str, /, **labels: str) -> float | None:
    wanted = sorted((label, str(text)) for label, text in labels.items())
    return samples(page).get((name, str(wanted)))


def page_of(*states: TargetState) -> bytes:
    return Metrics(ExporterMetrics(process=False)).render(snapshot(*states), Format.TEXT)


def test_page_is_the_golden_one() -> None:
    """The page of a small board is, byte for byte, the one on file."""
    assert golden.page().decode() == golden.GOLDEN.read_text("utf-8")


def test_both_formats_carry_the_same_samples() -> None:
    """Nobody sees other numbers because of the format their scraper negotiated."""
    text, openmetrics = golden.page(), golden.page(Format.OPENMETRICS)
    assert samples(text) == samples(openmetrics, Format.OPENMETRICS)
    assert openmetrics.endswith(b"\n# EOF\n")
    assert b"# EOF" not in text


def test_families_stand_together() -> None:
    """HELP and TYPE stand once, directly above all samples of their family."""
    lines = golden.page().decode().splitlines()
    headers = Counter(line.split()[2] for line in lines if line.startswith("# TYPE"))
    assert set(headers.values()) == {1}
    for i, line in enumerate(lines):
        if line.startswith("# HELP"):
            assert lines[i + 1].startswith("# TYPE")
            assert not lines[i + 2].startswith("#"), "a family without samples"


def test_promtool_finds_nothing() -> None:
    """Prometheus' own linter accepts the page."""
    command = [program("promtool"), "check", "metrics"]
    done = subprocess.run(command, input=golden.page(), capture_output=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


@given(name=st.text(min_size=1, max_size=30), model=st.text(max_size=30))
def test_hostile_names_do_not_break_the_page(name: str, model: str) -> None:
    """Any name and model give a page that both parsers read."""
    state = healthy()
    state = replace(state, target=replace(state.target, name=name, model=model))
    metrics = Metrics(ExporterMetrics(process=False))
    text = metrics.render(snapshot(state), Format.TEXT)
    openmetrics = metrics.render(snapshot(state), Format.OPENMETRICS)
    assert samples(text) == samples(openmetrics, Format.OPENMETRICS)


def test_counters_exist_from_zero() -> None:
    """A target nobody has probed yet has its counters, so that increase() sees the first step."""
    page = page_of(unseen("a"))
    where = {"target": "a", "depth": "reach"}
    assert value(page, "genmedia_probes_total", **where) == 0
    assert value(page, "genmedia_target_status_changes_total", target="a") == 0
    assert value(page, "genmedia_probe_latency_seconds_count", **where) == 0


def test_budget_is_a_reason_only_where_money_is_spent() -> None:
    """A free depth is never skipped for money, so it has no series that says so."""
    page = page_of(healthy("a"))
    name = "genmedia_probes_skipped_total"
    assert value(page, name, target="a", depth="reach", reason="budget") is None
    assert value(page, name, target="a", depth="generate", reason="budget") == 3


def test_what_is_not_known_is_absent() -> None:
    """Neither up nor a last probe nor a price is invented for a target without evidence."""
    page = page_of(unseen("a")).decode()
    for name in (
        "target_up",
        "target_last_transition_timestamp_seconds",
        "probe_success",
        "probe_last_run_timestamp_seconds",
        "probe_last_success_timestamp_seconds",
        "target_price_usd",
        "target_retirement_timestamp_seconds",
        "model_lifecycle_disagreement",
        "probe_tls_certificate_expiry_timestamp_seconds",
    ):
        assert f"genmedia_{name}" not in page


@pytest.mark.parametrize(("at", "differs"), [(1_796_083_200.0, 0), (1_796_169_600.0, 1)])
def test_a_listing_that_differs_from_our_file(at: float, differs: int) -> None:
    """Samples' provider lists its model with an end on 2026-12-01."""
    entry = {"name": "sora-2", "operation": "video", "end_date": "2026-12-01", "source": "test"}
    state = healthy("a")
    listed = state.target.provider.model_copy(
        update={"models": (ModelEntry.model_validate(entry),)}
    )
    account = replace(state.target.account, provider=listed)
    state = replace(
        state, target=replace(state.target, account=account), told_end=ToldEnd(Unix(at))
    )
    page = page_of(state)
    assert value(page, "genmedia_model_lifecycle_disagreement", target="a") == differs
    assert value(page, "genmedia_target_retirement_timestamp_seconds", target="a") == at


def test_states_have_one_series_per_word() -> None:
    """Of all statuses and all faults exactly the present one is 1."""
    page = page_of(broken("a"))
    for status in Status:
        expected = float(status is Status.RISK_CONTROL)
        assert value(page, "genmedia_target_status", target="a", status=status) == expected
    for fault in Fault:
        expected = float(fault is Fault.GATEWAY)
        assert value(page, "genmedia_target_fault", target="a", fault=fault) == expected
    assert value(page, "genmedia_target_status_code", target="a") == 4


def test_first_sight_is_a_transition_from_none() -> None:
    """A target seen for the first time comes from none; an unusual reason has its own series."""
    page = page_of(broken("a"))
    labels = {"target": "a", "from": "none", "to": "risk_control"}
    assert value(page, "genmedia_target_last_transition_timestamp_seconds", **labels) == float(
        AT - 600
    )
    failures = {"target": "a", "depth": "reach", "reason": Reason.RISK_CONTROL.value}
    assert value(page, "genmedia_probe_failures_total", **failures) == 1


def test_only_what_changed_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scrape renders of states that are other objects the part that is another, and no other."""
    rendered: list[str] = []

    def head(state: TargetState) -> Block:
        rendered.append(state.target.name)
        return render_head(state)

    def part(state: TargetState, depth: Depth) -> Block:
        rendered.append(f"{state.target.name} {depth}")
        return render_depth(state, depth)

    monkeypatch.setattr("genmedia_exporter.metrics.blocks.render_head", head)
    monkeypatch.setattr("genmedia_exporter.metrics.blocks.render_depth", part)
    metrics = Metrics(ExporterMetrics(process=False))
    a, b = broken("a"), healthy("b")
    metrics.render(snapshot(a, b, version=1), Format.TEXT)
    assert rendered == ["a reach", "a", "b reach", "b accept", "b generate", "b"]
    metrics.render(snapshot(a, b, version=1), Format.OPENMETRICS)
    metrics.render(snapshot(a, b := replace(b, changes=9), version=2), Format.TEXT)
    deeper = b.with_depth(Depth.ACCEPT, replace(b.depths[Depth.ACCEPT], total=99))
    metrics.render(snapshot(a, deeper, version=3), Format.TEXT)
    assert rendered[6:] == ["b", "b accept"]


def test_the_switch_is_told_where_there_is_a_budget() -> None:
    """1, or 0 once it is switched off by hand; nothing without a budget or before it is known."""
    own = ExporterMetrics(process=False)

    def told(spending: Spending) -> str:
        own.set_spending(spending)
        page = own.render(Format.TEXT).decode()
        return "".join(
            line for line in page.splitlines() if "genmedia_budget_enabled " in line[:24]
        )

    budget = Spending(1.0, 0.1, 20.0, 0.1)
    assert told(Spending()) == ""
    assert told(budget) == "genmedia_budget_enabled 1.0"
    assert told(replace(budget, enabled=False)) == "genmedia_budget_enabled 0.0"
    assert told(replace(budget, monthly_usd=0.0)) == ""
    assert told(replace(budget, spent_today_usd=None)) == ""
    assert told(budget) == "genmedia_budget_enabled 1.0"


def test_removed_targets_vanish() -> None:
    """No series of a target outlives it."""
    metrics = Metrics(ExporterMetrics(process=False))
    metrics.render(snapshot(healthy("old"), healthy("kept")), Format.TEXT)
    page = metrics.render(snapshot(healthy("kept"), version=2), Format.TEXT)
    assert b'"old"' not in page
    assert b'"kept"' in page


def test_prepared_snapshots_render_the_same() -> None:
    """Rendering ahead in portions changes when the work is done, not what comes of it."""
    board = snapshot(*(healthy(f"t{i}") for i in range(50)))
    ahead, plain = golden.metrics(), golden.metrics()
    asyncio.run(ahead.prepare(board))
    assert ahead.render(board, Format.TEXT) == plain.render(board, Format.TEXT)


def test_stars_are_counted_before_a_scrape() -> None:
    """Which takes long, and is remembered by whoever counts them."""
    asked: list[str] = []

    def stars(name: str) -> int:
        asked.append(name)
        return 5

    metrics = Metrics(stars=stars)
    board = snapshot(healthy("a"), healthy("b"))
    metrics.render(board, Format.TEXT)
    asked.clear()
    asyncio.run(metrics.prepare(board))
    assert asked == ["a", "b"]


def test_a_broken_target_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """One state that cannot be rendered costs its own samples, not the page, and is logged."""
    wrong = replace(healthy("wrong"), now=None)  # type: ignore[arg-type]
    with caplog.at_level(logging.ERROR):
        page = page_of(wrong, healthy("right"))
    assert b'"wrong"' not in page
    assert value(page, "genmedia_target_up", target="right") == 1
    told = [("target metrics left out", {"target": "wrong"})]
    assert events(caplog.records)[:1] == told


def test_probe_page_has_one_depth() -> None:
    """The page of one probe has its target at its depth and nothing of the exporter."""
    page = render_probe(healthy("a"), Depth.ACCEPT, Format.TEXT)
    assert value(page, "genmedia_probe_success", target="a", depth="accept") == 1
    assert b'depth="reach"' not in page
    assert b"genmedia_exporter" not in page


def test_network_and_money_are_on_the_page() -> None:
    """What is not of one target is drawn from the snapshot and the ledger when asked."""
    page = golden.metrics().render(snapshot(network_ok=False), Format.TEXT)
    assert value(page, "genmedia_exporter_network_ok") == 0
    assert value(page, "genmedia_budget_limit_usd", period="month") == 20
    assert value(page, "genmedia_budget_spent_usd", period="day") == 0.07


def test_an_empty_board_has_a_page() -> None:
    """Without targets the exporter still tells of itself, in valid form."""
    empty = Snapshot(AT, 1, MappingProxyType({}))
    page = golden.metrics().render(empty, Format.OPENMETRICS)
    assert samples(page, Format.OPENMETRICS)
    assert b"genmedia_target" not in page


def test_no_secret_is_on_the_page() -> None:
    """A credential in the configuration does not reach the page."""
    assert CANARY.encode() not in golden.page()


@pytest.mark.parametrize(("complete", "listed"), [(True, 0), (False, None)])
def test_a_component_that_is_gone_from_its_page(complete: bool, listed: float | None) -> None:
    """Only a page that lists everything can say that a component is not there any more."""
    board = snapshot(healthy("a"))
    report = board.pages["openai"]
    assert report.reading is not None
    gone = replace(
        report,
        reading=replace(report.reading, complete=complete),
        listed=MappingProxyType({"Gone": None}),
    )
    board = replace(board, pages={"openai": gone})
    text = golden.metrics().render(board, Format.TEXT)
    name = "genmedia_status_page_component_listed"
    assert value(text, name, page="openai", component="Gone") == listed
