"""What the first probe needs is read before anything is timed."""

from __future__ import annotations

from genmedia_exporter.classify import lexicon
from genmedia_exporter.providers.loader import load_generic
from genmedia_exporter.transport.network import Network


def prepare(network: Network) -> None:
    """Read it; it takes tens of milliseconds, and any thread may."""
    load_generic()
    lexicon.prepare()
    network.prepare()
