"""The fallback client on real sockets: who is tried, who is not, and what is paid for."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from genmedia_client import AsyncFallbackClient, Channel, FallbackClient, Result
from genmedia_client.result import refused, taken_by_task
from genmedia_exporter.core.status import Channel as Kind
from genmedia_exporter.core.status import Status
from genmedia_exporter.demo.world import World, run_in_thread
from tests.test_docs import README, ROOT, fenced
from tests.test_routing import board, state
from tests.web.site import Backend, client

NOBODY = "http://127.0.0.1:1"
"""A port where nothing listens."""
HURRIED = 1.5
"""Seconds of patience with services that never answer, or too late; the others get longer."""


@pytest.fixture(scope="module")
def _world() -> Iterator[World]:
    with run_in_thread(job_seconds=0.04) as running:
        yield running


@pytest.fixture
def world(_world: World) -> Iterator[World]:
    """A world without faults, before and after."""
    yield _world
    for name in _world.services:
        _world.clear_fault(name)


@pytest.fixture
def channels(world: World) -> list[Channel]:
    """A reverse gateway, the official API and a pool behind a chat wire, in that order."""
    return [
        Channel("gateway", f"{world.url}/veo-3.1-reverse", "demo-key", "veo-3.1", "reverse"),
        Channel("vendor", f"{world.url}/sora-2-official/v1", "demo-key", "sora-2"),
        Channel("pool", f"{world.url}/sora-2-reverse", "demo-key", "sora-2", "reverse", "chat"),
    ]


def creates(world: World) -> dict[str, int]:
    """Return how many creates the world has accepted, by service."""
    return {name: world.ledger[name].creates for name in world.ledger}


def create(channels: list[Channel], timeout: float = 10.0, **options: object) -> Result:
    """Create a video."""
    client = FallbackClient(channels, timeout=timeout, **options)
    return client.create_video("a lighthouse at dusk")


def test_official_first(world: World, channels: list[Channel]) -> None:
    """The preferred channel takes it, for as long as asked, and nobody else is called."""
    before = world.ledger["sora-2-official"].usd
    result = create(channels)
    assert (result.success, result.channel, result.target) == (True, "official", "vendor")
    assert (result.errors, result.maybe_accepted) == ((), False)
    assert result.task_id is not None
    assert result.task_id.startswith("video_")
    assert world.ledger["sora-2-official"].usd - before == pytest.approx(0.8)  # seconds="8"


def test_the_plain_order(channels: list[Channel]) -> None:
    """Without a preference the list's own order holds."""
    result = FallbackClient(channels).create_video("a lighthouse", prefer_official=False)
    assert (result.channel, result.target) == ("reverse", "gateway")


@pytest.mark.parametrize(
    ("fault", "kind", "status", "code"),
    [
        ("suspended", "InternalServerError", 503, None),
        ("overloaded", "InternalServerError", 503, "server_is_overloaded"),
        ("invalid_key", "AuthenticationError", 401, "invalid_api_key"),
        ("rate_limited", "RateLimitError", 429, "rate_limit_exceeded"),
        ("quota", "RateLimitError", 429, "insufficient_quota"),
        ("region", "PermissionDeniedError", 403, "unsupported_country_region_territory"),
        ("retired", "NotFoundError", 404, "model_not_found"),
        ("challenge", "PermissionDeniedError", 403, None),
    ],
)
def test_a_refusal_leads_on(
    world: World, channels: list[Channel], fault: str, kind: str, status: int, code: str | None
) -> None:
    """What proves that nothing was accepted is noted, and the next channel is asked once."""
    world.set_fault("sora-2-official", fault)
    before = creates(world)
    result = create(channels)
    after = creates(world)

    assert (result.success, result.channel, result.target) == (True, "reverse", "gateway")
    (error,) = result.errors
    assert (error.target, error.kind, error.status, error.code) == ("vendor", kind, status, code)
    assert after["sora-2-official"] == before["sora-2-official"]
    assert after["veo-3.1-reverse"] == before["veo-3.1-reverse"] + 1


@pytest.mark.parametrize(
    "fault",
    [
        "hang", "slow", "trickle", "reset", "reset_midbody", "truncated", "flood", "garbage", "html",
        "empty", "bad_json", "edge_502", "redirect", "server_error",
    ],
)  # fmt: skip
def test_a_doubt_ends_it(world: World, channels: list[Channel], fault: str) -> None:
    """What may have been accepted is never created again elsewhere, nor asked for twice."""
    world.set_fault("sora-2-official", fault)
    before = creates(world)
    asked = world.ledger["sora-2-official"].requests
    result = create(channels, timeout=HURRIED)
    after = creates(world)

    assert (result.success, result.maybe_accepted) == (False, True)
    assert (result.channel, result.target, result.task_id) == ("official", "vendor", None)
    assert len(result.errors) == 1
    assert result.errors[0].message
    assert world.ledger["sora-2-official"].requests == asked + 1
    assert sum(after.values()) - sum(before.values()) <= 1
    assert after["veo-3.1-reverse"] == before["veo-3.1-reverse"]


