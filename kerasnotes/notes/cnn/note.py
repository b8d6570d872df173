"""Convolutional network: filters shared by all places, pooled, then dense.

    y[i, j, k] = activation(b_k + sum_{u, v, c} W[u, v, c, k] x[i+u, j+v, c])

A convolution of kernel F, padding P, stride S and dilation D makes

    N = floor((W + 2 P - D (F - 1) - 1) / S) + 1

places of W; `kerasnotes.layers.convolution_sizes` has this and the other
cases, and `kn info cnn` shows each layer's size and receptive field.

Reference:
    LeCun et al., 1998, Proceedings of the IEEE 86(11), 2278-2324.
    https://doi.org/10.1109/5.726791

Departs from it: see `networks.py`.
"""

from collections.abc import Sequence

import keras

from kerasnotes.contracts.fitting import check_images
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.answer import answer
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.standardization import standardization
from kerasnotes.notes.cnn.config import CNNConfig
from kerasnotes.notes.cnn.networks import NETWORKS


@keras.saving.register_keras_serializable("kerasnotes")
class CNN(NoteModel):
    """Convolutional network for images of one size.

    Args:
        config: The network and its width.
        spec: The data: input shape, and classes or measured values.
        mean: Per channel, of raw training pixels.
        variance: Per channel, of raw training pixels.

    Call arguments:
        image: Tensor `(B, H, W, C)` of raw pixels.

    Returns:
        Tensor `(B, K)`, float32: class probabilities, or measured values in
        raw units.

    Raises:
        UsageError: If the data are no images of one size.
    """

    config_class = CNNConfig

    def __init__(
        self,
        config: CNNConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        check_images(spec, "cnn")
        # === Graph ===
        inputs = keras.Input(spec.input.shape, name=spec.input.name)
        x = standardization(mean, variance, "standardize")(inputs)
        x = NETWORKS[config.network](x, config)
        if config.rate:
            x = dropout(config.rate, "dropout")(x)
        super().__init__(inputs=inputs, outputs=answer(x, spec), name="cnn")
        # === Config ===
        self.remember(config, spec, mean, variance)
