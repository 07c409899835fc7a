"""Every fault kind at every service: the promised signature on the wire, and no slip."""

from typing import Any

import httpx2 as httpx
import pytest

from genmedia_exporter.demo.faults import KINDS, make_fault

BROKEN = {
    "reset": (httpx.TransportError,),
    "reset_midbody": (httpx.ReadError, httpx.RemoteProtocolError),
    "truncated": (httpx.RemoteProtocolError,),
    "garbage": (httpx.RemoteProtocolError,),
}
SMALL = {"bomb": {"megabytes": 8}, "flood": {"megabytes": 2}}


@pytest.mark.parametrize("kind", list(BROKEN))
def test_broken_transport(visitor: Any, service: str, kind: str) -> None:
    """Each break reaches the client as an error of transport, never as an answer."""
    visitor.world.set_fault(service, kind)
    with pytest.raises(BROKEN[kind]):
        visitor.reach(service)


def test_hang_never_answers(visitor: Any, service: str) -> None:
    """The request is taken; nothing comes back."""
    visitor.world.set_fault(service, "hang")
    with pytest.raises(httpx.ReadTimeout):
        visitor.client.get(f"{visitor.world.url}/{service}/", timeout=0.1)
    assert visitor.world.ledger[service].requests == 1


def test_strange_answers(visitor: Any, service: str) -> None:
    """Edges, proxies and half a JSON: the answers that are not the vendor's."""
    seen = {}
    for kind in ("html", "edge_502", "challenge", "redirect", "empty", "bad_json"):
        visitor.world.set_fault(service, kind)
        seen[kind] = visitor.reach(service)
    assert [a.status_code for a in seen.values()] == [200, 502, 403, 302, 200, 200]
    assert seen["html"].headers["content-type"].startswith("text/html")
    assert "nginx" in seen["edge_502"].text
    assert "x-fal-request-id" not in seen["edge_502"].headers
    assert seen["challenge"].headers["cf-mitigated"] == "challenge"
    assert seen["redirect"].headers["location"] == "http://127.0.0.1:9/elsewhere"
    assert seen["empty"].content == b""
    with pytest.raises(ValueError, match=r"Unterminated|JSON|Expecting"):
        seen["bad_json"].json()


def test_late_and_slow_answers_are_right(visitor: Any, service: str) -> None:
    """slow waits before the answer, trickle before each byte; both end in the usual answer."""
    usual = len(visitor.reach(service).content)
    visitor.world.set_fault(service, "slow", seconds=2.5)
    assert visitor.reach(service).status_code == 200
    assert visitor.time.waits == [2.5]
    visitor.world.set_fault(service, "trickle")
    assert abs(len(visitor.reach(service).content) - usual) < 20
    assert visitor.time.waits.count(1.0) >= usual - 20


def test_bomb_and_flood(visitor: Any) -> None:
    """Few bytes that grow to many, and many bytes without a promise of how many."""
    visitor.world.set_fault("fal", "bomb", megabytes=8)
    with visitor.client.stream("GET", f"{visitor.world.url}/fal/") as answer:
        packed = b"".join(answer.iter_raw())
    assert len(packed) < 64 * 1024
    assert len(visitor.client.get(f"{visitor.world.url}/fal/").content) == 8 * 1024 * 1024
    visitor.world.set_fault("fal", "flood", megabytes=2)
    answer = visitor.client.get(f"{visitor.world.url}/fal/")
    assert "content-length" not in answer.headers
    assert len(answer.content) == 2 * 1024 * 1024


def test_every_kind_leaves_the_world_standing(visitor: Any, service: str) -> None:
    """Free call, rejected create, good create, under each kind in turn: never a slip."""
    kinds = visitor.world.services[service].kinds - {"hang", "flood", "bomb", "trickle"}
    endless = ("job_stuck", "job_queued_forever", "job_unknown_word")
    for kind in sorted(kinds):
        if kind in endless and service.endswith("-reverse") and "sora" in service:
            continue
        visitor.world.set_fault(service, kind)
        for call in (visitor.reach, visitor.validate, visitor.create):
            try:
                assert call(service).status_code < 600
            except httpx.TransportError:
                assert kind in BROKEN
    assert visitor.world.ledger.slips == 0


def test_flaky_fails_in_its_ratio(visitor: Any) -> None:
    """Seeded: some calls fail, some do not, and the ends of the range are exact."""
    for ratio, fewest, most in ((0.0, 0, 0), (0.5, 5, 35), (1.0, 40, 40)):
        visitor.world.set_fault("kling", "flaky", ratio=ratio)
        failed = sum(visitor.reach("kling").status_code == 500 for _ in range(40))
        assert fewest <= failed <= most


@pytest.mark.parametrize(
    "kind",
    ["job_fails", "moderated", "job_stuck", "job_queued_forever", "job_unknown_word", "job_lost"],
)
def test_jobs_go_wrong(visitor: Any, kind: str) -> None:
    """The create is accepted and paid; only the poll shows what became of it."""
    expected = {
        "job_fails": ("failed", "internal_error"),
        "moderated": ("failed", "moderation_blocked"),
        "job_stuck": ("in_progress", None),
        "job_queued_forever": ("queued", None),
        "job_unknown_word": ("levitating", None),
        "job_lost": (None, "error"),
    }[kind]
    visitor.world.set_fault("sora-2-official", kind)
    job = visitor.create("sora-2-official").json()["id"]
    visitor.time.now += 99
    body = visitor.get("sora-2-official", f"/v1/videos/{job}").json()
    if kind == "job_lost":
        assert body["error"]["type"] == "invalid_request_error"
        return
    assert body["status"] == expected[0]
    assert (body["error"] or {}).get("code") == expected[1]
    assert visitor.world.ledger["sora-2-official"].usd == 0.40


