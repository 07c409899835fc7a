"""Nights of single services, each told to those it concerns, and to nobody twice."""

from __future__ import annotations

from dataclasses import replace

from tests.nights.history import Night, Target, steps
from tests.nights.telling import night

SORA = Target(name="sora")
RELAY = Target(
    name="veo-relay", vendor="relay.example", provider="new-api", account="relay", channel="reverse",
    model="veo-3.1", reason="risk_control",
)  # fmt: skip


def ordinary(n: Night, *targets: Target) -> None:
    """Add what every night has: a network, money, and targets."""
    n.network()
    n.money()
    for target in targets:
        n.target(target)


def spells(
    begin: float, well: float, bad: float, count: int, status: str
) -> tuple[tuple[float, str], ...]:
    """Return a story of so many spells of a status, with well minutes after each."""
    story: list[tuple[float, str]] = [(0, "operational")]
    for spell in range(count):
        at = begin + spell * (well + bad)
        story += [(at, status), (at + bad, "operational")]
    return tuple(story)


@night(90)
def nothing_happens(n: Night) -> None:
    """Everybody is well, of every kind: nobody hears anything."""
    ordinary(n, SORA, RELAY, replace(SORA, name="kling", vendor="kling.ai", provider="kling"))
    n.of_target(SORA, "genmedia_target_page_agreement", 1)
    n.of_target(SORA, "genmedia_probe_tls_certificate_expiry_timestamp_seconds", 90 * 86400)


@night(90, feed=2)
def three_minutes_down(n: Night) -> None:
    """Too short to wake anybody: the feed says down, and well again."""
    ordinary(n, replace(SORA, story=((0, "operational"), (60, "down"), (63, "operational"))))


@night(150, oncall=2, feed=2, fires=("TargetDown",), paged={"sora": (65, 72)})
def twenty_minutes_down(n: Night) -> None:
    """One page and its end. A twentieth of six hours burns no budget six times too fast."""
    ordinary(n, replace(SORA, story=((0, "operational"), (60, "down"), (80, "operational"))))


@night(240, oncall=2, team=2, feed=2, fires=("TargetDown", "ErrorBudgetBurn"))
def forty_minutes_down(n: Night) -> None:
    """One page and its end; and a ticket afterwards, for a tenth of the month's error budget is gone."""
    ordinary(n, replace(SORA, story=((0, "operational"), (60, "down"), (100, "operational"))))


@night(150, oncall=2, feed=(3, 4), not_over={"TargetDown": (60, 78)})
def down_then_suspended(n: Night) -> None:
    """It was down, then its operator switched it off: one outage, one page, one end; the feed has all changes."""
    story = ((0, "operational"), (60, "down"), (70, "suspended"), (78, "operational"))
    ordinary(n, replace(SORA, story=story))


@night(150, oncall=2, feed=3, not_over={"TargetDown": (60, 78)})
def down_then_unknown(n: Night) -> None:
    """Nobody can say any more whether it works: no end is told before it is proven."""
    story = ((0, "operational"), (60, "down"), (70, "unknown"), (78, "operational"))
    ordinary(n, replace(SORA, story=story))


@night(300, oncall=(2, 4), team=(1, 3), feed=(1, 10), fires=("ErrorBudgetBurn", "StatusFlapping"))
def half_of_all_calls_fail(n: Night) -> None:
    """Every second three minutes for two hours: no spell is long enough, but somebody is woken, and once."""
    ordinary(n, replace(SORA, story=spells(60, 3, 3, 20, "down")))


@night(360, oncall=2, team=(2, 4), feed=(1, 12), fires=("StatusFlapping",))
def flapping_official(n: Night) -> None:
    """Two minutes down in ten, two hours long: a page that it burns its budget, one word that it flaps, and after
    the page's end perhaps a ticket for the budget; with the end of each."""
    ordinary(n, replace(SORA, story=spells(60, 8, 2, 12, "down")))


@night(360, reverse=(1, 4), feed=(1, 12), fires=("StatusFlapping",))
def flapping_reverse(n: Night) -> None:
    """Risk control comes and goes, four hours long: told once, and the feed is damped meanwhile."""
    ordinary(n, replace(RELAY, story=spells(30, 12, 8, 12, "risk_control")))


