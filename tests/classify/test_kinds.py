"""The kinds of mistake that stand in one word beside a field, and other writings of what validators say."""

from __future__ import annotations

import json

import pytest

from genmedia_exporter.classify.chinese import simplified
from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.classify.kinds import is_kind_of_mistake
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.loader import load_generic
from tests.answers import TODAY


def _proves(document: object, http: int = 400) -> bool:
    body = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    answer = Answer(http, {}, body.encode())
    verdict = explain(answer, None, load_generic(), now=TODAY, depth=Depth.ACCEPT)
    return verdict.reason is Reason.REJECTED_AS_EXPECTED


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("string_too_short", True),
        ("minLength", True),
        ("NotBlank", True),
        ("NotEmptyValidator", True),
        ("value_error.number.not_ge", True),
        ("too_small", True),
        ("required", True),
        ("any.only", False),  # joi's, but nothing in it says what is wrong
        ("value_error", False),  # whatever a service raises itself
        ("custom", False),
        ("invalid_value", False),
        ("quota_required", False),
        ("plan_limit", False),
        ("forbidden", False),
        ("", False),
        ("_".join(["required"] * 8), True),
        ("_".join(["required"] * 9), False),
    ],
)
def test_kinds_of_mistake(code: str, is_one: bool) -> None:
    """Made of nothing but validators' words, of which one says what is wrong."""
    assert is_kind_of_mistake(code) is is_one


@pytest.mark.parametrize(
    ("code", "text", "proves"),
    [
        ("too_small", "Kérjük, adjon meg egy szöveget", True),
        ("custom", "Kérjük, adjon meg egy szöveget", False),
        ("too_small", "Not enough credits for this", False),
        ("required", "required by the queue", False),
        ("missing", "refused by our server", False),
    ],
)
def test_a_kind_of_mistake_beside_our_field_proves_in_any_language(
    code: str, text: str, proves: bool
) -> None:
    """Unless the sentence is about something else, as far as we can read it."""
    told = {"errors": [{"path": ["prompt"], "code": code, "message": text}]}

    assert _proves(told) is proves


@pytest.mark.parametrize(
    ("text", "proves"),
    [
        ("[{'type': 'missing', 'loc': ('body', 'prompt'), 'msg': 'Field required'}]", True),
        ("[{'type': 'missing', 'loc': ('body', 'model'), 'msg': 'Field required'}]", False),
        ("1 error: [{'type': 'missing', 'loc': ('body', 'seconds'), 'msg': 'required'}] (x)", True),
        ("[{'type': 'missing', 'loc': ('body', 'prompt'", False),
        ("[{'loc': {'prompt'}}]", False),
    ],
)
def test_what_python_prints_is_read_as_what_it_was(text: str, proves: bool) -> None:
    """Some servers put the repr of pydantic's errors into the message."""
    assert _proves({"object": "error", "message": text}) is proves


@pytest.mark.parametrize(
    ("field", "proves"),
    [
        ("user_prompt", True),
        ("promptText", True),
        ("output_resolution", True),
        ("prompt_id", False),
        ("prompt_template", False),
        ("duration_limit", False),
        ("negative_prompt", False),
    ],
)
def test_a_name_is_ours_where_nothing_else_stands_in_it(field: str, proves: bool) -> None:
    """A prompt's id is no prompt."""
    assert _proves({"errors": [{"field": field, "message": "must not be blank"}]}) is proves


@pytest.mark.parametrize(
    ("beside", "proves"),
    [
        ("model must be one of the following values: a, b", False),
        ("api_key is required", False),
        ("user_id should not be empty", False),
        ("seed must be positive", True),
        ("the model supports 4 or 8 seconds", True),
    ],
)
def test_a_sentence_about_who_asks_takes_the_proof_from_the_one_beside_it(
    beside: str, proves: bool
) -> None:
    """Every create hears it, too."""
    assert _proves({"message": ["prompt should not be empty", beside]}) is proves


@pytest.mark.parametrize(
    ("text", "proves"),
    [
        ("Invalid response from action: num_images must be between 1 and 8", True),
        ("Reply from our billing queue: prompt must not be empty", False),
        ("x" * 40 + ": prompt must not be empty", True),
        ("x" * 41 + ": prompt must not be empty", False),
        ("frobnicate prompt must not be empty", False),
    ],
)
def test_whoever_speaks_may_be_called_as_he_likes(text: str, proves: bool) -> None:
    """Before a colon, and shortly."""
    assert _proves({"error": text}) is proves


@pytest.mark.parametrize(
    ("document", "proves"),
    [
        ({"prompt": "cannot be blank", "size": "must be a valid value"}, True),
        ({"prompt": "cannot be blank", "request": "r-1"}, False),
        ({"prompt": "a cat", "size": "1x1"}, False),
    ],
)
def test_an_object_of_nothing_but_complaints_names_fields(document: object, proves: bool) -> None:
    """As ozzo-validation answers."""
    assert _proves(document) is proves


def test_traditional_characters_are_read_as_simplified_ones() -> None:
    """One lexicon for both scripts."""
    assert simplified("參數錯誤：時長無效") == "参数错误：时长无效"
    assert simplified("prompt") == "prompt"
    assert _proves({"message": "時長必須大於 4"})
    assert not _proves({"message": "帳戶餘額必須大於 4"})


@pytest.mark.parametrize(
    ("text", "proves"),
    [
        ("video duration must be less than 60 seconds", True),
        ("audio duration must be less than 60 seconds", False),
        ("reference video duration must be less than 60 seconds", False),
        ("image size must be one of: a, b", True),
        ("image size exceeds 10MB", False),
        ("prompt exceeds 2000 bytes", True),
        ("视频时长不能超过60秒", True),
        ("音频时长不能超过60秒", False),
        ("Unsupported aspect ratio", True),
        ("Unsupported aspect ratio mode", False),
        ("Unsupported aspect ratio for some video model 1.5", True),
        ("Unsupported aspect ratio for trial users 2", False),
    ],
)
def test_of_whose_size_or_duration_a_sentence_speaks(text: str, proves: bool) -> None:
    """What is uploaded has those, too, and so has a mode or a plan."""
    assert _proves({"error": text}) is proves


@pytest.mark.parametrize(
    ("text", "proves"),
    [
        ("duration_seconds must be one of 4, 8", True),
        ("duration_type must be one of a, b", False),
        ("promptText is required", True),
        ("promptStyle is required", False),
        ("invalid_duration", True),
        ("prompt: minLength 1", True),
        ("size must be a string like 1024x1024", True),
    ],
)
def test_a_name_in_prose_is_ours_only_as_a_whole(text: str, proves: bool) -> None:
    """Where a field of ours is a part of another's name, that one is meant."""
    assert _proves({"error": {"message": text}}) is proves
