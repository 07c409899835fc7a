"""Our own network at its edges: which hosts are one site, half of the witnesses, the window, a pause, a reload."""

from __future__ import annotations

import logging

import pytest

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.evidence import Phases, Transport
from genmedia_exporter.health.own_network import WINDOW, OwnNetwork, site
from tests.health.test_own_network import FIRST, HOSTS, NEXT, is_ok, network, seen


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("api.example.com", "example.com"),
        ("a.b.example.com.", "example.com"),
        ("Example.COM", "example.com"),
        ("example.com", "example.com"),
        ("localhost", "localhost"),
        ("api.example.co.uk", "example.co.uk"),
        ("a.b.example.com.cn", "example.com.cn"),
        ("co.uk", "co.uk"),  # no third label to keep
        ("api.com.uk", "api.com.uk"),
        ("a.com.info", "com.info"),  # only countries have a second level
        ("a.shop.uk", "shop.uk"),  # and not each of their names is one
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
    ],
)
def test_related_hosts_are_one_site(host: str, name: str) -> None:
    """The registrable domain; an address is only itself."""
    assert site(host) == name


def test_the_window_is_two_and_a_half_intervals() -> None:
    """Of the depth reach, as METHOD.md says."""
    assert WINDOW == 150.0


@pytest.mark.parametrize(
    ("witnesses", "missed", "ok"),
    [(2, 2, True), (3, 1, True), (3, 2, False), (4, 1, True), (4, 2, False), (5, 2, True)],
)
def test_half_of_at_least_three(witnesses: int, missed: int, ok: bool) -> None:
    """Half is enough; two sites are never."""
    hosts = [f"host.example{number}.com" for number in range(witnesses)]
    made = network(*hosts)
    for host in hosts[:missed]:
        made.observe(seen(host, Transport.DNS), NEXT)

    assert is_ok(made) is ok


def test_hosts_of_one_site_are_one_witness() -> None:
    """Three of them that vanish are one site's trouble."""
    hosts = [f"{name}.example.com" for name in "abc"]
    made = network(*hosts)
    for host in hosts:
        made.observe(seen(host, Transport.DNS), NEXT)

    assert is_ok(made)


@pytest.mark.parametrize(
    ("tick", "reached"),
    [(WINDOW, True), (WINDOW + 0.1, False)],
)
def test_another_host_acquits_for_a_window(tick: float, reached: bool) -> None:
    """To its last moment; and it must be another site."""
    made = network("api.example.com")

    assert made.others_reached("other.example.net", Monotonic(tick)) is reached
    assert not made.others_reached("www.example.com", Monotonic(tick))


def test_loopback_needs_no_network() -> None:
    """Nobody else has to be there."""
    assert OwnNetwork().others_reached("127.0.0.1", FIRST)
    assert not OwnNetwork().others_reached(HOSTS[0], FIRST)


def test_who_got_tls_was_there() -> None:
    """A timeout in TCP shows no other host, one in TLS does."""
    early, late = OwnNetwork(), OwnNetwork()
    early.observe(seen(HOSTS[0], Transport.CONNECT_TIMEOUT), FIRST)
    late.observe(seen(HOSTS[0], Transport.CONNECT_TIMEOUT, Phases(tls=9.0)), FIRST)

    assert not early.others_reached(HOSTS[1], NEXT)
    assert late.others_reached(HOSTS[1], NEXT)


def test_a_change_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """In doubt, still in doubt, beyond it again, still beyond it."""
    made = network(*HOSTS[:3])
    looks = [is_ok(made)]
    for host in HOSTS[:2]:
        made.observe(seen(host, Transport.DNS), NEXT)
    with caplog.at_level(logging.INFO):
        looks += [is_ok(made), is_ok(made)]
        for host in HOSTS[:2]:
            made.observe(seen(host), NEXT + 1.0)
        looks += [is_ok(made, NEXT + 1.0), is_ok(made, NEXT + 1.0)]

    assert looks == [True, False, False, True, True]
    assert [r.message for r in caplog.records] == ["own network in doubt", "own network recovered"]


def test_a_doubt_lasts_to_the_look_that_ends_it() -> None:
    """What was seen until then does not count; what is seen at later looks does."""
    made = network(*HOSTS[:3])
    for host in HOSTS[:2]:
        made.observe(seen(host, Transport.DNS), NEXT)
    made.look(NEXT)
    for host in HOSTS[:2]:
        made.observe(seen(host), NEXT + 1.0)
    made.look(NEXT + 2.0)
    made.look(NEXT + 3.0)

    assert made.doubted_until == NEXT + 2.0


def test_a_pause_makes_what_was_seen_no_older() -> None:
    """Nor a doubt."""
    made = network(HOSTS[0])
    made.doubted_until = NEXT
    made.shift(1_000.0)

    assert made.doubted_until == NEXT + 1_000.0
    assert made.others_reached(HOSTS[1], FIRST + 1_000.0 + WINDOW)
    assert not made.others_reached(HOSTS[1], FIRST + 1_000.1 + WINDOW)


def test_a_reload_keeps_only_its_hosts() -> None:
    """As witnesses, and as what was reached or missed."""
    made = network(*HOSTS)
    made.forget({HOSTS[0], HOSTS[1]})
    for host in HOSTS:
        made.observe(seen(host, Transport.DNS), NEXT)

    assert is_ok(made)  # two witnesses are left
    assert not made.others_reached("nobody.example.edu", NEXT + WINDOW)


def test_a_miss_counts_beside_an_answer_of_the_same_moment() -> None:
    """In doubt, what failed is the later one."""
    made = network(*HOSTS[:3])
    for host in HOSTS[:2]:
        made.observe(seen(host, Transport.DNS), FIRST)

    assert not is_ok(made, FIRST)


def test_a_look_tells_whether_anybody_has_to_be_judged_again() -> None:
    """When the network has changed, or whom others were reached by."""
    made = network(HOSTS[0])
    looks = [made.look(NEXT), made.look(NEXT)]
    made.observe(seen(HOSTS[1]), NEXT)
    looks += [made.look(NEXT), made.look(NEXT)]
    made.observe(seen(HOSTS[2]), NEXT)
    looks += [made.look(NEXT), made.look(NEXT + WINDOW + 1.0)]

    assert looks == [True, False, True, False, False, True]


def test_a_look_tells_that_the_network_is_in_doubt_and_that_it_is_not() -> None:
    """All are judged again, whoever else was reached."""
    made = network(*HOSTS[:3])
    made.look(FIRST)
    for host in HOSTS[:2]:
        made.observe(seen(host, Transport.DNS), NEXT)
    looks = [made.look(NEXT), made.look(NEXT)]
    for host in HOSTS[:2]:
        made.observe(seen(host), NEXT)
    made.observe(seen(HOSTS[0]), NEXT + 1.0)
    made.observe(seen(HOSTS[1]), NEXT + 1.0)
    looks += [made.look(NEXT + 1.0), made.look(NEXT + 1.0)]

    assert looks == [True, False, True, False]
