"""TLS as the web file asks for it, on a real socket: versions, suites, curves, certificates of clients."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from genmedia_exporter.config.problems import Problems
from genmedia_exporter.web.http.web_config import WebConfig, load_web_config
from tests.web.certificates import authority, self_signed, signed
from tests.web.site import Backend, serve

VERIFIED = "client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert"
Change = Callable[[ssl.SSLContext], object]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a server, and clients of it and of nobody."""
    made = tmp_path_factory.mktemp("tls")
    authority(made)
    signed(made, "server", "DNS:localhost,IP:127.0.0.1")
    signed(made, "friend", "DNS:prometheus.example,email:ops@example.com,URI:spiffe://a/b")
    signed(made, "by-address", "IP:10.1.2.3,IP:2001:db8::1")
    self_signed(made, "stranger", "DNS:prometheus.example")
    return made


def load(folder: Path, section: str) -> WebConfig:
    path = folder / "web.yml"
    path.write_text(
        f"tls_server_config: {{cert_file: server.pem, key_file: server.key, {section}}}"
    )
    return load_web_config(path)


def reach(url: str, folder: Path, client: str = "", change: Change = lambda _: None) -> str:
    """Return the version of TLS with which /-/healthy answered, "" when it did not."""
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    change(context)
    if client:
        context.load_cert_chain(folder / f"{client}.pem", folder / f"{client}.key")
    place = urlsplit(url)
    try:
        with (
            socket.create_connection((str(place.hostname), place.port or 0), 10) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as channel,
        ):
            channel.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = channel.recv(4096)
            return str(channel.version()) if answer.startswith(b"HTTP/1.1 200") else ""
    except OSError:
        return ""


def at_most(version: ssl.TLSVersion) -> Change:
    return lambda context: setattr(context, "maximum_version", version)


def with_suites(names: str) -> Change:
    def change(context: ssl.SSLContext) -> None:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(names)

    return change


def with_curve(name: str) -> Change:
    return lambda context: context.set_ecdh_curve(name)


def test_tls(folder: Path) -> None:
    """With a certificate the exporter speaks TLS 1.2 or later, and nothing else."""
    with serve(Backend().services(), load(folder, "")) as url:
        assert url.startswith("https://")
        assert reach(url, folder) == "TLSv1.3"
        assert reach(url, folder, change=at_most(ssl.TLSVersion.TLSv1_2)) == "TLSv1.2"
        with pytest.raises(httpx2.TransportError):
            httpx2.get(url.replace("https", "http"), timeout=60, trust_env=False)


@pytest.mark.parametrize(
    ("section", "tls12", "tls13"),
    [
        ("min_version: TLS13", "", "TLSv1.3"),
        ("max_version: TLS12", "TLSv1.2", "TLSv1.2"),
        ("min_version: TLS10", "TLSv1.2", "TLSv1.3"),
        ("min_version: TLS11", "TLSv1.2", "TLSv1.3"),
        ("cipher_suites: [TLS_AES_128_GCM_SHA256]", "", "TLSv1.3"),
    ],
)
def test_versions(folder: Path, section: str, tls12: str, tls13: str) -> None:
    """The bounds hold; nothing below 1.2 is ever served, and suites of 1.3 alone leave no 1.2."""
    config = load(folder, section)
    with serve(Backend().services(), config) as url:
        assert reach(url, folder, change=at_most(ssl.TLSVersion.TLSv1_2)) == tls12
        assert reach(url, folder) == tls13
    lowered = section in ("min_version: TLS10", "min_version: TLS11")
    assert ["nothing below TLS 1.2" in str(w) for w in config.warnings] == [True] * lowered


def test_cipher_suites(folder: Path) -> None:
    """Only what is listed is spoken, in Go's names."""
    section = "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256]"
    with serve(Backend().services(), load(folder, section)) as url:
        assert reach(url, folder, change=with_suites("ECDHE-ECDSA-AES256-GCM-SHA384")) == "TLSv1.2"
        assert reach(url, folder, change=with_suites("ECDHE-ECDSA-AES128-GCM-SHA256")) == ""
        assert reach(url, folder) == "TLSv1.3"


@pytest.mark.parametrize("preference", ["true", "false"])
def test_whose_preference(folder: Path, preference: str) -> None:
    """Either side's first choice is taken."""
    section = (
        f"prefer_server_cipher_suites: {preference}, cipher_suites: "
        "[TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]"
    )
    config = load(folder, section)
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    with_suites("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384")(context)
    with serve(Backend().services(), config) as url:
        place = urlsplit(url)
        with (
            socket.create_connection((str(place.hostname), place.port or 0), 10) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as channel,
        ):
            found = channel.cipher()
    assert found is not None
    assert ("AES256" if preference == "true" else "AES128") in found[0]


