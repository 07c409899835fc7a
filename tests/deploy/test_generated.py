"""What repeats another file is written by deploy/generate.py, and was written after the last change."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from deploy import generate
from genmedia_exporter.cli import main
from tests.deploy.files import COMPOSE, EXAMPLE, KUBERNETES, ROOT
from tests.yaml_files import read_all_yaml, read_yaml


@pytest.mark.parametrize(("name", "make"), generate.FILES.items(), ids=generate.FILES)
def test_it_is_as_the_generator_writes_it(name: str, make: Callable[[], str]) -> None:
    """If not: python -m deploy.generate."""
    assert (ROOT / name).read_text("utf-8") == make()


def test_the_generator_finds_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Its own check says the same, and says it by the exit code."""
    assert generate.main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_prometheus_rules_are_the_rules() -> None:
    """Group by group and word for word, and none is left out."""
    found = read_all_yaml(KUBERNETES / "monitoring" / "prometheusrule.yaml")
    files = sorted((ROOT / "alerts").glob("*.rules.yml"))
    groups = [group for file in files for group in read_yaml(file)["groups"]]
    assert all(document["kind"] == "PrometheusRule" for document in found)
    written = [group for document in found for group in document["spec"]["groups"]]
    assert sorted(written, key=lambda g: g["name"]) == sorted(groups, key=lambda g: g["name"])


def test_the_mailing_alertmanager_calls_nobody_else() -> None:
    """No secret, no chat, no webhook; the routes, inhibitions and messages are the real ones."""
    mailing, real = (
        read_yaml(COMPOSE / "alertmanager.yml"),
        read_yaml(ROOT / "alerts" / "alertmanager.yml"),
    )
    assert "_file" not in yaml.safe_dump(mailing)
    assert {key for receiver in mailing["receivers"] for key in receiver} <= {
        "name",
        "email_configs",
    }
    for key in ("route", "inhibit_rules"):
        assert mailing.get(key) == real.get(key)
    assert mailing["templates"] == [*real["templates"], "grafana.tmpl"]
    assert mailing["global"]["smtp_require_tls"] is False


@pytest.mark.parametrize("config", [COMPOSE / "demo" / "genmedia.yml", EXAMPLE], ids=str)
def test_configurations_are_sound(config: object, capsys: pytest.CaptureFixture[str]) -> None:
    """The exporter itself says so."""
    assert main(["--config.check", "--config.file", str(config)]) == 0
    assert capsys.readouterr().out.endswith("Configuration is valid.\n")


@pytest.mark.parametrize("config", [COMPOSE / "demo" / "genmedia.yml", EXAMPLE], ids=str)
def test_history_is_kept_where_it_can_be_written(config: str) -> None:
    """On the volume: the rest of the container is read-only."""
    assert read_yaml(ROOT / config)["storage"]["path"].startswith("/data/")
