"""Images read as series: row by row, or pixel by pixel."""

import dataclasses
from typing import Any

import numpy as np

from kerasnotes.data import fields
from kerasnotes.data.dataset import (
    Array,
    ArraySplit,
    Dataset,
    Split,
    SplitView,
)
from kerasnotes.data.fields import Column, Field
from kerasnotes.data.memory_split import MemorySplit
from kerasnotes.data.spec import Spec
from kerasnotes.data.splitting import PARTS


def read_as(data: Dataset, way: str) -> Dataset:
    """Returns a data set of images as one of series.

    Args:
        data: Of images, or of anything else, which is returned as it is.
        way: `images`: as they are; `rows`: `H` steps of a row of pixels
            each; `pixels`: `H W` steps of a pixel each, in the order of
            reading.
    """
    spec = series_of(data.spec, way)
    if spec is data.spec:
        return data
    shape = tuple(side or 0 for side in spec.input.shape)
    parts: dict[str, Any] = {
        part: _reshape(data.split(part), shape) for part in PARTS
    }
    remark = (
        f"Images are read {way[:-1]} by {way[:-1]}: series of {shape[0]} steps "
        f"of {shape[1]} values."
    )
    remarks = (*data.remarks, remark)
    return dataclasses.replace(data, spec=spec, remarks=remarks, **parts)


def series_of(spec: Spec, way: str) -> Spec:
    """Returns the description of images read as series; others unchanged."""
    image = spec.inputs[0]
    classed = spec.target.kind in ("class", "values")
    if way == "images" or image.kind != "image" or not classed:
        return spec
    if None in image.shape:
        return spec
    return dataclasses.replace(spec, inputs=(to_field(image, way),))


def to_field(image: Field, way: str) -> Field:
    """Returns the field of an image's rows, or of its pixels, as a series."""
    height, width, channels = (side or 0 for side in image.shape)
    across = width if way == "rows" else 1
    steps = height * width // across
    columns = [
        Column(f"pixel {w}" if channels == 1 else f"pixel {w}, channel {c}")
        for w in range(across)
        for c in range(channels)
    ]
    return fields.series(
        steps,
        columns,
        image.dtype,
        value_range=image.value_range,
        picture=(height, width, channels),
    )


def _reshape(split: Split, shape: tuple[int, ...]) -> Split:
    if isinstance(split, ArraySplit):
        x = split.x.reshape(len(split.x), *shape)
        return MemorySplit(x, split.y, getattr(split, "rows", None))
    return _Reshaped(split, shape)


class _Reshaped(SplitView):
    """A split whose inputs have another shape.

    Args:
        split: The examples.
        shape: Of one of them.
    """

    def __init__(self, split: Split, shape: tuple[int, ...]) -> None:
        super().__init__(split)
        self.shape = shape

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        x, y = self.split[index]
        return np.asarray(x).reshape(self.shape), y
