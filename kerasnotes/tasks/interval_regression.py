"""Interval regression: measured values, each with a low and a high end."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.base.types import Array
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.capabilities import AnswersIntervals
from kerasnotes.contracts.report import (
    HIGH,
    LOW,
    PREDICTED,
    Conditions,
    Draw,
    Report,
)
from kerasnotes.data.dataset import Split
from kerasnotes.data.fields import COVERAGE
from kerasnotes.data.reading import parts, read_batch, spread
from kerasnotes.data.spec import Spec
from kerasnotes.figures.interval_figures import draw_coverage, draw_intervals
from kerasnotes.metrics.conformal import conformal_shift, fewest
from kerasnotes.metrics.interval_scores import (
    QUARTERS,
    by_quarter,
    inside,
    interval_scores,
    width_error_correlation,
)
from kerasnotes.tasks.regression import SHOWN, Regression

ENDS = ("values", "low", "high")
Answers = dict[str, Array]


class IntervalRegression(Regression):
    """Measured values `(B, K)` in raw units, within ends `low` and `high`.

    The report is that of a regression, and what the intervals are worth.

    Args:
        spec: The data's description.
    """

    name: ClassVar[str] = "interval-regression"
    sign: ClassVar[int] = -1

    def __init__(self, spec: Spec, train: TrainConfig | None = None) -> None:
        super().__init__(spec, train)
        # Not the whole loss: an epoch before intervals learn alone may have
        # the smaller squared error, by chance.
        self.monitor = "val_interval_loss"

    def metrics(self) -> list[Any]:
        return []

    @property
    def wanted(self) -> float:
        """What intervals are to hold."""
        return self.spec.target.coverage or COVERAGE

    def calibrate(self, model: Answering, validation: Split) -> Spec | None:
        """Shifts the ends; returns what they hold now, as a description."""
        if not isinstance(model, AnswersIntervals):
            return None
        scale = [column.deviation for column in self.spec.target.columns]
        model.set_shift(np.zeros(len(scale)))
        if len(validation) < fewest(model.coverage):
            return None
        truth, _, found = self._ask_all(model, validation, self._calm())
        low, high = found["low"], found["high"]
        shift = conformal_shift(truth, low, high, model.coverage)
        if shift is None:
            return None
        model.set_shift(shift / scale)
        return self.spec.with_target(coverage=model.coverage)

    def _calm(self) -> Conditions:
        return Conditions(batch_size=self.train.batch_size)

    def evaluate(
        self, model: Answering, split: Split, conditions: Conditions
    ) -> Report:
        truth, inputs, found = self._ask_all(model, split, conditions)
        report = self.report(model, split, conditions, truth, found["values"])
        held = inside(truth, found["low"], found["high"])
        quarters = self._quarters(held, inputs)
        metrics = {
            **self._interval_scores(truth, found),
            **_evenness(quarters),
            **report.metrics,
        }
        titles, wanted = self.titles, self.wanted
        along = self._along(inputs)
        figures: dict[str, Draw] = {
            "intervals": functools.partial(
                draw_intervals, truth, found, titles, along=along
            ),
            **report.figures,
        }
        if quarters:
            figures["coverage"] = functools.partial(
                draw_coverage, quarters, wanted
            )
        remarks = (*self._tell(metrics, quarters), *report.remarks)
        return Report(metrics, figures, remarks)

    def _interval_scores(
        self, truth: Array, found: Answers
    ) -> dict[str, float]:
        each = []
        for k in range(truth.shape[1]):
            true, value, low, high = (
                part[:, k] for part in (truth, *(found[n] for n in ENDS))
            )
            one = interval_scores(true, low, high, self.wanted)
            one["width_error_correlation"] = width_error_correlation(
                true, value, low, high
            )
            # How much of a width lies above the answer: its direction.
            width = np.maximum(high - low, 1e-30)
            one["share_above"] = float(((high - value) / width).mean())
            # Of all examples together: a population's own interval.
            one["lower_end_error"] = float(value.min() - true.min())
            one["upper_end_error"] = float(value.max() - true.max())
            each.append(one)
        return self.named(each)

    def _quarters(self, held: Array, inputs: Array) -> dict[str, Array]:
        """Returns the coverage by quarter of each column of numbers."""
        given = self.spec.input
        if given.kind != "table" or len(held) < QUARTERS:
            return {}
        whole = held.mean(axis=1)
        return {
            column.title: by_quarter(whole, inputs[:, place])
            for place, column in enumerate(given.columns)
            if not column.categories
        }

    def _along(self, inputs: Array) -> tuple[str, Array] | None:
        """Returns the only input, if there is one alone."""
        columns = self.spec.input.columns
        if self.spec.input.kind != "table" or len(columns) != 1:
            return None
        return columns[0].title, inputs[:, 0]

    def _tell(
        self, metrics: dict[str, float], quarters: dict[str, Array]
    ) -> list[str]:
        told = []
        if not self.spec.target.coverage:
            least = fewest(self.wanted)
            told.append(
                "The ends are as they were learned: a validation part of "
                f"{least} examples or more would shift them to hold "
                f"{self.wanted:.0%}."
            )
        if quarters:
            name, held = min(quarters.items(), key=lambda pair: pair[1].min())
            place = ("lowest", "second", "third", "highest")[held.argmin()]
            told.append(
                f"Intervals are to hold {self.wanted:.1%} of the truths; least "
                f"they hold in the {place} quarter of {name}: "
                f"{held.min():.1%}."
            )
        return told

    def _ask_all(
        self, model: Answering, split: Split, conditions: Conditions
    ) -> tuple[Array, Array, Answers]:
        """Returns truths `(N, K)`, raw inputs, and all that is answered."""
        predict: Callable[[Array], Any] = self.predictor(model)
        truths, inputs, found = [], [], []
        for indices in parts(len(split), conditions.batch_size):
            x, y = read_batch(split, indices)
            truths.append(np.asarray(y, "float64"))
            inputs.append(x)
            found.append(predict(x))
            if conditions.progress:
                done = int(indices[-1]) + 1
                conditions.progress("evaluating", done, len(split))
        answers = {
            name: np.concatenate([each[name] for each in found]).astype(
                "float64"
            )
            for name in ENDS
        }
        return np.concatenate(truths), np.concatenate(inputs), answers

    def draw_predictions(
        self, model: Answering, split: Split, path: Path, count: int = SHOWN
    ) -> None:
        x, truth = read_batch(split, spread(len(split), count))
        found: Any = self.predictor(model)(x)
        draw_intervals(truth, found, self.titles, path, self._along(x))

    def rows(
        self, predict: Callable[[Array], Any], x: Array
    ) -> list[dict[str, Any]]:
        found = predict(x)
        outputs = zip(*(found[name] for name in ENDS), strict=True)
        return [self._row(*output) for output in outputs]

    def _row(self, value: Array, low: Array, high: Array) -> dict[str, Any]:
        row: dict[str, Any] = {}
        words = {PREDICTED: value, LOW: low, HIGH: high}
        for word, numbers in words.items():
            named = zip(self.titles, numbers, strict=True)
            row |= {word + title: float(number) for title, number in named}
        return row


def _evenness(quarters: dict[str, Array]) -> dict[str, float]:
    """Returns the coverage of the worst quarter; of one input, of each."""
    if not quarters:
        return {}
    found = {"lowest_quarter": float(min(q.min() for q in quarters.values()))}
    if len(quarters) == 1:
        (held,) = quarters.values()
        for number, part in enumerate(held, start=1):
            found[f"coverage_quarter_{number}"] = float(part)
    return found
