"""--web.config.file in exporter-toolkit's schema: TLS, basic auth, response headers; all of it checked."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from genmedia_exporter.config.problems import KeyPath, Places, Problem, Problems, did_you_mean
from genmedia_exporter.config.yaml_source import read_bounded, read_yaml

MAX_FILE: Final = 1 << 20

T = TypeVar("T")

_VERSIONS: Final = {
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}
_CLIENT_AUTH: Final = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}
_TLS_KEYS: Final = (
    "cert_file", "key_file", "client_ca_file", "client_auth_type", "min_version", "max_version",
)  # fmt: skip
_NOT_OURS: Final[Mapping[KeyPath, str]] = {
    ("rate_limit",): "set limits in a proxy in front",
    ("tls_server_config", "cert"): "use cert_file",
    ("tls_server_config", "key"): "use key_file",
    ("tls_server_config", "client_ca"): "use client_ca_file",
    ("tls_server_config", "client_allowed_sans"): "use a separate CA for the clients",
    ("tls_server_config", "cipher_suites"): "leave them to OpenSSL",
    ("tls_server_config", "prefer_server_cipher_suites"): "leave it to OpenSSL",
    ("tls_server_config", "curve_preferences"): "leave them to OpenSSL",
}
_ANY: Final = r"[\x20-\x7e]{1,2000}"
_HEADERS: Final = {
    "Content-Security-Policy": _ANY,
    "X-Frame-Options": r"(?i)deny|sameorigin",
    "X-Content-Type-Options": r"(?i)nosniff",
    "X-XSS-Protection": _ANY,
    "Strict-Transport-Security": _ANY,
}
_BCRYPT: Final = r"\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}"


@dataclass(frozen=True, slots=True)
class Tls:
    """How to serve over TLS."""

    cert_file: Path
    key_file: Path
    client_ca_file: Path | None = None
    client_auth: ssl.VerifyMode = ssl.CERT_NONE
    min_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    max_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3

    def context(self) -> ssl.SSLContext:
        """Return a context for the server. Raises OSError, ssl.SSLError among it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = self.min_version
        context.maximum_version = self.max_version
        if self.client_ca_file is not None:
            context.load_verify_locations(self.client_ca_file)
        context.verify_mode = self.client_auth
        self.refresh(context)
        return context

    def refresh(self, context: ssl.SSLContext) -> None:
        """Read certificate and key again, for connections to come. Raises OSError."""
        # The password callback keeps OpenSSL from asking on the terminal for an encrypted key.
        context.load_cert_chain(self.cert_file, self.key_file, password=lambda: b"")


@dataclass(frozen=True, slots=True)
class WebConfig:
    """What the file says."""

    tls: Tls | None = None
    users: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def load_web_config(path: Path) -> WebConfig:
    """Read and check the file; names of files in it are relative to it. Raises Problems."""
    try:
        content = read_bounded(path, MAX_FILE)
    except OSError as error:
        raise Problems([Problem(str(path), "", f"cannot be read: {error.strerror}")]) from None
    source = read_yaml(content, str(path), "basic_auth_users: {NAME: BCRYPT-HASH}")
    reader = _Reader(source.data, source.places, path.parent)
    config = WebConfig(reader.tls(), reader.users(), reader.headers())
    if reader.problems:
        raise Problems(reader.problems)
    return config


