"""Faults of the document: a 200 whose body is empty, odd, huge, broken, or an error after all."""

import json

from genmedia_exporter.demo.chaos.row import MODEL, Row, answer, told, wire

__all__ = ["DOCUMENTS", "KINDS_OF_CONTENT"]

SOUND = "operational none ok"
UNREAD = "unknown network schema"
TOO_LARGE = "unknown network body_too_large"
WORD = "unknown network unknown_word"
START, REST = MODEL[:-1], b"}"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de")


def and_also(field: bytes) -> bytes:
    """The right document with one more field."""
    return START + b", " + field + REST


DOCUMENTS = (
    Row("empty", "200 and nothing", UNREAD, told(b"")),
    Row("blank", "200 and white space", UNREAD, told(b" \r\n\t ")),
    Row("json-null", "null", UNREAD, told(b"null")),
    Row("json-true", "true", UNREAD, told(b"true")),
    Row("json-number", "a number", UNREAD, told(b"0")),
    Row("json-text", "a text", UNREAD, told(b'"ok"')),
    Row("json-list", "an empty list", UNREAD, told(b"[]")),
    Row("json-object", "an empty object", UNREAD, told(b"{}")),
    Row("json-other", "an object of something else", UNREAD, told({"weather": "fine"})),
    Row("json-cut", "JSON that stops in the middle, its length right", UNREAD, told(MODEL[:30])),
    Row("json-single-quotes", "JSON with single quotes", UNREAD, told(MODEL.replace(b'"', b"'"))),
    Row("json-comment", "JSON with a comment", UNREAD, told(b"// model\n" + MODEL)),
    Row("json-trailing-comma", "JSON with a comma too many", UNREAD, told(START + b",}")),
    Row("json-lines", "two documents", UNREAD, told(MODEL + b"\n" + MODEL)),
    Row("jsonp", "JSON in a call of a function", UNREAD, told(b"callback(" + MODEL + b");")),
    Row("json-guarded", "JSON behind a guard against scripts", UNREAD, told(b")]}',\n" + MODEL)),
    Row("json-nan", "NaN in a field", SOUND, told(and_also(b'"score": NaN'))),
    Row("json-infinity", "infinities in fields", SOUND, told(and_also(b'"a": Infinity, "b": -Infinity'))),
    Row("json-1e999", "a number beyond all floats", SOUND, told(and_also(b'"a": 1e999'))),
    Row("json-long-number", "a number of 5,000 digits", UNREAD, told(and_also(b'"a": ' + b"9" * 5000))),
    Row("json-surrogate", "half a surrogate pair", SOUND, told(and_also(rb'"a": "\ud800"'))),
    Row("json-null-character", "a zero character in a text", SOUND, told(and_also(rb'"a": "x\u0000y"'))),
    Row("json-bom", "a byte order mark", SOUND, told(b"\xef\xbb\xbf" + MODEL)),
    Row("json-utf-16", "JSON in UTF-16", UNREAD, told(MODEL.decode().encode("utf-16"), kind="application/json; charset=utf-16")),
    Row("json-latin-1", "a byte that is not UTF-8 in a text", SOUND, told(and_also(b'"owner": "Zo\xeb"'))),
    Row("json-deep", "100,000 lists in each other", UNREAD, told(b"[" * 100_000 + b"]" * 100_000)),
    Row("json-deepish", "500 lists in each other, in a field", SOUND, told(and_also(b'"a": ' + b"[" * 500 + b"]" * 500))),
    Row("json-large", "900 KiB of a document", SOUND, told(and_also(b'"a": "' + b"x" * 921_600 + b'"'))),
    Row("json-too-large", "more than 1 MiB of a document", TOO_LARGE, told(and_also(b'"a": "' + b"x" * (1 << 20) + b'"'))),
    Row("json-many-keys", "50,000 keys", SOUND, told(json.dumps({"id": "paper-boat", **{f"k{i}": i for i in range(50_000)}}).encode())),
    Row("json-duplicate-keys", "the id twice, the last one right", SOUND, told(b'{"id": "other", ' + MODEL[1:])),
    Row("json-controls", "escapes of a terminal in a text", SOUND, told(and_also(rb'"a": "\u001b[2J\u0007"'))),
    Row("error-in-200", "200 with an error that is known", "quota_exhausted account quota_exhausted", told({"error": {"code": "insufficient_quota", "message": "You exceeded your current quota."}})),
    Row("error-in-200-unknown", "200 with an error that nobody knows", WORD, told({"error": {"code": "E_BLUE", "message": "The blue one again."}})),
    Row("error-null", "200 with an error that is null", SOUND, told(and_also(b'"error": null'))),
    Row("error-empty", "200 with an error that is an empty text", SOUND, told(and_also(b'"error": ""'))),
    Row("success-false", "200 with success: false", WORD, told({"success": False, "message": "It did not work out."})),
)  # fmt: skip

KINDS_OF_CONTENT = (
    Row("kind-none", "no content type", SOUND, wire(answer(kind=""))),
    Row("kind-empty", "an empty content type", SOUND, told(MODEL, kind=" ")),
    Row("kind-text", "JSON called plain text", SOUND, told(MODEL, kind="text/plain")),
    Row("kind-html", "JSON called HTML", SOUND, told(MODEL, kind="text/html; charset=utf-8")),
    Row("kind-bytes", "JSON called bytes", SOUND, told(MODEL, kind="application/octet-stream")),
    Row("kind-long", "a content type of 8 KiB", SOUND, told(MODEL, kind="application/json; x=" + "y" * 8192)),
    Row("kind-nonsense", "a content type that is none", SOUND, told(MODEL, kind=";;;")),
    Row("plain-ok", "the word OK", UNREAD, told(b"OK", kind="text/plain")),
    Row("xml", "XML", UNREAD, told(b"<?xml version='1.0'?><model id='paper-boat'/>", kind="application/xml")),
    Row("xml-as-json", "XML called JSON", UNREAD, told(b"<?xml version='1.0'?><model id='paper-boat'/>")),
    Row("protobuf", "a message of gRPC", UNREAD, told(b"\x00\x00\x00\x00\x0c\n\npaper-boat", kind="application/grpc")),
    Row("picture", "a picture", UNREAD, told(PNG, kind="image/png")),
    Row("events", "a stream of events", UNREAD, told(b'data: {"id": "paper-boat"}\n\ndata: [DONE]\n\n', kind="text/event-stream")),
)  # fmt: skip
