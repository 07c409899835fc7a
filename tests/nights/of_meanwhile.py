"""Nights in which something happens while something else is going on: reloads, windows, restarts, keys, clocks."""

from __future__ import annotations

from dataclasses import replace

from tests.nights.history import FOREVER, Exporter, Night, steps
from tests.nights.of_days import DAY, RARE
from tests.nights.of_money import PAID
from tests.nights.of_targets import RELAY, SORA, ordinary, spells
from tests.nights.of_vendors import several
from tests.nights.of_waves import KLING, at
from tests.nights.telling import night

A, B = "a:10067", "b:10067"
OLD, NEW = Exporter("10.0.0.1:10067", undiscovered=((60, FOREVER),)), Exporter("10.0.0.2:10067", undiscovered=((0, 61),), starts=(61,))  # fmt: skip
KILLED = tuple((60 + 7 * k, 65 + 7 * k) for k in range(17))
SPLIT = (Exporter(A), Exporter(B))


@night(
    210, oncall=2, team=(0, 2), feed=(2, 8), fires=("ProviderIncident",), not_over={"ProviderIncident": (60, 120)},
)  # fmt: skip
def replaced_in_an_incident(n: Night) -> None:
    """Four of a vendor are down for an hour; somebody takes one out and adds another vendor's, which works: one page and its end,
    not a word about the two."""
    targets = several(SORA, 4, (60, "down"), (120, "operational"))
    targets[0] = replace(targets[0], present=(0, 75))
    ordinary(n, *targets, replace(KLING, present=(75, FOREVER), known_since=75))


@night(
    210, oncall=2, team=(0, 2), feed=(2, 8), fires=("ProviderIncident",), not_over={"ProviderIncident": (60, 110)},
)  # fmt: skip
def all_renamed_in_an_incident(n: Night) -> None:
    """Somebody gives all four other names meanwhile: it is the vendor's incident, whatever we call its targets."""
    targets = several(SORA, 4, (60, "down"), (110, "operational"))
    new = [
        replace(t, name=f"eu-{t.name}", story=((0, "down"), (110, "operational")), present=(80, FOREVER), known_since=80)
        for t in targets
    ]  # fmt: skip
    ordinary(n, *[replace(t, present=(0, 80)) for t in targets], *new, KLING)


@night(180, oncall=(2, 4), team=(0, 2), feed=(2, 3))
def account_renamed_while_down(n: Night) -> None:
    """The account is called otherwise from eighty on, the target is not: at best one page and its end, at most two messages more
    for the other labels."""
    ordinary(n, replace(at(SORA, (60, "down"), (110, "operational")), renamed=(80, "prod")))


@night(120, feed=(2, 4))
def key_rotated_in_four_minutes(n: Night) -> None:
    """The old key was revoked four minutes before the new one was known to us: the feed says it, and nobody is woken for what
    is over."""
    ordinary(n, *several(SORA, 5, (60, "auth_error"), (64, "operational")), KLING)


@night(210, oncall=2, team=(0, 2), feed=(1, 8), fires=("ProviderIncident",))
def window_declared_in_an_incident(n: Night) -> None:
    """Four are down since sixty, at eighty somebody declares a window for the vendor, in which they recover: one page, which ends
    with the beginning of the window."""
    targets = several(SORA, 4, (60, "down"), (120, "operational"))
    ordinary(n, *[replace(t, windows=((80, 130),)) for t in targets])


@night(240, oncall=2, team=(0, 2), feed=(1, 8), paged={"openai.com": (100, 112)})
def incident_outlasts_a_window(n: Night) -> None:
    """Four fall in a window of ours, and are still down when it ends at a hundred: one page then, and its end."""
    targets = several(SORA, 4, (70, "down"), (150, "operational"))
    ordinary(n, *[replace(t, windows=((60, 100),)) for t in targets], KLING)


@night(1680, step=4, long=True, feed=(0, 2))
def window_across_midnight(n: Night) -> None:
    """From eleven to one; it is down for most of it, and the day's budget begins anew meanwhile: silence."""
    n.network()
    n.money(day=steps((0, 0.3), (720, 0.8), (1440, 0.0)))
    n.target(replace(at(RARE, (1400, "down"), (1480, "operational")), windows=((1380, 1500),)))


