"""What a free call's answer must show: what its provider's file says it lists. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable

from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.generic_reach import shows_something
from genmedia_exporter.classify.parse import Reading
from genmedia_exporter.classify.rules import check_holds, status_in
from genmedia_exporter.core.json_pointer import resolve
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.providers.calls import Call, Membership


def judge_listing(reading: Reading, calls: Iterable[Call], model: str) -> Finding | None:
    """Judge a free call's answer by the calls it may be the answer to; None if it fits none.

    An answer that fits a call but does not list *model* is MODEL_NOT_FOUND.
    """
    unlisted = None
    for call in calls:
        if not status_in(reading.http, call.http) or not _fits(reading, call):
            continue
        if call.membership and not resolve(reading.document, call.membership.pointer):
            unlisted = Finding(Reason.MODEL_NOT_FOUND, f"call.{call.id}.empty", "nothing is listed")
            continue
        if model and call.membership and lists_model(reading, call.membership, model) is False:
            unlisted = Finding(Reason.MODEL_NOT_FOUND, f"call.{call.id}.unlisted", "not listed")
            continue
        if unlisted is not None and not (call.membership or call.expect):
            continue  # any answer would fit it: it is no proof against an empty listing
        return Finding(Reason.OK, f"call.{call.id}", explicit=True)
    return unlisted


def _fits(reading: Reading, call: Call) -> bool:
    if call.membership and not isinstance(resolve(reading.document, call.membership.pointer), list):
        return False
    if not call.membership and not call.expect and not shows_something(reading.document):
        return False  # an answer alone shows nothing
    return all(check_holds(check, reading.document) for check in call.expect)


def lists_model(reading: Reading, membership: Membership, model: str) -> bool | None:
    """Whether a listing names *model*; None where the answer is no such listing."""
    items = resolve(reading.document, membership.pointer)
    if not isinstance(items, list):
        return None
    wanted = membership.value.replace("{model}", model)
    return wanted in (_name(item, membership.field) for item in items)


def _name(item: object, field: str) -> object:
    return item.get(field) if field and isinstance(item, dict) else item
