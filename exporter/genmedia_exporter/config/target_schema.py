"""What the configuration file may say of accounts and targets, and what the two share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from genmedia_exporter.config.fields import (
    MAX_PROVIDER,
    Concurrency,
    Connection,
    Depths,
    HeaderName,
    HeaderPrefix,
    Headers,
    HttpStatuses,
    Interval,
    Pointer,
    Ratio,
    Regex,
    Schedule,
    Section,
    Text,
    Timeout,
    UrlPath,
    Usd,
    Variables,
)
from genmedia_exporter.config.values import (
    ModelName,
    Name,
    Number,
    SecretField,
    Url,
    check_model,
    check_name,
)
from genmedia_exporter.core.status import Channel, Depth, Operation


class Intervals(Section):
    """Seconds between probes by depth; None where a wider setting holds.

    A single duration instead of the mapping is for the free depths: it must not make paid ones
    more frequent by accident.
    """

    reach: Interval | None = None
    accept: Interval | None = None
    generate: Interval | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_for_the_free(cls, value: Any) -> Any:
        return {"reach": value, "accept": value} if isinstance(value, str | int | float) else value

    def of(self, depth: Depth) -> float | None:
        """Return the seconds set here for *depth*, or None."""
        seconds: float | None = getattr(self, depth.value)
        return seconds


class PriceConfig(Section):
    """What one use costs, in exactly one unit."""

    usd_per_second: Annotated[Number, Field(ge=0, le=1000)] | None = None
    usd_per_request: Annotated[Number, Field(ge=0, le=1000)] | None = None
    usd_per_image: Annotated[Number, Field(ge=0, le=1000)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("one of usd_per_second, usd_per_request and usd_per_image expected")
        return self


class CapConfig(Section):
    """What paid probes of an account or a target may cost; only ever less than the whole budget."""

    daily_usd: Usd | None = None
    monthly_usd: Usd | None = None


class ProbeConfig(Section):
    """How the free probes of an account or a target are made."""

    connection: Connection | None = None


class AuthConfig(Section):
    """How the credential is attached, where the provider's own way does not fit."""

    header: HeaderName | None = None
    prefix: HeaderPrefix | None = None


class Overrides(Section):
    """What an account or a target may set instead of the defaults."""

    channel: Channel | None = None
    timeout: Timeout | None = None
    interval: Intervals = Intervals()
    depths: Depths | None = None
    schedule: Schedule | None = None
    probe: ProbeConfig = ProbeConfig()
    price: PriceConfig | None = None
    budget: CapConfig = CapConfig()
    slo: Ratio | None = None


class AccountConfig(Overrides):
    """A base URL and a credential at a provider."""

    provider: Annotated[str, Field(min_length=1, max_length=MAX_PROVIDER)]
    base_url: Url | None = None
    api_key: SecretField | None = None
    concurrency: Concurrency | None = None
    headers: Headers = Field(default={})
    vendor: Name | None = None  # who runs it; otherwise the registrable domain of the host
    variables: Variables = Field(default={})
    auth: AuthConfig = AuthConfig()


class PageRef(Section):
    """The component of a status page that speaks for a target."""

    id: Name | None = None  # None: the page of the target's provider
    component: Text | None = None  # None: the one that the provider's file names


class CheckConfig(Section):
    """One condition on a JSON answer; with the pointer alone, something must be there."""

    pointer: Pointer
    equals: Any = None
    any_of: tuple[Any, ...] = ()
    matches: Regex | None = None
    type: Literal["list", "object", "string", "number", "boolean"] | None = None


class ExpectConfig(Section):
    """What a plain URL must answer."""

    http: HttpStatuses = ("2xx",)
    body: Regex | None = None
    checks: Annotated[tuple[CheckConfig, ...], Field(max_length=50)] = ()


def _is_sound(check: Callable[[str], str], value: object) -> bool:
    try:
        return isinstance(value, str) and bool(check(value))
    except ValueError:
        return False


class TargetConfig(Overrides):
    """One thing to watch. Without a name it is called `<account>/<model>`, or like its account."""

    name: Name
    account: Name
    model: ModelName | None = None
    family: ModelName | None = None
    operation: Operation | None = None
    page: PageRef | None = None
    path: UrlPath | None = None
    expect: ExpectConfig | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_by_default(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "name" in value:
            return value
        parts = [value.get("account"), value.get("model")]
        name = "/".join(part for part in parts if isinstance(part, str))
        try:
            check_name(name)
        except ValueError:
            # Too long only when both parts are sound; otherwise they have problems of their own.
            name = name[:1] or "?"
            if _is_sound(check_name, parts[0]) and _is_sound(check_model, parts[1]):
                raise ValueError("account and model make too long a name: write name:") from None
        return {**value, "name": name}
