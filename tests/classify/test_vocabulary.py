"""What a validator's sentence is made of: complaints of a field, and sentences that only name one."""

from __future__ import annotations

from pathlib import Path

import pytest

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.classify.proof import EVERYTHING, complaint
from genmedia_exporter.classify.vocabulary import strange_words
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.providers.loader import load_generic
from tests.answers import TODAY

FOLDER = Path(__file__).parents[1] / "data" / "complaints"
OF_FIELDS = (FOLDER / "of_fields.txt").read_text("utf-8").splitlines()
OF_OTHER_THINGS = (FOLDER / "of_other_things.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("text", OF_FIELDS)
def test_a_complaint_of_a_field_proves(text: str) -> None:
    """In the words of many validators."""
    assert complaint(None, text, (), (), EVERYTHING)


@pytest.mark.parametrize("text", OF_OTHER_THINGS)
def test_a_sentence_that_only_names_a_field_proves_nothing(text: str) -> None:
    """It speaks of a queue, a plan, a server, or of us."""
    answer = Answer(400, {"content-type": "text/plain"}, text.encode())

    verdict = explain(answer, None, load_generic(), now=TODAY, depth=Depth.ACCEPT)

    assert verdict.status is not Status.OPERATIONAL, verdict.rule


@pytest.mark.parametrize(
    ("clause", "strange"),
    [
        ("prompt must not be empty", []),
        ("the model flux does not support size 1x1", []),
        ("quality must be one of low, medium, high", []),
        ("'any words' are not valid", []),
        ("http error: prompt is missing", []),
        ("prompt is required by the queue", ["queue"]),
        ("prompt zq is required", ["zq"]),
        ("prompt z is required", []),  # a letter is no word
        ("当前排队时长超过限制", ["排", "队"]),
        ("提示词不能为空", []),
        ("поле prompt обязательно", []),
        ("frobnicate model", []),
        ("model frobnicate", []),
        ("model must frobnicate", ["frobnicate"]),
        ("frobnicate the model", ["frobnicate"]),
        ("size is not supported for frobnicator 2", []),
        ("size is not supported for queue 2", ["queue"]),
        ("必须" * 100, []),
        ("必须" * 100 + "必", ["必须" * 100 + "必"]),
        ("dall-e is not valid", []),
        ("some-e is not valid", []),
        ("frobnicate-e is not valid", ["frobnicate"]),
    ],
)
def test_words_no_validator_needs(clause: str, strange: list[str]) -> None:
    """Names, numbers, quotations and models are nobody's words."""
    assert strange_words(clause) == strange
