"""A provider file that cannot work is refused, one that is doubtful is told, and no shipped file is either."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import genmedia_exporter.providers
from genmedia_exporter.cli import main
from genmedia_exporter.commands.provider import draft, judged
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.demo.media import make_mp4, make_png
from genmedia_exporter.providers.lint import covers, lint
from genmedia_exporter.providers.loader import load_provider, provider_names
from genmedia_exporter.providers.rules import When
from tests.yaml_files import read_yaml

FOLDER = Path(genmedia_exporter.providers.__file__).parent
RECORDED = Path(__file__).parent.parent / "data" / "providers"
NOW = Unix(datetime(2026, 11, 29, 12, tzinfo=UTC).timestamp())
NAMES = provider_names()

ACME = """\
name: acme
title: Acme
kind: direct
base_url: https://api.acme.example
calls:
  - {id: models, depth: reach, path: /models, proves: [edge], source: test}
jobs:
  - operation: video
    driver: async_job
    path: /videos
    json: {prompt: "{prompt}"}
    id: /id
    poll: {path: "/videos/{id}"}
    status: {pointer: /state, words: {running: [busy], succeeded: [ready], failed: [broken]}}
    output: {pointer: /url}
    seconds: 4
rules:
  - {id: money, when: {code: [broke]}, means: quota_exhausted, source: test}
checked: 2026-11-29
models:
  - {name: acme-1, operation: video, price: {usd_per_second: 0.1}, source: test}
"""


@pytest.mark.parametrize("name", NAMES)
def test_no_shipped_file_is_doubtful(name: str) -> None:
    """Every rule can decide, every job can end, every successor is known, everything says who says so."""
    assert lint((FOLDER / f"{name}.yml").read_bytes(), name) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_shipped_file_reads_an_answer_otherwise(name: str) -> None:
    """`provider test` over all recorded answers; those that play a whole probe go through the driver."""
    provider = load_provider(name)
    for given in read_yaml(RECORDED / name / "answers.yml"):
        if "expect" not in given:
            given["play"] = [_with_media(step) for step in given.get("play", ())]
            verdict = judged(provider, given, NOW, given["id"])
            assert verdict.reason == given["reason"], (given["id"], verdict)


MEDIA = {"video": make_mp4(4, 64, 64), "image": make_png(64, 64)}


def _with_media(step: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with the bytes of what it is said to hold; base64 of an image where a text asks for it."""
    if "media" not in step:
        packed = b64encode(MEDIA["image"]).decode()
        filled = json.dumps(step).replace("{png}", packed)
        return {**json.loads(filled)}
    body = b64encode(MEDIA[step["media"]]).decode()
    return {"http": 200, "body_b64": body, "headers": {"content-type": f"{step['media']}/x"}}


def said(old: str = "", new: str = "") -> list[str]:
    """Return what lint says of acme with *old* replaced, places left out."""
    assert old in ACME
    return [str(p).partition(": ")[2] for p in lint(ACME.replace(old, new, 1), "acme.yml")]


def test_a_sound_file() -> None:
    """Nothing to say."""
    assert said() == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('    poll: {path: "/videos/{id}"}\n', "", "cannot end without poll"),
        ("    id: /id\n", "", "cannot end without id"),
        ("    output: {pointer: /url}\n", "", "cannot end without output"),
        ("/videos/{id}", "/videos", "does not name the job"),
        ("{prompt: \"{prompt}\"}", "{prompt: \"{promt}\"}", "nothing fills {promt}"),
        ("succeeded: [ready]", "succeeded: [ready, BUSY]", "'busy' means two states"),
        (
            "    status: {",
            "    status: {errors: {expired: {code: /e}}, ",
            "no word means expired, so its error is never read",
        ),
        ("succeeded: [ready], ", "", "no word means succeeded"),
        ("price: {usd_per_second: 0.1}", "price: {}", "exactly one of"),
        ("source: test}\n", "source: ''}\n", "who says so?"),
        ("    seconds: 4\n", "", "does not say how long a clip"),
        ("price:", "successor: acme-2, price:", "no list has the successor 'acme-2'"),
        ("price: {usd_per_second: 0.1}, ", "", "what does it cost?"),
        ("checked: 2026-11-29\n", "", "when was it compared"),
        ("code: [broke]", 'code: ["0"]', "never the code of an error"),
    ],
)  # fmt: skip
def test_what_is_wrong_or_doubtful_is_told(old: str, new: str, told: str) -> None:
    """One slip, one line."""
    found = said(old, new)
    assert len(found) == 1, found
    assert told in found[0]


