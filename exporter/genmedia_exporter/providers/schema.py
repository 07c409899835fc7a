"""What a provider file may say. One YAML file is one provider; README.md beside it shows how to write one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Operation
from genmedia_exporter.providers.base import (
    JobWord,
    Model,
    Pointer,
    Pointers,
    ProviderKind,
    among,
)
from genmedia_exporter.providers.calls import Auth, Balance, Call, Job
from genmedia_exporter.providers.prices import Price, PriceAt
from genmedia_exporter.providers.rules import Envelope, Rule

MAX_RULES = 200
MAX_MODELS = 500


class ModelEntry(Model):
    """A model in the catalogue, with its lifecycle."""

    name: str
    operation: Operation
    family: str | None = None  # the logical model, over all channels; None: the name
    aliases: tuple[str, ...] = ()
    channel: Channel | None = None
    price: Price | None = None
    prices: tuple[PriceAt, ...] = ()  # the first that fits what a job asks for, before `price`
    no_price: str | None = Field(default=None, min_length=1)  # why nothing is bought of it
    end_date: date | None = None  # gone at the start of that day, UTC
    end_date_certain: bool = True  # False: announced to people, but no target is retired by it
    successor: str | None = None
    source: str = Field(min_length=1)  # of its name, price and dates
    checked: date | None = None  # when it was last compared with its source; None: the file's

    @model_validator(mode="after")
    def _names_its_place(self) -> Self:
        if any(not price.at for price in self.prices):
            raise ValueError("each of prices says what it is `at`; `price` is for everything else")
        if self.no_price and (self.price or self.prices):
            raise ValueError("it has a price and says why it has none: leave out one of them")
        return self

    def price_for(self, job: Job | None, host: str) -> Price | None:
        """Return the price of what *job* asks for at an account on *host*; None where none is known."""
        asks = {**(job.asks if job else {}), "host": host}
        fitting = next((p for p in self.prices if p.at.items() <= asks.items()), None)
        if fitting is None:
            return self.price
        return fitting.plain(job.tokens if job else None)

    @property
    def names(self) -> tuple[str, ...]:
        """Its name and its aliases."""
        return (self.name, *self.aliases)

    @property
    def family_name(self) -> str:
        """The logical model it is, whoever sells it."""
        return self.family or self.name

    @property
    def ends_at(self) -> Unix | None:
        """The end date in Unix seconds, or None."""
        if self.end_date is None:
            return None
        return Unix(datetime.combine(self.end_date, datetime.min.time(), UTC).timestamp())


TrustedHost = Annotated[str, Field(pattern=r"^(\*\.)?([a-z0-9-]+\.)+[a-z]{2,}$")]
"""A host name, or all below one: `*.bfl.ai`. Never a whole top-level domain."""


VariableName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class OwnPage(Model):
    """The status page that speaks for this provider."""

    url: str = Field(pattern=r"^https://[^\s?#]+[^\s?#/]$")
    engine: str = "auto"
    products: tuple[str, ...] = ()
    component: str | None = None  # what on it speaks for generation
    source: str = Field(min_length=1)


class Provider(Model):
    """A provider file."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    extends: str | None = None  # a built-in provider whose parts stand where this file has none
    title: str
    kind: ProviderKind
    base_url: str | None = None  # the vendor's own, may hold {account.NAME}; None: must be written
    prefix: str = ""  # version prefix such as /v1; a base_url may be written with or without
    channel: Channel = Channel.OFFICIAL
    operation: Operation = Operation.VIDEO  # of a model the catalogue does not know
    docs: str = ""
    auth: Auth = Auth()
    variables: dict[VariableName, str | None] = Field(default={})
    """What an account may write for `{account.NAME}`, with its default; null: it must be written."""
    headers: dict[str, str] = Field(
        default={}
    )  # may hold {uuid}, {now}, {account.NAME}, {env.NAME}
    hosts: tuple[
        TrustedHost, ...
    ] = ()  # where the key may go besides the base URL's, by https only
    status_page: OwnPage | None = None
    no_status_page: str | None = Field(default=None, min_length=1)  # what was found instead
    answered_by: tuple[str, ...] = ()  # response headers that prove the application answered
    calls: tuple[Call, ...]
    errors: tuple[Pointers, ...] = ()  # tried before the generic ones
    own_types: tuple[str, ...] = ()  # a gateway's own error types; others are relayed
    envelope: Envelope | None = None
    balance: Balance | None = None  # what is left on our account, where the wire tells
    rules: tuple[Rule, ...] = Field(default=(), max_length=MAX_RULES)
    jobs: tuple[Job, ...] = ()
    models: tuple[ModelEntry, ...] = Field(default=(), max_length=MAX_MODELS)
    no_models: str | None = Field(default=None, min_length=1)  # why it lists none
    checked: date | None = None  # when the models were last compared with their sources
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
            ("model", [name for m in self.models for name in m.names]),
        ):
            twice = sorted({name for name in ids if ids.count(name) > 1})
            if twice:
                raise ValueError(f"{what} named twice: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _says_one_of_both(self) -> Self:
        for given, why in (("status_page", "no_status_page"), ("models", "no_models")):
            if getattr(self, given) and getattr(self, why):
                raise ValueError(f"it has {given} and {why}: leave out one of them")
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
        fitting = (call for call in self.calls if call.depth is depth)
        return next((call for call in fitting if _serves(call, operation, model)), None)

    def controls_for(
        self, reason: Reason, operation: Operation, model: str | None = None
    ) -> tuple[Call, ...]:
        """Return the free calls that tell two readings of *reason* apart."""
        fitting = (call for call in self.calls if reason in call.control_for)
        named = tuple(call for call in fitting if _serves(call, operation, model))
        if reason is not Reason.REJECTION_UNPROVEN:
            return named
        create = self.call_for(Depth.ACCEPT, operation, model)
        return named if create is None or create.again is None else (*named, create.again)

    def call_named(self, name: str) -> Call | None:
        """Return the free call of that id, the creates after a first one included; or None."""
        written = next((call for call in self.calls if call.id == name), None)
        if written is not None:  # the others are made anew each time, and seldom asked for
            return written
        creates = [call for call in self.calls if call.again is not None]
        again = (made for call in creates for made in (call.again, call.repeated))
        return next((call for call in again if call is not None and call.id == name), None)

    def job_for(self, operation: Operation, model: str | None = None) -> Job | None:
        """Return how this provider generates, or None where it cannot."""
        fitting = (job for job in self.jobs if job.operation is operation)
        return next((job for job in fitting if among(model, job.models)), None)

    def jobs_for(self, operations: tuple[Operation, ...], model: str | None) -> tuple[Job, ...]:
        """Return every generation of *operations* described here; None for *model* means any."""
        fitting = (job for job in self.jobs if job.operation in operations)
        return tuple(job for job in fitting if among(model, job.models))

    def with_prefix(self, prefix: str) -> Provider:
        """Return this provider as it is called where an address has a version of its own."""
        return self if prefix == self.prefix else self.model_copy(update={"prefix": prefix})

    def model(self, name: str) -> ModelEntry | None:
        """Return the catalogue's entry of a model by name or alias, or None."""
        return next((m for m in self.models if name in m.names), None)


def _serves(call: Call, operation: Operation, model: str | None) -> bool:
    return operation in call.operations and among(model, call.models)


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
