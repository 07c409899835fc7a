"""Which fields an answer names, on both sides of each condition."""

from __future__ import annotations

import pytest

from genmedia_exporter.classify.fields import fields_of, joined, last_name, paths_in, takes_none


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ({"error": {"param": "prompt"}}, ["prompt"]),
        ({"error": {"param": "none"}}, []),
        ({"error": {"param": "null"}}, []),
        ({"error": {"param": "x" * 199}}, ["x" * 199]),
        ({"error": {"param": "x" * 200}}, []),
        ({"error": {"param": "/v1/videos"}}, []),
        ({"error": {"param": "https://a/prompt"}}, []),
        ({"detail": [{"loc": ["body", 0, "prompt"], "msg": "x"}]}, ["prompt"]),
        ({"detail": [{"loc": [0, 1], "msg": "x"}]}, []),
        ({"x": {"missing": ["prompt", "seconds"]}}, ["prompt", "seconds"]),
        ({"x": {"missing": ["prompt", "is not here"]}}, []),
        ({"x": {"missing": ["prompt", 5]}}, []),
        ({"errors": {"prompt": "is required"}}, ["prompt"]),
        ({"errors": {"_errors": ["must be set"]}}, []),
        ({"errors": {"issues": ["must be set"]}}, []),
        ({"errors": {"prompt": "hello"}}, []),
        ({"errors": {"prompt": "hello there"}}, ["prompt"]),
        ({"details": {"prompt": "must be set"}}, ["prompt"]),
        ({"details": {"prompt": "hello there"}}, []),
        ({"error": {"prompt": "must be set"}}, ["prompt"]),
        ({"error": {"message": "must be set"}}, []),
        ({"data": {"prompt": "must be set"}}, ["data", "prompt"]),
        ({"data": {"prompt": "a cat"}}, []),
        ({"data": {"prompt": ["required"]}}, ["prompt"]),
        ({"prompt": ["required"]}, ["prompt"]),
        ({"prompt": []}, []),
        ({"prompt": "must be set"}, ["prompt"]),
        ({"prompt": "must be set", "message": "must be set"}, []),
        ({"prompt": "must be set", "id": 5}, []),
        ({"prompt": {"_errors": ["x"]}}, ["prompt"]),
        ({"_errors": ["x"], "prompt": {"_errors": ["x"]}}, ["prompt"]),
        ({"errors": {"prompt": {"message": "x"}}}, ["prompt"]),
        ({"detail": {"prompt": {"message": "x"}}}, []),
        ({"prompt": [{"code": "x"}]}, ["prompt"]),
        ({"prompt": [{"label": "x"}]}, []),
        ({"errors": [{"code": "x"}]}, []),
        ({"errors": {"prompt": {"blank": "must not be blank"}}}, ["prompt"]),
        ({"errors": {"input": [{"code": "x"}]}}, []),
        ({"errors": {"input": ["hello", "you"]}}, ["input"]),
    ],
)
def test_a_key_is_a_field_where_it_holds_what_validators_say(
    document: object, names: list[str]
) -> None:
    """What we sent, and what an error tells of itself, is none."""
    assert sorted(field.name for field in fields_of(document)) == sorted(names)


def test_what_stands_beside_a_field() -> None:
    """Sentences and kinds, but not what we sent; a key that means nothing else makes it sure."""
    told = {
        "errors": [{"field": "prompt", "code": "too_short", "msg": "is too short", "input": "a b"}]
    }
    (field,) = [f for f in fields_of(told) if f.name == "prompt"]

    assert field.texts == ("is too short",)
    assert field.codes == ("too_short",)
    assert field.sure


@pytest.mark.parametrize(("key", "sure"), [("field", True), ("key", False)])
def test_whether_a_key_means_nothing_else(key: str, sure: bool) -> None:
    """`key` may hold anything."""
    (field,) = fields_of({"errors": [{key: "prompt", "msg": "is too short"}]})

    assert field.sure is sure


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("instances[0].prompt", "prompt"),
        ("/data/attributes/size", "size"),
        ("$.seconds", "seconds"),
        ("prompt", "prompt"),
        ("0", ""),
        ("", ""),
    ],
)
def test_the_last_name_of_a_path(path: str, name: str) -> None:
    """Numbers are places in a list."""
    assert last_name(path) == name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("body.prompt is required", ["prompt"]),
        ("see https://a.example/x.prompt", []),
        ("at /seconds", ["seconds"]),
        ("✖ Too small\n  → at prompt", ["prompt"]),
        ("validation failed: field=size", ["size"]),
        ("('body', 'prompt')", ["prompt"]),
        ("x " * 2048 + "/seconds", []),
        ("nothing here", []),
    ],
)
def test_paths_in_a_text(text: str, names: list[str]) -> None:
    """Addresses left out, and no further than the first 4,096 characters."""
    assert list(paths_in(text)) == names


def test_a_name_is_one_word() -> None:
    """However it is written."""
    assert joined("negativePrompt") == joined("negative_prompt") == "negativeprompt"


@pytest.mark.parametrize(("before", "names"), [(1_997, ["prompt"]), (1_998, [])])
def test_no_more_than_two_thousand_values_are_looked_at(before: int, names: list[str]) -> None:
    """The service writes the document; the event loop waits while it is read."""
    told = {"param": "prompt", "a": ["x"] * before}

    assert [field.name for field in fields_of(told)] == names


@pytest.mark.parametrize(("key", "sure"), [("loc", True), ("path", False)])
def test_a_path_as_a_list_is_sure_where_only_validators_write_it(key: str, sure: bool) -> None:
    """`loc` is pydantic's own; a `path` may lead anywhere."""
    (field,) = fields_of({"detail": [{key: ["body", "prompt"], "msg": "is too short"}]})

    assert (field.name, field.sure) == ("prompt", sure)


@pytest.mark.parametrize(
    ("said", "none"),
    [
        ("unknown name 'prompt': cannot find field", True),
        ("unknown name 'prompt': cannot find field. invalid value at 'prompt'", False),
        ("unknown parameter: prompt", True),
        ("unknown parameter: glimmer", False),
        ("invalid value: prompt", False),
    ],
)
def test_a_service_that_knows_no_field_that_every_create_needs(said: str, none: bool) -> None:
    """It takes no create of ours at all; one that has read a value knows the field."""
    assert takes_none(said.split(". "), []) is none


def test_a_complaint_beside_the_field_counts_like_one_in_the_text() -> None:
    """That no such field is known may stand with its name."""
    told = fields_of({"detail": [{"loc": ["body", "prompt"], "msg": "Unknown parameter: prompt"}]})
    assert takes_none([], told)
    other = fields_of({"detail": [{"loc": ["body", "size"], "msg": "Unknown parameter: size"}]})
    assert not takes_none([], other)
