"""`explain` for one answer or many: by a provider's rules or the generic ones, and a score at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TextIO

from genmedia_exporter.classify.cases import Case
from genmedia_exporter.classify.explain import explain
from genmedia_exporter.config.values import quote
from genmedia_exporter.core.clock import Unix
from genmedia_exporter.core.evidence import Verdict
from genmedia_exporter.core.status import Channel, Depth
from genmedia_exporter.providers.errors import UnknownProviderError
from genmedia_exporter.providers.loader import is_provider_file, load_generic, load_provider
from genmedia_exporter.providers.schema import Provider


class Providers:
    """The providers that answers name; remembers which are unknown, to say so once."""

    def __init__(self) -> None:
        self._unknown: dict[str, str] = {}  # the name, and what was probably meant
        self._unnamed = False

    def get(self, name: str) -> Provider | None:
        """Return the provider *name*; None where the generic rules answer.

        Raises UnknownProviderError for a file that cannot be read.
        """
        if not name:
            self._unnamed = True
            return None
        try:
            return load_provider(name)
        except UnknownProviderError as error:
            if is_provider_file(name):
                raise
            self._unknown.setdefault(name, error.hint if "did you mean" in error.hint else "")
            return None

    def tell(self, err: TextIO) -> None:
        """Say for whom the generic rules answered."""
        if self._unnamed:
            print("genmedia-exporter: no provider given; the generic rules answer", file=err)
        if self._unknown:
            names = ", ".join(
                f"{quote(n)} ({h})" if h else quote(n) for n, h in self._unknown.items()
            )
            print(
                f"genmedia-exporter: no provider is called {names}; the generic rules answer",
                file=err,
            )


def with_defaults(case: Case, given: Mapping[str, str | None]) -> Case:
    """Return *case* with what the command line says where it says nothing itself."""
    channel, depth = given.get("channel"), given.get("depth")
    return replace(
        case,
        provider=case.provider or given.get("provider") or "",
        channel=case.channel or (Channel(channel) if channel else None),
        depth=case.depth or (Depth(depth) if depth else None),
        model=case.model or given.get("model") or "",
    )


def verdict_on(case: Case, provider: Provider | None, now: Unix) -> Verdict:
    """Return what the answer of *case* means at *now*, in Unix seconds."""
    return explain(
        case.answer,
        provider,
        load_generic(),
        now=now,
        channel=case.channel,
        depth=case.depth,
        model=case.model,
    )


def as_fields(verdict: Verdict) -> dict[str, object]:
    """Return the keys of one verdict, as the contract has them."""
    return {
        "outcome": verdict.outcome,
        "status": verdict.status,
        "fault": verdict.fault,
        "up": verdict.up,
        "reason": verdict.reason,
        "rule": verdict.rule,
    }


def doubts_of(cases: Mapping[int, Case]) -> Iterator[str]:
    """Yield what is doubtful in lines, by number; what many lines have is told of the first."""
    lines: dict[str, list[int]] = {}
    for number, case in cases.items():
        for doubt in case.doubts:
            lines.setdefault(doubt, []).append(number)
    for doubt, (first, *others) in lines.items():
        yield f"line {first}" + (f" and {len(others)} more" if others else "") + f": {doubt}"


def explain_all(cases: Sequence[Case], now: Unix, form: str, out: TextIO, err: TextIO) -> int:
    """Print one verdict a line, then the score of those with an expectation; 2 if one is wrong."""
    providers = Providers()
    asked = right = 0
    for case in cases:
        verdict = verdict_on(case, providers.get(case.provider), now)
        fits = case.is_right(verdict)
        asked += case.expects
        right += case.expects and fits
        if form == "json":
            print(json.dumps({"id": case.id, **as_fields(verdict)}), file=out)
        else:
            print(_line(case, verdict, fits), file=out)
    providers.tell(err)
    if asked:
        print(f"{right} of {asked} right ({right / asked:.1%})", file=err)
    return 0 if right == asked else 2


def _line(case: Case, verdict: Verdict, fits: bool) -> str:
    told = f"{verdict.status.icon} {case.id}: {verdict.status}, {verdict.fault}, {verdict.reason}"
    if fits:
        return f"{told} ({verdict.rule})"
    wanted = " or ".join(case.status), " or ".join(case.fault)
    return f"{told} ({verdict.rule}); wrong: {', '.join(part for part in wanted if part)} expected"
