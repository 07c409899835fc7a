"""Where an account's calls go, for each spelling of a base URL that people copy from a vendor's documents."""

from __future__ import annotations

import pytest

from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.addresses import AddressError, place_of
from genmedia_exporter.providers.loader import load_provider, provider_names
from genmedia_exporter.providers.schema import Provider

OWN = [name for name in provider_names() if load_provider(name).base_url]


def _called(written: str, name: str) -> str:
    return "".join(place_of(written, load_provider(name)))


@pytest.mark.parametrize(
    ("written", "name", "called"),
    [
        ("https://h", "new-api", "https://h/v1"),
        ("https://h/", "new-api", "https://h/v1"),
        ("https://h/v1", "new-api", "https://h/v1"),
        ("https://h/v1//", "new-api", "https://h/v1"),
        ("https://h/v1/v1", "new-api", "https://h/v1"),
        ("https://h/relay/v1", "new-api", "https://h/relay/v1"),
        ("https://h/api/v1", "new-api", "https://h/api/v1"),
        ("https://h/xv1", "new-api", "https://h/xv1/v1"),
        ("https://h/v1/chat/completions", "new-api", "https://h/v1"),
        ("http://v1", "new-api", "http://v1/v1"),
        ("http://[::1]:8080/v1", "new-api", "http://[::1]:8080/v1"),
        ("https://openrouter.ai/api", "openrouter", "https://openrouter.ai/api/v1"),
        ("https://openrouter.ai/api/v1/", "openrouter", "https://openrouter.ai/api/v1"),
        ("https://openrouter.ai/api/v1/videos", "openrouter", "https://openrouter.ai/api/v1"),
        ("https://relay.example/or/api", "openrouter", "https://relay.example/or/api/v1"),
        ("https://api.klingai.com/v1", "kling", "https://api.klingai.com"),
        ("https://api.minimaxi.com/v2", "minimax", "https://api.minimaxi.com"),
        ("https://api.z.ai/api/paas", "zhipu", "https://api.z.ai/api/paas/v4"),
        ("https://n.openai.azure.com/openai", "azure", "https://n.openai.azure.com/openai/v1"),
        ("http://h:8080/mj", "midjourney-proxy", "http://h:8080"),
        ("https://h/v1/x", "http", "https://h/v1/x"),
    ],
)  # fmt: skip
def test_spellings(written: str, name: str, called: str) -> None:
    """With or without the version, a part of it, or an endpoint at its end, a base URL is the same."""
    assert _called(written, name) == called


@pytest.mark.parametrize(
    "written",
    [
        "https://h/v2",
        "https://h/api/paas/v4",
        "https://h/v1/openai",
        "https://h/v1beta/openai",
        "https://h/v2.1",
    ],
)
def test_a_version_of_its_own_stands_instead(written: str) -> None:
    """OpenAI's clients append to a base URL that has a version; so do we on that wire."""
    assert _called(written, "openai-compatible") == written
    assert _called(f"{written}/v1", "openai-compatible") == f"{written}/v1"


@pytest.mark.parametrize(
    ("written", "name", "path"),
    [
        ("https://h/compatible-mode/v1", "dashscope", "/api/v1"),
        ("https://h/kling/v2/", "kling", "/v1"),
        ("https://h/v1/replicate", "replicate", "/v1"),
    ],
)
def test_no_second_version_unless_it_is_written(written: str, name: str, path: str) -> None:
    """Elsewhere two versions are doubted, and the hint is an address that is taken."""
    with pytest.raises(AddressError, match="two versions") as caught:
        place_of(written, load_provider(name))
    meant = written.rstrip("/") + path
    assert caught.value.hint.endswith(meant)
    assert meant.startswith(_called(meant, name))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("https://openrouter.ai/v1", "openrouter"),
        ("https://queue.fal.run/fal-ai/wan", "fal"),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "gemini"),
        ("https://us-central1-aiplatform.googleapis.com", "vertex"),
        ("https://api.cloudflare.com/client/v4", "cloudflare"),
        ("https://api.cloudflare.com/client/v4/accounts/a/ai/v1", "cloudflare"),
    ],
)
def test_a_vendor_s_own_host_has_one_address(written: str, name: str) -> None:
    """What is not below it there cannot work, and is told before anything is asked."""
    with pytest.raises(AddressError, match="not below this path"):
        place_of(written, load_provider(name))


@pytest.mark.parametrize("name", OWN)
def test_every_spelling_of_every_vendor(name: str) -> None:
    """Each beginning of the version, each path of a free call: all are the address of the file."""
    provider = load_provider(name)
    own = place_of(str(provider.base_url), provider)
    for written in _spellings(provider, own.base):
        assert place_of(written, provider) == own, written


def _spellings(provider: Provider, base: str) -> list[str]:
    segments = provider.prefix.split("/")[1:]
    starts = ["/".join([base, *segments[:n]]) for n in range(len(segments) + 1)]
    calls = [c.path for c in provider.calls if c.depth is Depth.ACCEPT and "{" not in c.path]
    ends = [f"{base}{provider.prefix}{p}" for p in calls if p.startswith("/") and p[1:2] != "/"]
    written = [*starts, *(end.partition("?")[0] for end in ends)]
    return [*written, *(f"{text}/" for text in written)]
