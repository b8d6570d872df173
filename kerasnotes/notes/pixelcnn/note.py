"""Gated PixelCNN: every pixel from those above it and to its left.

    p(x) = prod_i p(x_i | x_1, ..., x_{i-1}),   i in reading order

Masked convolutions compute all factors at once when the image is there, so
the likelihood is exact and one call long; drawing goes pixel by pixel.

Reference:
    van den Oord et al., 2016. https://arxiv.org/abs/1606.05328

Departs from it:
    - Two levels or as many as `levels` says, grey; theirs are 256 levels of
      three colours.
    - The vertical stack has residual connections too.
    - A class moves both stacks' gates by an embedding of its number.
    - Adam and averaged weights instead of RMSprop.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import keras

from kerasnotes.base.types import Tensor
from kerasnotes.contracts.capabilities import Generates, Measures, Restores
from kerasnotes.data.spec import Spec
from kerasnotes.inference.autoregressive import AutoregressiveModel
from kerasnotes.notes.pixelcnn.config import PixelCNNConfig
from kerasnotes.notes.pixelcnn.drawing import Drawing
from kerasnotes.notes.pixelcnn.network import build_network


@keras.saving.register_keras_serializable("kerasnotes")
class PixelCNN(AutoregressiveModel):
    """Gated PixelCNN of grey images of one size; see `AutoregressiveModel`.

    Args:
        config: Sizes and levels.
        spec: The data.
        mean: Not used.
        variance: Not used.

    Raises:
        UsageError: If the data does not fit.
    """

    config_class = PixelCNNConfig
    note_config: PixelCNNConfig

    def __init__(
        self,
        config: PixelCNNConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        super().__init__(name="pixelcnn", dtype="float32")
        self.prepare(config, spec)
        # === Graph ===
        self.network = build_network(
            config,
            config.pixel_size(spec),
            outputs=self.levels.outputs,
            classes=spec.target.num_classes if config.conditional else 0,
        )
        # === Config ===
        self.remember(config, spec, mean, variance)
        self.drawing = Drawing(self.network, self.levels)
        self.built = True

    def log_likelihood(
        self, levels: Tensor, labels: Tensor | None, training: bool = False
    ) -> Tensor:
        x = self.levels.scaled(levels)
        inputs = x if labels is None else [x, labels]
        logits = self.network(inputs, training=training)
        return self.levels.log_likelihood(levels, logits)


if TYPE_CHECKING:

    class _Offers(Generates, Measures, Restores, Protocol): ...

    _: type[_Offers] = PixelCNN
