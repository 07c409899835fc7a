"""What a create broke, read from its request: a complaint of anything else in it proves nothing."""

from __future__ import annotations

import json

import pytest

from genmedia_exporter.classify.cases import CaseError, read_case
from genmedia_exporter.classify.explain import explain
from genmedia_exporter.classify.sent import broken_by
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.providers.loader import load_generic, load_provider
from tests.answers import TODAY


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        ({"model": "m", "prompt": "", "seconds": "4"}, {"prompt"}),
        ({"model": "m", "prompt": " ", "size": "1024x1024"}, {"prompt"}),
        ({"model": "m", "prompt": "a cat", "seconds": "0"}, {"seconds"}),
        ({"model": "m", "prompt": "a cat", "seconds": "600"}, set()),
        ({"model": "m", "prompt": "a cat", "seconds": "601"}, {"seconds"}),
        ({"model": "m", "prompt": "a cat", "n": 0}, {"n"}),
        ({"model": "m", "prompt": "a cat", "n": 16}, set()),
        ({"model": "m", "prompt": "a cat", "n": 17}, {"n"}),
        ({"prompt": "a cat", "size": "1x1"}, {"size"}),
        ({"prompt": "a cat", "size": "1024×1024"}, {"size"}),
        ({"prompt": "a cat", "size": "60x60"}, set()),
        ({"prompt": "a cat", "size": "59x60"}, {"size"}),
        ({"prompt": "a cat", "resolution": "720p"}, set()),
        ({"prompt": "a cat", "aspect_ratio": "0:0"}, {"aspect_ratio", "size"}),
        ({"prompt": "a cat", "width": -1}, {"width", "size"}),
        ({"prompt": "a cat", "seed": -1}, {"seed"}),
        ({"prompt": "a cat", "seed": 0, "watermark": False}, set()),
        ({"model": "m", "messages": []}, {"messages"}),
        ({"model": "m"}, {"prompt", "messages"}),
        ({"input": {"prompt": ""}, "parameters": {"size": "1024x1024"}}, {"prompt", "input"}),
        ({"contents": [{"parts": []}]}, {"parts", "contents", "prompt", "messages"}),
        ({"resolution": "1080p"}, set()),
        ({"resolution": "1p"}, {"resolution", "size", "prompt", "messages"}),
        ('{"prompt": ""}', {"prompt"}),
    ],
)
def test_what_is_broken_is_read_from_the_request(body: object, broken: set[str]) -> None:
    """Empty, missing, or nothing that such a field can be."""
    assert set(broken_by({"method": "POST", "path": "/v1/videos", "body": body})) == broken


@pytest.mark.parametrize(
    "request_", [None, {}, {"body": None}, {"body": "no json"}, "text", {"body": []}]
)
def test_without_a_body_nobody_can_tell(request_: object) -> None:
    """Then what every create of the provider breaks counts, as before."""
    assert broken_by(request_) == ()


@pytest.mark.parametrize(
    ("breaks", "text", "proves"),
    [
        (["pipeline"], "pipeline is required", True),
        (["params.pipeline"], "Required parameter 'pipeline' is not present.", True),
        (["other"], "pipeline is required", False),
        ([], "pipeline is required", False),
        (["duration"], "seconds must be one of 5, 10", True),
    ],
)
def test_a_case_says_what_its_create_broke(breaks: list[str], text: str, proves: bool) -> None:
    """By the vendor's own name, which no list of ours needs to have; a path ends with it."""
    given = {"http_status": 400, "body": {"message": text}, "depth": "accept", "breaks": breaks}
    case = read_case(json.dumps(given | {"request": {"body": {"prompt": "a cat"}}}), "1")
    verdict = explain(case.answer, None, load_generic(), now=TODAY, depth=case.depth)
    assert (verdict.reason is Reason.REJECTED_AS_EXPECTED) is proves


@pytest.mark.parametrize("breaks", ["prompt", [1], [""], {"prompt": 1}, ["x"] * 51])
def test_what_is_no_list_of_fields_is_told(breaks: object) -> None:
    """With the key it stands at."""
    with pytest.raises(CaseError, match=r"^breaks "):
        read_case(json.dumps({"http_status": 400, "breaks": breaks}), "1")


@pytest.mark.parametrize("provider", ["new-api", "somebody"])
@pytest.mark.parametrize(
    ("body", "text", "proves"),
    [
        ({"prompt": "", "seconds": "4"}, "prompt is required", True),
        ({"prompt": "", "seconds": "4"}, "seconds must be one of 5, 10", False),
        ({"prompt": "", "seconds": "0"}, "seconds must be one of 5, 10", True),
        ({"prompt": "a cat", "seconds": "0"}, "prompt is required", False),
        (None, "seconds must be one of 5, 10", True),
    ],
)
def test_only_what_the_request_broke_proves(
    body: object, text: str, proves: bool, provider: str
) -> None:
    """A complaint of a field that was sound is met by every create."""
    line = {"http_status": 400, "depth": "accept", "body": {"message": text}}
    if body is not None:
        line["request"] = {"method": "POST", "path": "/v1/videos", "body": body}
    case = read_case(json.dumps(line), "one")
    file = load_provider(provider) if provider == "new-api" else None

    verdict = explain(case.answer, file, load_generic(), now=TODAY, depth=case.depth)

    assert (verdict.reason is Reason.REJECTED_AS_EXPECTED) is proves
