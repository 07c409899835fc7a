"""Which page speaks for a target: what is written, else what its provider's file names."""

from __future__ import annotations

from textwrap import dedent

import pytest

from genmedia_exporter.config.loader import parse_config
from genmedia_exporter.config.problems import Problems
from genmedia_exporter.core.status_page import PageSettings
from genmedia_exporter.providers.loader import load_provider, provider_names
from genmedia_exporter.status_pages.engines.contract import engine_names
from genmedia_exporter.targets.resolve import Resolution, resolve

OPENAI = PageSettings("openai", "https://status.openai.com", "incidentio")


def resolved(text: str) -> Resolution:
    """Resolve a configuration with one account of OpenAI and one of a gateway."""
    head = """
    accounts:
      o: {provider: openai, api_key: {value: k123}}
      g: {provider: new-api, base_url: "https://gate.example", api_key: {value: k123}}
    """
    return resolve(parse_config((dedent(head) + dedent(text)).encode(), "genmedia.yml"), {})


@pytest.mark.parametrize(
    ("page", "component"), [("{}", "Images"), ("{component: Image Generation}", "Image Generation")]
)
def test_a_target_takes_its_providers_page(page: str, component: str) -> None:
    """Without a URL and without an entry of its own."""
    found = resolved(f"targets: [{{account: o, model: gpt-image-2, page: {page}}}]")
    assert found.targets[0].page == ("openai", component)
    assert found.pages == (OPENAI,)
    assert found.page_components == {"openai": (component,)}


def test_a_page_needs_no_url_where_its_providers_is_known() -> None:
    """What is written beside the id counts all the same."""
    found = resolved(
        """
        status_pages: [{id: openai, components: [Images], interval: 5m}]
        targets: [{account: o, model: gpt-image-2, page: {}}]
        """
    )
    assert found.pages == (
        PageSettings("openai", OPENAI.url, "incidentio", ("Images",), interval=300.0),
    )


def test_what_is_written_comes_first() -> None:
    """A page of one's own under the provider's name, or another one by its id."""
    found = resolved(
        """
        status_pages:
          - {id: openai, url: "https://mirror.example", engine: statuspage}
          - {id: other, url: "https://other.example/"}
        targets:
          - {account: o, model: gpt-image-2, page: {}}
          - {account: g, model: gpt-image-2, page: {id: other, component: Gateway}}
        """
    )
    assert [page.url for page in found.pages] == ["https://mirror.example", "https://other.example"]
    assert [t.page for t in found.targets] == [("openai", "Images"), ("other", "Gateway")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "targets: [{account: g, model: gpt-image-2, page: {}}]",
            "genmedia.yml:5:50: targets[0].page: no status page of 'new-api' is known; write id:",
        ),
        (
            "status_pages: [{id: openai}, {id: acme}]",
            "genmedia.yml:5:30: status_pages[1].url: this key is required: no provider 'acme' has a page known here",
        ),
        (
            "status_pages: [{id: p, url: 'https://p.example'}]\n"
            "targets: [{account: o, model: gpt-image-2, page: {id: p}}]",
            "genmedia.yml:6:50: targets[0].page: which component speaks for it is not known; write component:",
        ),
    ],
)
def test_what_nobody_knows_is_an_error(text: str, problem: str) -> None:
    """With its place, and with what to write."""
    with pytest.raises(Problems) as raised:
        resolved(text)
    assert [str(p) for p in raised.value.problems] == [problem]


@pytest.mark.parametrize("name", provider_names())
def test_shipped_pages_have_engines_that_there_are(name: str) -> None:
    """The engine is named, or said to be found out where nobody established it."""
    page = load_provider(name).status_page
    assert page is None or page.engine in (*engine_names(), "auto")
