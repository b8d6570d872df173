"""S networks drawn once from a posterior, as one model: what is exported."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Array, Tensor
from kerasnotes.layers.doubt import tell_doubt
from kerasnotes.notes.bcnn.posterior import Passes, draw_noise, noise_shapes


class WeightEnsemble(keras.layers.Layer):
    """Answers by the mean of S networks, and tells how far they differ.

    The networks' noise is stored with the weights: S times as many numbers.

    Args:
        chain: Layers in order; those that are `Variational` take noise.
        noise: Arrays `(S, ...)`, `N(0, 1)`: kernel and bias of each.

    Call arguments:
        x: Tensor `(B, ...)` of raw inputs.

    Returns:
        `probabilities`, Tensor `(B, K)`: their mean; and, Tensors `(B,)` in
        nats, `predictive_entropy`, the mean's; `aleatoric`, the mean of the
        networks' own; `epistemic`, the difference of the two.

    Reference:
        Depeweg et al., 2018, section 3. https://arxiv.org/abs/1710.07283
    """

    def __init__(self, chain: list[Any], noise: list[Array]) -> None:
        super().__init__(dtype="float32", name="weight_ensemble")
        self.passes = Passes(chain)
        self.noise = [self._store(array) for array in noise]
        self.built = True

    def _store(self, array: Array) -> Any:
        variable = self.add_weight(
            shape=array.shape, initializer="zeros", trainable=False
        )
        variable.assign(array)
        return variable

    def call(self, x: Tensor) -> dict[str, Tensor]:
        noise = [ops.convert_to_tensor(each) for each in self.noise]
        p = ops.cast(self.passes({"x": x, "noise": noise}), "float32")
        return tell_doubt(p, axis=0)


def ensemble_model(model: Any, samples: int, seed: int = 0) -> Any:
    """Returns a functional model from raw inputs to answers and doubt.

    Args:
        model: A functional model that is one chain of layers.
        samples: S, at least 1.
        seed: Of the networks' noise; sample `s` depends on `(seed, s)`.
    """
    chain = list(model.layers[1:])
    noise = draw_noise(noise_shapes(chain), range(samples), seed)
    [given] = model.inputs
    x = keras.Input(given.shape[1:], dtype=given.dtype, name=given.name)
    answer = WeightEnsemble(chain, noise)(x)
    return keras.Model(x, answer, name="uncertainty")
