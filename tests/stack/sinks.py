"""Where messages end in tests: a mail server and a web server on loopback that keep what they get."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, TypeVar

T = TypeVar("T")

START_WITHIN = 240.0
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@dataclass(frozen=True)
class Mail:
    """One mail that was delivered, and when."""

    to: str
    subject: str
    text: str
    html: str
    at: float
    message: EmailMessage


@dataclass(frozen=True)
class Post:
    """One request that was posted, and when."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float

    @property
    def told(self) -> list[tuple[str, str]]:
        """Name and state of each alert, for the body of a webhook."""
        return [(a["labels"]["alertname"], a["status"]) for a in self.body.get("alerts", [])]


@dataclass
class Sinks:
    """What arrived so far; `wait` returns as soon as something fits."""

    smtp: str = ""
    web: str = ""
    mails: list[Mail] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    _arrival: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, find: Callable[[], T | None], what: str, within: float) -> T:
        """Return what *find* returns once it is true; fail with all that arrived otherwise."""
        with self._arrival:
            self._arrival.wait_for(find, within)
            found = find()
        assert found, f"{what} did not arrive within {within:g} s; what did: {self.told()}"
        return found

    def mails_to(self, to: str) -> list[Mail]:
        """Return the mails to one recipient."""
        return [mail for mail in self.mails if to in mail.to]

    def posts_to(self, path: str) -> list[Post]:
        """Return the requests to one path."""
        return [post for post in self.posts if post.path == path]

    def told(self) -> list[str]:
        """Return a line for each thing that arrived."""
        mails = [f"mail to {mail.to}: {mail.subject}" for mail in self.mails]
        return mails + [f"{post.path}: {post.told or post.body}" for post in self.posts]

    def keep(self, thing: Mail | Post) -> None:
        """Keep what arrived, and wake who waits."""
        with self._arrival:
            if isinstance(thing, Mail):
                self.mails.append(thing)
            else:
                self.posts.append(thing)
            self._arrival.notify_all()


@contextmanager
def sinks() -> Iterator[Sinks]:
    """Run both servers in a thread of their own until the block ends."""
    kept = Sinks()
    ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    def run() -> None:
        try:
            asyncio.run(_serve(kept, ready))
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits for us
            if not ready.done():
                ready.set_exception(error)

    thread = threading.Thread(target=run, name="sinks", daemon=True)
    thread.start()
    loop, stop = ready.result(START_WITHIN)
    try:
        yield kept
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_WITHIN)


async def _serve(
    kept: Sinks, ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]
) -> None:
    stop = asyncio.Event()
    smtp = await asyncio.start_server(lambda r, w: _closing(w, _mail(kept, r, w)), "127.0.0.1", 0)
    web = await asyncio.start_server(lambda r, w: _closing(w, _post(kept, r, w)), "127.0.0.1", 0)
    kept.smtp = f"127.0.0.1:{smtp.sockets[0].getsockname()[1]}"
    kept.web = f"http://127.0.0.1:{web.sockets[0].getsockname()[1]}"
    ready.set_result((asyncio.get_running_loop(), stop))
    async with smtp, web:
        await stop.wait()


async def _closing(writer: asyncio.StreamWriter, talk: Any) -> None:
    try:
        await talk
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # the sender is gone: it was stopped, or had its answer
    finally:
        writer.close()


async def _mail(kept: Sinks, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak as much SMTP as a sender without TLS and password needs."""
    writer.write(b"220 sink\r\n")
    recipients: list[str] = []
    while line := (await reader.readline()).decode().strip():
        verb = line[:4].upper()
        if verb == "RCPT":
            recipients.append(line.partition(":")[2].strip("<> "))
        if verb == "DATA":
            writer.write(b"354 go on\r\n")
            content = await reader.readuntil(b"\r\n.\r\n")
            kept.keep(_read_mail(", ".join(recipients), content[:-3]))
            recipients = []
        writer.write(b"221 bye\r\n" if verb == "QUIT" else b"250 8BITMIME\r\n")
        await writer.drain()
        if verb == "QUIT":
            return


def _read_mail(to: str, content: bytes) -> Mail:
    plain = content.replace(b"\r\n..", b"\r\n.")
    message = email.message_from_bytes(plain, policy=email.policy.default)
    return Mail(
        to,
        str(message["Subject"]),
        _part(message, "plain"),
        _part(message, "html"),
        time.time(),
        message,
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


async def _post(kept: Sinks, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take one request and say that it is fine."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    path = head[0].split(" ")[1]
    kept.keep(Post(path, headers, json.loads(body), time.time()))
    writer.write(ANSWER)
    await writer.drain()
