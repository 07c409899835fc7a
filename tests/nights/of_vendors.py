"""Nights in which many fail together: by the vendor, the gateway, the key, or the quota."""

from __future__ import annotations

from dataclasses import replace

from tests.nights.history import Night, Target
from tests.nights.of_targets import RELAY, SORA, ordinary
from tests.nights.telling import night

Story = tuple[tuple[float, str], ...]


def several(
    pattern: Target, count: int, *story: tuple[float, str], apart: float = 0.0
) -> list[Target]:
    """Return targets that are alike, struck one after the other."""
    return [
        replace(
            pattern, name=f"{pattern.name}-{number}", model=f"{pattern.model}-{number}",
            story=((0, "operational"), *((at + number * apart, status) for at, status in story)),
        )
        for number in range(count)
    ]  # fmt: skip


@night(
    180,
    oncall=2,
    team=(0, 2),
    feed=(2, 8),
    fires=("ProviderIncident",),
    paged={"openai.com": (60, 70)},
)
def vendor_down(n: Night) -> None:
    """Five of one vendor, three official, forty minutes: one page for all, and its end."""
    official = several(SORA, 3, (60, "down"), (100, "operational"), apart=1)
    reverse = several(
        replace(SORA, name="cheap", channel="reverse"), 2, (62, "down"), (102, "operational")
    )
    ordinary(n, *official, *reverse, Target(name="kling", vendor="kling.ai", provider="kling"))


@night(240, oncall=2, team=(0, 2), feed=(4, 16), not_over={"ProviderIncident": (60, 160)})
def vendor_incident_ebbs(n: Night) -> None:
    """Its targets come back one by one, and one falls again: it is one incident until all are well."""
    targets = [
        replace(target, story=((0, "operational"), (60, "down"), (90 + 10 * k, "operational"), (108 + 10 * k, "down"), (130 + 8 * k, "operational")))
        for k, target in enumerate(several(SORA, 3))
    ]  # fmt: skip
    ordinary(n, *targets)


@night(300, oncall=2, team=(0, 2), feed=(2, 20), not_over={"ProviderIncident": (60, 143)})
def vendor_incident_ebbs_with_a_pause(n: Night) -> None:
    """The last of five comes back, and falls once more alone, minutes after all were well: the same incident."""
    targets = [
        replace(target, story=((0, "operational"), (60 + k, "down"), (90 + 10 * k, "operational"), (96 + 10 * k, "down"), (103 + 10 * k, "operational")))
        for k, target in enumerate(several(SORA, 5))
    ]  # fmt: skip
    ordinary(n, *targets)


@night(180, oncall=2, feed=2, team=(0, 2), fires=("ProviderIncident",))
def gateway_down(n: Night) -> None:
    """A gateway with official and reverse targets of many makers: one page for the gateway."""
    gateway = replace(RELAY, name="gw", reason="connect_timeout")
    targets = several(gateway, 2, (60, "down"), (95, "operational"))
    targets += several(
        replace(gateway, name="gw-official", channel="official"),
        2,
        (60, "down"),
        (95, "operational"),
    )
    ordinary(n, *targets)


@night(180, reverse=2, feed=2, fires=("ProviderIncident",))
def reverse_gateway_down(n: Night) -> None:
    """Four targets of one reverse gateway, an hour long: one message and its end; nobody is woken."""
    ordinary(n, *several(RELAY, 4, (60, "down"), (120, "operational")), SORA)


@night(
    210, oncall=4, team=(0, 4), feed=(4, 8),
    paged={"x.example": (60, 70), "y": (90, 100)}, not_over={"ProviderIncident": (60, 150)},
)  # fmt: skip
def two_vendors_of_one_kind(n: Night) -> None:
    """Both speak the same wire and have nothing else in common: a page for each, and an end for each."""
    kind = replace(SORA, name="x", vendor="x.example", provider="openai-compatible", account="x")
    y = replace(
        kind,
        name="y",
        vendor="y.example",
        account="y",
        story=((0, "operational"), (90, "down"), (120, "operational")),
    )
    ordinary(n, *several(kind, 3, (60, "down"), (150, "operational"), apart=1), y)


@night(180, oncall=4, feed=(2, 4))
def two_of_many_fail_apart(n: Night) -> None:
    """Two of five of a vendor, an hour apart, half an hour each: no incident; a page for each, and its end."""
    targets = several(SORA, 5)
    targets[0] = replace(targets[0], story=((0, "operational"), (30, "down"), (50, "operational")))
    targets[1] = replace(
        targets[1], story=((0, "operational"), (120, "down"), (140, "operational"))
    )
    ordinary(n, *targets)


@night(150, oncall=2, feed=(2, 6), fires=("AuthError",), silent=("ProviderIncident",))
def key_expires(n: Night) -> None:
    """Five targets of one account notice within minutes: one page for the key, and its end."""
    ordinary(n, *several(SORA, 5, (60, "auth_error"), (100, "operational"), apart=0.5))


@night(150, oncall=2, feed=(2, 6), fires=("QuotaExhausted",))
def quota_empty(n: Night) -> None:
    """Four targets of one account have no credit left for forty minutes: one page, and its end."""
    ordinary(n, *several(SORA, 4, (60, "quota_exhausted"), (100, "operational"), apart=0.5))


@night(150, reverse=2, feed=(2, 6))
def quota_empty_of_a_reverse_channel(n: Night) -> None:
    """The same of a reverse channel: it is read, nobody is woken."""
    ordinary(n, *several(RELAY, 4, (60, "quota_exhausted"), (100, "operational"), apart=0.5))


@night(120, oncall=(1, 2), feed=1, fires=("AuthError",))
def two_keys_at_one_vendor(n: Night) -> None:
    """Only one of two accounts has lost its key: the other is not spoken of."""
    other = several(replace(SORA, name="other", account="second"), 2)
    ordinary(n, *several(SORA, 2, (60, "auth_error")), *other)
