"""A provider is one YAML file: written outside the package, and watched as a user would, with the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genmedia_exporter.cli import main
from genmedia_exporter.demo.media import make_mp4
from tests.transport.server import Received, Server, Writer, answer

ACME = """
name: acme
title: Acme Video
kind: direct
base_url: {url}
prefix: /v2
auth: {{header: X-Acme-Key, prefix: ""}}

calls:
  - id: model
    depth: reach
    path: /models/{{model}}
    http: [200]
    expect: [{{pointer: /id}}]
    end_date: /gone_on
    proves: [edge, application, key, listing]
    source: test
  - id: empty_prompt
    depth: accept
    operations: [video]
    method: POST
    path: /videos
    json: {{model: "{{model}}", prompt: "", seconds: 0}}
    breaks: [prompt, seconds]
    http: [422]
    proves: [edge, application, key, route, validator]
    source: test

rules:
  - {{id: wallet, when: {{code: ["4402"]}}, means: quota_exhausted, source: test}}

jobs:
  - operation: video
    driver: async_job
    path: /videos
    json: {{model: "{{model}}", prompt: "{{prompt}}", seconds: 4}}
    id: /id
    poll: {{path: "/videos/{{id}}", interval_seconds: 0.05, deadline_seconds: 30}}
    status: {{pointer: /state, words: {{running: [rendering], succeeded: [ready], failed: [broken]}}}}
    output: {{pointer: /url}}
    seconds: 4

checked: 2026-11-29
models:
  - {{name: acme-3, family: acme-3, operation: video, price: {{usd_per_second: 0.01}}, source: test}}
"""
CONFIG = """
budget: {daily_usd: 1, monthly_usd: 10}
storage: {path: acme.db}
accounts: {acme: {provider: ./acme.yml, api_key: {value: acme-key-0123}}}
targets: [{account: acme, model: acme-3, depths: [reach, accept, generate]}]
"""


class Acme:
    """The service. Out of money where it is told so."""

    def __init__(self) -> None:
        self.broke = False
        self.polls = 0
        self.sold: list[Any] = []

    async def __call__(self, request: Received, writer: Writer) -> None:
        status, document = self._answer(request)
        if document is None:
            await answer(make_mp4(4, 640, 360), headers="content-type: video/mp4\r\n")(
                request, writer
            )
            return
        await answer(json.dumps(document).encode(), status)(request, writer)

    def _answer(self, request: Received) -> tuple[str, Any]:
        method, path, _ = request.line.split()
        if path == "/asset.mp4":
            return "200 OK", None
        if request.headers.get("x-acme-key") != "acme-key-0123":
            return "401 Unauthorized", {"error": {"message": "bad key"}}
        if path == "/v2/models/acme-3":
            return "200 OK", {"id": "acme-3", "gone_on": None}
        if method == "POST":
            return self._create(json.loads(request.body))
        self.polls += 1
        url = f"http://{request.headers['host']}/asset.mp4"
        state = {"state": "rendering"} if self.polls < 3 else {"state": "ready", "url": url}
        return "200 OK", {"id": "v1", **state}

    def _create(self, wanted: dict[str, Any]) -> tuple[str, Any]:
        if self.broke:
            return "429 Too Many Requests", {"error": {"code": 4402, "message": "wallet empty"}}
        if not wanted["prompt"]:
            said = {"error": {"message": "prompt must not be empty", "param": "prompt"}}
            return "422 Unprocessable Entity", said
        self.sold.append(wanted)
        return "200 OK", {"id": "v1", "state": "rendering"}


def test_a_provider_in_one_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linted, checked, probed free and paid; and what only it says is read by its own rule."""
    monkeypatch.chdir(tmp_path)
    service = Acme()
    with Server(service) as server:
        Path("acme.yml").write_text(ACME.format(url=server.url))
        Path("genmedia.yml").write_text(CONFIG)
        assert main(["provider", "lint", "./acme.yml"]) == 0
        assert main(["--config.file", "genmedia.yml", "--config.check"]) == 0
        capsys.readouterr()

        assert main(["--config.file", "genmedia.yml", "check", "--format", "json"]) == 0
        (target,) = json.loads(capsys.readouterr().out)["targets"]
        assert target["status"] == "operational"
        assert target["depths"]["accept"]["outcome"] == "success"
        assert service.sold == []

        told = ["probe", "acme/acme-3", "--depth", "generate", "--yes"]
        assert main(["--config.file", "genmedia.yml", *told]) == 0
        assert service.sold == [
            {"model": "acme-3", "prompt": service.sold[0]["prompt"], "seconds": 4}
        ]
        assert "acme-key-0123" not in capsys.readouterr().out

        service.broke = True
        assert main(["--config.file", "genmedia.yml", "check", "--format", "json"]) == 2
        (target,) = json.loads(capsys.readouterr().out)["targets"]
        assert (target["status"], target["reason"]) == ("quota_exhausted", "quota_exhausted")
