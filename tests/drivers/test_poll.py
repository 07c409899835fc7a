"""A job is followed through failing polls, lost answers and odd words, at the pace that was asked for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from genmedia_exporter.core.clock import EPOCH, Monotonic
from genmedia_exporter.core.evidence import JobRef, Observation, Role, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Outcome
from genmedia_exporter.demo.media import make_mp4
from genmedia_exporter.drivers.contract import Run
from genmedia_exporter.probing.prober import Prober
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.spending.demand import actual_cost
from genmedia_exporter.targets.model import Target
from tests.drivers.generating import NETWORK, PROMPT, Customer, calls
from tests.drivers.world import KEY, account, provider, target
from tests.transport.server import Received, Script, Server, Writer, answer, hang, reset_after

MP4 = make_mp4(4.0, 64, 48)
JOB: dict[str, Any] = {
    "operation": "video",
    "driver": "async_job",
    "path": "/videos",
    "json": {"model": "{model}", "text": "{prompt}"},
    "id": "/id",
    "poll": {"path": "/videos/{id}", "interval_seconds": 10, "deadline_seconds": 300},
    "status": {"pointer": "/status"},
    "progress": "/progress",
    "output": {"path": "/videos/{id}/content"},
}


def says(http: str = "200 OK", headers: str = "", /, **document: object) -> Script:
    """Answer with a JSON document."""
    return answer(json.dumps(document).encode(), http, headers)


MADE = says(id="v1", status="queued")
RUNNING = says(id="v1", status="in_progress", progress=10)
DONE = says(id="v1", status="completed")
FILE = answer(MP4, headers="content-type: video/mp4\r\n")
NOT_FOUND = says("404 Not Found", error={"message": "no such thing"})
BROKEN = says("500 Internal Server Error", error={"message": "oops"})
RESET = reset_after()


def play(answers: Mapping[str, Sequence[Script]]) -> Script:
    """Play each path's scripts in turn, the last one for ever."""
    left = {path: list(scripts) for path, scripts in answers.items()}

    async def script(request: Received, writer: Writer) -> None:
        scripts = left[request.line.split()[1].partition("?")[0]]
        await (scripts.pop(0) if len(scripts) > 1 else scripts[0])(request, writer)

    return script


def watched(url: str, **job: Any) -> Target:
    """Return a target that generates as JOB says, but for *job*."""
    made = Job.model_validate({**JOB, **job})
    return target(account(url, of=provider(jobs=(made,))), depths=(Depth.GENERATE,), timeout=0.5)


def follow(
    *polls: Script, create: Script = MADE, job: dict[str, Any] | None = None
) -> tuple[Observation, Customer, list[Received]]:
    """Generate once against a service that answers polls by script."""
    customer = Customer()
    paths = {"/v1/videos": [create], "/v1/videos/v1": polls, "/v1/videos/v1/content": [FILE]}
    with Server(play(paths)) as server:
        seen = customer.generate(watched(server.url, **(job or {})))
        return seen, customer, server.received


@pytest.mark.parametrize(
    "polls",
    [
        (BROKEN, BROKEN, BROKEN, BROKEN, DONE),
        (RESET, RUNNING, RESET, RESET, RESET, DONE),
        (says("429 Too Many Requests"), DONE),
        (says("503 Service Unavailable", error="busy"), RUNNING, DONE),
        (NOT_FOUND, NOT_FOUND, NOT_FOUND, DONE),  # 30 s until the service knows its job
        (RUNNING, NOT_FOUND, NOT_FOUND, RUNNING, DONE),  # an inconsistent replica
        (says(status="unknown_to_us"), says(status="task not found"), DONE),
        (says(), answer(b"<html>Sign in</html>"), answer(b""), DONE),
        (says("401 Unauthorized"), DONE),
    ],
)
def test_failing_polls_are_not_the_end(polls: tuple[Script, ...]) -> None:
    """What is over in a while costs nothing but that while."""
    polls = polls if polls[0] is NOT_FOUND else (RUNNING, *polls)
    seen, customer, received = follow(*polls)
    assert seen.verdict.reason is Reason.OK, seen.verdict
    assert calls(seen) == ["create", "poll", "asset"]
    assert customer.clock.monotonic() == pytest.approx(10 * len(polls), abs=0.1)
    assert [r.line.split()[0] for r in received].count("POST") == 1


