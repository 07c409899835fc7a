"""A known secret is found in every writing, and takes nothing else with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from genmedia_exporter.core.disguise import SHORTEST, Disguised

KEY = "sk-f3a9c1d2/CANARYsecretPART+77"
RAW = KEY.encode()

WRITINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda key: key,
    "upper case": str.upper,
    "spaced": " ".join,
    "dashed": "-".join,
    "zero width": "\u200b".join,
    "zero width joiner": "\u2060".join,
    "reversed": lambda key: key[::-1],
    "reversed and spaced": lambda key: " ".join(key[::-1]),
    "hex": lambda key: key.encode().hex(),
    "hex in capitals": lambda key: key.encode().hex().upper(),
    "hex spaced": lambda key: key.encode().hex(" "),
    "hex with colons": lambda key: key.encode().hex(":"),
    "hex numbers": lambda key: " ".join(hex(byte) for byte in key.encode()),
    "hex reversed": lambda key: key[::-1].encode().hex(),
    "numbers": lambda key: str(list(key.encode())),
    "a list": lambda key: json.dumps(list(key)),
    "\\u": lambda key: "".join(f"\\u{ord(c):04x}" for c in key),
    "\\u in capitals, escaped": lambda key: "".join(f"\\\\u{ord(c):04X}" for c in key),
    "\\u{}": lambda key: "".join(f"\\u{{{ord(c):x}}}" for c in key),
    "\\U": lambda key: "".join(f"\\U{ord(c):08x}" for c in key),
    "zero width, escaped at length": "\\U0000200b".join,
    "\\x": lambda key: "".join(f"\\x{ord(c):02x}" for c in key),
    "half escaped": lambda key: "".join(
        f"\\u{ord(c):04x}" if i % 2 else c for i, c in enumerate(key)
    ),
    "percent": lambda key: "".join(f"%{ord(c):02x}" for c in key),
    "percent twice": lambda key: quote(quote("".join(f"%{ord(c):02X}" for c in key))),
    "octal": lambda key: " ".join(f"{byte:o}" for byte in key.encode()),
    "octal escapes": lambda key: "".join(f"\\{byte:03o}" for byte in key.encode()),
    "octal escapes, escaped": lambda key: "".join(f"\\\\{byte:03o}" for byte in key.encode()),
    "zero width, escaped": "\\u200b".join,
    "zero width as ECMAScript escapes it": "\\u{200b}".join,
    "zero width in percent": "%E2%80%8B".join,
    "zero width in bytes": "\\xe2\\x80\\x8b".join,
    "zero width entities": "&#8203;".join,
    "soft hyphens": "&shy;".join,
    "full width, escaped": lambda key: "".join(f"\\u{ord(c) + 0xFEE0:04x}" for c in key),
    "binary": lambda key: " ".join(f"{byte:08b}" for byte in key.encode()),
    "full width": lambda key: "".join(chr(ord(c) + 0xFEE0) for c in key),
    "entities": lambda key: "".join(f"&#{ord(c)};" for c in key),
    "hex entities": lambda key: "".join(f"&#x{ord(c):x};" for c in key),
}


@pytest.mark.parametrize("name", WRITINGS)
def test_every_writing_is_replaced_and_nothing_else(name: str) -> None:
    """Exactly the secret goes, also twice in a text and beside other escapes."""
    written = WRITINGS[name](KEY)
    text = f'{{"error": "\\u4f60 50% of \\"{written}\\" or {written} are 0x2a"}}'
    expected = '{"error": "\\u4f60 50% of \\"<s>\\" or <s> are 0x2a"}'
    shown = Disguised([KEY]).replace(text.encode(), b"<s>").decode()
    assert shown.replace('["<s>"]', "<s>").replace("[<s>]", "<s>") == expected


@pytest.mark.parametrize("before", ["", "a", "ab", "Bearer ", "user:"])
@pytest.mark.parametrize("behind", ["", "\n", "zz"])
def test_base64_with_anything_around_it(before: str, behind: str) -> None:
    """What is packed with it shifts every letter; of the secret at most its last two stay."""
    for pack in (base64.b64encode, base64.urlsafe_b64encode):
        packed = pack(f"{before}{KEY}{behind}".encode())
        shown = Disguised([KEY]).replace(b"x " + packed + b" y", b"<s>")
        assert b"<s>" in shown
        assert len(shown) <= len(b"x <s> y") + len(before) * 4 // 3 + 8


def test_several_secrets() -> None:
    """Each is found; one that is part of another leaves nothing of it."""
    known = Disguised([KEY, f"Token {KEY}", "another-secret-99"])
    text = f"a Token {KEY} b another secret 99 c".encode()
    assert known.replace(text, b"<s>") == b"a <s> b <s> c"


def test_short_secrets_are_not_looked_for_in_disguise() -> None:
    """A few letters stand in any text by chance."""
    short, enough = "demo-key1", "demo-key-100"
    assert (len(short), len(enough)) == (SHORTEST - 1, SHORTEST + 2)  # with hyphens
    assert Disguised([short]).replace(b"a demo key 1", b"<s>") == b"a demo key 1"
    assert Disguised([enough]).replace(b"a demo key 100", b"<s>") == b"a <s>"
    assert Disguised([]).replace(b"a", b"<s>") == b"a"


@pytest.mark.parametrize(
    "filler",
    [b"\\u0041", b"%41", b"%25", b"&#65;", b"0x41 ", b"a ", b"ab cd ", b"\\", b"&#", b"\xe4\xbd\xa0"],
)  # fmt: skip
def test_a_long_answer_is_searched_in_a_moment(filler: bytes) -> None:
    """A megabyte of anything, with the secret spaced at its end."""
    text = filler * ((1 << 20) // len(filler)) + b" " + b" ".join(RAW[i : i + 1] for i in range(31))
    assert Disguised([KEY]).replace(text, b"<s>").endswith(b"<s>")
