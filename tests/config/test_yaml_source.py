"""Reading YAML with places: what it makes of texts, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from genmedia_exporter.config import yaml_source
from genmedia_exporter.config.files import MAX_BYTES, read_bounded
from genmedia_exporter.config.problems import (
    Places,
    Problem,
    Problems,
    Suggestions,
    did_you_mean,
    format_path,
)
from genmedia_exporter.config.schema import Document
from genmedia_exporter.config.validation import problems_of
from genmedia_exporter.config.yaml_source import YamlSource, read_yaml

YAML_ISH = st.text(alphabet="ab1:-[]{},&*!|>'\"%@`#?<=. \n\t\\~", max_size=60)


def attempt(content: str | bytes) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Read *content*; return its data, or its problems."""
    try:
        return read_yaml(content, "f.yml").data, ()
    except Problems as refused:
        return {}, refused.problems


@given(st.one_of(st.text(), YAML_ISH))
@example('a: "\\UFFFFFFFF"')
@example("a: !!int x")
@example("a: !!timestamp nonsense")
@example("a: 0x")
@example("a: 1" + "0" * 5000)
@example("a: &a {<<: *a}")
@example("\ud800")
@example("? [a]\n: b")
@example("---\n...\n---")
def test_arbitrary_text(text: str) -> None:
    """Whatever a file holds, it is data or Problems, never another exception."""
    data, problems = attempt(text)

    assert all(isinstance(key, str) for key in data)
    assert all(str(problem).startswith("f.yml:") for problem in problems)


def test_a_million_values_are_refused_before_any_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """To count them takes a fraction of a second, to keep them would take several."""

    def kept(*_: object) -> None:
        raise AssertionError("a node was made")

    monkeypatch.setattr(yaml_source._Reader, "_compose", kept)
    for text in (
        "a: [" + "1, " * 1_000_000 + "]",
        "a: {b: 1,\n" + "c: [{d: e}],\n" * 200_000 + "}",
    ):
        data, problems = attempt(text)
        assert (data, [problem.message for problem in problems]) == ({}, ["too much for one file"])


def test_brackets_are_refused_before_they_are_counted() -> None:
    """The parser looks at every open bracket for each that follows: 160,000 of them took minutes."""
    for text in ("[" * 1_000_000, "{a: " * 300_000):
        data, (problem,) = attempt(text)
        assert (data, problem.message) == ({}, "nested more than 40 deep")


