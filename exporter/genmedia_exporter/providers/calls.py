"""How a service is asked, as a provider file says it: the free calls, and the jobs that cost money."""

from __future__ import annotations

from typing import Any, Final, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from genmedia_exporter.config.fields import Regex
from genmedia_exporter.core.evidence import REPEATED, SECOND
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Operation
from genmedia_exporter.providers.base import (
    DriverName,
    Globs,
    HttpStatuses,
    JobWord,
    Model,
    Pointer,
    PointerList,
    Pointers,
    Proof,
)

AuthKind = Literal[
    "header", "query", "jwt_hs256", "oauth_client_credentials", "google_service_account", "aws_sigv4",
    "volcengine", "tencent_tc3", "none",
]  # fmt: skip
SIGNED: Final = frozenset({"aws_sigv4", "volcengine", "tencent_tc3"})
"""Kinds that sign each request with a pair of keys."""
EXCHANGED: Final = frozenset({"oauth_client_credentials", "google_service_account"})
"""Kinds that exchange the credential for a token."""


class Auth(Model):
    """How the credential is attached."""

    type: AuthKind = "header"
    header: str = "Authorization"
    prefix: str = "Bearer "
    parameter: str = "key"  # query only
    optional: bool = False  # the service may run without keys (self-hosted)
    ttl_seconds: int = Field(default=1800, ge=60, le=86400)  # jwt_hs256 only
    service: str = ""  # of a signature
    region: str = ""  # of a signature; may hold {account.NAME}
    token_url: str = ""  # where a token is asked for; may hold {account.NAME}
    scope: str = ""  # of a token

    model_config = ConfigDict(str_strip_whitespace=False)  # the prefix ends in a blank

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = ["service"] if self.type in SIGNED else []
        needed += ["region"] if self.type in ("aws_sigv4", "volcengine") else []
        needed += ["token_url"] if self.type in EXCHANGED else []
        lacking = [key for key in needed if not getattr(self, key)]
        if lacking:
            raise ValueError(f"{self.type} takes {' and '.join(lacking)}")
        return self

    def kind_for(self, credential: str) -> AuthKind:
        """Return how *credential* is attached: a plain token is sent as it is where files say pairs."""
        if self.type == "google_service_account":
            return self.type if credential.startswith("{") else "header"
        if self.type in ("jwt_hs256", "aws_sigv4"):
            return self.type if ":" in credential else "header"
        return self.type


class Check(Model):
    """One condition on a JSON answer. With no other field, the pointer must exist and not be null."""

    pointer: Pointer
    equals: Any = None
    any_of: tuple[Any, ...] = ()
    matches: Regex | None = None
    type: Literal["list", "object", "string", "number", "boolean"] | None = None


class Membership(Model):
    """Where a listing answer names the models, so that the target's model can be looked up."""

    pointer: Pointer  # the list
    field: str = "id"  # within each item; empty when the items are strings
    value: str = "{model}"  # what to look for


class Amount(Model):
    """Where the answer to a free call tells an amount."""

    call: str  # id of the call; one that a depth makes anyway costs no request
    pointer: Pointer
    per_unit: float = Field(default=1, gt=0)  # how many of its unit are one of the balance's


class Balance(Model):
    """What is left on our account: one amount, or the difference of two."""

    unit: str = Field(pattern=r"^[a-z][a-z0-9_]*$")  # usd, credits, quota; a label value
    left: Amount
    used: Amount | None = None  # taken off what is left, where that is a limit
    unlimited: tuple[Check, ...] = ()  # any that holds on the answer to `left`: there is no limit

    @property
    def calls(self) -> tuple[str, ...]:
        """The ids of the calls it takes."""
        named = (self.left.call, *((self.used.call,) if self.used else ()))
        return tuple(dict.fromkeys(named))


class SecondCreate(Model):
    """The same create with other mistakes: it tells a validator from a refusal of everything.

    Made only after a rejection that nothing proves; it must be refused as surely as the first.
    """

    body: Any = Field(default=None, alias="json")
    form: dict[str, str] | None = None
    breaks: tuple[str, ...] = Field(min_length=2)  # two mistakes at least: a lax validator bills


