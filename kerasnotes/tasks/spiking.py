"""What a spiking network's report tells: accuracy over time, and its work."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.capabilities import ShowsSpikes
from kerasnotes.contracts.report import Conditions, Draw
from kerasnotes.contracts.spike_record import Work
from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import parts, read_batch, spread
from kerasnotes.figures.spike_animation import animate
from kerasnotes.figures.spike_figures import (
    Seen,
    draw_membranes,
    draw_over_time,
    draw_raster,
)

LOOKED_AT = 2_000
"""Examples of the numbers, at most."""
QUICK = 500
"""The same at the end of `kn fit`."""
AT_ONCE = 32
ADDITION, PRODUCT = 0.9, 3.7
"""Picojoules of a 32-bit floating-point operation in 45 nm at 0.9 V.

Reference:
    Horowitz, 2014, Computing's energy problem, figure 1.1.9.
    https://doi.org/10.1109/ISSCC.2014.6757323
"""


@dataclasses.dataclass(frozen=True)
class SpikingReport:
    """A part of a report.

    Args:
        metrics: Numbers by name.
        remarks: What they mean, a sentence each.
        figures: What draws each picture.
    """

    metrics: dict[str, float]
    remarks: tuple[str, ...]
    figures: dict[str, Draw]


def look_into(
    model: ShowsSpikes,
    split: Split,
    conditions: Conditions,
    classes: Sequence[str] = (),
) -> SpikingReport:
    """Looks into a network while it answers for examples spread evenly.

    Args:
        model: The network.
        split: The examples.
        conditions: How to measure.
        classes: Their names; of measured values none, and only what an
            answer takes is told.
    """
    most = QUICK if conditions.quick else LOOKED_AT
    indices = spread(len(split), most)
    works, right, by_count = [], [], []
    for place in parts(len(indices), AT_ONCE):
        x, y = read_batch(split, indices[place])
        record = model.spike_record(x)
        works.append((len(x), record.work))
        if classes:
            right.append(record.so_far.argmax(axis=-1) == y)
            by_count.append(record.counts[-1].argmax(axis=-1) == y)
        if conditions.progress:
            done = int(place[-1]) + 1
            conditions.progress("looking at spikes", done, len(indices))
    work = _mean(works)
    metrics = _numbers(work)
    figures = _figures(model, split, classes)
    if classes:
        accuracy = np.concatenate(right, axis=1).mean(axis=1)
        counted = float(np.concatenate(by_count).mean())
        metrics = _over_time(accuracy, counted) | metrics
        figures["steps"] = functools.partial(draw_over_time, accuracy)
    return SpikingReport(metrics, _told(work, len(indices)), figures)


def _mean(works: list[tuple[int, Work]]) -> Work:
    total = sum(count for count, _ in works)
    fields = [field.name for field in dataclasses.fields(Work)]
    return Work(
        **{
            name: sum(n * getattr(work, name) for n, work in works) / total
            for name in fields
        }
    )


def _numbers(work: Work) -> dict[str, float]:
    own, plain = _energy(work)
    return {
        "spikes": work.spikes,
        "synaptic_operations": work.additions,
        "multiply_adds": work.products,
        "membrane_updates": work.updates,
        "multiply_adds_without_spikes": work.plain,
        "energy_nj": own,
        "energy_nj_without_spikes": plain,
    }


def _over_time(accuracy: Array, counted: float) -> dict[str, float]:
    """Names the accuracy after 1, 2, 4 ... steps, and by counted spikes."""
    found, step = {}, 1
    while step < len(accuracy):
        found[f"accuracy_after_{step}"] = float(accuracy[step - 1])
        step *= 2
    return {**found, "accuracy_by_count": counted}


def _energy(work: Work) -> tuple[float, float]:
    """Returns nanojoules of an answer, and of the network without spikes."""
    both = ADDITION + PRODUCT
    spiking = ADDITION * work.additions + both * (work.products + work.updates)
    return spiking / 1e3, both * work.plain / 1e3


def _told(work: Work, count: int) -> tuple[str, ...]:
    own, plain = _energy(work)
    return (
        f"An answer takes {work.spikes:,.0f} spikes, {work.additions:,.0f} "
        f"additions at synapses, {work.products:,.0f} multiply-adds of inputs "
        f"that are numbers and {work.updates:,.0f} of membranes; the same "
        f"layers without spikes {work.plain:,.0f} multiply-adds. Means of "
        f"{count:,} examples.",
        f"Energy: {own:,.0f} nJ against {plain:,.0f}, if an addition takes "
        f"{ADDITION} pJ and a multiply-add {ADDITION + PRODUCT:.1f} (32 bits, "
        "45 nm; Horowitz, 2014), silent synapses take nothing, and neither "
        "does memory. This processor computes all of them.",
    )


def _figures(
    model: ShowsSpikes, split: Split, classes: Sequence[str]
) -> dict[str, Draw]:
    """Returns what draws the first example as it is answered for."""

    def draw(how: Callable[[Seen, Path], None], path: Path) -> None:
        x, y = read_batch(split, np.arange(1))
        record = model.spike_record(x)
        truth = int(y[0]) if classes else 0
        how(Seen(split.name(0), x[0], record, classes, truth), path)

    shown = {"spikes": draw_raster, "membranes": draw_membranes}
    if classes:
        shown["recognition.gif"] = animate
    return {n: functools.partial(draw, how) for n, how in shown.items()}
