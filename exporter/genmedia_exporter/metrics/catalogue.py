"""The list of every metric: name, kind, help, labels. Rendering, tests and documentation read it here."""

from __future__ import annotations

from typing import Final

from genmedia_exporter.metrics.definitions import Definitions
from genmedia_exporter.metrics.exposition import Kind
from genmedia_exporter.metrics.incidents import INCIDENT_FAMILIES as INCIDENTS
from genmedia_exporter.metrics.own_families import OWN_FAMILIES

_targets = Definitions()
TARGET_INFO = _targets.define(
    "target_info",
    Kind.INFO,
    "target provider vendor account channel model family operation",
    "What a target is; join its labels to the other metrics on target.",
)
# The two below are sets of states. OpenMetrics has a type for those, which demands that the label
# be called like the metric; the label's name is our contract, hence gauges in both formats.
TARGET_STATUS = _targets.cached(
    "target_status",
    Kind.GAUGE,
    "target status",
    "1 for the status the target has now, 0 for every other.",
)
TARGET_FAULT = _targets.cached(
    "target_fault",
    Kind.GAUGE,
    "target fault",
    "1 for whose fault the present status is, 0 for every other.",
)
TARGET_STATUS_CODE = _targets.cached(
    "target_status_code",
    Kind.GAUGE,
    "target",
    "The status as a number: 0 unknown, 1 operational, 2 degraded, 3 rate_limited, "
    "4 risk_control, 5 maintenance, 6 down, 7 suspended, 8 retired, 9 auth_error, "
    "10 quota_exhausted.",
)
TARGET_UP = _targets.cached(
    "target_up",
    Kind.GAUGE,
    "target",
    "1 when the last deciding probe succeeded, 0 when it failed by the provider's or gateway's "
    "fault, absent when we cannot say.",
)
TARGET_SINCE = _targets.gauge(
    "target_status_since_timestamp_seconds",
    "target",
    "When the present status began, in Unix seconds.",
)
TARGET_TRANSITION = _targets.gauge(
    "target_last_transition_timestamp_seconds",
    "target from to",
    "When the status last changed, and from what to what; from is none at first sight.",
)
TARGET_CHANGES = _targets.counter(
    "target_status_changes_total", "target", "How often the status changed."
)
TARGET_VERIFIED = _targets.cached(
    "target_depth_verified",
    Kind.GAUGE,
    "target depth",
    "1 when there is a fresh success at this depth, else 0.",
)
TARGET_RETIREMENT = _targets.gauge(
    "target_retirement_timestamp_seconds", "target", "The model's end date, in Unix seconds."
)
LIFECYCLE_DISAGREEMENT = _targets.gauge(
    "model_lifecycle_disagreement", "target", "1 where our file and the listing differ, else 0."
)
TARGET_PRICE = _targets.gauge(
    "target_price_usd", "target unit", "What one second, request or image costs, in US dollars."
)
TARGET_MAINTENANCE = _targets.gauge(
    "target_maintenance", "target", "1 inside a maintenance window, else 0."
)
TARGET_SLO = _targets.gauge(
    "target_slo_objective_ratio", "target", "The availability aimed at, as a ratio."
)
PROBE_INTERVAL = _targets.gauge(
    "probe_interval_seconds", "target depth", "How often this depth is probed, as configured."
)
PROBE_SUCCESS = _targets.cached(
    "probe_success",
    Kind.GAUGE,
    "target depth",
    "1 when the last probe succeeded, else 0, whoever is at fault.",
)
PROBE_HTTP_STATUS = _targets.cached(
    "probe_http_status_code",
    Kind.GAUGE,
    "target depth",
    "HTTP status of the last probe, 0 without an answer.",
)
PROBE_DURATION = _targets.cached(
    "probe_duration_seconds", Kind.GAUGE, "target depth", "How long the last probe took."
)
PROBE_PHASE = _targets.cached(
    "probe_phase_duration_seconds",
    Kind.GAUGE,
    "target depth phase",
    "How long each phase of the last probe took; phases it did not reach are absent.",
)
PROBE_LATENCY = _targets.define(
    "probe_latency_seconds",
    Kind.HISTOGRAM,
    "target depth",
    "How long successful probes at the free depths took.",
)
GENERATION_DURATION = _targets.define(
    "generation_duration_seconds",
    Kind.HISTOGRAM,
    "target",
    "How long successful paid generations took, from the create to the start of the asset.",
)
PROBES_TOTAL = _targets.counter("probes_total", "target depth", "Probes finished.")
PROBE_FAILURES = _targets.counter(
    "probe_failures_total", "target depth reason", "Probes that did not succeed, by reason."
)
PROBE_LAST_RUN = _targets.gauge(
    "probe_last_run_timestamp_seconds",
    "target depth",
    "When the last probe ended, in Unix seconds.",
)
PROBE_LAST_SUCCESS = _targets.gauge(
    "probe_last_success_timestamp_seconds",
    "target depth",
    "When the last successful probe ended, in Unix seconds.",
)
PROBES_SKIPPED = _targets.counter(
    "probes_skipped_total", "target depth reason", "Probes that were due and not made, by reason."
)
PROBE_TLS_EXPIRY = _targets.cached(
    "probe_tls_certificate_expiry_timestamp_seconds",
    Kind.GAUGE,
    "target",
    "When the certificate seen by the last probe expires, in Unix seconds.",
)
PROBE_COST = _targets.counter(
    "probe_cost_usd_total", "target depth", "What probing has cost, in US dollars."
)

