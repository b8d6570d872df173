"""An application of routes whose errors look like the protocols'."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kerasnotes.serving.http.exchange import CORS


def routed(routes: Sequence[Route], cors: bool) -> ASGIApp:
    """Returns an application that answers errors as `{"error": ...}`.

    A path with a slash too many is another path, and is not there.

    Args:
        routes: Path and handler each.
        cors: Whether pages of other origins may ask, and may ask whether
            they may.
    """
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: _explain, Exception: _fail},
    )
    app.router.redirect_slashes = False
    return _Shared(app) if cors else app


class _Shared:
    """An application that pages of other origins may ask.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        async def share(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), *CORS]
                message = {**message, "headers": headers}
            await send(message)

        app = Response() if scope["method"] == "OPTIONS" else self._app
        await app(scope, receive, share)


async def _explain(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse(
        {"error": error.detail}, error.status_code, error.headers
    )


async def _fail(request: Request, error: Exception) -> Response:
    # Starlette raises it again, for the log; nothing of it is told.
    return JSONResponse({"error": "Internal error."}, 500)
