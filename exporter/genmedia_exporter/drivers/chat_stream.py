"""The shape of chat APIs and of gateways that generate through them: Server-Sent Events."""

from __future__ import annotations

from genmedia_exporter.core.clock import PAST
from genmedia_exporter.core.evidence import Exchange, Generation, Transport
from genmedia_exporter.core.json_pointer import parse_json
from genmedia_exporter.core.status import Depth
from genmedia_exporter.drivers._job import is_sound, paid_job
from genmedia_exporter.drivers._result import fetch_result
from genmedia_exporter.drivers.contract import NoCallError, Run, make_free_call
from genmedia_exporter.providers.loader import load_generic
from genmedia_exporter.providers.states import JobState, chat_text, told_in_prose
from genmedia_exporter.targets.model import Target
from genmedia_exporter.transport.client import ProbeClient

_MAX_LINE = 65_536


async def probe(client: ProbeClient, target: Target, depth: Depth) -> None:
    """Reach and accept; an answer that streams is read up to its `[DONE]`, not to its end."""
    await make_free_call(client, target, depth, read="stream")


async def generate(client: ProbeClient, target: Target, run: Run) -> Generation:
    """Create, listen to the stream as long as the provider file allows, look at what it links to.

    Raises NoCallError for a job to be resumed: a stream that was left cannot be joined again.
    """
    task = paid_job(client, target, run)
    if run.job is not None:
        raise NoCallError(f"a stream of {target.provider.name} cannot be joined again")
    listener = _Listener(run)
    created = await task.create(task.job.timeout_seconds, "stream", listener.feed)
    if not is_sound(created):
        return listener.overdue(created, task.job.timeout_seconds)
    began = run.clock.monotonic()
    asset = await fetch_result(task, created, None)
    return Generation(fetch=run.clock.monotonic() - began, asset=asset)


class _Listener:
    """Reads a stream as it comes and notes how far the generation says it is.

    Such streams tell it in prose.
    """

    def __init__(self, run: Run) -> None:
        self._run, self._clock = run, run.clock
        self._rest = b""
        self._share: float | None = None
        self._state = JobState()
        self._changed = PAST

    def feed(self, data: bytes) -> None:
        """Take a piece of the stream."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[:_MAX_LINE]
        for line in lines:
            if line.startswith(b"data:"):
                event = parse_json(line[5:].decode("utf-8", "replace"))
                self._take(chat_text([event], "reasoning_content", "content"))

    def _take(self, text: str) -> None:
        for share, state in told_in_prose(text, load_generic()):
            if (share, state) != (self._share, self._state):
                self._changed = self._clock.monotonic()
            self._share, self._state = share, state
            self._run.progressed("queue" if state.word == "queued" else "run", share)

    def overdue(self, created: Exchange, allowed: float) -> Generation:
        """Return how far it came when the time of *allowed* seconds was over; nothing otherwise."""
        if created.transport is not Transport.BODY_TIMEOUT or self._share is None:
            return Generation()
        if self._state.word == "queued":
            return Generation(overdue="queued")
        still = self._clock.monotonic() - self._changed >= allowed / 2
        return Generation(overdue="running", stuck=still)
