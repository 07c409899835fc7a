"""Every file has recorded answers of each kind that its wire has; what a wire has not is said here."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Outcome
from genmedia_exporter.providers.loader import load_provider, provider_names
from tests.yaml_files import read_yaml

RECORDED: Final = Path(__file__).parent.parent / "data" / "providers"
NAMES: Final = provider_names()

KINDS: Final = {
    "ok": {"ok"},
    "wrong key": {"invalid_key"},
    "rate": {"rate_limited", "concurrency_limited", "upstream_rate_limited"},
    "quota": {"quota_exhausted", "daily_quota", "upstream_quota"},
    "moderation": {"probe_moderated"},
}
"""By which reasons a kind is known; the others are known by their form."""

LACKING: Final = {
    "comfyui": {"quota", "moderation"},  # one's own: nobody is paid, no prompt is judged
    "sglang": {"quota", "moderation"},
    "vllm-omni": {"quota", "moderation"},
    "http": {"quota", "moderation"},  # any address
    "midjourney-proxy": {"quota"},  # the pool is its operator's
    "sora2api": {"quota"},  # the pool's own, which reads as risk control
}
"""What has no such answer."""


@cache
def _recorded(name: str) -> list[dict[str, Any]]:
    files = sorted((RECORDED / name).glob("*.yml"))
    return [case for file in files for case in read_yaml(file)]


def _failed(case: dict[str, Any]) -> bool:
    return Reason(case["reason"]).meaning.outcome is Outcome.FAILURE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_an_answer_of_the_kind(name: str, kind: str) -> None:
    """And an exception that is none any more is struck out."""
    found = any(case["reason"] in KINDS[kind] for case in _recorded(name))
    assert found is (kind not in LACKING.get(name, set()))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_a_broken_server_and_a_200_that_is_an_error(name: str) -> None:
    """The status alone decides neither."""
    cases = [case for case in _recorded(name) if "play" not in case]
    assert any(case["http"] >= 500 for case in cases)
    assert any(case["http"] == 200 and case["reason"] != "ok" for case in cases)


@pytest.mark.parametrize("name", [n for n in NAMES if load_provider(n).jobs])
def test_whole_probes_are_played(name: str) -> None:
    """One that ends well, one that moderation takes, one that fails: from the create to the asset."""
    played = [case for case in _recorded(name) if "play" in case]
    assert any(case["reason"] == "ok" for case in played)
    assert any(_failed(case) for case in played)
    moderated = any(case["reason"] == "probe_moderated" for case in played)
    assert moderated is ("moderation" not in LACKING.get(name, set()))
