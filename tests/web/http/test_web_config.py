"""--web.config.file: TLS, basic auth and headers in force, and every mistake named with its place."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import threading
from pathlib import Path

import bcrypt
import httpx2
import pytest

from genmedia_exporter.config.problems import Problems
from genmedia_exporter.web.http import auth as guard
from genmedia_exporter.web.http.auth import MAX_VERDICTS, Passwords
from genmedia_exporter.web.http.web_config import WebConfig, load_web_config
from tests.web.site import Backend, client, serve

HASH = bcrypt.hashpw(b"right", bcrypt.gensalt(4))
HASH_2Y = HASH.replace(b"$2b$", b"$2y$").decode()


def load(folder: Path, text: str) -> WebConfig:
    (folder / "W").touch()
    path = folder / "web.yml"
    path.write_text(text, "utf-8")
    return load_web_config(path)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(Problems) as caught:
        load(folder, text)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with cert.pem and key.pem for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    extra = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command.split(), *extra, *files], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("basic_auth_user: {}", ["web.yml:1:1: basic_auth_user: unknown key; did you mean 'basic_auth_users'?"]),
        ("rate_limit: {burst: 3}", ["web.yml:1:1: rate_limit: is not supported; set limits in a proxy in front"]),
        ("basic_auth_users: [a]", ["web.yml:1:19: basic_auth_users: must be a mapping: lines of 'key: value'"]),
        (
            "basic_auth_users:\n  bob: hunter2",
            ["web.yml:2:8: basic_auth_users.bob: not a bcrypt hash; make one with: htpasswd -nBC 10 ''"],
        ),
        (
            f'basic_auth_users: {{"a:b": "{HASH_2Y}"}}',
            ["web.yml:1:20: basic_auth_users['a:b']: a user name must not be empty or contain ':'"],
        ),
        (
            "tls_server_config: {cert_file: W}",
            ["web.yml:1:20: tls_server_config: needs cert_file and key_file"],
        ),
        (
            "tls_server_config: {cert_file: web.yml, key_file: web.yml}",
            ["web.yml:1:20: tls_server_config: certificate, key or CA cannot be used: not PEM, or an encrypted key"],
        ),
        (
            "tls_server_config:\n  cert: x\n  curve_preferences: []\n  cert_file: 3\n  key_file: web.yml",
            [
                "web.yml:2:3: tls_server_config.cert: is not supported; use cert_file",
                "web.yml:3:3: tls_server_config.curve_preferences: is not supported; leave them to OpenSSL",
                "web.yml:4:14: tls_server_config.cert_file: expected the name of a file",
            ],
        ),
        (
            "tls_server_config: {cert_file: W, key_file: W, client_auth_type: RequestClientCert}",
            [
                "web.yml:1:66: tls_server_config.client_auth_type: not supported; one of: "
                "NoClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert"
            ],
        ),
        (
            "tls_server_config: {cert_file: W, key_file: W, client_auth_type: RequireAndVerifyClientCert}",
            ["web.yml:1:66: tls_server_config.client_auth_type: needs client_ca_file beside it"],
        ),
        (
            "tls_server_config: {cert_file: W, key_file: W, client_ca_file: W}",
            ["web.yml:1:64: tls_server_config.client_ca_file: does nothing without client_auth_type"],
        ),
        (
            "tls_server_config: {cert_file: W, key_file: W, min_version: TLS10}",
            ["web.yml:1:61: tls_server_config.min_version: not supported; one of: TLS12, TLS13"],
        ),
        (
            "http_server_config: {http2: true}",
            ["web.yml:1:29: http_server_config.http2: HTTP/2 is not supported; put a proxy in front"],
        ),
        (
            "http_server_config: {headers: {X-Evil: a, X-Frame-Options: maybe}}",
            [
                "web.yml:1:32: http_server_config.headers.X-Evil: unknown key; known are: "
                "Content-Security-Policy, X-Frame-Options, X-Content-Type-Options, X-XSS-Protection, "
                "Strict-Transport-Security",
                "web.yml:1:60: http_server_config.headers.X-Frame-Options: not a valid value of this header",
            ],
        ),
        (
            'http_server_config: {headers: {X-XSS-Protection: "a\\r\\nSet-Cookie: b"}}',
            ["web.yml:1:50: http_server_config.headers.X-XSS-Protection: not a valid value of this header"],
        ),
        ("", ["web.yml:1:1: the file is empty; basic_auth_users: {NAME: BCRYPT-HASH}"]),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, text: str, expected: list[str]) -> None:
    """Unknown, unsupported and wrong things are errors with their place; nothing is ignored."""
    assert problems(tmp_path, text) == expected


def test_a_missing_certificate_is_named(tmp_path: Path) -> None:
    """A file that is not there is told with its whole path."""
    text = "tls_server_config: {cert_file: a.pem, key_file: web.yml}"
    place = "web.yml:1:32: tls_server_config.cert_file"
    assert problems(tmp_path, text) == [f"{place}: there is no file {tmp_path}/a.pem"]


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    """A file that cannot be read is told by name."""
    with pytest.raises(Problems, match=r"none\.yml: cannot be read: No such file"):
        load_web_config(tmp_path / "none.yml")


def test_a_hash_is_never_told(tmp_path: Path) -> None:
    """Neither messages nor the object's repr show a password or its hash."""
    assert "hunter2" not in str(problems(tmp_path, "basic_auth_users: {bob: hunter2}"))
    assert HASH_2Y not in repr(load(tmp_path, f"basic_auth_users: {{bob: {HASH_2Y}}}"))


