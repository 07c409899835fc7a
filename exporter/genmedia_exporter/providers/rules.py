"""How a provider file reads an answer: where its error stands, and rules that say what it means."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from genmedia_exporter.config.fields import Regex
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Channel, Depth, Fault, Status
from genmedia_exporter.providers.base import (
    HttpStatuses,
    JobWord,
    Model,
    Pointer,
    ProviderKind,
    Strings,
)
from genmedia_exporter.providers.calls import Check


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


class Envelope(Model):
    """An answer's own verdict on itself, beside the HTTP status."""

    pointer: Pointer
    ok: tuple[Any, ...]  # values that mean success
