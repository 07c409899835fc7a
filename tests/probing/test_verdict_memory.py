"""A verdict is remembered while the same answer must mean the same, and not longer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import (
    NO_HINTS,
    Evidence,
    Exchange,
    Hints,
    Role,
    Transport,
    Verdict,
)
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Outcome, Status
from genmedia_exporter.probing import verdict_memory
from genmedia_exporter.probing.verdict_memory import PER_TARGET, VerdictMemory
from genmedia_exporter.providers.loader import load_generic
from genmedia_exporter.targets.model import Target
from tests.drivers.world import account, provider, target

FINE = Verdict(Outcome.SUCCESS, Status.OPERATIONAL, Fault.NONE, Reason.OK, "test")
OF_A_RULE = {"id": "r", "means": "paused", "when": {"header": {"X-State": "paused"}}}
WATCHED = target(account("https://api.test", of=provider(rules=[OF_A_RULE])))
HEADERS = {"content-type": "application/json", "x-request-id": "r1"}


def seen(
    body: bytes = b"{}", headers: Mapping[str, str] | None = None, status: int = 200, **more: Any
) -> Evidence:
    """Return the evidence of one answer."""
    kept = MappingProxyType(dict(HEADERS if headers is None else headers))
    exchange = Exchange("model_get", Role.PROBE, "GET", "", "api.test", status, kept, body, **more)
    return Evidence("acc/veo3", Depth.REACH, Unix(1.0), 0.1, (exchange,))


def recalls(first: Evidence, then: Evidence, watched: Target = WATCHED) -> bool:
    """Whether the verdict on *first* is recalled for *then*."""
    memory = VerdictMemory(load_generic)
    memory.keep(watched, first, NO_HINTS, FINE)
    return memory.recall(watched, then, NO_HINTS) is FINE


def test_the_same_answer_means_the_same() -> None:
    """Also at another time, and with another id of the request."""
    later = replace(seen(headers={**HEADERS, "x-request-id": "r2"}), at=Unix(9.0), duration=0.5)
    assert recalls(seen(), later)


@pytest.mark.parametrize(
    "other",
    [
        seen(b"{ }"),
        seen(status=201),
        seen(headers={}),
        seen(headers={**HEADERS, "content-type": "text/html"}),
        seen(headers={**HEADERS, "cf-ray": "1"}),
        seen(redirect_to="elsewhere.test"),
        seen(transport=Transport.BODY_TRUNCATED),
        replace(seen(), credential=False),
        replace(seen(), depth=Depth.ACCEPT),
        replace(seen(), exchanges=(*seen().exchanges, *seen().exchanges)),
    ],
    ids=[
        "body", "status", "headers", "type", "edge", "redirect", "broken", "key", "depth", "control"
    ],
)  # fmt: skip
def test_another_answer_is_read(other: Evidence) -> None:
    """Whatever of it decides something."""
    assert not recalls(seen(), other)
    assert not recalls(other, seen())


@pytest.mark.parametrize("name", ["x-state", "sunset", "x-amzn-errortype"])
def test_headers_that_decide_count_by_value(name: str) -> None:
    """Those that a rule of the provider names, that carry codes, or tell an end."""
    one, other = ({**HEADERS, name: value} for value in ("paused", "running"))
    assert recalls(seen(headers=one), seen(headers=one))
    assert not recalls(seen(headers=one), seen(headers=other))


@pytest.mark.parametrize("headers", [{**HEADERS, "retry-after": "Sun, 29 Nov 2026 15:53:21 GMT"}])
def test_what_depends_on_the_time_is_read(headers: Mapping[str, str]) -> None:
    """A date to wait for, and a model whose end may have come."""
    assert not recalls(seen(headers=headers), seen(headers=headers))
    assert not recalls(seen(), seen(), replace(WATCHED, ends_at=Unix(5.0)))


def test_hints_and_targets_are_not_mixed_up() -> None:
    """A reload makes targets anew; a target that has worked before is read with that in mind."""
    memory = VerdictMemory(load_generic)
    memory.keep(WATCHED, seen(), NO_HINTS, FINE)
    assert memory.recall(WATCHED, seen(), Hints(worked_before=True)) is None
    assert memory.recall(replace(WATCHED), seen(), NO_HINTS) is None
    memory.keep(replace(WATCHED), seen(b"1"), NO_HINTS, FINE)
    assert memory.recall(WATCHED, seen(), NO_HINTS) is None


def test_few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest answers of a target; and when there are too many targets, begun anew."""
    memory = VerdictMemory(load_generic)
    for number in range(PER_TARGET + 1):
        memory.keep(WATCHED, seen(b"%d" % number), NO_HINTS, FINE)
    assert memory.recall(WATCHED, seen(b"0"), NO_HINTS) is None
    assert memory.recall(WATCHED, seen(b"%d" % PER_TARGET), NO_HINTS) is FINE
    monkeypatch.setattr(verdict_memory, "MOST_TARGETS", 1)
    memory.keep(replace(WATCHED, name="other"), seen(), NO_HINTS, FINE)
    assert memory.recall(WATCHED, seen(b"%d" % PER_TARGET), NO_HINTS) is None


def told(**fields: object) -> Evidence:
    """Return the evidence of an answer in JSON."""
    return seen(json.dumps(fields).encode())


@pytest.mark.parametrize("name", ["request_id", "requestId", "trace_id", "logid", "timestamp"])
@pytest.mark.parametrize("values", [("a-1", "b-2"), (1764430000, 1764430001.5)])
def test_a_new_id_or_time_changes_nothing(name: str, values: tuple[object, object]) -> None:
    """A success that differs in nothing else is not read again."""
    one, two = values
    assert recalls(told(ok=True, **{name: one}), told(ok=True, **{name: two}))
    assert recalls(told(**{name: one}, data=[]), told(**{name: two}, data=[]))


@pytest.mark.parametrize(
    "other",
    [
        told(request_id="b", ok=False),
        told(request_id="", ok=True),
        told(request_id=1, ok=True),
        told(request_id=None, ok=True),
        told(request_id=["b"], ok=True),
        told(id="b", ok=True),
        told(ok=True),
        seen(b'{"request_id": "b", "ok": true}', status=400),
    ],
)
def test_whatever_else_differs_is_read(other: Evidence) -> None:
    """Also an id that is no text any more, or is gone."""
    assert not recalls(told(request_id="a", ok=True), other)


def test_an_id_of_a_failure_is_read() -> None:
    """It may be in the message."""
    memory = VerdictMemory(load_generic)
    refused = replace(FINE, outcome=Outcome.FAILURE, message="a")
    memory.keep(WATCHED, told(request_id="a"), NO_HINTS, refused)
    assert memory.recall(WATCHED, told(request_id="b"), NO_HINTS) is None


def test_an_id_that_a_rule_looks_at_is_read() -> None:
    """It may decide something."""
    rule = {"id": "r", "means": "paused", "when": {"body": "request_id.*paused"}}
    watched = target(account("https://api.test", of=provider(rules=[rule])))
    assert not recalls(told(request_id="a"), told(request_id="b"), watched)
    assert recalls(told(log_id="a"), told(log_id="b"), watched)
