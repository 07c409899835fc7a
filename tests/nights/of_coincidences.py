"""Nights of two causes at once, of windows and networks that cut into an outage, and of odd probing."""

from __future__ import annotations

from dataclasses import replace

from tests.nights.history import FOREVER, Exporter, Night, steps
from tests.nights.of_targets import RELAY, SORA, ordinary, spells
from tests.nights.of_vendors import several
from tests.nights.of_waves import KLING, at
from tests.nights.telling import night

A, B = "a:10067", "b:10067"
RUNWAY = replace(SORA, name="runway", vendor="runwayml.com", provider="runway", account="runway")


def behind(n: Night, begin: float, end: float) -> None:
    """Let our own network be in doubt from a minute until another."""
    n.network(lambda minute: float(not begin <= minute < end))
    n.money()


@night(
    180, oncall=4, team=(0, 2), feed=(1, 6), paged={"openai.com": (60, 68)},
    not_over={"ProviderIncident": (60, 110)}, fires=("NetworkDown",),
)  # fmt: skip
def network_goes_while_a_vendor_is_down(n: Night) -> None:
    """Three are down from sixty, our network is away for a quarter of an hour, they are well at 110: a page and an end
    for each, and the incident's page is neither taken back nor sent again."""
    behind(n, 80, 95)
    story = ((60, "down"), (81, "unknown"), (96, "down"), (110, "operational"))
    for target in several(SORA, 3, *story):
        n.target(target)
    for target in (KLING, RUNWAY):
        n.target(at(target, (81, "unknown"), (96, "operational")))


@night(180, oncall=4, team=(0, 2), feed=(0, 4), paged={"openai.com": (76, 86)})
def vendor_is_down_when_the_network_returns(n: Night) -> None:
    """All are unknown for a quarter of an hour, then a vendor's three are really down: two pages, two ends."""
    behind(n, 60, 75)
    story = ((61, "unknown"), (76, "down"), (110, "operational"))
    for target in several(SORA, 3, *story):
        n.target(target)
    for target in (KLING, RUNWAY):
        n.target(at(target, (61, "unknown"), (76, "operational")))


@night(150, oncall=2, feed=(0, 12), fires=("NetworkDown",), silent=("ProviderIncident",))
def network_takes_all_down_at_first(n: Night) -> None:
    """Two minutes of failures before anybody knows that it is our network: one page says so, and no vendor is accused."""
    behind(n, 62, 85)
    for pattern in (SORA, KLING, RUNWAY):
        for target in several(pattern, 2, (60, "down"), (64, "unknown"), (86, "operational")):
            n.target(target)


@night(210, oncall=2, team=(0, 2), feed=(1, 4), not_over={"TargetDown": (60, 80)})
def window_begins_in_an_outage(n: Night) -> None:
    """Down at sixty; at eighty somebody declares a window, in which it recovers: the page ends with the window's
    beginning, for a pager that nobody closes rings on."""
    ordinary(n, replace(at(SORA, (60, "down"), (120, "operational")), windows=((80, 130),)))


@night(150, feed=(0, 2), silent=("TargetDown",))
def fails_in_a_window_of_ours(n: Night) -> None:
    """It is down in a window, and well before that ends: silence."""
    ordinary(n, replace(at(SORA, (65, "down"), (110, "operational")), windows=((60, 120),)))


@night(210, oncall=2, feed=(1, 4), team=(0, 2), paged={"sora": (100, 112)})
def still_down_after_a_window_of_ours(n: Night) -> None:
    """A window ends at a hundred, and it is still down: somebody is woken then."""
    ordinary(n, replace(at(SORA, (65, "down"), (140, "operational")), windows=((60, 100),)))


@night(240, oncall=6, team=(0, 6), feed=(2, 12), fires=("ProviderIncident",))
def three_vendors_at_once(n: Night) -> None:
    """What they share breaks for three quarters of an hour: a page and an end for each vendor, no more."""
    for pattern in (SORA, KLING, RUNWAY):
        for target in several(pattern, 2, (60, "down"), (105, "operational")):
            n.target(target)
    ordinary(n, replace(SORA, name="veo", vendor="google.com", provider="gemini", account="g"))


@night(180, reverse=2, feed=2)
def the_cheap_one_of_two_routes_fails(n: Night) -> None:
    """The official route to the same model works: it is read, nobody is woken."""
    ordinary(n, SORA, replace(at(RELAY, (60, "down"), (80, "operational")), model=SORA.model))


@night(240, oncall=2, reverse=(0, 2), team=(0, 2), feed=(2, 6), paged={"gw.example": (70, 80)})
def reverse_targets_fall_first(n: Night) -> None:
    """Two reverse targets of a gateway at sixty, its two official ones at seventy: nobody is woken before."""
    gateway = replace(SORA, name="gw", vendor="gw.example", provider="new-api", account="gw")
    ordinary(
        n,
        *several(
            replace(gateway, name="cheap", channel="reverse"), 2, (60, "down"), (110, "operational")
        ),
        *several(gateway, 2, (70, "down"), (110, "operational")),
    )


