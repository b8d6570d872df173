"""Dropout whose random state is a variable of the model on every backend."""

import random
from typing import Any

import keras


def dropout(rate: float, name: str) -> Any:
    """Returns a dropout layer with a seed of its own.

    Without an explicit seed Keras' dropout draws from PyTorch's global
    generator on that backend, which no checkpoint holds: a resumed run
    would drop other units than the uninterrupted one. The seed comes from
    Python's generator, which `keras.utils.set_random_seed` has set.

    Args:
        rate: Part of the units dropped, in `[0, 1)`.
        name: The layer's name.
    """
    seed = random.randint(1, 10**9)
    return keras.layers.Dropout(rate, seed=seed, name=name)
