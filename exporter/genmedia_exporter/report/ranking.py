"""A ranking as `/api/v1/route` and `route --format json` show it."""

from __future__ import annotations

from typing import Any

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Operation
from genmedia_exporter.report.formatting import iso
from genmedia_exporter.routing.ranking import CLIP_SECONDS, Entry, Ranking


def ranking_object(ranking: Ranking, now: Unix) -> dict[str, Any]:
    """Return a ranking as `/api/v1/route` and `route --format json` show it; *now* in Unix seconds."""
    return {
        "generated_at": iso(now),
        "operation": ranking.operation,
        "policy": ranking.policy,
        "clip_seconds": CLIP_SECONDS if ranking.operation is Operation.VIDEO else None,
        "message": ranking.message or None,
        "targets": [entry_object(entry) for entry in ranking.entries],
    }


def entry_object(entry: Entry) -> dict[str, Any]:
    """Return one target in its place. Prices are in US dollars for a standard clip."""
    one, target = entry.candidate, entry.state.target
    return {
        "rank": entry.rank,
        "target": one.name,
        "channel": one.channel,
        "provider": target.provider.name,
        "account": target.account.name,
        "model": target.model,
        "family": target.family,
        "status": one.status,
        "usable": entry.usable,
        "reason": entry.reason or None,
        "price": None if one.price is None else round(one.price, 6),
        "price_per_100": entry.price_per_100,
        "uptime": one.uptime,
        "why": entry.why,
    }
