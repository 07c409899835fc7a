"""Every provider file obeys the schema, names its sources, and reads recorded answers rightly."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import genmedia_exporter.providers
from genmedia_exporter.classify.classifier import classify
from genmedia_exporter.classify.context import Context
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Evidence, Exchange, Role, Verdict
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault, Operation, Outcome
from genmedia_exporter.providers import calls, prices, rules, schema
from genmedia_exporter.providers.base import DriverName, JobWord, Model, Proof, ProviderKind
from genmedia_exporter.providers.calls import Call
from genmedia_exporter.providers.loader import (
    load_generic,
    load_provider,
    parse_provider,
    provider_names,
)
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.report.catalogue import price_of
from genmedia_exporter.targets.model import Expectation
from tests.yaml_files import read_yaml

FOLDER = Path(genmedia_exporter.providers.__file__).parent
README = (FOLDER / "README.md").read_text(encoding="utf-8")
RECORDED = Path(__file__).parent.parent / "data" / "providers"
NOW = Unix(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp())
NAMES = provider_names()


def _placeholders(call: Call) -> set[str]:
    text = json.dumps([call.path, call.query, call.body, call.form])
    return set(re.findall(r"\{([a-z]+)\}", text))


# --- the files --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_file_is_named_after_its_provider(name: str) -> None:
    """The file name is how a configuration finds the provider, so both are one word."""
    assert load_provider(name).name == name


def test_no_two_files_claim_a_name() -> None:
    """A provider is one file; two of a name would hide one another."""
    claimed = [read_yaml(f).get("name") for f in FOLDER.glob("[!_]*.yml")]
    assert len(claimed) == len(set(claimed)) == len(NAMES)


LENGTHS = {"seconds", "duration", "durationSeconds", "n", "sampleCount"}
"""What a create is billed by."""


def _lengths(value: object, key: str = "") -> list[float]:
    """Return every number that stands under one of LENGTHS, however it is written."""
    if isinstance(value, Mapping):
        return [number for k, v in value.items() for number in _lengths(v, k)]
    if isinstance(value, list | tuple):
        return [number for v in value for number in _lengths(v, key)]
    found = re.fullmatch(r"(-?[0-9.]+)s?", str(value)) if key in LENGTHS else None
    return [float(found[1])] if found else []


@pytest.mark.parametrize("name", NAMES)
def test_a_rejected_create_would_be_cheap_if_it_were_not(name: str) -> None:
    """A lax validator bills what is asked for: never a long clip, never many."""
    calls = [call for call in load_provider(name).calls if call.depth is Depth.ACCEPT]
    bodies = [body for call in calls for body in (call.body, call.again and call.again.body)]
    assert all(length <= 4 for body in bodies for length in _lengths(body))


@pytest.mark.parametrize("name", NAMES)
def test_every_call_says_what_it_proves_and_who_says_so(name: str) -> None:
    """A free call without a proof or a source is a guess, and its success would mean nothing."""
    for call in load_provider(name).calls:
        assert call.proves, call.id
        assert call.source, call.id
        assert len(set(call.proves)) == len(call.proves), call.id


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_names_its_source(name: str) -> None:
    """A rule decides what people are woken for, so it says where it was read."""
    assert [rule.id for rule in load_provider(name).rules if not rule.source] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_can_be_reached_or_is_not_offered(name: str) -> None:
    """Whatever a provider can generate or validate, the cheapest depth can watch too."""
    provider = load_provider(name)
    made = {job.operation for job in provider.jobs} | {model.operation for model in provider.models}
    unreached = [o for o in made if provider.call_for(Depth.REACH, o) is None]
    assert unreached == []


@pytest.mark.parametrize("name", NAMES)
def test_templates_hold_known_fields_only(name: str) -> None:
    """A misspelt placeholder would be sent as it stands, and a made-up model cannot be found."""
    for call in load_provider(name).calls:
        assert _placeholders(call) <= {"model", "operation", "path", "uuid", "now"}, call.id


@pytest.mark.parametrize("name", NAMES)
def test_calls_on_the_free_depths_never_carry_a_prompt_template(name: str) -> None:
    """An accept call must be invalid whatever the configuration says, so it takes nothing from it."""
    for call in load_provider(name).calls:
        if call.depth is Depth.ACCEPT:
            assert "prompt" not in _placeholders(call)
            assert call.method == "POST"
            assert "validator" in call.proves


@pytest.mark.parametrize("name", NAMES)
def test_rejections_are_expected_where_a_create_is_invalid(name: str) -> None:
    """A create that is sound with 2xx would be a purchase; only documented checks may be."""
    for call in load_provider(name).calls:
        if call.depth is Depth.ACCEPT and "account_pool" not in call.proves:
            assert not [status for status in call.http if str(status).startswith("2")], call.id
            assert call.breaks, f"{call.id}: by what would a rejection be known?"
            assert call.control is not None, f"{call.id}: what if nobody can read the rejection?"


@pytest.mark.parametrize("name", NAMES)
def test_jobs_can_be_followed(name: str) -> None:
    """An asynchronous job has an id, a way to ask and a state; every job has a result."""
    for job in load_provider(name).jobs:
        assert job.output is not None
        if job.driver == "async_job":
            assert job.id
            assert job.poll
            assert job.status


@pytest.mark.parametrize("name", NAMES)
def test_no_text_keeps_the_search_for_a_result_busy(name: str) -> None:
    """The service writes the text; the event loop waits while a pattern is tried on it."""
    beginnings = ("![", "![a", "![](https://a", "](", "](https://a", "src='https://a", " https://a")
    for job in load_provider(name).jobs:
        pattern = (job.output and job.output.must_match) or "$"
        for text in beginnings:
            began = time.process_time()
            re.search(pattern, (text * 65_536)[:65_536])
            assert time.process_time() - began < 1.0, (pattern, text)


@pytest.mark.parametrize("name", NAMES)
def test_a_price_by_the_second_has_a_length(name: str) -> None:
    """The estimate is price times length; without the length nothing could be reserved."""
    provider = load_provider(name)
    for model in provider.models:
        if model.price and model.price.usd_per_second is not None:
            job = provider.job_for(model.operation, model.name)
            assert job is None or job.seconds, model.name


@pytest.mark.parametrize("name", NAMES)
def test_what_a_job_asks_for_has_its_price(name: str) -> None:
    """Where prices depend on what is asked for, one of them is what a probe reserves."""
    provider = load_provider(name)
    for model in provider.models:
        job = provider.job_for(model.operation, model.name)
        if model.prices and job is not None:
            assert model.price_for(job, "") is not None, model.name


@pytest.mark.parametrize("name", NAMES)
def test_every_end_date_has_a_source(name: str) -> None:
    """An end date switches a target off, so it must be traceable."""
    for model in load_provider(name).models:
        assert model.source, model.name


@pytest.mark.parametrize("name", NAMES)
def test_every_model_has_a_family_and_a_day_it_was_checked(name: str) -> None:
    """What an application would take instead, and how old the knowledge is."""
    provider = load_provider(name)
    for model in provider.models:
        assert model.family, model.name
        assert model.checked or provider.checked, model.name


@pytest.mark.parametrize("name", NAMES)
def test_what_a_file_does_not_tell_it_gives_a_reason_for(name: str) -> None:
    """No price, no models, no status page: each is either there or explained, so that no gap is an oversight."""
    provider = load_provider(name)
    assert bool(provider.models) is not bool(provider.no_models)
    assert bool(provider.status_page) is not bool(provider.no_status_page)
    for model in provider.models:
        told = bool(model.price or model.prices or model.no_price or model.end_date)
        assert told, model.name


@pytest.mark.parametrize("name", NAMES)
def test_a_price_of_a_model_that_is_generated_is_one_that_its_job_pays(name: str) -> None:
    """Rows that no job asks for would leave a model with prices and without a price."""
    provider = load_provider(name)
    for model in provider.models:
        if model.prices and provider.job_for(model.operation, model.name) is not None:
            assert price_of(provider, model) is not None, model.name


@pytest.mark.parametrize("name", NAMES)
def test_a_successor_is_not_itself_ended(name: str) -> None:
    """Pointing people at a model that is already gone helps nobody."""
    provider = load_provider(name)
    for model in provider.models:
        later = provider.model(model.successor) if model.successor else None
        if model.end_date and later and later.end_date:
            assert later.end_date > model.end_date, model.name


def test_the_dead_ones_are_known_to_be_dead() -> None:
    """The classic names end in "retired" by the calendar, without a request."""
    ended = {
        ("openai", "sora-2"): "2026-09-24",
        ("openai", "sora-2-pro-2025-10-06"): "2026-09-24",
        ("openai", "gpt-image-1"): "2026-10-23",
        ("openai", "gpt-image-1.5"): "2026-12-01",
        ("gemini", "veo-3.1-generate-preview"): "2026-10-22",
        ("gemini", "imagen-4.0-generate-001"): "2026-08-17",
        ("gemini", "gemini-3-pro-image-preview"): "2026-06-25",
        ("new-api", "sora_video2-15s"): "2026-04-26",
        ("new-api", "sora_image"): "2026-04-22",
        ("sora2api", "sora2pro-portrait-25s"): "2026-04-26",
    }
    for (provider, model), day in ended.items():
        entry = load_provider(provider).model(model)
        assert entry is not None
        assert str(entry.end_date) == day
        assert entry.end_date_certain


def test_a_date_that_no_vendor_confirms_is_told_and_not_acted_upon() -> None:
    """One price file's word is worth a line to people, and no target's life."""
    entry = load_provider("gemini").model("gemini-omni-1.1-flash")
    assert entry is not None
    assert str(entry.end_date) == "2026-12-03"
    assert not entry.end_date_certain


# --- which call, which job --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "model", "call"),
    [
        ("gemini", "veo-3.1-generate-001", "veo_duration"),
        ("gemini", "gemini-omni-1.2-flash", "omni_duration"),
    ],
)
def test_a_model_chooses_its_accept_call(provider: str, model: str, call: str) -> None:
    """Two wires under one roof: the model's name says which one it speaks."""
    found = load_provider(provider).call_for(Depth.ACCEPT, Operation.VIDEO, model)
    assert found is not None
    assert found.id == call


