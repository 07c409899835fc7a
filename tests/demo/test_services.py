"""Every pretend provider: its happy path from create to file, its refusals, its key."""

import base64
import hashlib
import hmac
import json
import re
from typing import Any

import httpx2 as httpx
import pytest

RANGE = {"Range": "bytes=0-1023"}
QUEUED, RUNNING, DONE = 0.0, 2.0, 3.0


def test_free_call_answers(visitor: Any, service: str) -> None:
    """The cheapest authenticated call says yes."""
    assert visitor.reach(service).status_code == 200


def test_wrong_key_is_refused_in_the_vendors_words(visitor: Any, service: str) -> None:
    """A wrong key and a missing one are refused; the free call costs nothing either way."""
    ask = visitor.ask(service)
    wrong = {name: value.replace("demo-key", "stolen") for name, value in ask.key.items()}
    url = f"{visitor.world.url}/{service}{ask.reach}"
    answer = visitor.client.get(url, headers=wrong)
    assert answer.status_code == ask.unauthorised[0]
    assert ask.unauthorised[1] in answer.text
    assert visitor.client.get(url).status_code in (401, 403)
    assert visitor.world.ledger[service].usd == 0


def test_rejected_create_costs_nothing(visitor: Any, service: str) -> None:
    """The validation probe is turned down (or, at fal, queued) and is free."""
    status, words = visitor.ask(service).rejected
    answer = visitor.validate(service)
    assert answer.status_code == status
    assert words in answer.text
    assert visitor.world.ledger[service].usd == 0


def test_unknown_path_is_not_found(visitor: Any, service: str) -> None:
    """A path that the vendor does not have is a 404 of its own kind."""
    assert visitor.get(service, "/v0/nowhere/at/all").status_code == 404


def is_video(answer: httpx.Response) -> bool:
    """Whether a ranged answer begins like an MP4 with its moov in front."""
    head = answer.content
    return answer.status_code == 206 and head[4:8] == b"ftyp" and b"moov" in head


@pytest.mark.parametrize("name", ["sora-2-official", "sora-2-pro-official", "veo-3.1-reverse"])
def test_openai_shaped_video(visitor: Any, name: str) -> None:
    """queued, in_progress, completed, and then a file that knows its length."""
    job = visitor.create(name).json()["id"]
    seen = []
    for step in (QUEUED, RUNNING, DONE):
        visitor.time.now += step
        seen.append(visitor.get(name, f"/v1/videos/{job}").json()["status"])
    assert seen == ["queued", "in_progress", "completed"]
    assert is_video(visitor.get(name, f"/v1/videos/{job}/content", **RANGE))


def test_openai_deletes_ended_jobs_only(visitor: Any) -> None:
    """A running job stays; a deleted one is gone."""
    name = "sora-2-official"
    job = visitor.create(name).json()["id"]
    url = f"{visitor.world.url}/{name}/v1/videos/{job}"
    assert visitor.client.delete(url, headers=visitor.ask(name).key).status_code == 400
    visitor.time.now += 9
    assert visitor.client.delete(url, headers=visitor.ask(name).key).json()["deleted"] is True
    assert visitor.get(name, f"/v1/videos/{job}").status_code == 404


def test_openai_takes_multipart(visitor: Any) -> None:
    """The SDK sends forms; the fields mean the same."""
    url = f"{visitor.world.url}/sora-2-official/v1/videos"
    form = {"model": (None, "sora-2"), "prompt": (None, "a lighthouse"), "seconds": (None, "8")}
    answer = visitor.client.post(url, files=form, headers=visitor.ask("sora-2-official").key)
    assert answer.json()["seconds"] == "8"
    assert visitor.world.ledger["sora-2-official"].usd == 0.80


@pytest.mark.parametrize("name", ["sora-2-reverse", "sora-2-pro-reverse"])
def test_pool_streams_progress_and_a_link(visitor: Any, name: str) -> None:
    """Progress, then a player with the file's address, then the end of the stream."""
    text = visitor.create(name).text
    assert "**Video Generation Progress**: 50% (processing)" in text
    assert text.endswith("data: [DONE]\n\n")
    found = re.search(r"src='(.*?)'", text)
    assert found
    visitor.time.now += 9
    assert is_video(visitor.client.get(found[1], headers=RANGE))


