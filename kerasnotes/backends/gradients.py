"""A gradient inside a loss: one function for the three backends."""

from collections.abc import Callable

import keras

from kerasnotes.base.types import Tensor


def input_gradient(
    function: Callable[[Tensor], Tensor], x: Tensor
) -> tuple[Tensor, Tensor]:
    """Returns `function(x)` and the gradient of its sum with respect to `x`.

    Both can be differentiated again.

    Args:
        function: From Tensor `(B, ...)` to Tensor `(B,)`, example by
            example.
        x: Tensor `(B, ...)`.

    Returns:
        Tensor `(B,)` and Tensor `(B, ...)`.
    """
    return _INPUT_GRADIENT[keras.backend.backend()](function, x)


def _tensorflow(
    function: Callable[[Tensor], Tensor], x: Tensor
) -> tuple[Tensor, Tensor]:
    import tensorflow as tf

    x = tf.convert_to_tensor(x)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        value = function(x)
    return value, tape.gradient(value, x)


def _jax(
    function: Callable[[Tensor], Tensor], x: Tensor
) -> tuple[Tensor, Tensor]:
    import jax

    value, pull = jax.vjp(function, x)
    (gradient,) = pull(jax.numpy.ones_like(value))
    return value, gradient


def _torch(
    function: Callable[[Tensor], Tensor], x: Tensor
) -> tuple[Tensor, Tensor]:
    import torch

    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        value = function(x)
        (gradient,) = torch.autograd.grad(value.sum(), x, create_graph=True)
    return value, gradient


_INPUT_GRADIENT = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
