"""Export: the contract's field names, any size in bounded memory, over HTTP and by command."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from genmedia_exporter.core.clock import EPOCH
from genmedia_exporter.core.reasons import Reason
from genmedia_exporter.core.status import Depth
from genmedia_exporter.storage.errors import StorageError
from genmedia_exporter.storage.export import FIELDS, export
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import PAGE, Reader
from genmedia_exporter.storage.store import Batch, open_store
from tests.bench import export_scale
from tests.fakes import START, make_target
from tests.storage.helpers import living
from tests.web.site import Backend, client

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with five probes of two targets."""

    async def scenario() -> None:
        a, b = make_target("a"), make_target("=b")
        async with living(tmp_path / "g.db", None, a, b) as life:
            for reason in (Reason.OK, Reason.SERVER_ERROR, Reason.OK):
                life.see(reason)
            life.see(Reason.DNS_FAILURE, name="=b")
            life.see(Reason.OK, name="=b", depth=Depth.ACCEPT)

    asyncio.run(scenario())
    return tmp_path / "g.db"


def row(number: int, target: str = "a") -> dict[str, object]:
    """Return a record made by hand."""
    return {
        "target": target, "at": START + number, "depth": "reach", "status": "operational", "up": 1,
        "holds": 150.0, "duration": 0.2, "http_status": 200, "fault": "none", "reason": "ok",
        "message": None, "cost_usd": 0.0,
    }  # fmt: skip


def test_what_a_probe_cost_is_told_without_dust(tmp_path: Path) -> None:
    """It is the difference of two sums of floats; a cent is a cent all the same."""

    async def scenario() -> None:
        async with living(tmp_path / "g.db") as life:
            for _ in range(6):
                life.see(usd=0.01)

    asyncio.run(scenario())
    records = json.loads("".join(export(Reader(Place(tmp_path / "g.db")), "json", EPOCH)))["a"]

    assert [one["cost_usd"] for one in records] == [0.01] * 6


def test_json_has_the_fields_of_the_contract(path: Path) -> None:
    """Exactly those of the design, by target, oldest first."""
    found = json.loads("".join(export(Reader(Place(path)), "json", EPOCH)))
    assert sorted(found) == ["=b", "a"]
    assert {tuple(one) for records in found.values() for one in records} == {FIELDS}
    first, second, third = found["a"]
    assert first == {
        "name": "a",
        "model": "model-1",
        "type": "official",
        "status": "operational",
        "last_check": "2023-11-14T22:13:30.000+00:00",
        "response_time": 0.1,
        "error_message": None,
        "depth": "reach",
        "http_status_code": 200,
        "fault": "none",
        "reason": "ok",
        "cost_usd": 0.0,
    }
    assert (second["fault"], second["reason"]) == ("provider", "server_error")
    assert second["error_message"]
    assert third["error_message"] is None
    assert found["=b"][0]["response_time"] is None


def test_csv_is_the_same(path: Path) -> None:
    """One header, one line a record; a text that a spreadsheet would run is quoted."""
    text = "".join(export(Reader(Place(path)), "csv", EPOCH))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 5
    assert tuple(rows[0]) == FIELDS
    assert [r["name"] for r in rows] == ["'=b", "'=b", "a", "a", "a"]
    assert rows[0]["response_time"] == ""


def test_since_and_nothing(path: Path, tmp_path: Path) -> None:
    """Older records are left out, targets without any too; no database is one sentence."""
    reader = Reader(Place(path))
    assert list(json.loads("".join(export(reader, "json", START + 35)))) == ["=b"]
    assert json.loads("".join(export(reader, "json", START + 1_000))) == {}
    with pytest.raises(StorageError, match="does not exist"):
        export(Reader(Place(tmp_path / "none.db")), "json", EPOCH)


MEASURE = """
import json, resource, sys
from pathlib import Path
from genmedia_exporter.storage.export import export
from genmedia_exporter.storage.place import Place
from genmedia_exporter.storage.reader import Reader
reader = Reader(Place(Path(sys.argv[1])))
"".join(export(reader, "json", 1_700_000_000.0 + int(sys.argv[2]) - 1_000))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
size = sum(len(chunk) for form in ("json", "csv") for chunk in export(reader, form, 0.0))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, size)
"""


def test_any_size_in_bounded_memory(tmp_path: Path) -> None:
    """A hundred thousand records cost a few pages of memory, not their size."""
    path, many = tmp_path / "g.db", 100_000
    store = open_store(Place(path))
    for start in range(0, many, 20_000):
        numbers = range(start, start + 20_000)
        store.write(Batch(history=[row(n, f"t{n % 3}") for n in numbers]))
    store.close()
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), str(many)],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=170,
    )  # fmt: skip
    grown, size = map(int, done.stdout.split())
    assert size > 25_000_000
    assert grown < 15_000  # KiB


