"""Which method answers a call, by its path.

grpcio would read messages by itself: what it cannot read it answers in its
own words, with a trace in the log.
"""

import functools
from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc

from kerasnotes.serving.grpc.call import Service


class Handlers(grpc.GenericRpcHandler):
    """Hands each call to its service, as bytes.

    Args:
        services: What is served.
    """

    def __init__(self, services: Iterable[Service]) -> None:
        make = grpc.unary_unary_rpc_method_handler
        self._handlers = {
            f"/{service.name}/{method.name}": make(
                functools.partial(service.serve, method)
            )
            for service in services
            for method in service.methods()
        }

    def service(self, handler_call_details: Any) -> Any:
        path = handler_call_details.method
        # A stream is not read before it is refused.
        return self._handlers.get(path) or grpc.stream_unary_rpc_method_handler(
            functools.partial(_refuse, path)
        )


async def _refuse(
    path: str, _messages: AsyncIterator[bytes], context: Any
) -> None:
    await context.abort(
        grpc.StatusCode.UNIMPLEMENTED, f"There is no method {path[:200]}."
    )