@pytest.mark.parametrize(
    ("provider", "model", "operation", "path"),
    [
        ("gemini", "veo-3.1-generate-001", "video", "/models/{model}:predictLongRunning"),
        ("gemini", "gemini-omni-1.2-flash", "video", "/interactions"),
        ("new-api", "sora_image", "image", "/chat/completions"),
        ("new-api", "gpt-image-2", "image", "/images/generations"),
        ("kling", "kling-v1-6", "video", "//v1/videos/text2video"),
    ],
)
def test_a_model_chooses_its_job(provider: str, model: str, operation: str, path: str) -> None:
    """The paid generation follows the model, too."""
    job = load_provider(provider).job_for(Operation(operation), model)
    assert job is not None
    assert job.path == path


def test_without_a_model_the_first_call_stands() -> None:
    """Questions about a provider as a whole need no model."""
    gemini = load_provider("gemini")
    assert gemini.call_for(Depth.ACCEPT, Operation.VIDEO) is not None
    assert gemini.job_for(Operation.VIDEO) is not None
    assert gemini.controls_for(Reason.MODEL_NOT_FOUND, Operation.VIDEO)


def test_a_glob_that_fits_no_model_is_passed_over() -> None:
    """A call for other models is none."""
    call = Call(id="c", depth=Depth.REACH, models=("veo-*",), path="/x", proves=("edge",))
    provider = Provider(name="p", title="P", kind="direct", calls=(call,))
    assert provider.call_for(Depth.REACH, Operation.VIDEO, "omni") is None
    assert provider.call_for(Depth.REACH, Operation.VIDEO, "veo-9") is call


