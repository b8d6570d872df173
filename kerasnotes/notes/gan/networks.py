"""Generators and discriminators: convolutional for images, dense for tables.

Reference:
    Radford, Metz & Chintala, 2016, figure 1 and section 3.
    https://arxiv.org/abs/1511.06434

Departs from it:
    - The image is halved down to a side of 4 to 7 pixels (2 at least twice),
      so that any multiple of 4 fits.
    - Kernels of 4x4 pixels instead of 5x5: a stride of 2 divides them.
    - `hidden` adds a dense layer between the noise and the first picture,
      and one before the logit, as in InfoGAN.
    - `normalization` of the discriminator is a choice; none by default.
"""

from typing import Any

import keras
from keras import layers

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Tensor
from kerasnotes.contracts.config import check_conditional
from kerasnotes.data.spec import Spec
from kerasnotes.layers.batch_norm import BatchNorm
from kerasnotes.layers.dropout import dropout as make_dropout
from kerasnotes.notes.gan.config import GANConfig

SLOPE = 0.2
"""Of the leaky ReLU below zero."""
EMBEDDING = 32
"""Numbers that stand for a class in the generator."""


def count_halvings(spec: Spec) -> int:
    """Returns how often the image is halved.

    Raises:
        UsageError: If height or width is unknown or no multiple of 4.
    """
    height, width = spec.input.shape[:2]
    if not height or not width or height % 4 or width % 4:
        raise UsageError(
            "The convolutional GAN cannot draw images of this size.",
            expected="height and width that are multiples of 4",
            received="x".join(str(side or "?") for side in (height, width))
            + " pixels",
            hint="scale the images, for class folders with "
            "--set data.image_size=64",
        )
    count = 2
    sides = (height // 4, width // 4)
    while all(side % 2 == 0 and side >= 8 for side in sides):
        sides = (sides[0] // 2, sides[1] // 2)
        count += 1
    return count


def _discriminator_depth(spec: Spec) -> int:
    """Returns how many strides lead to a side of 4 pixels or less.

    Odd sizes are rounded up. Only so does a logit see the whole image at
    once, not a sum of its parts.
    """
    side, count = max(size or 1 for size in spec.input.shape[:2]), 0
    while side > 4 or count < 2:
        side, count = -(-side // 2), count + 1
    return count


def _normalize(x: Tensor, kind: str, name: str) -> Tensor:
    if kind == "batch":
        return BatchNorm(momentum=0.9, epsilon=1e-5, name=name)(x)
    if kind == "layer":
        # Over the whole example, as WGAN-GP needs: rows stay independent.
        axes = list(range(1, len(x.shape)))
        return layers.LayerNormalization(axis=axes, name=name)(x)
    return x


def _start(spec: Spec, latent: int, conditional: bool) -> tuple[Any, Tensor]:
    noise = keras.Input((latent,), name="noise")
    if not conditional:
        return noise, noise
    label = keras.Input((), dtype="int32", name="label")
    classes = layers.Embedding(
        spec.target.num_classes, EMBEDDING, name="g_class"
    )
    merged = layers.Concatenate(name="g_start")([noise, classes(label)])
    return [noise, label], merged


def image_generator(
    spec: Spec, *, latent: int, width: int, hidden: int, conditional: bool
) -> Any:
    """Builds noise `(B, latent)`, and labels `(B,)`, to images in [-1, 1]."""
    count = count_halvings(spec)
    height, breadth, channels = spec.input.shape
    inputs, x = _start(spec, latent, conditional)
    filters = width * 2 ** (count - 1)
    shape = (height // 2**count, breadth // 2**count, filters)
    units = shape[0] * shape[1] * filters
    # A bias before a normalization has a gradient of rounding noise.
    if hidden:
        x = layers.Dense(hidden, use_bias=False, name="g_hidden")(x)
        x = _normalize(x, "batch", "g_hidden_norm")
        x = layers.ReLU(name="g_hidden_relu")(x)
    x = layers.Dense(units, use_bias=False, name="g_dense")(x)
    x = layers.Reshape(shape, name="g_reshape")(x)
    x = _normalize(x, "batch", "g_norm")
    x = layers.ReLU(name="g_relu")(x)
    for level in reversed(range(count)):
        x = layers.Conv2DTranspose(
            width * 2 ** max(0, level - 1),
            4,
            strides=2,
            padding="same",
            use_bias=False,
            name=f"g_up{level}",
        )(x)
        x = _normalize(x, "batch", f"g_norm{level}")
        x = layers.ReLU(name=f"g_relu{level}")(x)
    x = layers.Conv2D(channels, 3, padding="same", name="g_last")(x)
    x = layers.Activation("tanh", dtype="float32", name="g_image")(x)
    return keras.Model(inputs, x, name="generator")


def image_discriminator(
    spec: Spec,
    *,
    width: int,
    hidden: int,
    normalization: str,
    dropout: float,
    conditional: bool,
) -> Any:
    """Builds images in [-1, 1], and labels, to logits `(B,)`."""
    image = keras.Input(spec.input.shape, name="image")
    x = image
    count_halvings(spec)
    for level in range(_discriminator_depth(spec)):
        plain = level == 0 or normalization == "none"
        x = layers.Conv2D(
            width * 2**level,
            4,
            strides=2,
            padding="same",
            use_bias=plain,
            name=f"d_down{level}",
        )(x)
        if not plain:
            x = _normalize(x, normalization, f"d_norm{level}")
        x = layers.LeakyReLU(SLOPE, name=f"d_relu{level}")(x)
        x = _drop(x, dropout, f"d_dropout{level}")
    x = layers.Flatten(name="d_flatten")(x)
    if hidden:
        x = layers.Dense(hidden, name="d_hidden")(x)
        x = layers.LeakyReLU(SLOPE, name="d_hidden_relu")(x)
    return _end_discriminator(image, x, spec, conditional)


def _drop(x: Tensor, rate: float, name: str) -> Tensor:
    return make_dropout(rate, name)(x) if rate else x


def _end_discriminator(
    inputs: Tensor, x: Tensor, spec: Spec, conditional: bool
) -> Any:
    """Ends a discriminator; a class is judged by its projection.

    Reference:
        Miyato & Koyama, 2018, eq. (4). https://arxiv.org/abs/1802.05637
    """
    logit = layers.Dense(1, dtype="float32", name="d_logit")(x)
    logit = layers.Reshape((), name="d_scalar")(logit)
    if not conditional:
        return keras.Model(inputs, logit, name="discriminator")
    label = keras.Input((), dtype="int32", name="label")
    classes = layers.Embedding(
        spec.target.num_classes, x.shape[-1], dtype="float32", name="d_class"
    )(label)
    fit = layers.Dot(1, dtype="float32", name="d_projection")([classes, x])
    fit = layers.Reshape((), name="d_fit")(fit)
    logit = layers.Add(dtype="float32", name="d_total")([logit, fit])
    return keras.Model([inputs, label], logit, name="discriminator")


def table_generator(
    spec: Spec, *, latent: int, widths: tuple[int, ...], conditional: bool
) -> Any:
    """Builds noise, and labels, to standardized rows `(B, D)`."""
    inputs, x = _start(spec, latent, conditional)
    for number, units in enumerate(widths, start=1):
        x = layers.Dense(units, activation="relu", name=f"g_dense{number}")(x)
    x = layers.Dense(spec.input.shape[0], dtype="float32", name="g_features")(x)
    return keras.Model(inputs, x, name="generator")


def table_discriminator(
    spec: Spec,
    *,
    widths: tuple[int, ...],
    dropout: float,
    conditional: bool,
) -> Any:
    """Builds standardized rows `(B, D)`, and labels, to logits `(B,)`."""
    features = keras.Input(spec.input.shape, name="features")
    x = features
    for number, units in enumerate(widths, start=1):
        x = layers.Dense(units, name=f"d_dense{number}")(x)
        x = layers.LeakyReLU(SLOPE, name=f"d_relu{number}")(x)
        x = _drop(x, dropout, f"d_dropout{number}")
    return _end_discriminator(features, x, spec, conditional)


def build(config: GANConfig, spec: Spec) -> tuple[Any, Any]:
    """Returns generator and discriminator for this data.

    Raises:
        UsageError: If they do not fit it.
    """
    check_conditional(config.conditional, spec)
    sizes: dict[str, Any] = {"conditional": config.conditional}
    loss = {**sizes, "dropout": config.dropout}
    if spec.input.kind == "table":
        sizes["widths"] = loss["widths"] = config.widths
        return (
            table_generator(spec, latent=config.latent, **sizes),
            table_discriminator(spec, **loss),
        )
    sizes |= {"width": config.width, "hidden": config.hidden}
    loss |= {"width": config.width, "hidden": config.hidden}
    return (
        image_generator(spec, latent=config.latent, **sizes),
        image_discriminator(spec, normalization=config.normalization, **loss),
    )
