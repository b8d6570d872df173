"""Classification: one class per image or row."""

import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np

from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.report import Conditions, Draw, Prediction, Report
from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import read_batch
from kerasnotes.figures.class_figures import draw_confusion, draw_reliability
from kerasnotes.figures.example_figures import Answered, draw_examples
from kerasnotes.inference.predictor import Predictor
from kerasnotes.losses.classification import CrossEntropy
from kerasnotes.metrics.class_tally import ClassTally
from kerasnotes.metrics.confusion import slugs
from kerasnotes.tasks.base import Task
from kerasnotes.tasks.image_check import check_images
from kerasnotes.tasks.inputs import Input, read_examples


class Classification(Task):
    """One class per example, from probabilities `(B, K)`.

    Args:
        spec: The data's description.
    """

    name: ClassVar[str] = "classification"
    monitor: ClassVar[str] = "val_accuracy"

    def loss(self) -> CrossEntropy:
        return CrossEntropy()

    def metrics(self) -> list[Any]:
        return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]

    def predictor(self, model: Answering) -> Callable[[Array], Array]:
        """Returns what answers for a batch: inputs to `(B, K)`."""
        return Predictor(model)

    def evaluate(
        self,
        model: Answering,
        split: Split,
        conditions: Conditions,
    ) -> Report:
        tally = ClassTally(self.spec.classes)
        predict = self.predictor(model)
        for indices in parts(len(split), conditions.batch_size):
            x, y = read_batch(split, indices)
            tally.add(indices, y, predict(x))
            if conditions.progress:
                conditions.progress(
                    "evaluating", int(indices[-1]) + 1, len(split)
                )
        return Report(tally.metrics(), self.figures(tally, split))

    def figures(self, tally: ClassTally, split: Split) -> dict[str, Draw]:
        """Returns what draws the counted answers."""
        classes = self.spec.classes
        return {
            "confusion": functools.partial(
                draw_confusion, tally.confusion, classes
            ),
            "reliability": functools.partial(
                draw_reliability, tally.calibration
            ),
            "mistakes": functools.partial(self._draw_mistakes, tally, split),
        }

    def _draw_mistakes(
        self, tally: ClassTally, split: Split, path: Path
    ) -> None:
        examples = [
            self.answered(split, m.index, m.truth, m.answer, m.probability)
            for m in tally.mistakes
        ]
        draw_examples(examples, "most confident mistakes", path)

    def draw_predictions(
        self, model: Answering, split: Split, path: Path, count: int = 24
    ) -> None:
        indices = spread(len(split), count)
        examples = []
        if indices.size:
            x, y = read_batch(split, indices)
            probabilities = self.predictor(model)(x)
            answers = probabilities.argmax(axis=1)
            examples = [
                self.answered(split, int(i), int(t), int(a), float(p[a]))
                for i, t, a, p in zip(
                    indices, y, answers, probabilities, strict=True
                )
            ]
        draw_examples(examples, "predictions (wrong ones in red)", path)

    def answered(
        self, split: Split, index: int, truth: int, answer: int, p: float
    ) -> Answered:
        x, _ = split[index]
        classes = self.spec.classes
        return Answered(
            split.name(index), x, classes[truth], classes[answer], p
        )

    def predict(
        self,
        model: Answering,
        paths: Sequence[Input],
        batch_size: int,
        progress: Progress | None = None,
    ) -> list[Prediction]:
        if self.spec.input == "image":
            check_images(paths, self.spec)
        predict = self.predictor(model)
        found: list[Prediction] = []
        waiting: list[tuple[Input, int | None, Array]] = []
        for done, path in enumerate(paths, start=1):
            examples = read_examples(path, self.spec)
            for number, x in enumerate(examples):
                row = number if len(examples) > 1 else None
                waiting.append((path, row, x))
                if len(waiting) == batch_size:
                    found += self.answer(predict, waiting)
                    waiting = []
            if progress:
                progress("predicting", done, len(paths))
        return found + self.answer(predict, waiting)

    def answer(
        self,
        predict: Callable[[Array], Array],
        examples: list[tuple[Input, int | None, Array]],
    ) -> list[Prediction]:
        if not examples:
            return []
        probabilities = predict(np.stack([x for _, _, x in examples]))
        return [
            Prediction(path, self.row(path, number, p))
            for (path, number, _), p in zip(
                examples, probabilities, strict=True
            )
        ]

    def row(self, path: Input, number: int | None, p: Array) -> dict[str, Any]:
        answer = int(p.argmax())
        row: dict[str, Any] = {"file": str(path)}
        if number is not None:
            row["row"] = number + 1
        row["class"] = self.spec.classes[answer]
        row["probability"] = float(p[answer])
        names = slugs(self.spec.classes)
        row |= {f"p_{n}": float(v) for n, v in zip(names, p, strict=True)}
        return row


def parts(count: int, batch_size: int) -> Iterator[Array]:
    """Yields the indices below `count`, a batch at a time."""
    for start in range(0, count, batch_size):
        yield np.arange(start, min(start + batch_size, count))


def spread(count: int, wanted: int) -> Array:
    """Returns at most `wanted` indices below `count`, evenly spread."""
    if count <= wanted:
        return np.arange(count)
    return np.linspace(0, count - 1, wanted).round().astype("int64")
