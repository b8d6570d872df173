"""The end of a server: who was let in is answered.

uvicorn closes idle connections and its port at once. What the system had
accepted for it, or received on a connection that it thought idle, would be
reset without an answer.
"""

import asyncio
import contextlib
import socket
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.supervisors import multiprocess

from kerasnotes.serving.http.head_limits import LimitedProtocol
from kerasnotes.serving.http.refusal import CLOSE, refuse

LINGER = 0.5
"""Seconds that a connection without a request is kept open at the end: one
that is on its way is answered, and is the last."""

TRIES, PATIENCE = 20, 0.05
"""Looks at a port that is about to be closed, and seconds to wait at it."""

LOOPS = 3
"""Turns of the event loop after which it has let go of a closed port."""


class Connection(LimitedProtocol):
    """One connection, which is not closed on a request that is on its way.

    `http=Connection` in uvicorn's settings.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # uvicorn would answer those too many in a form of its own.
        self._most, self.limit_concurrency = self.limit_concurrency, None
        self._last = False

    def on_headers_complete(self) -> None:
        most = self._most
        full = most is not None and len(self.connections) >= most
        self.app = _unavailable if full else self.config.loaded_app
        super().on_headers_complete()
        if self._last:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """Ends the connection after its last request; uvicorn calls it."""
        self._last = True
        if self._busy():
            self.cycle.keep_alive = False
        else:
            self.loop.call_later(LINGER, self._close_idle)

    def _close_idle(self) -> None:
        if not self._busy() and not self.transport.is_closing():
            self.transport.close()


async def _unavailable(scope: Scope, receive: Receive, send: Send) -> None:
    await refuse(send, 503, "Too many connections are open.", [CLOSE])


class DrainingServer(uvicorn.Server):
    """uvicorn's server, which ends as the module says."""

    async def shutdown(
        self, sockets: list[socket.socket] | None = None
    ) -> None:
        # The event loop lets go of a port when it likes; these are ours.
        duplicates = [one.dup() for one in sockets or []]
        for port in (*self.servers, *(sockets or ())):
            port.close()
        for _ in range(LOOPS):
            await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        for each in [each for one in duplicates for each in _take_over(one)]:
            with contextlib.suppress(OSError):
                await loop.connect_accepted_socket(self._connect, each)
        await super().shutdown(sockets)

    def _connect(self) -> asyncio.Protocol:
        return Connection(
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )


def _take_over(listener: socket.socket) -> list[socket.socket]:
    """Closes a port; returns the connections that waited at it.

    One that came after the last look and before the end would be reset. So
    the queue is cut to one place, which a connection of our own takes: who
    connects from then on is refused.
    """
    connections: list[socket.socket] = []
    listener.setblocking(False)
    with listener, contextlib.ExitStack() as ours:
        listener.listen(0)
        for _ in range(TRIES):
            connections += _accept_all(listener)
            if _takes_place(listener, ours):
                break
    return connections


def _accept_all(listener: socket.socket) -> list[socket.socket]:
    connections: list[socket.socket] = []
    with contextlib.suppress(OSError):
        while True:
            connections.append(listener.accept()[0])
    return connections


def _takes_place(listener: socket.socket, ours: contextlib.ExitStack) -> bool:
    """Tells whether a connection of our own is the one that waits."""
    own = ours.enter_context(socket.socket(listener.family))
    own.settimeout(PATIENCE)
    host, port, *rest = listener.getsockname()
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    try:
        own.connect((anywhere.get(host, host), port, *rest))
    except OSError:
        # Somebody else was faster, and waits to be let in.
        return False
    return True


class DrainingProcess(multiprocess.Process):
    """A process with such a server."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = DrainingServer(self.config)
        return self._server


class Supervisor(multiprocess.Multiprocess):
    """Looks after such processes, and lets go of the port before they end.

    Else connections would wait at it that nobody takes any more.
    """

    def init_processes(self) -> None:
        # uvicorn has no setting for it, and makes further ones later.
        multiprocess.Process = DrainingProcess  # type: ignore[misc]
        super().init_processes()

    def terminate_all(self) -> None:
        for one in self.sockets:
            one.close()
        super().terminate_all()
