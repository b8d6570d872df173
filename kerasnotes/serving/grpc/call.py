"""One gRPC request and its answer, between grpcio and a service."""

import asyncio
import dataclasses
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.engine.prediction import predict
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import SignatureInfo, Tensors
from kerasnotes.serving.http.api_key import is_right

log = logging.getLogger("kerasnotes.serving")
STATUS = {code.value[0]: code for code in grpc.StatusCode}


@dataclasses.dataclass(slots=True)
class Call:
    """What is counted of a request.

    Args:
        timeout: Seconds that its client waits; `None`: for ever.
        model: Name of the model, once it is known to exist.
        examples: How many it holds.
    """

    timeout: float | None = None
    model: str = ""
    examples: int = 0


class Service:
    """What both services share.

    Args:
        core: Who is asked.
        api_key: What clients must send; empty: nothing.
    """

    def __init__(self, core: InferenceServer, api_key: str = "") -> None:
        self.core = core
        self._key = api_key.encode()

    async def serve(
        self,
        api: str,
        context: Any,
        work: Callable[[Call], Awaitable[Any]],
    ) -> Any:
        """Answers one request, or ends it with the status of its error."""
        begin, status = time.perf_counter(), "OK"
        call = Call(context.time_remaining())
        try:
            self._check_key(context)
            return await work(call)
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
        found = (str(sent.get(name, "")).encode() for name in names)
        if not is_right(self._key, *found):
            raise ServingError(
                Code.UNAUTHENTICATED, "A valid API key is needed."
            )

    def find(self, spec: Any, call: Call) -> Servable:
        if not spec.name:
            raise invalid("Missing ModelSpec")
        which = spec.WhichOneof("version_choice")
        version = spec.version.value if which == "version" else None
        label = spec.version_label if which == "version_label" else None
        found = self.core.find(spec.name, version, label)
        call.model = found.name
        return found

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
