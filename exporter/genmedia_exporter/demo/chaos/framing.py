"""Faults of HTTP itself: status lines, headers, lengths, chunks, and answers that are no HTTP at all."""

from genmedia_exporter.demo.chaos.row import MODEL, Row, Serve, answer, endless, wire

__all__ = ["FRAMING", "HEADERS"]

BROKEN = "down provider protocol_error"
CUT = "down provider body_truncated"
SOUND = "operational none ok"
UNREAD = "unknown network schema"
SIZE = len(MODEL)


def status(line: str) -> Serve:
    """The right answer under that status line."""
    return wire(line.encode() + answer()[len("HTTP/1.1 200 OK") :])


def head(*headers: str) -> Serve:
    """The right answer with only these headers."""
    return wire(answer(MODEL, *headers, length=-1, kind=""))


def chunked(*parts: bytes) -> Serve:
    """A chunked answer of these bytes."""
    return wire(answer(b"".join(parts), "Transfer-Encoding: chunked", length=-1))


def chunk(data: bytes, size: bytes = b"") -> bytes:
    """One chunk, under its own size or the one given."""
    return (size or b"%x" % len(data)) + b"\r\n" + data + b"\r\n"


END = b"0\r\n\r\n"
CONTINUE, HINTS = (
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
)

FRAMING = (
    Row("garbage", "bytes that are not HTTP", BROKEN, wire(b"\x16\x03\x01 not for the web \r\n\xff\xfe\x00")),
    Row("http-0.9", "a page without a status line", BROKEN, wire(b"<html>hello</html>\r\n")),
    Row("http-1.0", "HTTP/1.0, ended by closing", SOUND, wire(answer(version="HTTP/1.0", length=-1))),
    Row("http-1.0-length", "HTTP/1.0 with a length and keep-alive", SOUND, wire(answer(MODEL, "Connection: keep-alive", version="HTTP/1.0"))),
    Row("http-2-in-text", "a status line of HTTP/2", BROKEN, status("HTTP/2 200")),
    Row("http-2-frames", "frames of HTTP/2", BROKEN, wire(bytes.fromhex("000000040000000000"))),
    Row("icy", "a status line of a radio station", BROKEN, status("ICY 200 OK")),
    Row("no-phrase", "a status line without a phrase", SOUND, status("HTTP/1.1 200")),
    Row("odd-phrase", "a status line with a phrase of its own", SOUND, status("HTTP/1.1 200 Nicht schlecht")),
    Row("status-99", "status 099", BROKEN, status("HTTP/1.1 099 Low")),
    Row("status-2000", "status 2000", BROKEN, status("HTTP/1.1 2000 OK")),
    Row("status-words", "a word in place of a status", BROKEN, status("HTTP/1.1 OK")),
    Row("status-999", "status 999 with the right body", UNREAD, status("HTTP/1.1 999 Request denied")),
    Row("blank-line-first", "an empty line before the status line", BROKEN, wire(b"\r\n" + answer())),
    Row("lf-only", "lines that end without a carriage return", SOUND, wire(answer().replace(b"\r\n", b"\n"))),
    Row("continue-storm", "100 times 100 Continue, then the right answer", SOUND, wire(CONTINUE * 100 + answer())),
    Row("hints-storm", "100 times 103 Early Hints, then the right answer", SOUND, wire(HINTS * 100 + answer())),
    Row("continue-endless", "100 Continue without end", "down provider response_timeout", endless(CONTINUE, CONTINUE, 0.05)),
    Row("switching", "101 Switching Protocols", BROKEN, status("HTTP/1.1 101 Switching Protocols")),
    Row("no-content", "204 without a body", UNREAD, wire(answer(b"", status="204 No Content", length=-1))),
    Row("partial", "206 of nothing that was asked for", UNREAD, status("HTTP/1.1 206 Partial Content")),
    Row("length-negative", "a negative Content-Length", BROKEN, head("Content-Length: -1")),
    Row("length-words", "a Content-Length in words", BROKEN, head("Content-Length: many")),
    Row("length-plus", "a Content-Length with a sign", BROKEN, head(f"Content-Length: +{SIZE}")),
    Row("lengths-differ", "two lengths that differ", BROKEN, head(f"Content-Length: {SIZE}", "Content-Length: 5")),
    Row("lengths-agree", "two lengths that agree", SOUND, head(f"Content-Length: {SIZE}", f"Content-Length: {SIZE}")),
    Row("length-huge", "a length of 10^18, then closed", CUT, wire(answer(length=10**18))),
    Row("length-short", "a length that ends within the document", UNREAD, wire(answer(length=20))),
    Row("more-than-length", "more bytes than the length says", SOUND, wire(answer() + b"and more")),
    Row("two-answers", "two answers to one request", SOUND, wire(answer() + answer(b"{}", status="500 No"))),
    Row("length-and-chunks", "a length and chunks", SOUND, wire(answer(chunk(MODEL) + END, "Transfer-Encoding: chunked", length=3))),
    Row("coding-unknown", "a transfer coding nobody knows", BROKEN, head("Transfer-Encoding: braided")),
    Row("coding-gzip", "a transfer coding we did not ask for", BROKEN, head("Transfer-Encoding: gzip, chunked")),
    Row("chunks", "the right answer in chunks of 7 bytes", SOUND, chunked(*(chunk(MODEL[i : i + 7]) for i in range(0, SIZE, 7)), END)),
    Row("chunk-extensions", "chunks with extensions", SOUND, chunked(chunk(MODEL, b'%x;a="b"' % SIZE), END)),
    Row("chunk-trailers", "headers after the last chunk", SOUND, chunked(chunk(MODEL), b"0\r\nX-Sum: 1\r\n\r\n")),
    Row("chunk-size-words", "a chunk size that is no number", BROKEN, chunked(chunk(MODEL, b"many"), END)),
    Row("chunk-size-long", "a chunk size of 40 digits", BROKEN, chunked(chunk(MODEL, b"f" * 40), END)),
    Row("chunk-size-wrong", "a chunk longer than it says", BROKEN, chunked(chunk(MODEL, b"5"), END)),
    Row("chunk-cut", "closed within a chunk", CUT, chunked(chunk(MODEL, b"fff"))),
    Row("chunks-unended", "closed before the last chunk", CUT, chunked(chunk(MODEL))),
    Row("chunk-none", "the last chunk first", UNREAD, chunked(END)),
)  # fmt: skip

