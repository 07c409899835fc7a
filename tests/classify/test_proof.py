"""Proof: a refusal is a validator's only if it complains of what the create broke."""

from __future__ import annotations

import json

import pytest

from genmedia_exporter.classify.fields import fields_of
from genmedia_exporter.classify.proof import complaint, speaks_of_another


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        ({"detail": [{"loc": ["body", "prompt"], "msg": "Field required"}]}, ["prompt"]),
        ({"error": {"param": "seconds"}}, ["seconds"]),
        ({"prompt": ["This field may not be blank."]}, ["prompt"]),
        ({"errors": {"input": {"prompt": ["required"]}}}, ["prompt"]),
        ({"errors": [{"instancePath": "/seconds", "keyword": "enum"}]}, ["seconds"]),
        ({"details": [{"fieldViolations": [{"field": "instances[0].prompt"}]}]}, ["prompt"]),
        ({"issues": [{"path": ["promptText"], "code": "too_small"}]}, ["promptText"]),
        ({"errors": [{"source": {"pointer": "/data/attributes/duration"}}]}, ["duration"]),
        ({"details": {"prompt": {"_errors": ["Field is required"]}}}, ["prompt"]),
        ({"errors": {"$.seconds": ["could not be converted"]}}, ["seconds"]),
        ({"prompt": [{"code": "length", "params": {"min": 1}}]}, ["prompt"]),
        ({"input": {"prompt": ["This field may not be blank."]}}, ["prompt"]),
        ({"data": {"prompt": "a lighthouse at dusk"}}, []),
        ({"path": "/v1/prompt", "error": "Bad Request"}, []),
        ({"message": "prompt is required"}, []),
    ],
)
def test_fields_are_found_wherever_they_stand(document: object, fields: list[str]) -> None:
    """As parameter, path, pointer or key."""
    assert [field.name for field in fields_of(document)] == fields


@pytest.mark.parametrize(
    ("text", "proves"),
    [
        ("prompt is required", True),
        ("Invalid value for 'seconds'", True),
        ("The model flux does not support size 1x1", True),
        ("提示词不能为空", True),
        ("视频时长必须大于0", True),
        ("Key: 'Request.Prompt' Error:Field validation for 'Prompt' failed on the 'required' tag", True),
        ("required key [prompt] not found", True),
        ("1 validation error for Request\nseconds\n  Input should be a valid integer", True),
        ("Input should be less than or equal to 1", False),
        ("Prompt outputs failed validation", False),
        ("it must have a text parameter", True),
        ("✖ Too small\n  → at prompt", True),
        ("Video duration is not included in your plan", False),
        ("Resolution exceeds what your tier supports", False),
        ("prompt: insufficient credits", False),
        ("Your prompt is fine", False),
        ("Please retry in 30 seconds, you must wait", False),
        ("Request body size must not exceed 1 MB", False),
        ("The prompt service requires a subscription", False),
        ("negative_prompt is invalid", False),
        ("The model field is invalid", False),
        ("Message must be signed", False),
        ("something is required", False),
        ("prompt generation is not supported", False),
        ("Content-Length is required", False),
        ("duration exceeds the limit", False),
        ("duration exceeds the limit of 10 seconds", True),
        ("video duration exceed", True),
        ("No seconds left", False),
        ("prompt cannot be left blank", True),
        ("size cannot be used", False),
        ("only size=1024x1024 is supported", True),
    ],
)  # fmt: skip
def test_words_that_complain(text: str, proves: bool) -> None:
    """Of a field of ours, and of nothing else."""
    assert complaint(None, text, (), (), ("prompt", "seconds", "size")) is proves


def test_what_a_validator_calls_input_is_the_field_that_it_names() -> None:
    """Pydantic says "Input should be" of whatever is wrong."""
    told = {"detail": [{"loc": ["body", "temperature"], "msg": "Input is not valid"}]}

    assert not complaint(told, "Input is not valid", (), (), ("prompt", "seconds"))
    assert complaint(None, "Input is not valid", (), (), ("prompt", "seconds"))


def test_only_what_was_broken_counts() -> None:
    """A create with a sound prompt is refused by whoever complains of its prompt."""
    told = {"error": {"param": "prompt", "message": "prompt is required"}}

    assert complaint(told, "prompt is required", ("prompt",), (), ("prompt",))
    assert not complaint(told, "prompt is required", ("prompt",), (), ("seconds",))


@pytest.mark.parametrize("other", ["model", "api_key", "X-Api-Key", "project_id", "Authorization"])
def test_a_complaint_of_who_asks_too_proves_nothing(other: str) -> None:
    """Every create meets it."""
    told = {"detail": [{"loc": ["body", "prompt"]}, {"loc": ["header", other]}]}

    assert not complaint(told, json.dumps(told), (), (), ("prompt",))


@pytest.mark.parametrize(
    ("told", "proves"),
    [
        ({"param": "image_url", "message": "image_url: invalid image dimensions"}, False),
        ({"field": "image_url", "message": "Image dimensions must be at least 300"}, False),
        ({"field": "body", "message": "size must be one of: a, b"}, True),
        ({"param": "None", "message": "missing 1 required positional argument: 'prompt'"}, True),
    ],
)
def test_a_field_that_is_named_is_the_one_complained_of(told: object, proves: bool) -> None:
    """Whatever else its sentence mentions; unless it is only what holds the fields."""
    text = json.dumps(told)

    assert complaint({"error": told}, text, (), (), ("prompt", "size")) is proves


@pytest.mark.parametrize(
    ("beside", "proves"),
    [
        ([], True),
        (["this is required"], True),
        (["your balance is too low"], False),
        (["your balance is too low"] + ["xy"] * 198, True),  # further inside than anybody looks
        (["your balance is too low"] + ["xy"] * 197, False),
    ],
)
def test_a_parameter_alone_proves_unless_what_stands_beside_it_is_about_us(
    beside: list[str], proves: bool
) -> None:
    """Two hundred values are looked at, the last ones first."""
    told = {"extra": beside}

    assert complaint(told, "", ["prompt"], (), ("prompt",)) is proves


@pytest.mark.parametrize(("broken", "proves"), [(["prompt"], False), (["prompt", "node"], True)])
def test_a_node_that_is_not_there_is_no_complaint_of_the_text(
    broken: list[str], proves: bool
) -> None:
    """ComfyUI calls a whole workflow `prompt`: its code names nothing that we broke."""
    text = "Cannot execute because node NoSuchNode does not exist."

    assert complaint({}, text, (), ["invalid_prompt"], broken) is proves


@pytest.mark.parametrize(("field", "proves"), [("promptText", True), ("promptImage", False)])
def test_what_holds_a_picture_is_not_the_words_beside_it(field: str, proves: bool) -> None:
    """As Runway calls them, of which one was broken."""
    text = f"{field}: String must contain at most 2048 character(s)"

    assert complaint({"error": text}, text, (), (), ("promptText",)) is proves


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("prompt is required", False),
        ("duration is not supported", True),  # a known field that was not broken
        ("received image with 4 channels, prompt is required", True),  # a file we never send
        ("model is required. prompt is required", True),  # who asks
        ("external_task_id already exists", True),
        ("negative_prompt is too long", True),
        ("the glimmer is shiny", True),  # nothing but words that no validator needs
        ("", False),
    ],
)
def test_whether_a_text_is_about_something_else(text: str, other: bool) -> None:
    """A validator's own code around it proves nothing then."""
    assert speaks_of_another(text, [], ["prompt"]) is other
