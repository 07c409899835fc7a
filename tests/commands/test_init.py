"""`init` makes a configuration that loads, of names and never of values."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from genmedia_exporter.cli import main
from genmedia_exporter.commands.init import ELSEWHERE, KEYS, configuration
from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.config.json_schema import json_schema
from genmedia_exporter.config.loader import parse_config
from genmedia_exporter.config.schema import Document
from genmedia_exporter.config.values import DURATION_SCHEMA, parse_duration
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.targets.resolve import resolve

SCHEMA = Path(__file__).parent.parent.parent / "genmedia.schema.json"
NOW = Unix(datetime(2026, 11, 29, 12, tzinfo=UTC).timestamp())
EVERY = {keys[0]: f"secret-{n}" for n, keys in enumerate(KEYS.values())}


@pytest.mark.parametrize("keys", [EVERY, *({k: "secret"} for k in EVERY)], ids=str)
def test_it_loads(keys: dict[str, str]) -> None:
    """Whatever keys are there; no model in it has ended, and nothing is spent."""
    text = configuration(keys, NOW)
    config = parse_config(text, "genmedia.yml")
    resolution = resolve(config, keys, now=NOW)
    assert "secret" not in text
    assert len(resolution.accounts) == len(keys)
    assert not [w for w in resolution.warnings if "ended" in w.message]
    assert config.budget.daily_usd == 0


def test_every_provider_named_is_there() -> None:
    """With an address of its own: a key alone is enough."""
    assert [name for name in KEYS if load_provider(name).base_url is None] == []


def test_the_schema_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    """The shipped file is what the models say: `genmedia-exporter init --schema > genmedia.schema.json`."""
    assert main(["init", "--schema"]) == 0
    assert capsys.readouterr().out == SCHEMA.read_text("utf-8")


def test_the_schema_knows_every_key() -> None:
    """A section is there, a duration is a text, one item may stand for a list of it."""
    schema = json_schema()
    assert schema["properties"].keys() == Document.model_fields.keys()
    target = schema["$defs"]["TargetConfig"]
    assert target["required"] == ["account"]
    assert target["additionalProperties"] is False
    assert DURATION_SCHEMA in target["properties"]["timeout"]["anyOf"]
    assert DURATION_SCHEMA in schema["$defs"]["Intervals"]["anyOf"]


def test_the_schema_bounds_what_the_models_bound() -> None:
    """In words that editors know: pydantic's own name of a bound is none of them."""
    schema = json_schema(["openai"])
    assert re.findall(r'"(?:[gl][et])":', json.dumps(schema)) == []
    assert {"maxProperties", "type"} <= schema["properties"]["accounts"]["anyOf"][0].keys()
    parts = schema["$defs"]
    assert {"exclusiveMinimum": 0, "exclusiveMaximum": 1, "type": "number"} in parts[
        "TargetConfig"
    ]["properties"]["slo"]["anyOf"]
    account = parts["AccountConfig"]["properties"]
    assert account["provider"]["anyOf"][0] == {"enum": ["auto", "openai"]}
    assert account["api_key"]["anyOf"][0]["maxProperties"] == 1


@pytest.mark.parametrize(
    "text", ["500ms", "10s", "5m", "1h30m", "1d", "", "5", "1.5h", "s", "1m1h"]
)
def test_the_schema_and_the_exporter_agree_on_durations(text: str) -> None:
    """What one takes for a duration, the other does."""
    try:
        parse_duration(text)
        taken = True
    except ValueError:
        taken = False
    assert (re.search(DURATION_SCHEMA["pattern"], text) is not None) is taken


def test_a_key_in_two_parts() -> None:
    """Its provider takes both parts in one variable: that is said where they are found, and nowhere else."""
    pair = {"KLING_ACCESS_KEY": "a", "KLING_SECRET_KEY": "hunter2"}
    told = configuration({"FAL_KEY": "k", "AWS_ACCESS_KEY_ID": "a", **pair}, NOW)
    assert "KLING_ACCESS_KEY and KLING_SECRET_KEY are there, but kling takes both in one" in told
    assert "  # kling: {provider: kling, api_key: {env: KLING_KEYS}}" in told
    assert "AWS" not in told
    assert "hunter2" not in told
    assert "KLING_ACCESS_KEY" not in configuration({"KLING_API_KEY": "k", **pair}, NOW)


def test_a_key_whose_address_only_its_owner_knows() -> None:
    """What has to be written beside the key is said, and the rest of the configuration is valid without it."""
    told = configuration({"FAL_KEY": "k", "CLOUDFLARE_API_TOKEN": "hunter2"}, NOW)
    assert "only you know the address of cloudflare: write variables: {account: …}" in told
    assert "{env: CLOUDFLARE_API_TOKEN}, variables: {account: …}}" in told
    assert "hunter2" not in told
    assert "azure" not in told
    with pytest.raises(UsageError, match=r"the address of azure: write base_url: …"):
        configuration({"AZURE_OPENAI_API_KEY": "k"}, NOW)
    for name, (_, address) in ELSEWHERE.items():
        provider = load_provider(name)
        assert ("variables" in address) == (provider.base_url is not None), name


def test_without_a_key() -> None:
    """It says under which names it looks."""
    with pytest.raises(UsageError, match="OPENAI_API_KEY"):
        configuration({"HOME": "/x", "OPENAI_API_KEY": ""}, NOW)
    with pytest.raises(UsageError, match="kling takes both in one variable"):
        configuration({"KLING_ACCESS_KEY": "a", "KLING_SECRET_KEY": "b"}, NOW)


def test_it_never_writes_over_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is there stays."""
    monkeypatch.setenv("FAL_KEY", "k")
    file = tmp_path / "genmedia.yml"
    assert main(["init", "-o", str(file)]) == 0
    made = file.read_text("utf-8")
    assert "{env: FAL_KEY}" in made
    assert main(["init", "-o", str(file)]) == 1
    assert file.read_text("utf-8") == made
    assert "there already" in capsys.readouterr().err
