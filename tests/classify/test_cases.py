"""The score of answers from the world: kinds that nobody had described when they were written down."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from genmedia_exporter.classify.cases import Case, read_cases
from genmedia_exporter.classify.explain import explain
from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.providers.loader import load_generic, load_provider, provider_names
from tests.answers import TODAY

FOLDER = Path(__file__).parents[1] / "data" / "cases"
FILES = {
    path.stem: [case for _, case in read_cases(path.read_text("utf-8").splitlines())]
    for path in sorted(FOLDER.glob("*.jsonl"))
}
ALL = [case for cases in FILES.values() for case in cases]


def test_every_key_of_them_is_read() -> None:
    """A slip of the pen would leave a case unscored."""
    assert {case.id: case.doubts for case in ALL if case.doubts} == {}


@cache
def _as_shipped() -> Sequence[Verdict]:
    """Return how all are read, in their order, with the files of their providers."""
    return [_verdict(case, known=True) for case in ALL]


@cache
def _without_files() -> Sequence[Verdict]:
    """Return how all are read, in their order, by the generic rules alone: half of them are so anyway."""
    return [
        _verdict(case, known=False) if case.provider in provider_names() else verdict
        for case, verdict in zip(ALL, _as_shipped(), strict=True)
    ]


def _verdict(case: Case, *, known: bool) -> Verdict:
    file = known and case.provider in provider_names()
    return explain(
        case.answer,
        load_provider(case.provider) if file else None,
        load_generic(),
        now=TODAY,
        channel=case.channel,
        depth=case.depth,
        model=case.model,
    )


@pytest.mark.parametrize("name", FILES)
def test_answers_from_the_world(name: str) -> None:
    """Each means what it was said to mean. One test a file: six thousand would cost more than what they test."""
    read = {id(case): verdict for case, verdict in zip(ALL, _as_shipped(), strict=True)}
    found = [(case, read[id(case)]) for case in FILES[name]]

    wrong = [f"{c.id}: {v.status} {v.fault} by {v.rule}" for c, v in found if not c.is_right(v)]
    assert found
    assert wrong == []


def test_nothing_is_green_that_should_not_be() -> None:
    """With the file of its provider or without: the worst kind of error there is."""
    green = [
        case.id
        for read in (_as_shipped(), _without_files())
        for case, verdict in zip(ALL, read, strict=True)
        if Status.OPERATIONAL not in case.status and verdict.status is Status.OPERATIONAL
    ]

    assert green == []


def test_most_hold_without_the_file_of_their_provider() -> None:
    """By structure and words alone; numbers and masks need a file."""
    right = sum(c.is_right(v) for c, v in zip(ALL, _without_files(), strict=True))

    assert right / len(ALL) >= 0.95


def test_sound_rejections_prove_in_the_words_of_many_validators() -> None:
    """A monitor that is too strict is as wrong as one that is green without proof."""
    sound = [
        case.is_right(verdict)
        for case, verdict in zip(ALL, _as_shipped(), strict=True)
        if case.depth is Depth.ACCEPT and case.status == (Status.OPERATIONAL,)
    ]

    assert len(sound) >= 40
    assert all(sound)
