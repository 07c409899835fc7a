"""The web file while it is in force: changed, broken, mended, gone and back, under real connections."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Callable
from pathlib import Path

import bcrypt
import httpx2
import pytest
import uvloop

from genmedia_exporter.config.problems import Problems
from genmedia_exporter.core.clock import SystemClock, Unix
from genmedia_exporter.core.events import fields_of
from genmedia_exporter.web.http.web_config_watch import SETTLED, WebConfigWatch
from tests.events import messages
from tests.web.certificates import authority, signed
from tests.web.site import Backend, client, serve

HTTPS = "tls_server_config: {cert_file: server.pem, key_file: server.key}\n"
ONE, TWO = (bcrypt.hashpw(word, bcrypt.gensalt(4)).decode() for word in (b"one", b"two"))


def users(**hashes: str) -> str:
    return "basic_auth_users:" + "".join(f"\n  {name}: {hash_}" for name, hash_ in hashes.items())


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two authorities, each with a certificate for the server and one for a client."""
    folder = tmp_path_factory.mktemp("certificates")
    for ca in ("old", "new"):
        authority(folder, ca)
        signed(folder, f"{ca}-server", "DNS:localhost,IP:127.0.0.1", ca)
        signed(folder, f"{ca}-client", "DNS:prometheus.example", ca)
    return folder


def ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name.startswith("genmedia_exporter")]


class Site:
    """A web file with its certificates, and what came of reading it."""

    def __init__(self, folder: Path, certificates: Path) -> None:
        self.folder = folder
        self.file = folder / "web.yml"
        self.told: list[bool] = []
        self._certificates = certificates

    def use(self, age: str, *parts: str) -> None:
        """Put the server's certificate and key of that age in force, or one of them."""
        for part in parts or ("pem", "key"):
            content = (self._certificates / f"{age}-server.{part}").read_bytes()
            (self.folder / f"server.{part}").write_bytes(content)

    def trust_clients_of(self, age: str) -> None:
        """Put the authority of that age in force for clients."""
        content = (self._certificates / f"{age}.pem").read_bytes()
        (self.folder / "ca.pem").write_bytes(content)

    def watch(self) -> WebConfigWatch:
        """Return the watch of the file as it is."""
        watch = WebConfigWatch(self.file)
        watch.on_result(self.told.append)
        return watch

    def reaches(self, url: str, age: str, client: str = "") -> bool:
        """Whether a server certificate of that age answers, to a client with that certificate."""
        trust = ssl.create_default_context(cafile=str(self._certificates / f"{age}.pem"))
        if client:
            own = self._certificates / f"{client}-client"
            trust.load_cert_chain(own.with_suffix(".pem"), own.with_suffix(".key"))
        try:
            return (
                httpx2.get(
                    f"{url}/-/healthy", verify=trust, timeout=60, trust_env=False
                ).status_code
                == 200
            )
        except httpx2.TransportError:
            return False


