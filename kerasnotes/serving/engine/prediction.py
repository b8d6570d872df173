"""What every protocol does with tensors, once it has read them."""

from typing import Protocol

from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.engine.errors import GraphError, invalid
from kerasnotes.serving.engine.images.encoded import ENCODED, prepare_encoded
from kerasnotes.serving.engine.images.large import (
    is_decoded_here,
    predict_decoded,
)
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import Tensors
from kerasnotes.serving.engine.table_check import (
    check_numbers,
    unknown_categories,
)


class Counted(Protocol):
    """A request whose examples are counted.

    Attributes:
        unknown: Categories in it that training did not show.
    """

    examples: int
    unknown: str


async def predict(
    core: InferenceServer,
    call: Counted,
    servable: Servable,
    signature: str,
    tensors: Tensors,
    timeout: float | None = None,
    *,
    masks_only: bool = False,
) -> Tensors:
    """Counts a request's examples, looks at its rows, its images, and asks.

    Args:
        core: Who is asked.
        call: The request.
        servable: The version.
        signature: Name of its signature.
        tensors: From the request.
        timeout: Seconds, below the server's own limit.
        masks_only: Whether of an image's answer only the mask is wanted.

    Raises:
        ServingError: If the request cannot be answered.
    """
    first = next(iter(tensors.values()), None)
    if first is not None:
        call.examples = len(first) if first.ndim else 1
    check_numbers(servable, tensors)
    call.unknown = unknown_categories(servable, tensors)
    limits = core.limits
    tensors = await prepare_encoded(servable, signature, tensors, limits)
    if is_decoded_here(servable, signature, tensors):
        return await predict_decoded(
            core, servable, tensors, timeout, masks_only
        )
    try:
        return await core.predict(servable, signature, tensors, timeout=timeout)
    except GraphError as error:
        if signature != ENCODED:
            raise
        raise invalid("An image cannot be decoded.") from error
