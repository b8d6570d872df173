"""Softmax regression: one layer, a probability a class.

    p = softmax(x W + b)

Reference:
    Bishop, 2006, section 4.3.4.
"""

import keras
from keras import layers

from kerasnotes.contracts.note import NoteModel
from kerasnotes.layers.standardization import standardization
from tests.recipes.softmax.config import SoftmaxConfig


@keras.saving.register_keras_serializable("kerasnotes")
class Softmax(NoteModel):
    """Softmax regression of images of one size or rows of a table."""

    config_class = SoftmaxConfig

    def __init__(self, config, spec, mean, variance):
        # === Graph ===
        name = "image" if spec.input == "image" else "features"
        inputs = keras.Input(spec.shape, name=name)
        x = standardization(mean, variance, "standardize")(inputs)
        x = layers.Flatten(name="flatten")(x)
        x = layers.Dense(
            spec.num_classes,
            kernel_regularizer=keras.regularizers.L2(config.l2),
            name="logits",
        )(x)
        probabilities = layers.Activation(
            "softmax", dtype="float32", name="probabilities"
        )(x)
        super().__init__(inputs=inputs, outputs=probabilities, name="softmax")
        # === Config ===
        self.remember(config, spec, mean, variance)
