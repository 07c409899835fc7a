"""What a provider file may say. One YAML file is one provider; README.md beside it shows how to write one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from genmedia_exporter.config.fields import Regex
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault, Operation, Status
from genmedia_exporter.providers.base import (
    HttpStatuses,
    JobWord,
    Model,
    Pointer,
    ProviderKind,
    Strings,
    among,
)
from genmedia_exporter.providers.calls import Auth, Balance, Call, Check, Job

MAX_RULES = 200
MAX_MODELS = 500


class When(Model):
    """Conditions of a rule; every one that is written must hold, each by any of its values.

    Texts compare without case. `code` and `type` may hold `*`.
    """

    code: Strings = ()  # error codes, status words such as INVALID_ARGUMENT, numbers as text
    type: Strings = ()  # the error's type
    param: Strings = ()
    message: Strings = ()  # fragments of the message (or of the text, where it is no JSON)
    body: Regex | None = None  # over the raw text
    http: HttpStatuses = ()
    header: dict[str, str] = Field(default={})  # name: fragment; "*" for presence
    checks: tuple[Check, ...] = ()
    depth: tuple[Depth, ...] = ()
    channel: tuple[Channel, ...] = ()
    kind: tuple[ProviderKind, ...] = ()
    job: tuple[JobWord, ...] = ()
    html: bool = False  # a web page; without it the rule never looks at one
    upstream: bool | None = None  # the words were relayed from behind the gateway

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a rule needs at least one condition under when")
        return self


class Rule(Model):
    """If `when` holds the answer means `means`; fault and status only where they differ from it."""

    id: str = Field(pattern=r"^[a-z0-9_.-]+$")
    when: When
    means: Reason
    fault: Fault | None = None
    status: Status | None = None
    relayed: bool | None = None  # false: the gateway's own words, whatever their shape
    explicit: bool | None = None  # default: yes when decided by a code or type
    source: str = ""

    @property
    def bare(self) -> bool:
        """Whether the rule looks at nothing the answer says, only at its outside."""
        return self.when.model_fields_set <= {"http", "html", "kind", "channel", "depth"}

    @property
    def by_code(self) -> bool:
        """Whether a match is explicit: decided by a code, not by prose or a bare status."""
        said = bool(self.when.code or self.when.type or self.when.checks)
        return said if self.explicit is None else self.explicit


class Pointers(Model):
    """Where an answer keeps its error."""

    code: Pointer | None = None
    type: Pointer | None = None
    message: Pointer | None = None
    param: Pointer | None = None


class Envelope(Model):
    """An answer's own verdict on itself, beside the HTTP status."""

    pointer: Pointer
    ok: tuple[Any, ...]  # values that mean success


class Price(Model):
    """What one use costs, in US dollars."""

    usd_per_second: float | None = Field(default=None, ge=0, le=1000)
    usd_per_request: float | None = Field(default=None, ge=0, le=1000)
    usd_per_image: float | None = Field(default=None, ge=0, le=1000)

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if len(self.units()) != 1:
            raise ValueError(
                "a price has exactly one of usd_per_second, usd_per_request, usd_per_image"
            )
        return self

    def units(self) -> dict[str, float]:
        """Return the price by unit: second, request or image."""
        named = {
            "second": self.usd_per_second,
            "request": self.usd_per_request,
            "image": self.usd_per_image,
        }
        return {unit: value for unit, value in named.items() if value is not None}


class ModelEntry(Model):
    """A model in the catalogue, with its lifecycle."""

    name: str
    operation: Operation
    aliases: tuple[str, ...] = ()
    channel: Channel | None = None
    price: Price | None = None
    end_date: date | None = None  # gone at the start of that day, UTC
    successor: str | None = None
    source: str

    @property
    def ends_at(self) -> Unix | None:
        """The end date in Unix seconds, or None."""
        if self.end_date is None:
            return None
        return Unix(datetime.combine(self.end_date, datetime.min.time(), UTC).timestamp())


