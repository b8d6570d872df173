"""A function of tensors, compiled with the weights that it reads."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

Function = Callable[..., Any]


def compiled(function: Function, variables: Sequence[Any]) -> Function:
    """Returns a function that does the same, in one go.

    TensorFlow compiles it by XLA, a loop of small steps included, JAX
    likewise; PyTorch runs it as it is, without what gradients need. Weights
    are looked up at every call: those of later training count.

    Args:
        function: Of arrays or tensors, nested as one likes; their shapes and
            types should stay the same, for each is compiled anew.
        variables: All of Keras' that it reads.

    Returns:
        A function of the same; whole numbers are NumPy's. What it returns
        are tensors of the backend, which may be handed in again.
    """
    return _COMPILED[keras.backend.backend()](function, variables)


def _tensorflow(function: Function, variables: Sequence[Any]) -> Function:
    import tensorflow as tf

    made: Function = tf.function(function, jit_compile=True)

    def run(*given: Any) -> Any:
        # Given arrays, it takes twice as long to begin.
        return made(*tf.nest.map_structure(tf.convert_to_tensor, given))

    return run


def _jax(function: Function, variables: Sequence[Any]) -> Function:
    import jax

    def pure(values: list[Any], *given: Any) -> Any:
        pairs = list(zip(variables, values, strict=True))
        with keras.StatelessScope(state_mapping=pairs):
            return function(*given)

    made = jax.jit(pure)
    return lambda *given: made([v.value for v in variables], *given)


def _torch(function: Function, variables: Sequence[Any]) -> Function:
    import torch

    def run(*given: Any) -> Any:
        # Counts and places as Python's: a tensor of one would be waited for.
        plain = keras.tree.map_structure(
            lambda x: int(x) if isinstance(x, np.integer) else x, given
        )
        with torch.inference_mode():
            return function(*plain)

    return run


_COMPILED = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
