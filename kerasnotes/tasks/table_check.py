"""What a user should know of rows before they are answered for."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from kerasnotes.data.dataset import Array, Split
from kerasnotes.data.meaning.columns import listed
from kerasnotes.data.reading import parts, read_batch
from kerasnotes.data.spec import Spec
from kerasnotes.tasks.array_files import SUFFIXES as ARRAYS
from kerasnotes.tasks.inputs import Input, read_examples

BLOCK = 4096
"""Rows looked at together."""


def check_rows(inputs: Sequence[Input], spec: Spec) -> Iterator[str]:
    """Yields what is taken for granted, and which categories are unknown.

    Args:
        inputs: Tables.
        spec: What the model was trained on.

    Raises:
        DataError: If one cannot be read.
    """
    yield from _unnamed(inputs, spec)
    places = list(spec.input.categorical)
    if not places:
        return
    yield from _sentences(
        (np.stack(read_examples(one, spec))[:, places] for one in inputs), spec
    )


def _unnamed(inputs: Sequence[Input], spec: Spec) -> Iterator[str]:
    """Yields which columns arrays in files are taken for."""
    if spec.input.kind != "table" or not spec.input.names:
        return
    for one in inputs:
        if isinstance(one, Path) and one.suffix.lower() in ARRAYS:
            yield (
                f"{one} names no columns: they are taken for "
                f"{listed(spec.input.names)}, in this order."
            )


def tell_unknown(split: Split, spec: Spec) -> Iterator[str]:
    """Yields the same of data that are measured.

    Args:
        split: Its categories are numbered as the model's.
        spec: What the model was trained on.
    """
    places = list(spec.input.categorical)
    if not places:
        return
    yield from _sentences(
        (
            read_batch(split, rows)[0][:, places]
            for rows in parts(len(split), BLOCK)
        ),
        spec,
    )


def _sentences(blocks: Iterable[Array], spec: Spec) -> Iterator[str]:
    unknown: Array = np.zeros(len(spec.input.categorical), "int64")
    rows = 0
    for codes in blocks:
        unknown = unknown + (codes == 0).sum(axis=0)
        rows += len(codes)
    for place, count in zip(
        spec.input.categorical, unknown.tolist(), strict=True
    ):
        if count:
            name = spec.input.names[place]
            yield (
                f"{count:,} of {rows:,} rows have a `{name}` that the training "
                "did not show, or none: it counts as unknown."
            )
