"""What comes, and what is wrong with the exporter itself, as the status page tells it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from genmedia_exporter.core.clock import DAY
from genmedia_exporter.metrics.exporter import ExporterMetrics, OwnState
from genmedia_exporter.targets.lifecycle import SOON
from genmedia_exporter.targets.model import MaintenanceWindow
from genmedia_exporter.web.pages.status_page import Around, render_page
from genmedia_exporter.web.pages.troubles import troubles
from genmedia_exporter.web.pages.upcoming import AHEAD, coming
from tests.metrics.samples import AT, healthy, snapshot


def lines(*windows: MaintenanceWindow, ends_in: float | None = None) -> list[str]:
    """Return what comes, for one target with these windows whose model ends in so many seconds."""
    state = healthy()
    ends = None if ends_in is None else AT + ends_in
    state = replace(state, target=replace(state.target, ends_at=ends, successor="next"))
    found = coming(replace(snapshot(state), pages={}), {"a": windows, "b": windows}, AT)
    return [f"{one.who}: {one.what}" for one in found]


def window(start: float, seconds: float = 7_200.0, reason: str = "upgrade") -> MaintenanceWindow:
    return MaintenanceWindow(AT + start, AT + start + seconds, reason)


def test_our_maintenance() -> None:
    """One line for all targets of a window, when, how soon and why; not what runs or is far away."""
    assert lines(window(0.0)) == []
    assert lines(window(AHEAD + 1)) == []
    (line,) = lines(window(AHEAD))
    assert line.startswith("a, b: our maintenance ")
    assert line.endswith("(in 14 days): upgrade")


def test_endings_stand_in_order() -> None:
    """A model's end has its day, a countdown and what comes after; maintenance before it stands first."""
    found = lines(window(60.0), ends_in=3 * DAY)
    assert len(found) == 2
    assert "in 3 days; successor next." in found[1]
    assert lines(ends_in=SOON) != []
    assert lines(ends_in=SOON + 1) == []
    assert lines(ends_in=0.0) == []


@pytest.mark.parametrize(
    ("own", "network", "spending", "said"),
    [
        (OwnState(), True, True, []),
        (OwnState(), False, True, ["Our own network is in doubt."]),
        (OwnState(storage_ok=False), True, True, ["Storage fails."]),
        (OwnState(config_ok=False), True, True, ["The configuration could not be reloaded."]),
        (OwnState(web_config_ok=False), True, True, ["The web configuration could not be reloaded."]),
        (OwnState(saturated=True), True, True, ["The exporter does not keep up."]),
        (OwnState(), True, False, ["Paid probes are switched off by hand."]),
    ],
)  # fmt: skip
def test_troubles(own: OwnState, network: bool, spending: bool, said: list[str]) -> None:
    """Each is told by itself."""
    assert [trouble.what for trouble in troubles(own, network, spending)] == said


def test_lost_records_are_counted() -> None:
    """One as one."""
    said = [next(troubles(OwnState(False, lost), True)).more for lost in (0, 1, 2)]
    assert [text.rpartition("runs.")[2] for text in said] == [
        "",
        " 1 record is lost.",
        " 2 records are lost.",
    ]


def test_the_page_tells_of_the_exporter() -> None:
    """What the meter was told of stands on the page, above the targets."""
    meter = ExporterMetrics(process=False)
    meter.set_storage(False, 3)
    meter.set_reload(False, AT)
    page = render_page(snapshot(), AT, Around(own=meter.state)).decode()
    assert page.index("Storage fails.") < page.index("could not be reloaded") < page.index("<table")
    meter.set_storage(True, 3)
    meter.set_reload(True, AT)
    assert (
        "alarm"
        not in render_page(snapshot(), AT, Around(own=meter.state)).decode().split("<main")[1]
    )
