"""What the most expensive inputs from outside cost in CPU seconds; more than half a second fails.

Run: python -m tests.bench.costly_inputs
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from genmedia_exporter.classify.explain import Answer, explain
from genmedia_exporter.config.loader import examine_config
from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.core.evidence import MAX_BODY_BYTES
from genmedia_exporter.core.redact import hide, redact, scrub
from genmedia_exporter.core.status import Depth
from genmedia_exporter.health.failures import KEPT_BODY
from genmedia_exporter.media.inspect import FIRST_BYTES, inspect
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.providers.loader import load_generic, load_provider
from genmedia_exporter.web.http.negotiate import accepts_gzip, choose_format
from tests.answers import TODAY

MOST: Final = 0.5
"""CPU seconds that one input from outside may cost."""
MANY: Final = 3_000
NAMES: Final = [f"account-{number}/model-{number % 7}" for number in range(MANY)]

Work = Callable[[], object]


def targets(keys: str, number: int) -> str:
    """Return a sound file of so many targets with these *keys* each."""
    each = f"  - {{account: a, model: m%d{keys}}}\n"
    lines = (each.replace("%d", str(i)) for i in range(number))
    return "accounts: {a: {provider: openai}}\ntargets:\n" + "".join(lines)


def configurations() -> Iterator[tuple[str, Work]]:
    """Yield files of nonsense."""
    target = "  - {{account: acount{}, model: m}}\n"
    window = "  - {{targets: [{}], start: 2026-12-01T02:00:00Z, end: 2026-12-01T03:00:00Z}}\n"
    accounts = "accounts: {a: {provider: openai}}\ntargets:\n"
    aliases = "".join(f"b{i}: &b{i} [*b{i - 1}, *b{i - 1}]\n" for i in range(1, 40))
    texts = {
        "unknown keys": "".join(f"acounts{i}: 1\n" for i in range(MANY)),
        "misspelt keys of targets": accounts
        + "".join(f"  - {{account: a, modle: m{i}}}\n" for i in range(MANY)),
        "misspelt keys of intervals": accounts
        + "".join(
            f"  - {{account: a, model: m{i}, interval: {{reech: 1m}}}}\n" for i in range(MANY)
        ),
        "misspelt operations": accounts
        + "".join(f"  - {{account: a, model: m{i}, operation: vidio}}\n" for i in range(MANY)),
        "long unknown keys": "".join(f"{'k' * 1_000}{i}: 1\n" for i in range(MANY // 3)),
        "many targets": targets("", 12_000),
        "targets with prices": targets(", price: {usd_per_second: 0.1}", 9_900),
        "targets with intervals": targets(
            ", interval: {reach: 60s, accept: 10m, generate: 6h}", 7_400
        ),
        "targets of many keys": targets(
            ", name: n%d, timeout: 10s, channel: official, family: f, operation: video, slo: 0.9",
            5_400,
        ),
        "empty targets": accounts + "  - []\n" * 79_000,
        "many unknown keys": "".join(f"key{i}: 1\n" for i in range(79_000)),
        "keys that stand twice": "a:\n" + "  k: 1\n" * 79_000,
        "merges": "x: &x {"
        + "".join(f"k{i}: 1, " for i in range(2_000))
        + "}\ny:\n  <<: ["
        + "*x, " * 30_000
        + "]\n",
        "windows": accounts
        + "".join(f"  - {{account: a, model: m{i}}}\n" for i in range(10_000))
        + "maintenance:\n"
        + "".join(window.format(f"'*x*y{i}*'") for i in range(1_000)),
        "values": "a: [" + "1, " * 159_985 + "]",
        "many brackets": "[" * 4_000_000,
        "unknown accounts": "accounts:\n"
        + "".join(f"  account{i}: {{provider: openai}}\n" for i in range(MANY // 2))
        + "targets:\n"
        + "".join(target.format(i) for i in range(MANY // 2)),
        "aliases of aliases": f"b0: &b0 [x, x]\n{aliases}",
        "many nodes": "a: [" + "1, " * 1_000_000 + "]",
        "deep": "a: " + "[" * 100_000,
        "deep block": "".join(" " * i + "a:\n" for i in range(1_000)),
        "quotes": "a: " + '"' * 1_000_000,
    }
    for name, text in texts.items():
        yield f"configuration: {name}", partial(examine_config, text, "f.yml")


def answers() -> Iterator[tuple[str, Work]]:
    """Yield bodies as large as one may be."""
    size = MAX_BODY_BYTES
    bodies = {
        "spaces": b" " * size,
        "letters": b"a" * size,
        "words": b"error " * (size // 6),
        "quota words": "额度不足 insufficient quota ".encode() * (size // 34),
        "html": b"<p>" * (size // 3),
        "brackets": b"[" * size,
        "objects": b'{"error":' * (size // 9),
        "closed objects": b'{"a":' * 900 + b"1" + b"}" * 900,
        "many keys": json.dumps({f"key{i}": "no such model" for i in range(30_000)}).encode(),
        "many errors": json.dumps([{"code": "429", "message": "busy"}] * 20_000).encode(),
        "nested text": json.dumps({"error": json.dumps({"error": "x" * 400_000})}).encode(),
        "one long sentence": json.dumps({"error": "all of your " + "a " * 500_000}).encode(),
        "escapes": b'{"message": "' + b"\\u4e2d" * (size // 6) + b'"}',
        "digits": b"9" * size,
        "events": b"data: {}\n\n" * (size // 10),
        "dots": b"https://" + b"a." * (size // 2),
        "key-like": b"sk-" + b"a-" * (size // 2),
        "zero width": "\u200b".encode() * (size // 3),
    }
    provider, generic = load_provider("new-api"), load_generic()
    for name, body in bodies.items():
        for status, depth in ((200, None), (400, Depth.ACCEPT), (500, None)):
            broken = ("prompt",) if depth else ()  # a create's answer is read for proof, too
            answer = Answer(status, {"content-type": "application/json"}, body, broken=broken)
            asked = partial(explain, answer, provider, generic, now=TODAY, depth=depth)
            yield f"answer {status}: {name}", asked
        text = body[:KEPT_BODY].decode(errors="replace")
        yield f"masked: {name}", partial(masked, text)
        yield f"recognised: {name}", partial(inspect, body[:FIRST_BYTES], "", size)


def masked(text: str) -> tuple[str, ...]:
    """Mask *text* in every way."""
    return hide(text), redact(text), scrub(text)


def negotiated(header: str) -> tuple[Format, bool]:
    """Read *header* as both that are negotiated."""
    return choose_format([header]), accepts_gzip([header])


def requests() -> Iterator[tuple[str, Work]]:
    """Yield what a client may ask."""
    for name, text in {
        "commas": "," * 16_000,
        "ranges": "a/b;q=0.5," * 1_600,
        "semicolons": ";" * 16_000,
        "digits": "*/*;q=" + "9" * 16_000,
    }.items():
        yield f"Accept: {name}", partial(negotiated, text)
    for word in ("account-1/model-x" * 12, "x" * 8_000, "account-17/modl-3"):
        yield f"suggestion for {word[:12]}…", partial(did_you_mean, word, NAMES)


def main() -> int:
    """Print what is expensive; 1 when anything is too expensive."""
    failed = False
    for name, work in (*configurations(), *answers(), *requests()):
        before = time.process_time()
        with contextlib.suppress(ValueError):
            work()
        cost = time.process_time() - before
        failed = failed or cost > MOST
        if cost > MOST / 10:
            sys.stdout.write(f"{cost:7.3f} s  {name}{'  TOO MUCH' if cost > MOST else ''}\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
