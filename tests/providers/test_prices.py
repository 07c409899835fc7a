"""Prices by what is asked for: what a probe reserves is what it will cost."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from genmedia_exporter.config.loader import parse_config
from genmedia_exporter.core.status import Operation
from genmedia_exporter.providers.calls import Cost, Job
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.providers.prices import Price, PriceAt
from genmedia_exporter.providers.schema import ModelEntry, Provider
from genmedia_exporter.providers.soundness import faults_of
from genmedia_exporter.providers.states import reported_usd
from genmedia_exporter.targets.resolve import resolve

BY_TOKEN = {"at": {"quality": "low"}, "usd_per_million_tokens": 40}
ROWS = [
    {"at": {"resolution": "720p", "host": "cn.example"}, "usd_per_second": 0.083},
    {"at": {"resolution": "720p"}, "usd_per_second": 0.10},
]


def entry(**more: object) -> ModelEntry:
    """Return a model with such prices."""
    fields = {"name": "m", "operation": "video", "source": "test", **more}
    return ModelEntry.model_validate(fields)


def job(**more: object) -> Job:
    """Return a job that asks for such things."""
    return Job.model_validate(
        {
            "operation": "video",
            "driver": "sync_image",
            "path": "/v",
            "output": {"pointer": "/u"},
            **more,
        }
    )


@pytest.mark.parametrize(
    ("asks", "host", "price"),
    [
        ({"resolution": "720p"}, "cn.example", Price(usd_per_second=0.083)),
        ({"resolution": "720p"}, "intl.example", Price(usd_per_second=0.10)),
        ({"resolution": "720p", "sound": "off"}, "intl.example", Price(usd_per_second=0.10)),
        ({"resolution": "1080p"}, "cn.example", None),
        ({}, "cn.example", None),
    ],
)
def test_by_resolution_and_region(asks: dict[str, str], host: str, price: Price | None) -> None:
    """The first that fits wholly; where none does, nobody knows, and nothing is bought."""
    assert entry(prices=ROWS).price_for(job(asks=asks), host) == price


def test_the_plain_price_is_for_everything_else() -> None:
    """Also where there is no job at all."""
    model = entry(prices=ROWS, price={"usd_per_second": 0.3})
    assert model.price_for(job(asks={"resolution": "4k"}), "x") == Price(usd_per_second=0.3)
    assert model.price_for(None, "x") == Price(usd_per_second=0.3)


@pytest.mark.parametrize(("tokens", "price"), [(272, Price(usd_per_request=0.01088)), (None, None)])
def test_by_token(tokens: int | None, price: Price | None) -> None:
    """Forty dollars a million, and as many as the file says that such a generation takes."""
    asks = job(asks={"quality": "low"}, tokens=tokens)
    assert entry(prices=[BY_TOKEN]).price_for(asks, "x") == price


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": {"a": "b"}},
        {"at": {"a": "b"}, "usd_per_second": 1, "usd_per_image": 1},
        {"at": {"a": "b"}, "usd_per_second": -1},
    ],
)
def test_a_price_has_one_unit(wrong: dict[str, object]) -> None:
    """Neither none nor two, and nothing below zero."""
    with pytest.raises(ValidationError):
        PriceAt.model_validate(wrong)


def test_a_price_at_nothing_is_the_plain_one() -> None:
    """Two places for one thing would drift."""
    with pytest.raises(ValidationError, match="`price` is for everything else"):
        entry(prices=[{"usd_per_second": 1}])


def test_a_price_at_what_no_job_says_is_an_error() -> None:
    """It would never be one's own."""
    model = entry(prices=[{"at": {"mode": "pro"}, "usd_per_second": 1}])
    of = Provider(name="p", title="P", kind="direct", calls=(), models=(model,), jobs=(job(),))
    (fault,) = faults_of(of)
    assert fault.path == ("models", 0, "prices", 0, "at")
    assert fault.message == "its job does not say which mode it asks for"


