"""What a sound configuration means: defaults, overrides, names, warnings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genmedia_exporter.config.loader import Config, parse_config, read_config
from genmedia_exporter.config.problems import Problems
from genmedia_exporter.config.schema import Document
from genmedia_exporter.core.status import Channel, Depth, Status
from genmedia_exporter.targets.source import ConfigSource
from tests.yaml_files import parse_yaml

GOOD = Path(__file__).parent / "good"
SMALL = "accounts: {a: {provider: openai}}\ntargets: [{account: a, model: m}]\n"


@pytest.mark.parametrize("file", sorted(GOOD.glob("*.yml")), ids=lambda file: file.stem)
def test_good_files(file: Path) -> None:
    """Every good file loads and resolves."""
    source = ConfigSource(file, {"APIYI_API_KEY": "k"})

    source.load()

    assert len(source.resolution.targets) == len(source.config.targets) > 0


def test_design_example() -> None:
    """The example of the design means what it says."""
    source = ConfigSource(GOOD / "design.yml", {"APIYI_API_KEY": "k"})
    source.load()

    (target,) = source.resolution.targets

    assert target.name == "sora-2-official"
    assert target.provider.name == "new-api"
    assert target.account.base_url == "https://api.apiyi.com"
    assert target.depths == (Depth.REACH, Depth.ACCEPT, Depth.GENERATE)
    assert target.intervals == {Depth.REACH: 60, Depth.ACCEPT: 600, Depth.GENERATE: 7200}
    assert target.page == ("openai", "Images")
    assert source.resolution.skipped == {}


def test_defaults() -> None:
    """Everything but accounts and targets may be left out."""
    config = parse_config(SMALL, "f.yml")

    assert config.defaults.timeout == 10
    assert config.defaults.interval.model_dump() == {
        "reach": "1m",
        "accept": "10m",
        "generate": "6h",
    }
    assert config.defaults.depths == (Depth.REACH, Depth.ACCEPT)
    assert (config.defaults.schedule, config.defaults.concurrency) == ("timer", 16)
    assert config.limits.probes_in_flight == 64
    assert (config.budget.daily_usd, config.budget.monthly_usd) == (0, 0)
    assert config.budget.timezone == "UTC"
    assert (config.slo.of(Channel.OFFICIAL), config.slo.of(Channel.REVERSE)) == (0.99, 0.9)
    assert config.storage.path == "genmedia.db"
    assert config.storage.retention == 90 * 86400
    assert config.warnings == ()


def test_partial_interval() -> None:
    """Intervals that are not written keep their defaults; a single one is for the free depths."""
    partial = parse_config("defaults: {interval: {accept: 5m}}\n" + SMALL, "f.yml")
    single = parse_config("defaults: {interval: 1s}\n" + SMALL, "f.yml")

    assert [partial.defaults.interval.of(depth) for depth in Depth] == [60, 300, 21600]
    assert [single.defaults.interval.of(depth) for depth in Depth] == [1, 1, 21600]


def test_default_names() -> None:
    """A target is called like its account and model, or like its account alone."""
    text = SMALL + "  # more\n"
    config = parse_config(
        text.replace("[{account: a, model: m}]", "[{account: a, model: m/n}]"), "f"
    )

    assert [target.name for target in config.targets] == ["a/m/n"]
    assert parse_config(SMALL.replace(", model: m", ""), "f").targets[0].name == "a"


def test_empty_sections() -> None:
    """A section with nothing below its key is as if it were not written."""
    config = parse_config("defaults:\nbudget:\nmaintenance:\n" + SMALL, "f.yml")

    assert config.defaults.timeout == 10


@pytest.mark.parametrize("text", ["targets: []\n", "targets:\n", "accounts: {}\n"])
def test_nothing_to_watch(text: str) -> None:
    """An empty list of targets is allowed, with a warning."""
    (warning,) = parse_config(text, "f.yml").warnings

    assert str(warning).endswith("warning: targets: there is nothing to watch: the list is empty")


def test_glob_without_target() -> None:
    """A maintenance glob that fits nothing is a warning, since the case of letters counts."""
    window = "start: 2026-12-01T02:00:00Z, end: 2026-12-01T04:00:00Z"

    config = parse_config(
        SMALL + f"maintenance: [{{targets: ['a/*', 'A/*'], {window}}}]\n", "f.yml"
    )

    (warning,) = config.warnings
    assert str(warning) == "f.yml:3:33: warning: maintenance[0].targets[1]: 'A/*' matches no target"


def test_depths_in_order() -> None:
    """Depths come shallow first and once, however they are written."""
    text = SMALL.replace("model: m", "model: m, depths: [accept, reach, accept]")

    assert parse_config(text, "f.yml").targets[0].depths == (Depth.REACH, Depth.ACCEPT)


def test_routing() -> None:
    """Policies have names; a channel may stand alone."""
    text = SMALL + "routing: {policies: {cheap: {order_by: price}, safe: {prefer: official}}}\n"

    policies = parse_config(text, "f.yml").routing.policies

    assert policies["cheap"].max_status is Status.DEGRADED
    assert policies["safe"].prefer == (Channel.OFFICIAL,)


def test_frozen(load: Callable[[str], Config]) -> None:
    """Nothing of a loaded configuration can be set."""
    config = load(SMALL)

    with pytest.raises(ValueError, match="frozen"):
        config.targets[0].name = "other"


def test_redacted_yaml() -> None:
    """The running configuration is YAML with every default in it, and can be read again."""
    file = GOOD / "everything.yml"
    config = parse_config(read_config(file), str(file))

    shown = parse_yaml(config.redacted_yaml())

    assert set(shown) == set(Document.model_fields)
    assert shown["accounts"]["gate"]["api_key"] == "<secret>"
    assert shown["accounts"]["gate"]["headers"] == {"X-Region": "<secret>", "X-Token": "<secret>"}
    assert shown["storage"]["url"] == "<secret>"
    assert shown["targets"][1]["timeout"] == "1m30s"
    assert shown["maintenance"][0]["start"] == "2026-11-30T18:00:00Z"


def test_redacted_yaml_has_what_is_in_force(load: Callable[[str], Config]) -> None:
    """A budget makes `generate` a usual depth unless depths are written; a database's URL leaves no file."""
    budget = "budget: {daily_usd: 1, monthly_usd: 20}\nstorage: {url: 'postgresql://h/db'}\n"
    shown = parse_yaml(load(budget).redacted_yaml())
    assert shown["defaults"]["depths"] == ["reach", "accept", "generate"]
    assert shown["storage"] == {"url": "<secret>", "retention": "90d"}
    for said in ("", f"{budget}defaults: {{depths: [reach]}}\n"):
        depths = parse_yaml(load(said or "budget: {daily_usd: 1}").redacted_yaml())["defaults"]
        assert depths["depths"] == (["reach"] if said else ["reach", "accept"])


