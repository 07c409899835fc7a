"""The channels a fallback client may call: written out, or taken from a configuration; and their order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from genmedia_exporter.core.clock import SystemClock
from genmedia_exporter.core.status import Channel as Kind
from genmedia_exporter.core.status import Operation
from genmedia_exporter.providers.loader import normalise_base_url
from genmedia_exporter.targets.model import Account, Target
from genmedia_exporter.targets.source import ConfigSource

Wire = Literal["videos", "chat"]

_WIRES: Final[Mapping[str, Wire]] = {"/videos": "videos", "/chat/completions": "chat"}
_PREFIX: Final = "/v1"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to a model. `name` is the exporter's name of the target, when an exporter is asked.

    `wire` is what is called: `videos` POST /v1/videos, `chat` a streamed /v1/chat/completions as
    sora2api has it. `base_url` may be written with or without /v1. The credentials are in no repr.
    """

    name: str
    base_url: str
    api_key: str = field(repr=False)
    model: str
    channel: str = Kind.OFFICIAL.value
    wire: Wire = "videos"
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    problem: str = ""  # why it cannot be called at all, such as a credential that is not there

    @property
    def api_base(self) -> str:
        """The address below which the wire's paths lie."""
        return f"{normalise_base_url(self.base_url, _PREFIX)}{_PREFIX}"

    def hide(self, text: str) -> str:
        """Return *text* without this channel's credentials."""
        for secret in sorted((self.api_key, *self.headers.values()), key=len, reverse=True):
            text = text.replace(secret, "<secret>") if len(secret) >= _SHORTEST_SECRET else text
        return text


_SHORTEST_SECRET: Final = 4


def channels_of(path: str | Path) -> tuple[Channel, ...]:
    """Return the video channels of a configuration file that speak one of the wires, in its order.

    Raises Problems for a broken file, ValueError when no target of it can be called this way.
    """
    source = ConfigSource(Path(path), os.environ, SystemClock())
    source.load()
    made = (_channel(target) for target in source.resolution.targets)
    found = tuple(channel for channel in made if channel is not None)
    if not found:
        raise ValueError(f"{path}: no video target is called over /v1/videos or a chat stream")
    return found


def _channel(target: Target) -> Channel | None:
    job = target.provider.job_for(Operation.VIDEO, target.model)
    wire = _WIRES.get(job.path) if job is not None else None
    if target.operation is not Operation.VIDEO or wire is None:
        return None
    account = target.account
    return Channel(
        target.name,
        f"{account.base_url}{target.provider.prefix}",
        account.api_key.reveal() if account.api_key else "",
        target.model,
        target.channel.value,
        wire,
        MappingProxyType(_headers(account)),
        account.credential_problem or "",
    )


def _headers(account: Account) -> dict[str, str]:
    headers = {name: value.reveal() for name, value in account.headers.items()}
    if account.auth_header is not None and account.api_key is not None:
        headers[account.auth_header] = f"{account.auth_prefix or ''}{account.api_key.reveal()}"
    return headers


def in_order(
    channels: Sequence[Channel], prefer_official: bool, ranking: Mapping[str, Any] | None
) -> list[Channel]:
    """Return *channels* in the order to try them.

    With the exporter's *ranking*: what it calls usable by rank, what it does not know, then the
    rest by rank. Without: as given, official ones first when *prefer_official*.
    """
    if ranking is None:
        official = Kind.OFFICIAL.value
        return sorted(channels, key=lambda c: prefer_official and c.channel != official)
    places = _places(ranking["targets"])
    return sorted(channels, key=lambda c: places.get(c.name, (1, 0)))


def _places(targets: Iterable[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    return {one["target"]: (0 if one["usable"] else 2, int(one["rank"])) for one in targets}
