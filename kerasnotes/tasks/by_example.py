"""Tasks that answer with one line for every image or row."""

import abc
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.capabilities import ShowsAttention, ShowsEdges
from kerasnotes.contracts.edge_curves import EdgeCurves
from kerasnotes.contracts.report import Draw, Prediction
from kerasnotes.data.dataset import Split
from kerasnotes.data.inputs import main_input
from kerasnotes.data.reading import read_batch, spread
from kerasnotes.figures.attention_figures import draw_attention
from kerasnotes.figures.edge_figures import draw_edges
from kerasnotes.inference.predictor import Predictor
from kerasnotes.tasks.base import Task
from kerasnotes.tasks.image_check import check_images
from kerasnotes.tasks.inputs import Input, read_examples

Waiting = tuple[Input, int | None, Array]
"""A file, which of its examples, if there are several, and that."""
LOOKED_AT = 500
"""Examples by which the strength of an edge is measured, at most."""


class ByExample(Task):
    """Base of tasks whose outputs are `(B, K)`, a row of numbers each."""

    def predictor(self, model: Answering) -> Callable[[Array], Array]:
        """Returns what answers for a batch: inputs to `(B, K)`."""
        return Predictor(model)

    def insides(self, model: Answering, split: Split) -> dict[str, Draw]:
        """Returns what draws how the model comes to its answers.

        That is what its tokens look at, or the functions on its edges.
        """
        found: dict[str, Draw] = {}
        if not len(split):
            return found
        if isinstance(model, ShowsAttention):
            draw = functools.partial(self._draw_attention, model, split)
            found["attention"] = draw
        if isinstance(model, ShowsEdges):
            x, _ = read_batch(split, spread(len(split), LOOKED_AT))
            curves = {
                "edges": model.edge_curves(x),
                "edges-before": model.edge_curves_before(x),
            }
            for name, layers in curves.items():
                if layers:
                    draw = functools.partial(self._draw_edges, layers)
                    found[name] = draw
        return found

    def _draw_edges(self, curves: list[EdgeCurves], path: Path) -> None:
        """Draws the network as it answers for examples spread evenly."""
        inputs = [column.title for column in self.spec.input.columns]
        target = self.spec.target
        outputs = [column.title for column in target.columns]
        draw_edges(curves, inputs, outputs or target.classes, path)

    def _draw_attention(
        self, model: ShowsAttention, split: Split, path: Path
    ) -> None:
        """Draws the weights of the first example."""
        x, _ = read_batch(split, np.arange(1))
        x = main_input(x, self.spec.input)
        maps = model.attention_maps(x)[:, 0]
        if self.spec.input.kind == "text":
            tokens = max(1, np.count_nonzero(x))
            maps = maps[..., :tokens, :tokens]
        elif self.spec.input.varied:
            rows = max(1, np.count_nonzero(~np.isnan(x).all(axis=-1)))
            maps = maps[..., :rows, :rows]
        draw_attention(maps, split.name(0), path)

    @abc.abstractmethod
    def score(self, truth: Array, answers: Array) -> dict[str, float]:
        """Returns the numbers of a report, of answers that are at hand.

        Args:
            truth: Classes `(N,)`, whole numbers; or values `(N, K)`.
            answers: Array `(N, K)`.
        """

    @abc.abstractmethod
    def draw_answers(self, truth: Array, answers: Array, path: Path) -> None:
        """Draws answers that are at hand beside the truth.

        Args:
            truth: As of `score`.
            answers: As of `score`.
            path: The PNG.
        """

    def predict(
        self,
        model: Answering,
        paths: Sequence[Input],
        batch_size: int,
        progress: Progress | None = None,
    ) -> list[Prediction]:
        if self.spec.of_files.input.kind == "image":
            check_images(paths, self.spec.of_files)
        predict = self.predictor(model)
        predictions: list[Prediction] = []
        waiting: list[Waiting] = []
        for done, path in enumerate(paths, start=1):
            examples = read_examples(path, self.spec)
            for number, x in enumerate(examples):
                row = number if len(examples) > 1 else None
                waiting.append((path, row, x))
                if len(waiting) == batch_size:
                    predictions += self.answer(predict, waiting)
                    waiting = []
            if progress:
                progress("predicting", done, len(paths))
        return predictions + self.answer(predict, waiting)

    def answer(
        self, predict: Callable[[Array], Array], examples: list[Waiting]
    ) -> list[Prediction]:
        if not examples:
            return []
        answers = self.rows(predict, np.stack([x for _, _, x in examples]))
        predictions = []
        for (path, number, _), answer in zip(examples, answers, strict=True):
            row: dict[str, Any] = {"file": str(path)}
            if number is not None:
                row["row"] = number + 1
            predictions.append(Prediction(path, {**row, **answer}))
        return predictions

    def rows(
        self, predict: Callable[[Array], Array], x: Array
    ) -> list[dict[str, Any]]:
        """Returns the answers for a batch as flat JSON values."""
        return [self.row(output) for output in predict(x)]

    @abc.abstractmethod
    def row(self, output: Array) -> dict[str, Any]:
        """Returns one example's output `(K,)` as flat JSON values."""
