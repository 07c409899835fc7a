"""One meaning in two languages and three scripts: what English says, Chinese says, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genmedia_exporter.classify.by_words import REASONS
from genmedia_exporter.classify.chinese import simplified
from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.classify.lexicon import sense_of
from genmedia_exporter.classify.topics import Topic
from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY

FOLDER = Path(__file__).parents[1] / "data" / "complaints"


def _rows(name: str) -> list[list[str]]:
    """Return the rows of a table: what they mean, English, simplified and traditional Chinese."""
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines]


MEANINGS = _rows("meanings_in_two_languages.txt")
COMPLAINTS = _rows("complaints_in_two_languages.txt")
MASKS = [
    "当前分组上游负载已饱和，请稍后再试",
    "當前分組上游負載已飽和，請稍後再試",
    "当前模型 sora-2 上游已饱和，请稍后再试",
    "Current group upstream load is saturated, please try again later",
]


def _verdict(text: str, http: int, depth: Depth, headers: dict[str, str], provider: str) -> Verdict:
    body = json.dumps({"error": {"message": text}}, ensure_ascii=False).encode()
    file = load_provider(provider) if provider else None
    return explain(Answer(http, headers, body), file, load_generic(), now=TODAY, depth=depth)


@pytest.mark.parametrize("row", MEANINGS, ids=[row[1] for row in MEANINGS])
def test_both_languages_mean_the_same(row: list[str]) -> None:
    """Whatever script the Chinese is written in; `-` is a sentence that says nothing."""
    meaning, *sentences = row
    wanted = None if meaning == "-" else Topic(meaning)

    senses = [sense_of([], sentence) for sentence in sentences]

    assert [sense.topic if sense else None for sense in senses] == [wanted] * 3


def test_every_meaning_is_said_in_both() -> None:
    """None is left out of the table."""
    assert {row[0] for row in MEANINGS} - {"-"} == set(REASONS)
    assert all(len(row) == 4 for row in [*MEANINGS, *COMPLAINTS])


@pytest.mark.parametrize("row", COMPLAINTS, ids=[row[1] for row in COMPLAINTS])
def test_both_languages_prove_the_same(row: list[str]) -> None:
    """What complains of a field does so in both, and what only names one proves in neither."""
    proves, *sentences = row

    verdicts = [_verdict(text, 400, Depth.ACCEPT, {}, "") for text in sentences]

    proven = [verdict.reason is Reason.REJECTED_AS_EXPECTED for verdict in verdicts]
    assert proven == [proves == "yes"] * 3
    assert len({verdict.reason for verdict in verdicts}) == 1


@pytest.mark.parametrize("provider", ["", "new-api", "one-api"])
@pytest.mark.parametrize("text", MASKS)
@pytest.mark.parametrize(
    ("http", "headers"),
    [(429, {"x-oneapi-request-id": "202611300001"}), (429, {}), (503, {})],
)
def test_a_masked_429_reads_alike(
    http: int, headers: dict[str, str], text: str, provider: str
) -> None:
    """A mask is the vendor's capacity (docs/wire.md §8.2 row 17), whoever signs it and in either language."""
    found = _verdict(text, http, Depth.GENERATE, headers, provider)

    assert found.reason is Reason.UPSTREAM_SATURATED


@pytest.mark.parametrize("provider", ["", "new-api", "one-api"])
def test_a_newer_mask_stands_for_a_rate(provider: str) -> None:
    """A fork's own sentence, seen where its vendor refused for rate and nothing else was told."""
    text = "The upstream load for the current group is saturated. Please try again later."

    assert _verdict(text, 429, Depth.GENERATE, {}, provider).reason is Reason.UPSTREAM_RATE_LIMITED


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("帳戶餘額不足", "账户余额不足"),
        ("伺服器逾時", "服务器超时"),
        ("解析度不支援", "分辨率不支持"),
        ("prompt", "prompt"),
    ],
)
def test_what_taiwan_calls_otherwise_is_read_as_the_mainlands_word(text: str, told: str) -> None:
    """Characters first, then words."""
    assert simplified(text) == told


@pytest.mark.parametrize(
    ("text", "http", "depth", "reason"),
    [
        ("Request failed. Please check your input parameters", 400, Depth.ACCEPT, Reason.REJECTION_UNPROVEN),
        ("Something went wrong. Please check your input", 400, Depth.ACCEPT, Reason.REJECTION_UNPROVEN),
        ("Something went wrong. Please check our status page", 400, Depth.ACCEPT, Reason.SERVER_ERROR),
        ("Request failed. Please check your input parameters", 400, Depth.GENERATE, Reason.INVALID_REQUEST),
        ("Request failed. Please check your input parameters", 500, Depth.ACCEPT, Reason.SERVER_ERROR),
    ],
)  # fmt: skip
def test_who_blames_what_we_sent_has_not_failed(
    text: str, http: int, depth: Depth, reason: Reason
) -> None:
    """It names no field, so it proves nothing; its HTTP status decides."""
    assert _verdict(text, http, depth, {}, "").reason is reason
