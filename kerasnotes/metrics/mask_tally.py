"""What is counted while segmentation answers stream by."""

import dataclasses
import heapq
from collections.abc import Iterable

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.inference.tiling import Piece
from kerasnotes.losses.segmentation import SMOOTH, TINY
from kerasnotes.metrics import confusion as cm
from kerasnotes.metrics.rand_error import RandError

MOST_IMAGES = 4


@dataclasses.dataclass(frozen=True)
class ImageScore:
    """One image's answer, and all that is measured on it.

    Args:
        answer: Array `(H, W)`, the most probable class.
        confusion: Array `(K, K)` of pixels, rows truth.
        loss: Cross-entropy plus soft Dice, as `CrossEntropyDice`.
    """

    answer: Array
    confusion: Array
    loss: float


def most_probable(pieces: Iterable[Piece], shape: tuple[int, ...]) -> Array:
    """Returns the most probable class of each pixel, `(H, W)`, int32."""
    answer = np.empty(shape, "int32")
    for piece in pieces:
        answer[piece.rows, piece.columns] = piece.probabilities.argmax(axis=-1)
    return answer


def score_image(
    pieces: Iterable[Piece], truth: Array, num_classes: int
) -> ImageScore:
    """Measures one image piece by piece; no whole answer is held.

    Args:
        pieces: The image's answer.
        truth: Integers `(H, W)`, `0 .. K - 1`; pixels below 0 are left out.
        num_classes: `K`.
    """
    nats, hits, mass = 0.0, np.zeros(num_classes), np.zeros(num_classes)
    answer = np.empty(truth.shape, "int32")
    labelled = truth >= 0
    for piece in pieces:
        p = piece.probabilities
        answer[piece.rows, piece.columns] = p.argmax(axis=-1)
        y = truth[piece.rows, piece.columns]
        here = labelled[piece.rows, piece.columns]
        y, p = (y, p) if here.all() else (y[here], p[here])
        p_true = np.take_along_axis(p, y[..., None], axis=-1)[..., 0]
        p_true = p_true.astype("float64")
        nats -= float(np.log(p_true + TINY).sum())
        hits += np.bincount(y.ravel(), p_true.ravel(), num_classes)
        mass += p.reshape(-1, num_classes).sum(axis=0, dtype="float64")
    matrix = cm.confusion_matrix(truth[labelled], answer[labelled], num_classes)
    total = mass + matrix.sum(axis=1)
    dice = (2.0 * hits + SMOOTH) / (total + SMOOTH)
    loss = nats / max(1, int(labelled.sum())) + 1.0 - float(dice.mean())
    return ImageScore(answer, matrix, loss)


def as_answered(truth: Array, answer: Array) -> Array:
    """Returns the truth `(H, W)`, with the answer where it is below 0."""
    return np.where(truth < 0, answer, truth)


class MaskTally:
    """Sums that all segmentation metrics follow from.

    Args:
        classes: The classes' names; there are `K`.
    """

    def __init__(self, classes: tuple[str, ...]) -> None:
        self.classes = classes
        k = len(classes)
        self.confusion = np.zeros((k, k), "int64")
        self.images = 0
        self._loss = 0.0
        self._dice = np.zeros(k)
        self._rand = RandError() if k == 2 else None
        self._worst: list[tuple[float, int, Array]] = []

    def add(self, index: int, truth: Array, score: ImageScore) -> None:
        """Counts one image.

        Args:
            index: Which example of the split it is.
            truth: Integers `(H, W)`; below 0 where nothing is known.
            score: What was measured on it.
        """
        dice = cm.dice(score.confusion)
        self.images += 1
        self.confusion += score.confusion
        self._loss += score.loss
        # Neither in the truth nor in the answer: nothing to find, all found.
        self._dice += np.nan_to_num(dice, nan=1.0)
        if self._rand:
            self._rand.add(as_answered(truth, score.answer), score.answer)
        # Negative: the heap then drops the best and keeps the worst.
        entry = (-cm.mean_of_present(dice), -index, score.answer)
        heapq.heappush(self._worst, entry)
        if len(self._worst) > MOST_IMAGES:
            heapq.heappop(self._worst)

    @property
    def worst(self) -> list[tuple[int, float, Array]]:
        """Index, mean Dice and answer of the worst images, worst first."""
        ordered = sorted(self._worst, key=lambda entry: entry[:2], reverse=True)
        return [(-index, -dice, answer) for dice, index, answer in ordered]

    def metrics(self) -> dict[str, float]:
        """Returns every metric by name.

        `iou_*` and `dice_*` are pooled over all pixels; a class in neither
        the truth nor the answers has none and is left out of the means.
        `dice_per_image_*` are means over images, where a class in neither
        counts as 1.
        """
        count = max(self.images, 1)
        iou, dice = cm.iou(self.confusion), cm.dice(self.confusion)
        per_image = self._dice / count
        return {
            "loss": self._loss / count,
            "accuracy": cm.accuracy(self.confusion),
            "constant_accuracy": cm.constant_accuracy(self.confusion),
            "mean_iou": cm.mean_of_present(iou),
            "mean_dice": cm.mean_of_present(dice),
            "mean_dice_per_image": float(per_image.mean()),
            **(self._rand.metrics() if self._rand else {}),
            **cm.by_class("iou", iou, self.classes),
            **cm.by_class("dice", dice, self.classes),
            **cm.by_class("dice_per_image", per_image, self.classes),
        }