@night(180, OLD, NEW, oncall=2, team=(0, 2), feed=(2, 3), not_over={"TargetDown": (40, 100)})
def pod_replaced_without_its_history(n: Night) -> None:
    """Down at forty; at sixty the pod is replaced by one that remembers nothing, to which the target is unknown and then down: one
    page and its end; not an end and a page in the middle."""
    n.network()
    n.money()
    n.seen_by(OLD, at(SORA, (40, "down")))
    story = ((0, "unknown"), (63, "down"), (100, "operational"))
    n.seen_by(NEW, replace(SORA, story=story, known_since=61))


@night(
    330, Exporter(A, silent=KILLED, starts=tuple(end for _, end in KILLED)), oncall=4, team=(0, 4), feed=(1, 3),
    not_over={"TargetDown": (40, 200)},
)  # fmt: skip
def killed_for_memory_in_an_outage(n: Night) -> None:
    """A target is down from forty to two hundred; from sixty to 180 the exporter is killed every seven minutes and lives for two:
    a page for each and an end for each, and a ticket that it restarts all the time."""
    ordinary(n, at(SORA, (40, "down"), (200, "operational")))


@night(120, oncall=(0, 2))
def prometheus_away_for_ten_minutes(n: Night) -> None:
    """A restart that reads its log for ten minutes: silence. Nobody may be told that nobody answers but once."""
    n.unscraped = ((60, 70),)
    ordinary(n, *several(SORA, 3), RELAY)


@night(180, oncall=(2, 4), team=(0, 2), feed=(2, 3), not_over={"TargetDown": (40, 100)})
def prometheus_away_in_an_outage(n: Night) -> None:
    """The same while a target is down: its page is not taken back meanwhile, nor told anew."""
    n.unscraped = ((60, 70),)
    ordinary(n, at(SORA, (40, "down"), (100, "operational")))


@night(180, *SPLIT, feed=(0, 4), silent=("ProviderIncident", "TargetDown"))
def one_of_two_is_cut_off_from_a_vendor(n: Night) -> None:
    """Two exporters without a common database; the second cannot reach one vendor for half an hour, and the first can: that is our
    routing. Nobody is woken; the feed may say what the second saw."""
    n.network()
    n.money()
    for exporter in SPLIT:
        story = ((60, "down"), (90, "operational")) if exporter.name == B else ()
        n.seen_by(exporter, *several(SORA, 3, *story), *several(KLING, 3))


@night(180, oncall=2, team=(0, 1), feed=2, fires=("TargetDown",))
def down_while_the_clock_is_ahead(n: Night) -> None:
    """The exporter's clock is an hour ahead, and a target is down for half an hour: one page, its end, and both changes in the
    feed."""
    ordinary(n, replace(at(SORA, (60, "down"), (90, "operational")), ahead=60, known_since=-60))


@night(150, oncall=2, team=(0, 2), feed=(1, 4), fires=("ProviderIncident",))
def first_start_on_a_bad_day(n: Night) -> None:
    """Everything is installed while four of a vendor are down, for an hour more: one page and its end. What was never otherwise has
    not changed, but that it works has."""
    targets = several(SORA, 4, (60, "operational"))
    broken = [replace(t, story=((0, "down"), (60, "operational")), known_since=0) for t in targets]
    ordinary(n, *broken, *[replace(t, known_since=0) for t in several(KLING, 2)])


@night(240, oncall=2, reverse=2, team=(0, 2), feed=(2, 10), fires=("ProviderIncident",))
def a_vendor_and_who_resells_it(n: Night) -> None:
    """A vendor's three are down for an hour; a quarter of an hour later the four that a reverse gateway makes of them fail, too: a
    page for the vendor, one message to those who read of reverse channels, and the ends."""
    ordinary(
        n,
        *several(SORA, 3, (60, "down"), (120, "operational")),
        *several(RELAY, 4, (75, "down"), (130, "operational")),
        KLING,
    )


@night(180, oncall=2, team=(0, 2), feed=(2, 4), silent=("ProviderIncident",))
def one_region_of_three(n: Night) -> None:
    """A vendor's three regions are three accounts with two targets each; one region is down for forty minutes: one page for both, its
    end, and the vendor as a whole is not accused."""
    for region in ("cn", "sg", "us"):
        story = ((60, "down"), (100, "operational")) if region == "sg" else ()
        for target in several(replace(KLING, name=region, account=region), 2, *story):
            n.target(target)
    ordinary(n)


