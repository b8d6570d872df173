"""U-Net: an encoder, a decoder, and skip connections between them.

    contracting:  [conv 3x3, norm, ReLU] x 2, max-pool 2x2      (depth times)
    bottom:       [conv 3x3, norm, ReLU] x 2
    expanding:    up-conv x2, concatenate the skip, [conv, norm, ReLU] x 2
    output:       conv 1x1, softmax over the classes, per pixel

Reference:
    Ronneberger, Fischer & Brox, 2015. https://arxiv.org/abs/1505.04597

Departs from it:
    - `width` 16 instead of 64, for a CPU (`--set width=64`: the paper's).
    - Zero-padded convolutions; `padding=valid` gives the paper's, on an
      image mirrored outwards inside the model, so that any size of image
      comes out at its own size.
    - Batch normalization; `normalization=none` gives the paper's.
    - AdamW, cross-entropy + Dice instead of SGD with momentum 0.99 and
      cross-entropy; no border weights unless `border_weight=10`.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal

import keras
import pydantic
from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.contracts.note import NoteConfig, NoteModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.batch_norm import BatchNorm
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.standardization import standardization
from kerasnotes.notes.unet.border_weight import border_weight_map
from kerasnotes.notes.unet.center_crop import CenterCrop
from kerasnotes.notes.unet.crop_start import CropStart
from kerasnotes.notes.unet.mirror_context import MirrorContext

PIXELS_A_BATCH = 2**17
STEPS = 1000


class UNetConfig(NoteConfig):
    """Sizes and variants of the U-Net."""

    width: int = pydantic.Field(
        16, ge=1, le=512, description="filters of the first level"
    )
    depth: int = pydantic.Field(4, ge=1, le=7, description="number of poolings")
    normalization: Literal["batch", "group", "none"] = pydantic.Field(
        "batch", description="after each 3x3 convolution"
    )
    dropout: float = pydantic.Field(
        0.0, ge=0, lt=1, description="rate at the two lowest levels"
    )
    upsampling: Literal["transposed", "resize"] = pydantic.Field(
        "transposed", description="transposed or bilinear + 2x2 convolution"
    )
    padding: Literal["same", "valid"] = pydantic.Field(
        "same", description="valid: the paper's, on a mirrored image"
    )
    border_weight: float = pydantic.Field(
        0.0, ge=0, le=1000, description="w0 of eq. (2); 10 in the paper"
    )
    border_sigma: float = pydantic.Field(
        5.0, gt=0, le=1000, description="sigma of eq. (2), pixels"
    )

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        height, width = (size or 128 for size in spec.shape[:2])
        batch_size = 1
        while batch_size < 16 and (
            2 * batch_size * height * width <= PIXELS_A_BATCH
        ):
            batch_size *= 2
        steps_per_epoch = max(1, examples // batch_size)
        return {
            "batch_size": batch_size,
            "epochs": max(5, -(-STEPS // steps_per_epoch)),
            "learning_rate": 3e-3,
        }

    def pixel_weight(self) -> Callable[[Any], Any] | None:
        """Returns the function from a mask to its border weight map."""
        if not self.border_weight:
            return None
        return functools.partial(
            border_weight_map, w0=self.border_weight, sigma=self.border_sigma
        )


def _normalize(x: Tensor, kind: str, name: str) -> Tensor:
    if kind == "batch":
        # Keras' momentum of 0.99 is too slow for runs of a few 100 steps.
        return BatchNorm(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
    if kind == "group":
        groups = next(g for g in (8, 4, 2, 1) if x.shape[-1] % g == 0)
        return layers.GroupNormalization(
            groups=groups, epsilon=1e-5, name=f"{name}_norm"
        )(x)
    return x


def _double_conv(
    x: Tensor, filters: int, config: UNetConfig, name: str
) -> Tensor:
    for number in (1, 2):
        # A bias before a normalization has a gradient of rounding noise.
        x = layers.Conv2D(
            filters,
            3,
            padding=config.padding,
            use_bias=config.normalization == "none",
            kernel_initializer="he_normal",
            name=f"{name}_conv{number}",
        )(x)
        x = _normalize(x, config.normalization, f"{name}_{number}")
        x = layers.Activation("relu", name=f"{name}_relu{number}")(x)
    return x


def _up(x: Tensor, filters: int, config: UNetConfig, name: str) -> Tensor:
    if config.upsampling == "transposed":
        return layers.Conv2DTranspose(
            filters, 2, strides=2, padding="same", name=f"{name}_up"
        )(x)
    x = layers.UpSampling2D(2, interpolation="bilinear", name=f"{name}_up")(x)
    return layers.Conv2D(filters, 2, padding="same", name=f"{name}_up_conv")(x)


def _network(x: Tensor, config: UNetConfig) -> Tensor:
    skips = []
    for level in range(config.depth):
        # (B, H / 2^level, W / 2^level, width * 2^level)
        x = _double_conv(x, config.width * 2**level, config, f"down{level}")
        if level == config.depth - 1 and config.dropout:
            x = dropout(config.dropout, "down_dropout")(x)
        skips.append(x)
        # 'same' keeps the last odd row: ceil(H / 2); valid sizes are even.
        x = layers.MaxPooling2D(2, padding="same", name=f"pool{level}")(x)
    x = _double_conv(x, config.width * 2**config.depth, config, "bottom")
    if config.dropout:
        x = dropout(config.dropout, "bottom_dropout")(x)
    for level in reversed(range(config.depth)):
        filters = config.width * 2**level
        x, skip = _up(x, filters, config, f"up{level}"), skips[level]
        if config.padding == "same":
            x = CenterCrop(name=f"up{level}_crop")(x, skip)
        else:
            skip = CenterCrop(name=f"up{level}_crop")(skip, x)
        x = layers.Concatenate(name=f"up{level}_concat")([skip, x])
        x = _double_conv(x, filters, config, f"up{level}")
    return x


def _context(config: UNetConfig) -> int:
    """Returns how many pixels away an input may still change an output.

    Half of what unpadded convolutions lose (92 at depth 4), and the place
    of a pixel inside the cell of `2**depth` pixels that it is pooled into.
    Bilinear up-sampling and the 2x2 convolution after it look further.
    """
    unit: int = 2**config.depth
    reach = 6 * unit - 4 + (unit - 1)
    if config.upsampling == "resize":
        reach += 2 * (unit - 1)
    return reach


@keras.saving.register_keras_serializable("kerasnotes")
class UNet(NoteModel):
    """U-Net for images of any height and width.

    Args:
        config: The sizes and variants.
        spec: The data: channels from `shape`, outputs from `classes`.
        mean: Per channel, of raw training pixels.
        variance: Per channel, of raw training pixels.

    Call arguments:
        image: Tensor `(B, H, W, C)` of raw pixels.

    Returns:
        Tensor `(B, H, W, K)`, float32: each pixel's class probabilities.
    """

    config_class = UNetConfig

    def __init__(
        self,
        config: UNetConfig,
        spec: Spec,
        mean: Sequence[float],
        variance: Sequence[float],
    ) -> None:
        # === Graph ===
        image = keras.Input((None, None, spec.shape[-1]), name="image")
        x = standardization(mean, variance, "standardize")(image)
        if config.padding == "valid":
            x = MirrorContext(config.depth, name="mirror")(x)
        x = _network(x, config)
        if config.padding == "valid":
            x = CropStart(name="crop")(x, image)
        x = layers.Conv2D(spec.num_classes, 1, name="logits")(x)
        # Softmax in float32 whatever the precision: bfloat16 has 8 bits.
        probabilities = layers.Activation(
            "softmax", dtype="float32", name="probabilities"
        )(x)
        super().__init__(inputs=image, outputs=probabilities, name="unet")
        # === Config ===
        self.remember(config, spec, mean, variance)
        self.stride = 2**config.depth
        self.context = _context(config)
