"""Several trained models on one data set, side by side."""

import dataclasses
import functools
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.capabilities import Generates
from kerasnotes.contracts.generation import Generated
from kerasnotes.contracts.report import Conditions, Draw
from kerasnotes.figures.comparison_figures import SHOWN, draw_rows
from kerasnotes.figures.sample_grid import to_bytes
from kerasnotes.metrics.sample_scores import read_some
from kerasnotes.tasks.generation import quick_request
from kerasnotes.tasks.generation_report import FLOOR, GAUSSIAN
from kerasnotes.use.evaluate import evaluate
from kerasnotes.use.measured_data import (
    Source,
    fingerprint_of,
    load_for,
    take_split,
)
from kerasnotes.use.pictures import Pictures, drawn
from kerasnotes.use.trained import Trained

TIMED = 64
"""Examples that a generator draws to be timed, once it is compiled."""
REAL = "real"
"""Names the row of real examples, and the column of what they score."""


@dataclasses.dataclass(frozen=True)
class RunNumbers:
    """What one model reached.

    Args:
        run: Where it lies.
        note: Its architecture.
        parameters: Weights that it learned.
        metrics: Every number by name, without those of real examples.
        calls: Of a network or a part of it, one after another, that drawing
            one example takes; `None` if it does not generate.
        seconds: Of drawing one example, 64 at a time; the same.
        remarks: What one must know to read the numbers.
    """

    run: str
    note: str
    parameters: int
    metrics: dict[str, float]
    calls: int | None = None
    seconds: float | None = None
    remarks: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Compared:
    """Several models, measured on the same examples.

    Args:
        data: The source.
        split: Which part.
        examples: How many there were.
        rows: A model each, in the order they were named.
        real: What real examples score, by the names of the metrics.
        draws: Draws each picture into a file, by its name.
    """

    data: str
    split: str
    examples: int
    rows: tuple[RunNumbers, ...]
    real: dict[str, float]
    draws: Mapping[str, Draw] = dataclasses.field(
        default_factory=dict, repr=False
    )

    @property
    def figures(self) -> Pictures:
        """The pictures by name, as PIL images, drawn when asked for."""
        return drawn(self.draws)

    def table(self) -> dict[str, list[float | None]]:
        """Returns every number by name: of each row, and of real examples."""
        found: dict[str, list[float | None]] = {}
        names = dict.fromkeys(n for row in self.rows for n in row.metrics)
        for name in names:
            values = [row.metrics.get(name) for row in self.rows]
            found[name] = [*values, self.real.get(name)]
        extra: dict[str, list[float | None]] = {
            "parameters": [row.parameters for row in self.rows],
            "calls": [row.calls for row in self.rows],
            "seconds": [row.seconds for row in self.rows],
        }
        for name, values in extra.items():
            if any(value is not None for value in values):
                found[name] = [*values, None]
        return found


def compare(
    runs: Sequence[Trained],
    *,
    source: Source | None = None,
    split: str | None = None,
    samples: int | None = None,
    seed: int = 0,
    quick: bool = False,
    progress: Progress | None = None,
) -> Compared:
    """Measures several models on one part of one data set.

    Args:
        runs: Two models or more, of one task.
        source: Data source; by default that of the training, which must
            then be the same for all.
        split: As of `evaluate`.
        samples: That each generator draws to be measured.
        seed: Of everything drawn.
        quick: Whether generators are measured as after a training: by few
            samples, and without a classifier.
        progress: Told how far it is.

    Raises:
        UsageError: If there are fewer than two, or their tasks differ.
        DataError: If they were trained on other data, and none are named.
    """
    _check(runs, source)
    evaluations = []
    for trained in runs:
        conditions = Conditions(
            samples=samples, seed=seed, quick=quick, progress=progress
        )
        evaluations.append(
            evaluate(trained, source=source, split=split, conditions=conditions)
        )
    first = evaluations[0]
    names = _names(runs)
    rows, drawn_by = [], {}
    for name, trained, found in zip(names, runs, evaluations, strict=True):
        generated, seconds = _time_drawing(trained, seed)
        if generated is not None:
            drawn_by[name] = generated.values
        rows.append(
            RunNumbers(
                run=str(trained.path),
                note=str(trained.note),
                parameters=_count(trained.model),
                metrics=_own(found.metrics),
                calls=None if generated is None else generated.calls,
                seconds=seconds,
                remarks=found.remarks,
            )
        )
    return Compared(
        data=first.data,
        split=first.split,
        examples=first.examples,
        rows=tuple(rows),
        real={
            name.removesuffix(FLOOR): value
            for name, value in first.metrics.items()
            if name.endswith(FLOOR)
        },
        draws=_pictures(runs[0], drawn_by, source, first.split),
    )


def _count(model: Any) -> int:
    weights = model.trainable_variables
    return sum(math.prod(map(int, weight.shape)) for weight in weights)


def _check(runs: Sequence[Trained], source: Source | None) -> None:
    if len(runs) < 2:
        raise UsageError(
            "There is nothing to compare.",
            expected="two runs or more",
            received=f"{len(runs)}",
            hint="kn eval RUN measures one",
        )
    tasks = [trained.task.name for trained in runs]
    for trained, task in zip(runs, tasks, strict=True):
        if task != tasks[0]:
            raise UsageError(
                "Only runs of one task can be compared.",
                expected=f"{tasks[0]}, as {runs[0].path}",
                received=f"{task}: {trained.path}",
                hint="`kn runs` lists them, each with its note",
            )
    for trained in runs:
        if source is None and fingerprint_of(trained) != fingerprint_of(
            runs[0]
        ):
            raise DataError(
                "These runs were trained on different data.",
                expected=f"the data of {runs[0].path}",
                received=f"other data: {trained.path}",
                hint="name what to measure all of them on with --data",
            )


def _names(runs: Sequence[Trained]) -> list[str]:
    """Returns a short name for each run: its folder's, or its whole path."""
    short = [Path(trained.path).name for trained in runs]
    whole = [str(trained.path) for trained in runs]
    return short if len(set(short)) == len(short) else whole


def _own(metrics: dict[str, float]) -> dict[str, float]:
    return {
        name: value
        for name, value in metrics.items()
        if not name.endswith((FLOOR, GAUSSIAN))
    }


def _time_drawing(
    trained: Trained, seed: int
) -> tuple[Generated | None, float | None]:
    """Draws twice, and times the second: the first compiles."""
    model: Any = trained.model
    if not isinstance(model, Generates):
        return None, None
    request = dataclasses.replace(quick_request(model, TIMED), seed=seed)
    model.generate(request)
    start = time.perf_counter()
    generated = model.generate(request)
    return generated, (time.perf_counter() - start) / TIMED


def _pictures(
    trained: Trained,
    values: dict[str, Array],
    source: Source | None,
    split: str,
) -> dict[str, Draw]:
    """Returns what draws real images above those of every generator."""
    if not values or trained.spec.input.kind != "image":
        return {}
    config, dataset = load_for(trained, source)
    part = take_split(dataset, split, config.source)
    rows = {REAL: read_some(part, SHOWN)[0], **values}
    limits = trained.spec.input.limits
    pictures = {k: to_bytes(v[:SHOWN], limits) for k, v in rows.items()}
    return {"samples": functools.partial(draw_rows, pictures)}
