"""What is doubtful about a provider file: it loads, but a part of it does nothing or cannot be believed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from genmedia_exporter.config.problems import Problem, Problems, did_you_mean, in_order
from genmedia_exporter.config.values import quote
from genmedia_exporter.core.status import Depth, Operation
from genmedia_exporter.providers.catalogue import Catalogue, load_catalogue
from genmedia_exporter.providers.loader import check_provider
from genmedia_exporter.providers.rules import Rule, When
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.providers.soundness import Fault

_NO_CODES = frozenset({"", "0", "200", "success", "succeeded", "ok", "none", "null", "false"})
"""What the classifier never takes for the code of an error."""

_QUESTION = re.compile(r"\bTODO: (.*[^\s\"'])")


def lint(content: bytes | str, filename: str, catalogue: Catalogue | None = None) -> list[Problem]:
    """Return every problem of the file: errors alone where it has any, else its warnings."""
    try:
        provider, source = check_provider(content, filename)
    except Problems as problems:
        return list(problems.problems)
    found = doubts_of(provider, catalogue or load_catalogue())
    doubts = [source.places.problem(*fault, severity="warning") for fault in found]
    return in_order([*doubts, *_open_questions(content, filename)])


def _open_questions(content: bytes | str, filename: str) -> Iterator[Problem]:
    """Yield each question of a draft that nobody has answered yet, also where it is only a comment."""
    text = content if isinstance(content, str) else content.decode()
    for number, line in enumerate(text.splitlines(), 1):
        question = _QUESTION.search(line)
        if question is not None:
            place = f"{filename}:{number}:{question.start() + 1}"
            yield Problem(place, "", f"not answered yet: {question[1]}", severity="warning")


def doubts_of(provider: Provider, catalogue: Catalogue) -> Iterator[Fault]:
    """Yield what is doubtful in a file that loads."""
    yield from _shadowed(provider.rules)
    yield from _unreachable(provider.rules)
    yield from _unsourced(provider)
    yield from _successors(provider, catalogue)
    yield from _lengths(provider)
    yield from _unreached(provider)


def _shadowed(rules: Sequence[Rule]) -> Iterator[Fault]:
    for number, rule in enumerate(rules):
        over = next((r for r in rules[:number] if covers(r.when, rule.when)), None)
        if over is not None:
            message = (
                f"rule {quote(rule.id)} never decides: {quote(over.id)} above it always holds first"
            )
            yield Fault(("rules", number), message)


def covers(wide: When, narrow: When) -> bool:
    """Whether every answer for which *narrow* holds is one for which *wide* holds."""
    written = wide.model_fields_set - {"upstream", "html"}
    if wide.html != narrow.html or wide.upstream not in (None, narrow.upstream):
        return False
    return written <= narrow.model_fields_set and all(
        _part_covers(name, getattr(wide, name), getattr(narrow, name)) for name in written
    )


def _part_covers(name: str, wide: object, narrow: object) -> bool:
    if name in ("body", "header"):
        return wide == narrow
    if not isinstance(wide, tuple) or not isinstance(narrow, tuple):
        return False
    if name == "checks":  # all of them must hold
        return all(check in narrow for check in wide)
    return all(any(_value_covers(name, w, n) for w in wide) for n in narrow)


def _value_covers(name: str, wide: object, narrow: object) -> bool:
    one, other = str(wide).casefold(), str(narrow).casefold()
    if name == "message":
        return one in other
    if name == "http":
        low, high = _span(other)
        return _span(one)[0] <= low and high <= _span(one)[1]
    return fnmatchcase(other, one)


def _span(status: str) -> tuple[int, int]:
    if status.endswith("xx"):
        return int(status[0]) * 100, int(status[0]) * 100 + 99
    low, _, high = status.partition("-")
    return int(low), int(high or low)


def _unreachable(rules: Sequence[Rule]) -> Iterator[Fault]:
    for number, rule in enumerate(rules):
        for code in rule.when.code:
            if code.casefold() in _NO_CODES:
                message = f"{quote(code)} is never the code of an error; look at it with checks"
                yield Fault(("rules", number, "when", "code"), message)


def _unsourced(provider: Provider) -> Iterator[Fault]:
    sources = {
        "calls": [call.source for call in provider.calls],
        "rules": [rule.source for rule in provider.rules],
    }
    for name, told in sources.items():
        for number in (n for n, source in enumerate(told) if not source):
            yield Fault((name, number), "who says so? It has no source")
    for number, model in enumerate(provider.models):
        if not (model.checked or provider.checked):
            yield Fault(("models", number), "when was it compared with its source? Write checked:")
        if not (model.price or model.prices or model.no_price or model.end_date):
            message = "what does it cost? Write price:, or no_price: with the reason"
            yield Fault(("models", number), message)
    for number, quirk in enumerate(provider.quirks):
        if not re.match(r"20\d\d-\d\d-\d\d: ", quirk):
            yield Fault(("quirks", number), 'a quirk begins with its day, "2026-11-22: "')


def _successors(provider: Provider, catalogue: Catalogue) -> Iterator[Fault]:
    own = {name for model in provider.models for name in model.names}
    known = own.union(catalogue.names())
    for number, model in enumerate(provider.models):
        if model.successor and model.successor not in known:
            hint = did_you_mean(model.successor, sorted(known))
            message = f"no list has the successor {quote(model.successor)}"
            yield Fault(("models", number, "successor"), message, hint)


def _lengths(provider: Provider) -> Iterator[Fault]:
    for number, model in enumerate(provider.models):
        job = provider.job_for(model.operation, model.name)
        each = [model.price, *model.prices]
        by_second = any(price is not None and price.usd_per_second is not None for price in each)
        if by_second and job is not None and not job.seconds:
            message = "a price by the second, and its job does not say how long a clip it asks for"
            yield Fault(("models", number, "price"), message)


def _unreached(provider: Provider) -> Iterator[Fault]:
    made = {job.operation for job in provider.jobs} | {model.operation for model in provider.models}
    for operation in Operation:
        if operation in made and provider.call_for(Depth.REACH, operation) is None:
            yield Fault(("calls",), f"no free call reaches {operation}")
