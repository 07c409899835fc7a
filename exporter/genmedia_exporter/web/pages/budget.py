"""What the status page says about money: spent, left, expected, and whether it is switched off."""

from __future__ import annotations

from dataclasses import dataclass

from genmedia_exporter.report.formatting import exact
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
        a_day = dollars(round(forecast.usd_per_day, 2))
        expected = " " + say("About {usd} a day is expected.", usd=a_day)
    more = max(0, len(ordered) - SHOWN)
    return Money(spending.enabled, _spent(spending) + expected, rows, more, _today(spending))


def _today(spending: Spending) -> str:
    if spending.daily_usd <= 0 or spending.spent_today_usd is None:
        return ""
    spent = dollars(round(spending.spent_today_usd, 6))
    return say("Budget today: {spent} of {limit}.", spent=spent, limit=dollars(spending.daily_usd))


def _spent(spending: Spending) -> str:
    if not (spending.daily_usd > 0 and spending.monthly_usd > 0):
        return say("Probing is free: no budget is set, so no paid probe ever runs.")
    today, month = spending.spent_today_usd, spending.spent_this_month_usd
    daily, monthly = dollars(spending.daily_usd), dollars(spending.monthly_usd)
    if today is None or month is None:
        unread = say("The ledger could not be read, so no paid probe runs.")
        limits = say(
            "The budget is {daily} a day and {monthly} a month.", daily=daily, monthly=monthly
        )
        return f"{unread} {limits}"
    return say(
        "Probing has cost {today} of {daily} today and {month} of {monthly} this month.",
        today=dollars(round(today, 6)),
        daily=daily,
        month=dollars(round(month, 6)),
        monthly=monthly,
    )


def _row(each: Planned) -> MoneyRow:
    price = "" if each.usd is None else say("{usd} each", usd=dollars(each.usd))
    if each.never:
        never = say("Never: {why}.", why=each.never)
        return MoneyRow("warn", each.name, price, never, "")
    how_often = every = say("every {span}", span=exact(each.interval))
    if each.budget_limited:
        how_often = say("{often} instead of {every}", often=often(each.runs), every=every)
    how_often = say("{what}.", what=how_often[0].upper() + how_often[1:])
    tone = "warn" if each.budget_limited else "quiet"
    return MoneyRow(tone, each.name, price, how_often, dollars(round(each.usd_per_day, 6)))
