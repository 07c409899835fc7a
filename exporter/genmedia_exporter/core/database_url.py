"""The URL of a PostgreSQL: read in one place, and shown without what is secret in it.

The library that connects is slow to import, and what it says of a URL may quote the password.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from genmedia_exporter.core.secret import HIDDEN

SCHEME: Final = "postgresql+psycopg"

_SCHEMES: Final = ("postgresql", "postgres", SCHEME)
_WAY_OUT: Final = "write postgresql://USER@HOST/DATABASE"
_URL: Final = re.compile(
    r"(?P<scheme>[\w+]+)://(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?"
    r"(?P<hosts>[^/?]*)(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?"
)
_BRACKETS: Final = re.compile(r"\[([^\[\]]+)\](?::(.*))?")
_WITH_PORT: Final = re.compile(r"([A-Za-z0-9.-]*):([^:]*)")
_PORT: Final = re.compile(r"0{0,5}[1-9][0-9]{0,4}")
_LISTS: Final = ("host", "port")
_SHOWN: Final = (
    "application_name", "channel_binding", "client_encoding", "connect_timeout", "dbname", "gssencmode", "host",
    "hostaddr", "keepalives", "load_balance_hosts", "passfile", "port", "require_auth", "service", "sslcert",
    "sslcrl", "sslkey", "sslmode", "sslnegotiation", "sslrootcert", "target_session_attrs", "user",
)  # fmt: skip
"""Options of libpq that hold no secret. Any other may, if only by a slip of the pen."""

Server = tuple[str, int | None]
"""A host, empty for libpq's own choice, and its port."""


class DatabaseUrlError(ValueError):
    """A URL that leads to no PostgreSQL; the message says what to write, and repeats nothing of it."""


@dataclass(frozen=True, slots=True, repr=False)
class DatabaseUrl:
    """The parts of a URL, without the escapes they were written with. Only `shown` may be printed."""

    user: str | None
    password: str | None
    servers: tuple[Server, ...]  # none: a socket of this machine, or what PGHOST says
    database: str | None
    options: tuple[tuple[str, str], ...]  # as written, one may stand several times

    @property
    def shown(self) -> str:
        """The URL for people, `<secret>` in place of every password."""
        return f"{SCHEME}://{self._login()}{self._hosts()}{self._path()}{self._query()}"

    def __repr__(self) -> str:
        return self.shown

    def connection(self) -> dict[str, str]:
        """Return the parameters of the connection in libpq's names."""
        last = {key: value for key, value in self.options if key not in _LISTS}
        named = {"user": self.user, "password": self.password, "dbname": self.database}
        servers = _servers(self.servers, self.options)
        hosts, ports = [host for host, _ in servers], [port for _, port in servers]
        if any(hosts):
            named["host"] = ",".join(hosts)
        if any(ports):
            named["port"] = ",".join("" if port is None else str(port) for port in ports)
        return {key: value for key, value in named.items() if value} | last

    def _login(self) -> str:
        if self.user is None:
            return ""
        return quote(self.user, safe=" +") + ("@" if self.password is None else f":{HIDDEN}@")

    def _hosts(self) -> str:
        hosts = (f"[{h}]" if ":" in h else quote(h, safe=" +") for h, _ in self.servers)
        ports = ("" if port is None else f":{port}" for _, port in self.servers)
        return ",".join(map("".join, zip(hosts, ports, strict=True)))

    def _path(self) -> str:
        if self.database is None:
            return ""
        return "/" + quote(self.database, safe=" +/")

    def _query(self) -> str:
        told = (f"{quote_plus(k)}={_value(v) if k in _SHOWN else HIDDEN}" for k, v in self.options)
        return "?" + "&".join(told) if self.options else ""


def _value(text: str) -> str:
    return quote(text, safe="/,:+")


