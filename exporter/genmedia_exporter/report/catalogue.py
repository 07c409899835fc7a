"""What is known of providers and models, as JSON tells it: to the command and to the API."""

from __future__ import annotations

from datetime import date
from typing import Any

from genmedia_exporter.core.status import Depth, Operation
from genmedia_exporter.providers.schema import ModelEntry, Provider


def provider_object(provider: Provider) -> dict[str, Any]:
    """Return one provider as JSON shows it."""
    return {
        "provider": provider.name,
        "title": provider.title,
        "kind": provider.kind,
        "channel": provider.channel,
        "base_url": provider.base_url,
        "free_depths": {op: list(free_depths(provider, op)) for op in operations(provider)},
        "models": [model_object(provider, model) for model in provider.models],
    }


def model_object(provider: Provider, model: ModelEntry) -> dict[str, Any]:
    """Return one model as JSON shows it."""
    return {
        "model": model.name,
        "family": model.family_name,
        "aliases": list(model.aliases),
        "operation": model.operation,
        "channel": model.channel or provider.channel,
        "price": model.price.model_dump(exclude_none=True) if model.price else None,
        "end_date": _day(model.end_date),
        "successor": model.successor,
        "end_date_certain": model.end_date_certain if model.end_date else None,
        "source": model.source,
        "checked": _day(model.checked or provider.checked),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def operations(provider: Provider) -> tuple[Operation, ...]:
    """Return the operations a provider's free calls or jobs are made for."""
    jobs = {job.operation for job in provider.jobs}
    listed = {model.operation for model in provider.models}
    return tuple(op for op in Operation if op in jobs | listed) or (provider.operation,)


def free_depths(provider: Provider, operation: Operation) -> tuple[Depth, ...]:
    """Return the depths at which *operation* can be probed for nothing."""
    return tuple(d for d in Depth if d.free and provider.call_for(d, operation) is not None)
