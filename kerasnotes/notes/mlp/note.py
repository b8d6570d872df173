"""Multilayer perceptron: dense layers with a nonlinearity between them.

    o_0 = x,   o_l = activation(o_{l-1} W_l + b_l),   softmax at the end

The notes derive its gradients by hand; `backpropagation.py` writes
that derivation down and the tests hold it against automatic gradients.

Reference:
    Rumelhart, Hinton & Williams, 1986, Nature 323, 533-536.
    https://doi.org/10.1038/323533a0

Departs from it:
    - ReLU, batch normalization, dropout and a softmax with cross-entropy;
      `activation=sigmoid normalization=none dropout=0` gives the notes' net.
"""

from collections.abc import Sequence

import keras
from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.batch_norm import BatchNorm
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.standardization import standardization
from kerasnotes.notes.mlp.config import MLPConfig


def _hidden(x: Tensor, units: int, config: MLPConfig, name: str) -> Tensor:
    # A bias before a normalization has a gradient of rounding noise.
    x = layers.Dense(units, use_bias=config.normalization == "none", name=name)(
        x
    )
    if config.normalization == "batch":
        x = BatchNorm(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
    if config.normalization == "layer":
        x = layers.LayerNormalization(epsilon=1e-5, name=f"{name}_norm")(x)
    x = layers.Activation(config.activation, name=f"{name}_activation")(x)
    if config.dropout:
        x = dropout(config.dropout, f"{name}_dropout")(x)
    return x


@keras.saving.register_keras_serializable("kerasnotes")
class MLP(NoteModel):
    """Multilayer perceptron for images of one size or rows of a table.

    Args:
        config: The sizes and variants.
        spec: The data: input shape and classes.
        mean: Per channel or column, of raw training values.
        variance: Per channel or column, of raw training values.

    Call arguments:
        image: Tensor `(B, H, W, C)` of raw pixels; or
        features: Tensor `(B, D)` of raw columns.

    Returns:
        Tensor `(B, K)`, float32: class probabilities.
    """

    config_class = MLPConfig

    def __init__(
        self,
        config: MLPConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        # === Graph ===
        name = "image" if spec.input == "image" else "features"
        inputs = keras.Input(spec.shape, name=name)
        x = standardization(mean, variance, "standardize")(inputs)
        if spec.input == "image":
            x = layers.Flatten(name="flatten")(x)
        for number, units in enumerate(config.widths, start=1):
            x = _hidden(x, units, config, f"dense{number}")
        x = layers.Dense(spec.num_classes, name="logits")(x)
        probabilities = layers.Activation(
            "softmax", dtype="float32", name="probabilities"
        )(x)
        super().__init__(inputs=inputs, outputs=probabilities, name="mlp")
        # === Config ===
        self.remember(config, spec, mean, variance)
