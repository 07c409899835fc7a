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

from genmedia_exporter.metrics.exposition import Family, Format, Kind, Writer, encode, number

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
    writer = Writer((family,), label)
    writer.add_histogram(family, (), (0.5, 1.0, 20.0), tuple(counts), total)
    lines = writer.block()[0].decode()
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


HOSTILE = st.text(st.sampled_from('"\\\n#%{}s\0\1a,= 1.0'), max_size=8)
PAIR = (
    Family("genmedia_one", Kind.GAUGE, "h", ("target", "a")),
    Family("genmedia_two", Kind.GAUGE, "h", ("target",)),
    Family("genmedia_three", Kind.GAUGE, "h", ("target", "word")),
)


@given(name=HOSTILE, labels=st.lists(HOSTILE, max_size=3), values=st.lists(st.floats(), max_size=3))
def test_shared_lines_are_the_lines(name: str, labels: list[str], values: list[float]) -> None:
    """What many targets share is, with name and values, byte for byte what is written one by one."""
    one, two, three = PAIR
    writer = Writer(PAIR, name)
    expected: tuple[list[str], list[str], list[str]] = ([], [], [])
    for value in values:
        writer.add(two, value)
        expected[1].append(two.line((name,), value))
    for label in labels:
        writer.add(one, 1, label)
        expected[0].append(one.line((name, label), 1))
    words = tuple(dict.fromkeys([*labels, "x"]))
    writer.add_states(three, words, "x")
    expected[2].extend(three.line((name, word), word == "x") for word in words)
    assert writer.block() == tuple(encode("".join(lines)) for lines in expected)


def test_a_line_has_a_value_for_each_label() -> None:
    """Neither more nor fewer."""
    for labels in ((), ("a", "b")):
        writer = Writer(PAIR, "x")
        writer.add(PAIR[0], 1, *labels)
        with pytest.raises(ValueError, match="zip"):
            writer.block()
    with pytest.raises(ValueError, match="count"):
        Writer(PAIR, "x").add_histogram(PAIR[1], (), (1.0,), (1,), 0.0)
