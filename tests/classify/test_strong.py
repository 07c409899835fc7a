"""Sentences with words that no list has: what only a validator says proves, what may be about else does not."""

from __future__ import annotations

import pytest

from genmedia_exporter.classify.proof import complaint

BREAKS = ("prompt", "seconds", "size", "n")


def _proves(text: str, document: object = None) -> bool:
    return complaint(document or {"message": text}, text, [], [], BREAKS)


@pytest.mark.parametrize(
    "text",
    [
        "duration must be an integer between 5 and 60, or -1 to let the director choose",
        "size must be one of 512x512 or 768x768 for painterly-mini",
        "seconds must be >= 4 ticks",
        "n cannot be greater than 4 renderings",
        "prompt cannot be longer than 2000 glyphs",
        "prompt must not exceed 500 wordpieces",
        "Only n=2 is presently supported",
        "moonbeam video requests require a prompt",
        "size is not supported, choose 1024x1024 like everybody",
        "该引擎仅支持 6、12 秒时长",
        "时长必须在 4 到 15 秒的档位",
    ],
)
def test_a_bound_of_our_field_proves_in_any_words(text: str) -> None:
    """The field is the subject, a kind or a bound the predicate: no other service speaks so."""
    assert _proves(text)


@pytest.mark.parametrize(
    "text",
    [
        "duration must be at least 5 days before the launch of your renderer",
        "seconds must be between 0 and 0 for glimmering lanes",
        "seconds must be an integer your card can pay for",
        "Only n=0 is presently supported",
        "n must be less than number of glimmering nodes",
        "size must be one of our enabled presets",
        "size must be 0 on this glimmering rack",
        "duration must be 10 or more minutes after the last glimmer",
        "prompt is required by glimmering law",
        "prompt must be at least 10 glyphs until the storm is over",
        "该引擎仅支持 0 个用户数量",
        "时长必须为 5 的会员档位",
        "glimmering: prompt moods cannot be empty",
    ],
)
def test_a_bound_of_something_else_proves_nothing(text: str) -> None:
    """A plan, a day, a place that is switched off: every create would hear it."""
    assert not _proves(text)


@pytest.mark.parametrize("field", ["prompt", "messages"])
def test_a_service_that_knows_no_prompt_is_another_kind(field: str) -> None:
    """Its validator is well, and rejects every create that we or a customer could send."""
    detail = [{"loc": ["body", field], "msg": "extra fields not permitted"}]
    assert not _proves("", {"detail": detail})
    assert not _proves(f"Unknown parameter: '{field}'")


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", [{"loc": ["body", "prompt"], "msg": "field required"}]),
        ("", [{"loc": ["body", "size"], "msg": "extra fields not permitted"}]),
        ("Unknown parameter value for prompt: ''", []),
    ],
)
def test_a_create_goes_without_the_others(text: str, detail: list[object]) -> None:
    """Whoever does not know a field that may be left out works all the same; a wrong value is a value."""
    assert _proves(text, {"detail": detail} if detail else None)
