"""Boards made by hand for the tests of incidents: targets of vendors, with a status since a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from genmedia_exporter.core.clock import DAY, Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Status
from genmedia_exporter.core.status_page import Component, ComponentStatus
from genmedia_exporter.health.state import Judgement, Snapshot, TargetState, Transition
from genmedia_exporter.incidents.domains import Groups
from genmedia_exporter.incidents.machine import advance
from genmedia_exporter.incidents.model import Incident
from genmedia_exporter.status_pages.report import PageWord
from tests.fakes import START, make_target

OK: Final = Reason.OK
DOWN: Final = Reason.SERVER_ERROR


class Boards:
    """A board of the targets a, b, c…, a minute after another; and the incidents that follow.

    Each target's name is its account's and its vendor's but for those in *shared*, which are all of
    the account `main` at example.com.
    """

    def __init__(self, shared: str = "abcd", alone: str = "") -> None:
        self.now = START
        self.network_ok = True
        targets = [make_target(name, host="api.example.com") for name in shared]
        targets += [make_target(name, host=f"{name}.org", account=name) for name in alone]
        self.states = {
            target.name: TargetState(
                target,
                {},
                added_at=START - DAY,
                now=judgement(OK),
                last_transition=Transition(START - DAY, None, Status.OPERATIONAL),
            )
            for target in targets
        }
        self.groups = Groups.of(targets)
        self.incidents: tuple[Incident, ...] = ()
        self.seen: dict[str, TargetState] | None = None  # set to {} to tell what has changed
        self.past: list[Incident] = []

    def turn(self, names: str, reason: Reason = DOWN) -> None:
        """Let targets become what *reason* makes of them, now."""
        for name in names:
            now, before = judgement(reason), self.states[name]
            moved = now.status is not before.now.status
            last = Transition(self.now, before.now.status, now.status)
            change = last if moved else before.last_transition
            self.states[name] = replace(before, now=now, last_transition=change)

    def say(self, status: ComponentStatus | None) -> None:
        """Let the vendor's page say of every target, from now on, that it is *status*."""
        well = status is ComponentStatus.OPERATIONAL
        for name, state in self.states.items():
            if status is None:
                continue
            word = PageWord(well, Component("c", "Video", status))
            since = None if well else state.page.page_unhealthy_since or self.now
            told = replace(state.page, word=word, page_unhealthy_since=since)
            target = replace(state.target, page=("vendor", "Video"))
            self.states[name] = replace(state, target=target, page=told)

    def snapshot(self) -> Snapshot:
        """Return the board."""
        return Snapshot(self.now, 1, dict(self.states), self.network_ok)

    def look(self, seconds: float = 0.0) -> tuple[Incident, ...]:
        """Let *seconds* pass in looks of a minute; return the open incidents."""
        until = self.now + seconds
        while True:
            found = advance(self.incidents, self.snapshot(), self.groups, self.now, self._changed())
            self.incidents = tuple(incident for incident in found if incident.open)
            self.past += [incident for incident in found if not incident.open]
            if self.now >= until:
                return self.incidents
            self.now = min(until, self.now + 60)

    def _changed(self) -> set[str] | None:
        if self.seen is None:
            return None
        seen, self.seen = self.seen, dict(self.states)
        names = seen.keys() | self.states.keys()
        return {name for name in names if seen.get(name) is not self.states.get(name)}

    def only(self, seconds: float = 0.0) -> Incident:
        """Look, and return the one incident that is open."""
        (found,) = self.look(seconds)
        return found


def judgement(reason: Reason) -> Judgement:
    """Return what *reason* usually makes of a target."""
    meaning = reason.meaning
    return Judgement(meaning.status, reason, meaning.fault)


def broken(incident: Incident) -> str:
    """Return the names of the targets that are broken."""
    return "".join(sorted(member.name for member in incident.broken))


def names(members: Iterable[str] | Mapping[str, object]) -> str:
    """Return names as one word."""
    return "".join(sorted(members))


MINUTE: Final = 60.0
LATER: Final = Unix(float(START) + DAY)