def test_gateway_order_of_evaluation(visitor: Any) -> None:
    """Token before channel before prompt; unknown tasks are a 400."""
    name = "veo-3.1-reverse"
    url = f"{visitor.world.url}/{name}/v1/videos"
    nothing = {"model": "unheard-of", "prompt": ""}
    assert visitor.client.post(url, json=nothing).status_code == 401
    unheard = visitor.post(name, "/v1/videos", nothing)
    assert (unheard.status_code, unheard.json()["error"]["code"]) == (503, "model_not_found")
    assert visitor.get(name, "/v1/videos/task_none").json()["code"] == "task_not_exist"
    public = visitor.client.get(f"{visitor.world.url}/{name}/api/pricing").json()
    assert public["data"][0]["model_name"] == "veo-3.1"
    assert visitor.get(name, "/api/usage/token/").json()["data"]["total_available"] > 0
    assert visitor.get(name, "/api/status").json()["success"] is True


def test_chat_image_is_a_markdown_link(visitor: Any) -> None:
    """The answer's prose links to a PNG in the ratio that the prompt's tag asks for."""
    text = visitor.create("sora-image").json()["choices"][0]["message"]["content"]
    found = re.search(r"!\[.*?\]\((.*?)\)", text)
    assert found
    image = visitor.client.get(found[1])
    assert image.headers["content-type"] == "image/png"
    assert image.content[16:24] == (512).to_bytes(4) + (768).to_bytes(4)


def test_gemini_interaction(visitor: Any) -> None:
    """In the background: queued, then completed with a file that needs the key."""
    name = "gemini-omni"
    job = visitor.create(name).json()
    assert job["status"] == "queued"
    visitor.time.now += 9
    done = visitor.get(name, f"/v1beta/interactions/{job['id']}").json()
    assert done["status"] == "completed"
    assert is_video(visitor.get(name, done["output_video"]["uri"], **RANGE))
    assert visitor.client.get(done["output_video"]["uri"]).status_code == 403


def test_gemini_interaction_can_be_cancelled(visitor: Any) -> None:
    """Once cancelled, always cancelled; an ended one cannot be."""
    job = visitor.create("gemini-omni").json()["id"]
    path = f"/v1beta/interactions/{job}/cancel"
    assert visitor.post("gemini-omni", path, {}).json()["status"] == "cancelled"
    assert visitor.post("gemini-omni", path, {}).status_code == 400


@pytest.mark.parametrize(
    ("asked", "usd"), [("360p", 0.069), ("720p", 0.21), ("4k", 0.63), ("", 0.21)]
)
def test_gemini_charges_by_resolution(visitor: Any, asked: str, usd: float) -> None:
    """Three seconds of the same model: 720p is what those pay who do not ask."""
    form = {"type": "video", "duration": "3s"} | ({"resolution": asked} if asked else {})
    body = {"model": "gemini-omni-1.2-flash", "input": "a lighthouse", "background": True}
    visitor.post("gemini-omni", "/v1beta/interactions", body | {"response_format": form})
    assert visitor.world.ledger["gemini-omni"].usd == pytest.approx(usd)