# --- recorded answers -------------------------------------------------------------------------


@dataclass(frozen=True)
class Recorded:
    """One recorded answer and what it must be found to mean."""

    provider: str
    id: str
    depth: str
    operation: str
    http: int
    reason: str
    model: str = ""
    call: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    text: str | None = None
    fault: str | None = None
    expect: Mapping[str, Any] | None = None
    control: Mapping[str, Any] | None = None

    @property
    def exchange(self) -> Exchange:
        """The answer to the probe's own call."""
        return _exchange(
            self.call, Role.PROBE, self.http, self.headers, _body(self.text, self.json)
        )

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All answers of the probe, the control's before none or one."""
        if self.control is None:
            return (self.exchange,)
        body = _body(self.control.get("text"), self.control.get("json"))
        asked = _exchange(self.control["call"], Role.CONTROL, self.control["http"], {}, body)
        return (self.exchange, asked)


def _body(text: str | None, document: Any) -> bytes:
    return (json.dumps(document, ensure_ascii=False) if text is None else text).encode()


def _exchange(
    call: str, role: Role, status: int, headers: Mapping[str, str], body: bytes
) -> Exchange:
    json_like = body[:1] in (b"{", b"[")
    kind = {"content-type": "application/json" if json_like else "text/plain"}
    return Exchange(
        call=call,
        role=role,
        method="GET",
        url="https://service.example/",
        host="service.example",
        status=status,
        headers={**kind, **{name.lower(): value for name, value in headers.items()}},
        body=body,
    )


def _recorded() -> list[Recorded]:
    return [
        Recorded(provider=file.parent.name, **case)
        for file in sorted(RECORDED.glob("*/*.yml"))
        for case in read_yaml(file)
        if "play" not in case  # whole probes go through the driver, in test_lint.py
    ]


CASES = _recorded()


def _verdict(case: Recorded) -> Verdict:
    provider = load_provider(case.provider)
    entry = provider.model(case.model)
    context = Context(
        provider=provider,
        channel=(entry.channel if entry else None) or provider.channel,
        operation=Operation(case.operation),
        model=case.model,
        now=NOW,
        ends_at=entry.ends_at if entry else None,
        expect=None if case.expect is None else Expectation(**case.expect),
    )
    evidence = Evidence(case.id, Depth(case.depth), NOW, 0.2, case.exchanges)
    return classify(evidence, context, load_generic())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.provider}-{case.id}")
