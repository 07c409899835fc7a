"""--web.config.file: TLS, basic auth and headers in force, and every mistake named with its place."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import bcrypt
import httpx2
import pytest

from genmedia_exporter.config.files import read_bounded
from genmedia_exporter.config.problems import Places, Problems
from genmedia_exporter.web.http import auth as guard
from genmedia_exporter.web.http.auth import MAX_LOGINS, MAX_VERDICTS, Passwords, TooManyLoginsError
from genmedia_exporter.web.http.rate_limit import Limiter, RateLimit
from genmedia_exporter.web.http.web_config import WebConfig, load_web_config
from genmedia_exporter.web.http.web_config_section import SectionReader
from tests.fakes import FakeClock
from tests.web.site import Backend, client, said, serve

HASH = bcrypt.hashpw(b"right", b"$2b$04$abcdefghijklmnopqrstuu")
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("basic_auth_user: {}", ["web.yml:1:1: basic_auth_user: unknown key; did you mean 'basic_auth_users'?"]),
        ("rate_limit: {interval: 1s, brust: 3}", [
            "web.yml:1:13: rate_limit: a burst below 1 refuses every request; write burst: 20",
            "web.yml:1:28: rate_limit.brust: unknown key; did you mean 'burst'?",
        ]),
        ("rate_limit: {interval: 1, burst: many}", [
            "web.yml:1:24: rate_limit.interval: expected a duration such as 1s, 250ms or 1m30s",
            "web.yml:1:34: rate_limit.burst: expected a number of requests",
        ]),
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
            ["web.yml:1:20: tls_server_config: needs key_file or key"],
        ),
        (
            "tls_server_config: {cert_file: web.yml, key_file: web.yml}",
            ["web.yml:1:20: tls_server_config: certificate, key or CA cannot be used: not PEM, or an encrypted key"],
        ),
        (
            "tls_server_config:\n  cert: x\n  curve_preferences: P256\n  cert_file: W\n  key_file: 3",
            [
                "web.yml:2:3: tls_server_config.cert: cert_file says it, too; write one of them",
                "web.yml:3:22: tls_server_config.curve_preferences: expected a list of texts",
                "web.yml:5:13: tls_server_config.key_file: expected the name of a file",
            ],
        ),
        (
            "tls_server_config: {cert_file: W, key_file: W, client_auth_type: Require}",
            [
                "web.yml:1:66: tls_server_config.client_auth_type: unknown word; one of: "
                "NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven, "
                "RequireAndVerifyClientCert, RequireClientCert"
            ],
        ),
        (
            "tls_server_config: {cert_file: W, key_file: W, client_auth_type: RequireAnyClientCert}",
            [
                "web.yml:1:66: tls_server_config.client_auth_type: a certificate that is not verified "
                "cannot be required here; add client_ca_file, and it is verified"
            ],
        ),
        *(
            (
                f"tls_server_config: {{cert_file: W, key_file: W, client_auth_type: {word}, client_allowed_sans: [a]}}",
                [
                    f"web.yml:1:{66 + len(word) + 23}: tls_server_config.client_allowed_sans: needs a "
                    "client_auth_type that requires a certificate; RequireAndVerifyClientCert"
                ],
            )
            for word in ("NoClientCert", "RequestClientCert", "VerifyClientCertIfGiven")
        ),
        (
            "tls_server_config: {cert_file: W, key_file: W, curve_preferences: [CurveP521, CurveP384]}",
            [
                "web.yml:1:67: tls_server_config.curve_preferences: several curves cannot be enforced, "
                "and others are weaker; write one"
            ],
        ),
        (
            "tls_server_config: {cert_file: W, key_file: W, cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]}",
            [
                "web.yml:1:64: tls_server_config.cipher_suites[0]: unknown word; "
                "did you mean 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA'?"
            ],
        ),
        (
            "tls_server_config: {cert_file: W, key_file: W, max_version: TLS11}",
            ["web.yml:1:61: tls_server_config.max_version: no version of TLS is left"],
        ),
        (
            "tls_server_config: {cert_file: W, key_file: W, client_ca_file: W}",
            ["web.yml:1:64: tls_server_config.client_ca_file: does nothing without client_auth_type"],
        ),
        (
            "tls_server_config: {cert_file: W, key_file: W, min_version: SSL3}",
            ["web.yml:1:61: tls_server_config.min_version: unknown word; one of: TLS10, TLS11, TLS12, TLS13"],
        ),
        (
            "http_server_config: {http2: maybe}",
            ["web.yml:1:29: http_server_config.http2: expected true or false"],
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


@pytest.mark.parametrize("text", ["", "# TLS: see the wiki\n", "---\n", "null\n"])
def test_an_empty_file_is_plain_http(text: str, tmp_path: Path) -> None:
    """As for exporter-toolkit; a warning says that nothing is protected."""
    config = load(tmp_path, text)
    (warning,) = config.warnings
    assert str(warning) == f"{tmp_path}/web.yml:1:1: warning: the file is empty: plain HTTP for all"
    with client(Backend().services(), config) as http:
        assert http.get("/metrics").status_code == 200


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
        tries = [passwords.accept(users, "a", b"wrong%d" % i, f"client {i}") for i in range(5)]
        assert not any(await asyncio.gather(*tries))
        assert await passwords.accept(users, "a", b"right")
        assert await passwords.accept(users, "a", b"right")
        assert calls == 6
        assert not await passwords.accept(users, "b", b"right")
        for i in range(MAX_VERDICTS + 5):
            await passwords.accept(users, "a", b"right%d" % i)
        assert len(passwords._right) == MAX_VERDICTS

    asyncio.run(run())


def test_who_guesses_waits_for_his_own_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of guesses of one client cost another one check of waiting; too many are refused."""
    checked: list[bytes] = []

    def note(password: bytes, stored: bytes) -> bool:
        checked.append(password)
        return password == b"right"

    monkeypatch.setattr(guard, "_matches", note)

    async def run() -> None:
        passwords = Passwords()
        guesses = [
            asyncio.create_task(passwords.accept({"a": HASH}, "a", b"guess", "bad"))
            for _ in range(300)
        ]
        await asyncio.sleep(0)
        assert await passwords.accept({"a": HASH}, "a", b"right", "good")
        assert len(checked) <= 2
        ends = await asyncio.gather(*guesses, return_exceptions=True)
        assert ends.count(False) == MAX_LOGINS
        assert sum(isinstance(end, TooManyLoginsError) for end in ends) == 300 - MAX_LOGINS
        assert not await passwords.accept({"a": HASH}, "a", b"guess", "bad")
        assert passwords._queues == {}

    asyncio.run(run())


