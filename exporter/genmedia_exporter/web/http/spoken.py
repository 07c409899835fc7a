"""In which language a reader is answered: as the link says, as was chosen before, as the browser likes."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from genmedia_exporter.words.language import best, languages

NAME: Final = "lang"
"""Of the parameter in a link and of the cookie."""
YEAR: Final = 365 * 86_400


def spoken(request: Request) -> str:
    """Return the code of the language in which to answer."""
    for wanted in (request.query_params.get(NAME), request.cookies.get(NAME)):
        if wanted in languages():
            return str(wanted)
    return best(request.headers.get("accept-language", ""))


def remember(request: Request, response: Response, path: str) -> None:
    """Let the browser remember what a link has chosen, for our pages below *path*."""
    wanted = request.query_params.get(NAME)
    if wanted in languages():
        secure = request.url.scheme == "https"
        response.set_cookie(
            NAME, str(wanted), YEAR, path=path, secure=secure, httponly=True, samesite="lax"
        )
    response.headers.add_vary_header("Accept-Language")
    response.headers.add_vary_header("Cookie")
