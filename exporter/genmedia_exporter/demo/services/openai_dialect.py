"""How OpenAI says no: the error body, and one row for each trouble."""

from collections.abc import Mapping

from genmedia_exporter.demo.message import Response, json_response

__all__ = ["OPENAI_REFUSALS", "openai_error", "openai_missing_key", "openai_refusal"]

INVALID = "invalid_request_error"
BUSY = "service_unavailable_error"

OPENAI_REFUSALS: Mapping[str, tuple[int, str, str | None, str]] = {
    "server_error": (500, "server_error", None, "The server had an error. Sorry about that."),
    "overloaded": (
        503,
        BUSY,
        "server_is_overloaded",
        "Our servers are currently overloaded. Please try again later.",
    ),
    "rate_limited": (429, "requests", "rate_limit_exceeded", "Rate limit reached for {model}."),
    "quota": (
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan.",
    ),
    "invalid_key": (401, INVALID, "invalid_api_key", "Incorrect API key provided: demo-***."),
    "no_entitlement": (
        403,
        INVALID,
        None,
        "Your organization must be verified to use the model `{model}`.",
    ),
    "region": (
        403,
        "request_forbidden",
        "unsupported_country_region_territory",
        "Country, region, or territory not supported",
    ),
    "suspended": (503, BUSY, None, "This endpoint is temporarily paused."),
    "maintenance": (503, BUSY, None, "The service is currently under maintenance."),
    "retired": (404, INVALID, "model_not_found", "The model `{model}` has been deprecated."),
    "unlisted": (
        404,
        INVALID,
        "model_not_found",
        "The model `{model}` does not exist or you do not have access to it.",
    ),
}
"""Trouble: status, type, code, message."""


def openai_error(
    status: int,
    code: str | None,
    message: str,
    *,
    kind: str = INVALID,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error in OpenAI's body: message, type, param, code."""
    error = {"message": message, "type": kind, "param": param, "code": code}
    return json_response(status, {"error": error}, headers)


def openai_refusal(trouble: str, model: str, retry_after: float) -> Response:
    """That trouble in OpenAI's words; a rate limit says after how many seconds to come back."""
    status, kind, code, message = OPENAI_REFUSALS[trouble]
    headers = {"retry-after": str(int(retry_after or 30))} if trouble == "rate_limited" else {}
    return openai_error(status, code, message.format(model=model), kind=kind, headers=headers)


def openai_missing_key() -> Response:
    """The answer to a request without a key."""
    return openai_error(401, None, "You didn't provide an API key.")
