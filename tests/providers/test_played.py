"""Eight services played end to end by the demo world: create, polls, asset, moderation, failure."""

from __future__ import annotations

from typing import Final

import pytest

from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Fault
from tests.drivers.generating import PLACES, exchange, generate

BROKEN: Final = {
    "kling": Reason.SERVER_ERROR,
    "fal": Reason.SERVER_ERROR,
    "replicate": Reason.JOB_FAILED,
    "bfl": Reason.JOB_FAILED,
    "minimax": Reason.SERVER_ERROR,  # the number of an error of theirs
    "comfyui": Reason.JOB_FAILED,
    "pixverse": Reason.JOB_FAILED,
    "runway": Reason.JOB_FAILED,
}
"""What each says of a job that fails is read as."""


@pytest.mark.parametrize("name", BROKEN)
def test_from_the_create_to_the_asset(name: str) -> None:
    """One create with the key, polls until it is done, and what it leads to is a real file."""
    seen, customer, creates = generate(name)

    made = seen.evidence.generation
    assert made is not None
    assert (seen.verdict.reason, seen.verdict.success, creates) == (Reason.OK, True, 1)
    assert made.asset is not None
    assert not made.asset.problem
    assert len(customer.accepted) == 1
    assert made.job_id == customer.accepted[0].id
    assert exchange(seen, "poll").status in (200, 202)
    assert PLACES[name].provider == name
    assert "demo-key" not in repr(seen)


@pytest.mark.parametrize("name", [name for name in BROKEN if name != "comfyui"])
def test_a_prompt_that_is_refused_is_nobodys_outage(name: str) -> None:
    """Our prompt was at fault: the service did its work. ComfyUI looks at no prompt."""
    seen, _, creates = generate(name, "moderated")

    assert (seen.verdict.reason, seen.verdict.fault) == (Reason.PROBE_MODERATED, Fault.CONTENT)
    assert creates == 1


@pytest.mark.parametrize("name", BROKEN)
def test_a_job_that_fails(name: str) -> None:
    """It is the service's failure, and nothing is created again."""
    seen, _, creates = generate(name, "job_fails")

    assert seen.verdict.reason is BROKEN[name]
    assert (seen.verdict.up, creates) == (0, 1)


@pytest.mark.parametrize("name", BROKEN)
def test_a_result_that_nobody_can_fetch(name: str) -> None:
    """It is done and billed, and there is no file."""
    seen, _, creates = generate(name, "asset_missing")

    assert (seen.verdict.reason, seen.verdict.up) == (Reason.ASSET_UNAVAILABLE, 0)
    assert creates == 1