@pytest.mark.parametrize(
    ("curve", "name"),
    [("X25519", "X25519"), ("CurveP256", "prime256v1"), ("CurveP384", "secp384r1"), ("CurveP521", "secp521r1")],
)  # fmt: skip
def test_one_curve_is_enforced(folder: Path, curve: str, name: str) -> None:
    """A client without it does not get in."""
    config = load(folder, f"curve_preferences: [{curve}]")
    other = "secp384r1" if name != "secp384r1" else "prime256v1"
    with serve(Backend().services(), config) as url:
        assert reach(url, folder, change=with_curve(name)) == "TLSv1.3"
        assert reach(url, folder, change=with_curve(other)) == ""
    assert config.warnings == ()


def test_several_curves_are_a_warning(folder: Path) -> None:
    """Where OpenSSL's own list is as strong, it is said that nothing else is done."""
    (warning,) = load(folder, "curve_preferences: [X25519, CurveP256]").warnings
    assert "several curves cannot be enforced" in str(warning)


@pytest.mark.parametrize(
    ("auth", "without", "stranger", "friend"),
    [
        ("NoClientCert", True, True, True),
        ("RequestClientCert", True, True, True),
        ("RequireAnyClientCert", False, False, True),
        ("RequireClientCert", False, False, True),
        ("VerifyClientCertIfGiven", True, False, True),
        ("RequireAndVerifyClientCert", False, False, True),
    ],
)
def test_client_auth_types(
    folder: Path, auth: str, without: bool, stranger: bool, friend: bool
) -> None:
    """Each lets in whom exporter-toolkit would, or fewer; where fewer, a warning says so."""
    ca = "" if auth == "NoClientCert" else "client_ca_file: ca.pem, "
    config = load(folder, f"{ca}client_auth_type: {auth}")
    with serve(Backend().services(), config) as url:
        reached = [bool(reach(url, folder, client)) for client in ("", "stranger", "friend")]
    assert reached == [without, stranger, friend]
    differs = auth in ("RequestClientCert", "RequireAnyClientCert", "RequireClientCert")
    assert [w.path for w in config.warnings] == ["tls_server_config.client_auth_type"] * differs


def test_without_an_authority_the_systems_is_asked(folder: Path) -> None:
    """As in Go; a warning tells who gets in."""
    config = load(folder, "client_auth_type: RequireAndVerifyClientCert")
    (warning,) = config.warnings
    assert "any CA that the system trusts" in str(warning)
    with serve(Backend().services(), config) as url:
        assert reach(url, folder, "friend") == ""


@pytest.mark.parametrize(
    ("sans", "client", "in_"),
    [
        ("prometheus.example", "friend", True),
        ("ops@example.com", "friend", True),
        ("spiffe://a/b", "friend", True),
        ("10.1.2.3", "by-address", True),
        ("'2001:db8::1'", "by-address", True),
        ("'2001:0DB8:0:0::1'", "by-address", True),
        ("a, 10.1.2.3", "by-address", True),
        ("Prometheus.example", "friend", False),
        ("example", "friend", False),
        ("friend", "friend", False),  # the common name is none
        ("10.1.2.3", "friend", False),
        ("10.1.2.30", "by-address", False),
        ("prometheus.example", "stranger", False),
        ("", "friend", False),
    ],
)
def test_client_allowed_sans(folder: Path, sans: str, client: str, in_: bool) -> None:
    """One name of the certificate must be listed exactly, and the certificate be verified."""
    config = load(folder, f"{VERIFIED}, client_allowed_sans: [{sans}]")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with serve(Backend().services(), config) as url:
            assert bool(reach(url, folder, client, at_most(version))) is in_


def test_inline(folder: Path) -> None:
    """Certificate, key and authority may stand in the file itself."""
    parts = {"cert": "server.pem", "key": "server.key", "client_ca": "ca.pem"}
    lines = ["tls_server_config:", "  client_auth_type: RequireAndVerifyClientCert"]
    for key, name in parts.items():
        content = (folder / name).read_text().splitlines()
        lines += [f"  {key}: |", *(f"    {line}" for line in content)]
    path = folder / "inline.yml"
    path.write_text("\n".join(lines))
    config = load_web_config(path)
    key = (folder / "server.key").read_text().splitlines()[1]
    assert key not in repr(config)
    with serve(Backend().services(), config) as url:
        assert reach(url, folder, "friend") == "TLSv1.3"
        assert reach(url, folder) == ""


def test_an_authority_with_comments(folder: Path) -> None:
    """Bundles name their certificates, in any alphabet; one without a certificate is an error."""
    text = (folder / "ca.pem").read_text()
    (folder / "bundle.pem").write_text(f"# Prüfstelle\n{text}\n# 权威\n{text}", "utf-8")
    load(folder, VERIFIED.replace("ca.pem", "bundle.pem"))
    (folder / "empty.pem").write_text("# nothing")
    with pytest.raises(Problems, match="cannot be used"):
        load(folder, VERIFIED.replace("ca.pem", "empty.pem"))
