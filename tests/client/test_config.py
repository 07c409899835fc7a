"""Routes from an exporter's configuration, and the examples in the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from genmedia_client import FallbackClient
from genmedia_exporter.demo.world import World
from tests.test_docs import README, ROOT, fenced

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
    """The exporter's own file names the routes; what speaks another wire is left out."""
    path = tmp_path / "genmedia.yml"
    path.write_text(CONFIG.format(url=world.url), "utf-8")
    made = FallbackClient.from_config(path)
    assert [(r.name, r.channel, r.wire) for r in made.routes] == [
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
    """Exactly the text of the pages runs against the demo world, with one route out of order."""
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
