"""tls_server_config of the web file, in exporter-toolkit's words, as OpenSSL can have it.

What cannot be had exactly is a warning where what is done instead is as strict, else an error.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from genmedia_exporter.web.http.tls import Tls, canonical_names
from genmedia_exporter.web.http.web_config_section import SectionReader

SECTION: Final = "tls_server_config"
KEYS: Final = (
    "cert", "key", "client_ca", "cert_file", "key_file", "client_ca_file", "client_auth_type",
    "client_allowed_sans", "min_version", "max_version", "cipher_suites",
    "prefer_server_cipher_suites", "curve_preferences",
)  # fmt: skip
VERSIONS: Final[Mapping[str, ssl.TLSVersion]] = {
    "TLS10": ssl.TLSVersion.TLSv1,
    "TLS11": ssl.TLSVersion.TLSv1_1,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}
_CBC: Final = {"AES_128_CBC_SHA": "AES128-SHA", "AES_256_CBC_SHA": "AES256-SHA"}
_AEAD: Final = {
    "AES_128_GCM_SHA256": "AES128-GCM-SHA256",
    "AES_256_GCM_SHA384": "AES256-GCM-SHA384",
    "CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305",
}
CIPHERS: Final[Mapping[str, str]] = {
    **{f"TLS_{name}": "" for name in _AEAD},  # of TLS 1.3, whose suites nobody configures
    **{
        f"TLS_ECDHE_{kind}_WITH_{name}": f"ECDHE-{kind}-{openssl}"
        for kind in ("ECDSA", "RSA")
        for name, openssl in {**_AEAD, **_CBC}.items()
    },
}
"""Go's names of the suites it calls secure, and OpenSSL's names."""
CURVES: Final = {
    "X25519": "X25519",
    "CurveP256": "prime256v1",
    "CurveP384": "secp384r1",
    "CurveP521": "secp521r1",
}
_COMMON_CURVES: Final = {"X25519", "prime256v1"}
"""The weakest that OpenSSL offers by itself; without one of them a list wants more."""


@dataclass(frozen=True, slots=True)
class _ClientAuth:
    """One of Go's five ways to treat certificates of clients."""

    mode: ssl.VerifyMode
    certain: bool = False  # nobody gets in without one
    unverified: bool = False  # Go takes any


CLIENT_AUTH: Final[Mapping[str, _ClientAuth]] = {
    "NoClientCert": _ClientAuth(ssl.CERT_NONE),
    "RequestClientCert": _ClientAuth(ssl.CERT_NONE, unverified=True),
    "RequireAnyClientCert": _ClientAuth(ssl.CERT_REQUIRED, certain=True, unverified=True),
    "VerifyClientCertIfGiven": _ClientAuth(ssl.CERT_OPTIONAL),
    "RequireAndVerifyClientCert": _ClientAuth(ssl.CERT_REQUIRED, certain=True),
    "RequireClientCert": _ClientAuth(ssl.CERT_REQUIRED, certain=True, unverified=True),  # old name
}


def read_tls(reader: SectionReader) -> Tls | None:
    """Return what the section says; None without one, and when something is wrong with it."""
    path = (SECTION,)
    section = reader.section(path)
    if not section:
        return None
    before = len(reader.problems)
    reader.check_keys(path, section, KEYS)
    certificate = reader.content((SECTION, "cert_file"), "cert")
    key = reader.content((SECTION, "key_file"), "key")
    for name in ("cert", "key"):
        if not (section.get(f"{name}_file") or section.get(name)):
            reader.note(path, f"needs {name}_file or {name}")
    authority = reader.content((SECTION, "client_ca_file"), "client_ca")
    auth = _client_auth(reader, section, authority)
    low, high = _versions(reader)
    suites = reader.words((SECTION, "cipher_suites"), CIPHERS)
    ciphers = ":".join(filter(None, suites))
    if suites and not ciphers:
        low = ssl.TLSVersion.TLSv1_3  # nothing is left for TLS 1.2
    if low > high:
        reader.note((SECTION, "max_version"), "no version of TLS is left")
    curve = _curve(reader)
    sans = _allowed_sans(reader, auth)
    preference = reader.flag((SECTION, "prefer_server_cipher_suites"), True)
    if certificate is None or key is None or len(reader.problems) > before:
        return None
    return _tried(
        reader,
        Tls(certificate, key, authority, auth.mode, sans, low, high, ciphers, curve, preference),
    )


def _client_auth(
    reader: SectionReader, section: Mapping[str, object], authority: bytes | None
) -> _ClientAuth:
    where = (SECTION, "client_auth_type")
    auth = reader.word(where, CLIENT_AUTH) or CLIENT_AUTH["NoClientCert"]
    has_ca = bool(section.get("client_ca_file") or section.get("client_ca"))
    if has_ca and section.get("client_auth_type") in (None, "NoClientCert"):
        key = "client_ca_file" if section.get("client_ca_file") else "client_ca"
        reader.note((SECTION, key), "does nothing without client_auth_type")
    elif auth.unverified and auth.certain and not has_ca:
        # OpenSSL under Python checks a certificate or does not ask for it.
        reader.note(where, "a certificate that is not verified cannot be required here",
                    "add client_ca_file, and it is verified")  # fmt: skip
    elif auth.unverified and auth.certain:
        reader.warn(where, "certificates are verified, as by RequireAndVerifyClientCert")
    elif auth.unverified:
        reader.warn(where, "no certificate is asked for, since none would be verified")
    elif auth.mode is not ssl.CERT_NONE and not has_ca:
        reader.warn(where, "without client_ca_file, a certificate of any CA that the system trusts gets in")  # fmt: skip
    return auth


def _versions(reader: SectionReader) -> tuple[ssl.TLSVersion, ssl.TLSVersion]:
    low = reader.word((SECTION, "min_version"), VERSIONS) or ssl.TLSVersion.TLSv1_2
    high = reader.word((SECTION, "max_version"), VERSIONS) or ssl.TLSVersion.TLSv1_3
    if low < ssl.TLSVersion.TLSv1_2:
        reader.warn((SECTION, "min_version"), "nothing below TLS 1.2 is served")
        low = ssl.TLSVersion.TLSv1_2
    return low, high


def _curve(reader: SectionReader) -> str:
    where = (SECTION, "curve_preferences")
    curves = reader.words(where, CURVES)
    if len(curves) == 1:
        return curves[0]
    if curves and not _COMMON_CURVES & set(curves):
        reader.note(where, "several curves cannot be enforced, and others are weaker", "write one")
    elif curves:
        reader.warn(where, "several curves cannot be enforced; OpenSSL offers its own list",
                    "write one to enforce it")  # fmt: skip
    return ""


def _allowed_sans(reader: SectionReader, auth: _ClientAuth) -> frozenset[str] | None:
    where = (SECTION, "client_allowed_sans")
    names = reader.texts(where)
    if names is None:
        return None
    if not auth.certain:
        reader.note(where, "needs a client_auth_type that requires a certificate",
                    "RequireAndVerifyClientCert")  # fmt: skip
    return canonical_names(names)


def _tried(reader: SectionReader, tls: Tls) -> Tls | None:
    try:
        tls.context()
    except ssl.SSLError as error:
        fits = "the key does not match the certificate"
        why = fits if error.reason == "KEY_VALUES_MISMATCH" else "not PEM, or an encrypted key"
    except (OSError, ValueError) as error:
        why = str(getattr(error, "strerror", None) or error)
    else:
        return tls
    reader.note((SECTION,), f"certificate, key or CA cannot be used: {why}")
    return None
