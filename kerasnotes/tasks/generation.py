"""Generation: new examples, and how near to reality they come."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.capabilities import (
    DrawsEpochs,
    Encodes,
    Generates,
    Measures,
)
from kerasnotes.contracts.generation import Generated, Request
from kerasnotes.contracts.report import Conditions, Draw, Prediction, Report
from kerasnotes.data.dataset import Split
from kerasnotes.figures import generation_figures, sample_grid
from kerasnotes.metrics.sample_scores import read_some
from kerasnotes.tasks.base import Task
from kerasnotes.tasks.generation_report import compare
from kerasnotes.tasks.inputs import Input
from kerasnotes.tasks.restoring import find_restorer, restore_files
from kerasnotes.tasks.restoring_report import measure_restoring

SAMPLES = 2_000
QUICK = 256
LEAST = 16
SHOWN = 64
"""Samples in a grid, about: classes in turn fill whole rows."""


class Generation(Task):
    """New examples like those of the training part.

    Args:
        spec: The data's description.
    """

    name: ClassVar[str] = "generation"
    monitor: str = "val_loss"
    picture: ClassVar[str] = "samples"
    options: ClassVar[frozenset[str]] = frozenset({"samples", "request"})

    def loss(self) -> Any:
        raise NotImplementedError("a generator makes its own loss")

    def metrics(self) -> list[Any]:
        return []

    def evaluate(
        self, model: Answering, split: Split, conditions: Conditions
    ) -> Report:
        """Measures likelihood, where the model has one, and samples."""
        generator = _generator(model)
        request = _measured_request(generator, split, conditions)
        # A request that does not fit is told before anything takes long.
        generated = generator.generate(request, conditions.progress)
        likelihood: dict[str, float] = {}
        if isinstance(model, Measures):
            likelihood = dict(model.measure(split, conditions))
        restored = measure_restoring(model, split, conditions, self.spec)
        report = compare(generated, self.spec, split, conditions)
        figures = dict(report.figures)
        if not conditions.quick:
            examples = _first(generated, self._grid_size(generator))
            draw = functools.partial(self.draw, examples, split)
            figures = {self.picture: draw, **figures}
        return Report(
            {**likelihood, **restored.metrics, **report.metrics},
            {
                **figures,
                **restored.figures,
                **_latent_figures(model, split, conditions),
            },
            (_describe(request, generated), *report.remarks),
        )

    def draw_predictions(
        self, model: Answering, split: Split, path: Path, count: int = SHOWN
    ) -> None:
        generator = _generator(model)
        size = self._grid_size(generator, count)
        request = quick_request(generator, size)
        self.draw(generator.generate(request), split, path)

    def draw_epoch(self, model: Answering, folder: Path, epoch: int) -> None:
        """Draws the same noise after every epoch, if the model wants it."""
        if not isinstance(model, DrawsEpochs):
            return
        generator = _generator(model)
        request = model.epoch_request(self._grid_size(generator))
        place = folder / "progress"
        place.mkdir(exist_ok=True)
        generated = generator.generate(request)
        self.draw(generated, None, place / f"epoch-{epoch:03d}.png")

    def draw(
        self,
        generated: Generated,
        split: Split | None,
        path: Path,
        text: Mapping[str, str] | None = None,
    ) -> None:
        """Draws examples: a grid of images, or points over real ones.

        Args:
            generated: The examples.
            split: Real ones, or `None`.
            path: The PNG.
            text: Written into it beside the picture.
        """
        if self.spec.input.kind == "image":
            sample_grid.save_png(self.grid(generated), path, text)
            return
        real = np.empty((0, *generated.values.shape[1:]))
        if split is not None and len(split):
            real = read_some(split, generation_figures.SHOWN)[0]
        generation_figures.draw_points(
            generated.values, real, self.spec.input.names, path, text
        )

    def grid(self, generated: Generated) -> Array:
        """Returns generated images as one 8-bit picture."""
        pictures = sample_grid.to_bytes(
            generated.values, self.spec.input.limits
        )
        columns = sample_grid.grid_columns(
            len(pictures), generated.labels, self.spec.target.num_classes
        )
        return sample_grid.tile(pictures, columns)

    def _grid_size(self, model: Generates, count: int = SHOWN) -> int:
        """Returns about `count`, so that classes in turn fill whole rows."""
        classes = self.spec.target.num_classes
        if "label" not in model.sample_options or not 0 < classes <= 20:
            return count
        return classes * max(1, round(count / classes))

    def predict(
        self,
        model: Answering,
        paths: Sequence[Input],
        batch_size: int,
        progress: Progress | None = None,
    ) -> list[Prediction]:
        restorer = find_restorer(model, self.spec)
        if restorer is None:
            raise UsageError(
                "This generator does not answer for files.",
                hint="`kn sample RUN` draws new examples",
            )
        return restore_files(restorer, paths, self.spec, batch_size, progress)


def _generator(model: Answering) -> Generates:
    """Returns the model.

    Raises:
        UsageError: If it does not generate.
    """
    if isinstance(model, Generates):
        return model
    raise UsageError(
        "This model does not generate examples.",
        expected="a generator, as vae, gan or ddpm",
        received=type(model).__name__,
    )


def quick_request(model: Generates, count: int) -> Request:
    """Returns a request by the model's fastest way of sampling."""
    return Request(count, **model.quick_sampling)


def _latent_figures(
    model: Answering, split: Split, conditions: Conditions
) -> dict[str, Draw]:
    if not isinstance(model, Encodes):
        return {}
    from kerasnotes.figures.latent_figures import figures

    return dict(figures(model, split, conditions))


def _measured_request(
    model: Generates, split: Split, conditions: Conditions
) -> Request:
    """Returns what is asked of the model, to be measured.

    Raises:
        UsageError: If it is too little.
    """
    available = len(split if conditions.train is None else conditions.train)
    count = conditions.samples
    if count is None:
        count = (
            QUICK if conditions.quick else max(LEAST, min(SAMPLES, available))
        )
    if count < LEAST:
        raise UsageError(
            "Too few samples to measure anything.",
            expected=f"at least {LEAST}",
            received=f"--samples {count}",
        )
    request = conditions.request
    if request is None:
        request = quick_request(model, 1) if conditions.quick else Request(1)
    return dataclasses.replace(request, count=count, seed=conditions.seed)


def _first(generated: Generated, count: int) -> Generated:
    labels = generated.labels
    return Generated(
        generated.values[:count],
        None if labels is None else labels[:count],
        settings=generated.settings,
    )


def _describe(request: Request, generated: Generated) -> str:
    """Says what was sampled, and how: `2,000 samples, seed 0, steps 20`."""
    used = {"seed": request.seed, **generated.settings}
    settings = ", ".join(
        f"{name} {value}" for name, value in used.items() if value is not None
    )
    return f"{request.count:,} samples: {settings}."
