"""Multilayer perceptron: dense layers with a nonlinearity between them.

    o_0 = x,   o_l = activation(o_{l-1} W_l + b_l),   softmax at the end;
    of a regression, a linear end in units of the training's deviation;
    with `linear_path`, o_L W + b + x V before that end

The notes derive its gradients by hand; `backpropagation.py` writes
that derivation down and the tests hold it against automatic gradients.

Reference:
    Rumelhart, Hinton & Williams, 1986, Nature 323, 533-536.
    https://doi.org/10.1038/323533a0

Departs from it:
    - ReLU, batch normalization, dropout and a softmax with cross-entropy;
      `activation=sigmoid normalization=none dropout=0` gives the notes' net.
    - The linear path beside the hidden layers, as in Cheng et al., 2016
      (https://arxiv.org/abs/1606.07792): measured values of a table. It
      starts at a ridge regression.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import keras
from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.contracts.capabilities import SolvesStart
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.dataset import Split
from kerasnotes.data.spec import Spec
from kerasnotes.layers.answer import answer
from kerasnotes.layers.batch_norm import BatchNorm
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.ridge_start import start_at_ridge
from kerasnotes.layers.table_row import table_row
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


def _end(row: Tensor, config: MLPConfig) -> Callable[..., Any]:
    """Returns what makes the last layer: see `answer`.

    Args:
        row: What the first hidden layer was given.
        config: Whether a linear map of the row is added.
    """
    if not config.linear_path:
        make: Callable[..., Any] = layers.Dense
        return make

    # Both start at zero: the first answer is the mean, whatever the widths,
    # or a ridge regression: `ridge_start`.
    def end(units: int, name: str, dtype: str | None) -> Callable[..., Tensor]:
        deep = layers.Dense(
            units, kernel_initializer="zeros", name="deep", dtype=dtype
        )
        wide = layers.Dense(
            units,
            use_bias=False,
            kernel_initializer="zeros",
            name="wide",
            dtype=dtype,
        )
        add = layers.Add(name=name, dtype=dtype)
        return lambda x: add([deep(x), wide(row)])

    return end


@keras.saving.register_keras_serializable("kerasnotes")
class MLP(NoteModel):
    """Multilayer perceptron for images of one size or rows of a table.

    Args:
        config: The sizes and variants.
        spec: The data: input shape, and classes or measured values.
        mean: Per channel or column, of raw training values.
        variance: Per channel or column, of raw training values.

    Call arguments:
        image: Tensor `(B, H, W, C)` of raw pixels; or
        features: Tensor `(B, D)` of raw columns, categories by number.

    Returns:
        Tensor `(B, K)`, float32: class probabilities, or measured values in
        raw units.
    """

    config_class = MLPConfig
    head = ("logits", "standardized", "deep", "wide")
    entry = ("dense1", "wide", "categories")

    def __init__(
        self,
        config: MLPConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        # === Graph ===
        inputs = keras.Input(spec.input.shape, name=spec.input.name)
        x = table_row(inputs, spec, mean, variance, config.hidden_categories)
        if len(spec.input.shape) > 1:
            x = layers.Flatten(name="flatten")(x)
        row = x
        for number, units in enumerate(config.widths, start=1):
            x = _hidden(x, units, config, f"dense{number}")
        outputs = answer(x, spec, _end(row, config))
        super().__init__(inputs=inputs, outputs=outputs, name="mlp")
        # === Config ===
        self.remember(config, spec, mean, variance)

    def solve_start(self, train: Split) -> str:
        """Starts the linear path of a regression at a ridge regression."""
        config = cast(MLPConfig, self.note_config)
        measured = self.spec.target.kind == "values"
        if not config.linear_path or not measured:
            return ""
        if not start_at_ridge(self, train):
            return ""
        return "The linear path starts at a ridge regression of these rows."


if TYPE_CHECKING:
    _: type[SolvesStart] = MLP
