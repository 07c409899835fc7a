"""What is left on our account, where the wire tells it: money or quota, seen before a customer needs it."""

from __future__ import annotations

from typing import Final

from genmedia_exporter.classify.context import Context
from genmedia_exporter.classify.finding import Finding
from genmedia_exporter.classify.rules import check_holds, status_in
from genmedia_exporter.core.evidence import AccountBalance, Evidence
from genmedia_exporter.core.json_pointer import MISSING, parse_json, resolve
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.calls import Amount, Balance
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.providers.states import as_number

NOTHING: Final = 1e-6
"""So much of a unit is nothing: a difference of two sums that services have rounded."""

_WELL: Final = frozenset({Reason.OK, Reason.REJECTED_AS_EXPECTED})


def balance_of(evidence: Evidence, provider: Provider | None) -> AccountBalance | None:
    """Return what the answers of *evidence* say is left; None where none says, or there is no limit."""
    told = provider.balance if provider else None
    if provider is None or told is None:
        return None
    amount = _amount(told.left, evidence, provider)
    if amount is None or _has_no_limit(told, evidence, provider):
        return None
    if told.used is not None:
        used = _amount(told.used, evidence, provider)
        if used is None:
            return None
        amount -= used
    return AccountBalance(0.0 if abs(amount) < NOTHING else round(amount, 6), told.unit)


def with_balance(
    finding: Finding, depth: Depth, balance: AccountBalance | None, context: Context
) -> Finding:
    """Read a free success on an empty account as what a customer's own create will be told."""
    if balance is None or balance.left > 0 or not depth.free or finding.reason not in _WELL:
        return finding
    name = context.provider.name if context.provider else ""
    told = f"{balance.left:g} {balance.unit} left"
    return Finding(Reason.QUOTA_EXHAUSTED, f"{name}.balance", told, explicit=True, basis="code")


def _has_no_limit(told: Balance, evidence: Evidence, provider: Provider) -> bool:
    document = _document(told.left.call, evidence, provider)
    return any(check_holds(check, document) for check in told.unlimited)


def _amount(told: Amount, evidence: Evidence, provider: Provider) -> float | None:
    value = as_number(resolve(_document(told.call, evidence, provider), told.pointer))
    return None if value is None else value / told.per_unit


def _document(name: str, evidence: Evidence, provider: Provider) -> object:
    """Return the sound answer to the call *name*, or MISSING."""
    call = provider.call_named(name)
    made = next((e for e in reversed(evidence.exchanges) if e.call == name), None)
    if call is None or made is None or made.transport is not None:
        return MISSING
    return parse_json(made.text) if status_in(made.status or 0, call.http) else MISSING
