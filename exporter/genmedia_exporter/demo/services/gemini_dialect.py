"""How Google says no: numbers and RPC words for the older calls, strings for Interactions."""

from typing import Any

from genmedia_exporter.demo.message import Response, json_response

__all__ = ["GEMINI_REFUSALS", "no_interaction", "rpc_error", "rpc_type", "string_error"]

GEMINI_REFUSALS: dict[str, tuple[int, str, str, str]] = {
    "server_error": (500, "INTERNAL", "internal_error", "Internal error encountered."),
    "overloaded": (
        503,
        "UNAVAILABLE",
        "service_unavailable",
        "This model is currently experiencing high demand.",
    ),
    "rate_limited": (429, "RESOURCE_EXHAUSTED", "rate_limit_exceeded", "Too many requests."),
    "quota": (
        402,
        "RESOURCE_EXHAUSTED",
        "payment_required",
        "Your prepayment credits are depleted.",
    ),
    "invalid_key": (400, "INVALID_ARGUMENT", "authentication", "API key not valid."),
    "no_entitlement": (403, "PERMISSION_DENIED", "permission_denied", "Permission denied."),
    "region": (
        400,
        "FAILED_PRECONDITION",
        "failed_precondition",
        "User location is not supported for the API use.",
    ),
    "suspended": (503, "UNAVAILABLE", "service_unavailable", "This model is temporarily paused."),
    "maintenance": (503, "UNAVAILABLE", "service_unavailable", "Under scheduled maintenance."),
    "retired": (
        404,
        "NOT_FOUND",
        "model_not_found",
        "This model models/{model} is no longer available.",
    ),
    "unlisted": (
        404,
        "NOT_FOUND",
        "model_not_found",
        "models/{model} is not found for API version v1beta, or is not supported for this method.",
    ),
}
"""Trouble: status, RPC word, string code, message."""


def rpc_type(name: str) -> str:
    """The full name of one of RPC's error details."""
    return f"type.googleapis.com/google.rpc.{name}"


def string_error(status: int, code: str, message: str) -> Response:
    """An error of the newer calls, named by a string."""
    return json_response(status, {"error": {"code": code, "message": message}})


def no_interaction() -> Response:
    """The answer to an id that no interaction has."""
    return string_error(404, "not_found", "The interaction was not found.")


def rpc_error(
    status: int, word: str, message: str, details: list[dict[str, Any]] | None = None
) -> Response:
    """An error of the older calls: number, RPC word, and perhaps details."""
    error: dict[str, Any] = {"code": status, "message": message, "status": word}
    return json_response(status, {"error": error | ({"details": details} if details else {})})
