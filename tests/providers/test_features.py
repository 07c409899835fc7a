"""What a provider file can say of awkward wires, played through the real drivers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from textwrap import dedent
from uuid import UUID

import pytest

from genmedia_exporter.config.problems import Problems
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Operation
from genmedia_exporter.demo.media import make_mp4
from genmedia_exporter.probing.replay import Played, Question, play
from genmedia_exporter.providers.loader import parse_provider
from genmedia_exporter.transport.replay import Reply

VIDEO = Reply(200, make_mp4(4, 64, 64), {"content-type": "video/mp4"})
START = """
name: acme
title: Acme
kind: direct
base_url: https://api.acme.example
calls:
  - {id: models, depth: reach, path: /models, proves: [edge], source: test}
"""
JOB = """
jobs:
  - operation: video
    driver: async_job
    path: /videos
    json: {prompt: "{prompt}"}
    id: /id
    poll: {path: "/videos/{id}"}
    status: {pointer: /state, words: {running: [busy], succeeded: [ready], failed: [broken]}}
    output: {pointer: /url}
"""
READY = Reply(200, b'{"state": "ready", "url": "https://cdn.acme.example/v.mp4"}')


def played(text: str, *replies: Reply, depth: Depth = Depth.GENERATE) -> Played:
    """Return what comes of the answers at a service described by *text*."""
    provider = parse_provider(dedent(text), "acme.yml")
    return asyncio.run(play(provider, Question("m", Operation.VIDEO, depth), replies))


def asked(seen: Played) -> Sequence[str]:
    """Return the addresses that were asked."""
    return [sent.url for sent in seen.sent]


@pytest.mark.parametrize(
    ("given", "address", "key"),
    [
        ("https://eu.acme.ai/poll?id=j", "https://eu.acme.ai/poll?id=j", True),
        ("https://deep.eu.acme.ai/p", "https://deep.eu.acme.ai/p", True),
        ("/v9/poll/j", "https://api.acme.example/v9/poll/j", True),
        ("http://eu.acme.ai/poll", "https://api.acme.example/videos/j1", True),
        ("https://acme.ai.evil.example/poll", "https://api.acme.example/videos/j1", True),
        ("https://eu.acme.ai:8443/poll", "https://api.acme.example/videos/j1", True),
        ("//evil.example/poll", "https://api.acme.example/videos/j1", True),
        ("nonsense", "https://api.acme.example/videos/j1", True),
    ],
)
def test_an_address_that_an_answer_gives(given: str, address: str, key: bool) -> None:
    """It is asked with the key at trusted hosts by https, and nowhere else: the template stands in."""
    text = f'{START}hosts: ["*.acme.ai"]{JOB}    poll_url: /poll'
    created = Reply(200, f'{{"id": "j1", "poll": "{given}"}}'.encode())
    seen = played(text, created, READY, VIDEO)
    assert seen.verdict.reason is Reason.OK
    assert seen.sent[1].url == address
    assert ("authorization" in seen.sent[1].headers) is key
    assert "authorization" not in seen.sent[2].headers  # the result lies elsewhere


@pytest.mark.parametrize("host", ["*", "*.ai", "ai", "acme.ai/x", "*.*.ai"])
def test_no_host_is_too_wide(host: str) -> None:
    """A whole top-level domain is nobody."""
    with pytest.raises(Problems):
        parse_provider(f'{START}hosts: ["{host}"]', "acme.yml")


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("1", Reason.OK),
        ("1.0", Reason.OK),
        ("8", Reason.JOB_FAILED),
        ("7", Reason.PROBE_MODERATED),
        ("7.5", Reason.SCHEMA),
    ],
)  # fmt: skip
def test_numbers_as_states(state: str, reason: Reason) -> None:
    """PixVerse says 1 for done; it is written "1"."""
    words = '{running: ["5"], succeeded: ["1"], failed: ["8"], moderated: ["7"]}'
    text = (START + JOB).replace("{running: [busy], succeeded: [ready], failed: [broken]}", words)
    done = Reply(200, f'{{"state": {state}, "url": "https://cdn.acme.example/v.mp4"}}'.encode())
    seen = played(text, Reply(200, b'{"id": 77}'), Reply(200, b'{"state": 5}'), done, VIDEO)
    assert seen.verdict.reason is reason
    assert asked(seen)[1] == "https://api.acme.example/videos/77"


KEYED = """
    status:
      pointer: /state
      words: {running: [busy], succeeded: [ready], failed: [broken]}
      errors: {failed: {code: /task/why, message: /task/said}}