def test_nobody_listens(channels: list[Channel]) -> None:
    """A refused connection and a name that is none have sent nothing: on to the next."""
    dead = Channel("dead", NOBODY, "a-secret-key", "m")
    nameless = Channel("nameless", "http://nobody.invalid", "a-secret-key", "m")
    keyless = Channel("keyless", NOBODY, "", "m", problem="KEY is not set")
    result = create([dead, nameless, keyless, *channels])
    assert (result.success, result.target) == (True, "vendor")
    assert [e.target for e in result.errors] == ["dead", "nameless", "keyless"]
    assert result.errors[2].message == "KEY is not set"
    assert "a-secret-key" not in repr((result, dead))


def test_all_refuse(world: World, channels: list[Channel]) -> None:
    """Every channel's error is there, in the order they were tried, and nothing is in doubt."""
    world.set_fault("sora-2-official", "invalid_key")
    world.set_fault("veo-3.1-reverse", "suspended")
    world.set_fault("sora-2-reverse", "risk_control")
    before = creates(world)
    result = create(channels)

    assert (result.success, result.maybe_accepted, result.target) == (False, False, None)
    assert [error.target for error in result.errors] == ["vendor", "gateway", "pool"]
    assert [error.status for error in result.errors] == [401, 503, None]
    assert "无可用渠道" in result.errors[1].message
    assert "No available tokens" in result.errors[2].message
    assert creates(world) == before


def test_an_echoed_key_is_hidden(world: World, channels: list[Channel]) -> None:
    """A service that repeats our key does not get it into the result."""
    channel = Channel("echo", f"{world.url}/sora-2-official", "demo-key", "demo-key")
    result = create([channel])
    assert result.errors[0].message.startswith("The model `<secret>` does not exist")


def test_a_chat_wire_gives_the_clip(channels: list[Channel]) -> None:
    """There the stream is the generation; what it links to is the result."""
    result = create(channels[2:])
    assert (result.success, result.channel, result.target) == (True, "reverse", "pool")
    assert result.url is not None
    assert result.url.endswith(".mp4")
    assert result.task_id


@pytest.mark.parametrize("fault", ["job_fails", "moderated", "job_lost", "job_stuck", "hang"])
def test_a_stream_that_began_was_accepted(
    world: World, channels: list[Channel], fault: str
) -> None:
    """An error behind the first event is no refusal."""
    world.set_fault("sora-2-reverse", fault)
    result = create([channels[2], channels[0]], timeout=HURRIED)
    assert (result.success, result.maybe_accepted, result.target) == (False, True, "pool")


def test_the_async_client(world: World, channels: list[Channel]) -> None:
    """Several at a time on one loop, and the sync client where a loop runs already."""
    world.set_fault("sora-2-official", "suspended")

    async def main() -> list[Result]:
        many = AsyncFallbackClient(channels)
        found = await asyncio.gather(*(many.create_video(f"wave {n}") for n in range(3)))
        return [*found, create(channels)]

    results = asyncio.run(main())
    assert [r.target for r in results] == ["gateway"] * 4
    assert len({r.task_id for r in results}) == 4


def test_the_exporter_knows_better(channels: list[Channel]) -> None:
    """What the running exporter ranks first is tried first, what it calls unusable last."""
    known = board(
        state("vendor", status=Status.DOWN),
        state("pool", Kind.REVERSE),
        state("gateway", Kind.REVERSE, Status.DEGRADED),
    )
    with client(Backend(known).services()) as http:
        result = create(channels[:2], exporter_url=str(http.base_url))
        assert (result.target, result.errors) == ("gateway", ())
        result = create(channels, exporter_url=str(http.base_url))
        assert result.target == "pool"
        result = create(channels, exporter_url=str(http.base_url), policy="no such policy")
        assert result.target == "vendor"


@pytest.mark.parametrize("fault", ["hang", "html", "flood"])
def test_an_exporter_that_cannot_be_asked(
    world: World, channels: list[Channel], fault: str
) -> None:
    """Nobody there, silence and nonsense leave the plain order."""
    assert create(channels, exporter_url=NOBODY).target == "vendor"
    world.set_fault("kling", fault)
    assert create(channels, exporter_url=f"{world.url}/kling").target == "vendor"


