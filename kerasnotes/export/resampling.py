"""Pillow's resizing as a TensorFlow graph, equal to the last bit.

The arithmetic of `kerasnotes.data.readers.image.deep_resize`, which says more:
whole weights, and sums that are exact in any order.
"""

from typing import Any

from kerasnotes.data.readers.image.deep_resize import ONE, REACH

_ROWS = 64
"""Rows of a large image in float64 at once: it is eight times the bytes."""


def fit(image: Any, height: int, width: int, *, deep: bool) -> Any:
    """Returns the largest centred part of a form, resized bicubically.

    Args:
        image: Tensor `(H, W, C)`, uint8, or uint16 if `deep`.
        height: Of the result, pixels.
        width: Of the result, pixels.
        deep: Whether it has more than 8 bits a channel.

    Returns:
        Tensor `(height, width, C)`, whole numbers as float64.
    """
    import tensorflow as tf

    sides = tf.shape(image)
    full = tf.cast(sides[:2], tf.float64)
    ratio = tf.constant(width / height, tf.float64)
    wide = full[1] / full[0] >= ratio
    part_w = tf.where(wide, ratio * full[0], full[1])
    part_h = tf.where(wide, full[0], full[1] / ratio)
    across = _weights(sides[1], (full[1] - part_w) / 2, part_w, width)
    down = _weights(sides[0], (full[0] - part_h) / 2, part_h, height)
    return _apply(image, across, down, deep=deep)


def _weights(size: Any, start: Any, length: Any, count: int) -> Any:
    """Returns what each of `size` pixels counts in each of `count` new ones.

    Args:
        size: Pixels of the side, an integer tensor.
        start: Where the part begins, float64.
        length: How long it is, float64.
        count: New pixels.

    Returns:
        Tensor `(count, size)`, whole numbers as float64.
    """
    import tensorflow as tf

    # Pillow takes the part's edges, and their distance, as float32.
    first, last = (tf.cast(v, tf.float32) for v in (start, start + length))
    scale = tf.cast(last - first, tf.float64) / count
    start = tf.cast(first, tf.float64)
    stretch = tf.maximum(scale, 1.0)
    reach = REACH * stretch
    centre = start + (tf.range(count, dtype=tf.float64) + 0.5) * scale
    centre = centre[:, None]
    place = tf.range(tf.cast(size, tf.float64), dtype=tf.float64)[None]
    weights = _bicubic((place - centre + 0.5) * (1.0 / stretch))
    met = (place >= tf.floor(centre - reach + 0.5)) & (
        place < tf.floor(centre + reach + 0.5)
    )
    weights = tf.where(met, weights, tf.zeros_like(weights))
    return _to_whole(weights / tf.reduce_sum(weights, axis=1, keepdims=True))


def _bicubic(x: Any) -> Any:
    """Returns Keys' kernel with a = -1/2."""
    import tensorflow as tf

    x = tf.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * -0.5
    return tf.where(x < 1, near, tf.where(x < 2, far, tf.zeros_like(x)))


def _to_whole(weights: Any) -> Any:
    import tensorflow as tf

    scaled = weights * ONE
    up, down = tf.floor(scaled + 0.5), tf.math.ceil(scaled - 0.5)
    return tf.where(scaled < 0, down, up)


def _apply(image: Any, across: Any, down: Any, *, deep: bool) -> Any:
    import tensorflow as tf

    most, dtype = (65535.0, tf.uint16) if deep else (255.0, tf.uint8)

    def rounded(sums: Any) -> Any:
        return tf.clip_by_value(tf.floor(sums / ONE + 0.5), 0.0, most)

    def row_block(rows: Any) -> Any:
        sums = tf.einsum("ow,hwc->hoc", across, tf.cast(rows, tf.float64))
        return tf.cast(rounded(sums), dtype)

    narrow = tf.cast(_by_rows(row_block, image, dtype), tf.float64)
    return rounded(tf.einsum("oh,hwc->owc", down, narrow))


def _by_rows(function: Any, image: Any, dtype: Any) -> Any:
    """Applies a function to blocks of rows, one after the other."""
    import tensorflow as tf

    sides = tf.shape(image)
    missing = -sides[0] % _ROWS
    padded = tf.pad(image, [[0, missing], [0, 0], [0, 0]])
    blocks = tf.reshape(padded, [-1, _ROWS, sides[1], sides[2]])
    done = tf.map_fn(
        function,
        blocks,
        fn_output_signature=tf.TensorSpec((_ROWS, None, None), dtype),
        parallel_iterations=1,
    )
    shape = tf.shape(done)
    return tf.reshape(done, [-1, shape[2], shape[3]])[: sides[0]]
