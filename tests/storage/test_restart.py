"""What comes back after a restart, and what does not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from genmedia_exporter.core.clock import EPOCH, Unix
from genmedia_exporter.core.evidence import Asset, Generation
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth, Status
from genmedia_exporter.health.uptime_windows import Uptimes
from genmedia_exporter.storage.backfill import Backfill, _Past, _read
from genmedia_exporter.storage.codec import depths_from_json
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
from genmedia_exporter.storage.store import open_store
from genmedia_exporter.storage.tables import STEPS, VERSION
from tests.events import events
from tests.fakes import FakeClock, make_target, verdict, verdict_evidence
from tests.storage.helpers import Life, living, recalled, rows_in

COUNTERS = (
    '{"generate": {ASSET"total": 1, "failures": {}, "skipped": {}, "last_success_at": 5, '
    '"cost_usd": 0.4, "stopped": null}}'
)


def test_everything_counted_comes_back(tmp_path: Path) -> None:
    """Status, since, previous, changes and counters do; freshness and up do not."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as first:
            for reason in (Reason.OK, Reason.SERVER_ERROR, Reason.SERVER_ERROR):
                first.see(reason)
            first.board.skip("a", Depth.ACCEPT, "network")
            first.see(Reason.ACCEPTED_UNEXPECTEDLY, depth=Depth.ACCEPT)
            before = first.state()
        clock.freeze(3_600)
        async with living(tmp_path / "g.db", clock) as second:
            after = second.state()
            assert after.now.status is before.now.status
            assert after.now.reason is before.now.reason
            assert after.now.up is None
            assert after.since == before.since
            assert after.last_transition == before.last_transition
            assert (after.changes, after.added_at) == (before.changes, before.added_at)
            for depth, known in before.depths.items():
                again = after.depths[depth]
                assert again.total == known.total
                assert dict(again.failures) == dict(known.failures)
                assert dict(again.skipped) == dict(known.skipped)
                assert again.last_success_at == known.last_success_at
                assert (again.disabled, again.cost_usd) == (known.disabled, known.cost_usd)
                assert not again.verified
            assert after.depths[Depth.ACCEPT].disabled
            assert after.depths[Depth.ACCEPT].cost_usd > 0

    asyncio.run(scenario())


def test_what_was_made_comes_back(tmp_path: Path) -> None:
    """The measures of the last generation; not what a service said in its place."""
    film = Asset("mp4", "video/mp4", 1_234_567, 1280, 720, 5.04, "")
    page = Asset("html", "text/html", 99, problem="a web page: sk-canary")
    both = (Depth.REACH, Depth.GENERATE)
    intervals = {Depth.REACH: 60.0, Depth.GENERATE: 3_600.0}
    target = make_target(depths=both, intervals=intervals)

    def made(life: Life, asset: Asset | None) -> Asset | None:
        life.clock.freeze(10)
        found = verdict_evidence(life.clock, target, Depth.GENERATE, verdict())
        evidence = replace(found.evidence, generation=Generation("job", asset=asset))
        life.board.observe(evidence, found.verdict)
        known = life.state().depths[Depth.GENERATE]
        assert known.last is not None
        assert known.last.asset is known.asset
        return known.asset

    def kept(life: Life) -> Asset | None:
        return life.state().depths[Depth.GENERATE].asset

    async def scenario() -> None:
        clock, path = FakeClock(), tmp_path / "g.db"
        async with living(path, clock, target) as life:
            assert made(life, film) is film
        async with living(path, clock, target) as life:
            assert kept(life) == replace(film, content_type="")
            assert made(life, page) is page
        assert b"canary" not in path.read_bytes()
        async with living(path, clock, target) as life:
            assert kept(life) == Asset("html", size=99)
            assert made(life, None) is None
        async with living(path, clock, target) as life:
            assert kept(life) is None

    asyncio.run(scenario())


@pytest.mark.parametrize("said", ["", '"asset": 7, ', '"asset": {"kind": 1}, ', '"asset": null, '])
def test_rows_without_what_was_made_are_read(said: str) -> None:
    """Those of an older version, and those that somebody has spoiled."""
    found = depths_from_json(COUNTERS.replace("ASSET", said))[Depth.GENERATE]
    assert (found.total, found.asset) == (1, None)