def test_an_argument_nobody_knows(world: World, channels: list[Channel]) -> None:
    """It is the caller's mistake, and is said before anything is sent."""
    before = creates(world)
    with pytest.raises(TypeError):
        FallbackClient(channels).create_video("a lighthouse", lenght=8)
    with pytest.raises(ValueError, match="at least one channel"):
        FallbackClient([])
    assert creates(world) == before


CONFIG = """
accounts:
  vendor: {{provider: openai, base_url: "{url}/sora-2-official", api_key: {{env: DEMO_KEY}}}}
  pool: {{provider: sora2api, base_url: "{url}/sora-2-reverse", api_key: {{value: demo-key}}}}
  veo: {{provider: new-api, base_url: "{url}/veo-3.1-reverse", channel: reverse, api_key: {{value: demo-key}}}}
  kling: {{provider: kling, base_url: "{url}/kling", api_key: {{value: "a:b"}}}}
targets:
  - {{name: official, account: vendor, model: sora-2, operation: video}}
  - {{name: pool, account: pool, model: sora-2, operation: video}}
  - {{name: gateway, account: veo, model: veo-3.1, operation: video}}
  - {{name: kling, account: kling, model: kling-v3, operation: video}}
"""


def test_from_a_configuration(world: World, tmp_path: Path) -> None:
    """The exporter's own file names the channels; what speaks another wire is left out."""
    path = tmp_path / "genmedia.yml"
    path.write_text(CONFIG.format(url=world.url), "utf-8")
    made = FallbackClient.from_config(path)
    assert [(c.name, c.channel, c.wire) for c in made.channels] == [
        ("official", "official", "videos"),
        ("pool", "reverse", "chat"),
        ("gateway", "reverse", "videos"),
    ]
    result = made.create_video("a lighthouse")
    assert (result.target, result.errors[0].kind) == ("pool", "NoCredentialError")


EXAMPLES = [
    pytest.param(block, id=name)
    for name, text in (
        ("README.md", README),
        ("docs/fallback.md", (ROOT / "docs" / "fallback.md").read_text("utf-8")),
    )
    for block in fenced(text, "python")
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_documented_examples(
    example: str,
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exactly the text of the pages runs against the demo world, with one channel out of order."""
    (tmp_path / "genmedia.yml").write_text(CONFIG.format(url=world.url), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEMO_KEY", "demo-key")
    monkeypatch.setenv("WORLD", world.url)
    world.set_fault("sora-2-official", "suspended")
    exec(compile(example, "example.py", "exec"), {"__name__": "__main__"})  # noqa: S102
    assert "reverse" in capsys.readouterr().out


def test_the_readme_has_an_example() -> None:
    """A short one."""
    assert EXAMPLES
    (block,) = fenced(README, "python")
    assert len(block.splitlines()) < 20


@pytest.mark.parametrize(
    ("status", "code", "message", "by_application", "proof"),
    [
        (400, None, "", False, True),
        (404, None, "Invalid URL", True, True),
        (408, None, "", True, False),
        (499, None, "", True, False),
        (500, None, "do_request_failed", True, False),
        (500, "heavy_load", "", True, True),
        (500, None, "No available tokens for video generation.", True, True),
        (501, "api_not_implemented", "", True, True),
        (502, None, "", False, False),
        (503, None, "paused", True, True),
        (503, None, "<html>", False, False),
        (504, None, "", True, False),
        (303, None, "", False, False),
        (307, None, "", False, True),
        (None, None, "generation failed", True, False),
    ],
)
def test_what_proves_a_refusal(
    status: int | None, code: str | None, message: str, by_application: bool, proof: bool
) -> None:
    """Only what cannot have begun; everything else is doubt."""
    assert refused(status, code, message, by_application) is proof


def test_what_names_a_task() -> None:
    """Either of the two fields in use; a job that failed at once was accepted all the same."""
    assert taken_by_task(b'{"id": "v1", "status": "queued"}').task_id == "v1"
    assert taken_by_task(b'{"task_id": "t1"}').task_id == "t1"
    for body in (b"[]", b'{"id": 7}', b'{"id": "v", "status": "FAILED"}', b"[" * 100_000):
        with pytest.raises(ValueError, match=r"task|JSON"):
            taken_by_task(body)


def test_the_exporter_does_not_import_openai() -> None:
    """Half a second that only who uses the client pays."""
    code = "import sys, genmedia_exporter.cli; sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