def test_recorded_answers_mean_what_they_should(case: Recorded) -> None:
    """Composed from documentation and sources: each answer has the meaning written beside it."""
    verdict = _verdict(case)
    assert verdict.reason is Reason(case.reason), verdict
    if case.fault is not None:
        assert verdict.fault is Fault(case.fault), verdict


@pytest.mark.parametrize("name", NAMES)
def test_every_provider_has_answers_of_each_kind(name: str) -> None:
    """Sound, refused for the key, refused for rate, broken: no file ships untried."""
    cases = [case for case in CASES if case.provider == name]
    assert any(case.reason == "ok" for case in cases)
    assert any(case.reason == "invalid_key" for case in cases)
    assert any(_verdict(case).status.value == "rate_limited" or case.http == 429 for case in cases)
    assert any(case.http >= 500 for case in cases)
    assert any(case.http == 200 and case.reason != "ok" for case in cases)


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_decides_a_recorded_answer(name: str) -> None:
    """A rule that no answer ever reaches is dead, or stands behind one that hides it."""
    decided = {_verdict(case).rule.partition("+")[0] for case in CASES if case.provider == name}
    provider = load_provider(name)
    parents = load_provider(provider.extends).rules if provider.extends else ()
    rules = [f"{name}.{rule.id}" for rule in provider.rules if rule not in parents]
    assert [rule for rule in rules if rule not in decided] == []


@pytest.mark.parametrize(
    "name", [n for n in NAMES if any(c.depth is Depth.ACCEPT for c in load_provider(n).calls)]
)
def test_every_accept_call_has_a_recorded_answer(name: str) -> None:
    """What the free create is answered with was written down before it is ever sent."""
    verdicts = [_verdict(c) for c in CASES if c.provider == name and c.depth == "accept"]
    good = {Reason.REJECTED_AS_EXPECTED, Reason.OK}
    assert any(v.reason in good and v.outcome is Outcome.SUCCESS for v in verdicts)


# --- README -----------------------------------------------------------------------------------


OF_GENERIC = (Model, schema.Generic, schema.Gateways, schema.Forwarding)
"""What no provider's file has."""


def _schema_models() -> list[type[BaseModel]]:
    found = [
        value
        for module in (calls, prices, rules, schema)
        for _, value in sorted(vars(module).items())
    ]
    classes = dict.fromkeys(c for c in found if isinstance(c, type) and issubclass(c, Model))
    return [c for c in classes if c not in OF_GENERIC]


def _mentioned(word: str) -> bool:
    return f"`{word}`" in README


@pytest.mark.parametrize("model", _schema_models(), ids=lambda model: model.__name__)
def test_readme_has_every_field(model: type[BaseModel]) -> None:
    """Whoever writes a provider file finds each key explained, under the name it has in YAML."""
    keys = [info.alias or name for name, info in model.model_fields.items()]
    assert [key for key in keys if not _mentioned(key)] == []


@pytest.mark.parametrize(
    "words",
    [get_args(Proof), get_args(JobWord), get_args(ProviderKind), get_args(DriverName)],
    ids=["proofs", "job words", "kinds", "drivers"],
)
def test_readme_has_every_word_of_the_closed_lists(words: tuple[str, ...]) -> None:
    """A list that is closed in code is complete in words."""
    assert [word for word in words if not _mentioned(word)] == []


@pytest.mark.parametrize("name", NAMES)
def test_readme_lists_the_provider_and_its_quirks(name: str) -> None:
    """The table and the book of quirks grow with the files; add a row and a section there."""
    assert f"| `{name}` |" in README
    book = README.partition("## Book of quirks")[2]
    if load_provider(name).quirks:
        assert f"### {name}\n" in book
    missing = [quirk for quirk in load_provider(name).quirks if quirk not in book]
    assert missing == []


def test_readme_quirks_are_dated() -> None:
    """A quirk without its day cannot be doubted later."""
    book = README.partition("## Book of quirks")[2]
    lines = [line for line in book.splitlines() if line.startswith("- ")]
    assert lines
    assert [line for line in lines if not re.match(r"- 20\d\d-\d\d-\d\d: ", line)] == []


def test_readme_example_is_a_sound_provider() -> None:
    """The file people copy from works as it stands."""
    blocks = re.findall(r"```yaml\n(# acme\.yml\n.*?)```", README, re.DOTALL)
    assert len(blocks) == 1
    acme = parse_provider(blocks[0], "acme.yml")
    assert {call.depth for call in acme.calls} == {Depth.REACH, Depth.ACCEPT, None}
    assert acme.channel is Channel.OFFICIAL
    assert acme.jobs
    assert acme.models
