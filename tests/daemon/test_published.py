"""What is published, and how often: a view touches every target."""

from __future__ import annotations

import asyncio
from typing import Any

from genmedia_exporter.daemon.published import REST, Publisher


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time passes when a test says so."""

    now = 100.0

    def time(self) -> float:
        """Return it."""
        return self.now


class Views:
    """Makes views that are numbers, counting."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> Any:
        """Return the next one."""
        self.made += 1
        return self.made


async def turn() -> None:
    """Let the event loop run what is ready, also what that makes ready."""
    for _ in range(3):
        await asyncio.sleep(0)


def test_changes_of_one_turn_are_one_view() -> None:
    """Two targets that change at once are published together, at the next turn."""

    async def main() -> tuple[object, object]:
        publisher = Publisher(Views())
        publisher.publish()
        publisher.publish_soon()
        publisher.publish_soon()
        before: object = publisher.latest
        await turn()
        return before, publisher.latest

    with asyncio.Runner(loop_factory=Loop) as runner:
        assert runner.run(main()) == (1, 2)


def test_nothing_is_published_before_the_first_view() -> None:
    """While the exporter starts there is nothing that a view could be of."""

    async def main() -> int:
        views = Views()
        Publisher(views).publish_soon()
        await turn()
        return views.made

    with asyncio.Runner(loop_factory=Loop) as runner:
        assert runner.run(main()) == 0


async def seen_after(seconds: float) -> object:
    """Return the view so long after one that a change has caused, when another change has come at once."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    publisher = Publisher(Views())
    publisher.publish()
    publisher.publish_soon()
    await turn()
    publisher.publish_soon()
    loop.now += seconds
    await turn()
    return publisher.latest


def test_a_view_rests_before_the_next_change_is_published() -> None:
    """Eighty probes a second make ten views, not eighty."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        assert runner.run(seen_after(REST * 0.9)) == 2
        assert runner.run(seen_after(REST * 1.1)) == 3


def test_what_somebody_waits_for_is_published_at_once() -> None:
    """The answer to a request shows what the request has done."""

    async def main() -> object:
        publisher = Publisher(Views())
        publisher.publish()
        publisher.publish_soon()
        await turn()
        publisher.publish()
        return publisher.latest

    with asyncio.Runner(loop_factory=Loop) as runner:
        assert runner.run(main()) == 3
