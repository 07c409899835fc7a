"""How an operator lets the pages look: a title, a logo, style sheet rules, and where the dashboards are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from genmedia_exporter.config.files import read_bounded
from genmedia_exporter.web.routes.assets import Asset, asset

PRODUCT: Final = "genmedia-exporter"
MAX_FILE: Final = 256 * 1024
"""Bytes of a logo or of a style sheet."""
IMAGES: Final = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What an operator has chosen."""

    title: str = PRODUCT
    logo: Asset | None = None
    css: str = ""
    dashboard_url: str = ""

    def dashboard(self, target: str) -> str:
        """Return where the dashboard shows a target; empty where there is none."""
        url, name = self.dashboard_url, quote(target, safe="")
        if not url or "{target}" in url:
            return url.replace("{target}", name)
        return f"{url}{'&' if urlsplit(url).query else '?'}var-target={name}"


PLAIN: Final = Look()


def chosen(title: str, logo: Path | None, css: Path | None, dashboard_url: str) -> Look:
    """Return what the flags choose. Raises ValueError with one sentence for what cannot be shown."""
    if dashboard_url and urlsplit(dashboard_url).scheme not in ("http", "https"):
        raise ValueError(
            f"--web.dashboard-url must begin with http:// or https://: {dashboard_url}"
        )
    return Look(title or PRODUCT, _logo(logo), _css(css), dashboard_url)


def _logo(file: Path | None) -> Asset | None:
    if file is None:
        return None
    if file.suffix.lower() not in IMAGES:
        raise ValueError(f"--web.logo must be one of {', '.join(IMAGES)}: {file}")
    return asset(f"logo{file.suffix.lower()}", _read(file), IMAGES[file.suffix.lower()])


def _css(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        text = _read(file).decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"--web.css is not UTF-8: {file}") from None
    if "<" in text:  # it would end the element that it stands in
        raise ValueError(f"--web.css must not contain '<': {file}")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read(file: Path) -> bytes:
    try:
        return read_bounded(file, MAX_FILE)
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None


_CURRENT: Final[ContextVar[Look]] = ContextVar("look", default=PLAIN)


def look() -> Look:
    """Return how the pages of this request look."""
    return _CURRENT.get()


@contextmanager
def looking(wanted: Look) -> Iterator[None]:
    """Let pages that are made within the block look so."""
    token = _CURRENT.set(wanted)
    try:
        yield
    finally:
        _CURRENT.reset(token)


class Looking:
    """ASGI middleware: whatever page is made for a request looks as the operator wants."""

    def __init__(self, app: ASGIApp, wanted: Look) -> None:
        self._app = app
        self._wanted = wanted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with looking(self._wanted):
            await self._app(scope, receive, send)
