"""When broken targets of one domain are an incident, at the edges of each number."""

from __future__ import annotations

import pytest

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.incidents.domains import MUTE_SECONDS, TOGETHER_SECONDS, is_onset
from tests.fakes import START
from tests.incidents.boards import DOWN, MINUTE, OK, Boards


def onset(board: Boards, broken: str) -> bool:
    """Whether *broken* are an incident of the board now."""
    states = board.states
    return is_onset([states[name] for name in broken], list(states.values()), board.now)


def test_the_numbers_of_the_method() -> None:
    """METHOD.md tells them."""
    assert (TOGETHER_SECONDS, MUTE_SECONDS) == (10 * MINUTE, 10 * MINUTE)


@pytest.mark.parametrize(("broken", "opens"), [("ab", False), ("abc", True), ("abcd", True)])
def test_three_of_many_at_once(broken: str, opens: bool) -> None:
    """Three are enough though most of a dozen work, two are not."""
    board = Boards("abcdefghijkl")
    board.turn(broken)
    assert onset(board, broken) is opens


@pytest.mark.parametrize(("apart", "opens"), [(599.0, True), (600.0, False)])
def test_three_of_many_one_after_another(apart: float, opens: bool) -> None:
    """The first of three counts for less than ten minutes."""
    board = Boards("abcdefghijkl")
    board.turn("a")
    board.now = START + apart
    board.turn("bc")
    assert onset(board, "abc") is opens


@pytest.mark.parametrize("silent", [Reason.NO_CREDENTIAL, Reason.INVALID_KEY, Reason.STALE])
@pytest.mark.parametrize(("seconds", "opens"), [(599.0, False), (600.0, True)])
def test_those_that_say_nothing_are_not_waited_for(
    silent: Reason, seconds: float, opens: bool
) -> None:
    """Two of four are no majority, two of two are: the others have been mute for ten minutes."""
    board = Boards("abcd")
    board.turn("cd", silent)
    board.now = START + seconds
    board.turn("ab")
    assert onset(board, "ab") is opens


@pytest.mark.parametrize(("well", "opens"), [("cd", False), ("c", True)])
def test_more_than_half(well: str, opens: bool) -> None:
    """Two of four are not, two of three are; long after they broke."""
    board = Boards("ab" + well)
    board.turn("ab", DOWN)
    board.turn(well, OK)
    board.now = START + 2 * TOGETHER_SECONDS
    assert onset(board, "ab") is opens


def test_one_alone() -> None:
    """The only target of a vendor is all of it; one of two is its own trouble."""
    for watched, opens in (("a", True), ("ab", False)):
        board = Boards(watched)
        board.turn("a")
        assert onset(board, "a") is opens
