"""Nights in which trouble comes and goes, grows and shrinks, or strikes several at once."""

from __future__ import annotations

from dataclasses import replace

from tests.nights.history import Night, Target
from tests.nights.of_targets import RELAY, SORA, ordinary, spells
from tests.nights.of_vendors import several
from tests.nights.telling import night

KLING = replace(SORA, name="kling", vendor="kling.ai", provider="kling", account="kling")


def at(pattern: Target, *story: tuple[float, str]) -> Target:
    """Return a target that is well until its story begins."""
    return replace(pattern, story=((0, "operational"), *story))


@night(
    300, oncall=(1, 4), team=(1, 3), feed=(1, 12), fires=("StatusFlapping",), silent=("TargetDown",)
)  # fmt: skip
def flaps_every_seven_minutes(n: Night) -> None:
    """Three of seven minutes down, three hours long: somebody is woken once, and it is said once that it flaps."""
    ordinary(n, replace(SORA, story=spells(60, 4, 3, 26, "down")))


@night(240, oncall=2, team=(2, 4), feed=(4, 6), not_over={"TargetRateLimited": (60, 150)})
def grows_worse_and_better(n: Night) -> None:
    """Refused for rate, then down, then refused for rate again: a ticket, a page, and one end of each; half an hour
    down may be a ticket for the budget, too."""
    story = ((60, "rate_limited"), (90, "down"), (115, "rate_limited"), (150, "operational"))
    ordinary(n, at(SORA, *story))


@night(240, oncall=2, team=(1, 2), feed=(3, 5), not_over={"TargetDegraded": (60, 100)})
def degraded_before_and_after(n: Night) -> None:
    """Slow, then down for twenty minutes, then slow: a ticket and a page, and no end of the ticket in between."""
    story = ((50, "degraded"), (80, "down"), (100, "degraded"), (140, "operational"))
    ordinary(n, at(SORA, *story))


@night(
    240, oncall=4, team=(0, 4), feed=(4, 12), fires=("ProviderIncident",),
    paged={"openai.com": (60, 68), "kling.ai": (80, 88)}, not_over={"ProviderIncident": (60, 110)},
)  # fmt: skip
def two_incidents_overlap(n: Night) -> None:
    """Two vendors, three targets each, the second while the first lasts: a page and an end for each."""
    ordinary(
        n,
        *several(SORA, 3, (60, "down"), (110, "operational"), apart=1),
        *several(KLING, 3, (80, "down"), (130, "operational"), apart=1),
    )


@night(
    210, oncall=4, team=(0, 4), feed=(4, 10), paged={"kling": (80, 90)}, fires=("ProviderIncident", "TargetDown"),
)  # fmt: skip
def another_vendor_breaks_meanwhile(n: Night) -> None:
    """During one vendor's incident the only target of another falls: that is told, too."""
    ordinary(
        n,
        *several(SORA, 4, (60, "down"), (120, "operational"), apart=1),
        at(KLING, (80, "down"), (110, "operational")),
    )


@night(180, reverse=2, feed=(2, 8), fires=("ProviderIncident",))
def the_reverse_half_of_a_gateway(n: Night) -> None:
    """Its three reverse targets fall, its two official ones work: nobody is woken, and one message says it."""
    gateway = replace(RELAY, name="gw", reason="no_channel")
    ordinary(
        n,
        *several(gateway, 3, (60, "down"), (110, "operational"), apart=1),
        *several(replace(gateway, name="gw-official", channel="official"), 2),
    )


@night(360, reverse=(1, 6), feed=(1, 60), silent=("TargetDown",))
def risk_control_in_waves(n: Night) -> None:
    """A pool of six rests in turns, half an hour of each hour, all night: a message or two, not one for each wave.
    The feed has each of the sixty changes: two an hour of one target is no flapping."""
    pool = [
        replace(RELAY, name=f"pool-{k}", model=f"veo-{k}", story=spells(30 + 5 * k, 30, 30, 5, "risk_control"))
        for k in range(6)
    ]  # fmt: skip
    ordinary(n, *pool)


@night(
    240, oncall=2, feed=(2, 4), silent=("TargetDown",), fires=("AuthError",), not_over={"AuthError": (60, 98)},
)  # fmt: skip
def key_rotated_badly(n: Night) -> None:
    """A wrong key, the old one for a few minutes, another wrong one, and then the right one: one page, one end."""
    story = ((60, "auth_error"), (75, "operational"), (80, "auth_error"), (98, "operational"))
    ordinary(n, *several(SORA, 3, *story, apart=0.5))


@night(
    180, oncall=2, team=(0, 1), feed=(1, 4), fires=("ProviderIncident",), silent=("TargetUnknown",)
)
def incident_ends_in_the_dark(n: Night) -> None:
    """Four are down, and then nobody can tell for a while; no end is told before one is proven well."""
    story = ((60, "down"), (80, "unknown"), (110, "operational"))
    ordinary(n, *several(SORA, 4, *story))


@night(
    180, oncall=(2, 3), feed=(2, 8), fires=("ProviderIncident",), not_over={"TargetDown": (60, 130)}
)
def one_falls_then_all(n: Night) -> None:
    """A quarter of an hour after the first three more fall: its page grows into one of the vendor, and is not taken back."""
    targets = several(SORA, 4, (75, "down"), (130, "operational"), apart=0.5)
    targets[0] = at(targets[0], (60, "down"), (130, "operational"))
    ordinary(n, *targets)


@night(150, oncall=2, feed=2, fires=("TargetRetired",))
def gone_and_back(n: Night) -> None:
    """A listing lacks the model for twenty minutes: one page, and its end."""
    ordinary(n, replace(at(SORA, (60, "retired"), (80, "operational")), reason="retired"))


@night(120, oncall=1, feed=(1, 3), fires=("ModelVanished",))
def three_models_vanish(n: Night) -> None:
    """A vendor drops three models in one night, without a word: one page for all."""
    ordinary(n, *several(replace(SORA, reason="retired"), 3, (60, "retired"), apart=1))
