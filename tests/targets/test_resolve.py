"""From configuration to targets: who overrides whom, what is skipped, what is an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genmedia_exporter.config.loader import Config
from genmedia_exporter.config.problems import Problems
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.status import Channel, Depth, Operation
from genmedia_exporter.targets.model import Cap, Target
from genmedia_exporter.targets.resolve import Resolution, resolve
from genmedia_exporter.targets.summary import describe

Resolve = Callable[..., Resolution]

ACCOUNTS = """
accounts:
  own: {provider: vendor.yml, api_key: {value: k}}
  official: {provider: relay.yml, base_url: "http://127.0.0.1/v1", api_key: {value: k}}
  reverse: {provider: relay.yml, base_url: "http://127.0.0.1", channel: reverse, api_key: {value: k}}
"""


def one(resolved: Resolve, target: str, more: str = "") -> Target:
    """Return the only target of the standard accounts."""
    return resolved(f"{ACCOUNTS}targets:\n  - {{{target}}}\n{more}").targets[0]


def test_account(resolved: Resolve) -> None:
    """An account takes from its provider what it does not say."""
    accounts = resolved(ACCOUNTS).accounts

    assert accounts["own"].base_url == "https://api.vendor.example"
    assert accounts["own"].channel is Channel.OFFICIAL
    assert accounts["official"].base_url == "http://127.0.0.1"
    assert accounts["reverse"].channel is Channel.REVERSE


def test_connections(resolved: Resolve) -> None:
    """Fresh, unless the file, the account or the target says warm; the nearest word holds."""
    text = """
{probe}
accounts:
  a: {{provider: vendor.yml, api_key: {{value: k}}}}
  w: {{provider: vendor.yml, api_key: {{value: k}}, probe: {{connection: warm}}}}
targets:
  - {{account: a, model: film-1}}
  - {{account: w, model: film-1}}
  - {{account: w, model: film-1, name: f, probe: {{connection: fresh}}}}
"""
    told = {
        probe: [target.connection for target in resolved(text.format(probe=probe)).targets]
        for probe in ("", "probe: {connection: warm}")
    }
    assert list(told.values()) == [["fresh", "warm", "fresh"], ["warm", "warm", "fresh"]]


def test_precedence(resolved: Resolve) -> None:
    """A target overrides its account, which overrides the defaults."""
    text = """
defaults: {timeout: 1s, interval: {reach: 11s, accept: 12s}, schedule: scrape, concurrency: 7}
accounts:
  a: {provider: vendor.yml, api_key: {value: k}, timeout: 2s, interval: {accept: 22s}, slo: 0.5}
targets:
  - {account: a, model: film-1}
  - {account: a, model: film-1, name: b, timeout: 3s, interval: {accept: 33s}, slo: 0.6,
     schedule: timer, depths: [accept], channel: reverse, price: {usd_per_request: 2}}
"""
    first, second = resolved(text).targets

    assert (first.timeout, first.slo, first.schedule) == (2, 0.5, "scrape")
    assert first.intervals == {Depth.REACH: 11, Depth.ACCEPT: 22}
    assert first.account.concurrency == 7
    assert (second.timeout, second.slo, second.schedule) == (3, 0.6, "timer")
    assert second.intervals == {Depth.ACCEPT: 33}
    assert second.channel is Channel.REVERSE
    assert second.price is not None
    assert second.price.units() == {"request": 2}


@pytest.mark.parametrize(
    ("target", "operation"),
    [
        ("account: own, model: film-1", Operation.VIDEO),
        ("account: own, model: nobody-knows", Operation.IMAGE),
        ("account: official, model: film-1", Operation.VIDEO),
        ("account: own, model: film-1, operation: chat, depths: [reach]", Operation.CHAT),
    ],
)
def test_operation(resolved: Resolve, target: str, operation: Operation) -> None:
    """The target says it, else the catalogue, the provider's own part first, else the provider."""
    assert one(resolved, target).operation is operation


