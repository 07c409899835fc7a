"""`init`: a commented configuration for the keys that are in the environment; their names, never their values."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Final

from genmedia_exporter.commands.parser import output_file
from genmedia_exporter.commands.usage import UsageError
from genmedia_exporter.config.json_schema import json_schema
from genmedia_exporter.core.clock import Clock, Unix
from genmedia_exporter.core.status import Depth
from genmedia_exporter.providers.loader import load_provider, provider_names
from genmedia_exporter.providers.schema import ModelEntry, Provider

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "openai": ("OPENAI_API_KEY",),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "xai": ("XAI_API_KEY",),
    "kling": ("KLING_API_KEY",),
    "minimax": ("MINIMAX_API_KEY",),
    "ark": ("ARK_API_KEY",),
    "byteplus": ("BYTEPLUS_API_KEY",),
    "dashscope": ("DASHSCOPE_API_KEY",),
    "runway": ("RUNWAYML_API_SECRET", "RUNWAY_API_KEY"),
    "luma": ("LUMA_API_KEY", "LUMAAI_API_KEY"),
    "fal": ("FAL_KEY",),
    "replicate": ("REPLICATE_API_TOKEN",),
    "openrouter": ("OPENROUTER_API_KEY",),
    "bfl": ("BFL_API_KEY",),
    "zhipu": ("ZAI_API_KEY", "ZHIPUAI_API_KEY"),
    "novita": ("NOVITA_API_KEY",),
    "vidu": ("VIDU_API_KEY",),
    "pixverse": ("PIXVERSE_API_KEY",),
    "wavespeed": ("WAVESPEED_API_KEY",),
    "together": ("TOGETHER_API_KEY",),
    "kie": ("KIE_API_KEY",),
    "apiyi": ("APIYI_API_KEY",),
    "laozhang": ("LAOZHANG_API_KEY",),
    "stability": ("STABILITY_API_KEY",),
    "recraft": ("RECRAFT_API_KEY",),
    "ideogram": ("IDEOGRAM_API_KEY",),
    "leonardo": ("LEONARDO_API_KEY",),
    "runware": ("RUNWARE_API_KEY",),
    "segmind": ("SEGMIND_API_KEY",),
    "ltx": ("LTXV_API_KEY", "LTX_API_KEY"),
    "heygen": ("HEYGEN_API_KEY",),
    "huggingface": ("HF_TOKEN",),
}
"""The variables in which people keep the key of a provider that has an address of its own."""

PAIRS: Final[Mapping[str, tuple[str, str]]] = {
    "kling": ("KLING_ACCESS_KEY", "KLING_SECRET_KEY"),
    "bedrock": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    "tencent": ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"),
    "jimeng": ("VOLC_ACCESSKEY", "VOLC_SECRETKEY"),
}
"""Where people keep a key in two parts; here both stand in one variable."""

ELSEWHERE: Final[Mapping[str, tuple[str, str]]] = {
    "azure": ("AZURE_OPENAI_API_KEY", "base_url: …"),
    "cloudflare": ("CLOUDFLARE_API_TOKEN", "variables: {account: …}"),
    "litellm": ("LITELLM_API_KEY", "base_url: …"),
}
"""Whose address is known to its owner only: where the key is kept, and what has to be written beside it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `init` takes."""
    parser.add_argument(
        "-o",
        "--output",
        type=output_file,
        metavar="FILE",
        help="write it there, if nothing is there yet",
    )
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of the configuration instead"
    )


def run(args: argparse.Namespace, clock: Clock) -> int:
    """Print or write a configuration for the keys of this environment. Raises UsageError."""
    if args.schema:
        print(json.dumps(json_schema(provider_names()), indent=1))
        return 0
    text = configuration(os.environ, clock.now())
    if args.output is None:
        print(text, end="")
        return 0
    try:
        with args.output.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{args.output} is there already; nothing was written") from None
    print(f"wrote {args.output}; next: genmedia-exporter --config.check", file=sys.stderr)
    return 0


def configuration(environ: Mapping[str, str], now: Unix) -> str:
    """Return the configuration. Raises UsageError where no key is known."""
    found = {name: key for name, keys in KEYS.items() if (key := _kept_in(keys, environ))}
    if not found:
        some = ", ".join(keys[0] for keys in list(KEYS.values())[:6])
        told = "".join(f"; {note}" for note in _notes(environ))
        raise UsageError(f"no key is in the environment under a name known here: {some}, …{told}")
    providers = {name: load_provider(name) for name in found}
    pages = [f"  - {{id: {n}}}" for n, provider in providers.items() if provider.status_page]
    lines = [
        "# Made by genmedia-exporter init from the names of variables; keys stay in the environment.",
        "",
        "# Probes are free until both amounts are above 0.",
        "budget: {daily_usd: 0, monthly_usd: 0}",
        "",
        "accounts:",
        *(
            f"  {name}: {{provider: {name}, api_key: {{env: {key}}}}}"
            for name, key in found.items()
        ),
        *(
            line
            for name in PAIRS
            if name not in found
            for line in _commented(_pair_note(name, environ), name, f"{name.upper()}_KEYS")
        ),
        *(
            line
            for name, (key, address) in ELSEWHERE.items()
            for line in _commented(_elsewhere_note(name, environ), name, key, f", {address}")
        ),
        "",
        "targets:",
        *(line for provider in providers.values() for line in _targets(provider, now)),
    ]
    if pages:
        lines += [
            "",
            "# What the vendors say of themselves, beside what is seen.",
            "status_pages:",
            *pages,
        ]
    return "\n".join(lines) + "\n"


def _kept_in(keys: tuple[str, ...], environ: Mapping[str, str]) -> str:
    return next((key for key in keys if environ.get(key)), "")


def _commented(note: str, name: str, variable: str, rest: str = "") -> list[str]:
    """Return an account that only its owner can finish, as comments; nothing without a *note*."""
    given = f"provider: {name}, api_key: {{env: {variable}}}{rest}"
    return [f"  # {note}", f"  # {name}: {{{given}}}"] if note else []


def _pair_note(name: str, environ: Mapping[str, str]) -> str:
    first, second = PAIRS[name]
    if not environ.get(first) or not environ.get(second):
        return ""
    return f"{first} and {second} are there, but {name} takes both in one variable, a colon between"


def _elsewhere_note(name: str, environ: Mapping[str, str]) -> str:
    key, address = ELSEWHERE[name]
    there = f"{key} is there, but only you know the address of {name}: write {address}"
    return there if environ.get(key) else ""


def _notes(environ: Mapping[str, str]) -> Iterator[str]:
    pairs = (_pair_note(name, environ) for name in PAIRS)
    others = (_elsewhere_note(name, environ) for name in ELSEWHERE)
    return filter(None, chain(pairs, others))


def _targets(provider: Provider, now: Unix) -> Iterator[str]:
    alive = [m for m in provider.models if m.ends_at is None or m.ends_at > now]
    if not alive:
        yield f"  # - {{account: {provider.name}, model: …, operation: {provider.operation}}}  # the catalogue lists none"
        return
    depths = _depths_of(provider, alive[0])
    yield f"  - {{account: {provider.name}, model: {_yaml(alive[0].name)}}}  # {depths}{_end(alive[0])}"
    for model in alive[1:]:
        yield f"  # - {{account: {provider.name}, model: {_yaml(model.name)}}}{_end(model)}"


def _depths_of(provider: Provider, model: ModelEntry) -> str:
    free = [d for d in Depth if d.free and provider.call_for(d, model.operation, model.name)]
    return f"{model.operation}; free: {', '.join(free) or 'none'}"


def _end(model: ModelEntry) -> str:
    if model.ends_at is None:
        return ""
    day = datetime.fromtimestamp(float(model.ends_at), UTC).date().isoformat()
    return f"  # ends on {day}"


def _yaml(text: str) -> str:
    return (
        text if text.replace("-", "").replace(".", "").replace("_", "").isalnum() else f'"{text}"'
    )
