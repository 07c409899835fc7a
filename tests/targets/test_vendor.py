"""Who runs an endpoint: by the rule for its host, or by the file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from genmedia_exporter.targets.resolve import Resolution
from genmedia_exporter.targets.vendor import vendor_of


@pytest.mark.parametrize(
    ("host", "vendor"),
    [
        ("api.openai.com", "openai.com"),
        ("openai.com", "openai.com"),
        ("API.OpenAI.com.", "openai.com"),
        ("dashscope-intl.aliyuncs.com", "aliyuncs.com"),
        ("ark.cn-beijing.volces.com", "volces.com"),
        ("api.relay.com.cn", "relay.com.cn"),
        ("relay.co.uk", "relay.co.uk"),
        ("api.co.com", "co.com"),  # no country's domain: an ordinary name
        ("api.t.co", "t.co"),
        ("one.workers.dev", "one.workers.dev"),
        ("a.one.workers.dev", "one.workers.dev"),
        ("ours.openai.azure.com", "ours.openai.azure.com"),
        ("workers.dev", "workers.dev"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("new-api", "new-api"),
        ("", ""),
    ],
)
def test_the_vendor_is_the_registrable_domain(host: str, vendor: str) -> None:
    """Strangers below one platform are apart; hosts of one owner are together."""
    assert vendor_of(host) == vendor


def test_the_file_has_the_last_word(resolved: Callable[..., Resolution]) -> None:
    """What an operator writes of an account holds; otherwise its host decides."""
    accounts = resolved(
        """
accounts:
  plain: {provider: new-api, base_url: "https://api.relay.example/v1"}
  named: {provider: new-api, base_url: "http://127.0.0.1:3000", vendor: our own}
"""
    ).accounts
    assert accounts["plain"].vendor == "relay.example"
    assert accounts["named"].vendor == "our own"