def test_end_date(resolved: Resolve) -> None:
    """A vendor's date binds at the vendor, is told for an official relay, and for no reverse one."""
    own = one(resolved, "account: own, model: film-1")
    official = one(resolved, "account: official, model: film-1")
    reverse = one(resolved, "account: reverse, model: film-1")

    assert (own.ends_at, own.end_date_binding, own.successor) == (Unix(1798761600), True, "film-2")
    assert (official.ends_at, official.end_date_binding) == (Unix(1798761600), False)
    assert official.successor == "film-2"
    assert (reverse.ends_at, reverse.end_date_binding) == (None, False)


def test_catalogue_price(resolved: Resolve) -> None:
    """A price is the provider's own for that channel; a relay's is not its vendor's."""
    own = one(resolved, "account: own, model: film-1").price

    assert own is not None
    assert own.units() == {"second": 0.3}
    assert one(resolved, "account: official, model: film-1").price is None
    assert one(resolved, "account: own, model: film-2").price is None
    assert one(resolved, "account: own, model: film-2, channel: reverse").price is not None


def test_slo_by_channel(resolved: Resolve) -> None:
    """Without a word on it the objective is the channel's."""
    assert one(resolved, "account: official, model: m").slo == 0.99
    assert one(resolved, "account: reverse, model: m").slo == 0.9


def test_depth_from_the_defaults(resolved: Resolve) -> None:
    """A depth that the defaults ask for and the provider lacks is skipped, told once an account."""
    rows = "\n".join(
        f"  - {{account: own, model: picture-{n}, operation: image}}" for n in range(3)
    )
    text = f"{ACCOUNTS}targets:\n{rows}\n"

    resolution = resolved(f"defaults: {{depths: [reach, accept]}}\n{text}")

    assert [target.depths for target in resolution.targets] == [(Depth.REACH,)] * 3
    (warning,) = resolution.warnings
    assert warning.path == "accounts.own"
    assert warning.message == (
        "accept is skipped for 'own/picture-0' and 2 more: "
        "provider 'vendor' has no free call for image at this depth"
    )


@pytest.mark.parametrize(
    "target",
    ["account: own, model: picture, operation: image", "account: plain"],
    ids=["model", "plain URL"],
)
def test_a_depth_that_nobody_asked_for_is_missed_in_silence(resolved: Resolve, target: str) -> None:
    """No warning at every start for a default; --config.check names it all the same."""
    plain = "  plain: {provider: http, base_url: https://web.example}\n"
    resolution = resolved(f"{ACCOUNTS}{plain}targets: [{{name: a, {target}}}]\n")

    assert resolution.warnings == ()
    assert [skipped.depth for skipped in resolution.skipped["a"]] == [Depth.ACCEPT]


def test_depth_on_the_target(resolved: Resolve) -> None:
    """Written on the target, the same is an error, and so is a generation nobody described."""
    with pytest.raises(Problems, match="accept: provider 'vendor' has no free call for image"):
        one(resolved, "account: own, model: picture, depths: [reach, accept]")
    with pytest.raises(Problems, match="generate: provider 'vendor' cannot generate image"):
        one(resolved, "account: own, model: picture, depths: [generate]")


@pytest.mark.parametrize(
    ("more", "price", "needs"),
    [
        ("", "", "budget.daily_usd above 0, budget.monthly_usd above 0, a known price"),
        ("budget: {daily_usd: 1}", "", "budget.monthly_usd above 0, a known price"),
        ("budget: {daily_usd: 1, monthly_usd: 2}", "", "needs a known price"),
        ("", "price: {usd_per_request: 1}", "budget.daily_usd above 0, budget.monthly_usd above 0"),
        (
            "budget: {daily_usd: 1, monthly_usd: 2}",
            "price: {usd_per_second: 1}",
            "needs a price per request, for the length of its clips is not known",
        ),
        (
            "budget: {daily_usd: 1, monthly_usd: 2}",
            "price: {usd_per_request: 1}, budget: {monthly_usd: 0}",
            "needs its own budget.monthly_usd above 0",
        ),
    ],
)
def test_generation_needs(resolved: Resolve, more: str, price: str, needs: str) -> None:
    """A paid depth without budget or price is skipped, naming what is missing."""
    target = f"account: official, model: m, depths: [reach, generate], {price}"

    resolution = resolved(f"{ACCOUNTS}targets:\n  - {{{target}}}\n{more}\n")

    (warning,) = resolution.warnings
    assert warning.path == "targets[0].depths"
    assert warning.message.endswith(needs)
    assert resolution.targets[0].depths == (Depth.REACH,)


