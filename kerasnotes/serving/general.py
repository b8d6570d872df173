"""What belongs to no protocol: health, numbers, the server's description."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from kerasnotes.serving import openapi
from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.http.routed import routed


def make_general(core: InferenceServer) -> ASGIApp:
    """Returns the application of all paths that no protocol has.

    Args:
        core: The models.
    """

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "ready": core.ready()})

    async def metrics(request: Request) -> Response:
        text = await asyncio.to_thread(core.metrics.text)
        return Response(text, media_type="text/plain; version=0.0.4")

    async def description(request: Request) -> Response:
        return JSONResponse(openapi.describe(core))

    routes = [
        Route("/healthz", health),
        Route("/metrics", metrics),
        Route("/monitoring/prometheus/metrics", metrics),
        Route("/openapi.json", description),
    ]
    return routed(routes, core.cors)