TARGET_PAGE_AGREEMENT = _targets.gauge(
    "target_page_agreement",
    "target",
    "1 when the vendor's status page and our probes agree about the target, 0 when they differ, "
    "absent when one of them does not say.",
)
PAGE_LEAD = _targets.gauge(
    "status_page_detection_lead_seconds",
    "target",
    "By how many seconds our probes were ahead of the status page in the last trouble.",
)

TRAFFIC_REQUESTS = _targets.counter(
    "traffic_requests_total",
    "target outcome",
    "Calls of their own that applications have reported, by outcome.",
)
TARGET_EVIDENCE = _targets.gauge(
    "target_evidence",
    "target source",
    "1 while fresh evidence comes from a source, else 0: our own probe, or the traffic of applications.",
)

TARGET_FAMILIES: Final = _targets.families
"""What each target has samples of, in the order of the page."""

_pages = Definitions()
PAGE_READABLE = _pages.gauge(
    "status_page_readable",
    "page",
    "1 when the last reading of the status page was good, 0 when not; the other metrics of the "
    "page are then those of the last good reading.",
)
PAGE_LAST_SUCCESS = _pages.gauge(
    "status_page_last_success_timestamp_seconds",
    "page",
    "When the status page was last read well, in Unix seconds.",
)
PAGE_INDICATOR = _pages.gauge(
    "status_page_indicator",
    "page indicator",
    "1 for what the page says of itself as a whole, 0 for every other word.",
)
PAGE_COMPONENT_STATUS = _pages.gauge(
    "status_page_component_status",
    "page component status",
    "1 for the status the page gives a component, 0 for every other.",
)
PAGE_COMPONENT_LISTED = _pages.gauge(
    "status_page_component_listed",
    "page component",
    "1 when a configured component is on the page, 0 when it is missing there.",
)
PAGE_INCIDENTS = _pages.gauge(
    "status_page_incidents", "page impact", "Incidents open on the page now, by impact."
)
PAGE_INCIDENT_INFO = _pages.gauge(
    "status_page_incident_info",
    "page title impact url",
    "1 for each incident open on the page now; at most 20 a page.",
)
PAGE_MAINTENANCE_START = _pages.gauge(
    "status_page_maintenance_start_timestamp_seconds",
    "page component",
    "When the next maintenance of the component begins, or the running one began, in Unix seconds.",
)

PAGE_FAMILIES: Final = _pages.families
"""What each status page has samples of."""

_routes = Definitions()
STABILITY = _routes.gauge(
    "target_stability_stars",
    "target",
    "Stability from 1 to 5 by the uptime of seven days, 0 while too little is known.",
)

ROUTE_RANK = _routes.gauge(
    "route_rank",
    "operation policy target",
    "Place among the usable targets of its operation under a routing policy; 1 is best.",
)

ACCOUNT_BALANCE = _routes.gauge("account_balance", "account unit", "What is left on the account.")

ROUTE_FAMILIES: Final = _routes.families
"""What the past, routing and accounts have samples of."""

FAMILIES: Final = TARGET_FAMILIES + PAGE_FAMILIES + ROUTE_FAMILIES + INCIDENTS + OWN_FAMILIES
