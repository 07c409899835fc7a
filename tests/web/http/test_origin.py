"""State changes: only from a page of our own, under a name of our own; reading under any name unless narrowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx2
import pytest
from starlette.routing import Route

from genmedia_exporter.web.app import OBSERVATIONS, build_app, other_routes
from genmedia_exporter.web.http.origin import Hosts, parse_hosts
from genmedia_exporter.web.http.streams import Streams
from tests.web.site import Backend, client, said

READING = {"GET", "HEAD"}
OURS = "https://probes.example.com:8443/genmedia/"


@pytest.fixture
def backend() -> Backend:
    """What is asked to change."""
    return Backend()


@pytest.fixture
def http(backend: Backend) -> Iterator[httpx2.Client]:
    """An exporter behind a proxy that knows one more name."""
    services = backend.services(
        lifecycle_enabled=True, external_url=OURS, allowed_hosts=("genmedia.lan", "*.pods.lan")
    )
    with client(services) as site:
        yield site


@pytest.fixture
def plain_http(backend: Backend) -> Iterator[httpx2.Client]:
    """An exporter that was told no name."""
    with client(backend.services(lifecycle_enabled=True)) as site:
        yield site


def own_url(http: httpx2.Client) -> str:
    return str(http.base_url).rstrip("/")


FOREIGN: list[Mapping[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "same-origin, cross-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "https://probes.example.com"},  # another port of that host
    {"Origin": "https://user@127.0.0.1"},
    {"Referer": "https://evil.example/"},
    {"Referer": "nonsense"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_another_site_changes_nothing(
    backend: Backend, http: httpx2.Client, headers: Mapping[str, str]
) -> None:
    """What a browser marks as caused by a page elsewhere is a 403."""
    for path in ("/-/reload", "/-/spending?enabled=true"):
        answer = http.post(path, headers=headers)
        assert (answer.status_code, "Another site asked for this" in said(answer)) == (403, True)
    assert (backend.reloads, backend.switched) == (0, [])


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_another_site_may_read(http: httpx2.Client, headers: Mapping[str, str]) -> None:
    """Reading is no state change; what a page may see of it is the browser's own rule."""
    assert http.get("/-/healthy", headers=headers).status_code == 200


def test_every_route_that_changes_state_is_checked(backend: Backend) -> None:
    """No route with another method than reading is left out; one asks for a token instead."""
    services = backend.services(lifecycle_enabled=True)
    changing = [
        (route.path, method)
        for route in (*build_app(services).routes, *other_routes(services, Streams()))
        if isinstance(route, Route)
        for method in (route.methods or set()) - READING
    ]
    checked = [each for each in changing if each[0] != OBSERVATIONS]
    assert {path for path, _ in checked} == {"/-/reload", "/-/spending"}
    assert len(changing) == len(checked) + 1
    with client(services) as http:
        for path, method in checked:
            answer = http.request(method, path, headers={"Origin": "https://evil.example"})
            assert answer.status_code == 403


def test_curl_goes_on_working(backend: Backend, plain_http: httpx2.Client) -> None:
    """Without a word of a browser, under an address or localhost, nothing changes."""
    port = plain_http.base_url.port
    hosts = (f"127.0.0.1:{port}", f"localhost:{port}", "LOCALHOST", f"[::1]:{port}", "10.1.2.3")
    for count, host in enumerate(hosts, 1):
        assert plain_http.post("/-/reload", headers={"Host": host}).status_code == 200
        assert backend.reloads == count


def test_a_page_of_ours_may_change(backend: Backend, http: httpx2.Client) -> None:
    """Same origin by both headers, as seen here or as the proxy is seen."""
    here = {"Origin": own_url(http), "Sec-Fetch-Site": "same-origin"}
    proxied = {"Origin": "https://probes.example.com:8443", "Sec-Fetch-Site": "same-origin"}
    typed = {"Sec-Fetch-Site": "none"}
    old = {"Referer": f"{own_url(http)}/targets/a?b=c"}
    kept_host = {"Host": "genmedia.lan", "Origin": "https://genmedia.lan"}
    named_port = {"Host": "genmedia.lan:443", "Origin": "https://genmedia.lan"}
    for headers in (here, proxied, typed, old, kept_host, named_port):
        assert http.post("/-/reload", headers=headers).status_code == 200
    assert backend.reloads == 6


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:10067", "localhost.evil.example", "127.0.0.1.evil.example",
        "evillocalhost", "xgenmedia.lan", "pods.lan", "a.genmedia.lan", "probes.example.com.evil.example",
        "0x7f000001", "",
    ],
)  # fmt: skip
def test_a_foreign_name_changes_nothing(backend: Backend, http: httpx2.Client, host: str) -> None:
    """DNS rebinding: everything looks like our own page, but for the name in Host."""
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    answer = http.post("/-/spending?enabled=true", headers=headers)
    assert (answer.status_code, "--web.allowed-hosts" in said(answer)) == (403, True)
    assert backend.switched == []


@pytest.mark.parametrize("host", ["a@localhost", "localhost:80:80", "[::1", "::1", "localhost x"])
def test_what_is_no_host_is_no_request(backend: Backend, http: httpx2.Client, host: str) -> None:
    """Whatever it resembles."""
    answer = http.post("/-/spending?enabled=true", headers={"Host": host})
    assert (answer.status_code, answer.headers["connection"]) == (400, "close")
    assert backend.switched == []


@pytest.mark.parametrize(
    "host",
    ["genmedia.lan", "GENMEDIA.lan.:10067", "a.pods.lan", "a.b.pods.lan", "probes.example.com", "x.localhost"],
)  # fmt: skip
def test_our_names_may_change(backend: Backend, http: httpx2.Client, host: str) -> None:
    """The names of --web.allowed-hosts and --web.external-url, in any case and with any port."""
    assert http.post("/-/reload", headers={"Host": host}).status_code == 200
    assert backend.reloads == 1


def test_reading_is_open_to_any_name_by_default(plain_http: httpx2.Client) -> None:
    """Prometheus scrapes by whatever name it has."""
    for path in ("/metrics", "/", "/-/healthy", "/api/v1/status"):
        assert plain_http.get(path, headers={"Host": "any.name:10067"}).status_code == 200


def test_allowed_hosts_narrow_reading(http: httpx2.Client) -> None:
    """With --web.allowed-hosts a page under a rebound name cannot even read."""
    for path in ("/metrics", "/", "/-/healthy", "/nothing"):
        answer = http.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, "'evil.example'" in said(answer)) == (403, True)
        assert http.get(path, headers={"Host": "genmedia.lan"}).status_code in (200, 404)
        assert http.get(path).status_code in (200, 404)


def test_the_flag_is_checked() -> None:
    """A name with a port, a path or a bare star is an error; commas, case and a final dot are not."""
    assert parse_hosts(["A.example, *.b.example.", "10.0.0.1"]) == (
        "a.example",
        "*.b.example",
        "10.0.0.1",
    )
    for text in ("a.example:80", "https://a.example", "*", "*.", "a..b", "", "a/b", "a b", "-a"):
        with pytest.raises(ValueError, match="is not a host for"):
            parse_hosts([text])


def test_a_long_or_strange_host_costs_nothing() -> None:
    """No header makes the check slow or fail."""
    hosts = Hosts(("*.a.example",))
    for host in (
        "a." * 8000,
        "[" * 8000,
        ":" * 8000,
        "[" + ":" * 8000 + "]",
        "é",
        "\x00",
        "1" * 8000,
    ):
        assert not hosts.know(host)
