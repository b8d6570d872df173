"""Regression: measured values for every image or row, in their own units."""

import functools
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.base.types import Array
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.capabilities import ShowsSpikes
from kerasnotes.contracts.report import PREDICTED, Conditions, Draw, Report
from kerasnotes.data.dataset import Responds, Split
from kerasnotes.data.reading import parts, read_batch, spread
from kerasnotes.data.spec import Spec
from kerasnotes.figures.value_figures import (
    draw_against_truth,
    draw_errors,
    draw_residuals,
)
from kerasnotes.losses.regression import (
    StandardizedAbsoluteError,
    StandardizedHuber,
    StandardizedPinball,
    StandardizedSquaredError,
)
from kerasnotes.metrics.confusion import slugs
from kerasnotes.metrics.r2 import R2
from kerasnotes.metrics.regression_scores import (
    ROWS,
    fit_ridge,
    quantile_scores,
    scores,
)
from kerasnotes.metrics.skill import Skill
from kerasnotes.tasks.by_example import ByExample
from kerasnotes.tasks.responses import compare_responses
from kerasnotes.tasks.spiking import look_into

WITHOUT_UNITS = (
    "r2",
    "mean_relative_error",
    "coverage",
    "relative_width",
    "cmsc",
    "width_error_correlation",
)
"""Scores whose mean over several values means something."""
AIMS = {"absolute": "mae", "huber": "mae", "quantile": "pinball"}
"""The metric that tells whether a loss was brought down; else RMSE."""
SHOWN = 2_000
"""Examples of the picture."""


