"""Watching status pages: each is read once an interval, whoever asks, and reported to the board."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import cast

from genmedia_exporter.core.clock import Clock, Monotonic, Unix
from genmedia_exporter.core.events import EventLog
from genmedia_exporter.core.status_page import (
    Document,
    DocumentRequest,
    PageReading,
    PageReport,
    PageSettings,
    UnreadableError,
)
from genmedia_exporter.status_pages.engines.contract import Engine, Stepwise, load
from genmedia_exporter.status_pages.engines.detect import at_its_page, candidates, recognise
from genmedia_exporter.status_pages.fetch import FetchError, MovedError, PageFetcher
from genmedia_exporter.status_pages.report import configured, with_problem, with_reading

log = EventLog(__name__)

AUTO = "auto"
AUTO_INTERVAL = 60.0
"""Seconds to the second attempt to find out which engine a page has; each pause is twice the last."""
MOST_AUTO_INTERVAL = 3600.0

MOST_READINGS = 3
"""How often one reading is made that a pause of this process has spoilt."""

Tell = Callable[[PageReport], None]


class PageWatch:
    """Reads pages and tells their reports. One task a page; a reload replaces them.

    A reading during which this process was paused, as *paused_since* says, is made again.
    """

    def __init__(
        self,
        fetcher: PageFetcher,
        clock: Clock,
        tell: Tell,
        paused_since: Callable[[Monotonic], bool] = lambda _began: False,
    ) -> None:
        self._fetcher = fetcher
        self._paused_since = paused_since
        self._clock = clock
        self._tell = tell
        self._reports: dict[str, PageReport] = {}
        self._wanted: Mapping[str, tuple[str, ...]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._attempts: dict[str, int] = {}  # to find out an engine, in vain

    def configure(
        self, pages: Iterable[PageSettings], wanted: Mapping[str, tuple[str, ...]]
    ) -> None:
        """Watch *pages* from now on; *wanted* are the components that targets name, by page id.

        A page that stays what it was keeps its report and its rhythm. Needs a running loop.
        """
        settings = {page.id: page for page in pages}
        self._wanted = {
            name: configured(page, wanted.get(name, ())) for name, page in settings.items()
        }
        for name in [n for n, r in self._reports.items() if settings.get(n) != r.settings]:
            self._tasks.pop(name).cancel()
            del self._reports[name]
            self._attempts.pop(name, None)
        for name, page in settings.items():
            if name not in self._reports:
                self._reports[name] = PageReport(page, page.engine)
                self._tasks[name] = asyncio.create_task(self._watch(page), name=f"page {name}")
            self._tell(self._reports[name])
        self._fetcher.forget(_urls(self._reports.values()))

    async def stop(self) -> None:
        """Stop reading."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, page: PageSettings) -> None:
        while True:
            await self.read_once(page)
            await self._clock.sleep(self._pause(page))

    def _pause(self, page: PageSettings) -> float:
        if page.interval is not None:
            return page.interval
        engine = self._reports[page.id].engine
        if engine != AUTO:
            return load(engine).INTERVAL
        doubled = AUTO_INTERVAL * 2.0 ** min(self._attempts.get(page.id, 1) - 1, 10)
        return min(doubled, MOST_AUTO_INTERVAL)

    async def read_once(self, page: PageSettings) -> None:
        """Read *page* and tell the report."""
        before = self._reports[page.id]
        for _ in range(MOST_READINGS):
            began, wanted = self._clock.monotonic(), self._wanted[page.id]
            after = await read_page(before, self._fetcher, wanted, self._clock.now)
            if page.id not in self._reports:
                return
            if not self._paused_since(began):
                break
        else:
            return  # a process that does not run knows nothing of anybody's page
        self._reports[page.id] = after
        lost = after.engine == AUTO
        self._attempts[page.id] = self._attempts.get(page.id, 0) + 1 if lost else 0
        _log_change(before, after)
        self._tell(after)


def _urls(reports: Iterable[PageReport]) -> set[str]:
    """Return what will be fetched again; a page whose engine is not known yet begins anew."""
    known = (report for report in reports if report.engine != AUTO)
    return {
        request.url
        for report in known
        for request in load(report.engine).documents(at_its_page(report.settings))
    }


async def read_page(
    before: PageReport, fetcher: PageFetcher, wanted: Iterable[str], now: Callable[[], Unix]
) -> PageReport:
    """Return the report after one more reading. Whatever goes wrong is in it, nothing is raised."""
    page = at_its_page(before.settings)
    try:
        name = await _detect(page, fetcher) if before.engine == AUTO else before.engine
        reading = await _reading(load(name), page, fetcher, now())
        return with_reading(before, name, reading, wanted, now())
    except MovedError as error:
        moved = at_its_page(replace(page, url=error.place))
        return with_problem(before, str(MovedError(error.status, moved.url)))
    except (FetchError, UnreadableError) as error:
        return with_problem(before, str(error))
    except Exception as error:
        # An engine's bug must not stop the watch, nor hide.
        log.exception("status page engine failed", error, page=before.settings.id)
        return with_problem(before, "reading it failed; see the log")


async def _detect(page: PageSettings, fetcher: PageFetcher) -> str:
    """Return the engine that recognises one of the page's answers.

    Raises UnreadableError, or FetchError when nothing at all answers.
    """
    found = candidates(page)
    if len(found) == 1:
        return found[0][0]  # the address leaves no choice
    failures: list[FetchError] = []
    for _, request in found:
        try:
            name = recognise(await fetcher.fetch(request))
        except FetchError as error:
            failures.append(error)
            continue
        if name is not None:
            return name
    moved = next((error for error in failures if isinstance(error, MovedError)), None)
    if moved is not None or len(failures) == len(found):
        raise moved or failures[0]
    raise UnreadableError("no engine recognises this page; name one with engine:")


async def _reading(
    engine: Engine, page: PageSettings, fetcher: PageFetcher, now: Unix
) -> PageReading:
    """Fetch and read; fallbacks only if it cannot be read without. Raises what either raises."""
    wanted = engine.documents(page)
    documents = await _documents([r for r in wanted if not r.fallback], fetcher)
    if hasattr(engine, "more"):
        documents |= await _documents(cast(Stepwise, engine).more(documents, page), fetcher)
    try:
        # In a thread: a hostile document of megabytes takes a second to take apart.
        return await asyncio.to_thread(engine.read, documents, page, now)
    except UnreadableError:
        more = await _documents([r for r in wanted if r.fallback], fetcher)
        if not more:
            raise
        return await asyncio.to_thread(engine.read, {**documents, **more}, page, now)


async def _documents(
    wanted: Iterable[DocumentRequest], fetcher: PageFetcher
) -> dict[str, Document]:
    """Fetch *wanted*. Raises FetchError when a required document does not come."""
    found = {}
    for request in wanted:
        try:
            found[request.key] = await fetcher.fetch(request)
        except FetchError:
            if request.required:
                raise
    return found


def _log_change(before: PageReport, after: PageReport) -> None:
    if after.readable and not before.readable:
        log.info("status page readable", page=after.settings.id, engine=after.engine)
    elif after.problem and after.problem != before.problem:
        log.warning("status page unreadable", page=after.settings.id, err=after.problem)
