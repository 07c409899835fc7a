"""The JSON and the words in which storage keeps what it is told, and how they are read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from genmedia_exporter.core.evidence import Asset
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Status
from genmedia_exporter.health.state import SKIP_REASONS, DepthState, Judgement, unseen


def depths_to_json(depths: Mapping[Depth, DepthState]) -> str:
    """Return the counters of *depths* as JSON."""
    return json.dumps({depth.value: _counters(state) for depth, state in depths.items()})


def _counters(state: DepthState) -> dict[str, Any]:
    return {
        "total": state.total,
        "failures": {reason.value: count for reason, count in state.failures.items()},
        "skipped": dict(state.skipped),
        "last_at": state.last_at,
        "last_success_at": state.last_success_at,
        "asset": _asset_json(state.asset),
        "cost_usd": state.cost_usd,
        "stopped": state.disabled,
        "unanswered": state.unanswered,
    }


def depths_from_json(text: str) -> Mapping[Depth, DepthState]:
    """Return depths with their counters; words this version does not know are left out."""
    known = {d.value for d in Depth}
    found = {
        Depth(d): _from_counters(Depth(d), c) for d, c in json.loads(text).items() if d in known
    }
    return MappingProxyType(found)


def _from_counters(depth: Depth, counters: Mapping[str, Any]) -> DepthState:
    reasons = {reason.value for reason in Reason}
    failures = {Reason(r): n for r, n in counters["failures"].items() if r in reasons}
    skipped = {reason: counters["skipped"].get(reason, 0) for reason in SKIP_REASONS}
    return replace(
        unseen(depth),
        total=counters["total"],
        failures=MappingProxyType(failures),
        skipped=MappingProxyType({reason: n for reason, n in skipped.items() if n}),
        last_at=counters.get("last_at"),
        last_success_at=counters["last_success_at"],
        asset=_asset_from(counters.get("asset")),
        cost_usd=counters["cost_usd"],
        disabled=disabled_reason(counters["stopped"]),
        unanswered=counters.get("unanswered", 0),
    )


def _asset_json(asset: Asset | None) -> dict[str, Any] | None:
    """Return the measures of *asset*; its problem is in the words of the service, and left out."""
    if asset is None:
        return None
    measures = {name: getattr(asset, name) for name in ("size", "width", "height", "duration")}
    return {"kind": asset.kind, **{name: m for name, m in measures.items() if m is not None}}


def _asset_from(said: Any) -> Asset | None:
    """Return a stored asset; None for a row of before, and for what is none."""
    if not isinstance(said, dict) or not isinstance(said.get("kind"), str):
        return None
    size, width, height = (_whole(said.get(name)) for name in ("size", "width", "height"))
    length = said.get("duration")
    duration = float(length) if isinstance(length, int | float) else None
    return Asset(said["kind"], size=size, width=width, height=height, duration=duration)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def disabled_reason(word: object) -> Reason | None:
    """Return why a depth was disabled; older versions only wrote whether it was."""
    if isinstance(word, str) and word in {reason.value for reason in Reason}:
        return Reason(word)
    return Reason.ACCEPTED_UNEXPECTEDLY if word else None


def status_of(word: str | None) -> Status:
    """Return the status called *word*, unknown for a word of another version."""
    return Status(word) if word in {s.value for s in Status} else Status.UNKNOWN


def judgement_of(status: str, reason: str, fault: str, message: str) -> Judgement:
    """Return a judgement from stored words; `up` is absent."""
    known = reason in {r.value for r in Reason}
    return Judgement(
        status_of(status),
        Reason(reason) if known else Reason.NO_EVIDENCE,
        Fault(fault) if fault in {f.value for f in Fault} else Fault.NONE,
        None,
        message,
    )
