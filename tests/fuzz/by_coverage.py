"""Everything that reads what others write, fed by atheris, which looks for inputs that reach new code.

Run: python -m tests.fuzz.by_coverage [--seconds 60]

Without atheris it says so and does nothing. An input that raises what it should not, or takes longer than
TOO_LONG, is printed and kept in a file; the exit status is then not 0.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import Any, Final

TOO_LONG: Final = 10
"""Seconds for one input on a loaded machine; what each may cost is tests/bench/costly_inputs.py's."""

Reader = Callable[[Any], object]


def readers() -> Sequence[Reader]:
    """Return what is fed: each takes what it wants from a provider of data."""
    from genmedia_exporter.classify.explain import Answer, explain
    from genmedia_exporter.config.loader import examine_config
    from genmedia_exporter.core.redact import hide, redact, scrub
    from genmedia_exporter.media.inspect import inspect
    from genmedia_exporter.providers.loader import load_generic, load_provider
    from genmedia_exporter.web.http.negotiate import accepts_gzip, choose_format
    from tests.answers import TODAY

    provider, generic = load_provider("new-api"), load_generic()

    def answer(data: Any) -> object:
        status, kind = data.ConsumeIntInRange(100, 599), data.ConsumeUnicodeNoSurrogates(30)
        seen = Answer(status, {"content-type": kind}, data.ConsumeBytes(4_000))
        return explain(seen, provider, generic, now=TODAY)

    def media(data: Any) -> object:
        body = data.ConsumeBytes(4_000)
        return inspect(body, "", len(body))

    def header(data: Any) -> object:
        text = data.ConsumeUnicodeNoSurrogates(400)
        return choose_format([text]), accepts_gzip([text])

    def secrets(data: Any) -> object:
        text = data.ConsumeUnicode(2_000)
        return hide(text), redact(text), scrub(text)

    def configuration(data: Any) -> object:
        return examine_config(data.ConsumeBytes(2_000), "f.yml")

    return answer, media, header, secrets, configuration


def fuzz(atheris: Any, seconds: int, folder: str) -> None:
    """Feed all of them in turn; ends the process."""
    with atheris.instrument_imports(include=["genmedia_exporter"]):
        fed = readers()

    def one(data: bytes) -> None:
        provider = atheris.FuzzedDataProvider(data)
        fed[provider.ConsumeIntInRange(0, len(fed) - 1)](provider)

    options = [f"-max_total_time={seconds}", f"-timeout={TOO_LONG}", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, "-max_len=8192", folder], one)
    atheris.Fuzz()


def main() -> int:
    """Fuzz, if that is possible here."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        sys.stdout.write("atheris is not installed, nothing is fuzzed by coverage\n")
        return 0
    fuzz(atheris, seconds, tempfile.mkdtemp(prefix="genmedia-fuzz-"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