def parse_database_url(text: str) -> DatabaseUrl:
    """Return the parts of a URL as libpq and SQLAlchemy have them. Raises DatabaseUrlError."""
    if not text:
        raise DatabaseUrlError("the URL of the database is empty")
    if not text.startswith(("postgresql:", "postgresql+", "postgres:", "postgres+")):
        begin = "the URL of a database begins with postgresql://"
        raise DatabaseUrlError(f"{begin}; for a file, write path")
    found = _URL.fullmatch(text)
    if found is None or len(text.splitlines()) > 1:
        raise DatabaseUrlError(f"this is not the URL of a database; {_WAY_OUT}")
    if found["scheme"] not in _SCHEMES:
        driver = "the only driver here is psycopg"
        raise DatabaseUrlError(f"{driver}; write postgresql:// or postgresql+psycopg://")
    if "@" in f"{found['hosts']}{found['database']}":  # the rest of a password, most likely
        raise DatabaseUrlError("an '@' in a name or a password is written %40")
    options = tuple(parse_qsl(found["query"] or ""))
    _refuse_repeated(options)
    servers = tuple(_written(found["hosts"]))
    _servers(servers, options)
    user, password, database = map(_meant, found.group("user", "password", "database"))
    return DatabaseUrl(user, password, servers, database, options)


def _meant(text: str | None) -> str | None:
    found = None if text is None else unquote(text)
    if found is not None and "\0" in found:
        raise DatabaseUrlError("no name or password holds %00")
    return found


def _written(text: str) -> Iterator[Server]:
    """Yield the servers between // and /."""
    for part in text.split(",") if text else ():
        if "[" in part or "]" in part:
            yield _in_brackets(part)
        else:
            host, _, port = part.partition(":")
            yield _host(unquote(host)), _port(port)


def _in_brackets(text: str) -> Server:
    found = _BRACKETS.fullmatch(text)
    try:
        host = str(ipaddress.IPv6Address(unquote(found[1]) if found else ""))
    except ValueError:
        raise DatabaseUrlError("an IPv6 address is written [::1], or [::1]:5432") from None
    return host, _port(found[2] if found else "")


def _servers(written: Sequence[Server], options: Iterable[tuple[str, str]]) -> Sequence[Server]:
    """Return the servers meant: `host` and `port` among the options outdo what is *written* before them."""
    asked: Mapping[str, list[str]] = {key: [] for key in _LISTS}
    for key, value in options:
        if key in asked:
            asked[key] += value.split(",")
    found = [*map(_named, asked["host"])] or list(written)
    ports = [*map(_port, asked["port"])]
    if not ports:
        return found
    if asked["host"] and any(port is not None for _, port in found):
        raise DatabaseUrlError("the ports stand in host and in port; write them in one of the two")
    found = found or [("", None)]
    if len(ports) not in (1, len(found)):
        raise DatabaseUrlError("there are not as many ports as hosts")
    each = ports if len(ports) > 1 else ports * len(found)
    return [(host, port) for (host, _), port in zip(found, each, strict=True)]


def _named(text: str) -> Server:
    """Return a server among the options; a socket's folder and an IPv6 address have no port there."""
    found = _WITH_PORT.fullmatch(text)
    return (found[1], _port(found[2])) if found else (_host(text), None)


def _host(text: str) -> str:
    if not text.isprintable() or set(text) & set(" @[]"):
        raise DatabaseUrlError(f"the host has characters that no host has; {_WAY_OUT}")
    return text


def _port(text: str | None) -> int | None:
    """Return the port, None for the usual one. The message does not repeat what may be a password."""
    if not text:
        return None
    if not _PORT.fullmatch(text) or int(text) > 65_535:
        raise DatabaseUrlError("the port is not a number from 1 to 65535")
    return int(text)


def _refuse_repeated(options: Iterable[tuple[str, str]]) -> None:
    seen: set[str] = set()
    for key, _ in options:
        if key in seen and key not in _LISTS:
            raise DatabaseUrlError("an option stands twice; write it once")
        seen.add(key)
