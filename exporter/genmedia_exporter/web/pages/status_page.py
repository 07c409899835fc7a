"""The status page at /: what works, what does not, since when and why, for a person in a hurry."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter import __version__
def _page_row(report: PageReport, now: Unix) -> PageRow:
    said = summarise(report)
    read = moment(report.read_at, now) if report.read_at is not None else None
    settings = report.settings
    return PageRow(
        said.tone, GLYPHS[said.tone], settings.id, settings.url, said.word, said.text, read
    )
