"""From what a sampler summed to registers, and the weights between them.

A value needs a register from the row that makes it until the last one that
reads it. Register 0 holds the point at which the network is asked next;
the others are shared out anew in every row, first come, first served, which
takes as few as there are values alive at once. Only those are looked at: the
work grows with the number of rows, not with its square.
"""

import itertools
from collections import defaultdict
from typing import Any

import numpy as np

from kerasnotes.diffusion.samplers.trace import Trace, Value

Array = np.ndarray[Any, Any]
Places = dict[Value, int]
"""The register that holds a value."""


def make_weights(trace: Trace) -> Array:
    """Returns the weights of every row, `(R, n, n + 2)`, float64.

    `weights[r, j]` sums register `j` after question `r` of the n registers
    before it, the network's answer, and noise.

    Args:
        trace: Of a sampler that asked R times.
    """
    places = _place(trace)
    registers = 1 + max(max(each.values()) for each in places)
    weights = np.zeros((len(places) - 1, registers, registers + 2))
    for row, (before, after) in enumerate(itertools.pairwise(places)):
        for value, register in after.items():
            for part, weight in _parts(value, row).items():
                column = before.get(part, part.column)
                weights[row, register, column] = weight
    return weights


def _place(trace: Trace) -> list[Places]:
    """Returns where values are: at first, and after every row."""
    last, made = _last_reads(trace), defaultdict(list)
    for value in last:
        made[value.row].append(value)
    places, alive = [{trace.start: 0}], list[Value]()
    for row, point in enumerate(_next_points(trace)):
        alive = [each for each in alive + made[row] if last[each] > row]
        places.append(_share_out(point, alive, places[-1]))
    return places


def _next_points(trace: Trace) -> list[Value]:
    """Returns the point that each row leads to."""
    return [*trace.points[1:], trace.end]


def _last_reads(trace: Trace) -> dict[Value, int]:
    """Returns the last row that reads each value that matters."""
    last = {point: row for row, point in enumerate(_next_points(trace))}
    unseen = list(last)
    while unseen:
        value = unseen.pop()
        for part in value.weights:
            if part not in last:
                unseen.append(part)
            last[part] = max(value.row, last.get(part, 0))
    return last


def _share_out(point: Value, alive: list[Value], before: Places) -> Places:
    """Returns registers: 0 for the next point, old ones for who has one."""
    rest = [value for value in alive if value is not point]
    after = {value: before[value] for value in rest if before.get(value)}
    taken = set(after.values())
    free = (number for number in itertools.count(1) if number not in taken)
    new = (value for value in rest if value not in after)
    return {point: 0, **after, **dict(zip(new, free, strict=False))}


def _parts(value: Value, row: int) -> dict[Value, float]:
    """Returns what a row sums a value of: itself, if it was there before."""
    if value.column is None and value.row == row:
        return value.weights
    return {value: 1.0}
