"""The one-shot commands against the demo world: what they print and how they exit."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from genmedia_exporter.cli import COMMANDS, main, with_command
from genmedia_exporter.commands.buy import buy
from genmedia_exporter.core.clock import SystemClock, Unix
from genmedia_exporter.core.evidence import NO_HINTS, Hints, JobRef, Observation
from genmedia_exporter.demo.world import World, run_in_thread
from genmedia_exporter.drivers.contract import Run
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.targets.model import Target
from genmedia_exporter.targets.source import ConfigSource
from genmedia_exporter.transport.network import Network

Capture = pytest.CaptureFixture[str]

CONFIG = """
defaults: {{timeout: 30s}}
accounts:
  vendor: {{provider: openai, base_url: "{url}/openai-image", api_key: {{value: demo-key}}}}
  pool: {{provider: sora2api, base_url: "{url}/sora-2-reverse", api_key: {{value: demo-key}}}}
targets:
  - {{name: image, account: vendor, model: gpt-image-2.5-flare, page: {{id: openai, component: Images}}}}
  - {{name: 风控 pool, account: pool, model: sora_video2, operation: video}}
status_pages:
  - {{id: openai, url: "{url}/_pages/openai", components: [Images, Gone]}}
"""


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Run one world for all commands."""
    with run_in_thread() as running:
        yield running


@pytest.fixture
def config(world: World, tmp_path: Path) -> str:
    """Write a configuration for the world."""
    path = tmp_path / "genmedia.yml"
    path.write_text(CONFIG.format(url=world.url), "utf-8")
    return str(path)


def test_check_prints_a_line_for_each_target_and_page(config: str, capsys: Capture) -> None:
    """Title, icon, name, status and seconds of each, what the pages say, and the count."""
    code = main(["check", "--config.file", config])
    lines = capsys.readouterr().out.splitlines()

    assert code == 0
    assert lines[0].startswith("Generation API status, 20")
    assert lines[2].startswith("🟢 image      operational ")
    assert lines[3].startswith("🟢 风控 pool  operational ")
    assert lines[6].startswith("🟢 openai     operational")
    assert lines[6].endswith("not listed: Gone")
    assert lines[-1] == "2 of 2 usable"


def test_check_gives_the_reason_and_exits_two(world: World, config: str, capsys: Capture) -> None:
    """What is not usable is said at once, a single transient failure included."""
    world.set_fault("openai-image", "overloaded")
    try:
        code = main(["check", "--config.file", config, "image"])
    finally:
        world.clear_fault("openai-image")
    out = capsys.readouterr().out

    assert code == 2
    assert "🔴 image   down " in out
    assert "The service is overloaded. (Our servers are currently overloaded." in out


@pytest.mark.parametrize(
    ("lang", "status", "last"),
    [("es", "Operativo", "2 de 2 utilizables"), ("zh-Hans", "正常", "2 个中 2 个可用")],
)
def test_check_speaks_other_languages(
    config: str, capsys: Capture, lang: str, status: str, last: str
) -> None:
    """Words and numbers; what programs read stays as it is."""
    main(["check", "--config.file", config, "--lang", lang])
    lines = capsys.readouterr().out.splitlines()
    assert sum(status in line for line in lines) >= 2
    assert lines[-1] == last


def test_check_as_json_has_the_objects_of_the_api(config: str, capsys: Capture) -> None:
    """The same target objects as /api/v1/status."""
    main(["check", "--config.file", config, "--format", "json"])
    told = json.loads(capsys.readouterr().out)

    assert [target["name"] for target in told["targets"]] == ["image", "风控 pool"]
    assert told["targets"][0]["depths"]["accept"]["http_status_code"] == 400
    assert [target["stability"] for target in told["targets"]] == [0, 0]  # not judged by one look
    assert told["status_pages"][0]["components"] == {"Images": "operational", "Gone": "unknown"}


def test_check_of_an_unknown_target(config: str, capsys: Capture) -> None:
    """A name that is none exits 1 and says which was meant."""
    assert main(["check", "--config.file", config, "imaeg"]) == 1
    assert "did you mean 'image'?" in capsys.readouterr().err


def test_route_probes_what_a_file_names(world: World, config: str, capsys: Capture) -> None:
    """Without a running exporter; 2 when nothing can be called, which is said."""
    assert main(["route", "video", "--config.file", config]) == 0
    assert capsys.readouterr().out.startswith("  1  🟢 风控 pool  reverse ")

    world.set_fault("sora-2-reverse", "invalid_key")
    try:
        assert main(["route", "video", "--config.file", config]) == 2
    finally:
        world.clear_fault("sora-2-reverse")
    out = capsys.readouterr().out
    assert out.startswith("None of 1 is usable now; the least bad comes first.\n")
    assert "🟣 风控 pool" in out