"""
RULES = 'rules: [{id: theirs, when: {code: ["7"]}, means: overloaded, source: test}]\n'
STATUS = "    status: {pointer: /state, words: {running: [busy], succeeded: [ready], failed: [broken]}}\n"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ('{"state": "broken", "message": "OK", "task": {"why": "7", "said": "x"}}', "overloaded"),
        ('{"state": "broken", "message": "OK", "task": {"said": "unsafe content"}}', "moderated"),
        ('{"state": "broken", "message": "OK"}', "failed"),
    ],
)
def test_an_error_that_stands_elsewhere_in_a_state(answer: str, reason: str) -> None:
    """Of a failed job it is read where the file says, before the places that hold for every answer."""
    text = (START + RULES + JOB).replace(STATUS, KEYED)
    seen = played(text, Reply(200, b'{"id": "j"}'), Reply(200, answer.encode()))
    assert reason in str(seen.verdict.reason)


def test_the_error_of_another_state_is_not_read() -> None:
    """What stands there while the job runs is no error."""
    text = (START + RULES + JOB).replace(STATUS, KEYED)
    busy = Reply(200, b'{"state": "busy", "task": {"why": "7", "said": "in line"}}')
    seen = played(text, Reply(200, b'{"id": "j"}'), busy, READY, VIDEO)
    assert seen.verdict.reason is Reason.OK


def test_flags_as_states() -> None:
    """true and false are words, too."""
    words = '{running: ["false"], succeeded: ["true"]}'
    text = (START + JOB).replace("{running: [busy], succeeded: [ready], failed: [broken]}", words)
    done = Reply(200, b'{"state": true, "url": "https://cdn.acme.example/v.mp4"}')
    seen = played(text, Reply(200, b'{"id": "j"}'), Reply(200, b'{"state": false}'), done, VIDEO)
    assert seen.verdict.reason is Reason.OK


CAPTURES = (START + JOB).replace(
    "output: {pointer: /url}",
    'captures: {file: /file_id}\n    output: {path: "/files?id={file}", pointer: /url}',
)


def test_a_value_is_taken_into_the_next_step() -> None:
    """The result has an id of its own, and another call tells where it lies."""
    done = Reply(200, b'{"state": "ready", "file_id": 205}')
    where = Reply(200, b'{"url": "https://cdn.acme.example/v.mp4"}')
    seen = played(CAPTURES, Reply(200, b'{"id": "j"}'), done, where, VIDEO)
    assert seen.verdict.reason is Reason.OK
    assert asked(seen)[2] == "https://api.acme.example/files?id=205"


def test_a_value_does_not_lead_out_of_its_place() -> None:
    """An answer cannot make a path of it."""
    done = Reply(200, b'{"state": "ready", "file_id": "../../admin"}')
    seen = played(CAPTURES, Reply(200, b'{"id": "j"}'), done, Reply(404, b"{}"))
    assert not [url for url in asked(seen) if "admin" in url]


def test_a_capture_fills_the_output_only() -> None:
    """Before the job has succeeded there is nothing to take."""
    with pytest.raises(Problems, match=r"nothing fills \{file\}"):
        parse_provider(CAPTURES.replace("/videos/{id}", "/videos/{id}/{file}"), "acme.yml")


FILED = (START + JOB).replace("pointer: /state, words", 'pointer: "/*/status", absent: running, words').replace("pointer: /url", 'pointer: "/*/outputs/*/url"')  # fmt: skip


def test_a_result_under_the_id_of_its_job() -> None:
    """ComfyUI: an empty object until it is done, then everything under the id."""
    done = Reply(
        200,
        b'{"j1": {"status": "ready", "outputs": {"9": {"url": "https://cdn.acme.example/v.mp4"}}}}',
    )
    seen = played(FILED, Reply(200, b'{"id": "j1"}'), Reply(200, b"{}"), done, VIDEO)
    assert seen.verdict.reason is Reason.OK
    late = played(FILED, Reply(200, b'{"id": "j1"}'), Reply(200, b"{}"))
    assert late.verdict.reason is Reason.GENERATION_TIMEOUT


def test_a_new_id_for_each_request() -> None:
    """In headers and bodies, never the same twice; and the time, in seconds."""
    text = START + 'headers: {Trace-Id: "{uuid}", At: "{now}"}' + JOB
    busy = Reply(200, b'{"state": "busy"}')
    seen = played(text, Reply(200, b'{"id": "j"}'), busy, READY, VIDEO)
    traces = [UUID(sent.headers["trace-id"]) for sent in seen.sent[:3]]
    assert len(set(traces)) == 3
    assert seen.sent[0].headers["at"].isdigit()


CHILD = """
name: acme
title: Acme
extends: kling
base_url: https://kling.acme.example
quirks: ["2026-11-29: none"]
rules:
  - {id: package, when: {code: ["1102"]}, means: daily_quota, source: test}
"""


def test_a_file_that_extends_another() -> None:
    """It takes what it does not say; a rule of the same name stands instead of the parent's."""
    child = parse_provider(CHILD, "acme.yml")
    parent = parse_provider(CHILD.replace("package", "own"), "acme.yml")
    assert child.envelope == parent.envelope is not None
    assert child.jobs
    assert child.quirks == ("2026-11-29: none",)
    assert [rule.id for rule in child.rules].count("package") == 1
    assert child.rules[0].means is Reason.DAILY_QUOTA
    assert child.base_url == "https://kling.acme.example"
    assert len(parent.rules) == len(child.rules) + 1


@pytest.mark.parametrize("parent", ["klingg", "./kling.yml", "[kling]"])
def test_only_a_built_in_provider_is_extended(parent: str) -> None:
    """Anything else is a problem, with its place."""
    with pytest.raises(Problems, match=r"acme.yml:4:10: extends: it extends a built-in provider"):
        parse_provider(CHILD.replace("extends: kling", f"extends: {parent}"), "acme.yml")
