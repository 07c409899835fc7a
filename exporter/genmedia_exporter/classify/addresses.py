"""Where in an answer nobody described a result stands: in known places, or an address of media anywhere. Pure functions."""

from __future__ import annotations

import re
from typing import Final

from genmedia_exporter.classify.lexicon import words_of
from genmedia_exporter.core.json_pointer import resolve, resolve_all
from genmedia_exporter.providers.states import EMPTY, NO_VALUES, is_hollow

MAX_VALUES: Final = 500
"""Values of a document that are looked at; an answer about one job has a few dozen."""
MAX_ADDRESS: Final = 4096

_ENDINGS: Final = (
    ".mp4", ".m4v", ".mov", ".webm", ".mkv", ".gif", ".png", ".jpg", ".jpeg", ".webp", ".avif",
)  # fmt: skip
_HOST: Final = re.compile(r"(?:https?|gs|s3|oss)://[^/\s?#]+/", re.I)
_SENT: Final = """
    input inputs request requests param params parameter parameters option options config setting settings source sources
    reference references ref refs init prompt prompts callback webhook cover covers poster thumb thumbs thumbnail thumbnails
    preview previews avatar logo icon frame frames mask masks example examples doc docs help original upload uploads uploaded
    start end tail first last
    """
_NOT_MADE: Final = frozenset(_SENT.split())
"""Words of keys under which a service repeats what it was given, or shows something small besides."""
_OF_A_RESULT: Final = re.compile(
    r"(?:output|result|video|image|download|media|asset|file|signed|generated|final)_?(?:url|uri|link)s?",
    re.I,
)
"""Keys under which an address is a result's, whatever it ends with."""
_RESULTS: Final = re.compile(
    r"(?:videos?|outputs?|results?|downloads?|files?|(?:(?:video|image|output|result|download)_?)?urls?)",
    re.I,
)
"""Keys under which results stand: where one is there and empty, nothing else stands in for it."""


OUTPUTS: Final = (
    "/data/0/b64_json", "/data/0/url", "/video/url", "/output/video_url", "/content/video_url",
    "/output/0/url", "/output/0", "/output", "/data/task_result/videos/0/url", "/result/sample",
    "/output_video/uri", "/assets/video", "/unsigned_urls/0", "/data/resultJson", "/images/0/url",
    "/response/generateVideoResponse/generatedSamples/0/video/uri", "/response/videos/0/gcsUri",
    "/response/videos/0/bytesBase64Encoded", "/video_result/0/url", "/videos/0/video_url",
    "/creations/0/url", "/task/content/url", "/choices/0/message/content", "/file_id", "/url",
    "/candidates/0/content", "/completed_at", "/results/videos/0/url", "/metadata/url", "/data/url", "/response/url", "/output_video/data", "/data/video_url", "/artifacts/0/base64", "/0/base64", "/imageUrl", "/videoUrl", "/image_url", "/video_url",
)  # fmt: skip
"""Where services keep a result, of those that have been seen."""


def shows_result(document: object) -> bool:
    """Whether something stands where services keep a result, or the address of one elsewhere."""
    values = [value for pointer in OUTPUTS for value in resolve_all(document, pointer)]
    return not all(map(is_hollow, values)) or shows_media(document)


def names_result(document: object) -> bool:
    """Whether what a job calls its result is one address on the web, whatever that ends with."""
    return any(_is_address(resolve(document, pointer)) for pointer in _BY_ADDRESS)


_BY_ADDRESS: Final = ("/result", "/data/result", "/task/result", "/data/output")
"""Where a job that is done may have its result as one address."""