def test_too_many_guesses_are_a_429(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer says when to come back; who is known is served meanwhile."""
    config = load(tmp_path, f"basic_auth_users: {{prom: {HASH_2Y}}}")
    free, busy = threading.Event(), threading.Semaphore(0)

    def wait(password: bytes, stored: bytes) -> bool:
        if password != b"right":
            busy.release()
            free.wait(10)
        return password == b"right"

    def ask(word: str) -> httpx2.Response:
        return httpx2.get(f"{url}/-/healthy", auth=("prom", word), timeout=60, trust_env=False)

    monkeypatch.setattr(guard, "_matches", wait)
    with serve(Backend().services(), config) as url, ThreadPoolExecutor(MAX_LOGINS + 1) as threads:
        assert ask("right").status_code == 200
        guesses = [threads.submit(ask, f"wrong {i}") for i in range(MAX_LOGINS + 1)]
        assert busy.acquire(timeout=60)
        first = next(as_completed(guesses)).result()
        assert (first.status_code, first.headers["retry-after"]) == (429, "1")
        assert ask("right").status_code == 200
        free.set()
        codes = sorted(guess.result().status_code for guess in guesses)
    assert codes == [401] * MAX_LOGINS + [429]


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


def test_blank_headers_are_not_set(tmp_path: Path) -> None:
    """As in exporter-toolkit: what is blank is as if it were not there."""
    text = "http_server_config: {headers: {X-Frame-Options: '', Strict-Transport-Security: ''}}"
    assert load(tmp_path, text).headers == {}


def test_http2_is_accepted_and_says_what_it_does(tmp_path: Path) -> None:
    """Everybody speaks HTTP/1.1, which weakens nothing: a warning where it was asked for."""
    (warning,) = load(tmp_path, "http_server_config: {http2: true}").warnings
    assert str(warning) == (
        f"{tmp_path}/web.yml:1:22: warning: http_server_config.http2: "
        "clients speak HTTP/1.1, HTTP/2 is not served"
    )
    for text in ("http_server_config: {http2: false}", "http_server_config: {headers: {}}"):
        assert load(tmp_path, text).warnings == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{interval: 1s, burst: 20}", RateLimit(1.0, 20)),
        ("{interval: 1m30s, burst: 1}", RateLimit(90.0, 1)),
        ("{interval: 1.5s, burst: 1}", RateLimit(1.5, 1)),
        ("{interval: 250ms, burst: 1}", RateLimit(0.25, 1)),
        ("{interval: 0, burst: 20}", None),
        ("{interval: 0s, burst: 20}", None),
        ("{burst: 20}", None),
        ("{}", None),
    ],
)
def test_rate_limit(tmp_path: Path, text: str, expected: RateLimit | None) -> None:
    """Durations as Go writes them; an interval of 0 is no limit."""
    assert load(tmp_path, f"rate_limit: {text}").rate_limit == expected


def test_requests_beyond_the_rate_are_refused(tmp_path: Path) -> None:
    """A burst gets through, the next is a 429 that says when, and before it costs a password check."""
    text = f"rate_limit: {{interval: 1h, burst: 2}}\nbasic_auth_users: {{prom: {HASH_2Y}}}"
    with client(Backend().services(), load(tmp_path, text)) as http:
        assert http.get("/metrics", auth=("prom", "right")).status_code == 200
        assert http.get("/metrics").status_code == 401
        refused = http.get("/metrics", auth=("prom", "right"))
        assert (refused.status_code, said(refused)) == (429, "Too Many Requests")
        assert 3500 < int(refused.headers["retry-after"]) <= 3600


def test_the_bucket_fills_again() -> None:
    """A token each interval, never more than the burst."""
    clock = FakeClock()
    limiter = Limiter(RateLimit(10.0, 2), clock)

    async def after(seconds: float) -> list[float]:
        await clock.advance(seconds)
        return [limiter.wait() for _ in range(3)]

    async def run() -> None:
        assert await after(0.0) == [0.0, 0.0, 10.0]
        assert await after(9.0) == pytest.approx([1.0, 1.0, 1.0])
        assert await after(1.5) == pytest.approx([0.0, 9.5, 9.5])
        assert await after(1000.0) == pytest.approx([0.0, 0.0, 10.0])

    asyncio.run(run())


def test_after_a_thousand_mistakes_it_is_not_read_on(tmp_path: Path) -> None:
    """24,000 took a second to put into words; it is told that there are more."""
    reader = SectionReader({}, Places("f.yml", {}), tmp_path, read_bounded)
    for number in range(1_000):
        reader.note((f"key{number}",), "unknown key")
    with pytest.raises(Problems) as raised:
        reader.note(("key1000",), "unknown key")

    assert len(raised.value.problems) == 1_001
    assert "more problems" in raised.value.problems[-1].message