@pytest.mark.parametrize(
    ("polls", "reason"),
    [
        ((RESET,), Reason.CONNECTION_RESET),
        ((RUNNING, RESET), Reason.CONNECTION_RESET),
        ((BROKEN,), Reason.SERVER_ERROR),
        ((says("429 Too Many Requests"),), Reason.RATE_LIMITED),
        ((answer(b"<html>Sign in</html>"),), Reason.HTML_ANSWER),
        ((says(hello="world"),), Reason.SCHEMA),
        ((NOT_FOUND,), Reason.LOST_JOB),
        ((says("401 Unauthorized"),), Reason.INVALID_KEY),
        ((says(status="levitating"),), Reason.UNKNOWN_WORD),
        ((says(status="queued"),), Reason.QUEUE_TIMEOUT),
        ((RUNNING,), Reason.GENERATION_STUCK),
        ((says(status="in_progress"),), Reason.GENERATION_TIMEOUT),
        ((RUNNING, *[says(status="queued")] * 27, BROKEN), Reason.QUEUE_TIMEOUT),
        ((says(status="completed", error={"message": "it broke"}),), Reason.JOB_FAILED),
        ((says(status="cancelled"),), Reason.JOB_CANCELLED),
        ((says(status="expired"),), Reason.JOB_EXPIRED),
    ],
)
def test_what_is_left_in_the_end(polls: tuple[Script, ...], reason: Reason) -> None:
    """The deadline, the last thing seen again and again, or the job's own end decides."""
    seen, customer, received = follow(*polls)
    assert seen.verdict.reason is reason, seen.verdict
    assert customer.clock.monotonic() <= Monotonic(301)
    assert calls(seen) == ["create", "poll"]
    assert len(received) <= 32
    assert seen.evidence.main.call == "poll"


QUEUED = says(id="v1", status="queued")


@pytest.mark.parametrize(
    ("polls", "queue", "run"),
    [
        ((DONE,), None, 10),  # nobody said that it waited
        ((RUNNING, DONE), None, 20),
        ((QUEUED, RUNNING, DONE), 20, 10),
        ((QUEUED, DONE), 10, 10),  # it cannot have been made in no time
        ((RUNNING, QUEUED, DONE), None, 30),
        ((QUEUED, says(status="cancelled")), 20, None),
        ((QUEUED,), 300, None),
    ],
)
def test_only_what_is_called_queued_is_queue(
    polls: tuple[Script, ...], queue: float | None, run: float | None
) -> None:
    """A quick job that no poll has seen waiting did not wait; together they are the whole time."""
    seen, _, _ = follow(*polls)
    made = seen.evidence.generation
    assert made is not None
    assert made.queue == (None if queue is None else pytest.approx(queue, abs=1))
    assert made.run == (None if run is None else pytest.approx(run, abs=1))


