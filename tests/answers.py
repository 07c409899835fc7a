"""The corpus of composed answers under tests/data/answers: reading it, and asking the classifier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.status import Channel, Depth
from genmedia_exporter.providers.loader import load_generic, load_provider, provider_names
from tests.yaml_files import read_yaml

FOLDER = Path(__file__).parent / "data" / "answers"
FAULTS = {
    "P": "provider",
    "G": "gateway",
    "A": "account",
    "N": "network",
    "C": "content",
    "-": "none",
}
TODAY = Unix(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
"""The day the corpus was written for; end dates before it have passed."""


@dataclass(frozen=True)
class Case:
    """One composed answer and what it should mean."""

    id: str
    provider: str
    answer: Answer
    expect: dict[str, Any]
    channel: Channel | None
    depth: Depth | None
    model: str

    def verdict(self) -> Verdict:
        """Return what the classifier makes of it."""
        known = self.provider in provider_names()
        return explain(
            self.answer,
            load_provider(self.provider) if known else None,
            load_generic(),
            now=TODAY,
            channel=self.channel,
            depth=self.depth,
            model=self.model,
        )

    def wanted(self, name: str) -> list[Any]:
        """Return the values allowed for *name*; faults are written as the letters of the table."""
        value = self.expect[name]
        allowed = value if isinstance(value, list) else [value]
        return [FAULTS.get(v, v) for v in allowed] if name == "fault" else allowed

    def misses(self, verdict: Verdict) -> list[str]:
        """Return what *verdict* says differently, a line for each field."""
        said = {"status": verdict.status, "fault": verdict.fault, "up": verdict.up}
        return [
            f"{name}: {said[name]} instead of {self.wanted(name)}"
            for name in self.expect
            if said[name] not in self.wanted(name)
        ]


def cases() -> Iterator[Case]:
    """Yield every case of the corpus."""
    for path in sorted(FOLDER.glob("*.yml")):
        for entry in read_yaml(path):
            yield Case(
                entry["id"],
                entry["provider"],
                Answer(
                    entry["http_status"],
                    {k: str(v) for k, v in (entry.get("headers") or {}).items()},
                    (entry.get("body") or "").encode(),
                ),
                entry["expect"],
                Channel(entry["channel"]) if entry.get("channel") else None,
                Depth(entry["depth"]) if entry.get("depth") else None,
                entry.get("model") or "",
            )
