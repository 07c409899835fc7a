"""Streams of events longer than anybody needs: both ends are read, and no more."""

from __future__ import annotations

from genmedia_exporter.providers.states import MAX_EVENTS, stream_events


def stream(count: int) -> str:
    """Return a stream of numbered events and its end."""
    return "".join(f"data: {number}\n\n" for number in range(count)) + "data: [DONE]\n\n"


def test_a_usual_stream_is_read_whole() -> None:
    """Up to the limit nothing is left out."""
    events, done = stream_events(stream(MAX_EVENTS - 1))
    assert (len(events), done) == (MAX_EVENTS - 1, True)


def test_of_a_longer_one_both_ends_are_read() -> None:
    """An error stands first or last; whether it is whole is known all the same."""
    events, done = stream_events(stream(3 * MAX_EVENTS))
    assert (events[0], events[-1], done) == (0, 3 * MAX_EVENTS - 1, True)
    assert len(events) == MAX_EVENTS - 1
