"""What is known of providers and models, as JSON tells it: to the command and to the API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from genmedia_exporter.core.status import Depth, Operation
from genmedia_exporter.providers.prices import Price
from genmedia_exporter.providers.schema import ModelEntry, Provider


def provider_object(provider: Provider) -> dict[str, Any]:
    """Return one provider as JSON shows it."""
    return {
        "provider": provider.name,
        "title": provider.title,
        "kind": provider.kind,
        "channel": provider.channel,
        "base_url": provider.base_url,
        "variables": dict(provider.variables),
        "status_page": provider.status_page.url if provider.status_page else None,
        "no_status_page": provider.no_status_page,
        "free_depths": {op: list(free_depths(provider, op)) for op in operations(provider)},
        "models": [model_object(provider, model) for model in provider.models],
        "no_models": provider.no_models,
    }


def model_object(provider: Provider, model: ModelEntry) -> dict[str, Any]:
    """Return one model as JSON shows it."""
    return {
        "model": model.name,
        "family": model.family_name,
        "aliases": list(model.aliases),
        "operation": model.operation,
        "channel": model.channel or provider.channel,
        "price": _price(provider, model),
        "prices": [price.model_dump(exclude_none=True) for price in model.prices],
        "no_price": model.no_price,
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


def _price(provider: Provider, model: ModelEntry) -> dict[str, float] | None:
    price = price_of(provider, model)
    return price.model_dump(exclude_none=True) if price else None


def price_of(provider: Provider, model: ModelEntry) -> Price | None:
    """Return the price of what a probe asks for, at the provider's own address."""
    host = urlsplit(provider.base_url or "").hostname or ""
    return model.price_for(provider.job_for(model.operation, model.name), host)


def price_text(provider: Provider, model: ModelEntry) -> str:
    """Return a price as people write it: `$0.10 a second`; `none` where nobody told it."""
    price = price_of(provider, model)
    if price is None:
        return "none"
    unit, value = next(iter(price.units().items()))
    return f"${value:g} {'an' if unit == 'image' else 'a'} {unit}"


def unpriced(model: ModelEntry) -> str:
    """Return why a model without a price has none."""
    if model.no_price:
        return model.no_price
    return "no longer sold" if model.end_date else "not known"


_HEAD: Final = """\
# Catalogue

Every provider file that comes with the exporter: what can be probed of it for nothing, what it can generate, which models it lists, for
how much and until when. Made by `genmedia-exporter catalogue --format markdown`; a test holds it. Where each fact was read stands in
[the files](exporter/genmedia_exporter/providers/README.md), as `source`. Without a price nothing is bought; the reason stands in its place.
A price is that of what a probe asks for: the shortest and smallest that its service sells, at the service's own address.

"""


def markdown(providers: Sequence[Provider]) -> str:
    """Return the catalogue as a page: a table of the providers, then one of the models of each."""
    rows = [
        (
            f"[{p.name}](#{p.name})" if p.models else p.name,
            p.title,
            p.kind,
            p.channel,
            "; ".join(f"{op}: {_depths(p, op)}" for op in operations(p)),
            p.status_page.url if p.status_page else f"none: {p.no_status_page or 'not looked for'}",
        )
        for p in providers
    ]
    heads = ("provider", "service", "kind", "channel", "depths", "status page")
    parts = [_table(heads, rows)]
    listing = [p for p in providers if not p.models]
    parts.append(_table(("lists no models", "why"), [(p.name, p.no_models or "") for p in listing]))
    parts += [_section(provider) for provider in providers if provider.models]
    return _HEAD + "\n".join(parts)


def _depths(provider: Provider, operation: Operation) -> str:
    free = [depth.value for depth in free_depths(provider, operation)]
    paid = ["generate"] if provider.job_for(operation) is not None else []
    return ", ".join([*free, *paid])


def _section(provider: Provider) -> str:
    rows = [
        (
            f"`{m.name}`",
            m.family_name,
            m.operation,
            m.channel or provider.channel,
            _price_cell(provider, m),
            _end_text(m),
            m.successor or "",
            _day(m.checked or provider.checked) or "",
        )
        for m in provider.models
    ]
    heads = ("model", "family", "makes", "channel", "price", "ends", "successor", "checked")
    return f"## {provider.name}\n\n{_table(heads, rows)}"


def _price_cell(provider: Provider, model: ModelEntry) -> str:
    text = price_text(provider, model)
    return f"none: {unpriced(model)}" if text == "none" else text


def _end_text(model: ModelEntry) -> str:
    day = _day(model.end_date) or ""
    return day if model.end_date_certain else f"{day} (unconfirmed)"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
