"""One call at a pretend provider: the request, what the path named, and what the call is for."""

import enum
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from genmedia_exporter.demo.environment import Environment
from genmedia_exporter.demo.jobs import JobBook
from genmedia_exporter.demo.ledger import Ledger
from genmedia_exporter.demo.message import Request, Response, read_fields
from genmedia_exporter.demo.transport import Fault

__all__ = ["KEY", "Action", "Call", "Model", "Role", "Route", "Shared", "bearer"]

KEY = "demo-key"


class Role(enum.Enum):
    """What a call is for; a fault's scope says which of these show it."""

    OPEN = "open"
    LIST = "list"
    MODEL = "model"
    ACCOUNT = "account"
    CREATE = "create"
    POLL = "poll"
    ASSET = "asset"


@dataclass(frozen=True)
class Model:
    """A model on sale: its id and price in USD, per second of video or per call."""

    id: str
    usd: float


@dataclass(frozen=True)
class Shared:
    """What all services share: time and chance, the jobs, the ledger, a job's length in seconds."""

    environment: Environment
    jobs: JobBook
    ledger: Ledger
    job_seconds: float


@dataclass(frozen=True)
class Call:
    """One request at a service, with the fault in force and what the path named."""

    request: Request
    fault: Fault | None
    captured: Mapping[str, str]

    def fault_option(self, name: str) -> str:
        """A text option of the fault in force; empty when there is none."""
        return self.fault.text(name) if self.fault else ""

    @functools.cached_property
    def fields(self) -> dict[str, Any]:
        """The body's fields; empty when it cannot be read."""
        return read_fields(self.request)

    def field(self, *path: str) -> Any:
        """A field, possibly nested; None when it is not there."""
        value: Any = self.fields
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def text(self, *path: str) -> str:
        """A field that is a text; empty otherwise."""
        value = self.field(*path)
        return value if isinstance(value, str) else ""


Action = Callable[[Call], Response]


class Route:
    """A method and a path such as /v1/videos/{id}; {name:path} takes slashes too."""

    def __init__(
        self, method: str, path: str, role: Role, action: Action, *, keyed: bool = True
    ) -> None:
        self.method = method
        self.role = role
        self.action = action
        self.keyed = keyed and role is not Role.OPEN
        wide = re.sub(r"\\\{(\w+):path\\\}", r"(?P<\1>.{1,400}?)", re.escape(path))
        self._pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]{1,200}?)", wide))

    def match(self, request: Request) -> Mapping[str, str] | None:
        """What the path names, or None when this is another route's request."""
        if request.method not in (self.method, "HEAD" if self.method == "GET" else self.method):
            return None
        found = self._pattern.fullmatch(request.path)
        return found.groupdict() if found else None


def bearer(request: Request) -> str:
    """The key of an Authorization: Bearer header; empty when there is none."""
    kind, _, key = request.header("authorization").partition(" ")
    return key.strip() if kind.lower() == "bearer" else ""