@night(240, oncall=(2, 6), feed=(2, 6), fires=("QuotaExhausted",))
def three_accounts_run_out_in_turn(n: Night) -> None:
    """Three accounts at one vendor are out of their daily quota ten minutes after each other, and all have it back at 150: a page for
    each account at most, and an end for each."""
    n.network()
    n.money()
    for k, account in enumerate(("one", "two", "three")):
        story = ((60 + 10 * k, "quota_exhausted"), (150, "operational"))
        for target in several(replace(SORA, name=account, account=account), 2, *story):
            n.target(target)


@night(
    5 * DAY, step=4, long=True, oncall=(1, 3), team=(1, 4), feed=1,
    fires=("ModelRetiring", "TargetRetired"), silent=("ModelVanished",),
)  # fmt: skip
def works_a_day_longer_than_announced(n: Night) -> None:
    """A model was to end on the second day and ends on the third: the ticket, and a page when it has come true."""
    target = replace(at(RARE, (3 * DAY, "retired")), reason="retired")
    ordinary(n, target)
    n.of_target(target, "genmedia_target_retirement_timestamp_seconds", 2 * 86400)


@night(270, oncall=2, team=(1, 4), notes=(0, 1), feed=2, fires=("BudgetSpent", "TargetDown"))
def budget_gone_while_only_generations_fail(n: Night) -> None:
    """Only generations see that it is down; confirming that uses the day's budget up at ninety, and there is a new day at 150: a page
    and its end, a ticket and its end."""
    n.network()
    n.money(day=steps((0, 0.6), (60, 0.8), (75, 0.95), (90, 1.0), (150, 0.1)))
    story = ((60, "down"), (165, "operational"))
    n.target(replace(at(PAID, *story), reason="generation_timeout"))


@night(390, oncall=2, feed=(0, 12), fires=("NetworkDown",), silent=("TargetDown", "StatusFlapping"))
def line_is_off_ten_minutes_and_on_twelve(n: Night) -> None:
    """Ten times: one page about us and its end, and no vendor is said to flap."""
    n.network(lambda minute: float(not (60 <= minute < 280 and (minute - 60) % 22 < 10)))
    n.money()
    for target in several(SORA, 3):
        n.target(replace(target, story=spells(60, 12, 10, 10, "unknown")))


@night(
    240, oncall=2, team=(0, 1), feed=(2, 40), fires=("ProviderIncident",), paged={"openai.com": (60, 90)},
    not_over={"ProviderIncident": (60, 145)},
)  # fmt: skip
def a_vendor_falls_one_by_one(n: Night) -> None:
    """Fourteen of twenty, two minutes apart: one page and its end, and none for the first that fell."""
    ordinary(n, *several(SORA, 14, (60, "down"), (120, "operational"), apart=2))
    for each in several(SORA, 6):
        n.target(replace(each, name=f"well-{each.name}", model=f"well-{each.model}"))


@night(
    240,
    Exporter(A, silent=((60, 90),), starts=(90,)),
    oncall=4,
    team=(0, 1),
    feed=2,
    paged={"sora": (91, 113)},
)
def news_after_a_dead_exporter(n: Night) -> None:
    """A target is down when the exporter is back: a page for each and an end for each, and the feed has both changes."""
    ordinary(n, at(SORA, (91, "down"), (150, "operational")))


@night(
    300, oncall=(1, 4), team=(1, 3), feed=(1, 12), fires=("StatusFlapping",), silent=("NetworkInDoubt",),
)  # fmt: skip
def flaps_while_our_network_blinks(n: Night) -> None:
    """One bad minute of our network, too short for an alert, makes nobody forget that a target flaps."""
    n.network(lambda minute: float(minute != 120))
    n.money()
    n.target(replace(SORA, story=spells(60, 4, 3, 26, "down")))


@night(
    240,
    oncall=2,
    team=(0, 1),
    reverse=(0, 2),
    feed=(2, 8),
    not_over={"ProviderIncident": (60, 120)},
)
def a_reverse_channel_blinks_in_an_outage(n: Night) -> None:
    """An official target is down for an hour, a reverse one of the vendor for two minutes of it: one page and its end."""
    ordinary(n, at(SORA, (60, "down"), (120, "operational")))
    n.target(
        replace(
            SORA, name="sora-reverse", channel="reverse", model="sora-reverse",
            story=((0, "operational"), (64, "down"), (66, "operational")),
        )
    )  # fmt: skip