def test_empty_sections_are_none(tmp_path: Path) -> None:
    """A section without content switches nothing on."""
    text = "tls_server_config:\nbasic_auth_users: {}\nhttp_server_config: {http2: false}"
    assert load(tmp_path, text) == WebConfig()


def test_basic_auth(tmp_path: Path) -> None:
    """Everything is behind the password, and a refusal asks for it."""
    config = load(tmp_path, f"basic_auth_users: {{prom: {HASH_2Y}}}")
    with client(Backend().services(), config) as http:
        for path in ("/metrics", "/", "/-/healthy", "/nothing"):
            refused = http.get(path)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == "Basic"
        for wrong in (("prom", "wrong"), ("who", "right"), ("", ""), ("prom", "\0")):
            assert http.get("/metrics", auth=wrong).status_code == 401
        for _ in range(2):
            assert http.get("/metrics", auth=("prom", "right")).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic !!!", "Bearer cHJvbTpyaWdodA==", "Basic cHJvbQ==", "Basic /////w==", "basic Og=="],
)  # fmt: skip
def test_broken_credentials_are_refused(tmp_path: Path, header: str) -> None:
    """A header that is no sound Basic credential is a 401, not an error."""
    config = load(tmp_path, f"basic_auth_users: {{prom: {HASH_2Y}}}")
    with client(Backend().services(), config) as http:
        assert http.get("/metrics", headers={"Authorization": header}).status_code == 401


def test_passwords_are_checked_one_at_a_time_and_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """bcrypt runs once for a right password, never twice at once, and the memory is bounded."""
    running, calls = threading.Semaphore(1), 0

    def count(password: bytes, stored: bytes) -> bool:
        nonlocal calls
        assert running.acquire(blocking=False), "two at once"
        calls += 1
        running.release()
        return password.startswith(b"right")

    monkeypatch.setattr(guard, "_matches", count)
    users = {"a": HASH}

    async def run() -> None:
        passwords = Passwords()
        tries = [passwords.accept(users, "a", b"wrong%d" % i) for i in range(5)]
        assert not any(await asyncio.gather(*tries))
        assert await passwords.accept(users, "a", b"right")
        assert await passwords.accept(users, "a", b"right")
        assert calls == 6
        assert not await passwords.accept(users, "b", b"right")
        for i in range(MAX_VERDICTS + 5):
            await passwords.accept(users, "a", b"right%d" % i)
        assert len(passwords._right) == MAX_VERDICTS

    asyncio.run(run())


def test_long_passwords_work(tmp_path: Path) -> None:
    """bcrypt reads 72 bytes; a longer password is compared by those, as everywhere else."""
    long = b"p" * 100
    stored = bcrypt.hashpw(long[:72], bcrypt.gensalt(4))
    assert asyncio.run(Passwords().accept({"a": stored}, "a", long))


def test_headers(tmp_path: Path) -> None:
    """Configured headers are on every answer, and the operator's word replaces ours."""
    text = "http_server_config: {headers: {X-Frame-Options: sameorigin, Strict-Transport-Security: max-age=9}}"
    with client(Backend().services(), load(tmp_path, text)) as http:
        page, missing = http.get("/"), http.get("/nothing")
    assert page.headers.get_list("x-frame-options") == ["sameorigin"]
    assert missing.headers["strict-transport-security"] == "max-age=9"


def test_tls(certificate: Path) -> None:
    """With a certificate the exporter speaks TLS 1.2 or later, and nothing else."""
    config = load(certificate, "tls_server_config: {cert_file: cert.pem, key_file: key.pem}")
    trust = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
    with serve(Backend().services(), config) as url:
        assert url.startswith("https://")
        answer = httpx2.get(f"{url}/-/healthy", verify=trust, trust_env=False)
        assert answer.text == "Healthy\n"
        with pytest.raises(httpx2.TransportError):
            httpx2.get(url.replace("https", "http"), trust_env=False)


def test_client_certificates(certificate: Path) -> None:
    """With RequireAndVerifyClientCert only a client with a certificate of that CA gets in."""
    text = (
        "tls_server_config: {cert_file: cert.pem, key_file: key.pem, client_ca_file: cert.pem, "
        "client_auth_type: RequireAndVerifyClientCert, min_version: TLS13}"
    )
    config = load(certificate, text)
    stranger = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
    friend = ssl.create_default_context(cafile=str(certificate / "cert.pem"))
    friend.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with serve(Backend().services(), config) as url:
        assert httpx2.get(url, verify=friend, trust_env=False).status_code == 200
        with pytest.raises(httpx2.TransportError):
            httpx2.get(url, verify=stranger, trust_env=False)


def test_certificates_can_be_renewed(certificate: Path) -> None:
    """Reading the files again changes a context that is in use."""
    config = load(certificate, "tls_server_config: {cert_file: cert.pem, key_file: key.pem}")
    assert config.tls is not None
    context = config.tls.context()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    config.tls.refresh(context)
