"""What a verdict rests on, and the metric that counts it: a bare status is a hint that words are missing."""

from __future__ import annotations

import pytest

from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.core.clock import EPOCH
from genmedia_exporter.core.evidence import BASES, Basis, Evidence, Exchange, Role, Transport
from genmedia_exporter.core.status import Channel, Depth
from genmedia_exporter.health.board import Board
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.page import Metrics
from genmedia_exporter.providers.loader import load_generic
from tests.fakes import FakeClock, evidence, make_target, verdict


@pytest.mark.parametrize(
    ("status", "body", "transport", "basis"),
    [
        (429, b'{"code": "CreditInsufficient"}', None, "code"),
        (429, b'{"message": "your wallet is empty"}', None, "words"),
        (200, b'{"data": []}', None, "shape"),
        (403, b"error code: 1020", None, "shape"),
        (429, b'{"message": "zqx"}', None, "status"),
        (None, b"", Transport.DNS, "transport"),
    ],
)
def test_every_verdict_tells_its_basis(
    status: int | None, body: bytes, transport: Transport | None, basis: Basis
) -> None:
    """Codes before words, words before statuses."""
    main = Exchange("", Role.PROBE, "GET", "", "h", status, body=body, transport=transport)
    seen = Evidence("t", Depth.REACH, EPOCH, 0.1, (main,))
    found = classify(seen, Context(None, Channel.OFFICIAL, None, "", EPOCH), load_generic())

    assert found.basis == basis


def test_verdicts_are_counted_from_zero() -> None:
    """By provider and basis, all five as soon as the provider is watched."""
    clock = FakeClock()
    board, metrics, watched = Board(clock), Metrics(), make_target()
    board.configure((watched,), {})

    def shown() -> dict[str, float]:
        page = metrics.render(board.snapshot(), Format.TEXT).decode()
        lines = [
            line for line in page.splitlines() if line.startswith("genmedia_exporter_verdicts")
        ]
        return {
            line.split('basis="')[1].split('"')[0]: float(line.rpartition(" ")[2]) for line in lines
        }

    assert shown() == dict.fromkeys(BASES, 0.0)
    for _ in range(2):
        board.observe(evidence(clock, watched, Depth.REACH, verdict().reason), verdict())
        assert shown()["shape"] == board.snapshot().verdicts["pretend", "shape"]
    assert shown() == {**dict.fromkeys(BASES, 0.0), "shape": 2.0}