@pytest.mark.parametrize(
    ("more", "depths"),
    [
        ("", (Depth.REACH, Depth.ACCEPT)),
        ("budget: {daily_usd: 1, monthly_usd: 20}", tuple(Depth)),
        ("budget: {daily_usd: 1}", (Depth.REACH, Depth.ACCEPT)),
        (
            "budget: {daily_usd: 1, monthly_usd: 20}\ndefaults: {depths: [reach, accept]}",
            (Depth.REACH, Depth.ACCEPT),
        ),
    ],
)
def test_a_budget_is_there_to_be_spent(
    resolved: Resolve, more: str, depths: tuple[Depth, ...]
) -> None:
    """Where nobody has written depths, a budget adds the paid one; written ones stand."""
    target = "{account: official, model: film-1, price: {usd_per_request: 0.2}}"

    resolution = resolved(f"{ACCOUNTS}targets:\n  - {target}\n{more}\n")

    assert resolution.targets[0].depths == depths
    assert not resolution.warnings


def test_budgets_of_accounts_and_targets(resolved: Resolve) -> None:
    """They come to the account and the target as written; what is not written limits nothing."""
    resolution = resolved("""
budget: {daily_usd: 1, monthly_usd: 20}
accounts:
  a: {provider: vendor.yml, api_key: {value: k}, budget: {daily_usd: 0.5}}
  b: {provider: vendor.yml, api_key: {value: k}, budget: {daily_usd: 0}}
targets:
  - name: one
    account: a
    model: film-1
    depths: [generate]
    price: {usd_per_request: 0.2}
    budget: {daily_usd: 0.2, monthly_usd: 3}
  - {name: two, account: b, model: film-1, depths: [generate], price: {usd_per_request: 0.2}}
""")

    one_, two = resolution.targets
    assert (one_.account.budget, one_.budget) == (Cap(0.5, None), Cap(0.2, 3))
    assert (two.account.budget, two.budget) == (Cap(0, None), Cap())
    assert (one_.depths, two.depths) == ((Depth.GENERATE,), ())
    (skipped,) = resolution.skipped["two"]
    assert skipped.why == "it costs money and needs accounts.b.budget.daily_usd above 0"


def test_nothing_left(resolved: Resolve) -> None:
    """A target of which no depth is left is said to be unwatched."""
    resolution = resolved(
        f"{ACCOUNTS}targets: [{{account: official, model: m, depths: generate}}]\n"
    )

    assert resolution.targets[0].depths == ()
    assert "no depth is left to probe" in [warning.message for warning in resolution.warnings]


def test_variable_not_set(resolved: Resolve) -> None:
    """A missing variable is a warning and the account's problem; free reach goes on without it."""
    text = """
accounts: {y: {provider: vendor.yml, api_key: {env: X}}}
targets: [{account: y, model: film-1}]
"""
    resolution = resolved(text)

    account = resolution.accounts["y"]
    assert account.api_key is None
    assert account.credential_problem == "environment variable X (account 'y') is not set"
    assert resolution.targets[0].depths == (Depth.REACH,)
    assert [warning.path for warning in resolution.warnings] == ["accounts.y", "accounts.y.api_key"]
    assert resolved(text, X="k\n").accounts["y"].credential_problem is None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "file {} (account 'y') cannot be read: No such file or directory"),
        (b"", "the credential of account 'y' is empty"),
        (b"a\nb", "the credential of account 'y' has characters that no header can carry"),
        ("钥匙".encode(), "the credential of account 'y' has characters that no header can carry"),
        (b"\xff", "file {} (account 'y') cannot be read: not text"),
        (b"k" * 65537, "file {} (account 'y') cannot be read: larger than 64 KiB"),
    ],
)
def test_unusable_file(
    resolved: Resolve, folder: Path, content: bytes | None, problem: str
) -> None:
    """A key file that is missing, or holds no key, is the account's problem."""
    file = folder / "key"
    if content is not None:
        file.write_bytes(content)

    resolution = resolved("accounts: {y: {provider: vendor.yml, api_key: {file: key}}}\n")

    assert resolution.accounts["y"].credential_problem == problem.format(file)


