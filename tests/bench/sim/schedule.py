"""The schedule of faults: read from a file with every mistake named, or drawn by chance."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from genmedia_exporter.demo.faults import KINDS
from tests.bench.sim.fleet import Watched
from tests.bench.sim.world import service_kinds

DAY: Final = 86_400.0
TRANSIENT_SECONDS: Final = 15.0
"""A trouble shorter than this, of a kind that comes and goes, is one failed call: no alarm is due."""
TRANSIENT_KINDS: Final = frozenset(
    {"hang", "reset", "reset_midbody", "truncated", "garbage", "empty", "bad_json", "html"}
    | {"edge_502", "slow", "trickle", "server_error", "overloaded", "upstream_saturated"}
    | {"rate_limited", "flaky"}
)
NO_OUTAGE: Final = frozenset({"moderated", "accepts_invalid"})
"""Kinds in which customers are served: our prompt is blocked, or the validator is lax. Not scored."""
KEYS: Final = ("target", "kind", "start_s", "end_s")
LONGEST: Final = 366 * DAY
MOST_BYTES: Final = 64 * 1024 * 1024


class ScheduleError(ValueError):
    """The file cannot be used; the message names the place."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One trouble of one target, in seconds from the schedule's beginning."""

    target: str
    kind: str
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start

    @property
    def transient(self) -> bool:
        """Whether it is a single failed call, after which no alarm is due."""
        return self.seconds < TRANSIENT_SECONDS and self.kind in TRANSIENT_KINDS

    @property
    def scored(self) -> bool:
        """Whether it counts as a fault that a monitor has to find."""
        return not self.transient and self.kind not in NO_OUTAGE


def read_schedule(path: Path) -> list[Fault]:
    """Return the faults of a file. Raises ScheduleError naming file, item and key."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ScheduleError(f"{path}: larger than {MOST_BYTES} bytes")
        value = json.loads(content)
    except json.JSONDecodeError as error:
        raise ScheduleError(f"{path}:{error.lineno}:{error.colno}: {error.msg}") from None
    except (UnicodeDecodeError, RecursionError):
        raise ScheduleError(f"{path}: not JSON") from None
    except OSError as error:
        raise ScheduleError(f"{path}: cannot be read: {error.strerror}") from None
    if not isinstance(value, list):
        raise ScheduleError(f"{path}: expected a list of {{{', '.join(KEYS)}}}")
    found, problems = [], []
    for number, item in enumerate(value, 1):
        try:
            found.append(_fault(item))
        except ValueError as error:
            problems.append(f"{path}: item {number}: {error}")
    if problems:
        raise ScheduleError("\n".join(problems))
    return sorted(found, key=lambda f: (f.start, f.target))


def _fault(item: object) -> Fault:
    if not isinstance(item, dict):
        raise ValueError(f"expected an object with {', '.join(KEYS)}")
    if missing := [key for key in KEYS if key not in item]:
        raise ValueError(f"{missing[0]} is missing")
    if unknown := [key for key in item if key not in KEYS]:
        raise ValueError(f"there is no key {unknown[0]!r:.40}; there are {', '.join(KEYS)}")
    target, kind = item["target"], item["kind"]
    if not isinstance(target, str) or not target.strip() or not target.isprintable():
        raise ValueError("target: must be a printable name")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"kind: no kind {kind!r:.40}; there are {', '.join(KINDS)}")
    start, end = _seconds(item, "start_s"), _seconds(item, "end_s")
    if end <= start:
        raise ValueError(f"end_s: {end:g} does not come after start_s, {start:g}")
    return Fault(target[:100], kind, start, end)


def _seconds(item: Mapping[str, Any], key: str) -> float:
    value = item[key]
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not math.isfinite(value) or not 0 <= value <= LONGEST:
        raise ValueError(f"{key}: must be a number of seconds from 0 to {LONGEST:g}")
    return float(value)


def draw(watched: Iterable[Watched], days: float, seed: int) -> list[Fault]:
    """Return a random schedule: faults of 30 seconds to 12 hours, and single failed calls.

    Each target goes through all kinds that its service can show, in random order, about one and a
    half a day, with at least two hours between them; durations are log-uniform. Between them lie
    about four transients a day.
    """
    dice = random.Random(seed)  # noqa: S311 - a repeatable draw
    found: list[Fault] = []
    for one in watched:
        kinds: list[str] = []
        at = dice.expovariate(1 / 14_400.0)
        while at < days * DAY:
            if not kinds:
                kinds = sorted(service_kinds(one.service))
                dice.shuffle(kinds)
            end = at + math.exp(dice.uniform(math.log(30.0), math.log(43_200.0)))
            if end > days * DAY:
                break
            found.append(Fault(one.name, kinds.pop(), at, end))
            gap = 7_200.0 + dice.expovariate(1 / 43_200.0)
            found += _transients(one, end, end + gap, dice)
            at = end + gap
    horizon = days * DAY
    return sorted((f for f in found if f.end <= horizon), key=lambda f: (f.start, f.target))


def _transients(one: Watched, start: float, end: float, dice: random.Random) -> list[Fault]:
    """Return single failed calls well inside a quiet time."""
    kinds = sorted(TRANSIENT_KINDS & service_kinds(one.service) - {"slow", "flaky", "rate_limited"})
    found: list[Fault] = []
    at = start + 1_800.0 + dice.expovariate(1 / (DAY / 4))
    while at < end - 1_800.0:
        found.append(Fault(one.name, dice.choice(kinds), at, at + dice.uniform(2.0, 14.0)))
        at += 1_800.0 + dice.expovariate(1 / (DAY / 4))
    return found
