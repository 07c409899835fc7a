"""What a use of a model costs: by what is asked for, in the unit that its vendor bills."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from genmedia_exporter.providers.base import Model


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


class PriceAt(Model):
    """What one use costs where all of `at` holds: what the job asks for, and the account's host."""

    at: dict[str, str] = Field(default={})  # such as resolution: 720p; host: the account's
    usd_per_second: float | None = Field(default=None, ge=0, le=1000)
    usd_per_request: float | None = Field(default=None, ge=0, le=1000)
    usd_per_image: float | None = Field(default=None, ge=0, le=1000)
    usd_per_million_tokens: float | None = Field(default=None, ge=0, le=10_000)

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        given = self.model_dump(exclude={"at"}, exclude_none=True)
        if len(given) != 1:
            raise ValueError("a price has exactly one unit")
        return self

    def plain(self, tokens: int | None) -> Price | None:
        """Return it by second, request or image; by token only where *tokens* are known."""
        if self.usd_per_million_tokens is None:
            return Price(**self.model_dump(exclude={"at", "usd_per_million_tokens"}))
        if tokens is None:
            return None
        return Price(usd_per_request=round(self.usd_per_million_tokens * tokens / 1e6, 6))