def test_header_is_a_credential(resolved: Resolve) -> None:
    """A credential sent as a header of one's own counts as one; half of the secrets does not."""
    text = """
accounts:
  a: {provider: vendor.yml, headers: {authorization: Token k}}
  b: {provider: vendor.yml, api_key: {value: k}, headers: {X-Second: {env: NOT_SET}}}
targets: [{account: a, model: film-1}, {account: b, model: film-1}]
"""
    first, second = resolved(text).targets

    assert first.depths == (Depth.REACH, Depth.ACCEPT)
    assert second.depths == (Depth.REACH,)
    assert second.account.api_key is None
    assert "header 'X-Second'" in str(second.account.credential_problem)


def test_plain_http(resolved: Resolve) -> None:
    """A plain URL has no model, but a path and what is expected of it."""
    text = """
accounts: {web: {provider: http, base_url: "https://web.example/base/"}}
targets:
  - {account: web, path: /healthz?full=1, expect: {http: [204, 5xx], checks: [{pointer: /a, equals: 1}]}}
  - {account: web, name: root}
"""
    first, second = resolved(text).targets

    assert (first.name, first.model, first.path) == ("web", "", "/healthz?full=1")
    assert first.account.base_url == "https://web.example/base"
    assert first.expect is not None
    assert first.expect.http == ("204", "5xx")
    assert first.expect.checks[0].equals == 1
    assert second.expect is not None
    assert second.expect.http == ("2xx",)
    assert first.depths == (Depth.REACH,)


def test_windows(resolved: Resolve) -> None:
    """Maintenance windows of ours come by target, in Unix seconds."""
    window = "start: 2026-12-01T02:00:00Z, end: 2026-12-01T04:00:00Z, reason: upgrade"
    targets = "targets: [{account: own, model: film-1}, {account: reverse, model: film-1}]"

    windows = resolved(
        f"{ACCOUNTS}{targets}\nmaintenance: [{{targets: own/*, {window}}}]\n"
    ).windows

    assert list(windows) == ["own/film-1"]
    assert (windows["own/film-1"][0].start, windows["own/film-1"][0].end) == (
        Unix(1796090400),
        Unix(1796097600),
    )


def test_errors_come_together(resolved: Resolve) -> None:
    """Errors of several accounts and targets are raised at once, in the order of the file."""
    text = """
accounts:
  a: {provider: nobody}
  b: {provider: relay.yml}
  c: {provider: vendor.yml}
targets:
  - {account: a, model: m}
  - {account: c}
  - {account: c, model: m, path: /x}
"""
    with pytest.raises(Problems) as refused:
        resolved(text)

    assert [problem.path for problem in refused.value.problems] == [
        "accounts.a.provider",
        "accounts.b.base_url",
        "targets[1].model",
        "targets[2].path",
    ]


def test_describe(resolved: Resolve) -> None:
    """The check of a configuration prints each target's depths, and what is skipped and why."""
    text = (
        f"{ACCOUNTS}targets:\n  - {{account: own, model: film-1}}\n  - {{account: own, model: m}}\n"
    )

    assert describe(resolved(text)).splitlines() == [
        "2 targets, 3 accounts",
        "  own/film-1  video official  reach 1m, accept 10m",
        "  own/m       image official  reach 1m              "
        "accept skipped: provider 'vendor' has no free call for image at this depth",
    ]


def test_built_in_catalogue(load: Callable[[str], Config]) -> None:
    """Without a catalogue of the caller's own, the built-in providers' models are known."""
    config = load(f"{ACCOUNTS}targets: [{{account: official, model: sora-2}}]\n")

    (target,) = resolve(config, {}).targets

    assert target.operation is Operation.VIDEO
    assert target.ends_at is not None
