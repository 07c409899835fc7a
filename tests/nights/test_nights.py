"""What people hear in each night: no more than was written down before it was first run."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.alerts.test_promtool import promtools
from tests.nights import (
    of_coincidences,
    of_configuring,
    of_days,
    of_exporters,
    of_incidents,
    of_meanwhile,
    of_money,
    of_returns,
    of_targets,
    of_vendors,
    of_waves,
    of_weekends,
)
from tests.nights.dispatch import Alertmanager
from tests.nights.history import Night
from tests.nights.playing import Timeline, play
from tests.nights.telling import NIGHTS
from tests.programs import program

STORIES = (
    of_coincidences,
    of_configuring,
    of_days,
    of_exporters,
    of_incidents,
    of_meanwhile,
    of_money,
    of_returns,
    of_targets,
    of_vendors,
    of_waves,
    of_weekends,
)


@pytest.fixture(scope="module", params=promtools())
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Timeline]:
    """All nights that were asked for, through the rules."""
    promtool = program("promtool") if request.param == "promtool" else request.param
    asked = {
        str(item.callspec.params["name"])
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.originalname == "test_people_hear_what_they_should"
    }
    made = [NIGHTS[name].make() for name in NIGHTS if name in asked]
    found: dict[str, Timeline] = {}
    for alike in sorted({_alike(night) for night in made}):
        folder = tmp_path_factory.mktemp("nights")
        found |= play(promtool, [night for night in made if _alike(night) == alike], folder)
    return found


def _alike(night: Night) -> tuple[float, int]:
    """What may be played together: scraped equally often, and about equally long, for the longest is what it costs."""
    return night.step, next(
        (n for n in (120, 180, 240, 310, 430) if night.minutes <= n),
        10**6 if night.step == 1 else night.minutes,
    )


@pytest.mark.timeout(7200)  # of days, on a busy machine
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.long_nights if NIGHTS[name].long else ())
        for name in NIGHTS
    ],
)
def test_people_hear_what_they_should(name: str, played: Mapping[str, Timeline]) -> None:
    """Messages by receiver, who is woken for what, and no false end."""
    heard = Alertmanager().messages(played[name])
    fired = {alert["alertname"] for alerts in played[name].values() for alert in alerts}
    wrong = NIGHTS[name].complaints(heard, fired)
    assert not wrong, "\n".join([*wrong, *map(str, heard)])


def test_there_are_enough_nights() -> None:
    """Thirty-one at least that CI plays, beside those that take days."""
    assert sum(not night.long for night in NIGHTS.values()) >= 31
    assert sum(night.long for night in NIGHTS.values()) >= 7
    assert STORIES
