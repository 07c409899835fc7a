"""The end of a model, as the listing tells it that a free probe reads anyway."""

from __future__ import annotations

import json
from typing import Any

import pytest

from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.told_end import told_end
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Evidence, Exchange, Role, ToldEnd, Transport
from genmedia_exporter.core.http_dates import moment_of
from genmedia_exporter.core.status import Channel, Depth, Operation
from genmedia_exporter.providers.loader import load_provider

DAY = Unix(1_796_083_200.0)  # 2026-12-01


def seen(call: str, answer: Any, status: int = 200, transport: Transport | None = None) -> Evidence:
    """Return the evidence of one call of openai.yml."""
    exchange = Exchange(
        call,
        Role.PROBE,
        "GET",
        "https://x/",
        "x",
        status,
        body=json.dumps(answer).encode(),
        transport=transport,
    )
    return Evidence("t", Depth.REACH, Unix(0), 0.1, (exchange,))


def context(model: str = "gpt-image-1.5") -> Context:
    """Return the context of an OpenAI image."""
    return Context(load_provider("openai"), Channel.OFFICIAL, Operation.IMAGE, model, Unix(0))


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        (seen("model", {"id": "gpt-image-1.5", "shutdown_date": "2026-12-01"}), ToldEnd(DAY)),
        (seen("model", {"id": "gpt-image-1.5", "shutdown_date": None}), ToldEnd(None)),
        (seen("model", {"id": "gpt-image-1.5"}), None),
        (seen("model", {"id": "gpt-image-1.5", "shutdown_date": "soon"}), None),
        (seen("model", {"shutdown_date": "2026-12-01"}, 404), None),
        (seen("model", {"shutdown_date": "2026-12-01"}, 200, Transport.BODY_TRUNCATED), None),
        (seen("another", {"shutdown_date": "2026-12-01"}), None),
        (
            seen(
                "models",
                {
                    "data": [
                        "not an item",
                        {"id": "gpt-image-2", "shutdown_date": None},
                        {"id": "gpt-image-1.5", "shutdown_date": "2026-12-01"},
                    ]
                },
            ),
            ToldEnd(DAY),
        ),
        (seen("models", {"data": [{"id": "gpt-image-2", "shutdown_date": None}]}), None),
        (seen("models", {"data": "nothing"}), None),
    ],
)
def test_what_a_listing_tells(evidence: Evidence, told: ToldEnd | None) -> None:
    """Of the model itself, in a sound answer; null means that there is no end."""
    assert told_end(evidence, context()) == told


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-12-01", DAY),
        ("2026-12-01T00:00:00Z", DAY),
        ("2026-12-01T01:00:00+01:00", DAY),
        (1_796_083_200, DAY),
        (1_796_083_200_000, None),
        (0, None),
        (True, None),
        ("", None),
        ({}, None),
    ],
)
def test_moments(value: object, moment: Unix | None) -> None:
    """A day, a time or Unix seconds; never milliseconds taken for seconds."""
    assert moment_of(value) == moment