def test_measures_that_are_none_are_left_out() -> None:
    """The rest of what was made is still read."""
    asset = '{"kind": "mp4", "size": "x", "width": 1280, "height": null, "duration": "long"}'
    text = COUNTERS.replace("ASSET", f'"asset": {asset}, ')
    assert depths_from_json(text)[Depth.GENERATE].asset == Asset("mp4", width=1280)


def test_a_restored_status_waits_for_a_probe(tmp_path: Path) -> None:
    """The first success confirms it without a transition; up is back."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as first:
            first.see()
            since = first.state().since
        async with living(tmp_path / "g.db", clock) as second:
            second.see()
            assert second.state().now.up == 1
            assert (second.state().since, second.state().changes) == (since, 0)

    asyncio.run(scenario())


def test_a_shallow_success_does_not_end_a_deep_trouble(tmp_path: Path) -> None:
    """What `accept` saw before the restart stands until `accept` works: no alert comes and goes."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as first:
            first.see()
            for _ in range(2):
                first.see(Reason.SERVER_ERROR, depth=Depth.ACCEPT)
            before = first.state()
            assert before.now.status is Status.DOWN
        async with living(tmp_path / "g.db", clock) as second:
            second.see()
            assert (second.state().now.status, second.state().now.up) == (Status.DOWN, None)
            second.see(Reason.SERVER_ERROR, depth=Depth.ACCEPT)
            second.see()
            second.see(Reason.SERVER_ERROR, depth=Depth.ACCEPT)
            assert second.state().now.up == 0
            assert second.state().last_transition == before.last_transition
            second.see(depth=Depth.ACCEPT)
            assert second.state().now.status is Status.OPERATIONAL
            assert second.state().changes == before.changes + 1

    asyncio.run(scenario())


def test_a_restored_status_does_not_live_for_ever(tmp_path: Path) -> None:
    """Without a probe in 2.5 intervals it is unknown."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as first:
            first.see()
        async with living(tmp_path / "g.db", clock) as second:
            clock.freeze(150)
            second.board.review()
            assert second.state().now.status is Status.OPERATIONAL
            clock.freeze(30)
            second.board.review()
            assert second.state().now.status is Status.UNKNOWN

    asyncio.run(scenario())


def test_another_target_of_the_same_name_begins_anew(tmp_path: Path) -> None:
    """Same name, other model: nothing is carried over."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as first:
            first.see()
        other = replace(make_target(), model="model-2")
        async with living(tmp_path / "g.db", clock, other) as second:
            assert second.state().last_transition is None
            assert second.state().depths == {}

    asyncio.run(scenario())


def test_uptime_comes_back(tmp_path: Path) -> None:
    """The rings are filled from history, and stars with them."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as first:
            for _ in range(400):
                first.see()
            known = first.history.uptimes.over("a", 86_400)
        async with living(tmp_path / "g.db", clock) as second:
            backfill = Backfill(second.place, second.history.uptimes, clock, lambda: True)
            backfill.request(["a"])
            await recalled(backfill, second.history.uptimes, "a")
            clock.freeze(60)  # stars are worked out once a minute
            assert second.history.uptimes.stars("a") == 5
            again = second.history.uptimes.over("a", 86_400)
            assert known.known <= again.known <= known.known + 150  # the last probe's up holds
            assert again.ratio == 1.0

    asyncio.run(scenario())


def test_a_target_that_comes_back_while_it_is_recalled(tmp_path: Path) -> None:
    """Taken away and wanted again, it is recalled until the second time, not until the first."""

    async def scenario() -> None:
        clock = FakeClock()
        async with living(tmp_path / "g.db", clock) as life:
            for _ in range(400):
                life.see()
            assert await life.recorder.flush()
            uptimes = Uptimes(clock.now)
            backfill = Backfill(life.place, uptimes, clock, lambda: True)
            backfill.request(["a"])
            reading = asyncio.create_task(recalled(backfill, uptimes, "a"))
            await asyncio.sleep(0)  # so that it has begun
            await asyncio.sleep(0)
            backfill.retain([])
            clock.freeze(100)
            backfill.request(["a"])
            await reading
            found = uptimes.over("a", 86_400).known
            assert found == pytest.approx(399 * 10 + 100, abs=1)

    asyncio.run(scenario())


def test_nobody_looks_for_the_past_of_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a thousand new targets one question is asked, and not five of each."""

    async def scenario() -> None:
        clock = FakeClock()
        read: list[str] = []
        loaded: list[str] = []

        def noted(reader: Reader, name: str, now: Unix) -> _Past:
            read.append(name)
            return _read(reader, name, now)

        monkeypatch.setattr("genmedia_exporter.storage.backfill._read", noted)
        async with living(tmp_path / "g.db", clock) as life:
            life.see()
            assert await life.recorder.flush()
            clock.freeze(60)
            uptimes = Uptimes(clock.now)
            backfill = Backfill(
                life.place, uptimes, clock, lambda: True, loaded=lambda name, _: loaded.append(name)
            )
            backfill.request([*(f"new-{n}" for n in range(1_000)), "a"])
            await recalled(backfill, uptimes, "a")
            assert read == ["a"]
            assert len(loaded) == 1_001

    asyncio.run(scenario())


