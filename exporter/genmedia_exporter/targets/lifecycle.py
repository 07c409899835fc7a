"""What is said of a target's model before anything is probed: that it ends, or that nobody lists it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Final

from genmedia_exporter.config.values import quote
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Operation
from genmedia_exporter.providers.catalogue import Catalogue
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.targets.model import Target

SOON: Final = 90 * 86_400.0
"""Seconds before its end date from which a model's retirement is worth a line."""

NEAR: Final = 0.8
"""How alike a known name must be to be named: one slip of the finger is, another family is not."""

MOST_NAMES: Final = 3


def ending_verb(past: bool, *, certain: bool) -> str:
    """Return what a model does, or did, on its end date."""
    if not certain:
        return "may have ended" if past else "may end"
    return "ended" if past else "ends"


def end_of(target: Target, now: Unix) -> str:
    """Return `ends on 2026-12-01; its successor is x`, empty unless the end is near or past."""
    ends = target.ends_at
    if ends is None or ends - now > SOON:
        return ""
    verb = ending_verb(ends <= now, certain=target.end_date_certain)
    day = datetime.fromtimestamp(float(ends), UTC).date().isoformat()
    after = f"its successor is {target.successor}" if target.successor else "no successor is known"
    return f"{verb} on {day}; {after}"


def unlisted(
    provider: Provider, catalogue: Catalogue, model: str, operation: Operation, *, explained: bool
) -> tuple[str, str] | None:
    """Return what is doubtful about a *model* that no list has, and a hint; None where nothing is.

    A vendor's file lists what the vendor sells, so any other name is doubtful there. Elsewhere it is
    only if a known name is near. *explained*: the operator wrote what the model makes.
    """
    known = [name for entry in provider.models for name in entry.names]
    if provider.kind != "direct" or not known:
        known += catalogue.names()
    if model in known:
        return None
    near = get_close_matches(model[:200], dict.fromkeys(known), n=MOST_NAMES, cutoff=NEAR)
    vendors = provider.kind == "direct" and bool(provider.models) and not explained
    if not near and not vendors:
        return None
    taken = "" if explained else f", so it is taken for {_a(operation)} model without a known price"
    return f"provider {quote(provider.name)} lists no model {quote(model)}{taken}", _nearest(near)


def _a(operation: Operation) -> str:
    return f"{'an' if operation is Operation.IMAGE else 'a'} {operation.value}"


def _nearest(near: Iterable[str]) -> str:
    names = ", ".join(map(quote, near))
    return f"known names like it: {names}" if names else "if it is a new one, write its operation"
