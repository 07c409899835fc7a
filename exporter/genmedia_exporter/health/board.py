"""The board: one state per target, replaced whole with each observation. Everything else reads it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from genmedia_exporter.core.clock import PAST, Clock, Monotonic
from genmedia_exporter.core.evidence import Evidence, Hints, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.core.status_page import PageReport
from genmedia_exporter.health.attempts import DISABLING, disable
from genmedia_exporter.health.deadlines import Deadlines, at_moment, next_change
from genmedia_exporter.health.discounted import without_pause
from genmedia_exporter.health.judge import JudgeInputs, judge
from genmedia_exporter.health.own_network import OwnNetwork
from genmedia_exporter.health.page_agreement import compare
from genmedia_exporter.health.persisted import (
    Saved,
    carried,
    identity,
    restored,
    restricted,
    saved_from,
)
from genmedia_exporter.health.replica import believed, confirmed_by_other, handed_over
from genmedia_exporter.health.state import (
    Attempt,
    SkipReason,
    Snapshot,
    StateChange,
    TargetState,
    unseen,
)
from genmedia_exporter.health.tally import Tally
from genmedia_exporter.health.traffic import ReportedCall, with_calls
from genmedia_exporter.health.transitions import moved
from genmedia_exporter.targets.model import MaintenanceWindow, Target

Listener = Callable[[StateChange], None]
"""Called with each change of a target of ours."""


class Board:
    """Holds what is known. Only the event loop's thread calls it.

    Without *patience* a single failure becomes the status at once: for one-shot reports.
    *in_flight* holds the names of the targets that are being probed now. *listener* is told of each
    change; it must be quick and not raise. *stopped* tells the seconds in which this process was
    stopped since it was last asked: they make nothing older.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        patience: bool = True,
        in_flight: Collection[str] = (),
        listener: Listener | None = None,
        is_ours: Callable[[str], bool] = lambda _name: True,
        stopped: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._clock, self._patience = clock, patience
        self._in_flight = in_flight
        self._states: dict[str, TargetState] = {}
        self._windows: Mapping[str, tuple[MaintenanceWindow, ...]] = {}
        self._pages: Mapping[str, PageReport] = MappingProxyType({})
        self._saved: dict[str, Saved] = {}
        self._listener, self._is_ours = listener, is_ours
        self._network = OwnNetwork()
        self._stopped = stopped
        self._deadlines, self._tally = Deadlines(), Tally()
        self._version = 0
        self._snapshot: Snapshot | None = None

    def configure(
        self,
        targets: Iterable[Target],
        windows: Mapping[str, tuple[MaintenanceWindow, ...]],
        pages: Collection[str] = (),
    ) -> None:
        """Watch *targets* from now on. A target that stays what it was keeps all that is known.

        *windows* are ours, by target; of status pages only those with an id in *pages* are kept.
        """
        _, now = self._tick(), self._clock.now()
        kept = {t.name: self._restored(carried(self._states.get(t.name), t, now)) for t in targets}
        for name in self._states.keys() - kept.keys():
            # Another reload may bring it back: then no create must be repeated.
            if restricted(self._states[name].depths) or name in self._in_flight:
                self._saved[name] = saved_from(self._states[name])
        self._states = kept
        self._windows = windows
        self._pages = MappingProxyType({p: r for p, r in self._pages.items() if p in set(pages)})
        self._network.forget({state.target.account.host for state in kept.values()})
        self._network.vouch(s.target.account.host for s in kept.values() if s.has_worked)
        self._tally.keep(kept)
        self._void()
        self.review()

    def restore(self, saved: Mapping[str, Saved]) -> None:
        """Let targets begin as they were when the process last ended; call it before `configure`."""
        self._saved = dict(saved)

    def _restored(self, state: TargetState) -> TargetState:
        saved = self._saved.pop(state.target.name, None)
        same = saved is not None and saved.identity == identity(state.target)
        return restored(state.target, saved, self._tick()) if saved and same else state

    def hand_over(self, names: Iterable[str], saved: Mapping[str, Saved]) -> None:
        """Take in that *names* have come to us, or have gone to another exporter.

        Those that come to us begin as they were *saved*, without a transition; the others are shown
        as whoever watches them tells.
        """
        tick = self._tick()
        for name in names:
            if (state := self._states.get(name)) is not None:
                self._states[name] = handed_over(state, saved.get(name), tick)
        self._void()
        self.review()

    def update_peers(self, alive: Iterable[str], saved: Mapping[str, Saved]) -> None:
        """Take in what other exporters, which are *alive*, have *saved* about their targets."""
        tick = self._tick()
        for name in alive:
            state = self._states.get(name)
            if state is not None and not self._is_ours(name):
                after = confirmed_by_other(state, saved.get(name), tick)
                if after is not state:
                    self._settle(after)

    def state(self, name: str) -> TargetState | None:
        """Return the state of a target, or None when there is none of that name."""
        return self._states.get(name)

    def hints(self, target: Target, depth: Depth) -> Hints:
        """Return what is remembered that helps to read the next answer at *depth*."""
        return self._tally.hints(self.state(target.name), target, depth, self._tick())

    def observe(
        self, evidence: Evidence, verdict: Verdict, cost_usd: float = 0.0
    ) -> StateChange | None:
        """Take in one finished probe, which cost *cost_usd* US dollars.

        None when its target is not watched any more, or by another exporter.
        """
        tick = self._tick()
        before = self._states.get(evidence.target)
        unwatched = before is None or evidence.depth not in before.target.intervals
        if before is None or unwatched or not self._is_ours(evidence.target):
            if verdict.reason in DISABLING:  # a reload came between: it must be known all the same
                self.disable(evidence.target, evidence.depth, verdict.reason)
            return None
        self._network.observe(evidence, tick)
        taken = self._tally.take(before, evidence, verdict, cost_usd, tick)
        return self._settle(taken.after, (evidence.depth, taken.attempt), taken.usd)

    def report(self, name: str, calls: Iterable[ReportedCall]) -> StateChange | None:
        """Take in what applications tell of *calls* of their own, oldest first.

        None when their target is not watched, or by another exporter.
        """
        tick, before = self._tick(), self._states.get(name)
        if before is None or not self._is_ours(name):
            return None
        return self._settle(replace(before, traffic=with_calls(before.traffic, calls, tick)))

    def disable(self, name: str, depth: Depth, reason: Reason) -> None:
        """Never probe a target at *depth* again: a command or another exporter has found out why."""
        state = self._states.get(name)
        if state is None:
            saved = self._saved.get(name)
            if saved is not None:
                known = disable(saved.depths.get(depth) or unseen(depth), reason)
                self._saved[name] = replace(saved, depths={**saved.depths, depth: known})
            return
        known = state.depths.get(depth) or unseen(depth)
        if known.disabled is None:
            self._put(StateChange(state, state.with_depth(depth, disable(known, reason))))

    def skip(self, name: str, depth: Depth, reason: SkipReason) -> None:
        """Count a probe that was due and not made."""
        state = self._states.get(name)
        if state is None or not self._is_ours(name):
            return
        known = state.depths.get(depth) or unseen(depth)
        skipped = MappingProxyType({**known.skipped, reason: known.skipped.get(reason, 0) + 1})
        after = state.with_depth(depth, replace(known, skipped=skipped))
        self._put(StateChange(state, after))

    def review(self) -> None:
        """Let time pass: evidence expires, windows open and close, the network recovers.

        Judged again is what is due for it, and all when what all depend on has changed.
        """
        tick = self._tick()
        before, moved_on = self._network.ok, self._network.look(tick)
        if self._tally.review(tick) or self._network.ok is not before:
            self._touch()
        everything = self._deadlines.are_void(self._clock.now(), tick) or moved_on
        for name in tuple(self._states if everything else self._deadlines.take(tick)):
            self._settle(self._states[name])

    @property
    def network_ok(self) -> bool:
        """Whether our own network is beyond doubt."""
        return self._network.ok

    def snapshot(self) -> Snapshot:
        """Return the present state of everything; the same object until something changes."""
        if self._snapshot is None:
            targets = MappingProxyType(dict(self._states))
            self._snapshot = Snapshot(
                self._clock.now(), self._version, targets, self._network.ok, self._pages,
                self._tally.verdicts, self._tally.balances,
            )  # fmt: skip
        return self._snapshot

    def _settle(
        self, state: TargetState, probe: tuple[Depth, Attempt] | None = None, usd: float = 0.0
    ) -> StateChange:
        """Judge *state* at this moment and put it on the board if anything about it changed."""
        name = state.target.name
        now, tick, busy = self._clock.now(), self._tick(), name in self._in_flight
        windows = self._windows.get(name, ())
        current = at_moment(state, windows, self._pages, now, tick, busy)
        if self._is_ours(name):
            others = self._network.others_reached(state.target.account.host, tick)
            doubted = self._network.doubted_until if self._network.ok else tick
            inputs = JudgeInputs(now, tick, doubted, others, self._patience, busy)
            current = moved(current, judge(current, inputs), now)
        else:
            current = replace(current, now=believed(current, tick))
        page = compare(state.page, current.page.word, current.now, now)
        current = current if current.page == page else replace(current, page=page)
        change = StateChange(self._states[name], current, probe, usd)
        if change.after != change.before:
            self._put(change)
        if current.now == change.before.now:  # else judge again soon: one may lead to another
            self._deadlines.put(name, next_change(current, windows, self._pages, now, tick, busy))
        return change

    def report_page(self, report: PageReport) -> tuple[str, ...]:
        """Take in what a status page says; return the targets it has just called unhealthy."""
        self._tick()
        name = report.settings.id
        if self._pages.get(name) == report:
            return ()
        self._pages = MappingProxyType({**self._pages, name: report})
        self._touch()
        those = [s for s in self._states.values() if s.target.page and s.target.page[0] == name]
        healthy = {s.target.name: s.page.word.healthy for s in those}
        after = [self._settle(state).after for state in those]
        unhealthy = [s.target.name for s in after if s.page.word.healthy is False]
        return tuple(name for name in unhealthy if healthy[name] is not False)

    def _put(self, change: StateChange) -> None:
        name = change.after.target.name
        self._states[name] = change.after
        self._deadlines.put(name, PAST)
        self._touch()
        if self._listener is not None and self._is_ours(name):
            self._listener(change)

    def _tick(self) -> Monotonic:
        """Return the monotonic moment, after taking the pauses of this process out of all ages."""
        if stopped := self._stopped():
            self._network.shift(stopped)
            for name in filter(self._is_ours, self._states):
                self._states[name] = without_pause(self._states[name], stopped)
            self._void()
        return self._clock.monotonic()

    def _void(self) -> None:
        """Forget what was worked out from the states: they have changed by another hand."""
        self._deadlines = Deadlines()
        self._tally.learn_keys(self._states.values())
        self._touch()

    def _touch(self) -> None:
        self._version += 1
        self._snapshot = None
