"""The server's ASGI application: who may ask, and which protocol answers.

Plain ASGI: a framework's routing would cost more than a small model does.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.general import make_general
from kerasnotes.serving.http.api_key import is_right
from kerasnotes.serving.http.exchange import CORS
from kerasnotes.serving.http.refusal import refuse
from kerasnotes.serving.page.playground import Playground
from kerasnotes.serving.v1.handler import TensorFlowServing
from kerasnotes.serving.v2.handler import OpenInference

Service = Callable[
    [InferenceServer], "contextlib.AbstractAsyncContextManager[None]"
]

log = logging.getLogger("kerasnotes.serving")
OPEN = ("/", "/healthz", "/v2/health/live", "/v2/health/ready")
"""Paths that need no key: probes have none, and the page asks for it."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Application:
    """Checks who asks, and hands the request to its protocol.

    Args:
        core: The models.
        api_key: What clients must send; empty: nothing.
        hosts: Names that clients may call this server; `None`: any. A page
            elsewhere whose name was made to point here is so refused.
        services: Run beside it from its start to its end.
        patient: Whether to listen only once all models are loaded. So no
            request reaches the one of several processes that still loads.
    """

    def __init__(
        self,
        core: InferenceServer,
        *,
        api_key: str = "",
        hosts: frozenset[str] | None = None,
        services: tuple[Service, ...] = (),
        patient: bool = False,
    ) -> None:
        self.core = core
        self._key = api_key.encode()
        self._hosts = hosts
        self._services = services
        self._patient = patient
        self._v1 = TensorFlowServing(core)
        self._v2 = OpenInference(core)
        self._page = Playground(core)
        self._general = make_general(core)

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = _all(scope, b"host")
        # Of two, this server and what stands before it may take one each.
        if len(names) > 1 or (not names and scope["http_version"] == "1.1"):
            await self._refuse(
                send, 400, f"Expected one Host header, received {len(names)}."
            )
            return
        if names and b"," in names[0]:
            # What stands before a server may join two headers to one.
            await self._refuse(
                send, 400, "Expected one name as Host, received several."
            )
            return
        if self._hosts is not None and not self._known_host(names):
            await self._refuse(
                send,
                421,
                "This server does not go by that name; "
                "`kn serve --allowed-host` adds names.",
            )
            return
        path = scope["path"]
        # A browser asks by OPTIONS, without a key, whether it may ask.
        preflight = scope["method"] == "OPTIONS"
        if self._key and not preflight and not self._may(scope, path):
            await self._refuse(send, 401, "A valid API key is needed.")
            return
        await self._protocol(path)(scope, receive, send)

    async def _refuse(self, send: Send, status: int, message: str) -> None:
        # Else a page could not even read that its key is wrong.
        headers = list(CORS if self.core.cors else ())
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        await refuse(send, status, message, headers)

    def _protocol(self, path: str) -> ASGIApp:
        start = path[:4].lower()
        if start in ("/v1/", "/v1"):
            return self._v1
        if start in ("/v2/", "/v2"):
            return self._v2
        if path == "/" or path.startswith(("/static/", "/api/")):
            return self._page
        return self._general

    def _known_host(self, names: list[bytes]) -> bool:
        host = b"".join(names).decode("latin-1")
        if not host.endswith("]"):
            host = host.rpartition(":")[0] or host
        return host.lower() in (self._hosts or ())

    def _may(self, scope: Scope, path: str) -> bool:
        if path in OPEN or path.startswith("/static/"):
            return True
        names = b"authorization", b"x-api-key"
        sent = (b", ".join(_all(scope, name)) for name in names)
        return is_right(self._key, *sent)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Loads, in the background unless patient, until told to end."""
        await receive()
        async with contextlib.AsyncExitStack() as stack:
            try:
                for service in self._services:
                    await stack.enter_async_context(service(self.core))
            except Exception as error:
                # Port in use, package missing: said, not thrown at uvicorn.
                message = str(error) or type(error).__name__
                await send(
                    {"type": "lifespan.startup.failed", "message": message}
                )
                return
            loading = asyncio.create_task(self.core.start())
            if self._patient:
                await loading
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self.core.draining = True
            loading.cancel()
        await self.core.stop()
        await send({"type": "lifespan.shutdown.complete"})


def _all(scope: Scope, name: bytes) -> list[bytes]:
    """Returns every value of a header."""
    return [bytes(value) for key, value in scope["headers"] if key == name]
