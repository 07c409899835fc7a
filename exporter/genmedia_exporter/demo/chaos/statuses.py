"""Bare HTTP statuses, every form of Retry-After, and what vendors and gateways say no with."""

import time
from email.utils import formatdate

from genmedia_exporter.demo.chaos.row import Row, Serve, said, told
from genmedia_exporter.demo.message import Response
from genmedia_exporter.demo.transport import Ask

__all__ = ["REFUSALS", "STATUSES", "WAITS"]

DAY = 86_400.0
RATE = "rate_limited account rate_limited"
OURS = "unknown network invalid_request"


def bare(status: str) -> Serve:
    """That status, and an empty JSON object."""
    return told(b"{}", status=status)


STATUSES = (
    Row("bare-400", "400", OURS, bare("400 Bad Request")),
    Row("bare-401", "401", "auth_error account invalid_key", bare("401 Unauthorized")),
    Row("bare-402", "402", "quota_exhausted account quota_exhausted", bare("402 Payment Required")),
    Row("bare-403", "403", "auth_error account no_entitlement", bare("403 Forbidden")),
    Row("bare-404", "404", "unknown network wrong_path", bare("404 Not Found")),
    Row("bare-405", "405", "unknown network wrong_path", bare("405 Method Not Allowed")),
    Row("bare-408", "408", "down provider server_timeout", bare("408 Request Timeout")),
    Row("bare-410", "410", "retired provider retired", bare("410 Gone")),
    Row("bare-418", "418", OURS, bare("418 I'm a teapot")),
    Row("bare-421", "421", OURS, bare("421 Misdirected Request")),
    Row("bare-422", "422", OURS, bare("422 Unprocessable Content")),
    Row("bare-429", "429", RATE, bare("429 Too Many Requests")),
    Row("bare-431", "431", OURS, bare("431 Request Header Fields Too Large")),
    Row("bare-451", "451", "auth_error network network_policy", bare("451 Unavailable For Legal Reasons")),
    Row("bare-500", "500", "down provider server_error", bare("500 Internal Server Error")),
    Row("bare-501", "501", "suspended provider not_implemented", bare("501 Not Implemented")),
    Row("bare-502", "502", "down provider edge_error", bare("502 Bad Gateway")),
    Row("bare-503", "503", "down provider server_error", bare("503 Service Unavailable")),
    Row("bare-504", "504", "down provider server_timeout", bare("504 Gateway Timeout")),
    Row("bare-522", "522", "down provider server_timeout", bare("522")),
    Row("bare-529", "529", "down provider overloaded", bare("529")),
    Row("bare-598", "598", "down provider server_error", bare("598")),
    Row("bare-500-gateway", "500 at a gateway", "down gateway server_error", bare("500 Internal Server Error"), like="new-api"),
)  # fmt: skip


def wait(*values: str) -> Serve:
    """429 with these headers Retry-After."""
    headers = [f"Retry-After: {value}" for value in values]
    return told(b"{}", *headers, status="429 Too Many Requests")


def wait_until(seconds: float, form: str = "") -> Serve:
    """429 with a date so many seconds from now."""

    def serve(ask: Ask, turn: int) -> Response:
        moment = time.time() + seconds
        written = (
            time.strftime(form, time.gmtime(moment)) if form else formatdate(moment, usegmt=True)
        )
        return wait(written)(ask, turn)

    return serve


