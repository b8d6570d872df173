"""One HTTP request and its answer, between ASGI and a protocol.

Plain ASGI: a framework's request and response objects cost more than the
rest of a small prediction.
"""

import asyncio
import dataclasses
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import orjson

from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.engine.offload import offload
from kerasnotes.serving.http.body import (
    Disconnected,
    Message,
    Receive,
    inflate,
    receive_all,
    too_large,
)
from kerasnotes.serving.http.turn import Turn

log = logging.getLogger("kerasnotes.serving")
JSON = b"application/json"
CORS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"POST, GET"),
    (
        b"access-control-allow-headers",
        b"Content-Type, Authorization, X-API-Key, "
        b"Inference-Header-Content-Length",
    ),
    (
        b"access-control-expose-headers",
        b"Inference-Header-Content-Length, X-Unknown-Categories",
    ),
)
UNKNOWN = b"x-unknown-categories"
"""Header of answers to rows with categories that training did not show."""
HUGE = 2**20
"""Bytes from which bodies are parsed one after the other: a parser holds the
interpreter, and needs thirty times the memory of its text."""
EXPANSION = 64
"""What a compressed byte is taken to become, to choose a thread for it."""

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


@dataclasses.dataclass(slots=True)
class Answer:
    """What is sent.

    Args:
        body: Its bytes.
        status: HTTP status.
        kind: Media type.
        headers: Further headers.
    """

    body: bytes
    status: int = 200
    kind: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclasses.dataclass(slots=True)
class Call:
    """What is asked, and what is counted of it.

    Args:
        method: `GET`, `POST` ...
        path: As it was sent, percent signs and all.
        headers: By name in lower case.
        receive: ASGI's.
        limit: Most bytes of the body.
        patience: Seconds that it may take to come.
        turn: Its turn to hold a huge body.
        sent: Bytes of the body on the wire, if it came compressed.
        model: Name of the model, once it is known to exist.
        api: What is asked of it, in the words of the metrics.
        examples: How many the request holds.
        unknown: Categories in it that training did not show.
    """

    method: str
    path: str
    headers: dict[bytes, bytes]
    receive: Receive
    limit: int
    patience: float
    turn: Turn
    sent: int | None = None
    model: str = ""
    api: str = ""
    examples: int = 0
    unknown: str = ""

    async def body(self) -> bytes:
        """Returns the body, inflated.

        What turns out to be huge keeps the turn until it is parsed.

        Raises:
            ServingError: If it is too large, too slow, or not what its
                headers say.
            Disconnected: If it does not come.
        """
        size = self.headers.get(b"content-length", b"")
        if size.isdigit() and int(size[:20]) > self.limit:
            raise too_large(self.limit)
        whole = await receive_all(self.receive, self.limit, self.patience)
        encoding = self.headers.get(b"content-encoding")
        if not encoding or encoding == b"identity":
            return whole
        self.sent = len(whole)
        await self.turn.take()
        inflated: bytes = await offload(
            EXPANSION * self.sent, inflate, whole, encoding, self.limit
        )
        if len(inflated) < HUGE:
            self.turn.give_back()
        return inflated

    async def parse(self, function: Callable[..., Any], *args: Any) -> Any:
        """Calls a function on the body, its first argument; huge ones in turn.

        Raises:
            ServingError: If its turn does not come, or the function's.
        """
        size = len(args[0])
        if size < HUGE:
            return await offload(size, function, *args)
        await self.turn.take()
        try:
            return await offload(size, function, *args)
        finally:
            self.turn.give_back()


def error_answer(error: ServingError) -> Answer:
    """Returns `{"error": ...}`, the form of both REST protocols."""
    body = json_bytes({"error": error.message})
    if error.code in (Code.PAYLOAD_TOO_LARGE, Code.REQUEST_TIMEOUT):
        # The rest of the body is not read.
        return Answer(
            body, error.code.http, headers=((b"connection", b"close"),)
        )
    return Answer(body, error.code.http)


def json_bytes(value: Any) -> bytes:
    """Returns a value as compact JSON; what is no UTF-8 becomes `?`."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    except TypeError:
        return orjson.dumps(_clean(value), option=orjson.OPT_SERIALIZE_NUMPY)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


class Protocol:
    """A protocol as an ASGI application; subclasses say `answer`.

    Args:
        core: Who is asked.
    """

    entrypoint = "REST"

    def __init__(self, core: InferenceServer) -> None:
        self.core = core
        self._turns = asyncio.Semaphore(1)

    async def answer(self, call: Call) -> Answer:
        """Answers one request.

        Raises:
            ServingError: If it ends with an error.
        """
        raise NotImplementedError

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        begin = time.perf_counter()
        raw = scope.get("raw_path") or scope["path"].encode("utf-8")
        call = Call(
            scope["method"],
            raw.decode("latin-1"),
            _by_name(scope["headers"]),
            receive,
            self.core.limits.max_body,
            self.core.limits.timeout,
            Turn(self._turns, self.core.limits.timeout),
        )
        answer, status = await self._safely(call)
        if answer is None:
            return
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [
                    (b"content-type", answer.kind),
                    (b"content-length", b"%d" % len(answer.body)),
                    *answer.headers,
                    *(CORS if self.core.cors else ()),
                ],
            }
        )
        await send({"type": "http.response.body", "body": answer.body})
        if call.api:
            self.core.metrics.observe_request(
                call.model,
                call.api,
                self.entrypoint,
                status,
                time.perf_counter() - begin,
                call.examples,
            )

    async def _safely(self, call: Call) -> tuple[Answer | None, str]:
        """Returns the answer and its status, whatever happens."""
        try:
            if call.method == "OPTIONS" and self.core.cors:
                return Answer(b""), "OK"
            answer = await self.answer(call)
            if call.unknown:
                told = (UNKNOWN, call.unknown.encode("ascii"))
                answer.headers = (*answer.headers, told)
            return answer, "OK"
        except ServingError as error:
            return error_answer(error), error.code.name
        except Disconnected:
            return None, "CANCELLED"
        except Exception:
            # Nothing of the inside is told; all of it is logged.
            log.exception("%s %s failed", call.method, call.path[:200])
            internal = ServingError(Code.INTERNAL, "Internal error.")
            return error_answer(internal), internal.code.name
        finally:
            call.turn.give_back()


def _by_name(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Returns headers by name; of one that came twice both values.

    Reference:
        RFC 9110, 5.3: a list in several lines is one list.
    """
    pairs = list(headers)
    merged = dict(pairs)
    if len(merged) < len(pairs):
        for name in merged:
            merged[name] = b", ".join(v for key, v in pairs if key == name)
    return merged
