"""The catalogue as others read it: a page of documentation, a page of the world, a configuration.

`python -m genmedia_exporter.demo.chaos.tables` writes docs/chaos.md to standard output.
"""

import html
import json
import sys
from collections.abc import Iterator, Mapping

from genmedia_exporter.demo.chaos.catalogue import CHAPTERS, ROWS
from genmedia_exporter.demo.chaos.row import Row
from genmedia_exporter.demo.chaos.services import LIKES

__all__ = ["as_configuration", "as_document", "as_page"]

INTRODUCTION = f"""# Fault catalogue

{len(ROWS)} ways in which a service, or what stands between it and us, can go wrong, and what the exporter makes of each. They are
the data of `exporter/genmedia_exporter/demo/chaos/`, from which this page is generated. A test plays every row over a
real socket and compares status, fault and reason.

To see them all on the status page:

```
genmedia-exporter demo --chaos
```

- **depth** is the depth of the probe that meets the fault; "at" says which call shows it, if not every call.
- **status** is what a single probe of a service on this machine gives, as with `check`. A running exporter wants
  [a second observation](../METHOD.md#from-verdicts-to-a-status) of most of them.
- A handshake that fails elsewhere stays `unknown` until another host shows that our network works:
  [rules that need more than one response](reasons.md#rules-that-need-more-than-one-response).
"""


def as_document() -> str:
    """The page of documentation."""
    return "\n".join([INTRODUCTION, *_chapters()])


def _chapters() -> Iterator[str]:
    for chapter, rows in CHAPTERS.items():
        yield f"## {chapter}\n"
        yield "| name | what is served | depth | status | fault | reason |"
        yield "|---|---|---|---|---|---|"
        yield from map(_line, rows)
        yield ""


def _line(row: Row) -> str:
    status, fault, reason = row.expected
    return f"| `{row.name}` | {_shown(row)} | {row.depth}{_at(row)} | {status} | {fault} | `{reason}` |"


def _shown(row: Row) -> str:
    waits = "" if row.retry_after is None else f"; waits {row.retry_after:g} s"
    return f"{row.says}{waits}"


def _at(row: Row) -> str:
    calls = {"CREATE": "create", "POLL": "poll", "ASSET": "file"}
    return (
        f", at the {calls[row.at.name]}" if row.at.name in calls and row.depth == "generate" else ""
    )


def as_page() -> str:
    """The catalogue as a web page."""
    body = "".join(
        f"<h2>{html.escape(chapter)}</h2><table><tr><th>name<th>what is served<th>status<th>fault<th>reason"
        + "".join(_cells(row) for row in rows)
        + "</table>"
        for chapter, rows in CHAPTERS.items()
    )
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Fault catalogue</title>"
        f"<h1>Fault catalogue</h1><p>{len(ROWS)} faults, and what each must give. "
        f"<a href='/_chaos/genmedia.yml'>The configuration that watches them.</a></p>{body}</html>"
    )


def _cells(row: Row) -> str:
    cells = (row.name, row.says, *row.expected)
    return "<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in cells)


HEAD = """# Every fault of the catalogue as a target, in a pretend world.
defaults:
  timeout: 2s
  interval: {reach: 30s, accept: 1m, generate: 10m}
limits: {probes_in_flight: 32}
budget: {daily_usd: 1000, monthly_usd: 30000}
storage: {path: "{folder}/genmedia.db"}
"""


def as_configuration(addresses: Mapping[str, str]) -> str:
    """The configuration that watches every row at its address; `{folder}` is left to fill in."""
    accounts = (_account(row, addresses[row.name]) for row in ROWS.values())
    targets = (_target(row) for row in ROWS.values())
    return "\n".join([HEAD, "accounts:", *accounts, "", "targets:", *targets, ""])


def _account(row: Row, address: str) -> str:
    like = LIKES[row.like]
    told = {
        "provider": like.provider,
        "base_url": address,
        "channel": like.channel,
        "api_key": {"value": "demo-key"},
        "vendor": f"{row.name}.example",
        "price": {"usd_per_request": 0.01},
    }
    return f"  {row.name}: {json.dumps(told)}"


def _target(row: Row) -> str:
    like = LIKES[row.like]
    told = {
        "name": row.name,
        "account": row.name,
        "model": like.model,
        "family": row.name,
        "operation": like.operation,
        "depths": [row.depth],
    }
    return f"  - {json.dumps(told)}"


if __name__ == "__main__":
    sys.stdout.write(as_document())
