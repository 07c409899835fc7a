"""`catalogue`: the providers and models known, with price, end date, successor and free depths."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from genmedia_exporter.core.clock import Clock, Unix
from genmedia_exporter.providers.loader import load_provider, provider_names
from genmedia_exporter.providers.schema import ModelEntry, Provider
from genmedia_exporter.report.catalogue import (
    free_depths,
    markdown,
    operations,
    price_text,
    provider_object,
)

_HEADINGS: Final = ("model", "family", "makes", "channel", "price", "end date", "successor")
_CLEAR: Final = ("makes", "channel", "price")
"""What is understood without its heading."""
_ANY: Final = 1_000
"""The columns of a pipe: it has no width, and names that people search for must stay whole."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `catalogue` takes."""
    parser.add_argument(
        "--provider", metavar="P", help="only this provider: a name, or the path of a file"
    )
    parser.add_argument("--format", choices=["text", "json", "markdown"], default="text")


def run(args: argparse.Namespace, clock: Clock) -> int:
    """Print the catalogue. Raises UnknownProviderError and Problems."""
    names = [args.provider] if args.provider else provider_names()
    providers = [load_provider(name) for name in names]
    if args.format == "json":
        print(json.dumps([provider_object(p) for p in providers], indent=2))
    elif args.format == "markdown":
        print(markdown(providers), end="")
    else:
        console = Console(highlight=False, width=None if sys.stdout.isatty() else _ANY)
        print_providers(console, providers, clock.now())
    return 0


def print_providers(console: Console, providers: Iterable[Provider], now: Unix) -> None:
    """Print what is known of *providers* and their models, as wide as the console is."""
    today = datetime.fromtimestamp(float(now), UTC).date().isoformat()
    for provider in providers:
        depths = "; ".join(
            f"{op}: {', '.join(free_depths(provider, op)) or 'none'}" for op in operations(provider)
        )
        console.print(f"[bold]{provider.name}[/bold]  {provider.title} ({provider.kind})")
        console.print(f"  free depths: {depths}")
        if provider.status_page:
            console.print(f"  status page: {provider.status_page.url}")
        elif provider.no_status_page:
            console.print(f"  status page: none: {provider.no_status_page}", markup=False)
        if provider.variables:
            told = (f"{n} ({v or 'must be written'})" for n, v in provider.variables.items())
            console.print(f"  variables: {', '.join(told)}")
        if provider.models:
            _print_models(console, [_row(provider, model, today) for model in provider.models])
            _print_unpriced(console, provider)
        elif provider.no_models:
            console.print(f"  models: none: {provider.no_models}", markup=False)
        console.print()


def _print_unpriced(console: Console, provider: Provider) -> None:
    for model in provider.models:
        if model.no_price:
            console.print(f"  {model.name} is never bought: {model.no_price}", markup=False)


def _print_models(console: Console, rows: Sequence[Sequence[str]]) -> None:
    """Print a table, or where the terminal is too narrow for it a paragraph a model: names stay whole."""
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for heading in _HEADINGS:
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    needed = table.__rich_measure__(console, console.options.update(max_width=_ANY)).maximum
    if needed <= console.width:
        console.print(table, width=needed)
        return
    for name, *rest in rows:
        console.print(f"  {name}", soft_wrap=True)
        said = zip(_HEADINGS[1:], rest, strict=True)
        told = [
            text if heading in _CLEAR else f"{heading} {text}" for heading, text in said if text
        ]
        console.print(Padding(", ".join(told), (0, 0, 0, 6)))


def _row(provider: Provider, model: ModelEntry, today: str) -> tuple[str, ...]:
    end = model.end_date.isoformat() if model.end_date else ""
    doubt = "" if model.end_date_certain else " [dim](unconfirmed)[/dim]"
    return (
        model.name,
        model.family_name,
        model.operation,
        model.channel or provider.channel,
        price_text(provider, model),
        f"⚫ {end}" if end and end <= today else end + doubt,
        model.successor or "",
    )
