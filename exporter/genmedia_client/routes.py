"""The routes by which a client may reach a model, and the order in which it tries them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal
from urllib.parse import urlsplit

Channel = Literal["official", "reverse"]
"""The vendor's own API, or a gateway that imitates it on pooled accounts."""
Wire = Literal["videos", "chat"]

PREFIX: Final = "/v1"
_VERSION: Final = re.compile(r"v\d+(\.\d+)?((alpha|beta|p)\d*)*")
"""What a segment of a path looks like that is a version: where one is written, no other follows."""
_SHORTEST_SECRET: Final = 4
_UNRANKED: Final = (1, 0)
"""The place of a route the exporter does not know: behind what is usable, before what is not."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way to a model. `name` is the exporter's name of the target, when an exporter is asked.

    `wire` is what is called: `videos` POST /v1/videos, `chat` a streamed /v1/chat/completions as
    sora2api has it. `base_url` may be written with or without /v1. The credentials are in no repr.
    """

    name: str
    base_url: str
    api_key: str = field(repr=False)
    model: str
    channel: Channel = "official"
    wire: Wire = "videos"
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    problem: str = ""  # why it cannot be called at all, such as a missing credential

    @property
    def api_base(self) -> str:
        """The address below which the paths of the wire are."""
        parts = urlsplit(self.base_url)
        segments = [segment for segment in parts.path.split("/") if segment]
        while segments and f"/{segments[-1]}" == PREFIX:
            segments.pop()
        own = any(_VERSION.fullmatch(segment) for segment in segments)
        path = "".join(f"/{segment}" for segment in segments)
        return f"{parts.scheme}://{parts.netloc}{path}{'' if own else PREFIX}"

    def redact(self, text: str) -> str:
        """Return *text* without this route's credentials."""
        for secret in sorted((self.api_key, *self.headers.values()), key=len, reverse=True):
            text = text.replace(secret, "<secret>") if len(secret) >= _SHORTEST_SECRET else text
        return text


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
