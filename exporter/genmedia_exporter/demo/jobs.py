"""Generations under way: they move by the world's clock from queued to running to done."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field

from genmedia_exporter.demo.environment import Environment

__all__ = ["Job", "JobBook", "State", "View"]

MOST_JOBS = 2000
QUEUED_SHARE = 0.25


class State(enum.Enum):
    """Where a job is; each wire has its own words for these."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    MODERATED = "moderated"
    CANCELLED = "cancelled"
    LOST = "lost"
    ODD = "odd"


@dataclass(frozen=True)
class View:
    """A job at one moment: its state and its progress in percent."""

    state: State
    progress: int


@dataclass
class Job:
    """One accepted generation. `fate` is set once it has ended otherwise than by success."""

    id: str
    service: str
    model: str
    prompt: str
    seconds: float
    width: int
    height: int
    started: float
    created_at: int
    lasts: float
    fate: State | None = None
    notes: dict[str, str] = field(default_factory=dict)


class JobBook:
    """All jobs of the world, by service and id; past MOST_JOBS the oldest is forgotten."""

    def __init__(self, environment: Environment, job_seconds: float) -> None:
        self._environment = environment
        self._job_seconds = job_seconds
        self._jobs: dict[tuple[str, str], Job] = {}

    def start(
        self,
        service: str,
        job_id: str,
        *,
        model: str,
        prompt: str,
        seconds: float,
        size: tuple[int, int],
    ) -> Job:
        """Accept a generation of `seconds` of video at `size` pixels."""
        now, wall = self._environment.clock(), int(self._environment.wall())
        lasts = self._job_seconds
        job = Job(job_id, service, model, prompt[:1000], seconds, *size, now, wall, lasts)
        while len(self._jobs) >= MOST_JOBS:
            self._jobs.pop(next(iter(self._jobs)))
        self._jobs[service, job_id] = job
        return job

    def find(self, service: str, job_id: str) -> Job | None:
        """The job of that service, or None when it never was or is forgotten."""
        return self._jobs.get((service, job_id))

    def forget(self, job: Job) -> None:
        """Delete a job's record."""
        self._jobs.pop((job.service, job.id), None)

    def of(self, service: str) -> Iterator[Job]:
        """The service's jobs, newest first."""
        return (job for job in reversed(list(self._jobs.values())) if job.service == service)

    def view(self, job: Job) -> View:
        """Where the job is now, with nothing wrong in the world."""
        if job.fate is not None:
            return View(job.fate, 0)
        share = (self._environment.clock() - job.started) / job.lasts if job.lasts > 0 else 1.0
        if share >= 1:
            return View(State.SUCCEEDED, 100)
        if share < QUEUED_SHARE:
            return View(State.QUEUED, 0)
        return View(State.RUNNING, int(share * 100))
