"""Which depth speaks: constant answers give a constant status, and each edge of what outweighs what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Status
from genmedia_exporter.providers.base import Proof
from genmedia_exporter.providers.calls import Call
from tests.fakes import TRANSPORTS, make_target
from tests.health.test_board import Watch

OK, ERROR = Reason.OK, Reason.SERVER_ERROR
REACH, ACCEPT = Depth.REACH, Depth.ACCEPT
EVERY = {REACH: 60.0, ACCEPT: 600.0, Depth.GENERATE: 21_600.0}
_OF_A_STATUS = frozenset(
    {
        Reason.SLOW,
        Reason.INTERMITTENT,
        Reason.NO_EVIDENCE,
        Reason.STALE,
        Reason.OWN_NETWORK,
        Reason.MAINTENANCE_WINDOW,
        Reason.PAGE_MAINTENANCE,
        Reason.END_DATE_PASSED,
    }
)
ANSWERS = list(
    {
        (meaning.outcome, meaning.status, meaning.transient, reason in TRANSPORTS): reason
        for reason in Reason
        if reason not in _OF_A_STATUS
        for meaning in (reason.meaning,)
    }.values()
)
"""One of each kind: they are told apart by what they mean, and by whether anybody answered."""


@pytest.mark.parametrize("cheap", ANSWERS)
def test_who_answers_the_same_way_keeps_its_status(cheap: Reason) -> None:
    """Whatever the two depths say, and whichever was asked last: after a minute nothing changes."""
    for dear in ANSWERS:
        watch = Watch(make_target())
        told = []
        for _ in range(6):
            told += [watch.see(cheap).now.status, watch.see(cheap).now.status]
            told.append(watch.see(dear, depth=ACCEPT).now.status)

        assert len(set(told[6:])) == 1, (cheap, dear, told)


def _told(watch: Watch, *steps: tuple[Depth, Reason]) -> list[Status]:
    return [watch.see(reason, depth=depth).now.status for depth, reason in steps]


def test_a_success_deeper_ends_a_failure_until_it_comes_back() -> None:
    """Then some attempts fail and others work, until the cheap depth works, too."""
    watch = Watch(make_target())
    told = _told(
        watch,
        (REACH, ERROR),
        (REACH, ERROR),
        (ACCEPT, OK),
        (REACH, ERROR),
        (ACCEPT, OK),
        (REACH, ERROR),
        (REACH, OK),
    )

    down, up, partly = Status.DOWN, Status.OPERATIONAL, Status.DEGRADED
    assert told[1:] == [down, up, partly, partly, partly, up]


def test_the_failure_is_named_while_others_work() -> None:
    """A tired reader sees which answer fails, and that the target can be used."""
    watch = Watch(make_target())
    _told(watch, (REACH, ERROR), (REACH, ERROR), (ACCEPT, OK))
    found = watch.see(ERROR).now

    assert (found.reason, found.fault, found.up) == (Reason.INTERMITTENT, Fault.PROVIDER, 1)
    assert found.message


@pytest.mark.parametrize(("failures", "status"), [(2, Status.DEGRADED), (3, Status.DOWN)])
def test_a_success_that_is_long_ago_contradicts_nothing(failures: int, status: Status) -> None:
    """The third failure after it: the success tells of the time before."""
    watch = Watch(make_target())
    _told(watch, (REACH, ERROR), (REACH, ERROR), (ACCEPT, OK))

    assert _told(watch, *[(REACH, ERROR)] * failures)[-1] is status


def test_a_success_before_the_failure_contradicts_nothing() -> None:
    """What worked when all worked does not soften an outage."""
    watch = Watch(make_target())

    assert _told(watch, (ACCEPT, OK), (REACH, ERROR), (REACH, ERROR))[-1] is Status.DOWN


def test_a_success_that_its_own_depth_has_taken_back_contradicts_nothing() -> None:
    """The create worked in between, and fails by now, too."""
    watch = Watch(make_target())
    _told(watch, (REACH, ERROR), (REACH, ERROR), (ACCEPT, OK), (REACH, ERROR))

    assert _told(watch, (ACCEPT, ERROR), (ACCEPT, ERROR), (REACH, ERROR))[-1] is Status.DOWN


@pytest.mark.parametrize("unclear", [Reason.SCHEMA, Reason.CONNECT_TIMEOUT])
def test_what_cannot_be_read_takes_nothing_from_a_success(unclear: Reason) -> None:
    """The create is answered as it should be, again and again: the listing may say what it likes."""
    watch = Watch(make_target())
    _told(watch, (REACH, unclear), (REACH, unclear), (ACCEPT, OK))

    assert set(_told(watch, *[(REACH, unclear), (ACCEPT, OK)] * 3)) == {Status.OPERATIONAL}


def test_another_failure_does_not_make_it_better() -> None:
    """Nor does one that says less: the server's error of before has not gone away with it."""
    watch = Watch(make_target(depths=tuple(EVERY), intervals=EVERY))
    first = (Reason.MODEL_NOT_FOUND, ERROR)
    told = _told(watch, *[(REACH, r) for r in first], (Depth.GENERATE, OK), (REACH, ERROR))

    assert told[-1] is Status.DEGRADED
    assert _told(watch, (REACH, Reason.SCHEMA)) == [Status.DEGRADED]