class Regression(ByExample):
    """Measured values `(B, K)` in raw units.

    The report stands beside two simple rules of the same training part: the
    best constant (its mean, for MAE its median) and a ridge regression.

    Args:
        spec: The data's description.
    """

    name: ClassVar[str] = "regression"

    def __init__(self, spec: Spec, train: TrainConfig | None = None) -> None:
        super().__init__(spec, train)
        # R2 is the skill of squared errors, in every other program too.
        squared = self.train.loss in (None, "squared")
        self.monitor = "val_r2" if squared else "val_skill"

    def loss(self) -> Any:
        deviations = [column.deviation for column in self.spec.target.columns]
        match self.train.loss:
            case "absolute":
                return StandardizedAbsoluteError(deviations)
            case "huber":
                return StandardizedHuber(deviations, self.train.huber_delta)
            case "quantile":
                return StandardizedPinball(deviations, self.train.quantile)
        return StandardizedSquaredError(deviations)

    def metrics(self) -> list[Any]:
        columns = self.spec.target.columns
        means = [column.mean for column in columns]
        r2 = R2(means, [column.deviation for column in columns])
        if self.monitor == "val_r2":
            return [r2]
        return [Skill(self.loss(), means), r2]

    @property
    def titles(self) -> list[str]:
        """Names of the values, with their units."""
        return [column.title for column in self.spec.target.columns]

    def evaluate(
        self, model: Answering, split: Split, conditions: Conditions
    ) -> Report:
        truth, answer = self._ask(model, split, conditions)
        return self.report(model, split, conditions, truth, answer)

    def report(
        self,
        model: Answering,
        split: Split,
        conditions: Conditions,
        truth: Array,
        answer: Array,
    ) -> Report:
        """Returns the report on answers that are at hand.

        Args:
            model: Who answered.
            split: What it was asked about.
            conditions: How it is measured.
            truth: Array `(N, K)`, raw units.
            answer: As many.
        """
        metrics = self.score(truth, answer)
        remarks = [*self._units(), *self._aim()]
        if conditions.train is not None and len(conditions.train):
            simple, comparison = self._compare(split, truth, conditions.train)
            comparison += _ridge_remark(
                metrics, simple, AIMS.get(self.train.loss or "squared", "rmse")
            )
            metrics, remarks = {**metrics, **simple}, [*remarks, *comparison]
        elif conditions.train is None:
            metrics |= self._constant(truth)
            remarks.append(
                "Beside it the mean of the training part, as the model keeps "
                "it; no ridge regression: its rows are not at hand."
            )
        figures: dict[str, Draw] = {
            "residuals": functools.partial(
                draw_residuals, truth, answer, self.titles
            ),
            **self.insides(model, split),
        }
        if len(self.titles) > 1:
            figures["errors"] = functools.partial(
                draw_errors, truth, answer, self.titles
            )
        if isinstance(split, Responds):
            found = compare_responses(split, answer)
            metrics["frac"] = found.mean
            figures["responses"] = found.draw
        if isinstance(model, ShowsSpikes) and len(split):
            spikes = look_into(model, split, conditions)
            metrics, figures = (
                metrics | spikes.metrics,
                figures | spikes.figures,
            )
            remarks += spikes.remarks
        return Report(metrics, figures, tuple(remarks))

    def score(self, truth: Array, answers: Array) -> dict[str, float]:
        return {
            **self._skill(truth, answers),
            **self._name(truth, answers, ""),
        }

    def draw_answers(self, truth: Array, answers: Array, path: Path) -> None:
        draw_against_truth(truth, answers, self.titles, path)

    def _ask(
        self, model: Answering, split: Split, conditions: Conditions
    ) -> tuple[Array, Array]:
        """Returns the truth and the answers, `(N, K)` each."""
        predict = self.predictor(model)
        truth, answer = [], []
        for indices in parts(len(split), conditions.batch_size):
            x, y = read_batch(split, indices)
            truth.append(y)
            answer.append(np.asarray(predict(x), "float64"))
            if conditions.progress:
                conditions.progress(
                    "evaluating", int(indices[-1]) + 1, len(split)
                )
        return np.concatenate(truth), np.concatenate(answer)

    def _name(self, truth: Array, answer: Array, rule: str) -> dict[str, float]:
        """Returns the scores of each value; of several, by their names."""
        count = len(self.spec.target.columns)
        each = [self._score(truth[:, k], answer[:, k]) for k in range(count)]
        return self.named(each, rule)

    def named(
        self, each: list[dict[str, float]], rule: str = ""
    ) -> dict[str, float]:
        """Returns scores of all values, each by its name; means of some.

        Args:
            each: Scores of one value each.
            rule: What their names end with.
        """
        columns = self.spec.target.columns
        if len(columns) == 1:
            return {f"{key}{rule}": value for key, value in each[0].items()}
        names = metric_names([column.name for column in columns])
        named = {
            f"{key}{rule}": float(np.mean([one[key] for one in each]))
            for key in WITHOUT_UNITS
            if all(key in one for one in each)
        }
        for name, one in zip(names, each, strict=True):
            named |= {f"{key}_{name}{rule}": v for key, v in one.items()}
        return named

    def _score(self, truth: Array, answer: Array) -> dict[str, float]:
        found = scores(truth, answer)
        if self.train.loss == "quantile":
            found |= quantile_scores(truth, answer, self.train.quantile)
        return found

    def _skill(self, truth: Array, answer: Array) -> dict[str, float]:
        """Returns what the best epoch was picked by, if it is not R2."""
        if self.monitor != "val_skill":
            return {}
        means = [column.mean for column in self.spec.target.columns]
        skill = Skill(self.loss(), means)
        skill.update_state(truth, answer)
        return {"skill": float(skill.result())}

    def _aim(self) -> list[str]:
        """Says what answers are, where they are not means."""
        match self.train.loss:
            case "quantile":
                q = self.train.quantile
                return [
                    f"Answers aim at the {q:g} quantile: {q:.0%} of the truth "
                    "is to lie at or below them (`coverage`)."
                ]
            case "absolute":
                return ["Answers aim at the median, not at the mean."]
        return []

    def _units(self) -> list[str]:
        columns = [c for c in self.spec.target.columns if c.units]
        if not columns:
            return []
        if len(self.spec.target.columns) == 1:
            return [f"MAE and RMSE are in {columns[0].units}."]
        units = ", ".join(f"{c.name} in {c.units}" for c in columns)
        return [f"MAE and RMSE: {units}."]

    def _constant(self, truth: Array) -> dict[str, float]:
        """Returns the error of answering with the training part's mean."""
        means = [column.mean for column in self.spec.target.columns]
        answer = np.broadcast_to(means, truth.shape)
        named = self._name(truth, answer, "_constant")
        return {k: v for k, v in named.items() if k.startswith("rmse")}

    def _compare(
        self, split: Split, truth: Array, train: Split
    ) -> tuple[dict[str, float], list[str]]:
        """Returns the scores of the simple rules, and what to know of them."""
        rows = spread(len(train), ROWS)
        x, y = read_batch(train, rows)
        best = {
            "rmse": y.mean(axis=0, dtype="float64"),
            "mae": np.median(y, axis=0),
            "pinball": np.quantile(y, self.train.quantile, axis=0),
        }
        constant: dict[str, float] = {}
        for score, value in best.items():
            answer = np.broadcast_to(value, truth.shape)
            named = self._name(truth, answer, "_constant")
            constant |= {k: v for k, v in named.items() if k.startswith(score)}
        ridge = fit_ridge(x, y, self.spec.input)
        if ridge is None:
            return constant, ["Too many columns for a ridge regression beside."]
        answers = [
            ridge(read_batch(split, indices)[0])
            for indices in parts(len(split), ROWS)
        ]
        remarks = []
        if len(rows) < len(train):
            remarks.append(
                f"The simple rules saw {len(rows):,} of the {len(train):,} "
                "training rows."
            )
        answer = np.concatenate(answers)
        return {**constant, **self._name(truth, answer, "_ridge")}, remarks

    def draw_predictions(
        self, model: Answering, split: Split, path: Path, count: int = SHOWN
    ) -> None:
        indices = spread(len(split), count)
        shape = (0, len(self.titles))
        truth, answer = np.zeros(shape), np.zeros(shape)
        if indices.size:
            x, truth = read_batch(split, indices)
            answer = self.predictor(model)(x)
        draw_against_truth(truth, answer, self.titles, path)

    def row(self, output: Array) -> dict[str, Any]:
        named = zip(self.titles, output, strict=True)
        return {PREDICTED + title: float(value) for title, value in named}


def metric_names(columns: list[str]) -> list[str]:
    """Returns names that no rule's ending can be taken for a part of."""
    names = slugs(columns)
    taken = any(
        name.endswith(end) or name == end.strip("_")
        for name in names
        for end in ("_ridge", "_constant")
    )
    if not taken:
        return names
    return [f"{number}_{name}" for number, name in enumerate(names)]


def _ridge_remark(
    metrics: dict[str, float], simple: dict[str, float], aim: str
) -> list[str]:
    """Says it where a straight line does better than the network.

    Args:
        metrics: The network's.
        simple: Those of simple rules.
        aim: The metric that the network was trained for.
    """
    remarks = []
    for key, error in metrics.items():
        ridge = simple.get(f"{key}_ridge")
        if not key.startswith(aim) or ridge is None or error <= ridge:
            continue
        name = key.removeprefix(aim).lstrip("_")
        what = f"for {name}" if name else "here"
        told, own = f"{ridge:.4g}", f"{error:.4g}"
        if told != own:
            shown = aim.upper() if len(aim) < 5 else aim
            remarks.append(
                f"A ridge regression is better {what}: {shown} {told} against "
                f"{own}."
            )
    return remarks