@pytest.mark.parametrize("kind", ["asset_missing", "asset_truncated", "asset_html", "asset_blank"])
def test_assets_go_wrong(visitor: Any, kind: str) -> None:
    """The job completes; the file is missing, cut, a page, or empty of content."""
    visitor.world.set_fault("sora-2-official", kind)
    job = visitor.create("sora-2-official").json()["id"]
    visitor.time.now += 99
    assert visitor.get("sora-2-official", f"/v1/videos/{job}").json()["status"] == "completed"
    file = visitor.get("sora-2-official", f"/v1/videos/{job}/content")
    told = {
        "asset_missing": file.status_code == 404 and "not accessible" in file.text,
        "asset_truncated": file.content[4:8] == b"ftyp" and len(file.content) == 200,
        "asset_html": file.headers["content-type"].startswith("text/html"),
        "asset_blank": file.content.endswith(b"\x00\x00\x00\x08mdat"),
    }
    assert told[kind]


@pytest.mark.parametrize(
    "name",
    ["sora-2-official", "veo-3.1-reverse", "kling", "dashscope", "gemini-omni", "openai-image"],
)
def test_validator_accepts_what_it_must_reject(visitor: Any, name: str) -> None:
    """The alarm of the accept depth: a create that should have been refused was bought."""
    visitor.world.set_fault(name, "accepts_invalid")
    assert visitor.validate(name).status_code == 200
    assert visitor.world.ledger[name].creates == 1
    assert visitor.world.ledger[name].usd > 0


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("nonsense", {}),
        ("slow", {"seconds": 1e9}),
        ("slow", {"seconds": float("nan")}),
        ("slow", {"seconds": "3"}),
        ("slow", {"seconds": True}),
        ("slow", {"minutes": 3}),
        ("redirect", {"to": "gopher://x"}),
        ("redirect", {"to": "http://x\r\nSet-Cookie: a"}),
        ("risk_control", {"words": "loud"}),
    ],
)
def test_options_are_checked(kind: str, options: dict[str, object]) -> None:
    """A wrong kind, option or value is refused with what there is."""
    with pytest.raises(ValueError, match=r"there are|must be"):
        make_fault(kind, options)


def test_every_kind_says_what_it_means() -> None:
    """The table is keyed by name, and each line is written for people."""
    for name, kind in KINDS.items():
        assert kind.name == name
        assert 8 < len(kind.meaning) < 100


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        ("job_stuck", "25% (processing)"),
        ("job_queued_forever", "0% (queued)"),
        ("job_unknown_word", "25% (levitating)"),
    ],
)
def test_streams_that_never_end(visitor: Any, kind: str, last: str) -> None:
    """A pooled generation that stalls keeps its stream open and says nothing more."""
    visitor.world.set_fault("sora-2-reverse", kind)
    ask, heard = visitor.ask("sora-2-reverse"), []
    url = f"{visitor.world.url}/sora-2-reverse{ask.create}"
    request = visitor.client.stream("POST", url, json=ask.good, headers=ask.key, timeout=0.3)
    with request as answer, pytest.raises(httpx.ReadTimeout):
        heard.extend(answer.iter_lines())
    assert last in "".join(heard)
    assert "[DONE]" not in "".join(heard)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("job_fails", "generation failed"), ("moderated", "Content policy violation")],
)
def test_failures_inside_a_good_stream(visitor: Any, kind: str, said: str) -> None:
    """Status 200, then an error event, then the end of the stream."""
    visitor.world.set_fault("sora-2-reverse", kind)
    answer = visitor.create("sora-2-reverse")
    assert answer.status_code == 200
    assert said in answer.text
    assert answer.text.endswith("data: [DONE]\n\n")


def test_filtered_veo_is_done_without_an_error(visitor: Any) -> None:
    """Google's filter leaves neither an error nor a sample."""
    path = "/v1beta/models/veo-3.1-generate-preview:predictLongRunning"
    visitor.world.set_fault("gemini-omni", "moderated")
    body = {"instances": [{"prompt": "a lighthouse"}]}
    name = visitor.post("gemini-omni", path, body).json()["name"]
    visitor.time.now += 9
    done = visitor.get("gemini-omni", f"/v1beta/{name}").json()
    assert done["done"] is True
    assert "error" not in done
    assert done["response"]["generateVideoResponse"]["raiMediaFilteredCount"] == 1


def test_completed_at_fal_may_be_a_failure(visitor: Any) -> None:
    """The status says COMPLETED and carries the error; the result has the status code."""
    visitor.world.set_fault("fal", "job_fails")
    job = visitor.create("fal").json()
    visitor.time.now += 9
    status = visitor.get("fal", job["status_url"])
    assert (status.status_code, status.json()["status"]) == (200, "COMPLETED")
    assert status.json()["error_type"] == "runner_connection_error"
    assert visitor.get("fal", job["response_url"]).status_code == 503
