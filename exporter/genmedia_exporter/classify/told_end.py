"""What a listing says of a model's end: read from the answers that free probes get anyway."""

from __future__ import annotations

from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.rules import status_in
from genmedia_exporter.core.evidence import Evidence, Exchange, ToldEnd
from genmedia_exporter.core.http_dates import moment_of
from genmedia_exporter.core.json_pointer import MISSING, parse_json, resolve
from genmedia_exporter.providers.calls import Call


def told_end(evidence: Evidence, context: Context) -> ToldEnd | None:
    """Return what the answers of *evidence* say of the model's end; None where none tells."""
    if context.provider is None or not context.model:
        return None
    for exchange in reversed(evidence.exchanges):
        call = context.provider.call_named(exchange.call)
        if call is not None and call.end_date is not None:
            found = _read(exchange, call, call.end_date, context.model)
            if found is not None:
                return found
    return None


def _read(exchange: Exchange, call: Call, pointer: str, model: str) -> ToldEnd | None:
    if exchange.transport is not None or not status_in(exchange.status or 0, call.http):
        return None
    value = resolve(_entry(parse_json(exchange.text), call, model), pointer)
    if value is None:
        return ToldEnd(None)
    at = None if value is MISSING else moment_of(value)
    return None if at is None else ToldEnd(at)


def _entry(document: object, call: Call, model: str) -> object:
    """Return what the answer says of *model*: its item, where the answer is a listing."""
    if call.membership is None:
        return document
    items = resolve(document, call.membership.pointer)
    wanted = call.membership.value.replace("{model}", model)
    named = (
        item
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict) and item.get(call.membership.field) == wanted
    )
    return next(named, MISSING)
