"""Asking after a job until it has ended or its time is up, through failing polls and slow clocks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.evidence import Exchange, JobRef
from genmedia_exporter.core.http_dates import retry_after
from genmedia_exporter.drivers._job import LEAST_ASK_SECONDS, PaidJob, document_of, is_sound
from genmedia_exporter.providers.base import JobWord
from genmedia_exporter.providers.calls import Poll
from genmedia_exporter.providers.loader import load_generic
from genmedia_exporter.providers.states import POLL, JobState, job_state, share_done
from genmedia_exporter.transport.request import Request, fill

GRACE_SECONDS = 30.0
"""A service may need so long to know a job it has just accepted (docs/wire.md §8.2 row 34)."""

FAILURES_IN_A_ROW = 3
"""So many polls that fail in one way are no accident: of one replica, of one packet."""

_TRY_AGAIN = (408, 425, 429)  # of the 4xx; any other says that there is no such job for us
_FINAL: tuple[JobWord, ...] = ("succeeded", "failed", "cancelled", "expired", "moderated")


@dataclass(frozen=True, slots=True)
class PollResult:
    """How following a job ended. `answer` is the poll that decides. Seconds as in Generation."""

    answer: Exchange
    word: JobWord | None  # the final state, or the last one known; None: the service lost the job
    queue: float | None
    run: float | None
    took: float | None = None  # of a resumed job: since it was accepted, where its end was seen
    overdue: str = ""
    stuck: bool = False


class Poller:
    """Follows one job; `end` is all that is asked of it."""

    def __init__(self, paid: PaidJob, ref: JobRef, poll: Poll) -> None:
        self._paid, self._ref, self._poll = paid, ref, poll
        self._clock = clock = paid.run.clock
        tick, resumed = clock.monotonic(), paid.run.job is not None
        # The wall clock is asked once: a step of it while we wait moves nothing.
        told = clock.now() - ref.created_at if resumed else 0.0
        age = min(max(0.0, told), poll.deadline_seconds)
        self._aged = age == told  # else the clock was set meanwhile, or we were away for too long
        self._accepted = tick - age
        self._until = self._accepted + poll.deadline_seconds
        self._changed = tick if resumed else self._accepted
        self._queued_at: Monotonic | None = (
            None  # when a poll last said so, before one said it runs
        )
        self._runs_since: Monotonic | None = None
        self._word: JobWord = "queued"
        self._share: float | None = None
        self._raw = ""
        self._sound: Exchange | None = None
        self._failures = self._refusals = 0

    async def end(self) -> PollResult:
        """Poll at the provider's pace until the job has ended or the deadline is there."""
        pause = 0.0 if self._paid.run.job else self._poll.interval_seconds
        while True:
            left = self._until - self._clock.monotonic()
            await self._clock.sleep(min(pause, left) if left > 0 else self._late(pause))
            answer = await self._ask()
            final = self._take(answer)
            if final is not None:
                return final
            if self._clock.monotonic() >= self._until and not self._hopes():
                return self._overdue(answer)
            asked = retry_after(answer.headers, self._clock.now()) or 0.0
            pause = max(self._poll.interval_seconds, asked)

    def _hopes(self) -> bool:
        """Whether a job that was resumed too late is asked after once more: its end may be known."""
        resumed = self._paid.run.job is not None
        return resumed and self._sound is None and self._failures < FAILURES_IN_A_ROW

    def _late(self, pause: float) -> float:
        return min(pause, self._poll.interval_seconds)

    async def _ask(self) -> Exchange:
        paid, poll, ref = self._paid, self._poll, self._ref
        fields = paid.fields(ref.id)
        request = Request(
            POLL,
            poll.method,
            paid.address(ref.poll_url, poll.path, ref.id),
            headers=fill(poll.headers, fields),
            body=fill(poll.body, fields),
        )
        # Hundreds of polls say the same: only the one that decides is kept, by `generate`.
        return await paid.ask(request, paid.patience(LEAST_ASK_SECONDS), keep=False)

    def _take(self, answer: Exchange) -> PollResult | None:
        """Note what a poll says; return the end if it is one."""
        document = document_of(answer)
        state = JobState()
        if is_sound(answer) and isinstance(document, dict):
            state = job_state(document, self._paid.job, load_generic())
        if state.word in _FINAL:
            return self._ended(answer, state.word)
        if state.word == "unknown" or _refuses(answer):
            self._refusals += 1
            self._failures += 1
            return self._lost(answer)
        self._refusals = 0
        if not state.raw:
            self._failures += 1
            return None
        self._failures, self._sound = 0, answer
        self._moved(state, share_done(document, self._paid.job))
        return None

    def _moved(self, state: JobState, share: float | None) -> None:
        tick = self._clock.monotonic()
        # A word nobody explains is no end: it may be a new name for what goes on.
        word: JobWord = "queued" if state.word == "queued" else "running"
        if (state.raw, share) != (self._raw, self._share):
            self._changed = tick
        if word != "queued":
            self._runs_since = tick if self._runs_since is None else self._runs_since
        elif self._runs_since is None:
            self._queued_at = tick
        self._word, self._raw, self._share = word, state.raw, share
        self._paid.run.progressed("queue" if word == "queued" else "run", share)

    def _lost(self, answer: Exchange) -> PollResult | None:
        known_for = self._clock.monotonic() - self._accepted
        over = known_for > GRACE_SECONDS and self._refusals >= FAILURES_IN_A_ROW
        return self._ended(answer, None) if over else None

    def _ended(self, answer: Exchange, word: JobWord | None) -> PollResult:
        return PollResult(answer, word, *self._times(word), self._took())

    def _overdue(self, answer: Exchange) -> PollResult:
        sound = self._sound
        if sound is None or self._failures >= FAILURES_IN_A_ROW:
            return self._ended(answer, self._word)
        half = self._poll.deadline_seconds / 2
        still = self._until - self._changed >= half
        stuck = self._word == "running" and self._share is not None and still
        end = self._ended(sound, self._word)
        return replace(end, overdue=self._word, stuck=stuck)

    def _took(self) -> float | None:
        """Return the seconds since a resumed job was accepted; None where it may have ended unseen.

        That is, while nobody followed it: a poll after that must have found it under way.
        """
        seen = self._paid.run.job is not None and self._sound is not None and self._aged
        return self._clock.monotonic() - self._accepted if seen else None

    def _times(self, word: JobWord | None) -> tuple[float | None, float | None]:
        """Return the seconds queued and running of a job that ended as *word*.

        Only what a poll called queued is queue: a quick job may run from the start, and be done
        before anybody asks. None where nobody was there to see it begin.
        """
        tick, queued_at = self._clock.monotonic(), self._queued_at
        if queued_at is None:
            return None, None if self._paid.run.job else tick - self._accepted
        began = self._runs_since
        if began is None and word == "succeeded":
            began = queued_at  # between two polls
        queue = (tick if began is None else began) - self._accepted
        return queue if self._aged else None, None if began is None else tick - began


def _refuses(answer: Exchange) -> bool:
    status = answer.status or 0
    return answer.transport is None and 400 <= status < 500 and status not in _TRY_AGAIN
