"""What a create on several routes has led to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from genmedia_client.routes import Channel

Cause = Literal["content", "request"]
"""Why a refusal will meet the caller again on any route: the prompt, or the request itself."""


@dataclass(frozen=True, slots=True)
class RouteError:
    """Why one route did not take the request. No field holds a credential of ours."""

    target: str  # the route's name
    channel: Channel
    kind: str  # class of the error
    status: int | None = None  # HTTP status, None without an answer
    code: str | None = None  # the answer's own error code
    message: str = ""  # at most 200 characters
    cause: Cause | None = None  # None: the reason is the route's own


@dataclass(frozen=True, slots=True)
class Result:
    """What a create has led to.

    `channel` is official or reverse and `target` the route's name: of the one that took the
    request, or with `maybe_accepted` of the one that may have taken it: look there before you
    create again, or you may pay twice. `errors` has one entry for each route that gave no success,
    in the order they were tried. `url` is the clip, where the wire gives it at once (chat).

    `stopped_by` tells why routes that were left are not tried: `content`, a vendor refused the
    prompt; `request`, a vendor found the request itself wrong, or it cannot even be written down.
    The last of `errors` says which.
    """

    success: bool
    channel: Channel | None = None
    target: str | None = None
    task_id: str | None = None
    errors: tuple[RouteError, ...] = ()
    maybe_accepted: bool = False
    url: str | None = None
    stopped_by: Cause | None = None
