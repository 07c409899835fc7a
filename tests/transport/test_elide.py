"""JSON is shortened while it is read, wherever its pieces end, and stays JSON."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmedia_exporter.transport.elide import LONGEST_STRING, Elider


@given(
    document=st.recursive(
        st.none() | st.text(max_size=20) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=8,
    ),
    cuts=st.lists(st.integers(1, 50), max_size=8),
    plain=st.booleans(),
)
def test_short_json_passes_as_it_is(document: object, cuts: list[int], plain: bool) -> None:
    """However it is cut into pieces."""
    text = json.dumps(document, ensure_ascii=plain).encode()
    elider, passed = Elider(), b""
    for cut in cuts:
        passed += elider.elide(text[:cut])
        text = text[cut:]
    passed += elider.elide(text)
    assert json.loads(passed) == document


@pytest.mark.parametrize("unit", ["A", "é", '"', "\\", "\n", "😀"])
@pytest.mark.parametrize("step", [1000, 65_536])
@pytest.mark.parametrize("shift", [0, 1, 5])
def test_long_strings_are_cut_where_they_may_be(unit: str, step: int, shift: int) -> None:
    """No escape is torn: what is left is JSON with the beginning of the string."""
    long = "x" * shift + unit * LONGEST_STRING
    text, elider = json.dumps({"a": long, "b": [1, "end"]}).encode(), Elider()
    passed = b"".join(elider.elide(text[n : n + step]) for n in range(0, len(text), step))
    found = json.loads(passed)
    assert long.startswith(found["a"].rstrip("\ud83d"))
    assert len(found["a"]) > LONGEST_STRING / 12 - 20
    assert (found["b"], len(passed) < LONGEST_STRING + 40) == ([1, "end"], True)


@pytest.mark.parametrize("unit", [b"\\", b"\\u", b'"', b'\\"', b"a", b"\\u12", b'"\\'])
def test_nonsense_takes_no_time(unit: bytes) -> None:
    """Whatever megabytes a service sends, they pass without stopping everything else."""
    piece, elider = (unit * 65_536)[:65_536], Elider()
    elider.elide(b'{"a": "')
    began = time.process_time()
    kept = sum(len(elider.elide(piece)) for _ in range(16))
    assert time.process_time() - began < 3
    assert kept <= 16 * 65_536


@given(
    text=st.text(alphabet='a1"\\\né😀/', max_size=80),
    cuts=st.lists(st.integers(1, 9), max_size=60),
    plain=st.booleans(),
    longest=st.integers(0, 40),
)
def test_any_cut_leaves_json(text: str, cuts: list[int], plain: bool, longest: int) -> None:
    """Wherever the limit and the pieces' ends fall, the string's beginning is left in sound JSON."""
    data = json.dumps([text, "end"], ensure_ascii=plain).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("genmedia_exporter.transport.elide.LONGEST_STRING", longest)
        elider, passed = Elider(), b""
        for cut in cuts:
            passed += elider.elide(data[:cut])
            data = data[cut:]
        passed += elider.elide(data)
    found, end = json.loads(passed.decode("utf-8", "ignore"))
    assert text.startswith(found.rstrip("\ud83d"))
    assert end == "end"[: len(end)]
