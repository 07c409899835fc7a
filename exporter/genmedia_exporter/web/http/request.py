"""How long an answer may take: Prometheus' scrape-timeout header, read with suspicion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from genmedia_exporter.config.problems import did_you_mean
from genmedia_exporter.config.values import parse_duration, parse_time
from genmedia_exporter.core.clock import EPOCH, Unix
from genmedia_exporter.report.probe import Limit

HEADER: Final = "X-Prometheus-Scrape-Timeout-Seconds"
MAX_SECONDS: Final = 300.0


def scrape_limit(values: Sequence[str], offset: float, default: float) -> Limit:
    """Return the time left for work, *offset* seconds kept back for the answer's way home.

    Raises HTTPException 400 when the header is repeated or is no positive number of seconds.
    """
    if not values:
        return Limit(default, f"no {HEADER} header")
    asked = _seconds(values)
    if asked > MAX_SECONDS:
        return Limit(MAX_SECONDS - offset, f"{HEADER} cut to {MAX_SECONDS:g} s, minus {offset:g} s")
    if asked - offset < asked / 2:
        return Limit(asked / 2, f"half of {HEADER}, because {offset:g} s is more than that")
    return Limit(asked - offset, f"{HEADER} minus {offset:g} s")


def _seconds(values: Sequence[str]) -> float:
    text = values[0].strip()
    try:
        # float() also reads "1_0", "nan" and digits of other scripts.
        seconds = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        seconds = math.nan
    if len(values) > 1 or not math.isfinite(seconds) or seconds <= 0:
        raise HTTPException(400, f"{HEADER} must be a positive number of seconds, such as 10.")
    return seconds


def only(request: Request, *names: str) -> None:
    """Refuse parameters that are none of *names*: HTTPException 400, for a typo changes the answer."""
    for name in request.query_params:
        if name not in names:
            known = f"known are: {', '.join(names)}." if names else "none is known here."
            hint = did_you_mean(name, names, known)
            raise HTTPException(400, f"No parameter is called {name[:100]!r}; {hint}")


def single(request: Request, name: str) -> str | None:
    """Return the parameter *name*, None without one; HTTPException 400 if it is given twice."""
    values = request.query_params.getlist(name)
    if len(values) > 1:
        text = f"The parameter {name} is given {len(values)} times; give it once."
        raise HTTPException(400, text)
    return values[0] if values else None


def digits(text: str, most: int = 19) -> int | None:
    """Return a number written in at most *most* ASCII digits, None for everything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else None


def since(request: Request, now: Unix) -> Unix:
    """Return `since` in Unix seconds: a duration back from *now*, or a time; 0 without one."""
    text = single(request, "since")
    if text is None:
        return EPOCH
    try:
        return now - parse_duration(text)
    except ValueError:
        pass
    try:
        return Unix(parse_time(text).timestamp())
    except ValueError as error:
        wanted = "since must be a duration such as 7d, or a time such as 2026-11-22T08:30:00Z."
        raise HTTPException(400, wanted) from error
