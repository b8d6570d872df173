"""One gRPC request and its answer, between grpcio and a service."""

import asyncio
import dataclasses
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.engine.offload import offload
from kerasnotes.serving.engine.prediction import predict
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import SignatureInfo, Tensors
from kerasnotes.serving.http.api_key import is_right
from kerasnotes.serving.http.body import too_large

log = logging.getLogger("kerasnotes.serving")
UNKNOWN = "x-unknown-categories"
"""Metadata behind an answer, as the header of the other protocols."""
STATUS = {code.value[0]: code for code in grpc.StatusCode}


@dataclasses.dataclass(slots=True)
class Call:
    """What is counted of a request.

    Args:
        timeout: Seconds that its client waits; `None`: for ever.
        model: Name of the model, once it is known to exist.
        examples: How many it holds.
        unknown: Categories in it that training did not show.
    """

    timeout: float | None = None
    model: str = ""
    examples: int = 0
    unknown: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Method:
    """One method of a service.

    Args:
        name: Its name.
        request: Class of the messages that it takes.
        work: From a request and its call to the answer.
    """

    name: str
    request: Any
    work: Callable[[Any, Call], Awaitable[Any]]

    def read(self, body: bytes) -> Any:
        """Returns a request's message.

        Raises:
            ServingError: If it is none.
        """
        try:
            return self.request.FromString(body)
        except DecodeError as error:
            kind = self.request.DESCRIPTOR.name
            raise invalid(f"The request is no {kind}.") from error


class Service:
    """What both services share.

    Args:
        core: Who is asked.
        api_key: What clients must send; empty: nothing.

    Attributes:
        name: Of the service, with its package.
    """

    name = ""

    def __init__(self, core: InferenceServer, api_key: str = "") -> None:
        self.core = core
        self._key = api_key.encode()

    def methods(self) -> tuple[Method, ...]:
        """Returns what it can be asked."""
        raise NotImplementedError

    async def serve(self, method: Method, body: bytes, context: Any) -> Any:
        """Answers one request, or ends it with the status of its error.

        Args:
            method: What is asked.
            body: The request as it came: what is no message of its kind is
                answered as any other mistake.
            context: grpcio's.
        """
        begin, status, api = time.perf_counter(), "OK", method.name
        call = Call(context.time_remaining())
        try:
            self._check_key(context)
            most = self.core.limits.max_body
            if len(body) > most:
                # It came compressed: grpcio looks at what was sent only.
                raise too_large(most)
            request = await offload(len(body), method.read, body)
            answer = await method.work(request, call)
            if call.unknown:
                context.set_trailing_metadata(((UNKNOWN, call.unknown),))
            size = answer.ByteSize()
            return await offload(size, answer.SerializeToString)
        except ServingError as error:
            status, message = error.code.name, error.message
            number = error.code.grpc
        except Exception:
            # Nothing of the inside is told; all of it is logged.
            log.exception("%s failed", api)
            status, message = Code.INTERNAL.name, "Internal error."
            number = Code.INTERNAL.grpc
        except asyncio.CancelledError:
            status = "CANCELLED"
            raise
        finally:
            self.core.metrics.observe_request(
                call.model,
                api,
                "GRPC",
                status,
                time.perf_counter() - begin,
                call.examples,
            )
        await context.abort(STATUS[number], message)

    def _check_key(self, context: Any) -> None:
        if not self._key:
            return
        sent = dict(context.invocation_metadata() or ())
        names = ("authorization", "x-api-key")
        keys = (str(sent.get(name, "")).encode() for name in names)
        if not is_right(self._key, *keys):
            raise ServingError(
                Code.UNAUTHENTICATED, "A valid API key is needed."
            )

    def find(self, spec: Any, call: Call) -> Servable:
        if not spec.name:
            raise invalid("Missing ModelSpec")
        which = spec.WhichOneof("version_choice")
        version = spec.version.value if which == "version" else None
        label = spec.version_label if which == "version_label" else None
        servable = self.core.find(spec.name, version, label)
        call.model = servable.name
        return servable

    async def ask(
        self,
        call: Call,
        servable: Servable,
        signature: SignatureInfo,
        tensors: Tensors,
    ) -> Tensors:
        return await predict(
            self.core, call, servable, signature.name, tensors, call.timeout
        )
