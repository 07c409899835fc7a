"""What a stranger gives to `provider test`: rubbish is told with its line, and odd text files are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from genmedia_exporter.cli import main

FINE: Final = '{"depth": "reach", "http": 401, "json": {"error": {"message": "bad key"}}, "reason": "invalid_key"}'


def _tried(tmp_path: Path, content: bytes) -> int:
    answers = tmp_path / "answers.jsonl"
    answers.write_bytes(content)
    return main(["provider", "test", "kling", str(answers)])


@pytest.mark.parametrize(
    "content",
    [
        FINE.encode(),
        b"\xef\xbb\xbf" + FINE.encode(),
        FINE.encode() + b"\r\n\r\n",
        b"\n \n" + FINE.encode() + b"\n\n",
        b"[\n" + FINE.encode() + b"\n]\n",
    ],
    ids=["a line", "byte order mark", "line ends of Windows", "blank lines", "a list"],
)
def test_ways_to_write_a_file(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Editors differ; the answers are the same."""
    assert _tried(tmp_path, content) == 0
    assert "1 of 1 right" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ": no answer in it; one JSON object a line is wanted"),
        (b"\n\n", ": no answer in it"),
        (b"\x00\xff\x8b", ": not UTF-8 text"),
        (FINE.encode("utf-16"), ": not UTF-8 text"),
        (b"nonsense", ":1: no JSON: Expecting value; one object a line is wanted"),
        (FINE.encode() + b"\nnonsense", ":2: no JSON"),
        (b"5", ":1: no object"),
        (b"{}", ":1: depth is missing: reach, accept, generate"),
        (b'{"depth": "reech"}', ":1: depth 'reech' is none; did you mean 'reach'?"),
        (b'{"depth": "reach", "reason": "okay", "http": 200}', ":1: reason 'okay' is none; did you mean"),
        (b'{"depth": "reach", "http": 200}', ":1: reason is missing"),
        (b'{"depth": "reach", "reason": "ok"}', ":1: http is missing: the status"),
        (b'{"depth": "reach", "http": "200", "reason": "ok"}', ":1: http '200' is no HTTP status"),
        (b'{"depth": "reach", "http": 9999, "reason": "ok"}', ":1: http 9999 is no HTTP status"),
        (b'{"depth": "reach", "http": 200, "headers": "x", "reason": "ok"}', ":1: headers are no object"),
        (b'{"depth": "reach", "http": 200, "json": 1, "text": "1", "reason": "ok"}', ":1: json, text and body_b64"),
        (b'{"depth": "reach", "http": 200, "resaon": "ok"}', ":1: resaon: no key of an answer; did you mean 'reason'?"),
        (b'{"depth": "generate", "play": [], "reason": "ok"}', ":1: play is no list of answers"),
        (b'{"depth": "generate", "play": [5], "reason": "ok"}', ":1: play 1: no object"),
        (b'{"depth": "generate", "play": [{"json": {}}], "reason": "ok"}', ":1: play 1: http is missing"),
        (b'{"depth": "generate", "play": [{"http": 200, "body_b64": "a"}], "reason": "ok"}', ":1: "),
        (b'{"depth": "reach", "http": 200, "control": {"http": 200}, "reason": "ok"}', ":1: control is no answer"),
        (json.dumps({"depth": "reach", "http": 200, "control": {"call": "me"}, "reason": "ok"}).encode(), ":1: control: http is missing"),
        (b"[" * 100_000, ":1: nested too deep"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_said(
    content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its line, and no traceback."""
    assert _tried(tmp_path, content) == 1
    assert f"answers.jsonl{said}" in capsys.readouterr().err