class _Reader:
    """Takes the sections one by one and collects what is wrong with them."""

    def __init__(self, data: Mapping[str, Any], places: Places, folder: Path) -> None:
        self._data = data
        self._places = places
        self._folder = folder
        self.problems: list[Problem] = []
        known = ("tls_server_config", "http_server_config", "basic_auth_users")
        self._check_keys((), data, known)

    def tls(self) -> Tls | None:
        """Return the section tls_server_config; None also when something is wrong with it."""
        path = ("tls_server_config",)
        section = self._section(path)
        if not section:
            return None
        before = len(self.problems)
        self._check_keys(path, section, _TLS_KEYS)
        files = {
            key: self._file((*path, key), section)
            for key in ("cert_file", "key_file", "client_ca_file")
        }
        cert, key, authority = files.values()
        client_auth = self._word((*path, "client_auth_type"), section, _CLIENT_AUTH)
        low = self._word((*path, "min_version"), section, _VERSIONS)
        high = self._word((*path, "max_version"), section, _VERSIONS)
        if client_auth and authority is None:
            self._note((*path, "client_auth_type"), "needs client_ca_file beside it")
        if authority is not None and not client_auth:
            self._note((*path, "client_ca_file"), "does nothing without client_auth_type")
        if not (section.get("cert_file") and section.get("key_file")):
            self._note(path, "needs cert_file and key_file")
        if cert is None or key is None or len(self.problems) > before:
            return None
        tls = Tls(
            cert,
            key,
            authority,
            client_auth or ssl.CERT_NONE,
            low or ssl.TLSVersion.TLSv1_2,
            high or ssl.TLSVersion.TLSv1_3,
        )
        return self._tried(path, tls)

    def users(self) -> Mapping[str, bytes]:
        """Return bcrypt hashes by user."""
        path = ("basic_auth_users",)
        users = {}
        for name, value in self._section(path).items():
            if ":" in name or not name:
                self._note(
                    (*path, name), "a user name must not be empty or contain ':'", at_key=True
                )
            elif not isinstance(value, str) or not re.fullmatch(_BCRYPT, value):
                self._note((*path, name), "not a bcrypt hash", "make one with: htpasswd -nBC 10 ''")
            else:
                users[name] = value.encode()
        return MappingProxyType(users)

    def headers(self) -> Mapping[str, str]:
        """Return the headers to send with every answer."""
        path = ("http_server_config",)
        section = self._section(path)
        self._check_keys(path, section, ("http2", "headers"))
        if section.get("http2") not in (None, False):
            self._note((*path, "http2"), "HTTP/2 is not supported", "put a proxy in front")
        found = self._section((*path, "headers"))
        self._check_keys((*path, "headers"), found, _HEADERS)
        headers = {}
        for name in found.keys() & _HEADERS.keys():
            value = found[name]
            if isinstance(value, str) and re.fullmatch(_HEADERS[name], value):
                headers[name] = value
            else:
                self._note((*path, "headers", name), "not a valid value of this header")
        return MappingProxyType(headers)

    def _tried(self, path: KeyPath, tls: Tls) -> Tls | None:
        try:
            tls.context()
        except ssl.SSLError as error:
            fits = "the key does not match the certificate"
            why = fits if error.reason == "KEY_VALUES_MISMATCH" else "not PEM, or an encrypted key"
        except OSError as error:
            why = str(error.strerror)
        else:
            return tls
        self._note(path, f"certificate, key or CA cannot be used: {why}")
        return None

    def _section(self, path: KeyPath) -> Mapping[str, Any]:
        value: Any = self._data
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None and not isinstance(value, Mapping):
            self._note(path, "must be a mapping: lines of 'key: value'")
        return value if isinstance(value, Mapping) else {}

    def _check_keys(self, path: KeyPath, section: Iterable[str], known: Iterable[str]) -> None:
        for key in section:
            if (*path, key) in _NOT_OURS:
                self._note((*path, key), "is not supported", _NOT_OURS[(*path, key)], at_key=True)
            elif key not in known:
                hint = did_you_mean(key, known, f"known are: {', '.join(known)}")
                self._note((*path, key), "unknown key", hint, at_key=True)

    def _file(self, path: KeyPath, section: Mapping[str, Any]) -> Path | None:
        value = section.get(str(path[-1]))
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            self._note(path, "expected the name of a file")
        elif not (self._folder / value).is_file():
            self._note(path, f"there is no file {self._folder / value}")
        else:
            return self._folder / value
        return None

    def _word(self, path: KeyPath, section: Mapping[str, Any], words: Mapping[str, T]) -> T | None:
        value = section.get(str(path[-1]))
        if value is None:
            return None
        if isinstance(value, str) and value in words:
            return words[value]
        self._note(path, "not supported", f"one of: {', '.join(words)}")
        return None

    def _note(self, path: KeyPath, message: str, hint: str = "", *, at_key: bool = False) -> None:
        self.problems.append(self._places.problem(path, message, hint, at_key=at_key))
