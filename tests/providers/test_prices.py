"""Prices by what is asked for: what a probe reserves is what it will cost."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from genmedia_exporter.config.loader import parse_config
from genmedia_exporter.core.status import Operation
from genmedia_exporter.providers.calls import Job
from genmedia_exporter.providers.loader import load_provider
from genmedia_exporter.providers.prices import Price, PriceAt
from genmedia_exporter.providers.schema import ModelEntry, Provider
from genmedia_exporter.providers.soundness import faults_of
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
    ("host", "usd"), [("dashscope-intl.aliyuncs.com", 0.10), ("dashscope.aliyuncs.com", 0.083)]
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