HEADERS = (
    Row("header-giant", "a header of 200 KiB", BROKEN, head(f"Content-Length: {SIZE}", "X-Big: " + "a" * 204_800)),
    Row("header-storm", "1,000 headers", SOUND, head(f"Content-Length: {SIZE}", *(f"X-{i}: {i}" for i in range(1000)))),
    Row("headers-endless", "headers without end", BROKEN, endless(b"HTTP/1.1 200 OK\r\n", b"X-Again: and again\r\n" * 500)),
    Row("limits-storm", "500 headers of rate limits", SOUND, head(f"Content-Length: {SIZE}", *(f"X-RateLimit-{i}: {i}" for i in range(500)))),
    Row("cookies", "200 cookies", SOUND, head(f"Content-Length: {SIZE}", *(f"Set-Cookie: c{i}={'x' * 50}" for i in range(200)))),
    Row("header-folded", "a header over two lines", SOUND, head(f"Content-Length: {SIZE}", "X-Old: a", " b")),
    Row("header-no-colon", "a header without a colon", BROKEN, head(f"Content-Length: {SIZE}", "What is this")),
    Row("header-spaced", "a space before the colon", BROKEN, head(f"Content-Length : {SIZE}")),
    Row("header-null", "a zero byte in a header", BROKEN, head(f"Content-Length: {SIZE}", "X-Nul: a\x00b")),
    Row("header-latin-1", "a header that is not ASCII", SOUND, head(f"Content-Length: {SIZE}", "X-Name: Zoë")),
    Row("header-nameless", "a header without a name", BROKEN, head(f"Content-Length: {SIZE}", ": value")),
    Row("date-wrong", "a date of 1970 and one that is none", SOUND, head(f"Content-Length: {SIZE}", "Date: Thu, 01 Jan 1970 00:00:00 GMT", "Sunset: soon")),
)  # fmt: skip
