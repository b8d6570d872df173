"""PNG and JPEG files to a model's raw input, in the graph.

The same steps as `kerasnotes.data.readers.image.pixels`, with the same values,
for what servers other than `kn serve` are sent. Not in the graph, but done by
`kn serve` before it: turning photographs upright, and other formats.
"""

from collections.abc import Sequence
from typing import Any

from kerasnotes.base.types import Shape
from kerasnotes.data.readers.image.pixels import LUMA, WHITE
from kerasnotes.export import resampling

DEEP = 65535
_DEEP_GREY = b"\x10\x00"
"""Bits and colour type in the head of a PNG of 16-bit grey."""
_HEAD = 24
"""Where they stand."""


def decode_images(
    data: Any, shape: Shape, limits: Sequence[float], dtype: str = "float32"
) -> Any:
    """Returns PNG or JPEG files as a model's raw input, in the graph.

    Args:
        data: String tensor `(B,)`.
        shape: Of the input, `(None, H, W, C)`. Of a fixed size, the centre
            of an image is resized to it, bicubically.
        limits: Raw values of black and white.
        dtype: NumPy name of the raw values; whole ones are rounded, and
            those of 8 bits refuse files of 16.

    Returns:
        Tensor `(B, H, W, C)`, float32.
    """
    import tensorflow as tf

    return tf.map_fn(
        lambda each: _decode_image(each, shape[1:], limits, dtype),
        data,
        fn_output_signature=tf.TensorSpec(shape[1:], "float32"),
    )


def _decode_image(
    data: Any, shape: Shape, limits: Sequence[float], dtype: str
) -> Any:
    """Returns one image `(H, W, C)`, raw values as float32."""
    import tensorflow as tf

    size = (shape[0], shape[1]) if shape[0] and shape[1] else None

    def jpeg() -> Any:
        pixels = _decode_jpeg(data, size)
        return _finish(pixels, size, shape[-1] or 0, deep=False)

    def png() -> Any:
        pixels = _over_white(tf.io.decode_png(data, channels=4), data)
        return _finish(pixels, size, shape[-1] or 0, deep=False)

    def deep() -> Any:
        with tf.control_dependencies(_refuse_deep(dtype)):
            pixels = tf.io.decode_png(data, channels=1, dtype=tf.uint16)
        return _finish(pixels, size, shape[-1] or 0, deep=True)

    is_jpeg = tf.io.is_jpeg(data)
    is_deep = ~is_jpeg & (
        tf.strings.substr(data, _HEAD, len(_DEEP_GREY)) == _DEEP_GREY
    )
    image = tf.cond(is_jpeg, jpeg, lambda: tf.cond(is_deep, deep, png))
    white = tf.where(is_deep, float(DEEP), float(WHITE))
    image = _to_range(image, white, limits, whole=dtype.startswith("uint"))
    return tf.ensure_shape(image, shape)


def _refuse_deep(dtype: str) -> list[Any]:
    import tensorflow as tf

    if dtype != "uint8":
        return []
    message = "The image has 16 bits; the model was trained on 8."
    return [tf.debugging.Assert(False, [message])]


def _decode_jpeg(data: Any, size: tuple[int, int] | None) -> Any:
    """Decodes to a smaller size where Pillow's `draft` does."""
    import tensorflow as tf

    def at(ratio: int) -> Any:
        # As Pillow decodes; TensorFlow's default is faster and coarser.
        return tf.io.decode_jpeg(
            data, ratio=ratio, dct_method="INTEGER_ACCURATE"
        )

    if size is None:
        return at(1)
    sides = tf.io.extract_jpeg_shape(data)
    room = tf.minimum(sides[0] // (2 * size[0]), sides[1] // (2 * size[1]))
    # Of 8, 4, 2 and 1 the largest that fits.
    which = sum(tf.cast(room >= each, tf.int32) for each in (2, 4, 8))
    return tf.switch_case(
        which, [lambda ratio=ratio: at(ratio) for ratio in (1, 2, 4, 8)]
    )


def _over_white(pixels: Any, data: Any) -> Any:
    """Lays colours `(H, W, 4)` over white; returns uint8 `(H, W, 3)`.

    Where a file has no opacity, TensorFlow fills in the largest number of its
    depth: 1, 3 or 15 for grey and palettes of fewer than 8 bits.
    """
    import tensorflow as tf

    colours, alpha = pixels[..., :3], pixels[..., 3:]
    depth = tf.cast(
        tf.io.decode_raw(tf.strings.substr(data, _HEAD, 1), tf.uint8)[0],
        tf.int32,
    )
    filled = (depth < 8) & (
        tf.cast(alpha, tf.int32) == tf.bitwise.left_shift(1, depth) - 1
    )
    alpha = tf.where(filled, tf.constant(255, tf.uint8), alpha)

    def mix() -> Any:
        part = tf.cast(alpha, tf.int32)
        mixed = tf.cast(colours, tf.int32) * part + WHITE * (255 - part)
        return tf.cast((mixed + 127) // 255, tf.uint8)

    return tf.cond(tf.reduce_all(alpha == 255), lambda: colours, mix)


def _finish(
    pixels: Any, size: tuple[int, int] | None, channels: int, *, deep: bool
) -> Any:
    """Resizes, and makes grey or colour; returns whole numbers, float32."""
    import tensorflow as tf

    if size is not None:
        pixels = resampling.fit(pixels, *size, deep=deep)
    pixels = tf.cast(pixels, tf.int32)
    is_grey = tf.shape(pixels)[-1] == 1
    if channels == 3:
        pixels = tf.cond(
            is_grey, lambda: tf.repeat(pixels, 3, axis=-1), lambda: pixels
        )
    else:
        pixels = tf.cond(is_grey, lambda: pixels, lambda: _to_grey(pixels))
    return tf.cast(tf.ensure_shape(pixels, (None, None, None)), tf.float32)


def _to_grey(pixels: Any) -> Any:
    import tensorflow as tf

    weighed = pixels * tf.constant(LUMA, tf.int32)
    return (tf.reduce_sum(weighed, axis=-1, keepdims=True) + 500) // 1000


def _to_range(
    image: Any, white: Any, limits: Sequence[float], *, whole: bool
) -> Any:
    import tensorflow as tf

    low, high = limits
    # In float64 first, and rounded once, as NumPy does it.
    factor = tf.cast((high - low) / tf.cast(white, tf.float64), tf.float32)
    scaled = image * factor + tf.constant(low, tf.float32)
    scaled = tf.round(scaled) if whole else scaled
    if low != 0:
        return scaled
    return tf.where(white == tf.constant(high, tf.float32), image, scaled)
