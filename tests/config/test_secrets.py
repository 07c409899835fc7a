"""A credential never shows, wherever it stands and whatever is wrong around it."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from genmedia_exporter.config.problems import Problems
from genmedia_exporter.targets.source import ConfigSource, ReloadResult
from genmedia_exporter.targets.summary import describe

CANARY = "sk-canary-5c1d"

WHERE = {
    "value": "api_key: {value: CANARY}",
    "header": "headers: {X-Key: CANARY}",
    "header value": "headers: {X-Key: {value: CANARY}}",
    "environment": "api_key: {env: KEY}",
    "file": "api_key: {file: key.txt}",
    "bare": "api_key: CANARY",
    "quoted": "api_key: 'CANARY'",
    "as a key": "api_key: {CANARY}",
    "as a kind": "api_key: {CANARY: env}",
    "list": "api_key: [CANARY]",
    "nested": "api_key: {value: {value: CANARY}}",
    "two kinds": "api_key: {value: CANARY, env: KEY}",
    "key twice": "api_key: {CANARY: 1, CANARY: 2}",
    "name of a variable": "api_key: {env: CANARY}",
    "header's key": "headers: {CANARY}",
    "header's name": "headers: {'CANARY :': x}",
    "header's list": "headers: {X-Key: [CANARY]}",
    "header's mapping": "headers: {X-Key: {CANARY: x}}",
    "headers as text": "headers: CANARY",
    "headers as list": "headers: [CANARY]",
    "alias": "api_key: *CANARY",
    "anchor": "api_key: &CANARY",
    "tag": "api_key: !CANARY x",
    "tag handle": "api_key: !CANARY!x x",
    "open quote": "api_key: 'CANARY",
    "escape": 'api_key: "\\CANARY"',
    "colon": "api_key: CANARY: x",
    "reserved": "api_key: @CANARY",
    "user of the URL": "base_url: https://CANARY@gate.example",
    "query of the URL": "base_url: https://gate.example/?key=CANARY",
    "port of the URL": "base_url: https://gate.example:CANARY",
    "unprintable": 'api_key: {value: "CANARY\\n"}',
    "good, beside an error": "timeout: 5, api_key: {value: CANARY}, headers: {X-Key: CANARY}",
    "good, beside an unknown key": "api_kye: x, api_key: {value: CANARY}",
}

CONFIG = """
accounts:
  gate: {provider: openai, %s}
targets:
  - {account: gate, model: sora-2}
"""


@pytest.mark.parametrize("where", WHERE)
def test_canary(where: str, tmp_path: Path) -> None:
    """No text, repr, traceback or printed configuration holds the secret."""
    (tmp_path / "key.txt").write_text(CANARY)
    source = written(tmp_path, CONFIG % WHERE[where].replace("CANARY", CANARY))

    result = source.reload()

    for shown in everything_shown(source, result):
        assert CANARY not in shown


@pytest.mark.parametrize("url", ["CANARY", "{value: CANARY}", "[CANARY]", "{CANARY}", "{env: KEY}"])
def test_database_url(url: str, tmp_path: Path) -> None:
    """The URL of the database, with its password, is a secret as well."""
    text = CONFIG % "timeout: 5s" + f"storage: {{url: {url.replace('CANARY', CANARY)}}}\n"
    source = written(tmp_path, text)

    result = source.reload()

    for shown in everything_shown(source, result):
        assert CANARY not in shown


def test_secrets_arrive(tmp_path: Path) -> None:
    """What is hidden is still there for whoever signs a request."""
    (tmp_path / "key.txt").write_text(f"{CANARY}\r\n")
    keys = "api_key: {file: key.txt}, headers: {X-Key: {env: KEY}, X-Region: eu}"
    source = written(tmp_path, CONFIG % keys)
    source.load()

    account = source.resolution.accounts["gate"]

    assert account.api_key is not None
    assert account.api_key.reveal() == CANARY
    assert {k: v.reveal() for k, v in account.headers.items()} == {
        "X-Key": CANARY,
        "X-Region": "eu",
    }


def written(folder: Path, text: str) -> ConfigSource:
    """Return the source of a configuration file holding *text*."""
    file = folder / "genmedia.yml"
    file.write_text(text, encoding="utf-8")
    return ConfigSource(file, {"KEY": CANARY})


def everything_shown(source: ConfigSource, result: ReloadResult) -> list[str]:
    """Return all that could reach a log, a page or a terminal."""
    shown = [repr(result), repr(source), *map(str, result.problems), *map(str, result.warnings)]
    if not result.success:
        return [*shown, *whole_traceback(source)]
    config, resolution = source.config, source.resolution
    shown += [repr(config), str(config), config.redacted_yaml(), repr(config.places)]
    return [*shown, repr(resolution), describe(resolution), config.model_dump_json()]


def whole_traceback(source: ConfigSource) -> list[str]:
    """Return the exception of a failing load with its causes, contexts included."""
    with pytest.raises(Problems) as caught:
        source.load()
    chain: list[str] = []
    error: BaseException | None = caught.value
    while error is not None:
        chain += [*traceback.format_exception(error), repr(error)]
        error = error.__context__
    return chain
