"""What an incident is shown by, and what to use meanwhile."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from genmedia_exporter.core.evidence import Observation
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Fault, Status
from genmedia_exporter.health.failures import FailureLog
from genmedia_exporter.health.state import Judgement, TargetState
from genmedia_exporter.incidents.evidence import exhibit_of, with_exhibits, with_substitutes
from genmedia_exporter.incidents.merge import MOST_EXHIBITS
from genmedia_exporter.routing.substitute import Substitutes
from tests.incidents.samples import incident, member
from tests.metrics.samples import AT, CANARY, healthy, snapshot, target, verdict
from tests.web.site import observation

DOWN = Judgement(Status.DOWN, Reason.SERVER_ERROR, Fault.PROVIDER, 0)


def failures(*reasons: Reason) -> FailureLog:
    """Return failures of one target, a second after another."""
    log = FailureLog()
    for number, reason in enumerate(reasons):
        seen = observation("a", Depth.REACH)
        main = replace(seen.evidence.main, headers={"X-Request-Id": f"req_{number}", "cf-ray": "r"})
        evidence = replace(seen.evidence, at=AT + number, exchanges=(main,))
        log.add(target("a"), Observation(evidence, verdict(reason)))
    return log


def state(name: str, family: str, now: Judgement | None = None) -> TargetState:
    """Return a target that works, or is as *now* says."""
    known = healthy(name)
    return replace(known, target=replace(known.target, family=family), now=now or known.now)


def test_each_reason_is_shown_once_and_nothing_of_others_faults() -> None:
    """With the vendor's request id, cut and redacted."""
    log = failures(Reason.SERVER_ERROR, Reason.SERVER_ERROR, Reason.INVALID_KEY, Reason.OVERLOADED)
    one = incident(members=MappingProxyType({"a": member("a")}), exhibits=())
    found = with_exhibits(one, log.of)
    assert [each.reason for each in found.exhibits] == [Reason.SERVER_ERROR, Reason.OVERLOADED]
    assert found.exhibits[0].request_id == "x-request-id: req_0"
    assert CANARY not in str(found.exhibits)
    assert with_exhibits(found, log.of) is found
    assert len(exhibit_of(log.of("a")[0]).body) <= 2_000


def test_an_earlier_trouble_is_no_evidence() -> None:
    """Of another reason, more than a minute before; of the same, ten."""
    log = failures(Reason.SERVER_ERROR, Reason.OVERLOADED)

    def reasons(begin: float) -> set[Reason]:
        one = incident(
            members=MappingProxyType({"a": member("a")}), exhibits=(), begin=AT + 1 + begin
        )
        return {each.reason for each in with_exhibits(one, log.of).exhibits}

    assert reasons(60) == {Reason.SERVER_ERROR, Reason.OVERLOADED}
    assert reasons(61) == {Reason.SERVER_ERROR}
    assert reasons(600) == set()


def test_a_new_reason_finds_a_place_where_there_is_none() -> None:
    """Full of one reason's targets, it takes a new reason in, and nothing else."""
    (known,) = incident().exhibits
    full = tuple(replace(known, target=f"t{n}", id=f"{n}", at=AT - n) for n in range(MOST_EXHIBITS))
    one = incident(members=MappingProxyType({"a": member("a")}), exhibits=full)
    assert with_exhibits(one, failures(Reason.SERVER_ERROR).of) is one
    after = with_exhibits(one, failures(Reason.OVERLOADED).of)
    assert len(after.exhibits) == MOST_EXHIBITS
    assert Reason.OVERLOADED in {each.reason for each in after.exhibits}


def test_what_to_use_stays_while_it_is_usable() -> None:
    """But makes way for the same model; and is still told when all are well again."""
    sick, other = state("sora-2-official", "sora-2", DOWN), state("veo", "veo-3.1")
    alike = state("sora-2-relay", "sora-2")
    one = incident(substitutes=())

    def use(*states: TargetState) -> list[str]:
        nonlocal one
        board = snapshot(sick, *states)
        one = with_substitutes(one, board, Substitutes(board))
        return [each.target for each in one.substitutes]

    assert use(other) == ["veo"]
    assert use(state("aaa", "veo-3.1"), other) == ["veo"]
    assert use(alike, other) == ["sora-2-relay"]
    assert use(replace(alike, now=DOWN), other) == ["veo"]
    assert use(replace(other, now=DOWN)) == []
    assert use(other) == ["veo"]
    one = replace(one, members=MappingProxyType({"a": member("a", until=AT)}))
    assert use(replace(other, now=DOWN)) == ["veo"]
