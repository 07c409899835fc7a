"""Problems of one entry do not hide one another, and none is made up because another was taken out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import pytest

from genmedia_exporter.targets.source import ConfigSource

SOUND: Final[Mapping[str, Any]] = {
    "accounts": {
        "web": {"provider": "http", "base_url": "https://web.example"},
        "gate": {"provider": "new-api", "base_url": "https://gate.example", "vendor": "gate"},
    },
    "targets": [
        {"account": "web", "name": "page", "path": "/x", "depths": ["reach"]},
        {
            "account": "gate",
            "name": "clip",
            "model": "sora-2",
            "operation": "video",
            "timeout": "5s",
        },
    ],
    "status_pages": [{"id": "own", "url": "https://status.example", "interval": "1m"}],
    "maintenance": [
        {"targets": ["x"], "start": "2026-12-01T02:00:00Z", "end": "2026-12-01T03:00:00Z"}
    ],
    "storage": {"path": "h.db", "retention": "30d"},
}
Place = tuple[str | int, ...]
MISTAKES: Final[Mapping[Place, Any]] = {
    ("targets", 0, "name"): "a'b",
    ("targets", 0, "path"): "y",
    ("targets", 0, "depths"): ["accept"],
    ("targets", 0, "page"): {"id": "nope", "component": "c"},
    ("targets", 0, "account"): "nobody",
    ("targets", 0, "slo"): 2,
    ("targets", 0, "expect"): {"http": 7},
    ("targets", 1, "name"): 7,
    ("targets", 1, "model"): "a b",
    ("targets", 1, "operation"): "film",
    ("targets", 1, "path"): "/on-a-model",
    ("targets", 1, "page"): {"id": "nope", "component": "c"},
    ("targets", 1, "price"): {},
    ("targets", 1, "tmeout"): "5s",
    ("accounts", "web", "base_url"): "ftp://web.example",
    ("accounts", "web", "depths"): "deep",
    ("accounts", "gate", "base_url"): "nonsense",
    ("accounts", "gate", "vendor"): "a'b",
    ("accounts", "gate", "api_key"): "inline",
    ("accounts", "gate", "concurrency"): 0,
    ("status_pages", 0, "url"): "nonsense",
    ("status_pages", 0, "interval"): 5,
    ("maintenance", 0, "end"): "2026-12-01T01:00:00Z",
    ("maintenance", 0, "reason"): 7,
    ("storage", "url"): {"env": "GENMEDIA_TEST_NO_SUCH"},
    ("storage", "retention"): 5,
}
DEPENDENT: Final = (("targets", 0, "depths"), ("targets", 0, "account"))
"""What the account's provider decides: not judged without one."""


def problems(folder: Path, *places: Place) -> set[str]:
    """Return the paths and messages of all problems of the sound file with mistakes at *places*."""
    data: Any = json.loads(json.dumps(SOUND))
    for place in places:
        inner = data
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = MISTAKES[place]
    if ("storage", "url") in places:
        del data["storage"]["path"]
    file = folder / "genmedia.yml"
    file.write_text(json.dumps(data), "utf-8")
    return {f"{p.path}: {p.message}" for p in ConfigSource(file, {}).reload().problems}


def test_it_is_sound(tmp_path: Path) -> None:
    """Without a mistake there is no problem."""
    assert problems(tmp_path) == set()


@pytest.mark.parametrize("place", MISTAKES, ids=str)
def test_one_mistake_is_one_problem(place: Place, tmp_path: Path) -> None:
    """Nothing is said of keys that only lack what was taken out."""
    assert len(problems(tmp_path, place)) == 1


def test_two_mistakes_of_an_entry_are_two_problems(tmp_path: Path) -> None:
    """Whichever they are; those of different entries come all at once below."""
    alone = {place: problems(tmp_path, place) for place in MISTAKES}
    for one, other in (pair for pair in combinations(MISTAKES, 2) if pair[0][:2] == pair[1][:2]):
        wanted = set[str]()
        for place, beside in ((one, other), (other, one)):
            wanted |= alone[place] if (place, beside) != DEPENDENT else set()
        assert problems(tmp_path, one, other) == wanted, (one, other)


def test_all_at_once(tmp_path: Path) -> None:
    """Only what cannot be judged without another key is left for later."""
    alone = {place: problems(tmp_path, place) for place in MISTAKES}
    found = problems(tmp_path, *MISTAKES)
    lacking = set[str]().union(*alone.values()) - found
    assert lacking == alone[DEPENDENT[0]]