def test_route_that_nobody_answers_says_the_way_out(capsys: Capture) -> None:
    """Without an exporter at the usual address, a configuration would do."""
    assert main(["route", "video", "--url", "http://127.0.0.1:1"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("genmedia-exporter: no exporter answers at http://127.0.0.1:1: ")
    assert "--url" in said
    assert "--config.file" in said
    assert said.count("\n") == 1


def test_route_of_an_operation_that_there_is_not(capsys: Capture) -> None:
    """It is said without an exporter, too, and before a file is read."""
    for whom in (["--url", "http://127.0.0.1:1"], ["--config.file", "nowhere.yml"]):
        assert main(["route", "audio", *whom]) == 1
        (said,) = capsys.readouterr().err.splitlines()
        assert said.startswith(
            "genmedia-exporter: no operation is called 'audio'; known are: video"
        )


def test_route_without_targets_probes_nothing(world: World, config: str, capsys: Capture) -> None:
    """It says which operations there are; a word that is none is an error."""
    before = world.ledger["openai-image"].requests
    assert main(["route", "chat", "--config.file", config]) == 2
    assert "there are: video, image." in capsys.readouterr().out
    assert main(["route", "chta", "--config.file", config]) == 1
    assert "did you mean 'chat'?" in capsys.readouterr().err
    assert world.ledger["openai-image"].requests == before


def test_probe_tells_everything_it_saw(config: str, capsys: Capture) -> None:
    """Phases, headers, verdict and rule of one probe, and never the key."""
    code = main(["probe", "image", "--depth", "accept", "--config.file", config])
    out = capsys.readouterr().out

    assert code == 0
    for word in ("Probe of image at depth accept", "rejected_as_expected", "processing", "400"):
        assert word in out
    assert "demo-key" not in out


def test_probe_of_a_depth_it_has_not(config: str, capsys: Capture) -> None:
    """Without a budget there is no paid depth, and the message names those there are."""
    assert main(["probe", "image", "--depth", "generate", "--config.file", config]) == 1
    said = capsys.readouterr().err
    assert "has no depth 'generate'; it has: reach, accept; it needs budget.daily_usd and" in said


@pytest.fixture
def paying(config: str, tmp_path: Path) -> str:
    """Add a budget that one picture fits into, and a ledger of its own."""
    path = Path(config)
    money = f"budget: {{daily_usd: 0.01, monthly_usd: 1}}\nstorage: {{path: {tmp_path}/paid.db}}\n"
    path.write_text(money + path.read_text("utf-8"), "utf-8")
    return config


def test_a_paid_probe_is_bought_once_and_from_the_budget(
    world: World, paying: str, capsys: Capture
) -> None:
    """It shows what was made and what was booked; the second does not fit and buys nothing."""
    before = world.ledger["openai-image"].creates
    command = ["probe", "image", "--depth", "generate", "--yes", "--config.file", paying]
    assert main(command) == 0
    out = capsys.readouterr().out
    for word in ("Booked $0.00612.", "png, 1024x1024", "outcome      success"):
        assert word in out
    assert main(command) == 1
    assert "nothing was bought" in capsys.readouterr().err
    assert world.ledger["openai-image"].creates == before + 1


def test_the_job_of_a_paid_probe_is_left_to_others_only_when_it_is_interrupted(
    paying: str, tmp_path: Path
) -> None:
    """An exporter that starts meanwhile would take it up, and delete what we are still polling."""
    source = ConfigSource(paying, {})
    source.load()
    target = next(t for t in source.resolution.targets if t.name == "image")
    kept: list[int] = []

    def count() -> int:
        with contextlib.closing(sqlite3.connect(tmp_path / "paid.db")) as ledger:
            return int(ledger.execute("SELECT count(*) FROM jobs").fetchone()[0])

    class Interrupted(Prober):
        async def generate(self, target: Target, run: Run, hints: Hints = NO_HINTS) -> Observation:
            await run.accepted(JobRef("job-1", Unix(1_700_000_000.0)))
            kept.append(count())
            raise asyncio.CancelledError

    prober = Interrupted(Network(), SystemClock())
    with pytest.raises(asyncio.CancelledError):
        buy(target, source, prober, SystemClock(), agreed=True)
    assert [*kept, count()] == [0, 1]


def test_a_paid_probe_asks_and_takes_silence_for_no(
    world: World, paying: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody there to agree: nothing is bought."""
    before = world.ledger["openai-image"].creates
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["probe", "image", "--depth", "generate", "--config.file", paying]) == 1
    told = capsys.readouterr()
    assert "for about $0.0078; $0.00 of today's $0.01 is spent" in told.out
    assert "use --yes" in told.err
    assert world.ledger["openai-image"].creates == before


def test_probe_of_a_depth_that_is_skipped(paying: str, capsys: Capture) -> None:
    """A depth that cannot run as things are configured says why."""
    path = Path(paying)
    path.write_text(path.read_text("utf-8").replace("gpt-image-2.5-flare", "brand-new"), "utf-8")

    assert main(["probe", "image", "--depth", "generate", "--config.file", paying]) == 1
    assert "skipped: it costs money and needs a known price" in capsys.readouterr().err


class _Terminal(io.StringIO):
    """A terminal at which somebody types."""

    def isatty(self) -> bool:
        """Say that somebody is there."""
        return True


@pytest.mark.parametrize("typed", ["", "n\n", "\n"])
def test_a_paid_probe_takes_everything_but_yes_for_no(
    typed: str, paying: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+D, n and Enter buy nothing, each with one line and no traceback."""
    monkeypatch.setattr("sys.stdin", _Terminal(typed))

    assert main(["probe", "image", "--depth", "generate", "--config.file", paying]) == 1
    assert capsys.readouterr().err == "genmedia-exporter: nothing was bought\n"


def test_explain_reads_standard_input(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--body -` takes the body from a pipe; the JSON has exactly the fields of the contract."""
    body = io.TextIOWrapper(io.BytesIO(b'{"code": 1102, "message": "Resource pack exhausted"}'))
    monkeypatch.setattr("sys.stdin", body)
    code = main(
        ["explain", "--provider", "kling", "--http-status", "429", "--body", "-", "--format=json"]
    )
    verdict = json.loads(capsys.readouterr().out)

    assert code == 0
    assert verdict == {
        "outcome": "refused",
        "status": "quota_exhausted",
        "fault": "account",
        "up": None,
        "reason": "quota_exhausted",
        "rule": "kling.package",
    }


@pytest.mark.parametrize("command", [["catalogue"]])
@pytest.mark.parametrize(
    ("name", "hint"), [("opennai", "did you mean 'openai'?"), ("nobody", "or the path of a file")]
)
def test_a_provider_nobody_knows(command: list[str], name: str, hint: str, capsys: Capture) -> None:
    """A typing error is no reason to answer by other rules than those that were meant."""
    assert main([*command, "--provider", name]) == 1
    told = capsys.readouterr()

    assert told.out == ""
    assert told.err.startswith(f"genmedia-exporter: no provider is called '{name}'")
    assert hint in told.err


def test_explain_of_a_plain_url(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a target without `expect` takes, it takes by hand, too: any 2xx, whatever it says."""
    for status, said in (("200", "operational"), ("404", "down")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"ok")))
        asked = ["--provider", "http", "--http-status", status, "--body", "-", "--format=json"]
        assert main(["explain", *asked]) == 0
        assert json.loads(capsys.readouterr().out)["status"] == said


def test_flags_name_their_choices_in_plain_words(capsys: Capture) -> None:
    """Whoever mistypes one reads what may be typed, not how Python writes it."""
    for flag in ("--channel", "--depth"):
        asked = ["explain", "--provider", "openai", "--http-status", "200", flag, "weird"]
        with pytest.raises(SystemExit):
            main(asked)
        assert "<" not in capsys.readouterr().err.rpartition("error:")[2]

    for name, command in COMMANDS.items():
        parser = argparse.ArgumentParser(add_help=False)
        for declare in command.declare:
            declare(parser)
        choices = [c for action in parser._actions for c in action.choices or ()]
        assert {type(choice) for choice in choices} <= {str}, name


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain", "--provider", "openai", "--http-status", "99"], "(100 to 599)"),
        (["explain", "--provider", "openai", "--http-status", "400", "--header", "x"], "Name: v"),
    ],
)
def test_explain_refuses_nonsense(arguments: list[str], words: str, capsys: Capture) -> None:
    """A status or header that is none is a usage error that says how to write it."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)

    assert stopped.value.code == 1
    assert words in capsys.readouterr().err


def test_explain_of_a_missing_body(tmp_path: Path, capsys: Capture) -> None:
    """A body that cannot be read is one line and exit code 1."""
    gone = str(tmp_path / "gone.json")

    assert main(["explain", "--provider", "openai", "--http-status", "400", "--body", gone]) == 1
    assert "No such file" in capsys.readouterr().err


def test_catalogue_names_price_end_and_successor(capsys: Capture) -> None:
    """A person sees what a model costs and when it goes; a program gets JSON."""
    assert main(["catalogue", "--provider", "openai"]) == 0
    text = capsys.readouterr().out
    main(["catalogue", "--format", "json"])
    providers = {entry["provider"]: entry for entry in json.loads(capsys.readouterr().out)}

    assert "⚫ 2026-09-24" in text
    assert {"openai", "kling", "new-api", "http"} <= set(providers)
    assert providers["kling"]["free_depths"]["video"] == ["reach", "accept"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([], ["serve"]),
        (["--config.check"], ["serve", "--config.check"]),
        (["--config.file", "check", "check"], ["check", "--config.file", "check"]),
        (["--log.level=debug", "demo"], ["demo", "--log.level=debug"]),
        (["--version"], ["--version"]),
        (["chekc"], ["serve", "chekc"]),
    ],
)
def test_flags_may_stand_before_the_command(given: list[str], wanted: list[str]) -> None:
    """The command may be left out or come after its flags, as official exporters allow."""
    assert with_command(given) == wanted