class Provider(Model):
    """A provider file."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    title: str
    kind: ProviderKind
    base_url: str | None = None  # the vendor's own; None: the operator must write it
    prefix: str = ""  # version prefix such as /v1; a base_url may be written with or without
    channel: Channel = Channel.OFFICIAL
    operation: Operation = Operation.VIDEO  # of a model the catalogue does not know
    docs: str = ""
    auth: Auth = Auth()
    headers: dict[str, str] = Field(default={})
    answered_by: tuple[str, ...] = ()  # response headers that prove the application answered
    calls: tuple[Call, ...]
    errors: tuple[Pointers, ...] = ()  # tried before the generic ones
    own_types: tuple[str, ...] = ()  # a gateway's own error types; others are relayed
    envelope: Envelope | None = None
    balance: Balance | None = None  # what is left on our account, where the wire tells
    rules: tuple[Rule, ...] = Field(default=(), max_length=MAX_RULES)
    jobs: tuple[Job, ...] = ()
    models: tuple[ModelEntry, ...] = Field(default=(), max_length=MAX_MODELS)
    quirks: tuple[str, ...] = ()  # dated notes, "2026-11-22: ..."

    @field_validator("prefix")
    @classmethod
    def _plain_prefix(cls, value: str) -> str:
        if value and not re.fullmatch(r"(/[a-z0-9_-]+)+", value):
            raise ValueError("a prefix looks like /v1, without a slash at the end")
        return value

    @model_validator(mode="after")
    def _unique_ids(self) -> Self:
        for what, ids in (
            ("call", [call.id for call in self.calls]),
            ("rule", [rule.id for rule in self.rules]),
            ("model", [name for m in self.models for name in (m.name, *m.aliases)]),
        ):
            twice = sorted({name for name in ids if ids.count(name) > 1})
            if twice:
                raise ValueError(f"{what} named twice: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _every_call_has_a_use(self) -> Self:
        named = self.balance.calls if self.balance else ()
        unknown = sorted(set(named) - {call.id for call in self.calls})
        if unknown:
            raise ValueError(f"balance names a call that is not there: {', '.join(unknown)}")
        idle = [c.id for c in self.calls if not (c.depth or c.control_for or c.id in named)]
        if idle:
            raise ValueError(f"a call has either a depth or control_for: {', '.join(idle)}")
        return self

    def call_for(self, depth: Depth, operation: Operation, model: str | None = None) -> Call | None:
        """Return the free call that a probe of *operation* at *depth* makes, or None."""
        return next((c for c in self._calls(operation, model) if c.depth is depth), None)

    def controls_for(
        self, reason: Reason, operation: Operation, model: str | None = None
    ) -> tuple[Call, ...]:
        """Return the free calls that tell two readings of *reason* apart."""
        named = tuple(c for c in self._calls(operation, model) if reason in c.control_for)
        create = self.call_for(Depth.ACCEPT, operation, model)
        if reason is not Reason.REJECTION_UNPROVEN or create is None or create.again is None:
            return named
        return (*named, create.again)

    def call_named(self, name: str) -> Call | None:
        """Return the free call of that id, a create with other mistakes included; or None."""
        again = (call.again for call in self.calls if call.again is not None)
        return next((c for c in (*self.calls, *again) if c.id == name), None)

    def _calls(self, operation: Operation, model: str | None) -> Iterator[Call]:
        return (c for c in self.calls if operation in c.operations and among(model, c.models))

    def job_for(self, operation: Operation, model: str | None = None) -> Job | None:
        """Return how this provider generates, or None where it cannot."""
        fitting = (job for job in self.jobs if job.operation is operation)
        return next((job for job in fitting if among(model, job.models)), None)

    def jobs_for(self, operations: tuple[Operation, ...], model: str | None) -> tuple[Job, ...]:
        """Return every generation of *operations* described here; None for *model* means any."""
        fitting = (job for job in self.jobs if job.operation in operations)
        return tuple(job for job in fitting if among(model, job.models))

    def model(self, name: str) -> ModelEntry | None:
        """Return the catalogue's entry of a model by name or alias, or None."""
        return next((m for m in self.models if name in (m.name, *m.aliases)), None)


class Forwarding(Model):
    """Gateways that pass a vendor's error on in its own shape: how they are known, and their own types."""

    headers: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    own_types: tuple[str, ...] = ()


class Gateways(Model):
    """How gateways give themselves away, and what shows that they relay another's words.

    `headers` and `words` (codes, types) may hold `*`; `texts` and `consoles` are fragments of a
    message, in lower case. `vendor_types` are types of errors that vendors set, no gateway.
    `forwarding` serves where the provider has no file, or the wrong one.
    """

    headers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    consoles: tuple[str, ...] = ()
    vendor_types: tuple[str, ...] = ()
    forwarding: Forwarding = Forwarding()


class Generic(Model):
    """`_generic.yml`: what holds wherever a provider's own file says nothing.

    `words` and `job_pointers` read a job's state, `errors` an answer's error; `rules` come after
    every provider's own, the first that holds decides.
    """

    errors: tuple[Pointers, ...]
    nested: tuple[
        Pointer, ...
    ]  # where a gateway keeps the answer it relays: an object or JSON text
    job_pointers: tuple[Pointer, ...]
    words: dict[JobWord, tuple[str, ...]]
    answered_by: tuple[str, ...]
    error_headers: tuple[str, ...] = ()  # globs of headers whose value is an error code
    gateways: Gateways = Gateways()
    rules: tuple[Rule, ...]

    @cached_property
    def speaking(self) -> tuple[Rule, ...]:
        """The rules that look at codes or words; they come before every bare status."""
        return tuple(rule for rule in self.rules if not rule.bare)

    @cached_property
    def bare(self) -> tuple[Rule, ...]:
        """The rules that know nothing but the HTTP status, or that the answer is a web page."""
        return tuple(rule for rule in self.rules if rule.bare)

    @cached_property
    def of_success(self) -> tuple[Rule, ...]:
        """The rules that may speak about an answer that does not call itself an error."""
        return tuple(rule for rule in self.rules if rule.when.checks or rule.when.job)
