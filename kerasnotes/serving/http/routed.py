"""An application of routes whose errors look like the protocols'."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


def routed(routes: Sequence[Route], cors: bool) -> Starlette:
    """Returns an application that answers errors as `{"error": ...}`.

    A path with a slash too many is another path, and is not there.

    Args:
        routes: Path and handler each.
        cors: Whether pages of other origins may ask, and may ask whether
            they may.
    """
    shared = [
        Middleware(
            CORSMiddleware,
            allow_origins=["*"],
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Authorization", "X-API-Key"],
        )
    ]
    app = Starlette(
        routes=routes,
        middleware=shared if cors else [],
        exception_handlers={HTTPException: _explain, Exception: _fail},
    )
    app.router.redirect_slashes = False
    return app


async def _explain(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse(
        {"error": error.detail}, error.status_code, error.headers
    )


async def _fail(request: Request, error: Exception) -> Response:
    # Starlette raises it again, for the log; nothing of it is told.
    return JSONResponse({"error": "Internal error."}, 500)
