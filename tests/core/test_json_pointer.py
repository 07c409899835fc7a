"""Pointers into answers: RFC 6901, and `*` for any list item."""

from __future__ import annotations

import pytest

from genmedia_exporter.core.json_pointer import MISSING, parse_json, resolve, resolve_all

RFC = {
    "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6,
    " ": 7, "m~n": 8,
}  # fmt: skip
NESTED = {"data": [{"id": "a"}, {"no": 1}, {"id": None}, "text"], "*": "star", "01": 1}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1),
        ("/c%d", 2), ("/e^f", 3), ("/g|h", 4), ("/i\\j", 5), ('/k"l', 6), ("/ ", 7), ("/m~0n", 8),
    ],
)  # fmt: skip
def test_the_examples_of_the_rfc(pointer: str, value: object) -> None:
    """Section 5 of RFC 6901, word for word."""
    assert resolve(RFC, pointer) == value


@pytest.mark.parametrize(
    "pointer",
    ["/x", "/foo/2", "/foo/-", "/foo/-1", "/foo/00", "/foo/01", "/foo/٣", "/foo/x", "/foo/0/0",
     "/foo/" + "9" * 5000, "/m~01n"],
)  # fmt: skip
def test_nothing_there(pointer: str) -> None:
    """What the document does not have is MISSING, which is false and is not None."""
    assert resolve(RFC, pointer) is MISSING
    assert resolve_all(RFC, pointer) == []
    assert not MISSING


def test_any_item() -> None:
    """`*` goes through a list, skips what does not fit, keeps null; in an object it is a key."""
    assert resolve_all(NESTED, "/data/*/id") == ["a", None]
    assert resolve(NESTED, "/data/*/no") == 1
    assert resolve(NESTED, "/*") == "star"
    assert resolve(NESTED, "/data/*/x") is MISSING
    assert resolve(NESTED, "/01") == 1


@pytest.mark.parametrize("text", ["", "{", b"\xff\xfe\xfa", "[" * 200_000, b"[" * 200_000])
def test_what_is_no_json(text: str | bytes) -> None:
    """Broken, of another alphabet or too deep: nothing is raised."""
    assert parse_json(text) is MISSING


def test_numbers_that_json_does_not_have() -> None:
    """NaN is no value, but what stands beside it counts: it may be the id of a paid job."""
    assert parse_json(b'{"id": "x", "eta": NaN, "cost": -Infinity}') == {
        "id": "x",
        "eta": None,
        "cost": None,
    }
