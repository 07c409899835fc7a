"""Debian's chromium without a window, driven over a pipe; tests skip where it is not installed."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.programs import program

FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-features=BackForwardCache",  # a page that is kept makes the next one slower
    "--remote-debugging-pipe",
)


class Browser:
    """One tab. What it is told goes through one pipe, what it tells comes through another."""

    def __init__(self, told: int, tells: int) -> None:
        self._told = told
        self._tells = tells
        self._rest = b""
        self._number = 0
        self._session = ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        found = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = found["sessionId"]
        for domain in ("Page", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask the browser for something and return what it says."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._told, json.dumps(asked).encode() + b"\0")
        while True:
            heard = self._hear()
            if heard.get("id") == self._number:
                assert "error" not in heard, (method, heard["error"])
                return dict(heard["result"])

    def _hear(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._tells, 1 << 20)
            assert more, "the browser ended"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(line))

    def look(
        self, width: int, height: int = 844, *, dark: bool = False, script: bool = True
    ) -> None:
        """Be a screen of this size, in this theme, with or without JavaScript."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[theme])
        self.call("Emulation.setScriptExecutionDisabled", value=not script)

    def open(self, url: str) -> None:
        """Open a page and wait until it is there."""
        self.call("Page.navigate", url=url)
        while True:
            if self._hear().get("method") == "Page.loadEventFired":
                return

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page, awaited if it is a promise."""
        found = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def picture(self, file: Path, *, whole: bool = True) -> None:
        """Write a picture of the page."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Start chromium with a profile of its own below *folder*; skips where there is none, not in CI."""
    chromium = program("chromium")
    from_us, told = os.pipe()
    tells, from_it = os.pipe()

    def descriptors() -> None:
        high = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (from_us, from_it)]
        for each, number in zip(high, (3, 4), strict=True):
            os.dup2(each, number)

    process = subprocess.Popen(
        [chromium, *FLAGS, f"--user-data-dir={folder}"],
        pass_fds=(3, 4, from_us, from_it),
        preexec_fn=descriptors,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(from_us)
    os.close(from_it)
    try:
        yield Browser(told, tells)
    finally:
        os.close(told)
        process.terminate()
        process.wait(20)
        os.close(tells)
