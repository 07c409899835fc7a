"""From a call in a provider file to a request: templates, addresses and the credential."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import httpx2

from genmedia_exporter.core.json_pointer import parse_json, resolve
from genmedia_exporter.providers.base import PLACEHOLDER
from genmedia_exporter.providers.calls import Call
from genmedia_exporter.targets.model import Account
from genmedia_exporter.transport.body import Heard
from genmedia_exporter.transport.engine.connection import Wire

Fields = Mapping[str, str]

_FIELD = re.compile(PLACEHOLDER)
_VERBATIM = ("path",)  # written by the operator as part of a URL, query included
_MAX_ID_LENGTH = 512
MAX_URL_LENGTH = 16_384
"""Characters of an address that an answer gives us; signed ones run to a few thousand."""


class Asked(NamedTuple):
    """A free call of a provider's file, and what it is made for. Its answer is small."""

    call: Call
    model: str
    operation: str
    path: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is the same each time a free call is made: all of the request as it goes over the wire."""

    wire: Wire
    credential: bool  # it carries one
    shown: tuple[str, str]  # address without userinfo and query, and host


@dataclass(frozen=True, slots=True)
class Request:
    """What to send; templates are filled and the address is absolute."""

    name: str  # id of the call
    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None  # sent as JSON
    form: Mapping[str, str] | None = None  # sent as multipart/form-data
    content: bytes | None = None  # sent as it is
    auth: bool = True  # attach the credential, if the address is the account's own
    most: int | None = None  # read so many bytes of the answer and hang up
    heard: Heard | None = None  # told of each piece of the answer as it comes
    standing: Standing | None = None  # what was prepared of it before
    asked: Asked | None = None  # of a free call: which one, and for what


def fill(template: Any, fields: Fields) -> Any:
    """Return *template* with {name} replaced in all its strings, however deep; others stay."""
    if isinstance(template, str):
        return _FIELD.sub(lambda found: fields.get(found[1], found[0]), template)
    if isinstance(template, Mapping):
        return {key: fill(value, fields) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [fill(item, fields) for item in template]
    return template


def url_of(account: Account, template: str, fields: Fields) -> str:
    """Return the URL of a path template at *account*; values are percent-encoded except slashes."""
    encoded = {
        name: value if name in _VERBATIM else quote(value, safe="/")
        for name, value in fields.items()
    }
    path = str(fill(template, encoded))
    if template.startswith("https://"):
        return _elsewhere(account, path)
    if template.startswith("//"):
        return _without_userinfo(account.base_url) + path[1:]
    if path and path[0] not in "/?":
        path = "/" + path
    return _without_userinfo(account.base_url) + account.provider.prefix + path


def elsewhere(account: Account, fields: Fields) -> tuple[tuple[str, str, int | None], ...]:
    """Return the origins that calls of the provider's file name besides the account's own."""
    paths = (call.path for call in account.provider.calls if call.path.startswith("https://"))
    return tuple({origin(url_of(account, path, fields)) for path in paths})


def _elsewhere(account: Account, url: str) -> str:
    """Return an address at another of the provider's hosts; where the account's is no https, as one's own is, at that."""
    if account.base_url.startswith("https://"):
        return url
    return _without_userinfo(account.base_url) + httpx2.URL(url).raw_path.decode("ascii")


def new_uuid(made_of: str) -> str:
    """Return an id in the form of a random UUID, the same for the same *made_of*."""
    h = hashlib.sha256(made_of.encode()).hexdigest()
    return f"{h[:8]}-{h[8:12]}-4{h[12:15]}-a{h[15:18]}-{h[18:30]}"


def job_id(body: bytes, pointer: str) -> str | None:
    """Return the id of a job from the answer that made it, or None if it has none we can use."""
    value = resolve(parse_json(body), pointer)
    return usable_id(str(value) if type(value) is int else value)


def usable_id(value: object) -> str | None:
    """Return an id that a service gave us if it can stand in a path, or None."""
    return value if isinstance(value, str) and _stays_in_path(value) else None


def _stays_in_path(value: str) -> bool:
    """Whether an id that a service gave us can stand in a path without leading out of it."""
    plain_steps = not {"", ".", ".."} & set(value.split("/"))
    return plain_steps and len(value) <= _MAX_ID_LENGTH and value.isprintable()


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port (None: the scheme's own), all empty for what is no URL.

    Read by the library that connects: two parsers that differ would let a key out.
    """
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, UnicodeError):  # the latter for lone surrogates
        return "", "", None
    return parsed.scheme, parsed.raw_host.decode("ascii"), parsed.port


def trusts(hosts: Iterable[str], url: str, own: tuple[str, str, int | None]) -> bool:
    """Whether *url* is at one of *hosts*, by https on its own port, where the base URL is https too."""
    scheme, host, port = origin(url)
    secure = scheme == own[0] == "https" and port is None
    return secure and any(fnmatchcase(host, glob) for glob in hosts)


def plain(url: str) -> str:
    """Return *url* without userinfo, query and fragment; empty for what is no URL."""
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, UnicodeError):  # the latter for lone surrogates
        return ""
    return str(parsed.copy_with(userinfo=b"", query=None, fragment=None))


def shown(request: Request) -> tuple[str, str]:
    """Return what is shown of where *request* goes: its address without userinfo and query, and its host."""
    if request.standing is not None:
        return request.standing.shown
    return plain(request.url), origin(request.url)[1]


def redirect_host(url: str, location: str) -> str:
    """Return the host a Location header points to, seen from *url*; empty if it cannot be read."""
    try:
        return urlsplit(urljoin(url, location)).hostname or ""
    except ValueError:
        return ""


def absolute(url: str, reference: str) -> str:
    """Return the address that *reference*, seen from *url*, leads to; empty if it cannot be read."""
    try:
        return urljoin(url, reference) if len(reference) <= MAX_URL_LENGTH else ""
    except ValueError:
        return ""


def _without_userinfo(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
