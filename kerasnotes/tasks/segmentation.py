"""Semantic segmentation: one class per pixel."""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
from scipy import ndimage

from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.report import Conditions, Draw, Prediction, Report
from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import spread
from kerasnotes.figures import overlay
from kerasnotes.figures.class_figures import draw_bars, draw_confusion
from kerasnotes.figures.mask_figures import Shown, draw_masks
from kerasnotes.inference.segmenter import Segmenter
from kerasnotes.losses.segmentation import CrossEntropyDice
from kerasnotes.metrics import confusion as cm
from kerasnotes.metrics.known_accuracy import KnownAccuracy
from kerasnotes.metrics.mask_tally import (
    MaskTally,
    as_answered,
    most_probable,
    score_image,
)
from kerasnotes.metrics.mean_iou import MeanIoU
from kerasnotes.tasks.base import Task
from kerasnotes.tasks.image_check import check_images
from kerasnotes.tasks.inputs import Input, read_examples


class Segmentation(Task):
    """One class per pixel, from probabilities `(B, H, W, K)`.

    Args:
        spec: The data's description.
    """

    name: ClassVar[str] = "segmentation"
    monitor: str = "val_mean_iou"

    def loss(self) -> CrossEntropyDice:
        return CrossEntropyDice(ignore=bool(self.spec.target.ignore))

    def metrics(self) -> list[Any]:
        ignore = bool(self.spec.target.ignore)
        accuracy = keras.metrics.SparseCategoricalAccuracy
        return [
            (KnownAccuracy if ignore else accuracy)(name="accuracy"),
            MeanIoU(
                self.spec.target.num_classes, name="mean_iou", ignore=ignore
            ),
        ]

    def evaluate(
        self,
        model: Answering,
        split: Split,
        conditions: Conditions,
    ) -> Report:
        tally = MaskTally(self.spec.target.classes)
        segmenter = Segmenter(model, conditions.batch_size)
        items = _examples(split, np.arange(len(split)))
        for (index, truth), pieces in segmenter.run(items):
            score = score_image(pieces, truth, self.spec.target.num_classes)
            tally.add(index, truth, score)
            if conditions.progress:
                conditions.progress("evaluating", tally.images, len(split))
        return Report(tally.metrics(), self._figures(tally, split))

    def _figures(self, tally: MaskTally, split: Split) -> dict[str, Draw]:
        classes, matrix = self.spec.target.classes, tally.confusion
        scores = {"IoU": cm.iou(matrix), "Dice": cm.dice(matrix)}
        return {
            "confusion": functools.partial(draw_confusion, matrix, classes),
            "per_class": functools.partial(draw_bars, scores, classes),
            "worst": functools.partial(self._draw_worst, tally, split),
        }

    def _draw_worst(self, tally: MaskTally, split: Split, path: Path) -> None:
        examples = []
        for index, dice, answer in tally.worst:
            image, truth = split[index]
            caption = f"{split.name(index)}  Dice {dice:.2f}"
            truth = as_answered(truth, answer)
            examples.append(Shown(image, truth, answer, caption))
        draw_masks(examples, self.spec.target.classes, path)

    def draw_predictions(
        self, model: Answering, split: Split, path: Path, count: int = 8
    ) -> None:
        indices = spread(len(split), count)
        segmenter = Segmenter(model, count)
        answers = {
            index: most_probable(pieces, truth.shape)
            for (index, truth), pieces in segmenter.run(
                _examples(split, indices)
            )
        }
        examples = []
        for index in sorted(answers):
            image, truth = split[index]
            answer, name = answers[index], split.name(index)
            truth = as_answered(truth, answer)
            examples.append(Shown(image, truth, answer, name))
        draw_masks(examples, self.spec.target.classes, path)

    def predict(
        self,
        model: Answering,
        paths: Sequence[Input],
        batch_size: int,
        progress: Progress | None = None,
    ) -> list[Prediction]:
        check_images(paths, self.spec)
        segmenter = Segmenter(model, min(batch_size, len(paths)))
        predictions: dict[int, list[Prediction]] = {}
        for (place, path, image), pieces in segmenter.run(self._inputs(paths)):
            answer = self._answer(path, image, pieces)
            predictions.setdefault(place, []).append(answer)
            if progress:
                progress("predicting", len(predictions), len(paths))
        return [
            answer
            for place in sorted(predictions)
            for answer in predictions[place]
        ]

    def _inputs(
        self, paths: Sequence[Input]
    ) -> Iterator[tuple[tuple[int, Input, Array], Array]]:
        for place, path in enumerate(paths):
            for image in read_examples(path, self.spec):
                yield (place, path, image), image

    def _answer(self, path: Input, image: Array, pieces: Any) -> Prediction:
        k = self.spec.target.num_classes
        answer = most_probable(pieces, image.shape[:2])
        counts = np.bincount(answer.ravel(), minlength=k)
        ground = overlay.ground_class(self.spec.target.classes, counts)
        colours = overlay.palette(k, ground)
        row: dict[str, Any] = {
            "file": str(path),
            "height": image.shape[0],
            "width": image.shape[1],
        }
        for name, count in zip(
            cm.slugs(self.spec.target.classes), counts, strict=True
        ):
            row[f"part_{name}"] = float(count / answer.size)
        rgb = overlay.to_rgb(image)
        pictures = {
            "mask": raw_mask(answer, self.spec.target.mask_values),
            "overlay": overlay.tint(rgb, answer, colours, ground),
        }
        if self.spec.target.instances:
            pictures["objects"], row["objects"] = number_objects(answer == 1)
        return Prediction(path, row, pictures)


def number_objects(objects: Array) -> tuple[Array, int]:
    """Numbers the connected regions of a mask; corners connect.

    Args:
        objects: Booleans `(H, W)`.

    Returns:
        Array `(H, W)`, uint16: 0, or the number of the region; and how many
        there are.
    """
    numbers, count = ndimage.label(objects, np.ones((3, 3)))
    return numbers.astype("uint16"), int(count)


def raw_mask(answer: Array, values: Sequence[int]) -> Array:
    """Returns classes as the raw values that the training masks had.

    Args:
        answer: Integers `(H, W)`, `0 .. K - 1`.
        values: Raw value of each class; colours as `0xRRGGBB`. Without any,
            the class numbers stay.

    Returns:
        Array `(H, W)`, uint8 or uint16, or `(H, W, 3)`, uint8.
    """
    raw = np.asarray(values, "int64")[answer] if values else answer
    if max(values, default=0) > 65_535:
        channels = [(raw >> shift) & 255 for shift in (16, 8, 0)]
        return np.stack(channels, axis=-1).astype("uint8")
    return raw.astype("uint16" if max(values, default=0) > 255 else "uint8")


def _examples(
    split: Split, indices: Array
) -> Iterator[tuple[tuple[int, Array], Array]]:
    for index in indices.tolist():
        image, truth = split[index]
        yield (index, truth), image
