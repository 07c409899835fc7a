"""The routes by which a client may reach a model, and the order in which it tries them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, get_args

from genmedia_client import addresses, credentials

Channel = Literal["official", "reverse"]
"""The vendor's own API, or a gateway that imitates it on pooled accounts."""
Wire = Literal["videos", "chat"]

_UNRANKED: Final = (1, 0)
"""The place of a route the exporter does not know: behind what is usable, before what is not."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way to a model. `name` is the exporter's name of the target, when an exporter is asked.

    `wire` is what is called: `videos` POST /v1/videos, `chat` a streamed /v1/chat/completions as
    sora2api has it. `base_url` may be written with or without /v1. White space around address, key
    and headers is cut off. The credentials are in no repr.

    Raises ValueError for what a program writes: a name or model that is empty, a channel or wire
    that is unknown. What comes from the place it runs in (address, key, headers) raises nothing,
    for the other routes may do: `unusable` says what is wrong, and no create is sent there.
    """

    name: str
    base_url: str
    api_key: str = field(repr=False)
    model: str
    channel: Channel = "official"
    wire: Wire = "videos"
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    problem: str = ""  # why it cannot be called at all, such as a missing credential

    def __post_init__(self) -> None:
        """Check what a program writes, and take white space off the rest."""
        _require_text("name", self.name, self.name)
        _require_text("model", self.model, self.name)
        _require_word("channel", self.channel, get_args(Channel), self.name)
        _require_word("wire", self.wire, get_args(Wire), self.name)
        if not isinstance(self.headers, Mapping):
            raise ValueError(f"route {self.name!r}: headers is not a mapping of names to values")
        headers = {name: _trimmed(value) for name, value in self.headers.items()}
        object.__setattr__(self, "base_url", _trimmed(self.base_url))
        object.__setattr__(self, "api_key", _trimmed(self.api_key))
        object.__setattr__(self, "headers", MappingProxyType(headers))

    def __repr__(self) -> str:
        """Return it without credentials; an address may hold a password."""
        address = self.redact(credentials.redact_address(self.base_url))
        said = (self.name, address, self.model, self.channel, self.wire)
        return f"Route({', '.join(map(repr, said))})"

    @property
    def api_base(self) -> str:
        """The address below which the paths of the wire are. Raises ValueError where it is none."""
        return addresses.api_base(self.base_url)

    @property
    def unusable(self) -> str:
        """Why nothing can be sent over this route; empty when something can."""
        return (
            self.problem
            or addresses.address_problem(self.base_url)
            or credentials.key_problem(self.api_key)
            or credentials.headers_problem(self.headers.items())
        )

    def redact(self, text: str) -> str:
        """Return *text* without this route's credentials."""
        values = (self.api_key, *self.headers.values())
        return credentials.redact(text, values, self.base_url)


def _require_text(field_name: str, value: object, name: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"route {name!r}: {field_name} is not a text with something in it")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"route {name!r}: {field_name} is not valid text") from None


def _require_word(field_name: str, value: object, words: Sequence[str], name: str) -> None:
    if value not in words:
        raise ValueError(f"route {name!r}: {field_name} is {' or '.join(words)}, not {value!r}")


def _trimmed(value: object) -> object:
    """Return *value* without white space around it; what is only white space stays, as a mistake."""
    return (value.strip() or value) if isinstance(value, str) else value


def ordered(
    routes: Sequence[Route], prefer_official: bool, places: Mapping[str, tuple[int, int]] | None
) -> list[Route]:
    """Return *routes* in the order to try them.

    With the exporter's *places*: the usable ones by rank, then those it does not know, then the
    others by rank. Without: as given, official ones first when *prefer_official*.
    """
    if places is None:
        return sorted(routes, key=lambda route: prefer_official and route.channel != "official")
    return sorted(routes, key=lambda route: places.get(route.name, _UNRANKED))