def test_a_list_of_too_many_values_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused where the first value too many stands; the same goes for keys."""
    monkeypatch.setattr(yaml_source, "MAX_ENTRIES", 3)
    assert attempt("a: [1, 2]")[0] == {"a": [1, 2]}
    (problem,) = attempt("a: [1, 2, 3,\n4, 5]")[1]
    assert (problem.place, problem.message) == ("f.yml:2:1", "more than 3 entries")
    (problem,) = attempt("a: 1\nb: 2\nc: 3\nd: 4")[1]
    assert (problem.place, problem.message) == ("f.yml:4:1", "more than 3 entries")


def test_many_separators_in_one_text_are_no_nodes() -> None:
    """They only let the nodes be counted."""
    text = ",:[{" * 50_000
    assert attempt(f"a: '{text}'") == ({"a": text}, ())


@given(st.binary())
def test_arbitrary_bytes(content: bytes) -> None:
    """Bytes that are no text are Problems too."""
    data, problems = attempt(content)

    assert not data or not problems


def test_places() -> None:
    """Keys and values are found at the line and column where an editor shows them."""
    places = read_yaml("a:\n  - {b: 1}\n  - c: x\n", "f.yml").places

    assert places.problem(("a", 0, "b"), "m").place == "f.yml:2:9"
    assert places.problem(("a", 0, "b"), "m", at_key=True).place == "f.yml:2:6"
    assert places.problem(("a", 1, "c", "gone"), "m").place == "f.yml:3:5"
    assert places.problem((), "m").place == "f.yml:1:1"


def test_data() -> None:
    """Keys stay text, and so do days and times; numbers and words become what YAML says."""
    text = "on: yes\n1: 2\nday: 2026-12-01\nsixty: 1:30\nnothing:\nquoted: '1'\n"

    data = read_yaml(text, "f.yml").data

    assert data == {
        "on": True,
        "1": 2,
        "day": "2026-12-01",
        "sixty": "1:30",
        "nothing": None,
        "quoted": "1",
    }


def test_merge() -> None:
    """A merged mapping fills in what is not written, the first of a list winning."""
    text = "x: &x {a: 1, b: 1}\ny: &y {a: 2, c: 2}\nz: {<<: [*x, *y], b: 3}\n"

    assert read_yaml(text, "f.yml").data["z"] == {"a": 1, "b": 3, "c": 2}


def test_merges_are_bounded() -> None:
    """Merges that double at every line are stopped like other aliases."""
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 30)]

    with pytest.raises(Problems, match="one that aliases repeat counts each time"):
        read_yaml("\n".join(lines), "f.yml")


def test_merging_the_same_again_and_again_is_bounded() -> None:
    """What is merged counts each time: 30,000 times 2,000 keys took 24 s."""
    keys = "".join(f"k{i}: 1, " for i in range(2_000))

    data, problems = attempt(f"x: &x {{{keys}}}\ny: {{<<: [" + "*x, " * 1_000 + "]}\n")

    assert (data, len(problems)) == ({}, 1)
    assert "one that aliases repeat" in problems[0].message


def test_too_large(tmp_path: Path) -> None:
    """A file above the limit is not read further."""
    big = tmp_path / "big.yml"
    big.write_bytes(b"#" * (MAX_BYTES + 1))

    with pytest.raises(OSError, match="larger than 4096 KiB"):
        read_bounded(big)
    with pytest.raises(Problems, match="larger than 4 MiB"):
        read_yaml("#" * (MAX_BYTES + 1), "f.yml")


def test_not_utf8() -> None:
    """The place of a byte that is no UTF-8 is found."""
    with pytest.raises(Problems, match=r"^f.yml:2:4: not UTF-8 text$"):
        read_yaml(b"a: 1\nb: \xff\n", "f.yml")


def test_byte_order_mark() -> None:
    """A byte order mark in front, as some editors write it, is no part of the first key."""
    assert read_yaml(b"\xef\xbb\xbfa: 1\n", "f.yml").data == {"a": 1}


def test_notes() -> None:
    """Notes take what leaves the rest readable."""
    notes: list[Problem] = []

    source = read_yaml("a: 1\na: 2\nb: 3\n", "f.yml", notes=notes)

    assert source.data == {"a": 1, "b": 3}
    assert [str(note) for note in notes] == ["f.yml:2:1: this key stands twice, first on line 1"]


def test_problem_as_text() -> None:
    """A problem is one line: place, weight, path, message, hint."""
    problem = Problem("f.yml:1:2", "a.b", "wrong", "do better", "warning")

    assert str(problem) == "f.yml:1:2: warning: a.b: wrong; do better"


def test_problems_are_ordered_and_single() -> None:
    """Problems come in the order of the file, each once."""
    first, second = Problem("f:2:1", "", "b"), Problem("f:10:1", "", "a")

    assert Problems([second, first, second]).problems == (first, second)


def test_a_thousand_problems_are_enough() -> None:
    """Then it says that there are more, once, however often they are gathered."""
    many = [Problem(f"f:{line}:1", "", "wrong") for line in range(1, 1_002)]

    assert Problems(many[:1_000]).problems == tuple(many[:1_000])
    told = Problems(many).problems
    assert told[:1_000] == tuple(many[:1_000])
    assert str(told[1_000]) == "f:1000:1: there are more problems than these 1,000"
    assert Problems([*told, many[1_000]]).problems == told


@pytest.mark.parametrize(
    "text",
    [
        "a:\n" + "  k: 1\n" * 3_000,
        "a: [" + "!x y, " * 3_000 + "]",
    ],
)
def test_what_is_wrong_everywhere_is_not_told_everywhere(text: str) -> None:
    """Whether keys stand twice or values have a tag."""
    problems = attempt(text)[1]

    assert len(problems) == 1_001
    assert "more problems" in problems[-1].message


def test_paths() -> None:
    """Paths read like YAML is talked about; odd keys cannot break the line."""
    assert format_path(("targets", 2, "interval", "reach")) == "targets[2].interval.reach"
    assert format_path(("accounts", "a b\n")) == "accounts['a b\\n']"


def test_did_you_mean() -> None:
    """Near words are offered, far ones are not."""
    assert did_you_mean("intervall", ["interval"]) == "did you mean 'interval'?"
    assert did_you_mean("zebra", ["interval"], "known: interval") == "known: interval"


def test_suggestions_end() -> None:
    """After so many comparisons a file of nonsense gets no more hints, but every problem."""
    suggestions = Suggestions(comparisons=3)
    known = ("accounts", "targets")
    assert suggestions.hint("acounts", known, "no") == "did you mean 'accounts'?"
    assert suggestions.hint("target", known, "no") == "no"


def test_the_same_slip_is_one_question() -> None:
    """However often it is made; with other known words it is another."""
    suggestions = Suggestions(comparisons=4)
    known = ["accounts", "targets"]
    for _ in range(1_000):
        assert suggestions.hint("acounts", known, "no") == "did you mean 'accounts'?"
    assert suggestions.hint("acounts", ["account", "target"], "no") == "did you mean 'account'?"


class OnceOver(list[object]):
    """A list that nobody may go through for each of its entries."""

    def __iter__(self) -> Iterator[object]:
        raise AssertionError("the whole list, for one problem in it")


def test_a_problem_costs_what_it_is_about() -> None:
    """The place of each is found without a walk through the list it is in: a thousand are no million."""
    data = {"targets": [{"account": "a", "modle": "m"}] * 3}
    with pytest.raises(ValidationError) as refused:
        Document.model_validate(data)
    once = {"targets": OnceOver(data["targets"])}
    found = problems_of(refused.value, YamlSource(once, Places("f.yml", {})), Document)
    assert [path[:3] for path in found if path[-1] == "modle"] == [
        ("targets", number, "modle") for number in range(3)
    ]


@pytest.mark.parametrize(
    "text", ["a: [" + "1, " * 170_000 + "]", "".join(f"k{i}: 1\n" for i in range(90_000))]
)
def test_a_file_of_too_much_is_refused(text: str) -> None:
    """Before it costs much; where, is said."""
    _, problems = attempt(text)
    assert [problem.message.split(" ")[:2] for problem in problems] == [["too", "much"]]
