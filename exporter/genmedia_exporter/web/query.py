"""What a query says: each parameter once, and whole numbers that are whole numbers."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request


def single(request: Request, name: str) -> str | None:
    """Return the parameter *name*, None without one; HTTPException 400 if it is given twice."""
    values = request.query_params.getlist(name)
    if len(values) > 1:
        text = f"The parameter {name} is given {len(values)} times; once, please."
        raise HTTPException(400, text)
    return values[0] if values else None


def digits(text: str, most: int = 19) -> int | None:
    """Return a number written in at most *most* ASCII digits, None for everything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else None
