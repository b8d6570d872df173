"""Weights that training started at, kept where no epoch was better.

A closed form sees all of the training part at once; of few rows, steps after
it may only learn the noise. So a network must better the start by more than
one standard error of the difference, or the simpler is taken.

Reference:
    Hastie, Tibshirani & Friedman, 2009, The Elements of Statistical Learning,
    section 7.10 (the one-standard-error rule).
"""

from typing import Any

import keras
import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.capabilities import SolvesStart
from kerasnotes.data.dataset import Split
from kerasnotes.data.inputs import as_fed
from kerasnotes.data.reading import parts, read_batch
from kerasnotes.data.series.windows import some_windows
from kerasnotes.training import state
from kerasnotes.training.job import Job

ROWS = 4_096
"""Examples asked about at a time."""


def better_start(job: Job) -> list[Array] | None:
    """Returns the weights at the start unless others validate better.

    Args:
        job: Its model has the weights that training chose.

    Returns:
        A value for each of the model's variables; `None` if there was no
        such start, no validation part, or the model is better.
    """
    model, validation = job.model, some_windows(job.dataset.validation)
    if not isinstance(model, SolvesStart) or not len(validation):
        return None
    if job.settings.train.start_from is not None:
        return None
    start: Any = type(model).from_config(model.get_config())
    if not start.solve_start(job.dataset.train):
        return None
    gains = _losses(start, validation, job) - _losses(model, validation, job)
    doubt = gains.std(ddof=1) / np.sqrt(len(gains)) if len(gains) > 1 else 0.0
    if gains.mean() > doubt:
        return None
    return [state.to_numpy(variable) for variable in start.variables]


def _losses(model: Any, split: Split, job: Job) -> Array:
    """Returns the task's loss of each example of a part, `(N,)`."""
    loss, found = job.task.loss(), []
    for indices in parts(len(split), ROWS):
        x, y = read_batch(split, indices)
        answer = model.predict(as_fed(x), batch_size=ROWS, verbose=0)
        each = keras.ops.convert_to_numpy(loss.call(y, answer))
        found.append(
            np.asarray(each, "float64").reshape(len(indices), -1).mean(axis=1)
        )
    return np.concatenate(found)