@pytest.fixture
def site(tmp_path: Path, certificates: Path) -> Site:
    """A site whose certificate is the old one."""
    made = Site(tmp_path, certificates)
    made.use("old")
    made.trust_clients_of("old")
    return made


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_new_certificate_serves_the_next_connection(
    site: Site, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Nobody reloads anything, and a connection that is open goes on."""
    site.file.write_text(HTTPS)
    with serve(Backend().services(), site.watch(), loop_factory=loop) as url:
        assert site.reaches(url, "old")
        site.use("new")
        assert site.reaches(url, "new")
        assert not site.reaches(url, "old")
    assert site.told == [True, True]


def test_half_a_change_keeps_the_last_good_pair(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """A certificate without its key is not taken, said once, and taken when the key is there."""
    site.file.write_text(HTTPS)
    with serve(Backend().services(), site.watch()) as url, caplog.at_level(logging.INFO):
        site.use("new", "pem")
        assert [site.reaches(url, "old") for _ in range(3)] == [True] * 3
        assert messages(ours(caplog)).count("web configuration not reloaded") == 1
        assert "the key does not match" in str(fields_of(ours(caplog)[0]))
        site.use("new", "key")
        assert site.reaches(url, "new")
        assert messages(ours(caplog))[-1] == "web configuration reloaded"
    assert site.told == [True, False, True]


def test_an_authority_of_clients_is_replaced(site: Site) -> None:
    """Who was let in by the old one is out with the next connection, sessions or not."""
    clients = HTTPS.replace(
        "}", ", client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert}"
    )
    site.file.write_text(clients)
    with serve(Backend().services(), site.watch()) as url:
        assert site.reaches(url, "old", "old")
        assert not site.reaches(url, "old", "new")
        site.trust_clients_of("new")
        assert site.reaches(url, "old", "new")
        assert not site.reaches(url, "old", "old")


def test_what_is_stricter_counts_with_the_next_connection(site: Site) -> None:
    """Clients need a certificate from the moment on in which the file says so."""
    site.file.write_text(HTTPS)
    with serve(Backend().services(), site.watch()) as url:
        assert site.reaches(url, "old")
        site.file.write_text(
            HTTPS.replace("}", ", client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert}")
        )  # fmt: skip
        assert not site.reaches(url, "old")
        assert site.reaches(url, "old", "old")


def test_a_password_is_changed_under_an_open_connection(site: Site) -> None:
    """The next request needs the new one; a user taken out is out."""
    site.file.write_text(users(prom=ONE, bob=ONE))
    with client(Backend().services(), site.watch()) as http:
        assert http.get("/metrics", auth=("prom", "one")).status_code == 200
        assert http.get("/metrics", auth=("bob", "one")).status_code == 200
        site.file.write_text(users(prom=TWO))
        assert http.get("/metrics", auth=("prom", "one")).status_code == 401
        assert http.get("/metrics", auth=("bob", "one")).status_code == 401
        assert http.get("/metrics", auth=("prom", "two")).status_code == 200


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("basic_auth_users: {prom: plain}", "not a bcrypt hash"),
        ("basic_auth_users: [", "is not closed"),
        ("", "the file is empty; to protect nothing from now on, write {}"),
        ("# users follow\n", "the file is empty"),
        ("basic_auth_user: {}", "did you mean 'basic_auth_users'?"),
        (HTTPS, "TLS can be switched on or off by a restart only"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_broken_file_keeps_the_last_good_one(site: Site, broken: str | None, told: str) -> None:
    """Nobody gets in who could not before; a reload names the reason each time; mended, it counts."""
    site.file.write_text(users(prom=ONE))
    watch = site.watch()
    with client(Backend().services(), watch) as http:
        if broken is None:
            site.file.unlink()
        else:
            site.file.write_text(broken)
        for _ in range(2):
            assert http.get("/metrics").status_code == 401
            assert http.get("/metrics", auth=("prom", "one")).status_code == 200
            (problem,) = watch.reload()
            assert told in problem
        site.file.write_text(users(prom=TWO))
        assert http.get("/metrics", auth=("prom", "two")).status_code == 200
        assert watch.reload() == ()
    assert site.told == [True, False, True]


def test_a_file_that_begins_empty(site: Site) -> None:
    """What is written later counts; `{}` takes it away again, an emptied file does not."""
    site.file.write_text("")
    watch = site.watch()
    with client(Backend().services(), watch) as http:
        assert http.get("/metrics").status_code == 200
        for text, answer in (("# soon\n", 200), (users(prom=ONE), 401), ("", 401), ("{}", 200)):
            site.file.write_text(text)
            assert http.get("/metrics").status_code == answer


def test_tls_does_not_go_away(site: Site) -> None:
    """A file without TLS is refused as a whole, for its users would come in the clear."""
    site.file.write_text(HTTPS)
    watch = site.watch()
    with serve(Backend().services(), watch) as url:
        site.file.write_text(users(prom=ONE))
        assert site.reaches(url, "old")
        assert "TLS can be switched" in watch.reload()[0]


def test_headers_and_limits_change(site: Site) -> None:
    """All sections live."""
    site.file.write_text("http_server_config: {headers: {X-Frame-Options: deny}}")
    with client(Backend().services(), site.watch()) as http:
        assert http.get("/-/healthy").headers["x-frame-options"] == "deny"
        site.file.write_text("rate_limit: {interval: 1h, burst: 1}")
        answers = [http.get("/-/healthy") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429]
        assert "x-frame-options" not in answers[0].headers
        site.file.write_text("rate_limit: {interval: 0, burst: 1}")
        assert http.get("/-/healthy").status_code == 200


def test_a_secret_of_kubernetes_is_swapped(site: Site, certificates: Path) -> None:
    """All files change at once, by a link to another folder."""
    for age in ("old", "new"):
        (site.folder / age).mkdir()
        for part in ("pem", "key"):
            content = (certificates / f"{age}-server.{part}").read_bytes()
            (site.folder / age / f"server.{part}").write_bytes(content)
    data = site.folder / "data"
    data.symlink_to("old")
    site.file.write_text(HTTPS.replace("server.", "data/server."))
    with serve(Backend().services(), site.watch()) as url:
        assert site.reaches(url, "old")
        (site.folder / "next").symlink_to("new")
        os.replace(site.folder / "next", data)
        assert site.reaches(url, "new")


def test_the_same_content_is_no_change(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """A file that was only touched is not taken again; nothing is logged at a look."""
    site.file.write_text(users(prom=ONE))
    watch = site.watch()
    with caplog.at_level(logging.DEBUG):
        before = watch.current()
        site.file.touch()
        assert watch.current() is before
        os.utime(site.file, (1, 1))
        assert watch.current() is before
    assert (site.told, messages(caplog.records)) == ([True], [])


def test_a_change_of_the_same_size_and_time_is_seen(site: Site) -> None:
    """Times of files may be coarse: a young file is compared by its content."""
    site.file.write_text(users(prom=ONE))
    found = site.file.stat()
    watch = site.watch()
    site.file.write_text(users(prom=TWO))
    os.utime(site.file, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert watch.current().users["prom"] == TWO.encode()


def test_an_old_file_is_only_looked_at(site: Site) -> None:
    """Where times tell it all, a look reads nothing."""
    site.file.write_text(users(prom=ONE))
    os.utime(site.file, (1, 1))
    clock = _At(site.file.stat().st_ctime + SETTLED - 0.1)
    watch = WebConfigWatch(site.file, clock)
    assert watch._seen[site.file].signature is None
    clock.time += 0.2
    watch.current()
    assert watch._seen[site.file].signature is not None


class _At(SystemClock):
    """A clock that stands."""

    def __init__(self, time: float) -> None:
        self.time = time

    def now(self) -> Unix:
        return Unix(self.time)


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    """`--web.config.file <(…)` works, and stays what it was."""
    reading, writing = os.pipe()
    os.write(writing, users(prom=ONE).encode())
    os.close(writing)
    try:
        watch = WebConfigWatch(Path(f"/dev/fd/{reading}"))
        assert [list(watch.current().users) for _ in range(2)] == [["prom"]] * 2
        assert watch.reload() == ()
    finally:
        os.close(reading)


def test_a_pipe_for_a_certificate_is_refused_at_once(site: Site) -> None:
    """Nothing waits for a writer that never comes."""
    site.file.write_text(HTTPS)
    (site.folder / "server.pem").unlink()
    os.mkfifo(site.folder / "server.pem")
    with pytest.raises(Problems, match=r"there is no file .*server\.pem"):
        WebConfigWatch(site.file)


def test_without_a_file_nothing_is_told() -> None:
    """No file, no metric."""
    told: list[bool] = []
    watch = WebConfigWatch()
    watch.on_result(told.append)
    assert (told, watch.reload(), watch.tls_context()) == ([], (), None)
    assert watch.current().users == {}
