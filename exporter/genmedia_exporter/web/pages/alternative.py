"""What to use instead of a target that is broken: the best usable one of the same operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from genmedia_exporter.config.schema import Policy
from genmedia_exporter.core.status import Operation
from genmedia_exporter.health.state import Snapshot, TargetState
from genmedia_exporter.report.formatting import percent
from genmedia_exporter.routing.ranking import BUILT_IN, Candidate, Uptime, no_uptime
from genmedia_exporter.routing.substitute import Substitutes
from genmedia_exporter.spending.limits import dollars
from genmedia_exporter.web.pages.style import plain_word
from genmedia_exporter.words.language import say


@dataclass(frozen=True, slots=True)
class Alternative:
    """A usable target, and what speaks for it: "$0.34 a clip, 100 % this week"."""

    name: str
    facts: str


class Alternatives:
    """Answers for many targets of one snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        policies: Mapping[str, Policy] = BUILT_IN,
        uptime: Uptime = no_uptime,
    ) -> None:
        self._substitutes = Substitutes(snapshot, policies, uptime)

    def of(self, state: TargetState) -> Alternative | None:
        """Return the best target to use instead of *state*; None: there is none."""
        found = self._substitutes.of(state)
        return Alternative(found.name, _facts(found)) if found else None


def _facts(one: Candidate) -> str:
    facts = []
    if one.price is not None:
        usd = dollars(round(one.price, 6))
        is_image = one.operation is Operation.IMAGE
        facts.append(say("{usd} an image", usd=usd) if is_image else say("{usd} a clip", usd=usd))
    if one.uptime is not None:
        facts.append(say("{ratio} this week", ratio=percent(one.uptime)))
    return say(", ").join(facts) or say(plain_word(one.status))