@night(360, reverse=(2, 4), feed=2, fires=("TargetRiskControl",))
def reverse_bad_all_night(n: Night) -> None:
    """Risk control for four hours: the readers of reverse channels get one message and its end, perhaps a ticket
    for the budget; nobody is woken."""
    ordinary(
        n, replace(RELAY, story=((0, "operational"), (30, "risk_control"), (270, "operational")))
    )


@night(180, team=2, feed=2, fires=("TargetRateLimited",))
def rate_limited(n: Night) -> None:
    """Forty minutes of refusals for rate: a ticket and its end; the provider is not down."""
    ordinary(
        n, replace(SORA, story=((0, "operational"), (40, "rate_limited"), (80, "operational")))
    )


@night(180, team=2, feed=2, fires=("TargetDegraded",))
def degraded(n: Night) -> None:
    """Slow for forty minutes, and works: a ticket and its end."""
    ordinary(n, replace(SORA, story=((0, "operational"), (40, "degraded"), (80, "operational"))))


@night(180, notes=1, feed=2)
def degraded_reverse(n: Night) -> None:
    """The same of a reverse channel: a note, of which nobody hears the end."""
    ordinary(n, replace(RELAY, story=((0, "operational"), (40, "degraded"), (80, "operational"))))


@night(120, feed=(0, 2), silent=("TargetDown", "StatusFlapping"))
def maintenance_with_failures(n: Night) -> None:
    """What fails in a window was announced; the feed says at most that it began, and that it is over."""
    story = ((0, "operational"), (30, "maintenance"), (90, "operational"))
    ordinary(n, replace(SORA, story=story))


@night(180, oncall=2, feed=(1, 3), not_over={"TargetDown": (0, 108)}, paged={"sora": (90, 105)})
def down_when_the_window_ends(n: Night) -> None:
    """It does not come back from its window: somebody is woken then, not before."""
    story = ((0, "operational"), (30, "maintenance"), (90, "down"), (108, "operational"))
    ordinary(n, replace(SORA, story=story))


@night(120, oncall=1, feed=1, fires=("TargetRetired", "ModelVanished"))
def vanished_without_notice(n: Night) -> None:
    """A model is gone that nobody had announced to end: one page, by the better word for it."""
    ordinary(n, replace(SORA, story=((0, "operational"), (60, "retired")), reason="retired"))


@night(120, oncall=1, feed=1, team=(0, 1), fires=("TargetRetired",), silent=("ModelVanished",))
def retired_on_its_day(n: Night) -> None:
    """It ends at the announced hour: the ticket was open; one page that it has come true."""
    ordinary(
        n, target := replace(SORA, story=((0, "operational"), (60, "retired")), reason="retired")
    )
    n.of_target(target, "genmedia_target_retirement_timestamp_seconds", 3600)


@night(60, team=1)
def retired_long_ago(n: Night) -> None:
    """Somebody configured a model that is gone: a ticket to tidy up, no page."""
    ordinary(n, replace(SORA, story=((0, "retired"),), reason="retired"))


@night(90, feed=1, oncall=2)
def removed_while_down(n: Night) -> None:
    """Down, and then taken out of the configuration: one page, which is closed a quarter of an hour later."""
    target = replace(SORA, story=((0, "operational"), (30, "down")), present=(0, 45))
    ordinary(n, target, replace(SORA, name="other", vendor="other.example"))


@night(120, notes=1)
def page_says_otherwise(n: Night) -> None:
    """The vendor's page shows an outage that our probes do not see, for an hour: a note."""
    ordinary(n, SORA)
    n.of_target(SORA, "genmedia_target_page_agreement", steps((0, 1), (40, 0), (100, 1)))
    n.add("genmedia_status_page_readable", 1, page="openai")


@night(120, notes=1)
def page_cannot_be_read(n: Night) -> None:
    """For an hour: a note, for probes go on."""
    ordinary(n, SORA)
    n.add("genmedia_status_page_readable", steps((0, 1), (40, 0), (100, 1)), page="openai")


@night(240, team=2, fires=("EvidenceStale",))
def nobody_probes_it(n: Night) -> None:
    """Its probes stop for an hour, though the exporter answers: a ticket and its end."""
    ordinary(n, replace(SORA, probed=((0, 40), (100, 1000))))


@night(120, team=(1, 2), feed=1, fires=("TargetUnknown",))
def nobody_knows(n: Night) -> None:
    """No usable evidence for an hour, and our network is well: one ticket."""
    ordinary(n, replace(SORA, story=((0, "operational"), (60, "unknown"))))
