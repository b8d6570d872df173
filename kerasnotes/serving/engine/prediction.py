"""What every protocol does with tensors, once it has read them."""

from typing import Protocol

from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.engine.images.encoded import prepare_encoded
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import Tensors


class Counted(Protocol):
    """A request whose examples are counted."""

    examples: int


async def predict(
    core: InferenceServer,
    call: Counted,
    servable: Servable,
    signature: str,
    tensors: Tensors,
    timeout: float | None = None,
) -> Tensors:
    """Counts a request's examples, prepares its images, and asks.

    Args:
        core: Who is asked.
        call: The request.
        servable: The version.
        signature: Name of its signature.
        tensors: From the request.
        timeout: Seconds, below the server's own limit.

    Raises:
        ServingError: If the request cannot be answered.
    """
    first = next(iter(tensors.values()), None)
    if first is not None:
        call.examples = len(first) if first.ndim else 1
    tensors = await prepare_encoded(servable, signature, tensors, core.limits)
    return await core.predict(servable, signature, tensors, timeout=timeout)