def test_gemini_interactions_have_a_401_of_their_own(visitor: Any) -> None:
    """The newer calls name the error with a string."""
    url = f"{visitor.world.url}/gemini-omni/v1beta/interactions"
    answer = visitor.client.post(url, json={}, headers={"x-goog-api-key": "stolen"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "authentication")


def test_gemini_long_running_veo(visitor: Any) -> None:
    """Bounds are checked; an operation without `done` is not done."""
    name, path = "gemini-omni", "/v1beta/models/veo-3.1-generate-preview:predictLongRunning"
    body = {"instances": [{"prompt": "a lighthouse"}], "parameters": {"durationSeconds": 999}}
    refused = visitor.post(name, path, body)
    assert refused.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert "durationSeconds" in refused.text
    body["parameters"] = {"durationSeconds": 4}
    operation = visitor.post(name, path, body).json()["name"]
    assert "done" not in visitor.get(name, f"/v1beta/{operation}").json()
    visitor.time.now += 9
    done = visitor.get(name, f"/v1beta/{operation}").json()
    samples = done["response"]["generateVideoResponse"]["generatedSamples"]
    assert is_video(visitor.get(name, samples[0]["video"]["uri"], **RANGE))
    assert visitor.world.ledger[name].usd == pytest.approx(1.6)


def test_kling_task(visitor: Any) -> None:
    """submitted, processing, succeed, each in an envelope with code 0."""
    job = visitor.create("kling").json()["data"]["task_id"]
    seen = []
    for step in (QUEUED, RUNNING, DONE):
        visitor.time.now += step
        body = visitor.get("kling", f"/v1/videos/text2video/{job}").json()
        seen.append((body["code"], body["data"]["task_status"]))
    assert seen == [(0, "submitted"), (0, "processing"), (0, "succeed")]
    assert is_video(
        visitor.client.get(body["data"]["task_result"]["videos"][0]["url"], headers=RANGE)
    )


def signed(claims: dict[str, object], pair: str = "demo-secret") -> str:
    """A token as Kling's clients make it."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    head = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(json.dumps(claims).encode())
    return f"{head}.{part(hmac.new(pair.encode(), head.encode(), hashlib.sha256).digest())}"


NOW = 1_800_000_000
GOOD = {"iss": "demo-key", "exp": NOW + 60, "nbf": NOW - 5}


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (signed(GOOD), 0),
        (signed(GOOD, "guessed"), 1000),
        ("a.b.c", 1000),
        ("", 1001),
        (signed(GOOD | {"iss": "someone"}), 1002),
        (signed(GOOD | {"nbf": NOW + 5}), 1003),
        (signed(GOOD | {"exp": NOW - 1}), 1004),
    ],
)
def test_kling_judges_tokens(visitor: Any, token: str, code: int) -> None:
    """Signature, access key, and both ends of the token's life, each with its own code."""
    url = f"{visitor.world.url}/kling/v1/videos/text2video?pageNum=1&pageSize=1"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = visitor.client.get(url, headers=headers)
    assert answer.json()["code"] == code
    assert answer.status_code == (401 if code else 200)


def test_fal_follows_the_addresses_it_gave(visitor: Any) -> None:
    """202 while it goes on, 200 COMPLETED, then the result at response_url."""
    job = visitor.create("fal").json()
    assert "/fal-ai/wan/requests/" in job["status_url"]
    assert visitor.get("fal", job["status_url"]).status_code == 202
    visitor.time.now += 9
    done = visitor.get("fal", job["status_url"])
    assert (done.status_code, done.json()["status"]) == (200, "COMPLETED")
    assert done.headers["x-fal-request-id"]
    result = visitor.get("fal", job["response_url"]).json()
    assert is_video(visitor.client.get(result["video"]["url"], headers=RANGE))


def test_fal_says_bad_input_only_in_the_result(visitor: Any) -> None:
    """A queue takes anything; COMPLETED may be a failure."""
    job = visitor.validate("fal").json()
    visitor.time.now += 9
    assert visitor.get("fal", job["status_url"]).json()["status"] == "COMPLETED"
    assert visitor.get("fal", job["response_url"]).status_code == 422


def test_fal_cancels_what_waits(visitor: Any) -> None:
    """PUT cancel_url works in the queue and not later."""
    job = visitor.create("fal").json()
    headers = visitor.ask("fal").key
    assert visitor.client.put(job["cancel_url"], headers=headers).status_code == 202
    assert visitor.client.put(job["cancel_url"], headers=headers).status_code == 400


def test_dashscope_task(visitor: Any) -> None:
    """The header is required; states are nested; unknown ids are UNKNOWN."""
    ask = visitor.ask("dashscope")
    url = f"{visitor.world.url}/dashscope{ask.create}"
    bearer = {"Authorization": "Bearer demo-key"}
    assert visitor.client.post(url, json=ask.good, headers=bearer).status_code == 403
    job = visitor.create("dashscope").json()["output"]["task_id"]
    visitor.time.now += 9
    output = visitor.get("dashscope", f"/api/v1/tasks/{job}").json()["output"]
    assert output["task_status"] == "SUCCEEDED"
    assert is_video(visitor.client.get(output["video_url"], headers=RANGE))
    lost = visitor.get("dashscope", "/api/v1/tasks/none").json()
    assert lost["output"]["task_status"] == "UNKNOWN"


def test_image_comes_back_whole(visitor: Any) -> None:
    """A PNG of the asked size, in base64, after as long as a job takes."""
    made = visitor.create("openai-image").json()["data"][0]["b64_json"]
    image = base64.b64decode(made)
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    assert image[16:24] == (256).to_bytes(4) + (128).to_bytes(4)
    assert 4.0 in visitor.time.waits
    bad = visitor.post(
        "openai-image", "/v1/images/generations", {"prompt": "a lighthouse", "quality": "best"}
    )
    assert (bad.status_code, bad.json()["error"]["param"]) == (400, "quality")
