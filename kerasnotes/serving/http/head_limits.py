"""uvicorn's HTTP protocol, with an end to heads that are long or slow.

uvicorn keeps a head in memory however long it gets, and waits for it for
ever; both before anybody is asked for a name or a key.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kerasnotes.serving.http.refusal import raw_refusal

MOST_HEAD = 64 * 1024
"""Bytes of request line and headers, those behind a body included."""
HEAD_SECONDS = 20.0
"""Seconds from a connection, or a head's first byte, to the head's end."""


class LimitedProtocol(HttpToolsProtocol):
    """One connection; `http=LimitedProtocol` in uvicorn's settings.

    Counts bytes as they come, not headers one by one: this is done for
    every request.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Bytes that came since the last whole head or part of a body.
        self._held = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._held += len(data)
        HttpToolsProtocol.data_received(self, data)
        if not self._held:
            if self._timer is not None:
                self._stop_timer()
        elif self._held > MOST_HEAD:
            self._refuse()
        elif self._timer is None:
            self._start_timer()

    def on_headers_complete(self) -> None:
        # What came may be a body in the same breath.
        if self._held > MOST_HEAD and self._head_size() > MOST_HEAD:
            # Ends the parser's work: `send_400_response`.
            raise ValueError("head too large")
        self._held = 0
        HttpToolsProtocol.on_headers_complete(self)

    def on_body(self, body: bytes) -> None:
        self._held = 0
        HttpToolsProtocol.on_body(self, body)

    def on_message_complete(self) -> None:
        self._held = 0
        HttpToolsProtocol.on_message_complete(self)

    def _head_size(self) -> int:
        headers = sum(len(name) + len(text) for name, text in self.headers)
        return len(self.url) + headers + 4 * len(self.headers)

    def send_400_response(self, msg: str) -> None:
        """Answers what the parser refused, or what ended its work."""
        if self._held > MOST_HEAD:
            self._refuse()
        elif self._busy() and not self.cycle.more_body:
            # It came behind a whole request, which is still answered.
            self.cycle.keep_alive = False
        elif not self.transport.is_closing():
            if not self._busy() or not self.cycle.response_started:
                self.transport.write(raw_refusal(400, msg))
            self.transport.close()

    def _refuse(self) -> None:
        if self.transport.is_closing():
            return
        if not self._busy():
            text = "The request's head is too large."
            self.transport.write(raw_refusal(431, text))
        self.transport.close()

    def _busy(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(HEAD_SECONDS, self._end_wait)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_wait(self) -> None:
        self._timer = None
        # A body has the server's own deadline.
        if not self._busy() and not self.transport.is_closing():
            self.transport.close()
