"""The whole catalogue, chapter by chapter."""

from collections.abc import Mapping

from genmedia_exporter.demo.chaos.connections import CONNECTIONS, HANDSHAKES
from genmedia_exporter.demo.chaos.creates import ACCEPTS, CREATES
from genmedia_exporter.demo.chaos.documents import DOCUMENTS, KINDS_OF_CONTENT
from genmedia_exporter.demo.chaos.framing import FRAMING, HEADERS
from genmedia_exporter.demo.chaos.jobs import ADDRESSES, JOBS
from genmedia_exporter.demo.chaos.packed import ENCODINGS
from genmedia_exporter.demo.chaos.pages import EDGES, REDIRECTS
from genmedia_exporter.demo.chaos.results import FILES, IMAGES, LINKS, STREAMS
from genmedia_exporter.demo.chaos.row import Row
from genmedia_exporter.demo.chaos.statuses import REFUSALS, STATUSES, WAITS

__all__ = ["CHAPTERS", "ROWS"]

CHAPTERS: Mapping[str, tuple[Row, ...]] = {
    "Connections": CONNECTIONS,
    "TLS handshakes": HANDSHAKES,
    "HTTP": FRAMING,
    "Headers": HEADERS,
    "Content encodings": ENCODINGS,
    "Documents": DOCUMENTS,
    "Content types": KINDS_OF_CONTENT,
    "Web pages and edges": EDGES,
    "Redirects": REDIRECTS,
    "Bare statuses": STATUSES,
    "Retry-After": WAITS,
    "Refusals in a vendor's words": REFUSALS,
    "Creates that must be rejected": ACCEPTS,
    "Paid creates": CREATES,
    "Jobs": JOBS,
    "Addresses in answers": ADDRESSES,
    "Files": FILES,
    "Links to results": LINKS,
    "Images": IMAGES,
    "Streams": STREAMS,
}

ROWS: Mapping[str, Row] = {row.name: row for rows in CHAPTERS.values() for row in rows}
