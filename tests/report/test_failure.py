"""A kept failure told: redacted, whole, and replayed by the command that it names."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.core.evidence import Evidence, Exchange, Observation, Role, Transport
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.core.status import Channel, Depth
from genmedia_exporter.health.failures import FailureLog, KeptFailure
from genmedia_exporter.providers.loader import load_generic, load_provider
from genmedia_exporter.report.failure import explain_line, failure_object
from tests.fakes import START, make_target

NEW_API = load_provider("new-api")
TARGET = make_target("relay/sora-2")
TARGET = replace(
    TARGET,
    account=replace(TARGET.account, provider=NEW_API, channel=Channel.REVERSE),
    model="sora-2",
)


def kept(
    status: int | None,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    transport: Transport | None = None,
) -> KeptFailure:
    """Return a failure as it is kept: classified by the rules, put into the log, taken out."""
    url = f"{TARGET.account.base_url}/videos"
    exchange = Exchange(
        "create",
        Role.PROBE,
        "POST",
        url,
        TARGET.account.host,
        status,
        MappingProxyType(headers or {}),
        body,
        transport,
    )
    evidence = Evidence(TARGET.name, Depth.ACCEPT, START, 0.2, (exchange,))
    context = Context(NEW_API, TARGET.channel, None, TARGET.model, START, None)
    verdict = classify(evidence, context, load_generic())
    log = FailureLog()
    log.add(TARGET, Observation(evidence, verdict))
    (found,) = log.of(TARGET.name)
    return found


NO_CHANNEL = json.dumps(
    {"error": {"code": "model_not_found", "message": "分组 default 下模型 sora-2 无可用渠道"}},
    ensure_ascii=False,
)
CASES: list[tuple[int | None, bytes, dict[str, str], Transport | None]] = [
    (503, NO_CHANNEL.encode(), {"content-type": "application/json"}, None),
    (401, b'{"error":{"message":"it\'s $HOME `id` \\"quoted\\"","code":"invalid_api_key"}}', {}, None),
    (429, b"", {"retry-after": "17"}, None),
    (502, b"\xff\xfe\x00 not text", {"server": "nginx; rm -rf $HOME"}, None),
    (None, b"", {}, Transport.CONNECT_TIMEOUT),
    (200, b'{"data": [', {}, Transport.BODY_TRUNCATED),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "headers", "transport"), CASES)
def test_the_explain_line_replays_the_verdict(
    status: int | None,
    body: bytes,
    headers: dict[str, str],
    transport: Transport | None,
    tmp_path: Path,
) -> None:
    """A shell runs it as it stands, with any characters, and the answer means the same."""
    failure = kept(status, body, headers, transport)
    command = tmp_path / "genmedia-exporter"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m genmedia_exporter "$@"\n')
    command.chmod(0o755)
    line = f"{explain_line(failure)} --format json"
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    told: dict[str, Any] = json.loads(done.stdout or "{}")

    assert done.returncode == 0, done.stderr
    verdict = failure.verdict
    assert (told["outcome"], told["reason"], told["rule"]) == (
        verdict.outcome,
        verdict.reason,
        verdict.rule,
    )


SECRETS = (
    "sk-live0123456789abcdef",
    "our-own-key-without-a-prefix",
    "someone@example.com",
    "203.0.113.7",
    "sig=deadbeef",
)


def test_nothing_secret_is_told() -> None:
    """Keys, ours and others', people, and signed queries: neither in the whole nor in the line."""
    ours = Secret(SECRETS[1])
    text = f"key {SECRETS[0]} and {SECRETS[1]} of {SECRETS[2]} at {SECRETS[3]}"
    body = json.dumps({"error": text, "url": f"https://cdn.example.com/a.mp4?{SECRETS[4]}"})
    failure = kept(500, body.encode(), {"x-token": "abc-abc-abc", "via": text})
    told = json.dumps(failure_object(failure))

    assert str(ours) == "<secret>"
    for secret in (*SECRETS, "abc-abc-abc"):
        assert secret not in told
    assert "<secret>" in told


def test_a_body_that_is_no_text_is_told_in_base64() -> None:
    """And one whose last character was cut is text all the same."""
    binary = failure_object(kept(502, b"\xff\x00"))["exchanges"][0]
    cut = failure_object(kept(502, "bad 视".encode()[:-1]))["exchanges"][0]

    assert (binary["body"], base64.b64decode(binary["body_b64"])) == (None, b"\xff\x00")
    assert (cut["body"], cut["body_b64"]) == ("bad ", None)
