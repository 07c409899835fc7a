"""Kept failures over HTTP and on the page: listed, whole, redacted, with the line that replays them."""

from __future__ import annotations

from urllib.parse import urljoin

from genmedia_exporter.core.status import Depth
from tests.metrics.samples import CANARY
from tests.web.site import Backend, client, kept_failure, observation, said

NAME = "sora-2-official"
KEPT = kept_failure(NAME)


def test_a_failure_is_listed_and_can_be_read_whole() -> None:
    """With every exchange, nothing secret, and the command of its verdict."""
    services = Backend().services(failures=lambda name: [KEPT])
    with client(services) as site:
        listed = site.get(f"/api/v1/targets/{NAME}/probes").json()
        whole = site.get(f"/api/v1/targets/{NAME}/probes/{listed['probes'][0]['id']}")
    told = whole.json()

    assert (listed["target"], len(listed["probes"])) == (NAME, 1)
    assert listed["probes"][0].items() <= told.items()
    assert told["exchanges"][0]["body_bytes"] > 4000
    assert "genmedia-exporter explain --provider" in told["explain"]
    assert CANARY not in whole.text


def test_a_name_with_slashes_and_an_unknown_one() -> None:
    """The name may have slashes as elsewhere; what is not there is a sentence."""
    name = "apiyi/veo/probes"
    services = Backend().services(failures=lambda name: [KEPT])
    with client(services) as site:
        unknown = site.get(f"/api/v1/targets/{name}/probes")
        gone = site.get(f"/api/v1/targets/{NAME}/probes/reach-1")

    assert unknown.status_code == gone.status_code == 404
    assert said(unknown).startswith(f"No target is called {name!r}")
    assert said(gone).startswith("No failed probe 'reach-1' is kept of 'sora-2-official'")


def test_the_page_shows_them_with_a_way_to_the_whole() -> None:
    """One row each; the link leads to the JSON; an answer too long for the page is fetched."""
    services = Backend().services(
        failures=lambda name: [KEPT], external_url="https://gm.example.com/x/"
    )
    with client(services) as site:
        page = site.get(f"/targets/{NAME}")
        link = page.text.split('href="../api/v1/targets/')[1].split('"')[0]
        whole = site.get(urljoin(str(page.url), f"../api/v1/targets/{link}"))

    assert len(observation(NAME, Depth.REACH).evidence.main.body) > 2048
    assert "curl -s https://gm.example.com/x/api/v1/targets/" in page.text
    assert whole.json()["id"] == KEPT.id
    assert CANARY not in page.text


def test_without_failures_the_page_has_no_empty_table() -> None:
    """Nothing failed: nothing is said."""
    with client(Backend().services()) as site:
        assert "Kept failures" not in site.get(f"/targets/{NAME}").text
