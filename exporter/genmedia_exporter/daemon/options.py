"""What the command line asks of the daemon."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from genmedia_exporter.daemon.supervisor import Supervisor
from genmedia_exporter.web.http.web_config_watch import WebConfigWatch
from genmedia_exporter.web.look import PLAIN, Look


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks of the daemon."""

    listen: Callable[[], Sequence[socket.socket]] = tuple  # the server closes what it returns
    enable_lifecycle: bool = False
    auto_reload_interval: float | None = None  # seconds; None: off
    route_prefix: str = ""
    external_url: str = ""
    look: Look = PLAIN
    allowed_hosts: Sequence[str] = ()
    supervisor: Supervisor = field(default_factory=lambda: Supervisor({}))
    web_config: WebConfigWatch = field(default_factory=WebConfigWatch)