def test_a_rule_that_never_decides() -> None:
    """One that always holds before it does."""
    narrow = "  - {id: broke, when: {code: [BROKE], http: [402]}, means: server_error, source: test}\nchecked"
    assert said("checked", narrow) == [
        "warning: rules[1]: rule 'broke' never decides: 'money' above it always holds first"
    ]


@pytest.mark.parametrize(
    ("wide", "narrow", "covered"),
    [
        ({"http": ["5xx"]}, {"http": [503]}, True),
        ({"http": [503]}, {"http": ["5xx"]}, False),
        ({"code": ["a*"]}, {"code": ["ab", "ac"]}, True),
        ({"code": ["ab"]}, {"code": ["a*"]}, False),
        ({"message": ["low"]}, {"message": ["balance is low"]}, True),
        ({"message": ["balance is low"]}, {"message": ["low"]}, False),
        ({"code": ["a"], "http": [429]}, {"code": ["a"]}, False),
        ({"code": ["a"]}, {"code": ["a"], "depth": ["generate"]}, True),
        ({"code": ["a"], "html": True}, {"code": ["a"]}, False),
        ({"code": ["a"], "upstream": True}, {"code": ["a"]}, False),
    ],
)
def test_one_rule_covers_another(wide: object, narrow: object, covered: bool) -> None:
    """Whatever the second would read, the first has read before."""
    assert covers(When.model_validate(wide), When.model_validate(narrow)) is covered


def test_a_draft_is_sound_as_it_stands() -> None:
    """Its questions are in comments; its answers load."""
    assert [p for p in lint(draft("acme"), "acme.yml") if p.severity == "error"] == []


def test_a_draft_is_doubtful_until_its_questions_are_answered() -> None:
    """Each is named at its place, in a value as in a comment; without them there is no doubt."""
    text = draft("acme")
    doubts = lint(text, "acme.yml")

    assert len(doubts) == text.count("TODO: ")
    assert str(doubts[0]) == "acme.yml:4:16: warning: not answered yet: for people"
    assert "not answered yet: who says so?" in {p.message for p in doubts}
    assert lint(text.replace("TODO: ", ""), "acme.yml") == []


@pytest.mark.parametrize("like", [name for name in NAMES if name != "http"])
def test_a_draft_like_another_is_sound(like: str) -> None:
    """Under its own name, and it says whose facts it holds."""
    text = draft("acme", like)
    assert [p for p in lint(text, "acme.yml") if "not answered yet" not in p.message] == []
    assert text.startswith(f"# A draft, begun as a copy of {like}.")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lint, test and new as a person calls them; 2 where something is wrong."""
    file = tmp_path / "acme.yml"
    file.write_text(ACME, "utf-8")
    answers = tmp_path / "answers.jsonl"
    answers.write_text(
        '{"depth": "generate", "http": 402, "json": {"error": {"code": "broke"}}, "reason": "ok"}\n'
    )
    assert main(["provider", "lint", str(file)]) == 0
    assert main(["provider", "test", str(file), str(answers)]) == 2
    assert "quota_exhausted (acme.money); wrong: reason ok expected" in capsys.readouterr().out
    assert main(["provider", "new", "zeta"]) == 0
    assert "name: zeta\n" in capsys.readouterr().out


def test_a_whole_generation_is_played(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Create, poll, failure: through the driver that would be paid."""
    file, answers = tmp_path / "acme.yml", tmp_path / "answers.jsonl"
    file.write_text(ACME, "utf-8")
    steps = [{"http": 200, "json": {"id": "j1"}}, {"http": 200, "json": {"state": "busy"}},
             {"http": 200, "json": {"state": "broken"}}]  # fmt: skip
    case = {"depth": "generate", "model": "acme-1", "play": steps, "reason": "job_failed"}
    answers.write_text(json.dumps(case), "utf-8")
    assert main(["provider", "test", str(file), str(answers)]) == 0
    assert "1 of 1 right" in capsys.readouterr().err