def test_redacted_yaml_loads(load: Callable[[str], Config]) -> None:
    """Where there is no secret, what is shown means the same when loaded."""
    config = load(SMALL)

    assert load(config.redacted_yaml()).redacted_yaml() == config.redacted_yaml()


@pytest.mark.parametrize("name", ["missing.yml", ".", "a\0b"])
def test_unreadable(name: str, tmp_path: Path) -> None:
    """A file that cannot be read is a problem like others."""
    with pytest.raises(Problems, match="the configuration file cannot be read: "):
        read_config(tmp_path / name)


def test_many_targets() -> None:
    """The limit on targets is said in numbers, not felt in seconds."""
    rows = "\n".join(f"- {{account: a, model: m{n}}}" for n in range(12_001))

    with pytest.raises(Problems) as refused:
        parse_config(f"accounts: {{a: {{provider: openai}}}}\ntargets:\n{rows}\n", "f.yml")

    assert str(refused.value) == "f.yml:3:1: targets: at most 12000 entries, there are more"


def test_many_keys() -> None:
    """5,000 targets, each with what a target usually has, fit into one file."""
    keys = "timeout: 10s, price: {usd_per_second: 0.1}, interval: {reach: 1m}"
    rows = "\n".join(f"- {{account: a, model: m{n}, name: n{n}, {keys}}}" for n in range(5_000))

    config = parse_config(f"accounts: {{a: {{provider: openai}}}}\ntargets:\n{rows}\n", "f.yml")

    assert len(config.targets) == 5_000


def test_broken_neighbours() -> None:
    """What is broken does not make sound references look wrong, and numbers stay the file's."""
    text = """
accounts:
  good: {provider: openai}
  broken: {provider: openai, timeout: 5}
targets:
  - {account: good, model: m, slo: 7}
  - {account: broken, model: m}
  - {account: good, model: m, page: {id: status, component: c}}
  - {account: good, model: m}
status_pages: [{id: status, url: nowhere}]
"""
    with pytest.raises(Problems) as refused:
        parse_config(text, "f.yml")

    paths = [problem.path for problem in refused.value.problems]
    assert paths == [
        "accounts.broken.timeout",
        "targets[0].slo",
        "targets[2].name",
        "targets[3].name",
        "status_pages[0].url",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"key{i}: 1\n" for i in range(3_000)),
        "accounts: {a: {provider: openai}}\ntargets:\n" + "  - []\n" * 3_000,
        "accounts: {a: {provider: openai}}\ntargets:\n"
        + "".join(f"  - {{account: b, model: m{i}}}\n" for i in range(3_000)),
    ],
    ids=["unknown keys", "no targets", "unknown accounts"],
)
def test_of_many_problems_the_first_thousand_are_told(text: str) -> None:
    """And that there are more."""
    with pytest.raises(Problems) as raised:
        parse_config(text, "f.yml")

    assert len(raised.value.problems) == 1_001
    assert "more problems" in raised.value.problems[-1].message


def test_too_many_entries_are_not_looked_at() -> None:
    """It says how many there may be, and nothing of each."""
    with pytest.raises(Problems) as raised:
        parse_config(SMALL.split("targets")[0] + "status_pages: [" + "1, " * 201 + "]", "f.yml")

    assert [str(p) for p in raised.value.problems] == [
        "f.yml:2:15: status_pages: at most 200 entries, there are more"
    ]


@pytest.mark.parametrize(("patterns", "fits"), [(500, True), (501, False)])
def test_windows_are_compared_with_targets_a_million_times(patterns: int, fits: bool) -> None:
    """What is more is refused; names without a pattern in them are only looked up."""
    window = "{{targets: [{}], start: 2026-12-01T02:00:00Z, end: 2026-12-01T04:00:00Z}}"
    targets = ", ".join(f"{{account: a, model: m{i}}}" for i in range(2_000))
    named = window.format(", ".join(f"a/m{i}" for i in range(200)))
    globs = ", ".join(window.format(f"'a/m{i}*'") for i in range(patterns))
    text = f"accounts: {{a: {{provider: openai}}}}\ntargets: [{targets}]\nmaintenance: [{named}, {globs}]\n"

    if fits:
        assert parse_config(text, "f.yml").warnings == ()
        return
    with pytest.raises(Problems, match="501 patterns for 2,000 targets are more than 1,000,000"):
        parse_config(text, "f.yml")
