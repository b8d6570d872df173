"""Unidirectional convolutional network: kernels along one axis at a time.

The two axes of a frequency-response image are of different kinds: rows are
frequencies, columns are places on a structure. A kernel `(k, 1)` sees one
place alone, a kernel `(1, k)` one frequency:

    u[w, p, c] = f(b_c + sum_{v, d} A[v, d, c] x[s w + v, p, d])   rows
    v[w, p, c] = f(b_c + sum_{q, d} B[q, d, c] u[w, p + q, d])     columns

Rows are halved (`s = 2`) until one kernel takes what is left of them, and so
are columns; dense layers answer what the structure is made of. The stage of
the rows treats all places alike: it commutes with every permutation of them.

Causal convolution, which others call unidirectional as well, is no part of
this note.

Reference:
    Zhang, Deng & Zhao, 2021, "A frequency response model updating method
    based on unidirectional convolutional neural network", Mech. Adv. Mater.
    Struct. 28(14). https://doi.org/10.1080/15376494.2019.1681037

Departs from it:
    - The paper's layer sizes were not at hand; these are ours: kernels of
      5, a whole-axis kernel, residual dense layers, GELU.
"""

from collections.abc import Sequence

import keras
from keras import layers

from kerasnotes.contracts.fitting import check_images
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.answer import answer
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.standardization import standardization
from kerasnotes.notes.ucnn.config import UCNNConfig
from kerasnotes.notes.ucnn.network import ORDER, dense, fold


@keras.saving.register_keras_serializable("kerasnotes")
class UCNN(NoteModel):
    """Unidirectional convolutional network for images of one size.

    Args:
        config: Its sizes.
        spec: The data: input shape, and classes or measured values.
        mean: Per channel, of raw training values.
        variance: Per channel, of raw training values.

    Call arguments:
        image: Tensor `(B, H, W, C)` of raw values.

    Returns:
        Tensor `(B, K)`, float32: measured values in raw units, or class
        probabilities.

    Raises:
        UsageError: If the data are no images of one size.
    """

    config_class = UCNNConfig

    def __init__(
        self,
        config: UCNNConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        check_images(spec, "ucnn")
        # === Graph ===
        inputs = keras.Input(spec.input.shape, name=spec.input.name)
        x = standardization(mean, variance, "standardize")(inputs)
        units = max(1, config.units // 2)
        for axis in ORDER[config.axes]:
            x = fold(x, axis, units, config)
            units = config.units
        x = dense(layers.Flatten(name="flatten")(x), config)
        if config.dropout:
            x = dropout(config.dropout, "dropout")(x)
        super().__init__(inputs=inputs, outputs=answer(x, spec), name="ucnn")
        # === Config ===
        self.remember(config, spec, mean, variance)