class Call(Model):
    """One free call: what to send, what a sound answer looks like, and what it proves.

    `path` and the strings in `json`/`query` may hold {model} and {operation}; a path is appended
    to the base URL's version prefix unless it starts with `//`, which leaves the version prefix out,
    or is an https address of its own: the vendor's other host, where the key goes, too.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    depth: Depth | None = None  # reach or accept; None for a control call and one of the balance
    control_for: tuple[Reason, ...] = ()  # reasons of a reach/accept verdict that call for this one
    operations: tuple[Operation, ...] = tuple(Operation)
    models: Globs = ("*",)  # patterns of the models it is for; the first call that fits is made
    method: Literal["GET", "HEAD", "POST", "PUT", "DELETE"] = "GET"
    path: str
    query: dict[str, str] = Field(default={})
    headers: dict[str, str] = Field(default={})
    body: Any = Field(default=None, alias="json")
    form: dict[str, str] | None = None  # multipart/form-data instead of json
    auth: bool = True
    http: HttpStatuses = ("2xx",)  # statuses of a sound answer
    expect: tuple[Check, ...] = ()  # all must hold on a sound answer
    membership: Membership | None = None
    end_date: Pointer | None = None  # where the model, or its item in the listing, tells its end
    breaks: tuple[str, ...] = ()  # what a create is wrong in, and other names its vendor has for it
    control: SecondCreate | None = None
    proves: tuple[Proof, ...]
    source: str = ""

    @model_validator(mode="after")
    def _one_role(self) -> Self:
        if self.depth is not None and self.control_for:
            raise ValueError("a call has either a depth or control_for")
        if (self.breaks or self.control) and self.depth is not Depth.ACCEPT:
            raise ValueError("only a call with the depth accept breaks something")
        if self.depth is Depth.GENERATE:
            raise ValueError("a free call cannot have the depth generate; describe it under jobs")
        return self

    @property
    def again(self) -> Call | None:
        """The same create with other mistakes, or None where the file has none."""
        if self.control is None:
            return None
        other = {"id": self.id + SECOND, "control": None, "breaks": self.control.breaks}
        return self.model_copy(
            update={**other, "body": self.control.body, "form": self.control.form}
        )

    @property
    def repeated(self) -> Call:
        """The same create with the same mistakes: does the service say the same to the same?"""
        return self.model_copy(update={"id": self.id + REPEATED, "control": None})


class Poll(Model):
    """How a job is asked after."""

    method: Literal["GET", "POST"] = "GET"
    path: str  # may hold {id} and {model}
    headers: dict[str, str] = Field(default={})
    body: Any = Field(default=None, alias="json")
    http: HttpStatuses = ("200", "202")
    interval_seconds: float = Field(default=10, gt=0, le=600)
    deadline_seconds: float = Field(default=900, gt=0, le=7200)


class JobStatus(Model):
    """Where the job's word stands and what the words mean. `done`: a boolean instead of a word."""

    pointer: Pointer | None = None
    done: Pointer | None = None
    words: dict[JobWord, tuple[str, ...]] = Field(default={})  # numbers and booleans as text
    absent: JobWord | None = None  # what an answer without any state means
    errors: dict[JobWord, Pointers] = Field(default={})  # where the error stands in that state

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.pointer is None) == (self.done is None):
            raise ValueError("a job status has either a pointer or done")
        return self


class Output(Model):
    """Where the generated asset is: a pointer to its URL or base64 data, or a path to fetch.

    With a pointer and an address (`path`, `result_url`) what is fetched there is JSON, and the
    pointer is into that. What a pointer leads to tells itself whether it is a URL.
    """

    pointer: PointerList = ()  # the first that leads to something
    path: str | None = None
    result_url: Pointer | None = None  # absolute URL given by the service; same origin only
    must_match: Regex | None = None  # group 1 is the URL within a text
    encoding: Literal["url", "base64"] = "url"


class Cancel(Model):
    """How a job is cancelled or its record deleted, and in which states."""

    method: Literal["DELETE", "POST", "PUT"]
    path: str
    url: Pointer | None = None  # absolute URL given by the service; same origin only
    states: tuple[JobWord, ...]


class Cost(Model):
    """Where an answer says what the generation cost, and in what unit."""

    pointer: Pointer
    per_usd: float | None = Field(default=None, gt=0)  # how many of its unit are a US dollar
    usd_per_million_tokens: float | None = Field(default=None, gt=0)  # where it counts tokens

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if self.per_usd is not None and self.usd_per_million_tokens is not None:
            raise ValueError("a cost is told in one unit: per_usd or usd_per_million_tokens")
        return self

    def usd(self, value: float) -> float | None:
        """Return what *value*, as the answer tells it, is in US dollars; nothing is made of no token."""
        if self.usd_per_million_tokens is not None:
            return value * self.usd_per_million_tokens / 1e6 if value > 0 else None
        return value / (self.per_usd or 1)


class Job(Model):
    """A paid generation of one operation, described for its driver."""

    operation: Operation
    models: Globs = ("*",)  # patterns of the models it is for; the first job that fits is run
    driver: DriverName
    method: Literal["POST"] = "POST"
    path: str
    headers: dict[str, str] = Field(default={})
    body: Any = Field(default=None, alias="json")  # {prompt}, {model}
    form: dict[str, str] | None = None
    http: HttpStatuses = ("200", "201", "202")
    id: Pointer | None = None
    poll_url: Pointer | None = None  # absolute URL given by the service; same origin only
    poll: Poll | None = None
    status: JobStatus | None = None
    captures: dict[str, Pointer] = Field(default={})  # {name} from the poll that says succeeded
    progress: Pointer | None = None
    moderation: tuple[Check, ...] = ()
    output: Output | None = None
    cancel: Cancel | None = None
    cost: Cost | None = None
    timeout_seconds: float = Field(default=300, gt=0, le=3600)  # of an answer that is the result
    seconds: float | None = Field(default=None, gt=0)  # length of the clip asked for, for the price
    asks: dict[str, str] = Field(default={})  # what else decides the price: resolution, mode, sound
    tokens: int | None = Field(default=None, gt=0)  # how many such a generation is billed by
