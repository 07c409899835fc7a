"""What the status page costs: to write, to answer from its cache, to send, and until Chromium paints it.

Run: python -m tests.bench.pages [--rounds N]

One JSON line for each figure, medians of a few rounds. The peer is a plain server that answers with the same
bytes and headers, asked in turns with ours. A tenth of the targets is in trouble, each has a quarter of a year.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Final

import httpx2

from genmedia_exporter.web.pages.bars import Drawings
from genmedia_exporter.web.pages.page_cache import LEVEL
from genmedia_exporter.web.pages.status_page import Around, render_page
from tests.metrics.samples import AT
from tests.web.browser import Browser, browser
from tests.web.fleet import fleet, past
from tests.web.site import Backend, serve

WIDTH: Final = 390
PAINT: Final = (
    "new Promise(done => { const look = () => {"
    "const [paint] = performance.getEntriesByName('first-contentful-paint');"
    "if (paint) done(paint.startTime); else setTimeout(look, 10); }; look(); })"
)


@contextmanager
def plain(answer: httpx2.Response, zipped: bytes) -> Iterator[str]:
    """Serve the same bytes, written before, from a server that does nothing else."""
    kept = {"content-type", "content-security-policy", "cache-control"}
    headers = {name: value for name, value in answer.headers.items() if name.lower() in kept}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """Answer with the page, and nothing else with anything."""
            whole = self.path.partition("?")[0] == "/"
            self.send_response(200 if whole else 404)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Encoding", "gzip")
            body = zipped if whole else gzip.compress(b"")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def painted(tab: Browser, url: str) -> float:
    """Return the milliseconds from the click to the first thing that is seen."""
    tab.open("about:blank")
    tab.open(url)
    return float(tab.run(PAINT))


def written(many: int, rounds: int) -> tuple[float, float]:
    """Return seconds to write a page: the first, and a later one with what stays drawn."""
    board = fleet(many)
    first: list[float] = []
    later: list[float] = []
    for _ in range(rounds):
        around = Around(Drawings(past(board)))
        for taken in (first, later):
            begun = time.perf_counter()
            render_page(board, AT, around)
            taken.append(time.perf_counter() - begun)
    return median(first), median(later)


def answered(url: str, rounds: int) -> float:
    """Return the seconds of a request whose answer is there already."""
    taken = []
    with httpx2.Client(trust_env=False) as asking:
        for _ in range(rounds * 20):
            begun = time.perf_counter()
            asking.get(url).raise_for_status()
            taken.append(time.perf_counter() - begun)
    return median(taken)


def tell(**figures: object) -> None:
    """Write one line."""
    print(json.dumps(figures), flush=True)  # noqa: T201 - what a bench is for


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    for many in (200, 2_000):
        first, later = written(many, max(1, rounds // 3))
        tell(
            what="write",
            targets=many,
            first_ms=round(first * 1e3, 1),
            later_ms=round(later * 1e3, 1),
        )
    board = fleet()
    services = Backend(board=board).services(past=past(board))
    with serve(services) as url:
        answer = httpx2.get(url, trust_env=False)
        zipped = gzip.compress(answer.content, LEVEL, mtime=0)
        tell(what="weight", targets=200, bytes=len(answer.content), sent=len(zipped))
        with plain(answer, zipped) as peer:
            ms = [round(answered(each, rounds) * 1e3, 2) for each in (url, peer)]
            tell(what="cached answer", targets=200, ms=ms[0], plain_ms=ms[1])
            ours, theirs = paint_times(url, peer, rounds)
            ratio = round(ours / theirs, 2)
            what = "first contentful paint"
            tell(what=what, targets=200, ms=ours, plain_ms=theirs, ratio=ratio)


def paint_times(ours: str, theirs: str, rounds: int) -> tuple[float, float]:
    """Return the median milliseconds until the first paint of each, asked in turns.

    Each has a browser of its own: what a page leaves open is paid by the next one in its tab.
    """
    with ExitStack() as stack:
        pages = []
        for url in (ours, theirs):
            folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            tab = stack.enter_context(browser(Path(folder)))
            tab.look(WIDTH)
            pages.append((tab, f"{url}/", list[float]()))
        for _ in range(rounds):
            for tab, url, taken in pages:
                taken.append(painted(tab, url))
        return median(pages[0][2]), median(pages[1][2])


if __name__ == "__main__":
    main()
