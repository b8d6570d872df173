"""Classification: one class per image, row or text."""

import functools
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.capabilities import ShowsSpikes
from kerasnotes.contracts.report import Conditions, Draw, Report
from kerasnotes.data.balanced import class_counts
from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import parts, read_batch, spread
from kerasnotes.figures.class_figures import draw_confusion, draw_reliability
from kerasnotes.figures.example_figures import Answered, draw_examples
from kerasnotes.figures.text_figures import draw_texts
from kerasnotes.losses.classification import CrossEntropy
from kerasnotes.metrics.class_tally import ClassTally
from kerasnotes.metrics.confusion import slugs
from kerasnotes.metrics.mixed_accuracy import MixedAccuracy
from kerasnotes.tasks.by_example import ByExample
from kerasnotes.tasks.spiking import look_into
from kerasnotes.tasks.text_report import compare, text_of

RARE = 0.25
"""Of the examples that a class would have if all had as many."""
NAMED = 8
"""Rare classes told, at most."""


class Classification(ByExample):
    """One class per example, from probabilities `(B, K)`.

    Args:
        spec: The data's description.
    """

    name: ClassVar[str] = "classification"
    monitor: str = "val_accuracy"

    def loss(self) -> CrossEntropy:
        return CrossEntropy(self.train.label_smoothing)

    def metrics(self) -> list[Any]:
        return [MixedAccuracy()]

    def evaluate(
        self,
        model: Answering,
        split: Split,
        conditions: Conditions,
    ) -> Report:
        tally = ClassTally(self.spec.target.classes)
        predict = self.predictor(model)
        for indices in parts(len(split), conditions.batch_size):
            x, y = read_batch(split, indices)
            tally.add(indices, y, predict(x))
            if conditions.progress:
                conditions.progress(
                    "evaluating", int(indices[-1]) + 1, len(split)
                )
        metrics, train = tally.metrics(), conditions.train
        remarks = (*tell_absent(tally), *self._rare(tally, train))
        if self._reads_texts and train is not None and len(train):
            classes = self.spec.target.classes
            beside, told = compare(split, train, classes, metrics)
            metrics, remarks = {**metrics, **beside}, (*remarks, *told)
        figures = self.figures(tally, split) | self.insides(model, split)
        if isinstance(model, ShowsSpikes) and len(split):
            classes = self.spec.target.classes
            found = look_into(model, split, conditions, classes)
            metrics, figures = metrics | found.metrics, figures | found.figures
            remarks = (*remarks, *found.remarks)
        return Report(metrics, figures, remarks)

    @property
    def _reads_texts(self) -> bool:
        return self.spec.input.kind == "text"

    def score(self, truth: Array, answers: Array) -> dict[str, float]:
        return self._tally(truth, answers).metrics()

    def draw_answers(self, truth: Array, answers: Array, path: Path) -> None:
        tally = self._tally(truth, answers)
        draw_confusion(tally.confusion, self.spec.target.classes, path)

    def _tally(self, truth: Array, answers: Array) -> ClassTally:
        tally = ClassTally(self.spec.target.classes)
        tally.add(np.arange(len(truth)), truth, answers)
        return tally

    def _rare(self, tally: ClassTally, train: Split | None) -> tuple[str, ...]:
        """Names the classes that training saw little of."""
        if train is None or not len(train):
            return ()
        counts = class_counts(train, len(tally.classes))
        fair = counts.sum() / np.count_nonzero(counts)
        rare = np.flatnonzero(counts < RARE * fair)
        if not rare.size:
            return ()
        recall = tally.recall
        named = ", ".join(
            f"{tally.classes[k]} ({counts[k]:,} examples"
            + ("" if np.isnan(recall[k]) else f", recall {recall[k]:.2f}")
            + ")"
            for k in rare[np.argsort(counts[rare])][:NAMED].tolist()
        )
        more = f" and {rare.size - NAMED} more" if rare.size > NAMED else ""
        told = f"Rare in training: {named}{more}."
        if self.train.imbalance == "none":
            told += (
                " --set train.imbalance=weights, or sampling, has them count "
                "as much as others."
            )
        return (told,)

    def figures(self, tally: ClassTally, split: Split) -> dict[str, Draw]:
        """Returns what draws the counted answers."""
        classes = self.spec.target.classes
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
        self._draw(examples, "most confident mistakes", path)

    def _draw(self, found: list[Answered], title: str, path: Path) -> None:
        """Draws examples: images, texts, or rows by their names."""
        if not self._reads_texts:
            draw_examples(found, title, path)
            return
        draw_texts(found, title, path)

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
        self._draw(examples, "predictions (wrong ones in red)", path)

    def answered(
        self, split: Split, index: int, truth: int, answer: int, p: float
    ) -> Answered:
        x, _ = split[index]
        text = text_of(split, index) if self._reads_texts else ""
        # What was read from an image is shown as one.
        x = x.reshape(self.spec.input.picture or x.shape)
        classes = self.spec.target.classes
        return Answered(
            split.name(index), x, classes[truth], classes[answer], p, text
        )

    def row(self, output: Array) -> dict[str, Any]:
        answer = int(output.argmax())
        names = slugs(self.spec.target.classes)
        return {
            "class": self.spec.target.classes[answer],
            "probability": float(output[answer]),
            **{f"p_{n}": float(p) for n, p in zip(names, output, strict=True)},
        }


def tell_absent(tally: ClassTally) -> tuple[str, ...]:
    """Names the classes that the measured data do not hold."""
    absent = np.flatnonzero(tally.confusion.sum(axis=1) == 0)
    if not tally.examples or not absent.size:
        return ()
    named = ", ".join(f"`{tally.classes[k]}`" for k in absent[:NAMED].tolist())
    more = f" and {absent.size - NAMED} more" if absent.size > NAMED else ""
    return (f"The data measured hold no example of {named}{more}.",)
