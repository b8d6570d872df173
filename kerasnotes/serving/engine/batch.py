"""One batch: requests put together, asked, and taken apart again."""

import asyncio
import time
from typing import Any

import numpy as np

from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import Tensors


class Task:
    """One request, or a part of a large one.

    Args:
        servable: The version that is asked.
        signature: Its signature.
        tensors: Checked arrays.
        rows: Examples, at least 1.
        weight: About how many numbers the model will look at.
        together: Whether others may be answered with it.

    Attributes:
        key: What two requests must share to be answered together; `None`
            for one that stays alone.
        since: When it came, on the monotonic clock.
        future: Its answer.
    """

    __slots__ = (
        "future",
        "key",
        "rows",
        "servable",
        "signature",
        "since",
        "tensors",
        "weight",
    )

    def __init__(
        self,
        servable: Servable,
        signature: str,
        tensors: Tensors,
        rows: int,
        weight: int,
        together: bool,
    ) -> None:
        self.servable, self.signature = servable, signature
        self.tensors, self.rows, self.weight = tensors, rows, weight
        self.key: Any = None
        if together:
            # The weight of a row tells images in files of other sizes apart.
            shapes = tuple(v.shape[1:] for v in tensors.values())
            names = tuple(tensors)
            self.key = (id(servable), signature, names, shapes, weight // rows)
        self.since = time.monotonic()
        loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Tensors] = loop.create_future()


def compute(
    batch: list[Task], sizes: tuple[int, ...]
) -> tuple[list[Tensors | ServingError], int]:
    """Answers a batch; runs in a thread.

    What the graph refuses is asked again by halves: a bad request must not
    take the others of its batch down.

    Returns:
        Each request's answer or error, and the examples that were filled in.
    """
    try:
        return _ask(batch, sizes)
    except ServingError as error:
        if len(batch) == 1:
            return [_ask_alone(batch[0], error)], 0
    if batch[0].signature in batch[0].servable.alone:
        return [compute([task], ())[0][0] for task in batch], 0
    half = len(batch) // 2
    first, _ = compute(batch[:half], ())
    second, _ = compute(batch[half:], ())
    return first + second, 0


def _ask_alone(task: Task, error: ServingError) -> Tensors | ServingError:
    """Asks once more without padding, if that was what went wrong."""
    if error.code is not Code.FAILED_PRECONDITION:
        return error
    try:
        return task.servable.run(task.signature, task.tensors)
    except ServingError as again:
        return again


def _ask(
    batch: list[Task], sizes: tuple[int, ...]
) -> tuple[list[Tensors | ServingError], int]:
    """Asks the model once for a batch."""
    first = batch[0]
    rows = sum(task.rows for task in batch)
    target = rows
    if first.key is not None:
        target = next((size for size in sizes if size >= rows), rows)
    if len(batch) == 1 and target == rows:
        return [first.servable.run(first.signature, first.tensors)], 0
    joined = {
        name: _join([task.tensors[name] for task in batch], target - rows)
        for name in first.tensors
    }
    answer = first.servable.run(first.signature, joined)
    if any(v.shape[:1] != (target,) for v in answer.values()):
        # A model that does not answer row by row, whatever it says: the
        # answers cannot be told apart. From now on each is asked alone.
        first.servable.alone.add(first.signature)
        raise ServingError(
            Code.FAILED_PRECONDITION, "The model does not answer row by row."
        )
    parts: list[Tensors | ServingError] = []
    start = 0
    for task in batch:
        stop = start + task.rows
        parts.append({k: v[start:stop] for k, v in answer.items()})
        start = stop
    return parts, target - rows


def _join(arrays: list[Any], padding: int) -> Any:
    """Puts arrays after one another; the last row fills up the rest."""
    if padding:
        arrays = [*arrays, np.repeat(arrays[-1][-1:], padding, axis=0)]
    return np.concatenate(arrays)


def fail(tasks: list[Task], error: BaseException) -> None:
    """Answers requests by an error, unless they were answered."""
    for task in tasks:
        if not task.future.done():
            task.future.set_exception(error)