def shows_media(document: object) -> bool:
    """Whether somewhere in *document* stands a result, under no key of what was sent.

    That is the address of a file of pictures, any address or a picture itself under a key of results, or nothing but
    files at the server itself in a list of them. Not where a key of results holds nothing: whatever else has an
    address was not made.
    """
    # Each with the key it stands under, and whether as a member of what that holds.
    left: list[tuple[str, bool, object]] = [("", False, document)]
    found = False
    for _ in range(MAX_VALUES):
        if not left:
            break
        key, member, value = left.pop()
        if isinstance(value, dict):
            told = {str(name): inner for name, inner in value.items()}
            # Not what it holds further in, which comes by itself: that would be walked once for each level.
            if any(_RESULTS.fullmatch(k) and v in (*EMPTY, *NO_VALUES) for k, v in told.items()):
                return False
            made = {k: v for k, v in told.items() if _NOT_MADE.isdisjoint(words_of(k).split())}
            found = found or any(_holds_files(k, v) for k, v in made.items())
            left += [(*_place(key, k), v) for k, v in made.items()]
        elif isinstance(value, list):
            left += [(key, True, v) for v in value[:MAX_VALUES]]
        elif isinstance(value, str):
            found = found or _is_media(value.strip()) or _is_made(key, member, value)
    return found


_THINGS: Final = "images?|videos?|outputs?|results?|artifacts|generations|predictions"
_LISTS: Final = re.compile(rf"(?:\w+_)?(?:{_THINGS}|files|blobs|assets|media|data)", re.I)
"""Keys of what was made, whose members tell their addresses or their bytes."""
_PLAIN_BYTES: Final = r"b64|b64_?json|base64|bytes\w*|image_?bytes"
_GIVEN: Final = re.compile(
    rf"url|uri|link|href|src|data|{_PLAIN_BYTES}|image|img|video|content", re.I
)
"""Keys that tell how it is given."""
_PICTURES: Final = re.compile(r"(?:\w+_)?(?:image|video)s?", re.I)
"""Keys of an address that needs no other word."""
_BYTES: Final = re.compile(rf"(?:\w+_)?(?:{_THINGS}|{_PLAIN_BYTES}|img)", re.I)
"""Keys under which a picture itself stands."""
_INLINE: Final = re.compile(r"[A-Za-z0-9+/_-]{200}")
"""How a picture begins that is told as text."""


def _place(outer: str, key: str) -> tuple[str, bool]:
    """Return the key that says what a value is, and whether it is a member of that."""
    return (outer, True) if _GIVEN.fullmatch(key) and _LISTS.fullmatch(outer) else (key, False)


def _is_made(key: str, member: bool, value: str) -> bool:
    """Whether a text under *key*, or a *member* of it, is the address of a result or the result itself."""
    named = _OF_A_RESULT.fullmatch(key) or _PICTURES.fullmatch(key)
    if (named or (member and _LISTS.fullmatch(key))) and _is_address(value):
        return True
    return _BYTES.fullmatch(key) is not None and _INLINE.match(value) is not None


_DATA: Final = re.compile(r"data:(?:image|video)/[\w.+-]{1,40};base64,[A-Za-z0-9+/_-]{200}")
"""A picture in an address of its own."""
_PATH: Final = re.compile(r"/?(?:[^/\n]{1,100}/){1,20}[^/\n]{1,200}")


def _holds_files(key: str, value: object) -> bool:
    """Whether a list of results has nothing but paths of media at the server itself: `View/local/raw/a.png`."""
    if not _LISTS.fullmatch(key) or not isinstance(value, list) or not value:
        return False
    return all(
        isinstance(v, str) and _PATH.fullmatch(v) and v.casefold().endswith(_ENDINGS)
        for v in value[:MAX_VALUES]
    )


def _is_address(value: object) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= MAX_ADDRESS
        and _HOST.match(value.strip()) is not None
        and len(value.split()) == 1
    )


def _is_media(text: str) -> bool:
    if _DATA.match(text):
        return True
    if not _is_address(text):
        return False
    path = re.split("[?#]", text, maxsplit=1)[0]
    return path.casefold().endswith(_ENDINGS)
