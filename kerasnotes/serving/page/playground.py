"""The page for people: its files, what it is told, and drawing with progress.

Predictions go through `/v1`, as any client's.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from kerasnotes.serving.drawing import sampled_picture
from kerasnotes.serving.drawing.generator import ServedGenerator, find_generator
from kerasnotes.serving.drawing.sampling import State, draw
from kerasnotes.serving.drawing.sampling_plan import (
    SamplingPlan,
    make_plan,
    read_request,
)
from kerasnotes.serving.engine.described_data import read_spec
from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.engine.offload import LARGE, offload
from kerasnotes.serving.http.body import too_slow
from kerasnotes.serving.http.exchange import json_bytes
from kerasnotes.serving.http.routed import routed
from kerasnotes.serving.page import rows
from kerasnotes.serving.page.page_files import PageFiles
from kerasnotes.serving.page.surface import describe

log = logging.getLogger("kerasnotes.serving")

MOST_BODY = 16 * 1024
AT_ONCE = 8
"""Drawings that may be under way; further ones are refused with 429."""
BEAT = 0.2
"""Seconds between two lines of progress that carry no picture."""


class Playground:
    """ASGI application of `/`, `/static/...` and `/api/models...`.

    Args:
        core: The server, an `InferenceServer`.
    """

    def __init__(self, core: Any) -> None:
        self.core = core
        self.files = PageFiles()
        self.drawing = 0
        self.routes = [
            Route("/", self._page),
            Route("/static/{name}", self._static),
            Route("/api/models", self._models),
            Route("/api/models/{name}/sample", self._sample, methods=["POST"]),
            Route("/api/models/{name}/rows", self._rows, methods=["POST"]),
        ]
        # Not shared with other origins: they draw by `/v1`.
        self.app = routed(self.routes, cors=False)

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        await self.app(scope, receive, send)

    async def _page(self, request: Request) -> Response:
        return self.files.answer(request, "index.html") or _not_found()

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        return self.files.answer(request, name) or _not_found()

    async def _models(self, request: Request) -> Response:
        models = [self._describe(name) for name in self.core.names()]
        return _json({"models": models})

    def _describe(self, name: str) -> dict[str, Any]:
        try:
            return describe(self.core.find(name))
        except ServingError as error:
            return _no_surface(name, self._why(name) or error.message)
        except Exception:
            # One odd description must not take the page from all models.
            log.exception("the description of %s cannot be shown", name)
            return _no_surface(name, "Its description cannot be read.")

    def _why(self, name: str) -> str:
        """Returns why no version of a model can be asked."""
        try:
            states = self.core.status(name)
        except ServingError as error:
            return error.message
        return next((s.message for s in states if s.message), "")

    async def _rows(self, request: Request) -> Response:
        """Answers what a text of rows means to a model."""
        try:
            _check_type(request, "text/csv")
            text = await self._read_body(request, rows.MOST)
            spec = read_spec(self.core.find(request.path_params["name"]).card)
            if spec is None or spec.input.kind != "series":
                raise invalid("This model is asked by no rows.")
            # Another thread: a file is written and read.
            found = await offload(LARGE, rows.read_rows, text, spec)
        except ServingError as error:
            return _error(error)
        except ClientDisconnect:
            return Response(status_code=499)
        return _json(found)

    async def _read_body(
        self, request: Request, most: int = MOST_BODY
    ) -> bytes:
        seconds = self.core.limits.timeout
        try:
            async with asyncio.timeout(seconds):
                return await _read_all(request, most)
        except TimeoutError as error:
            raise too_slow(seconds) from error

    async def _sample(self, request: Request) -> Response:
        started, name = time.monotonic(), request.path_params["name"]
        try:
            _check_type(request, "application/json")
            sampling = read_request(await self._read_body(request))
            generator = find_generator(self.core.find(name))
            if generator is None:
                raise invalid(f"{name} does not draw examples.")
            plan = make_plan(generator, sampling)
            self._take_place()
        except ServingError as error:
            self._count(name, error.code, started, 0)
            return _error(error)
        except ClientDisconnect:
            return Response(status_code=499)
        lines = self._lines(generator, plan, sampling.frames, started)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return _Drawing(
            self._leave_place,
            lines,
            headers=headers,
            media_type="application/x-ndjson",
        )

    def _take_place(self) -> None:
        if self.drawing >= AT_ONCE:
            raise ServingError(
                Code.RESOURCE_EXHAUSTED,
                f"{AT_ONCE} drawings are under way; try again later.",
            )
        self.drawing += 1

    def _leave_place(self) -> None:
        self.drawing -= 1

    async def _lines(
        self,
        generator: ServedGenerator,
        plan: SamplingPlan,
        frames: int,
        started: float,
    ) -> AsyncIterator[bytes]:
        """Yields a line of JSON for each state of a drawing."""
        code: Code | None = Code.ABORTED
        try:
            async for event in self._events(generator, plan, frames, started):
                yield json_bytes(event) + b"\n"
            code = None
        except ServingError as error:
            code = error.code
            yield (
                json_bytes({"event": "error", "error": error.message}) + b"\n"
            )
        except Exception:
            # The answer has begun: a status can no longer tell of it.
            log.exception("drawing from %s failed", generator.servable.name)
            code = Code.INTERNAL
            yield b'{"event":"error","error":"Internal error."}\n'
        finally:
            self._count(generator.servable.name, code, started, plan.count)

    async def _events(
        self,
        generator: ServedGenerator,
        plan: SamplingPlan,
        frames: int,
        started: float,
    ) -> AsyncIterator[dict[str, Any]]:
        sent_at = time.monotonic()
        async for state in draw(self.core, generator, plan, frames):
            now = time.monotonic()
            if state.done == state.total:
                break
            if state.values is None and now - sent_at < BEAT:
                continue
            sent_at = now
            picture: dict[str, Any] = {}
            if state.values is not None:
                picture = await _look(
                    sampled_picture.show, generator, plan, state
                )
            yield {
                "event": "progress",
                "done": state.done,
                "total": state.total,
                **picture,
            }
        if state.values is not None:
            yield {
                "event": "done",
                **await _look(sampled_picture.finish, generator, plan, state),
                "seconds": round(time.monotonic() - started, 3),
            }

    def _count(
        self, name: str, code: Code | None, started: float, examples: int
    ) -> None:
        status = "OK" if code is None else code.name
        seconds = time.monotonic() - started
        # A name that no model has would be a series of its own for ever.
        label = name if name in self.core.names() else ""
        self.core.metrics.observe_request(
            label, "Sample", "REST", status, seconds, examples
        )


class _Drawing(StreamingResponse):
    """An answer that calls `end` when it is over, or could not begin."""

    def __init__(
        self, end: Callable[[], None], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._end = end

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._end()


def _no_surface(name: str, error: str) -> dict[str, Any]:
    return {"name": name, "surface": "none", "error": error}


async def _look(
    show: Callable[..., dict[str, Any]],
    generator: ServedGenerator,
    plan: SamplingPlan,
    state: State,
) -> dict[str, Any]:
    """Draws a state, beside the event loop if it is large."""
    values = state.values
    size = 0 if values is None else values.nbytes
    picture: dict[str, Any] = await offload(size, show, generator, plan, values)
    return picture


def _check_type(request: Request, wanted: str) -> None:
    """Refuses what a page of another origin could send without asking."""
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind.strip().lower() != wanted:
        raise ServingError(
            Code.UNSUPPORTED_MEDIA_TYPE, f"Expected Content-Type: {wanted}."
        )


async def _read_all(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise ServingError(
                Code.PAYLOAD_TOO_LARGE, f"The body exceeds {most} bytes."
            )
    return bytes(body)


def _not_found() -> Response:
    return _error(ServingError(Code.NOT_FOUND, "Not Found"))


def _json(value: Any, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(
        json_bytes(value), status, headers, media_type="application/json"
    )


def _error(error: ServingError) -> Response:
    return _json({"error": error.message}, error.code.http)
