"""The body of a request: received in time, bounded, inflated."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from typing import Any

from kerasnotes.serving.engine.errors import Code, ServingError, invalid

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class Disconnected(Exception):
    """The client left before its request was whole."""


async def receive_all(receive: Receive, limit: int, patience: float) -> bytes:
    """Returns the body of a request as it was sent.

    Most bodies are there already. A timer would take longer than all else
    here, so one is started only where `receive` must wait.

    Args:
        receive: ASGI's.
        limit: Most bytes.
        patience: Seconds that all of it may take.

    Raises:
        ServingError: If it is too large, or too slow.
        Disconnected: If the client leaves.
    """
    waiting = receive().__await__()
    first: Awaitable[Message]
    try:
        held = next(waiting)
    except StopIteration as there:
        message: Message = there.value
        if not message.get("more_body", False):
            return _part(message, limit)
        first = _ready(message)
    else:
        first = _Resumed(held, waiting)
    try:
        async with asyncio.timeout(patience):
            return await _join(await first, receive, limit)
    except TimeoutError as error:
        raise too_slow(patience) from error


async def _join(message: Message, receive: Receive, limit: int) -> bytes:
    parts, left = [], limit
    while True:
        parts.append(_part(message, left, limit))
        left -= len(parts[-1])
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


def _part(message: Message, left: int, limit: int | None = None) -> bytes:
    if message["type"] != "http.request":
        raise Disconnected
    part: bytes = message.get("body", b"")
    if len(part) > left:
        raise too_large(left if limit is None else limit)
    return part


class _Resumed:
    """What waits on: something awaited by hand up to its first wait.

    Args:
        held: What it waits for, to be handed to the event loop.
        waiting: Its iterator.
    """

    def __init__(self, held: Any, waiting: Generator[Any, Any, Any]) -> None:
        self.held, self.waiting = held, waiting

    def __await__(self) -> Generator[Any, Any, Any]:
        yield self.held
        return (yield from self.waiting)


async def _ready(message: Message) -> Any:
    return message


def too_slow(seconds: float) -> ServingError:
    """Returns the error of a body that does not come."""
    return ServingError(
        Code.REQUEST_TIMEOUT, f"The body did not come within {seconds:g} s."
    )


def too_large(limit: int) -> ServingError:
    """Returns the error of a body of too many bytes."""
    return ServingError(
        Code.PAYLOAD_TOO_LARGE, f"The body is larger than {limit} bytes."
    )


def inflate(body: bytes, encoding: bytes, limit: int) -> bytes:
    """Returns a compressed body as it was.

    Args:
        body: Compressed bytes.
        encoding: `gzip` or `deflate`.
        limit: Most bytes of the result; never more are produced.

    Raises:
        ServingError: If it is damaged, too large, or compressed otherwise.
    """
    bits = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}.get(encoding.lower())
    if bits is None:
        raise ServingError(
            Code.UNSUPPORTED_MEDIA_TYPE,
            "Expected the Content-Encoding gzip or deflate, received "
            f"{encoding.decode('latin-1')[:40]}.",
        )
    stream = zlib.decompressobj(bits)
    try:
        whole = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise invalid("The compressed body is damaged.") from error
    if len(whole) > limit:
        raise too_large(limit)
    if not stream.eof or stream.unused_data:
        raise invalid("The compressed body is damaged.")
    return whole
