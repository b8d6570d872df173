"""Encoded images too large for a graph to decode, and to answer at once.

A graph holds every pixel as several floats before it makes an image smaller.
Large ones are decoded here, as `kn predict` does it, and cut into tiles by
the core where the model answers for each pixel.
"""

from typing import Any

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
    fixes_size,
)
from kerasnotes.serving.engine.images.heads import read_head
from kerasnotes.serving.engine.offload import LARGE, offload
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import DEFAULT, Tensors
from kerasnotes.serving.engine.tiles import find_tiling

Array = np.ndarray[Any, Any]
MOST_PIXELS = 2**20
"""Pixels of all images of a request that a graph is given to make smaller."""
PROBABILITIES, MASKS = "probabilities", "mask_bytes"
"""Outputs: of each pixel, and a PNG of the classes that they give."""


def is_decoded_here(
    servable: Servable, signature: str, tensors: Tensors
) -> bool:
    """Tells whether a request holds images that no graph is given."""
    images, default = (
        tensors.get(ENCODED_INPUT),
        servable.signatures.get(DEFAULT),
    )
    if signature != ENCODED or default is None or images is None:
        return False
    default_outputs, encoded_outputs = (
        default.outputs,
        servable.signatures[ENCODED].outputs,
    )
    if (
        PROBABILITIES not in default_outputs
        or encoded_outputs.keys() - default_outputs.keys() - {MASKS}
    ):
        return False
    heads = [h for h in map(read_head, images.ravel().tolist()) if h]
    if fixes_size(servable):
        return sum(head.pixels for head in heads) > MOST_PIXELS
    tiling = find_tiling(servable, default)
    return tiling is not None and not all(
        tiling.takes((head.height, head.width)) for head in heads
    )


async def predict_decoded(
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
    masks = MASKS in servable.signatures[ENCODED].outputs
    finish = to_classes if masks and masks_only else None
    outputs = await core.predict(
        servable, signature.name, decoded, timeout=timeout, finish=finish
    )
    if not masks:
        return outputs
    answers = outputs[PROBABILITIES]
    if answers.ndim == 3:
        # Classes already.
        return {MASKS: await offload(LARGE, _encode_all, answers)}
    encoded = await offload(LARGE, lambda: _encode_all(to_classes(answers)))
    return {**outputs, MASKS: encoded}


def _encode_all(masks: Array) -> Array:
    """Returns masks `(B, H, W)` as PNGs `(B,)`."""
    encoded = np.empty(len(masks), object)
    encoded[:] = [encode(mask) for mask in masks]
    return encoded
