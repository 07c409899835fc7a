"""Listen addresses and their sockets; apart from the server, so that a start can take them first."""

from __future__ import annotations

import os
import socket
from typing import Final

DEFAULT_ADDRESS: Final = ":10067"
BACKLOG: Final = 1024


def listen(address: str) -> list[socket.socket]:
    """Bind `:10067`, `127.0.0.1:0`, `[::1]:9` or `localhost:8080`; without a host, on all addresses.

    Raises ValueError when *address* is not of that shape, OSError with one clear line when it
    cannot be bound.
    """
    host, port = _split(address)
    sockets: list[socket.socket] = []
    try:
        for family, place in _places(host, port):
            if sockets and not port:  # one free port for all addresses of a name
                place = (place[0], sockets[0].getsockname()[1])
            sockets.append(_bind(family, place, dual=not host))
    except OSError as error:
        for bound in sockets:
            bound.close()
        raise OSError(error.errno, f"cannot listen on {address}: {_why(error)}") from None
    return sockets


def _split(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not (port.isascii() and port.isdigit()) or (":" in host and not bracketed):
        raise ValueError(f"'{address}' is not a listen address: write :10067, or HOST:PORT")
    if int(port[:6]) > 65535:
        raise ValueError(f"'{address}' is not a listen address: the highest port is 65535")
    return host[1:-1] if bracketed else host, int(port)


def _places(host: str, port: int) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    if not host:
        if socket.has_dualstack_ipv6():
            return [(socket.AF_INET6, ("::", port))]
        return [(socket.AF_INET, ("", port))]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    pairs = [(family, (str(place[0]), port)) for family, _, _, _, place in found]
    return list(dict.fromkeys(pairs))


def _bind(family: socket.AddressFamily, place: tuple[str, int], *, dual: bool) -> socket.socket:
    both = dual and family is socket.AF_INET6
    bound = socket.create_server(place, family=family, backlog=BACKLOG, dualstack_ipv6=both)
    # Connections inherit it. asyncio sets it only where a socket names its protocol, which these do
    # not; without it the body of an answer waits 40 ms for the client's word that it has the head.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def _why(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return "the host name does not resolve"
    return os.strerror(error.errno).lower() if error.errno else str(error)
