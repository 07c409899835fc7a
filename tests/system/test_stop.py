"""An orderly end while others keep asking: six loops of scrapes do not hold it up."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

LOOPS = 6
SCRAPES = 60
ENDS_WITHIN = 10.0


class Scraper(threading.Thread):
    """Asks for /metrics again and again, on a connection of its own each time."""

    def __init__(self, url: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._stop_asking = stop
        self.answers = 0
        self.enough = threading.Event()

    def run(self) -> None:
        """Ask until told to stop; whoever is not answered asks again."""
        while not self._stop_asking.is_set():
            try:
                with urllib.request.urlopen(f"{self._url}/metrics", timeout=60) as answer:  # noqa: S310
                    answer.read()
                self.answers += 1
            except (OSError, urllib.error.URLError):
                self._stop_asking.wait(0.01)
            if self.answers >= SCRAPES / LOOPS:
                self.enough.set()


def test_it_ends_in_order_while_it_is_scraped(tmp_path: Path) -> None:
    """SIGTERM with six clients that never pause: exit code 0 within ten seconds."""
    command = [sys.executable, "-m", "genmedia_exporter", "demo"]
    process = subprocess.Popen(
        [*command, "--web.listen-address", "127.0.0.1:0"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    stop = threading.Event()
    assert process.stderr is not None
    try:
        url = next(line for line in process.stderr if "msg=listening" in line).split("url=")[1]
        scrapers = [Scraper(url.strip(), stop) for _ in range(LOOPS)]
        for scraper in scrapers:
            scraper.start()
        assert all(scraper.enough.wait(60) for scraper in scrapers)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=ENDS_WITHIN)
    finally:
        stop.set()
        process.kill()
        process.wait()

    assert process.returncode == 0, told
    assert "Traceback" not in told
    assert "msg=stopped" in told
