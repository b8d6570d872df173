"""The layers of the convolutional networks, from the image to features.

    lenet    5x5 6, pool, 5x5 16, pool, 120, 84
    convnet  3x3 32, pool, 3x3 64, pool
    modern   3x3 24 twice, pool, 3x3 40 twice, pool, 3x3 64 twice, mean

Reference:
    LeCun et al., 1998, figure 2. https://doi.org/10.1109/5.726791
    Chollet, "Simple MNIST convnet". https://keras.io/examples/vision/
    Ioffe & Szegedy, 2015 (batch normalization).
    https://arxiv.org/abs/1502.03167
    Lin et al., 2014 (averages in place of dense layers), section 3.2.
    https://arxiv.org/abs/1312.4400

Departs from it:
    - LeNet pads its first convolution, not the image to 32 x 32, which is
      the same for 28 x 28; its maps are all connected, it pools without
      weights, and by maxima unless told otherwise.
    - Convolutions that leave nothing of a small image are padded.
"""

from collections.abc import Callable

from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.layers.batch_norm import BatchNorm
from kerasnotes.notes.cnn.config import CNNConfig

LENET_VALID = 12
CONVNET_VALID = 10
"""Least sides for unpadded convolutions and the poolings after them."""


def _conv(
    x: Tensor,
    config: CNNConfig,
    name: str,
    filters: int,
    kernel_size: int,
    padding: str = "same",
) -> Tensor:
    x = layers.Conv2D(
        config.units(filters), kernel_size, padding=padding, name=name
    )(x)
    return layers.Activation(config.activation, name=f"{name}_activation")(x)


def _normalized_conv(
    x: Tensor, config: CNNConfig, name: str, filters: int
) -> Tensor:
    # A bias before a normalization has a gradient of rounding noise.
    x = layers.Conv2D(
        config.units(filters),
        3,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    x = BatchNorm(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
    return layers.Activation(config.activation, name=f"{name}_activation")(x)


def _pool(x: Tensor, config: CNNConfig, name: str) -> Tensor:
    kind = (
        layers.MaxPooling2D
        if config.pooling == "max"
        else layers.AveragePooling2D
    )
    # Of what is one pixel wide, one pixel is left.
    small = min(x.shape[1:3]) < 2
    return kind(2, padding="same" if small else "valid", name=name)(x)


def _lenet(x: Tensor, config: CNNConfig) -> Tensor:
    padding = "valid" if min(x.shape[1:3]) >= LENET_VALID else "same"
    x = _pool(_conv(x, config, "conv1", 6, 5), config, "pool1")
    x = _pool(_conv(x, config, "conv2", 16, 5, padding), config, "pool2")
    x = layers.Flatten(name="flatten")(x)
    for number, units in enumerate((120, 84), start=1):
        name = f"dense{number}"
        x = layers.Dense(config.units(units), name=name)(x)
        x = layers.Activation(config.activation, name=f"{name}_activation")(x)
    return x


def _convnet(x: Tensor, config: CNNConfig) -> Tensor:
    padding = "valid" if min(x.shape[1:3]) >= CONVNET_VALID else "same"
    for number, filters in enumerate((32, 64), start=1):
        x = _conv(x, config, f"conv{number}", filters, 3, padding)
        x = _pool(x, config, f"pool{number}")
    return layers.Flatten(name="flatten")(x)


def _modern(x: Tensor, config: CNNConfig) -> Tensor:
    for stage, filters in enumerate((24, 40, 64), start=1):
        if stage > 1:
            x = _pool(x, config, f"pool{stage - 1}")
        for number in (1, 2):
            name = f"stage{stage}_conv{number}"
            x = _normalized_conv(x, config, name, filters)
    return layers.GlobalAveragePooling2D(name="mean")(x)


NETWORKS: dict[str, Callable[[Tensor, CNNConfig], Tensor]] = {
    "lenet": _lenet,
    "convnet": _convnet,
    "modern": _modern,
}
"""From standardized images `(B, H, W, C)` to features `(B, D)`."""
