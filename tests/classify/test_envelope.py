"""Envelopes that refuse, each beside one in nearly the same words that does not."""

from __future__ import annotations

import pytest

from genmedia_exporter.classify.envelope import (
    MAX_ITEMS,
    code_word,
    refuses,
    says_error_outright,
)
from genmedia_exporter.classify.parse import unwrapped
from genmedia_exporter.providers.rules import Envelope


@pytest.mark.parametrize(
    ("document", "is_refusal"),
    [
        # a flag
        ({"success": False}, True),
        ({"success": "false"}, True),
        ({"success": True}, False),
        ({"success": 0, "message": "no"}, True),
        ({"success": 0}, False),
        ({"success": 1, "message": "no"}, False),
        # an error
        ({"error": {"message": "x"}}, True),
        ({"error": "x"}, True),
        ({"error": "none"}, False),
        ({"error": None}, False),
        ({"error": {}}, False),
        ({"error": {"code": 0, "message": "", "detail": None, "more": [{}]}}, False),
        ({"error": {"code": 0, "message": "", "detail": "x"}}, True),
        ({"data": {"state": "done", "error": {"code": 0, "message": ""}}}, False),
        ({"data": {"state": "done", "error": {"code": 7, "message": ""}}}, True),
        ({"type": "error"}, True),
        ({"object": "error"}, True),
        ({"type": "list"}, False),
        # a code
        ({"code": 5, "message": "no"}, True),
        ({"code": 0, "message": "no"}, False),
        ({"code": True, "message": "no"}, False),
        ({"code": 5, "message": "success"}, False),
        ({"code": 5, "message": "queued", "data": {"id": "1"}}, False),
        ({"code": 5, "message": "hello", "data": {"id": "1"}}, False),
        ({"code": 404, "message": "hello", "data": {"id": "1"}}, True),
        ({"code": 5, "message": "insufficient balance", "data": {"id": "1"}}, True),
        ({"ErrCode": 12, "ErrMsg": "hello"}, True),
        ({"base_resp": {"status_code": 1008, "status_msg": "hello"}}, True),
        ({"base_resp": {"status_code": 0, "status_msg": "success"}}, False),
        ({"Response": {"Error": {"Code": "X"}}}, True),
        ({"Response": {"RequestId": "1"}}, False),
        # a word for a status
        ({"status": "error", "message": "hello"}, True),
        ({"status": "error", "message": "hello", "id": "1"}, False),
        ({"status": "error"}, False),
        ({"status": "ok", "message": "hello"}, False),
        ({"status": 7, "message": "insufficient balance"}, True),
        ({"status": 7, "message": "insufficient balance", "data": [1]}, False),
        ({"status": 7, "message": "hello"}, False),
        ({"status": 200, "message": "insufficient balance"}, True),
        # words alone
        ({"message": "Invalid API key"}, True),
        ({"message": "Invalid API key", "models": ["a"]}, False),
        ({"message": "prompt is required"}, True),
        ({"message": "welcome"}, False),
        ({"id": "1", "error_message": "insufficient balance"}, True),
        ({"id": "1", "error_message": "hello"}, False),
        ({"detail": ["prompt is required"]}, True),
        ({"detail": {"prompt": ["is required"]}}, False),
        # lists and other things
        ([{"error": {"message": "x"}}], True),
        ([{"id": "1"}, {"id": "2"}, {"id": "3"}, {"error": "x"}], False),
        ([{"id": "1"}, {"id": "2"}, {"error": "x"}], True),
        ([], False),
        ("error", False),
        (None, False),
        # how deep
        ({"header": {"resp": {"status": {"header": {"success": False}}}}}, True),
        ({"header": {"resp": {"status": {"header": {"resp": {"success": False}}}}}}, False),
    ],
)  # fmt: skip
def test_whether_an_answer_says_no(document: object, is_refusal: bool) -> None:
    """Whatever its HTTP status says."""
    assert refuses(document) is is_refusal


@pytest.mark.parametrize(
    ("document", "is_refusal"),
    [
        ({"state": "fine"}, False),
        ({"state": "fine", "error": {"message": "x"}}, True),
        ({"state": "bad"}, True),
        ({"state": True, "success": True}, False),
        ({"success": False}, True),
    ],
)
def test_the_envelope_of_a_provider_comes_first(document: object, is_refusal: bool) -> None:
    """A value that is no word there leaves the question to everybody's."""
    envelope = Envelope(pointer="/state", ok=("fine",))

    assert refuses(document, envelope) is is_refusal


@pytest.mark.parametrize(
    ("document", "is_refusal"),
    [
        ({"fault": {"number": 0}, "clip": {"phase": "cooking"}}, False),
        ({"Fault": {"number": 0, "text": "fine"}}, True),  # not where the envelope is
        ({"fault": {"number": 0}, "error": {"message": "x"}}, True),
        ({"fault": {"number": 0}, "success": False}, True),
        ({"fault": {"number": 77, "text": "no coins"}}, True),
    ],
)
def test_an_error_object_that_holds_the_good_word_is_none(
    document: object, is_refusal: bool
) -> None:
    """Providers put "no error" where they put errors, as the example of a provider file does."""
    envelope = Envelope(pointer="/fault/number", ok=(0,))

    assert refuses(document, envelope) is is_refusal


@pytest.mark.parametrize(
    ("pointer", "document", "is_refusal"),
    [
        ("", "fine", False),
        ("", "bad", True),
        ("", {"error": {"message": "x"}}, True),
        ("/a~1b/c", {"a/b": {"c": "fine"}, "error": {"message": "x"}}, True),
        ("/er~0ror/c", {"er~ror": {"c": "fine"}}, False),
    ],
)
def test_an_envelope_may_be_the_whole_answer_or_have_any_name(
    pointer: str, document: object, is_refusal: bool
) -> None:
    """RFC 6901: the empty pointer is the document itself, and keys may hold a slash."""
    envelope = Envelope(pointer=pointer, ok=("fine",))

    assert refuses(document, envelope) is is_refusal


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (" NotFound ", "notfound"),
        (7, "7"),
        (True, ""),
        (None, ""),
        (["a"], ""),
        ("x" * 129, "x" * 128),
    ],
)
def test_what_may_be_a_code(value: object, word: str) -> None:
    """A word or a number, and no more of it than codes have."""
    assert code_word(value) == word


@pytest.mark.parametrize("document", [{"error": "x"}, {"ok": False}])
def test_an_error_is_called_so_outright(document: object) -> None:
    """Not only by a code."""
    assert says_error_outright(document)
    assert not says_error_outright({"code": 5})
    assert not says_error_outright([document])


@pytest.mark.parametrize(("before", "looked_at"), [(MAX_ITEMS - 1, True), (MAX_ITEMS, False)])
def test_items_looked_at(before: int, looked_at: bool) -> None:
    """Of what a service may send by the hundred thousand, the beginning tells: all cost half a second."""
    error = {"error": {"message": "no such key"}}
    listed = [{"id": "a"}] * before + [error]
    tasks = {f"task{n}": {"id": "a"} for n in range(before)} | {"last": {"errcode": 5, "msg": "no"}}

    assert (unwrapped(listed) is error) == looked_at
    assert refuses(tasks) == looked_at
    assert refuses({"data": [error] * before + [{"id": "a"}]}) != looked_at
