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

from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras
from keras import layers

from kerasnotes.contracts.capabilities import TellsContext
from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.spec import Spec
from kerasnotes.layers.standardization import standardization
from kerasnotes.notes.unet.config import UNetConfig
from kerasnotes.notes.unet.crop_start import CropStart
from kerasnotes.notes.unet.mirror_context import MirrorContext
from kerasnotes.notes.unet.network import build, context_of


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
        image = keras.Input((None, None, spec.input.shape[-1]), name="image")
        x = standardization(mean, variance, "standardize")(image)
        if config.padding == "valid":
            x = MirrorContext(config.depth, name="mirror")(x)
        x = build(x, config)
        if config.padding == "valid":
            x = CropStart(name="crop")(x, image)
        x = layers.Conv2D(spec.target.num_classes, 1, name="logits")(x)
        # Softmax in float32 whatever the precision: bfloat16 has 8 bits.
        probabilities = layers.Activation(
            "softmax", dtype="float32", name="probabilities"
        )(x)
        super().__init__(inputs=image, outputs=probabilities, name="unet")
        # === Config ===
        self.remember(config, spec, mean, variance)
        self.stride = 2**config.depth
        self.any_size = True
        self.context = context_of(config)


if TYPE_CHECKING:
    _: type[TellsContext] = UNet
