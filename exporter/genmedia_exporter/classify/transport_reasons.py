"""What it means how an exchange broke, before anybody reads what came of it."""

from __future__ import annotations

from typing import Final

from genmedia_exporter.core.evidence import Transport
from genmedia_exporter.core.reasons import Reason

TRANSPORT_REASONS: Final[dict[Transport, Reason]] = {
    Transport.DNS: Reason.DNS_FAILURE,
    Transport.CONNECT_REFUSED: Reason.CONNECT_REFUSED,
    Transport.CONNECT_TIMEOUT: Reason.CONNECT_TIMEOUT,
    Transport.CONNECT_FAILED: Reason.CONNECT_FAILED,
    Transport.TLS: Reason.TLS_ERROR,
    Transport.TLS_CERTIFICATE: Reason.TLS_CERTIFICATE,
    Transport.RESET: Reason.CONNECTION_RESET,
    Transport.RESPONSE_TIMEOUT: Reason.RESPONSE_TIMEOUT,
    Transport.BODY_TIMEOUT: Reason.BODY_TIMEOUT,
    Transport.BODY_TRUNCATED: Reason.BODY_TRUNCATED,
    Transport.BODY_TOO_LARGE: Reason.BODY_TOO_LARGE,
    Transport.PROTOCOL: Reason.PROTOCOL_ERROR,
    Transport.PROXY: Reason.PROXY_ERROR,
    Transport.LOCAL: Reason.PROBE_ERROR,
}