def test_a_bug_while_a_job_is_resumed_makes_it_no_cheaper(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused poll is no refused create: the job was made, whatever we think of the answer."""

    def broken(*_: object) -> Verdict:
        raise RuntimeError("a bug")

    monkeypatch.setattr("genmedia_exporter.probing.prober.classify", broken)
    with Server(play({"/v1/videos/v1": [NOT_FOUND]})) as server:
        customer = Customer()
        prober = Prober(NETWORK, customer.clock)
        run = customer.run(JobRef("v1", customer.clock.now()))
        seen = asyncio.run(prober.generate(watched(server.url), run))
    assert seen.verdict.reason is Reason.PROBE_ERROR
    assert seen.evidence.exchanges[0].status == 404
    assert actual_cost(seen.evidence, 0.4) == 0.4


def test_progress_that_moves_is_not_stuck() -> None:
    """Late, but it did what it could: running at the deadline with news in the second half."""
    polls = [says(status="in_progress", progress=f"{n}%") for n in range(1, 90)]
    seen, customer, _ = follow(*polls)
    assert seen.verdict.reason is Reason.GENERATION_TIMEOUT
    shares = [share for phase, share in customer.progress if phase == "run"]
    assert shares[:3] == [0.01, 0.02, 0.03]


def test_retry_after_is_honoured() -> None:
    """A service that asks for a pause gets it, and not beyond the deadline."""
    slow = says("429 Too Many Requests", "retry-after: 70\r\n")
    seen, customer, _ = follow(slow, DONE)
    assert seen.verdict.reason is Reason.OK
    assert customer.clock.monotonic() == pytest.approx(80, abs=0.1)
    never = says("429 Too Many Requests", "retry-after: 86400\r\n")
    seen, customer, received = follow(never)
    assert seen.verdict.reason is Reason.RATE_LIMITED
    assert customer.clock.monotonic() == pytest.approx(300, abs=0.1)
    assert len(received) == 3


def test_a_job_that_is_resumed_late_is_not_given_up_at_a_blip() -> None:
    """What is paid for is asked after three times, however long we were away."""
    paths = {"/v1/videos/v1": [RESET, BROKEN, DONE], "/v1/videos/v1/content": [FILE]}
    with Server(play(paths)) as server:
        customer = Customer()
        seen = customer.generate(watched(server.url), JobRef("v1", EPOCH))
    assert seen.verdict.reason is Reason.OK, seen.verdict
    assert customer.clock.monotonic() == pytest.approx(20, abs=0.1)
    with Server(RESET) as server:
        seen = customer.generate(watched(server.url), JobRef("v1", EPOCH))
        assert len(server.received) == 3
    assert seen.verdict.reason is Reason.CONNECTION_RESET


def test_the_job_is_told_of_before_it_is_asked_after() -> None:
    """Whoever keeps the books knows the id even if the first poll never returns."""
    told: list[int] = []
    with Server(
        play({"/v1/videos": [MADE], "/v1/videos/v1": [DONE], "/v1/videos/v1/content": [FILE]})
    ) as server:
        customer = Customer()

        async def accept(ref: JobRef) -> None:
            told.append(len(server.received))
            assert ref == JobRef("v1", customer.clock.now())

        prober = Prober(NETWORK, customer.clock)
        run = Run(customer.clock, "{model} {id} {prompt}", accept)
        asyncio.run(prober.generate(watched(server.url), run))
        assert told == [1]
        # A prompt is data: nothing in it is filled in.
        assert json.loads(server.received[0].body) == {
            "model": "veo3",
            "text": "{model} {id} {prompt}",
        }


def test_books_that_cannot_be_kept() -> None:
    """A bug beside the driver ends the probe as one, after a single create."""
    with Server(play({"/v1/videos": [MADE]})) as server:

        async def accept(ref: JobRef) -> None:
            raise OSError("disk full")

        customer = Customer()
        prober = Prober(NETWORK, customer.clock)
        seen = asyncio.run(prober.generate(watched(server.url), Run(customer.clock, "x", accept)))
        assert len(server.received) == 1
    assert seen.verdict.reason is Reason.PROBE_ERROR
    assert seen.evidence.depth is Depth.GENERATE


@pytest.mark.parametrize(
    ("create", "reason"),
    [
        (says(id=""), Reason.SCHEMA),
        (says(id="../../admin"), Reason.SCHEMA),
        (says(status="queued", job="v1"), Reason.SCHEMA),
        (says("400 Bad Request", error={"code": "invalid_value"}), Reason.INVALID_REQUEST),
        (says("402 Payment Required"), Reason.QUOTA_EXHAUSTED),
        (says(id="x", error={"message": "insufficient balance"}), Reason.UPSTREAM_QUOTA),
    ],
)
def test_a_create_that_makes_no_job_we_can_name(create: Script, reason: Reason) -> None:
    """Nothing is asked after, and acceptance alone is no success."""
    polls = says("404 Not Found")
    seen, customer, received = follow(polls, create=create)
    if "x" not in [ref.id for ref in customer.accepted]:
        assert seen.verdict.reason is reason, seen.verdict
        assert len(received) == 1
    assert seen.verdict.outcome is not Outcome.SUCCESS


@pytest.mark.parametrize("own", [True, False])
def test_addresses_that_a_service_gives(own: bool) -> None:
    """Used where they lead to the service itself; the key goes nowhere else."""
    told: list[str] = []

    async def create(request: Received, writer: Writer) -> None:
        await says(id="v1", ask=told[0], get=told[0] + "/r")(request, writer)

    job = {
        "poll_url": "/ask",
        "output": {"result_url": "/get", "path": "/videos/{id}/result", "pointer": "/data"},
        "cancel": {"method": "PUT", "path": "/off/{id}", "url": "/stop", "states": ["succeeded"]},
    }
    paths: dict[str, Sequence[Script]] = {
        "/v1/videos": [create],
        "/given": [says(status="completed", stop="http://127.0.0.1:1/evil")],
        "/given/r": [says(data="/file.mp4")],
        "/v1/videos/v1": [DONE],
        "/v1/videos/v1/result": [says(data="/file.mp4")],
        "/file.mp4": [FILE],
        "/v1/off/v1": [says()],
    }
    with Server(play(paths)) as server, Server(hang) as other:
        told.append(f"{(server if own else other).url}/given")
        seen = Customer().generate(watched(server.url, **job))
        assert not other.received
        lines = [r.line.split()[1] for r in server.received]
        assert all(r.headers["authorization"] == f"Bearer {KEY}" for r in server.received)
    assert seen.verdict.reason is Reason.OK, seen.verdict
    middle = ["/given", "/given/r"] if own else ["/v1/videos/v1", "/v1/videos/v1/result"]
    assert lines == ["/v1/videos", *middle, "/file.mp4", "/v1/off/v1"]
    assert calls(seen, Role.PROBE) == ["create", "poll", "result"]


def test_a_job_that_nobody_could_follow_is_never_made() -> None:
    """A provider file that does not say how to ask buys nothing."""
    for lack in ("id", "poll", "status", "output"):
        with Server(MADE) as server:
            seen = Customer().generate(watched(server.url, **{lack: None}))
            assert not server.received, lack
        assert seen.verdict.reason is Reason.PROBE_ERROR


def test_the_prompt_is_the_runs() -> None:
    """What is asked for is what the caller chose."""
    _, _, received = follow(DONE)
    assert json.loads(received[0].body)["text"] == PROMPT


def test_a_key_that_is_told_back_is_not_kept() -> None:
    """Not in the evidence of a paid probe either, nor in its message."""
    failed = says(status="failed", error={"message": f"key {KEY} is odd", "code": "internal"})
    seen, _, _ = follow(failed)
    assert seen.verdict.up == 0
    assert KEY not in repr(seen)


def test_a_poll_that_is_no_json_is_no_state() -> None:
    """Where done is a boolean, a web page is not "still running"."""
    job = {"status": {"done": "/done"}, "progress": None}
    seen, _, _ = follow(says(), answer(b"<html>Sign in</html>"), job=job)
    assert seen.verdict.reason is Reason.HTML_ANSWER
    seen, _, _ = follow(says(), answer(b"oops"), says(done=True), job=job)
    assert seen.verdict.reason is Reason.OK
    seen, _, _ = follow(says(), says(done=True, error={"code": 13, "message": "x"}), job=job)
    assert seen.verdict.reason is Reason.JOB_FAILED