@pytest.mark.parametrize(
    ("host", "usd"), [("dashscope-intl.aliyuncs.com", 0.10), ("dashscope.aliyuncs.com", 0.0826)]
)
def test_dashscope_in_both_regions(host: str, usd: float) -> None:
    """A target's price is its account's region's."""
    text = f"""
accounts: {{d: {{provider: dashscope, base_url: "https://{host}", api_key: {{value: k123}}}}}}
targets: [{{account: d, model: wan3.0-video}}]
"""
    (target,) = resolve(parse_config(text.encode(), "genmedia.yml"), {}).targets
    assert target.price == Price(usd_per_second=usd)
    assert load_provider("dashscope").job_for(Operation.VIDEO, "wan3.0-video") is not None


@pytest.mark.parametrize(
    ("told", "usd"),
    [(40_594, 0.40594), ("40594", 0.40594), (0, None), (None, None), ("many", None), (-1, None)],
)
def test_what_it_cost_is_told_in_tokens(told: object, usd: float | None) -> None:
    """At the price of a million; nothing is made of no token, so that none is no price."""
    cost = Cost(pointer="/usage/total_tokens", usd_per_million_tokens=10)
    assert reported_usd({"usage": {"total_tokens": told}}, cost) == usd


def test_a_cost_has_one_unit() -> None:
    """Dollars of some unit, or tokens."""
    with pytest.raises(ValidationError, match="in one unit"):
        Cost(pointer="/usage", per_usd=100, usd_per_million_tokens=10)


@pytest.mark.parametrize(
    ("provider", "model", "told"),
    [
        # 480p, 24 frames a second and one more: 864 x 496 x 97 / 1024, as 5 s at 720p are 108900.
        ("ark", "doubao-seedance-2-5-260628", {"usage": {"total_tokens": 38_829}}),
        ("ark", "doubao-seedance-2-0-260128", {"usage": {"total_tokens": 40_595}}),
        ("ark", "doubao-seedance-2-0-fast-260128", {"usage": {"total_tokens": 40_595}}),
        ("ark", "doubao-seedance-2-0-mini-260615", {"usage": {"total_tokens": 40_595}}),
        ("openai", "gpt-image-2.5-flare", {"usage": {"total_tokens": 240}}),
        ("openai", "gpt-image-2.6-sunburst", {"usage": {"total_tokens": 7_080}}),
        ("gemini", "gemini-3.1-flash-image", {"usageMetadata": {"totalTokenCount": 1_330}}),
        ("vertex", "gemini-3-pro-image", {"usageMetadata": {"totalTokenCount": 1_330}}),
    ],
)
def test_no_more_is_booked_than_was_reserved(provider: str, model: str, told: object) -> None:
    """What the largest answer tells costs at most what was set aside before it was asked for."""
    described = load_provider(provider)
    known = described.model(model)
    assert known is not None
    task = described.job_for(known.operation, model)
    price = known.price_for(task, "")
    assert task is not None
    assert price is not None
    reserved = price.usd_per_request or (price.usd_per_second or 0) * (task.seconds or 0)
    cost = reported_usd(told, task.cost)
    assert cost is not None
    assert 0.9 * reserved < cost <= reserved


def test_a_price_and_the_reason_for_none_exclude_each_other() -> None:
    """Whoever adds the price takes the reason out."""
    with pytest.raises(ValidationError, match="leave out one of them"):
        entry(price={"usd_per_second": 0.1}, no_price="not found")


@pytest.mark.parametrize("given", ["models", "status_page"])
def test_what_is_there_has_no_reason_for_being_absent(given: str) -> None:
    """A file says one or the other."""
    data = {
        "name": "acme",
        "title": "Acme",
        "kind": "direct",
        "calls": [{"id": "get", "depth": "reach", "path": "/", "proves": ["edge"]}],
        "models": [{"name": "m", "operation": "video", "source": "test"}],
        "status_page": {"url": "https://status.acme.example", "source": "test"},
    }
    assert Provider.model_validate(data).models
    with pytest.raises(ValidationError, match=f"it has {given} and no_{given}"):
        Provider.model_validate({**data, f"no_{given}": "not found"})
