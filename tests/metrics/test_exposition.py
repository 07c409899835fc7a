"""The line formatter, proved against the parsers of prometheus_client."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_text

from genmedia_exporter.metrics.exposition import Family, Format, Kind, encode, histogram, number

GAUGE = Family("genmedia_x", Kind.GAUGE, 'a \\ and a "quote"\nand a line', ("a", "b"))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PARSERS: dict[Format, Callable[[str], Iterable[Metric]]] = {
    Format.TEXT: parse_text,
    Format.OPENMETRICS: parse_openmetrics,
}


def parsed(family: Family, lines: str, form: Format) -> list[tuple[str, dict[str, str], float]]:
    page = (family.header(form) + encode(lines) + form.end).decode()
    (metric,) = PARSERS[form](page)
    assert metric.documentation == family.help
    return [(s.name, s.labels, s.value) for s in metric.samples]


@pytest.mark.parametrize("form", Format)
@given(a=TEXTS, b=TEXTS, value=st.floats())
def test_any_sample_survives(form: Format, a: str, b: str, value: float) -> None:
    """Whatever stands in label values and numbers comes back as it was, in both formats."""
    ((name, labels, read),) = parsed(GAUGE, GAUGE.line((a, b), value), form)
    assert (name, labels) == ("genmedia_x", {"a": a, "b": b})
    assert read == value or (math.isnan(read) and math.isnan(value))


@given(
    label=TEXTS,
    counts=st.lists(st.integers(0, 10**6), min_size=4, max_size=4),
    total=st.floats(0, 1e9),
)
def test_histograms_survive(label: str, counts: list[int], total: float) -> None:
    """A histogram is cumulative, ends in +Inf, and is read the same by both parsers."""
    family = Family("genmedia_h_seconds", Kind.HISTOGRAM, "h", ("target",))
    lines = histogram(family, (label,), (0.5, 1.0, 20.0), tuple(counts), total)
    text = parsed(family, lines, Format.TEXT)
    assert text == parsed(family, lines, Format.OPENMETRICS)
    assert [value for _, _, value in text][:4] == [sum(counts[: i + 1]) for i in range(4)]
    assert [labels["le"] for _, labels, _ in text[:4]] == ["0.5", "1.0", "20.0", "+Inf"]
    assert text[-2:] == [
        ("genmedia_h_seconds_sum", {"target": label}, total),
        ("genmedia_h_seconds_count", {"target": label}, sum(counts)),
    ]


def test_headers_differ_where_the_formats_do() -> None:
    """OpenMetrics names the family without suffix and knows info; text does neither."""
    counter = Family("genmedia_x_total", Kind.COUNTER, "c")
    info = Family("genmedia_x_info", Kind.INFO, "i")
    assert b"# TYPE genmedia_x_total counter\n" in counter.header(Format.TEXT)
    assert b"# TYPE genmedia_x counter\n" in counter.header(Format.OPENMETRICS)
    assert b"# TYPE genmedia_x_info gauge\n" in info.header(Format.TEXT)
    assert b"# TYPE genmedia_x info\n" in info.header(Format.OPENMETRICS)


def test_half_a_surrogate_pair_does_not_break_the_page() -> None:
    """YAML can write one into a name; it becomes a question mark."""
    assert b'a="?"' in encode(GAUGE.line(("\ud800", ""), 1))


def test_numbers_have_one_spelling() -> None:
    """Whole numbers carry their point and the special ones their sign."""
    values = [1, True, 0.25, 1e21, math.inf, -math.inf, math.nan]
    assert [number(v) for v in values] == ["1.0", "1.0", "0.25", "1e+21", "+Inf", "-Inf", "NaN"]


def test_a_wrong_number_of_labels_is_refused() -> None:
    """A sample that does not fit its family is a bug, found at once."""
    with pytest.raises(TypeError):
        GAUGE.line(("only one",), 1)
