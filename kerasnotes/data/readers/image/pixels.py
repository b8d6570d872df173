"""From an opened image to raw values: the one way there is.

Training, measuring, predicting and serving all come through here, and an
exported graph repeats it step by step: turned upright, laid over white where
it is transparent, cut and resized, made grey or colour, brought to the
model's range. Values of equal files are so equal through every door.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
from PIL import Image

from kerasnotes.data.dataset import Array
from kerasnotes.data.readers.image import deep_resize
from kerasnotes.data.readers.image.image_files import FLOAT, GREY, WIDE
from kerasnotes.data.spec import Spec

WHITE = 255
LUMA = (299, 587, 114)
"""Thousandths of red, green and blue in grey, ITU-R 601-2. Whole numbers:
every program finds the same grey."""
STRIP = 2**18
"""Numbers whose wider forms are held at once: a few megabytes."""
_STRAIGHT = {"La": "LA", "RGBa": "RGBA"}


@dataclasses.dataclass(frozen=True)
class Form:
    """What images are brought to.

    Args:
        size: Height and width in pixels: the largest centred part of that
            form is resized to it. `None`: as large as the file.
        channels: 1 or 3; `None`: as many as the file has.
        dtype: NumPy name of the values; `None`: what the file has, and its
            own range.
        limits: Values of black and white; `None` if they are not known.
    """

    size: tuple[int, int] | None = None
    channels: int | None = None
    dtype: str | None = None
    limits: tuple[float, float] | None = None

    @classmethod
    def of(cls, spec: Spec) -> "Form":
        """Returns the form of a model's inputs.

        Images of a mask keep their size, even if all had the same.
        """
        height, width, channels = spec.input.shape
        fixed = spec.target.kind != "mask" and height is not None
        known = spec.input.value_range or spec.input.dtype.startswith("uint")
        return cls(
            (height or 0, width or 0) if fixed else None,
            channels,
            spec.input.dtype,
            spec.input.limits if known else None,
        )


def plain(image: Image.Image) -> Image.Image:
    """Returns a decoded image in mode L, RGB, F or one of 16 bits.

    What is transparent is laid over white, as a viewer shows it: the colour
    behind full transparency is arbitrary, and must not reach a model.
    """
    if image.mode in WIDE:
        return image
    if image.mode in FLOAT:
        return image.convert("F")
    kind = "L" if image.mode in GREY else "RGB"
    image = image.convert(_STRAIGHT.get(image.mode, image.mode))
    if not image.has_transparency_data:
        return image.convert(kind)
    if image.mode != "RGBA":
        image = image.convert("RGBA")
    # Pillow mixes to the nearest whole number, and needs little memory.
    over = Image.new("RGB", image.size, "white")
    over.paste(image, mask=image)
    return over.getchannel("R") if kind == "L" else over


def value_type(image: Image.Image) -> str:
    """Returns the NumPy name of a plain image's values."""
    if image.mode in WIDE:
        return "uint16"
    return "float32" if image.mode == "F" else "uint8"


def to_array(image: Image.Image, size: tuple[int, int] | None) -> Array:
    """Returns a plain image as `(H, W, 1 or 3)`, cut and resized to `size`.

    The values are those of the file: uint8, uint16 or float32.
    """
    if image.mode in WIDE:
        return _fit_deep(np.asarray(image).astype("uint16")[..., None], size)
    if size is not None:
        image = _fit(image, size)
    array = np.asarray(image)
    return array[..., None] if array.ndim == 2 else array


def _part(
    height: int, width: int, size: tuple[int, int]
) -> tuple[float, float]:
    """Returns height and width of the largest part of the form of `size`."""
    ratio = size[1] / size[0]
    if width / height >= ratio:
        return height, ratio * height
    return width / ratio, width


def _fit(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Cuts out the largest centred part of a form, and resizes it.

    `ImageOps.fit` in two steps, across and then down: the order is Pillow's
    own choice otherwise, rounds differently, and has changed with 13.0.
    """
    width, height = image.size
    part = _part(height, width, size)
    top, left = (height - part[0]) / 2, (width - part[1]) / 2
    kernel = Image.Resampling.BICUBIC
    across = left, 0, left + part[1], height
    image = image.resize((size[1], height), kernel, across)
    down = 0, top, size[1], top + part[0]
    return image.resize((size[1], size[0]), kernel, down)


def _fit_deep(array: Array, size: tuple[int, int] | None) -> Array:
    """Does for 16 bits a channel, `(H, W, C)`, what Pillow does for 8."""
    if size is None:
        return array
    height, width, _ = array.shape
    return deep_resize.resize(array, _part(height, width, size), size)


def misfit(dtype: str, form: Form) -> str | None:
    """Returns why pixels of a type cannot be brought to a form, or `None`.

    Args:
        dtype: NumPy name of a file's values.
        form: What they shall become.
    """
    if form.dtype is None or dtype == form.dtype:
        return None
    if dtype == "float32":
        return f"has no black and white; the model knows {form.dtype}"
    if form.limits is None:
        return "is not measured as the training images were, in float32"
    if np.dtype(dtype).itemsize > np.dtype(form.dtype).itemsize:
        # Cameras of 12 bits fill a sixteenth of the 16: all would be black.
        return f"has more bits than the model's {form.dtype}"
    return None


def finish(array: Array, form: Form) -> Array:
    """Brings channels and range of `(H, W, 1 or 3)` to a form that fits."""
    return _to_range(_to_channels(array, form.channels), form)


def deep_colours(array: Array, form: Form) -> Array:
    """Returns 16-bit colours `(H, W, 3)` in a form."""
    return finish(_fit_deep(array, form.size), form)


def _to_channels(array: Array, channels: int | None) -> Array:
    """Repeats grey to colour; colour becomes grey."""
    if channels is None or channels == array.shape[-1]:
        return array
    if channels == 3:
        return np.repeat(array, 3, axis=-1)
    grey = np.empty((*array.shape[:2], 1), array.dtype)
    for rows in _strips(array):
        weighed = array[rows].astype("uint32") @ np.array(LUMA, "uint32")
        grey[rows, :, 0] = (weighed + 500) // 1000
    return grey


def _to_range(array: Array, form: Form) -> Array:
    if form.dtype is None or array.dtype == np.float32 or not form.limits:
        return array
    white, (low, high) = float(np.iinfo(array.dtype).max), form.limits
    if (low, high) == (0.0, white):
        return array.astype(form.dtype, copy=False)
    scaled = np.empty(array.shape, form.dtype)
    for rows in _strips(array):
        values = array[rows].astype("float32")
        values *= np.float32((high - low) / white)
        values += np.float32(low)
        scaled[rows] = (
            np.rint(values) if form.dtype.startswith("uint") else values
        )
    return scaled


def _strips(array: Array) -> Iterator[slice]:
    """Yields rows that are worked on at once, so that little is held."""
    step = max(1, STRIP // (array.shape[1] * array.shape[2]))
    for first in range(0, len(array), step):
        yield slice(first, first + step)
