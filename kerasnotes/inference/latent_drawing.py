"""Drawing from networks that map standard normal latents to examples."""

from collections.abc import Callable

import numpy as np

from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.generation import Request

BATCH = 64
"""Examples drawn at a time; always as many, so that the rounding of one does
not depend on how many are asked for."""


def draw(
    decode: Callable[[Array, Array], Array],
    latent: int,
    request: Request,
    progress: Progress | None = None,
) -> Array:
    """Draws examples; number `i` depends on `(seed, i)` alone.

    Args:
        decode: From latents `(64, latent)`, and the numbers of the examples
            they are for, `(64,)`, to values `(64, ...)`. Numbers beyond the
            last example repeat it.
        latent: Size of a latent.
        request: How many, and the seed.
        progress: Told how far it is.

    Returns:
        Array `(count, ...)`.
    """
    made = []
    for start in range(0, request.count, BATCH):
        numbers = np.arange(start, start + BATCH)
        noise = np.stack(
            [_noise(request.seed, int(i), latent) for i in numbers]
        )
        made.append(decode(noise, np.minimum(numbers, request.count - 1)))
        if progress:
            done = min(start + BATCH, request.count)
            progress("generating", done, request.count)
    return np.concatenate(made)[: request.count]


def _noise(seed: int, index: int, latent: int) -> Array:
    rng = np.random.default_rng([seed, index])
    return rng.standard_normal(latent, "float32")
