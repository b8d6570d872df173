"""Encoded images too large for a graph to decode and answer at once.

They are decoded here, and cut into tiles by the core.
"""

import numpy as np

from kerasnotes.serving.engine.core import InferenceServer
from kerasnotes.serving.engine.images.bodies import (
    decode_images,
    encode,
    to_classes,
)
from kerasnotes.serving.engine.images.encoded import (
    ENCODED,
    ENCODED_INPUT,
    read_head,
)
from kerasnotes.serving.engine.offload import LARGE, offload
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import DEFAULT, Tensors
from kerasnotes.serving.engine.tiles import find_tiling, is_large

MASKS = "mask_bytes"
"""The output that holds a PNG of the classes of an image's pixels."""


def is_cut(servable: Servable, signature: str, tensors: Tensors) -> bool:
    """Tells whether a request holds encoded images that are cut."""
    default = servable.signatures.get(DEFAULT)
    images = tensors.get(ENCODED_INPUT)
    if signature != ENCODED or default is None or images is None:
        return False
    masks = MASKS in servable.signatures[ENCODED].outputs
    if not masks or find_tiling(servable, default) is None:
        return False
    heads = map(read_head, images.ravel().tolist())
    return any(head and is_large((head.height, head.width)) for head in heads)


async def predict_large(
    core: InferenceServer,
    servable: Servable,
    tensors: Tensors,
    timeout: float | None,
    masks_only: bool,
) -> Tensors:
    """Answers such a request as the graph would.

    Args:
        core: Who is asked.
        servable: The version.
        tensors: Encoded images, checked and upright.
        timeout: Seconds, below the server's own limit.
        masks_only: Whether probabilities are wanted by nobody: they take
            most of the memory.

    Raises:
        ServingError: If an image cannot be decoded, or its answer is too
            large.
    """
    files = tensors[ENCODED_INPUT].ravel().tolist()
    signature, decoded = await offload(
        LARGE, decode_images, files, servable, core.limits.max_pixels
    )
    outputs = await core.predict(
        servable,
        signature.name,
        decoded,
        timeout=timeout,
        finish=to_classes if masks_only else None,
    )
    ((name, answers),) = outputs.items()
    masks = answers if masks_only else to_classes(answers)
    encoded = np.empty(len(masks), object)
    encoded[:] = await offload(LARGE, lambda: [encode(m) for m in masks])
    kept = {} if masks_only else {name: answers}
    return {**kept, MASKS: encoded}