def test_over_http(path: Path) -> None:
    """Both formats stream; what is wrong with the question or the storage is one sentence."""
    reader = Reader(Place(path))
    with client(Backend().services(reader=lambda: reader)) as web:
        found = web.get("/api/v1/export")
        assert list(found.json()) == ["=b", "a"]
        assert found.headers["content-type"] == "application/json"
        text = web.get("/api/v1/export?format=csv&since=2023-11-14T22:13:45Z")
        assert text.text.count("\r\n") == 4
        assert text.headers["content-type"].startswith("text/csv")
        assert web.get("/api/v1/export?format=xml").status_code == 400
        assert web.get("/api/v1/export?since=yesterday").status_code == 400
    with client(Backend().services()) as web:
        assert web.get("/api/v1/export").status_code == 503


def test_pages_of_history(tmp_path: Path) -> None:
    """Following the cursor gives every record once, newest first."""
    name = "sora-2-official"
    store = open_store(Place(tmp_path / "g.db"))
    store.write(Batch(history=[row(n, name) for n in range(250)] + [row(1, "other")]))
    store.close()
    reader = Reader(Place(tmp_path / "g.db"))
    with client(Backend().services(reader=lambda: reader)) as web:
        url, seen, cursor = f"/api/v1/targets/{name}/history", list[str](), ""
        while True:
            page = web.get(f"{url}?limit=100{cursor}").json()
            seen += [one["last_check"] for one in page["records"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert len(set(seen)) == len(seen) == 250
        assert seen == sorted(seen, reverse=True)
        assert web.get("/api/v1/targets/nobody/history").status_code == 404
        for wrong in ("limit=0", "limit=1001", "limit=x", "cursor=-1"):
            assert web.get(f"{url}?{wrong}").status_code == 400


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program in *folder*."""
    return subprocess.run(
        [sys.executable, "-m", "genmedia_exporter", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=120,
        env={"PYTHONPATH": str(ROOT / "exporter"), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


def test_the_commands(tmp_path: Path) -> None:
    """`export` and `uptime` read while the daemon has the file, and say what is missing."""
    (tmp_path / "genmedia.yml").write_text(
        "accounts: {here: {provider: http, base_url: 'http://127.0.0.1:9'}}\n"
        "targets: [{account: here, depths: reach, name: a}]\nstorage: {path: g.db}\n"
    )
    missing = command(tmp_path, "export")
    assert missing.returncode == 1
    assert missing.stderr == ("genmedia-exporter: there is no history yet: g.db does not exist\n")

    async def scenario() -> None:
        async with living(tmp_path / "g.db") as life:
            for reason in (Reason.OK, Reason.SERVER_ERROR, Reason.SERVER_ERROR, Reason.OK):
                life.see(reason)
            assert await life.recorder.flush()
            written = command(tmp_path, "export", "-o", "out.csv", "--format", "csv")
            assert (written.returncode, written.stderr) == (0, "")
            assert (tmp_path / "out.csv").read_bytes().count(b"\r\n") == 5
            assert len(json.loads(command(tmp_path, "export").stdout)["a"]) == 4
            assert json.loads(command(tmp_path, "export", "--since", "1h").stdout) == {}
            usual = json.loads(command(tmp_path, "uptime", "--format", "json").stdout)
            assert usual["window"] == "24h"
            told = json.loads(
                command(tmp_path, "uptime", "--window", "3650d", "--format", "json").stdout
            )
            assert told["window"] == "3650d"  # as it was asked for
            told = told["targets"][0]
            assert told["name"] == "a"
            assert told["mean_time_to_recover_seconds"] == 10
            assert [one["down_seconds"] for one in told["incidents"]] == [10]
            assert "100.0" not in command(tmp_path, "uptime").stdout

    asyncio.run(scenario())


def test_a_page_is_not_the_end(tmp_path: Path) -> None:
    """A number of records that fills pages exactly is exported whole."""
    store = open_store(Place(tmp_path / "g.db"))
    store.write(Batch(history=[row(n) for n in range(2 * PAGE)]))
    store.close()
    text = "".join(export(Reader(Place(tmp_path / "g.db")), "json", EPOCH))
    assert len(json.loads(text)["a"]) == 2 * PAGE


def test_the_pages_of_an_export_are_the_whole(tmp_path: Path) -> None:
    """Following the Link from page to page gives what the stream gave, in its order."""
    store = open_store(Place(tmp_path / "g.db"))
    store.write(Batch(history=[row(n, ("a", "b & c.d/é", "z")[n % 3]) for n in range(100)]))
    reader = Reader(Place(tmp_path / "g.db"))
    with client(Backend().services(reader=lambda: reader)) as web:
        whole = web.get(f"/api/v1/export?since={START + 20:.0f}").status_code
        assert whole == 400  # a bare number is no time
        since = "2023-11-14T22:13:40Z"
        streamed = web.get(f"/api/v1/export?since={since}").json()
        url, pages = f"/api/v1/export?since={since}&limit=13", list[dict[str, list[object]]]()
        while True:
            page = web.get(url)
            pages.append(page.json())
            store.write(Batch(history=[row(1000 + len(pages), "z")]))  # is left out
            if "next" not in page.links:
                break
            url = str(page.url.join(page.links["next"]["url"]))
        assert [sum(map(len, one.values())) for one in pages] == [13] * 6 + [2]
        joined: dict[str, list[object]] = {}
        for one in pages:
            for name, records in one.items():
                joined.setdefault(name, []).extend(records)
        assert joined == streamed
        text = web.get("/api/v1/export?format=csv&limit=13")
        assert text.text.count("\r\n") == 14
        assert "format=csv" in text.links["next"]["url"]
    store.close()


def test_the_link_to_the_next_page_of_history(tmp_path: Path) -> None:
    """It keeps limit and since, says since as a time, and ends where the records do."""
    name = "sora-2-official"
    store = open_store(Place(tmp_path / "g.db"))
    store.write(Batch(history=[row(n, name) for n in range(20)]))
    store.close()
    reader = Reader(Place(tmp_path / "g.db"))
    with client(Backend().services(reader=lambda: reader)) as web:
        first = web.get(f"/api/v1/targets/{name}/history?limit=10&since=2000d")
        url = str(first.url.join(first.links["next"]["url"]))
        assert "limit=10&since=20" in url
        second = web.get(url)
        assert len(second.json()["records"]) == 10
        assert second.json()["next_cursor"] is None
        assert "next" not in second.links


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("limit=0", "limit must be a whole number from 1 to 10000."),
        ("limit=10001", "limit must be a whole number from 1 to 10000."),
        ("limit=1&limit=2", "The parameter limit is given 2 times; give it once."),
        ("since=1d&since=2d", "The parameter since is given 2 times; give it once."),
        ("cursor=7", "cursor must be taken from the previous page."),
        ("cursor=1.x.a", "cursor must be taken from the previous page."),
        ("cursor=1.99999999999999999999.a", "cursor must be taken from the previous page."),
        ("cursor=1.2.%00", "cursor must be taken from the previous page."),
        ("format=", "format must be json or csv."),
        ("since=yesterday", "since must be a duration such as 7d, or a time such as 2026-11-22T08:30:00Z."),
    ],
)  # fmt: skip
def test_an_export_that_cannot_be_is_refused(path: Path, query: str, sentence: str) -> None:
    """400 with one sentence that says what is allowed."""
    reader = Reader(Place(path))
    with client(Backend().services(reader=lambda: reader)) as web:
        answer = web.get(f"/api/v1/export?{query}")
    assert (answer.status_code, answer.json()["detail"]) == (400, sentence)


def test_an_unknown_target_is_told_with_a_hint(path: Path) -> None:
    """404, and the name that was probably meant."""
    with client(Backend().services(reader=lambda: Reader(Place(path)))) as web:
        answer = web.get("/api/v1/targets/sora-2-oficial/history")
    assert answer.status_code == 404
    assert "did you mean 'sora-2-official'?" in answer.text


def test_since_finds_records_that_were_written_out_of_order(tmp_path: Path) -> None:
    """A probe that took half an hour, or a clock that was set back: by time, not by id."""
    store = open_store(Place(tmp_path / "g.db"))
    times = (500, 10, 900, 20, 800, 30)
    store.write(Batch(history=[row(n, "ab"[i % 2]) for i, n in enumerate(times)]))
    store.close()
    reader = Reader(Place(tmp_path / "g.db"))
    assert [reader.floor(START + n) for n in (0, 25, 600, 850, 1000)] == [1, 1, 3, 3, 7]
    assert reader.floor(START + 25, most=2) == 0
    assert [one["at"] - START for one in reader.latest("a", START + 600, 9, None)] == [800, 900]
    found = json.loads("".join(export(reader, "json", START + 25)))
    assert {name: len(records) for name, records in found.items()} == {"a": 3, "b": 1}


@pytest.mark.parametrize("after", [0, 25, 600, 1000])
def test_a_floor_leaves_out_no_sample(tmp_path: Path, after: int) -> None:
    """A day before what was asked for belongs to it; what is older is not walked through."""
    store = open_store(Place(tmp_path / "g.db"))
    times = (-90_000, -86_000, 500, 10, 900, 20, 800, 30)
    store.write(Batch(history=[row(n, "ab"[i % 2]) for i, n in enumerate(times)]))
    store.close()
    reader, since = Reader(Place(tmp_path / "g.db")), START + after
    floor = reader.floor_of_samples(since)
    assert floor == (2 if after < 600 else 3)
    for name in "ab":
        assert list(reader.samples(name, since, floor)) == list(reader.samples(name, since))


@pytest.mark.parametrize("form", ["json", "csv"])
def test_the_command_in_bounded_memory(tmp_path: Path, form: str) -> None:
    """What tests.bench.export_scale does with ten million records, with fifty thousand."""
    (tmp_path / "genmedia.yml").write_text(export_scale.CONFIG)
    export_scale.fill(tmp_path / "genmedia.db", 50_000)
    assert export_scale.by_command(tmp_path, form, 50_000) == []
