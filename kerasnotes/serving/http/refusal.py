"""Errors of requests that no protocol was asked about: `{"error": ...}`."""

import json
from collections.abc import Iterable

from starlette.types import Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

JSON = (b"content-type", b"application/json")
CLOSE = (b"connection", b"close")
Headers = Iterable[tuple[bytes, bytes]]


async def refuse(
    send: Send, status: int, message: str, headers: Headers = ()
) -> None:
    """Answers a request by an error.

    Args:
        send: ASGI's.
        status: HTTP status.
        message: What the client is told.
        headers: Further headers.
    """
    body = _body(message)
    start = {"type": "http.response.start", "status": status}
    length = (b"content-length", b"%d" % len(body))
    await send({**start, "headers": [JSON, length, *headers]})
    await send({"type": "http.response.body", "body": body})


def raw_refusal(status: int, message: str) -> bytes:
    """Returns the answer to what is not even a request; it is the last."""
    body = _body(message)
    headers = JSON, (b"content-length", b"%d" % len(body)), CLOSE
    lines = (b"%s: %s\r\n" % header for header in headers)
    return b"".join([STATUS_LINE[status], *lines, b"\r\n", body])


def _body(message: str) -> bytes:
    return json.dumps({"error": message}).encode()
