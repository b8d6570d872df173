"""VGG16: thirteen 3x3 convolutions in five stages, then three dense layers.

    two 3x3 convolutions see as much as one 5x5, with 18 in place of 25
    weights a pair of channels, and one nonlinearity more (section 2.3)

Reference:
    Simonyan & Zisserman, 2015, configuration D.
    https://arxiv.org/abs/1409.1556

Departs from it:
    - He's initialization, with which it trains from the start; theirs needed
      the weights of a shallower network.
    - Batch normalization and fewer, narrower stages for images below 64
      pixels, of which five halvings leave nothing.
"""

from collections.abc import Sequence

import keras
from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.contracts.fitting import check_images
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.answer import answer
from kerasnotes.layers.batch_norm import BatchNorm
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.standardization import standardization
from kerasnotes.notes.vgg16 import pretrained
from kerasnotes.notes.vgg16.config import VGG16Config


def _activate(x: Tensor, config: VGG16Config, name: str) -> Tensor:
    if config.normalization == "batch":
        x = BatchNorm(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x)


def _conv(x: Tensor, config: VGG16Config, filters: int, name: str) -> Tensor:
    x = layers.Conv2D(
        filters,
        3,
        padding="same",
        # A bias before a normalization has a gradient of rounding noise.
        use_bias=config.normalization == "none",
        kernel_initializer="he_normal",
        name=name,
    )(x)
    return _activate(x, config, name)


def _features(x: Tensor, config: VGG16Config) -> Tensor:
    stages = zip(config.blocks, config.filters, strict=True)
    for stage, (count, filters) in enumerate(stages, start=1):
        for number in range(1, count + 1):
            x = _conv(x, config, filters, f"stage{stage}_conv{number}")
        x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
    x = layers.Flatten(name="flatten")(x)
    for number, units in enumerate(config.dense, start=1):
        name = f"dense{number}"
        x = layers.Dense(
            units,
            use_bias=config.normalization == "none",
            kernel_initializer="he_normal",
            name=name,
        )(x)
        x = _activate(x, config, name)
        if config.dropout:
            x = dropout(config.dropout, f"{name}_dropout")(x)
    return x


@keras.saving.register_keras_serializable("kerasnotes")
class VGG16(NoteModel):
    """VGG for images of one size.

    Args:
        config: Stages, dense layers and variants.
        spec: The data: input shape, and classes or measured values.
        mean: Per channel, of raw training pixels.
        variance: Per channel, of raw training pixels.

    Call arguments:
        image: Tensor `(B, H, W, C)` of raw pixels.

    Returns:
        Tensor `(B, K)`, float32: class probabilities, or measured values in
        raw units.

    Raises:
        UsageError: If the data are no images of one size, or too small.
    """

    config_class = VGG16Config

    def __init__(
        self,
        config: VGG16Config,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        check_images(spec, "vgg16", config.least)
        # === Graph ===
        inputs = keras.Input(spec.input.shape, name=spec.input.name)
        x = standardization(mean, variance, "standardize")(inputs)
        outputs = answer(_features(x, config), spec)
        super().__init__(inputs=inputs, outputs=outputs, name="vgg16")
        # === Config ===
        self.remember(config, spec, mean, variance)

    @classmethod
    def from_applications(
        cls, source: keras.Model, classes: Sequence[str]
    ) -> "VGG16":
        """Returns the same network as Keras', with its weights.

        It takes raw pixels, red first, and needs no `preprocess_input`.

        Args:
            source: `keras.applications.VGG16`, its last layers included.
            classes: Names of its classes, in their order.

        Raises:
            ValueError: If it is another network, or has other classes.
        """
        model = cls(*pretrained.settings(source, classes))
        pretrained.copy_weights(source, model)
        return model