WAITS = (
    Row("wait-seconds", "Retry-After: 30", RATE, wait("30"), retry_after=30.0),
    Row("wait-zero", "Retry-After: 0", RATE, wait("0"), retry_after=0.0),
    Row("wait-fraction", "Retry-After: 1.5", RATE, wait("1.5"), retry_after=1.5),
    Row("wait-week", "Retry-After: 604800, a week", RATE, wait("604800"), retry_after=DAY),
    Row("wait-for-ever", "Retry-After: 10^30", RATE, wait("1" + "0" * 30), retry_after=DAY),
    Row("wait-date", "a date in 90 s", RATE, wait_until(90.0), retry_after=90.0),
    Row("wait-date-850", "a date in the form of RFC 850", RATE, wait_until(90.0, "%A, %d-%b-%y %H:%M:%S GMT"), retry_after=90.0),
    Row("wait-date-asctime", "a date in the form of asctime", RATE, wait_until(90.0, "%a %b %d %H:%M:%S %Y"), retry_after=90.0),
    Row("wait-past", "a date of yesterday", RATE, wait_until(-DAY), retry_after=0.0),
    Row("wait-far", "a date in a year", RATE, wait_until(365 * DAY), retry_after=DAY),
    Row("wait-negative", "Retry-After: -5", RATE, wait("-5")),
    Row("wait-words", "Retry-After: soon", RATE, wait("soon")),
    Row("wait-empty", "Retry-After without a value", RATE, wait("")),
    Row("wait-twice", "two headers that differ", RATE, wait("30", "60")),
    Row("wait-infinity", "Retry-After: Infinity", RATE, wait("Infinity")),
    Row("wait-digits", "digits of another script", RATE, told(b"{}", "Retry-After: \u00b3\u00b2", status="429 Too Many Requests")),
    Row("wait-503", "503 with Retry-After: 120", "down provider server_error", told(b"{}", "Retry-After: 120", status="503 Service Unavailable"), retry_after=120.0),
)  # fmt: skip

REFUSALS = (
    Row("vendor-error", "the vendor's internal error", "down provider server_error", said("server_error")),
    Row("vendor-overloaded", "the vendor has no capacity", "down provider overloaded", said("overloaded")),
    Row("vendor-rate", "our rate", RATE, said("rate_limited", retry_after_s=45.0), retry_after=45.0),
    Row("vendor-money", "our money, at the create", "quota_exhausted account quota_exhausted", said("quota", scope="create"), depth="accept"),
    Row("vendor-key", "our key", "auth_error account invalid_key", said("invalid_key")),
    Row("vendor-entitlement", "our organisation is not verified", "auth_error account no_entitlement", said("no_entitlement")),
    Row("vendor-region", "our country", "auth_error network network_policy", said("region")),
    Row("vendor-paused", "paused by its operator", "suspended provider paused", said("suspended")),
    Row("vendor-maintenance", "announced maintenance", "maintenance provider maintenance", said("maintenance")),
    Row("vendor-retired", "the model has been deprecated", "retired provider retired", said("retired")),
    Row("vendor-unlisted", "the model does not exist for us", "auth_error account model_not_found", said("unlisted")),
    Row("gateway-no-channel", "a gateway without a channel for the model", "suspended gateway no_channel", said("suspended", scope="create"), depth="accept", like="new-api"),
    Row("gateway-saturated", "a gateway whose upstream is saturated", "down gateway upstream_saturated", said("upstream_saturated", scope="create"), depth="accept", like="new-api"),
    Row("gateway-no-money", "a gateway whose own account is empty", "down gateway upstream_quota", said("upstream_quota", scope="create"), depth="accept", like="new-api"),
    Row("gateway-our-money", "our money at a gateway, in Chinese", "quota_exhausted account quota_exhausted", said("quota", scope="create"), depth="accept", like="new-api"),
    Row("gateway-our-key", "our key at a gateway, in Chinese", "auth_error account invalid_key", said("invalid_key"), like="new-api"),
    Row("gateway-our-rate", "our rate at a gateway, in Chinese", RATE, said("rate_limited"), like="new-api"),
    Row("pool-cooling", "an account pool that cools down", "risk_control gateway risk_control", said("risk_control"), depth="accept", like="sora2api"),
    Row("pool-cloudflare", "an account pool stopped by Cloudflare", "risk_control gateway risk_control", said("risk_control", words="cloudflare"), depth="accept", like="sora2api"),
    Row("pool-sentinel", "an account pool stopped by a sentinel", "risk_control gateway risk_control", said("risk_control", words="sentinel"), depth="accept", like="sora2api"),
    Row("kling-parallel", "Kling: too fast, by its number", RATE, said("rate_limited"), like="kling"),
    Row("kling-money", "Kling: 429 that is about money", "quota_exhausted account quota_exhausted", said("quota"), like="kling"),
    Row("kling-busy", "Kling: 504 that is overload, by its number", "down provider overloaded", said("overloaded"), like="kling"),
)  # fmt: skip
