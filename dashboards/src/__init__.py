"""The Grafana dashboards as code: `python -m dashboards.src` writes the JSON files beside this folder."""

import warnings

with warnings.catch_warnings():
    # On import the SDK advises its other model, v2, which Grafana does not provision from files.
    # Imported here, all that warn, they do so once and unheard.
    warnings.filterwarnings("ignore", "Prefer using dashboardv2", DeprecationWarning)
    import grafana_foundation_sdk.builders.bargauge
    import grafana_foundation_sdk.builders.dashboard  # noqa: F401
