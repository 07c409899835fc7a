"""An unknown address is asked, for nothing, what it is; and `provider: auto` takes it for that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from genmedia_exporter.cli import main
from genmedia_exporter.config.problems import Problems
from genmedia_exporter.core.secret import Secret
from genmedia_exporter.probing.recognition import ask
from genmedia_exporter.targets.auto_provider import Recognised, by_host
from genmedia_exporter.targets.source import ConfigSource
from tests.transport.server import Received, Script, Server, Writer, answer

Answers = Mapping[str, tuple[str, Any]]
KEY = "sk-canary-0123456789abcdef"

LISTING = {"object": "list", "data": [{"id": "m", "object": "model", "owned_by": "acme"}]}
REFUSAL = {"error": {"message": "Incorrect API key provided", "type": "invalid_request_error"}}


def service(answers: Answers, headers: str = "") -> Script:
    """Answer by path, with 404 for everything else."""

    async def script(request: Received, writer: Writer) -> None:
        path = request.line.split()[1]
        status, document = answers.get(path, ("404 Not Found", {"detail": "Not Found"}))
        await answer(json.dumps(document).encode(), status, headers)(request, writer)

    return script


def owned_by(owner: str) -> Answers:
    """Return a listing whose models have that owner."""
    return {"/v1/models": ("200 OK", {"data": [{"id": "m", "owned_by": owner}]})}


STATUS = {"success": True, "message": "", "data": {"version": "v0.6", "system_name": "One API"}}
NEW = {**STATUS, "data": {**STATUS["data"], "self_use_mode_enabled": False}}  # type: ignore[dict-item]
CASES: list[tuple[Answers, str, str]] = [
    ({"/api/status": ("200 OK", NEW)}, "", "new-api"),
    ({"/api/status": ("200 OK", STATUS)}, "", "one-api"),
    ({"/v1/models": ("200 OK", LISTING)}, "x-new-api-version: v1.2\r\n", "new-api"),
    (
        {"/v1/models": ("401 Unauthorized", {"error": {"message": "no", "type": "new_api_error"}})},
        "",
        "new-api",
    ),
    (
        {"/v1/models": ("401 Unauthorized", {"error": {"message": "no", "type": "one_api_error"}})},
        "",
        "one-api",
    ),
    ({"/v1/models": ("200 OK", LISTING)}, "x-litellm-version: 1.110\r\n", "litellm"),
    ({"/v1/models": ("404 Not Found", {"ErrCode": 404, "ErrMsg": "no"})}, "", "pixverse"),
    (
        {"/v1/models": ("200 OK", {"base_resp": {"status_code": 1004, "status_msg": "no"}})},
        "",
        "minimax",
    ),
    (
        {"/v1/models": ("404 Not Found", {"error": {"type": "x", "http_code": "404"}})},
        "",
        "minimax",
    ),
    (
        {"/v1/models": ("200 OK", {"Response": {"Error": {"Code": "A"}, "RequestId": "r"}})},
        "",
        "tencent",
    ),
    ({"/health/readiness": ("200 OK", {"litellm_version": "1.110.2"})}, "", "litellm"),
    ({"/system_stats": ("200 OK", {"system": {"comfyui_version": "0.4"}})}, "", "comfyui"),
    (
        {"/mj/home": ("200 OK", {"success": True, "data": {"isDemoMode": False, "version": "v1"}})},
        "",
        "midjourney-proxy",
    ),
    (
        {"/mj/account/list": ("200 OK", [{"id": "1", "guildId": "2", "channelId": "3"}])},
        "",
        "midjourney-proxy",
    ),
    (
        {
            "/mj/account/list": (
                "200 OK",
                {"code": 1, "result": [{"guildId": "2", "channelId": "3"}]},
            )
        },
        "",
        "midjourney-proxy",
    ),
    (owned_by("vllm"), "", "vllm-omni"),
    (owned_by("sglang"), "", "sglang"),
    (owned_by("sora2api"), "", "sora2api"),
    ({"/v1/models": ("200 OK", LISTING)}, "", "openai-compatible"),
    ({"/v1/models": ("401 Unauthorized", REFUSAL)}, "", "openai-compatible"),
]


@pytest.mark.parametrize(("answers", "headers", "name"), CASES)
def test_families(answers: Answers, headers: str, name: str) -> None:
    """By headers, types of errors, what it tells of itself, its listing."""
    with Server(service(answers, headers)) as server:
        found = ask(f"{server.url}/v1", Secret(KEY))

    assert found is not None
    assert found.provider == name
    assert found.because


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"/v1/models": ("200 OK", ["x"])},
        {"/api/status": ("200 OK", {"data": 1})},
        {"/mj/home": ("200 OK", {"data": {"version": "v1"}}), "/mj/account/list": ("200 OK", [])},
        {"/mj/account/list": ("401 Unauthorized", [{"guildId": "2", "channelId": "3"}])},
    ],
)
def test_nobody(answers: Answers) -> None:
    """What tells nothing is not guessed."""
    with Server(service(answers)) as server:
        assert ask(server.url, None) is None


def test_nothing_is_created_and_the_key_goes_to_one_path() -> None:
    """Six questions, all GET."""
    with Server(service({"/v1/models": ("200 OK", LISTING)})) as server:
        ask(server.url, Secret(KEY))

    assert {r.line.split()[0] for r in server.received} == {"GET"}
    keyed = [r.line.split()[1] for r in server.received if "authorization" in r.headers]
    assert keyed == ["/v1/models"]
    assert len(server.received) == 6


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://acme.openai.azure.com", "azure"),
        ("https://dashscope.aliyuncs.com/api/v1", "dashscope"),
        ("https://api.z.ai/api/paas/v4", "zhipu"),
        ("https://api.eu.bfl.ai", "bfl"),
        ("https://bedrock-runtime.eu-west-1.amazonaws.com", "bedrock"),
        ("https://api.openai.com.evil.example", None),
        ("https://gate.example", None),
    ],
)
def test_own_hosts_need_no_question(url: str, name: str | None) -> None:
    """The whole host, nothing that only looks like it."""
    found = by_host(url)
    assert (found.provider if found else None) == name


def source(folder: Path, url: str) -> tuple[ConfigSource, list[str]]:
    """Return a source of one account that says auto, and the addresses that were asked."""
    asked: list[str] = []

    def recognise(base_url: str, key: Secret | None) -> Recognised | None:
        asked.append(base_url)
        assert key is not None
        assert key.reveal() == KEY
        return ask(base_url, key)

    file = folder / "genmedia.yml"
    file.write_text(
        f"accounts: {{g: {{provider: auto, base_url: '{url}', api_key: {{value: {KEY}}}}}}}\n"
        "targets: [{account: g, model: sora-2}]\n"
    )
    return ConfigSource(file, {}, recognise=recognise), asked


def test_auto_in_a_configuration(tmp_path: Path) -> None:
    """The account is what was recognised, it is told, and a reload does not ask again."""
    with Server(service({"/api/status": ("200 OK", NEW)})) as server:
        config, asked = source(tmp_path, server.url)
        config.load()
        config.load()
    assert asked == [server.url]
    assert config.resolution.accounts["g"].provider.name == "new-api"
    told = [w for w in config.warnings if "auto is" in str(w)]
    assert "auto is new-api: /api/status tells its name" in str(told[0])
    assert KEY not in repr(config.warnings)


def test_auto_that_nobody_recognises(tmp_path: Path) -> None:
    """It is taken for the commonest wire, and that is said."""
    with Server(service({})) as server:
        config, _ = source(tmp_path, server.url)
        config.load()
    assert config.resolution.accounts["g"].provider.name == "openai-compatible"
    assert "nothing it answers is known" in str(config.warnings[0])


def test_auto_needs_an_address(tmp_path: Path) -> None:
    """Without one there is nobody to ask."""
    file = tmp_path / "genmedia.yml"
    file.write_text("accounts: {g: {provider: auto}}\n")
    with pytest.raises(Problems, match="an address says which provider it is"):
        ConfigSource(file, {}).load()


def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It says which, and on request prints a file to begin with."""
    monkeypatch.setenv("GATE_KEY", KEY)
    with Server(service({"/api/status": ("200 OK", NEW)})) as server:
        assert main(["provider", "recognise", server.url, "--key", "GATE_KEY"]) == 0
        assert capsys.readouterr().out == "new-api: /api/status tells its name\n"
        assert main(["provider", "recognise", server.url, "--draft", "gate"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"# {server.url} is new-api: /api/status tells its name.\n")
    assert "name: gate\n" in text
    assert f"base_url: {server.url}\n" in text


def test_the_command_where_nothing_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """Two, and a sentence."""
    with Server(service({})) as server:
        assert main(["provider", "recognise", server.url]) == 2
    assert "is known" in capsys.readouterr().err
