"""What `make catalogue-audit` prints: every difference, once, and nothing where there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genmedia_exporter.providers.loader import load_provider
from tests.providers.audit import THEIRS, differences, main

WAN = {
    "litellm_provider": "qwencloud",
    "mode": "video_generation",
    "output_cost_per_second": 0.2,
    "output_cost_per_second_720p": 0.1,
}


def found(**more: Any) -> list[str]:
    """Return the differences of one model of DashScope's."""
    prices = {"qwencloud/wan3.0-video": {**WAN, **more}}
    return list(differences(prices, {"dashscope": load_provider("dashscope")}))


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ({}, []),
        ({"output_cost_per_second_720p": 0.0981}, []),
        (
            {"output_cost_per_second_720p": 0.0979},
            ["dashscope: wan3.0-video: $0.1 a second, there $0.0979"],
        ),
        (
            {"output_cost_per_second_720p": 0.1001},
            ["dashscope: wan3.0-video: $0.1 a second, there $0.1001"],
        ),
        (
            {"deprecation_date": "2027-01-01"},
            ["dashscope: wan3.0-video: ends none, there 2027-01-01"],
        ),
        ({"mode": "chat"}, []),
        ({"litellm_provider": "dashscope"}, []),
    ],
)
def test_what_differs(more: dict[str, Any], lines: list[str]) -> None:
    """Dates as they stand; prices at what the job asks for, above theirs by two in a hundred, or below it."""
    assert found(**more) == lines


def test_what_only_they_have(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A model that our file lacks is told, and how many differences there are."""
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({"qwencloud/wan9-video": WAN}))

    assert main([str(file)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told == ["dashscope: wan9-video: only there (video_generation)", "# 1 differences"]


def test_it_knows_files_that_there_are() -> None:
    """Each name is one of ours."""
    assert all(load_provider(name).models for name in THEIRS)
