"""`explain` by hand: the generic rules where no file fits, many answers at once, and a case for a bug report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genmedia_exporter.cli import main

Capture = pytest.CaptureFixture[str]

ARREARS = {"code": "1113", "message": "Your account is in arrears, please recharge"}
CASES = [
    {"id": "a", "provider": "hedra", "depth": "generate", "http_status": 429, "body": json.dumps({"error": ARREARS}),
     "expect": {"status": ["quota_exhausted"], "fault": ["account"]}},
    {"id": "b", "http_status": 503, "expect": {"status": "down"}},
    {"http_status": 200, "depth": "reach", "body_b64": "eyJkYXRhIjogW119"},
]  # fmt: skip


def file_of(folder: Path, *cases: object) -> str:
    """Return the path of a file with *cases*, one a line, an empty line between them."""
    path = folder / "cases.jsonl"
    path.write_text("\n\n".join(json.dumps(case) for case in cases), "utf-8")
    return str(path)


@pytest.mark.parametrize("name", [None, "opennai", "nobody"])
def test_without_a_provider_the_generic_rules_answer(name: str | None, capsys: Capture) -> None:
    """And it says so, with what was probably meant."""
    named = [] if name is None else ["--provider", name]
    code = main(["explain", *named, "--http-status", "429", "--format", "json"])
    told = capsys.readouterr()

    assert (code, json.loads(told.out)["status"]) == (0, "rate_limited")
    assert "the generic rules answer" in told.err
    assert ("did you mean 'openai'" in told.err) is (name == "opennai")


def test_a_file_that_is_missing_is_an_error(capsys: Capture) -> None:
    """Whoever writes a path means that file."""
    assert main(["explain", "--provider", "./gone.yml", "--http-status", "429"]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_a_batch_is_one_verdict_a_line_and_a_score(tmp_path: Path, capsys: Capture) -> None:
    """In JSON with the keys of the single answer and the id."""
    code = main(["explain", "--batch", file_of(tmp_path, *CASES), "--format", "json"])
    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]

    assert code == 0
    assert [line["id"] for line in lines] == ["a", "b", "5"]
    assert set(lines[0]) == {"id", "outcome", "status", "fault", "up", "reason", "rule"}
    assert [line["status"] for line in lines] == ["quota_exhausted", "down", "operational"]
    assert told.err.endswith("2 of 2 right (100.0%)\n")
    assert "'hedra'" in told.err


def test_a_wrong_one_ends_with_two(tmp_path: Path, capsys: Capture) -> None:
    """What was expected stands in its line."""
    wrong = {**CASES[0], "expect": {"status": ["down"], "fault": ["provider"]}}
    assert main(["explain", "--batch", file_of(tmp_path, wrong, CASES[1])]) == 2
    told = capsys.readouterr()

    assert "wrong: down, provider expected" in told.out.splitlines()[0]
    assert told.err.endswith("1 of 2 right (50.0%)\n")


def test_without_expectations_there_is_no_score(tmp_path: Path, capsys: Capture) -> None:
    """And nothing can be wrong."""
    assert main(["explain", "--batch", file_of(tmp_path, CASES[2])]) == 0
    assert "right" not in capsys.readouterr().err


def test_what_is_not_read_is_a_warning(tmp_path: Path, capsys: Capture) -> None:
    """With line and key, once for many lines; keys for people are none, and no exit code changes."""
    sound = {"http_status": 200, "why": "x", "source": "x", "fault_kind": "x", "verdict": {}}
    odd = sound | {"http_staus": 1, "colour": "red", "expect": {"staus": ["down"]}}
    file = file_of(tmp_path, sound, odd, sound | {"colour": "blue", "expect": {}})
    assert main(["explain", "--batch", file, "--provider", "openai"]) == 0
    begin = f"genmedia-exporter: warning: --batch {file}: "
    assert capsys.readouterr().err.splitlines() == [
        f"{begin}line 3: unknown key 'http_staus'; did you mean 'http_status'?",
        f"{begin}line 3 and 1 more: unknown key 'colour'",
        f"{begin}line 3: unknown key 'expect.staus'; did you mean 'status'?",
        f"{begin}line 3 and 1 more: expect names no status and no fault, so the verdict is not scored",
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 1: no JSON"),
        ("[]", "no JSON object"),
        ('{"http_status": "200"}', "http_status is a number"),
        ('{"http_status": true}', "http_status is a number"),
        ('{"http_status": 200, "depth": "deep"}', "depth is one of reach, accept, generate"),
        ('{"http_status": 200, "expect": {"status": ["fine"]}}', "status is one of unknown"),
        ('{"http_status": 200, "expect": []}', ""),
        ('{"http_status": 200, "expect": 7}', "expect is an object"),
        ('{"http_status": 200, "headers": []}', "headers is an object"),
        ('{"http_status": 200, "body_b64": "%"}', "body_b64 is no base64"),
    ],
)
def test_a_line_that_is_no_case(line: str, words: str, tmp_path: Path, capsys: Capture) -> None:
    """One line that says which, and what is wrong."""
    path = tmp_path / "cases.jsonl"
    path.write_text(line, "utf-8")

    assert main(["explain", "--batch", str(path)]) == (1 if words else 0)
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--batch", "x", "--http-status", "200"], ["--batch", "x", "--report"], [], ["--body", "x"]],
)
def test_one_answer_or_many(arguments: list[str], capsys: Capture) -> None:
    """Not both, and not neither."""
    assert main(["explain", *arguments]) == 1
    assert "--batch" in capsys.readouterr().err


SECRETS = [
    "sk-proj-abcdef0123456789",
    "joe@example.org",
    "203.0.113.7",
    "org-Kq77Zb1",
    "sig=abc",
    "hunter22",
]


def test_a_report_can_be_read_again_and_tells_no_secret(tmp_path: Path, capsys: Capture) -> None:
    """A case for a bug report: the answer whole, without keys, people and signed addresses."""
    said = f"bad key {SECRETS[0]} of {SECRETS[1]} at {SECRETS[2]} in {SECRETS[3]}"
    body = {
        "error": {
            "message": f"{said} https://x.y/z?{SECRETS[4]}",
            "code": "zqx",
            "password": SECRETS[5],
        }
    }
    path = tmp_path / "body.json"
    path.write_text(json.dumps(body), "utf-8")
    asked = [
        "--http-status",
        "401",
        "--body",
        str(path),
        "--header",
        "X-Api-Key: hunter22",
        "--header",
        "Server: x",
    ]
    assert main(["explain", "--provider", "openai", "--depth", "accept", "--report", *asked]) == 0
    line = capsys.readouterr().out

    assert [secret for secret in SECRETS if secret in line] == []
    assert json.loads(line)["headers"] == {"X-Api-Key": "<secret>", "Server": "x"}
    path.write_text(line, "utf-8")
    assert main(["explain", "--batch", str(path)]) == 0
    assert "auth_error, account" in capsys.readouterr().out
