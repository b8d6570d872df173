"""Cross-entropy and soft Dice of segmentation maps, one number per image.

Both are written for probabilities, since a note ends in a softmax and its
saved file should answer with probabilities. With `log(p + 1e-30)` and no
clipping, the gradient behind that softmax is `p - y` for every pixel, however
wrong; Keras' clipping at 1e-7 gives the most wrong pixels no gradient at all.
"""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor

TINY = 1e-30
SMOOTH = 1.0


def one_hot(y_true: Tensor, num_classes: int) -> Tensor:
    """Returns labels `(B, H, W)` as float32 indicators `(B, H, W, K)`."""
    # A comparison is three times as fast as the backends' own one-hot.
    classes = ops.arange(num_classes, dtype="int32")
    labels = ops.expand_dims(ops.cast(y_true, "int32"), -1)
    return ops.cast(ops.equal(labels, classes), "float32")


def _mean_log(
    hits: Tensor, weight: Tensor | None, known: Tensor | None
) -> Tensor:
    """Returns the mean of `-w log p_true` over an image's pixels, `(B,)`.

    The mean is over the number of pixels, not the sum of weights; `known`,
    1 or 0 for each, leaves pixels out.

    Reference:
        Ronneberger et al., 2015, eq. (1). https://arxiv.org/abs/1505.04597
    """
    # One logarithm a pixel instead of K: the sum keeps the true class only.
    nats = -ops.log(ops.sum(hits, axis=-1) + TINY)
    if weight is not None:
        nats = nats * ops.cast(weight, "float32")
    if known is None:
        return ops.mean(nats, axis=(1, 2))
    count = ops.maximum(ops.sum(known, axis=(1, 2)), 1.0)
    return ops.sum(nats * known, axis=(1, 2)) / count


def _dice_loss(hits: Tensor, p: Tensor, g: Tensor, smooth: float) -> Tensor:
    """Returns `1 - mean_k (2 sum pg + s) / (sum p + sum g + s)`, `(B,)`.

    A class that the image does not hold scores `s / (sum p + s)`: 1 where it
    was not predicted either, and pushed towards that where it was.

    Reference:
        Milletari et al., 2016, section 3; there with squares below the line.
        https://arxiv.org/abs/1606.04797
    """
    pixels = (1, 2)
    overlap = 2.0 * ops.sum(hits, axis=pixels) + smooth
    total = ops.sum(p, axis=pixels) + ops.sum(g, axis=pixels) + smooth
    return 1.0 - ops.mean(overlap / total, axis=-1)


@keras.saving.register_keras_serializable("kerasnotes")
class CrossEntropyDice(keras.losses.Loss):
    """Cross-entropy plus soft Dice, equally weighted, mean over the batch.

    A `sample_weight` `(B, H, W)` (the border weight map) or `(B,)` applies to
    the cross-entropy only: Dice is a ratio of areas already.

    Args:
        name: Name in logs.
        smooth: Added above and below the line of Dice, pixels, above 0.
        ignore: Whether labels below 0 mark pixels that are left out, of
            both terms.

    Call arguments:
        y_true: Integer tensor `(B, H, W)`, `0 .. K - 1`; or below 0.
        y_pred: Tensor `(B, H, W, K)`, probabilities.
        sample_weight: `None`, or tensor `(B, H, W)` or `(B,)`.

    Returns:
        Scalar tensor, float32.
    """

    def __init__(
        self,
        name: str = "cross_entropy_dice",
        smooth: float = SMOOTH,
        ignore: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.smooth, self.ignore = smooth, ignore

    def __call__(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> Tensor:
        # Keras' own would turn the labels into floats and weight both terms.
        y_true = ops.convert_to_tensor(y_true)
        y_pred = ops.convert_to_tensor(y_pred)
        if sample_weight is not None:
            sample_weight = ops.convert_to_tensor(sample_weight)
        return ops.mean(self.per_image(y_true, y_pred, sample_weight))

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.per_image(y_true, y_pred)

    def per_image(
        self, y_true: Tensor, y_pred: Tensor, weight: Tensor | None = None
    ) -> Tensor:
        """Returns the loss of each image, `(B,)`."""
        if weight is not None and len(weight.shape) == 1:
            weight = ops.reshape(weight, (-1, 1, 1))
        p = ops.cast(y_pred, "float32")
        known = None
        if self.ignore:
            known = ops.cast(ops.greater_equal(y_true, 0), "float32")
            p = p * ops.expand_dims(known, -1)
        g = one_hot(y_true, p.shape[-1])
        hits = g * p
        dice = _dice_loss(hits, p, g, self.smooth)
        return _mean_log(hits, weight, known) + dice

    def get_config(self) -> dict[str, Any]:
        # `reduction` is left out: the mean over the batch is part of it.
        own = {"ignore": self.ignore} if self.ignore else {}
        return {"name": self.name, "smooth": self.smooth, **own}
