"""The whole page of a small board, kept as a file. Renew it with: python -m tests.metrics.golden"""

from __future__ import annotations

from pathlib import Path

from genmedia_exporter.metrics.exporter import ExporterMetrics, Spending
from genmedia_exporter.metrics.exposition import Format
from genmedia_exporter.metrics.page import Metrics
from tests.incidents.samples import closed, incident
from tests.metrics.samples import AT, snapshot

GOLDEN = Path(__file__).parent.parent / "data" / "metrics.txt"


def metrics() -> Metrics:
    """Return metrics of an exporter that looks the same everywhere."""
    own = ExporterMetrics(process=False, version="1.2.3", python="3.11.0")
    own.observe_lag(0.02)
    own.observe_lag(700.0)
    own.observe_self_delay(0.003)
    own.observe_self_delay(5.0)
    own.set_saturated(True)
    own.set_reload(True, AT - 3600)
    own.set_web_config(True)
    own.set_reload(False, AT - 60)
    own.set_in_flight(2)
    own.set_loop_lag(0.004)
    spending = Spending(1.0, 0.07, 20.0, 0.31)
    return Metrics(own, lambda: spending, incidents=lambda: (incident(), closed()))


def page(form: Format = Format.TEXT) -> bytes:
    """Return the page as the golden file has it."""
    return metrics().render(snapshot(), form)


if __name__ == "__main__":
    GOLDEN.write_bytes(page())