@pytest.mark.parametrize(
    ("depth", "status"), [(REACH, Status.OPERATIONAL), (ACCEPT, Status.DEGRADED)]
)
def test_only_a_list_may_lack_what_works(depth: Depth, status: Status) -> None:
    """A create that is refused for want of the model is another matter than a short list."""
    watch = Watch(make_target(depths=tuple(EVERY), intervals=EVERY))
    _told(watch, (depth, Reason.MODEL_NOT_FOUND), (Depth.GENERATE, OK))

    assert _told(watch, (depth, Reason.MODEL_NOT_FOUND)) == [status]


def test_what_cannot_be_read_hides_no_failure() -> None:
    """A listing of another shape is newer than a create that fails, and says less."""
    watch = Watch(make_target())
    _told(watch, (ACCEPT, ERROR), (ACCEPT, ERROR))
    told = _told(watch, *[(REACH, Reason.SCHEMA)] * 3)

    assert set(told) == {Status.DOWN}


def test_a_service_out_of_reach_is_news() -> None:
    """No answer at all is no unreadable one: whose fault it is cannot be told any more."""
    watch = Watch(make_target())
    _told(watch, (ACCEPT, Reason.NO_CHANNEL))
    told = _told(watch, *[(REACH, Reason.CONNECT_TIMEOUT)] * 2)

    assert told[-1] is Status.UNKNOWN


def test_of_two_failures_the_later_trouble_speaks() -> None:
    """Not the depth that happened to be asked last."""
    watch = Watch(make_target())
    first = watch.see(Reason.INVALID_KEY)
    second = watch.see(Reason.NO_CHANNEL, depth=ACCEPT)
    again = watch.see(Reason.INVALID_KEY)

    found = [state.now.status for state in (first, second, again)]
    assert found == [Status.AUTH_ERROR, Status.SUSPENDED, Status.SUSPENDED]


@pytest.mark.parametrize(
    ("proves", "status"),
    [(("route",), Status.AUTH_ERROR), (("key", "route"), Status.OPERATIONAL)],
)
def test_a_rejection_before_the_key_was_looked_at_acquits_no_key(
    proves: tuple[Proof, ...], status: Status
) -> None:
    """Some validators read the create first; their answer is sound, and tells nothing of our key."""
    target = make_target()
    create = Call(id="create", depth=ACCEPT, path="/videos", proves=proves)
    provider = target.account.provider.model_copy(update={"calls": (create,)})
    account = replace(target.account, provider=provider)
    watch = Watch(replace(target, account=account))
    _told(watch, (REACH, Reason.INVALID_KEY))

    assert _told(watch, (ACCEPT, OK)) == [status]


def test_slow_says_more_than_partly() -> None:
    """Creates that work slowly are slow, also while the list fails now and again."""
    watch = Watch(make_target())
    for _ in range(25):
        watch.see(OK, depth=ACCEPT, duration=0.5)
    _told(watch, (REACH, ERROR), (REACH, ERROR))
    for _ in range(3):
        watch.see(OK, depth=ACCEPT, duration=5.0)
        found = watch.see(ERROR)

    assert found.now.reason is Reason.SLOW


@pytest.mark.parametrize("reason", [Reason.QUOTA_EXHAUSTED, Reason.DAILY_QUOTA])
def test_a_rejection_shows_no_money(reason: Reason) -> None:
    """A create is rejected before anybody looks at the account; only one that was made shows money."""
    watch = Watch(make_target(depths=tuple(EVERY), intervals=EVERY))
    _told(watch, (REACH, reason))
    told = _told(watch, *[(ACCEPT, OK), (REACH, reason)] * 2)

    assert set(told) == {Status.QUOTA_EXHAUSTED}
    assert _told(watch, (Depth.GENERATE, OK)) == [Status.OPERATIONAL]
