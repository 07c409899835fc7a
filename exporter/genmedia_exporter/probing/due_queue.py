"""Which depth of which target is due when: a heap of moments with lazy deletion."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

from genmedia_exporter.core.clock import Monotonic
from genmedia_exporter.core.status import Depth

Key = tuple[str, Depth]
"""A target's name and a depth."""


class DueQueue:
    """Holds at most one due moment (monotonic seconds) for each key."""

    def __init__(self) -> None:
        self._heap: list[tuple[Monotonic, str, Depth]] = []
        self._due: dict[Key, Monotonic] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._due

    def put(self, key: Key, due: Monotonic) -> None:
        """Plan *key* for *due*, in place of any moment it had."""
        self._due[key] = due
        heapq.heappush(self._heap, (due, *key))

    def keep(self, wanted: Callable[[str, Depth], bool]) -> None:
        """Forget every key that *wanted* refuses."""
        self._due = {key: due for key, due in self._due.items() if wanted(*key)}
        self._heap = [(due, *key) for key, due in self._due.items()]
        heapq.heapify(self._heap)

    def next_due(self) -> Monotonic | None:
        """Return the earliest moment in the plan, perhaps one that was replaced since."""
        return self._heap[0][0] if self._heap else None

    def pop_due(self, tick: Monotonic) -> Iterator[tuple[Key, Monotonic]]:
        """Take out and yield every key that is due at *tick*, earliest first."""
        while self._heap and self._heap[0][0] <= tick:
            due, name, depth = heapq.heappop(self._heap)
            if self._due.get((name, depth)) == due:
                del self._due[(name, depth)]
                yield (name, depth), due