@night(180, oncall=4, feed=(2, 8), team=(0, 3), paged={"GenmediaAuthError": (64, 80), "second": (64, 80)})  # fmt: skip
def key_and_outage_at_one_vendor(n: Night) -> None:
    """One account's key is refused, the only target of another is down: a page for each cause, an end for each."""
    ordinary(
        n,
        *several(SORA, 3, (60, "auth_error"), (100, "operational"), apart=0.5),
        replace(at(SORA, (62, "down"), (100, "operational")), name="b", account="second"),
    )


@night(180, oncall=(2, 4), team=(0, 2), feed=(2, 4))
def upstream_of_a_gateway_down(n: Night) -> None:
    """Two of six models at a gateway fail, for their upstream does: told together, and the gateway is not accused."""
    gateway = replace(SORA, name="up", vendor="gw.example", provider="new-api", account="gw")
    ordinary(
        n,
        *several(gateway, 2, (60, "down"), (95, "operational"), apart=0.5),
        *several(replace(gateway, name="fine"), 4),
    )


@night(180, oncall=2, team=(0, 2), feed=(2, 8), fires=("ProviderIncident",), silent=("TargetUnknown",))  # fmt: skip
def thirty_of_one_vendor(n: Night) -> None:
    """All fall within a minute or two, and come back so: one page, one end, and a handful of lines in the feed."""
    ordinary(n, *several(SORA, 30, (60, "down"), (100, "operational"), apart=0.06), KLING)


@night(240, oncall=2, team=(0, 2), feed=2, silent=("EvidenceStale",))
def probed_once_an_hour(n: Night) -> None:
    """Two probes fail: one page, one end; an hour without news is no stale evidence."""
    ordinary(n, replace(at(SORA, (60, "down"), (180, "operational")), depths={"reach": 3600}))


@night(240, team=(1, 4), reverse=0, feed=(3, 9), not_over={"TargetRateLimited": (40, 80)}, oncall=2)
def limited_then_down(n: Night) -> None:
    """Three of a vendor are refused for rate, and then down: a ticket, a page, and no end of either before its time."""
    story = ((40, "rate_limited"), (80, "down"), (110, "operational"))
    ordinary(n, *several(SORA, 3, *story))


@night(300, oncall=(2, 8), feed=8, fires=("QuotaExhausted",))
def quota_that_refills_by_the_hour(n: Night) -> None:
    """Empty for twenty minutes of each hour, four times: at most a page and an end for each."""
    ordinary(n, *several(SORA, 2, *spells(60, 40, 20, 4, "quota_exhausted")[1:]))


@night(150, Exporter(A, undiscovered=((60, FOREVER),)), oncall=1, fires=("ExporterDown",))
def scraped_no_more(n: Night) -> None:
    """Somebody deletes the job from the scrape configuration: one page says that nobody watches."""
    ordinary(n, SORA)


@night(
    150, Exporter(A, silent=((60, FOREVER),)), Exporter(B, silent=((60, FOREVER),)), oncall=1, team=(0, 1),
)  # fmt: skip
def both_exporters_die(n: Night) -> None:
    """They shared a machine: one page."""
    ordinary(n, *[replace(t, owners=((0, x),)) for t, x in ((SORA, A), (KLING, B))])


@night(180, Exporter(A), Exporter(B))
def one_of_two_eyes_is_wrong(n: Night) -> None:
    """Two that share no database, and one sees a target down that works for the other: nobody is woken."""
    n.network()
    n.money()
    n.target(replace(SORA, owners=((0, A),), depths={}))
    n.add("genmedia_target_up", steps((0, 1), (60, 0), (90, 1)), B, target=SORA.name)


@night(150, Exporter(A, silent=tuple((60 + 2 * k, 61 + 2 * k) for k in range(30))), team=(0, 2))
def every_other_scrape_is_lost(n: Night) -> None:
    """An exporter too slow for every second scrape, an hour long: at most a ticket."""
    ordinary(n, SORA)


@night(
    300, oncall=(2, 6), team=(0, 3), feed=(1, 20), fires=("TargetDown",),
)  # fmt: skip
def comes_and_goes_by_the_half_hour(n: Night) -> None:
    """Twenty minutes down, twenty well, five hours long: told three times and then held, not six pages and six ends."""
    ordinary(n, replace(SORA, story=spells(40, 20, 20, 6, "down")))


@night(300, oncall=6, team=(0, 3), feed=6, fires=("TargetDown",))
def three_outages_in_a_night(n: Night) -> None:
    """Ten minutes each, more than an hour apart: a page and an end for each; the last end waits for a quiet hour."""
    ordinary(n, replace(SORA, story=spells(20, 70, 10, 3, "down")))
