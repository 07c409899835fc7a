"""Every query of the dashboards and rules, on a Prometheus in which everything exists: none fails, none is empty."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from genmedia_exporter.core.clock import Unix
from tests.stack import history
from tests.stack.programs import POLL, Prometheus, prometheus, run
from tests.stack.queries import Query, of_dashboards, of_rules
from tests.stack.shipped import copied_rules, prometheus_config

CHAINED_WITHIN = 240.0
"""Seconds in which rules that build on rules must have a result; evaluated every second."""
LATER_WITHIN = 240.0
"""Seconds in which whatever builds on those must have one, too."""
HOURS = 6 * 3600.0
BLOCKS = "--max-block-duration=240h"
"""One block for all: promtool reads the whole file once for each."""

EMPTY: dict[str, str] = {}
"""What is empty by design, by its place, with the reason."""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus with the whole history, and the shipped rules."""
    folder = tmp_path_factory.mktemp("prometheus")
    text = folder / "history.txt"
    text.write_text(history.openmetrics(Unix(time.time())), "utf-8")
    run("promtool", "tsdb", "create-blocks-from", BLOCKS, "openmetrics", text, folder / "data")
    text.unlink()  # a hundred megabytes
    config = prometheus_config(folder, copied_rules(folder))
    with prometheus(folder, config, "--storage.tsdb.retention.time=40d") as server:
        server.wait_for("genmedia:target_errors:ratio_3d", CHAINED_WITHIN)
        server.wait_for('ALERTS{alertstate="firing"}', CHAINED_WITHIN)
        yield server


def ask(server: Prometheus, query: Query) -> list[str]:
    """Ask as Grafana would, and return all values that are numbers.

    Fail with what Prometheus says of an error or a warning.
    """
    if query.step:
        end = time.time()
        start = end - max(HOURS, 3 * query.step)
        answer = server.query_range(query.expression, start, end, query.step)
    else:
        answer = server.query(query.expression)
    assert answer["status"] == "success", (query, answer)
    assert not answer.get("warnings"), (query, answer)
    series = [one.get("values") or [one["value"]] for one in answer["data"]["result"]]
    return [value for values in series for _, value in values if value != "NaN"]


def check(server: Prometheus, query: Query) -> None:
    """Fail unless the query has a result, or is known to have none.

    A rule that builds on others may come a little later; whatever else is empty stays so.
    """
    deadline = time.monotonic() + LATER_WITHIN
    while not (result := ask(server, query)) and query.place not in EMPTY:
        assert time.monotonic() < deadline, f"{query.place} shows nothing:\n{query.expression}"
        time.sleep(POLL)
    assert not (result and query.place in EMPTY), f"{query.place} is not empty any more"


@pytest.mark.parametrize("query", of_dashboards(), ids=lambda query: query.place)
def test_each_panel_shows_something(full: Prometheus, query: Query) -> None:
    """Panels, annotations and variables."""
    check(full, query)


@pytest.mark.parametrize("query", of_rules(), ids=lambda query: query.place)
def test_each_rule_can_have_a_result(full: Prometheus, query: Query) -> None:
    """Recording rules record something, and there is no alert that nothing could raise."""
    check(full, query)


def test_what_is_said_to_be_empty_exists() -> None:
    """Nothing is excused that is not there any more."""
    assert EMPTY.keys() <= {query.place for query in [*of_dashboards(), *of_rules()]}
