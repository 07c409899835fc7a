"""What the status page says about money: spent, left, expected, and whether it is switched off."""

from __future__ import annotations

from dataclasses import dataclass

from genmedia_exporter.config.values import format_duration
from genmedia_exporter.spending.forecast import SHOWN, Forecast, Planned, dearest_first, often
from genmedia_exporter.spending.limits import Spending, dollars
from genmedia_exporter.words.language import say


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """One target's generations in the table; texts only."""

    tone: str
    name: str
    price: str
    often: str
    usd_per_day: str


@dataclass(frozen=True, slots=True)
class Money:
    """The page's section on money; texts only."""

    enabled: bool
    sentence: str
    rows: tuple[MoneyRow, ...] = ()
    more: int = 0  # targets that are not among the rows
    today: str = ""  # "$0.07 of $1.00 today"; empty without a budget


def money(spending: Spending, forecast: Forecast) -> Money:
    """Return what the page says of *spending* now and of what is to come."""
    ordered = dearest_first(forecast.planned)
    rows = tuple(_row(each) for each in ordered[:SHOWN])
    expected = ""
    if spending.enabled and any(each.runs for each in ordered):
        expected = f" About {dollars(round(forecast.usd_per_day, 2))} a day is expected."
    more = max(0, len(ordered) - SHOWN)
    return Money(spending.enabled, _spent(spending) + expected, rows, more, _today(spending))


def _today(spending: Spending) -> str:
    if spending.daily_usd <= 0 or spending.spent_today_usd is None:
        return ""
    spent = dollars(round(spending.spent_today_usd, 6))
    return say("Budget today: {spent} of {limit}.", spent=spent, limit=dollars(spending.daily_usd))


def _spent(spending: Spending) -> str:
    if not (spending.daily_usd > 0 and spending.monthly_usd > 0):
        return "Probing is free: no budget is set, so no paid probe ever runs."
    today, month = spending.spent_today_usd, spending.spent_this_month_usd
    limits = f"{dollars(spending.daily_usd)} a day and {dollars(spending.monthly_usd)} a month"
    if today is None or month is None:
        return f"The ledger could not be read, so no paid probe runs. The budget is {limits}."
    return (
        f"Probing has cost {dollars(round(today, 6))} of {dollars(spending.daily_usd)} today and "
        f"{dollars(round(month, 6))} of {dollars(spending.monthly_usd)} this month."
    )


def _row(each: Planned) -> MoneyRow:
    price = "" if each.usd is None else f"{dollars(each.usd)} each"
    if each.never:
        return MoneyRow("warn", each.name, price, f"Never: {each.never}.", "")
    every = f"every {format_duration(each.interval)}"
    how_often = f"{often(each.runs)} instead of {every}" if each.budget_limited else every
    how_often = how_often[0].upper() + how_often[1:] + "."
    tone = "warn" if each.budget_limited else "quiet"
    return MoneyRow(tone, each.name, price, how_often, dollars(round(each.usd_per_day, 6)))
