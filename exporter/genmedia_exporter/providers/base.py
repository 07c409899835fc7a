"""What every part of a provider file is made of: the strict model, types of values, closed lists of words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from genmedia_exporter.config.fields import check_http, check_pointer
from genmedia_exporter.config.values import as_list

T = TypeVar("T")

Proof = Literal[
    "edge", "application", "catalogue", "key", "listing", "account", "balance", "route",
    "validator", "channel", "account_pool",
]  # fmt: skip
ProviderKind = Literal["direct", "gateway", "self_hosted"]
DriverName = Literal["async_job", "sync_image", "chat_stream", "plain_http"]
JobWord = Literal[
    "queued", "running", "succeeded", "failed", "cancelled", "expired", "moderated", "unknown"
]

PLACEHOLDER: Final = r"\{((?:account\.|env\.)?[A-Za-z_]\w*)\}"
"""What stands in a template for a value: `{model}`, `{account.region}`, `{env.NAME}`."""
_FIELD: Final = re.compile(PLACEHOLDER)


def placeholders(template: object) -> frozenset[str]:
    """Return the names of all `{name}` in the texts of *template*, however deep they stand."""
    if isinstance(template, str):
        return frozenset(_FIELD.findall(template))
    if isinstance(template, Mapping):
        return frozenset().union(*map(placeholders, template.values()))
    if isinstance(template, list | tuple):
        return frozenset().union(*map(placeholders, template))
    return frozenset()


Pointer = Annotated[str, AfterValidator(check_pointer)]
PointerList = Annotated[tuple[Pointer, ...], BeforeValidator(as_list)]
HttpStatus = Annotated[str | int, AfterValidator(check_http)]
HttpStatuses = Annotated[tuple[HttpStatus, ...], BeforeValidator(as_list)]
Strings = Annotated[tuple[str, ...], BeforeValidator(as_list)]
Globs = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(as_list)]


@lru_cache(maxsize=16_384)
def among(model: str | None, globs: tuple[str, ...]) -> bool:
    """Whether *model* fits one of the patterns; None stands for any model."""
    return model is None or any(fnmatchcase(model, glob) for glob in globs)


class Model(BaseModel):
    """Strict and frozen: an unknown key is an error, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Pointers(Model):
    """Where an answer keeps its error."""

    code: Pointer | None = None
    type: Pointer | None = None
    message: Pointer | None = None
    param: Pointer | None = None
