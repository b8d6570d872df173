"""One batch: requests put together, asked, and taken apart again."""

import asyncio
import dataclasses
from typing import Any

import numpy as np

from kerasnotes.serving.errors import ServingError
from kerasnotes.serving.servable import Servable
from kerasnotes.serving.signature import Tensors


@dataclasses.dataclass(slots=True, eq=False)
class Task:
    """One request, or a part of a large one."""

    servable: Servable
    signature: str
    tensors: Tensors
    rows: int
    key: Any
    since: float
    future: "asyncio.Future[Tensors]" = dataclasses.field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


def batch_key(servable: Servable, signature: str, tensors: Tensors) -> Any:
    """Returns what two requests must share to be answered together."""
    shapes = tuple(v.shape[1:] for v in tensors.values())
    return (id(servable), signature, tuple(tensors), shapes)


def compute(
    batch: list[Task], sizes: tuple[int, ...]
) -> tuple[list[Tensors | ServingError], int]:
    """Answers a batch; runs in a thread.

    What the graph refuses is asked again one by one: a bad request must not
    take the others of its batch down.

    Returns:
        Each request's answer or error, and the examples that were filled in.
    """
    try:
        return _ask(batch, sizes)
    except ServingError as error:
        if len(batch) == 1:
            return [error], 0
    return [compute([task], sizes)[0][0] for task in batch], 0


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