def test_a_row_that_cannot_be_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Its target begins anew, the others do not, and it is said which."""

    async def scenario() -> None:
        clock, targets = FakeClock(), (make_target("a"), make_target("b"), make_target("c"))
        async with living(tmp_path / "g.db", clock, *targets) as first:
            for target in targets:
                first.see(name=target.name)
        engine = create_engine(f"sqlite:///{tmp_path}/g.db")
        with engine.begin() as connection:
            for name, depths in (("a", '{"reach": {"total": 1}}'), ("b", "nonsense")):
                values = {"name": name, "depths": depths}
                connection.execute(
                    text("update target_state set depths = :depths where name = :name"), values
                )
        engine.dispose()
        async with living(tmp_path / "g.db", clock, *targets) as second:
            assert [second.state(n).last_transition is None for n in "abc"] == [True, True, False]
            second.see(name="a")
            assert await second.recorder.flush()

    asyncio.run(scenario())
    told = events(caplog.records)
    unread = [fields["target"] for event, fields in told if event.startswith("saved state")]
    assert sorted(map(str, unread)) == ["a", "b"]


def test_history_is_what_was_seen(tmp_path: Path) -> None:
    """One record for each probe, in order, with the smoothed status and the raw reason."""

    async def scenario() -> None:
        async with living(tmp_path / "g.db") as life:
            for reason in (Reason.OK, Reason.SERVER_ERROR, Reason.SERVER_ERROR, Reason.OK):
                life.see(reason)
        rows = Reader(life.place).latest("a", EPOCH, 10, None)
        assert [(r["status"], r["reason"], r["up"]) for r in reversed(rows)] == [
            ("operational", "ok", 1),
            ("operational", "server_error", 1),
            ("down", "server_error", 0),
            ("operational", "ok", 1),
        ]
        assert rows[0]["message"] is None
        assert rows[1]["message"]

    asyncio.run(scenario())


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    """While one has the file nobody else opens it; afterwards anybody may."""

    async def scenario() -> None:
        async with living(tmp_path / "g.db"):
            with pytest.raises(StorageError, match="in use by another exporter"):
                await Life(tmp_path / "g.db").begin()
        async with living(tmp_path / "g.db"):
            pass

    asyncio.run(scenario())


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """With one sentence that names both versions, and the file is left alone."""

    async def scenario() -> None:
        async with living(tmp_path / "g.db"):
            pass
        engine = create_engine(f"sqlite:///{tmp_path}/g.db")
        with engine.begin() as connection:
            connection.execute(text("update schema_version set version = 99"))
        engine.dispose()
        with pytest.raises(StorageError, match=f"version 99, this exporter knows up to {VERSION}"):
            await Life(tmp_path / "g.db").begin()

    asyncio.run(scenario())


def test_steps_lead_to_the_tables(tmp_path: Path) -> None:
    """An empty file is brought up to date once, and is then left as it is."""
    assert len(STEPS) == VERSION
    for _ in range(2):
        store = open_store(Place(tmp_path / "g.db"))
        assert rows_in(store) == 0
        store.close()


def test_old_records_go(tmp_path: Path) -> None:
    """Those older than the retention go, and of one target those beyond its bound."""

    async def scenario() -> None:
        async with living(tmp_path / "g.db") as life:
            for _ in range(20):
                life.see()
        store = open_store(life.place)
        assert store.prune(life.clock.now() - 95) == 11  # ten probes and the first sight
        assert rows_in(store) == 10
        assert store.bound("a", 4) == 6
        assert store.bound("a", 4) == 0
        assert rows_in(store) == 4
        store.close()

    asyncio.run(scenario())
