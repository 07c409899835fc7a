"""Which fault is in force at each service: what people asked for, before what the story says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from genmedia_exporter.demo.faults import make_fault
from genmedia_exporter.demo.story import Scene, Story
from genmedia_exporter.demo.transport import Fault

__all__ = ["Troubles"]

LONGEST_DURATION = 86_400.0


@dataclass(frozen=True)
class _Asked:
    fault: Fault
    until: float | None


class Troubles:
    """Faults by service. A fault that was asked for hides the story's; lifting one heals both."""

    def __init__(
        self, kinds: Mapping[str, frozenset[str]], clock: Callable[[], float], story: Story
    ) -> None:
        self._kinds = kinds
        self._clock = clock
        self._story = story
        self._asked: dict[str, _Asked] = {}
        self._healed: dict[str, tuple[int, Scene]] = {}

    def put(
        self,
        service: str,
        kind: str,
        duration_s: object = None,
        options: Mapping[str, object] | None = None,
    ) -> Fault:
        """Put a fault in force, for `duration_s` seconds or until it is lifted.

        Raises ValueError that lists the services, kinds or options that exist.
        """
        self.known(service)
        fault = make_fault(kind, options or {})
        if kind not in self._kinds[service]:
            kinds = ", ".join(sorted(self._kinds[service]))
            raise ValueError(f"{service} cannot show {kind!r}; it can: {kinds}")
        self._asked[service] = _Asked(fault, self._until(duration_s))
        return fault

    def known(self, service: str) -> None:
        """Raises ValueError listing the services when there is none of that name."""
        if service not in self._kinds:
            raise ValueError(f"no service {service!r}; there are: {', '.join(self._kinds)}")

    def _until(self, duration_s: object) -> float | None:
        if duration_s is None:
            return None
        number = float(duration_s) if isinstance(duration_s, int | float) else 0.0
        if isinstance(duration_s, bool) or not 0 < number <= LONGEST_DURATION:
            raise ValueError(f"duration_s must be a number above 0, at most {LONGEST_DURATION:g}")
        return self._clock() + number

    def lift(self, service: str) -> None:
        """End the fault asked for, and cut the story's present scene there short.

        Raises ValueError listing the services when there is none of that name.
        """
        self.known(service)
        self._asked.pop(service, None)
        for scene in self._scenes(service):
            self._healed[service] = self._story.visit(scene)

    def current(self, service: str) -> Fault | None:
        """The fault in force at the service now, if any."""
        asked = self._asked.get(service)
        if asked and (asked.until is None or self._clock() < asked.until):
            return asked.fault
        self._asked.pop(service, None)
        for scene in self._scenes(service):
            if self._healed.get(service) != self._story.visit(scene):
                return scene.fault
        return None

    def _scenes(self, service: str) -> list[Scene]:
        return [scene for scene in self._story.in_force() if scene.service == service]
