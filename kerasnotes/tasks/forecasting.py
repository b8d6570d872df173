"""Forecasting: the rows that follow a window of a series, in raw units."""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.report import (
    HIGH,
    LOW,
    Conditions,
    Prediction,
    Report,
)
from kerasnotes.data.dataset import Split
from kerasnotes.data.fields import BAND
from kerasnotes.data.inputs import count, main_input, take
from kerasnotes.data.reading import parts, read_batch, spread
from kerasnotes.data.series import rules
from kerasnotes.data.series.windows import some_windows
from kerasnotes.data.spec import Spec
from kerasnotes.figures.forecast_figures import (
    draw_by_step,
    draw_over_truth,
    paint_forecast,
)
from kerasnotes.metrics.forecast_bands import BandTally, band_of, bands
from kerasnotes.metrics.forecast_tally import ForecastTally
from kerasnotes.tasks.inputs import Input, read_windows
from kerasnotes.tasks.regression import Regression, metric_names

WINDOWS = 4
"""Of the picture of predictions."""
BANDS = 4_096
"""Windows of the validation part that bands are measured on, at most."""
WIDEST = 8_192
"""Rows of a window that the linear forecast is fitted for, at most."""


class Forecasting(Regression):
    """The next rows `(B, H, K)` of a series, in raw units.

    The report stands beside simple forecasts of the same windows: the last
    value, the last season, and a linear map in closed form.

    Args:
        spec: The data's description.
    """

    name: ClassVar[str] = "forecasting"

    @property
    def horizon(self) -> int:
        """Rows that are forecast."""
        return int(self.spec.target.shape[0] or 1)

    @property
    def places(self) -> list[int]:
        """Where the forecast columns stand among the given ones."""
        return rules.target_places(self.spec.input, self.spec.target)

    def calibrate(self, model: Answering, validation: Split) -> Spec | None:
        """Returns the description with the bands of what is forecast."""
        predict = self.predictor(model)
        shape = (0, self.horizon, len(self.spec.target.columns))
        errors = [np.zeros(shape)]
        rows = spread(len(validation), BANDS)
        for some in parts(len(rows), self.train.batch_size):
            x, y = read_batch(validation, rows[some])
            errors.append(y.astype("float64") - np.asarray(predict(x)))
        found = band_of(np.concatenate(errors))
        if found is None:
            return None
        columns = tuple(
            dataclasses.replace(
                column,
                low=tuple(found[0][:, k].tolist()),
                high=tuple(found[1][:, k].tolist()),
            )
            for k, column in enumerate(self.spec.target.columns)
        )
        return self.spec.with_target(columns=columns)

    def _past(self, x: Any) -> Array:
        """Returns the window `(B, T, K)` of what is forecast."""
        return np.asarray(main_input(x, self.spec.input))[..., self.places]

    def evaluate(
        self, model: Answering, split: Split, conditions: Conditions
    ) -> Report:
        predict, whole = self.predictor(model), len(split)
        split = some_windows(split) if conditions.quick else split
        linear, remarks = self._fit_linear(conditions)
        tallies: dict[str, ForecastTally] = {}
        held = BandTally(self.spec.target.columns)
        for indices in parts(len(split), conditions.batch_size):
            x, y = read_batch(split, indices)
            past = self._past(x)
            answers = {
                "": predict(x),
                "naive": rules.naive(past, self.horizon),
                "seasonal": rules.seasonal_naive(
                    past, self.horizon, self.spec.input.season
                ),
                "linear": linear(past) if linear else None,
            }
            held.add(y, np.asarray(answers[""]))
            for rule, answer in answers.items():
                if answer is not None:
                    self._tally(tallies, rule).add(y, np.asarray(answer))
            if conditions.progress:
                done = int(indices[-1]) + 1
                conditions.progress("evaluating", done, len(split))
        own = tallies[""]
        metrics = {**own.overall(), **held.scores(), **self._each(own)}
        for rule, tally in tallies.items():
            named = {f"{k}_{rule}": v for k, v in tally.overall().items()}
            metrics |= named if rule else {}
        by_step = {k or "network": t.by_step for k, t in tallies.items()}
        return Report(
            metrics,
            {
                "horizon": functools.partial(draw_by_step, by_step),
                **self.insides(model, split),
            },
            tuple(
                [
                    *remarks,
                    *_tell_some(len(split), whole),
                    *self._told(),
                    *_tell_bands(metrics),
                    *self._units(),
                    *_better(metrics, tallies),
                ]
            ),
        )

    def _told(self) -> list[str]:
        """Says what the network knows, and simple forecasts do not."""
        if self.spec.future is None:
            return []
        listed = ", ".join(f"`{name}`" for name in self.spec.future.names)
        return [f"Simple forecasts are not told what the network is: {listed}."]

    def _tally(
        self, tallies: dict[str, ForecastTally], rule: str
    ) -> ForecastTally:
        columns = self.spec.target.columns
        return tallies.setdefault(rule, ForecastTally(columns, self.horizon))

    def _fit_linear(
        self, conditions: Conditions
    ) -> tuple[rules.LinearForecast | None, list[str]]:
        train = conditions.train
        if train is None or not len(train):
            text = "No linear forecast: the training rows are not at hand."
            return None, [text]
        if int(self.spec.input.shape[0] or 0) > WIDEST:
            return None, ["Windows are too long for a linear forecast beside."]
        fitted = rules.fit_linear(train, self.spec.input, self.spec.target)
        return fitted, []

    def _each(self, tally: ForecastTally) -> dict[str, float]:
        """Returns the scores in raw units; of several columns, by name."""
        each = tally.each()
        if len(each) == 1:
            return each[0]
        names = metric_names([column.name for column in tally.columns])
        return {
            f"{key}_{name}": value
            for name, one in zip(names, each, strict=True)
            for key, value in one.items()
        }

    def draw_predictions(
        self, model: Answering, split: Split, path: Path, count: int = WINDOWS
    ) -> None:
        indices = spread(len(split), count)
        x, y = read_batch(split, indices)
        answer = np.asarray(self.predictor(model)(x))
        past = self._past(x)
        names = [split.name(int(index)) for index in indices]
        ends = bands(self.spec.target.columns)
        draw_over_truth(past, y, answer, self.titles, names, path, ends)

    def predict(
        self,
        model: Answering,
        paths: Sequence[Input],
        batch_size: int,
        progress: Progress | None = None,
    ) -> list[Prediction]:
        predict = self.predictor(model)
        predictions: list[Prediction] = []
        for done, path in enumerate(paths, start=1):
            windows, times = read_windows(path, self.spec)
            many = count(windows)
            for some in parts(many, batch_size):
                answers = np.asarray(predict(take(windows, some)))
                for number, answer in zip(some.tolist(), answers, strict=True):
                    row = number + 1 if many > 1 else None
                    past = self._past(windows)[number]
                    predictions += self._steps(path, row, past, answer, times)
            if progress:
                progress("predicting", done, len(paths))
        return predictions

    def _steps(
        self,
        path: Input,
        number: int | None,
        past: Array,
        answer: Array,
        times: Sequence[str],
    ) -> list[Prediction]:
        """Returns a prediction for every row ahead; the first has a picture."""
        found = []
        ends = bands(self.spec.target.columns)
        for step, values in enumerate(answer):
            row: dict[str, Any] = {"file": str(path)}
            if number is not None:
                row["row"] = number
            row["step"] = step + 1
            if len(times):
                row["time"] = times[step]
            images = {}
            if step == 0:
                picture = paint_forecast(past, answer, self.titles, ends)
                images = {"forecast": picture}
            row |= self.row(values)
            for word, end in zip((LOW, HIGH), ends or (), strict=False):
                named = zip(self.titles, values + end[step], strict=True)
                row |= {word + title: float(value) for title, value in named}
            found.append(Prediction(path, row, images))
        return found


def _tell_some(count: int, whole: int) -> list[str]:
    """Says it where not all windows were measured."""
    if count == whole:
        return []
    return [
        f"Measured on {count:,} of {whole:,} windows, drawn at random; "
        "`kn eval` measures all."
    ]


def _tell_bands(metrics: dict[str, float]) -> list[str]:
    """Says how far bands are to be trusted."""
    if "band_coverage" not in metrics:
        return []
    return [
        f"Bands hold {BAND:.0%} of the errors on the validation part; here "
        f"they hold {metrics['band_coverage']:.1%}."
    ]


def _better(
    metrics: dict[str, float], tallies: dict[str, ForecastTally]
) -> list[str]:
    """Says it where a simple forecast does better than the network."""
    key = "standardized_mse"
    return [
        f"The {rule} forecast is better: standardized MSE "
        f"{metrics[f'{key}_{rule}']:.4g} against {metrics[key]:.4g}."
        for rule in tallies
        if rule and metrics[f"{key}_{rule}"] < metrics[key]
    ]
