"""`catalogue`: the providers and models known, with price, end date, successor and free depths."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from genmedia_exporter.core.clock import Clock, Unix
from genmedia_exporter.providers.loader import load_provider, provider_names
from genmedia_exporter.providers.schema import Provider
from genmedia_exporter.report.catalogue import (
    free_depths,
    markdown,
    operations,
    price_text,
    provider_object,
)


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
        _print_text(providers, clock.now())
    return 0


def _print_text(providers: Iterable[Provider], now: Unix) -> None:
    # A pipe has no width; eighty columns would fold the names that people search for.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
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
            console.print(_table(provider, today))
            _print_unpriced(console, provider)
        elif provider.no_models:
            console.print(f"  models: none: {provider.no_models}", markup=False)
        console.print()


def _print_unpriced(console: Console, provider: Provider) -> None:
    for model in provider.models:
        if model.no_price:
            console.print(f"  {model.name} is never bought: {model.no_price}", markup=False)


def _table(provider: Provider, today: str) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for heading in ("model", "family", "makes", "channel", "price", "end date", "successor"):
        table.add_column(heading, overflow="fold")
    for model in provider.models:
        end = model.end_date.isoformat() if model.end_date else ""
        gone = end and end <= today
        table.add_row(
            model.name,
            model.family_name,
            model.operation,
            model.channel or provider.channel,
            price_text(provider, model),
            f"⚫ {end}"
            if gone
            else end + ("" if model.end_date_certain else " [dim](unconfirmed)[/dim]"),
            model.successor or "",
        )
    return table
