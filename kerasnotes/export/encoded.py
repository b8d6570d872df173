"""Images as PNG or JPEG instead of numbers: decoded and encoded in the graph.

A client sends a file as it is, and gets one; numbers in JSON are ten times
as long. Files are read as `kn predict` reads them, with these differences:

    - A photograph's orientation tag is not looked at.
    - Where the size does not fit, the resampling rounds once, not twice as
      Pillow does; a value may be off by one.
    - Pixels of 0 to 255 are scaled to the model's range, if it has another.

Within one request all images must come out at one size.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.base.types import Shape
from kerasnotes.data.spec import Spec
from kerasnotes.export.endpoint import Endpoint
from kerasnotes.export.signature import BYTES, Port, Tensors

Array = np.ndarray[Any, Any]

INPUT = Port("image_bytes", (None,), BYTES)
LUMA = (0.299, 0.587, 0.114)
"""ITU-R 601-2, grey from colour."""


def can_encode(spec: Spec | None) -> bool:
    """Whether examples are grey or colour images of a known range."""
    return (
        spec is not None
        and spec.input == "image"
        and spec.shape[-1] in (1, 3)
        and spec.limits[1] > spec.limits[0]
    )


def decode_images(data: Any, shape: Shape, limits: Sequence[float]) -> Any:
    """Returns PNG or JPEG files as a model's raw input, in the graph.

    Args:
        data: String tensor `(B,)`.
        shape: Of the input, `(None, H, W, C)`. Of a fixed size, the centre
            of an image is resized to it, bicubically.
        limits: Raw values of black and white.

    Returns:
        Tensor `(B, H, W, C)`, float32.
    """
    import tensorflow as tf

    deep = limits[1] > 255
    images = tf.map_fn(
        lambda each: _decode_image(each, shape[1:], deep),
        data,
        fn_output_signature=tf.TensorSpec(shape[1:], "float32"),
    )
    low, high = limits
    most = 65535.0 if deep else 255.0
    if (low, high) == (0.0, most):
        return images
    return images * ((high - low) / most) + low


def _decode_image(data: Any, shape: Shape, deep: bool) -> Any:
    """Returns one image `(H, W, C)`, whole numbers as float32."""
    import tensorflow as tf

    whole = tf.uint16 if deep else tf.uint8

    def jpeg() -> Any:
        # As Pillow decodes; TensorFlow's default is faster and coarser.
        pixels = tf.io.decode_jpeg(data, dct_method="INTEGER_ACCURATE")
        scale = 257.0 if deep else 1.0
        return tf.cast(pixels, "float32") * scale

    def png() -> Any:
        return tf.cast(tf.io.decode_png(data, dtype=whole), "float32")

    image = tf.cond(tf.io.is_jpeg(data), jpeg, png)
    image = _channels(image, shape[-1] or 0, early=True)
    if shape[0] is not None and shape[1] is not None:
        image = _fit(image, shape[0], shape[1], 65535.0 if deep else 255.0)
    image = _channels(image, shape[-1] or 0, early=False)
    return tf.ensure_shape(image, shape)


def _channels(image: Any, channels: int, *, early: bool) -> Any:
    """Drops opacity at first; at last makes colour grey, or grey colour.

    Colour becomes grey after resizing, as `kn predict` does it.
    """
    import tensorflow as tf

    found = tf.shape(image)[-1]
    if early:
        # 2 and 4 channels: the last is opacity.
        kept = image[..., : found - (1 - found % 2)]
        return tf.ensure_shape(kept, (None, None, None))
    if channels == 3:
        return tf.cond(
            found == 1, lambda: tf.repeat(image, 3, axis=-1), lambda: image
        )

    def grey() -> Any:
        total = tf.reduce_sum(image * tf.constant(LUMA), axis=-1, keepdims=True)
        return tf.round(total)

    return tf.cond(found == 1, lambda: image, grey)


def _fit(image: Any, height: int, width: int, most: float) -> Any:
    """Resizes the centre of an image, as Pillow's `ImageOps.fit` does."""
    import tensorflow as tf

    size = tf.cast(tf.shape(image)[:2], "float32")
    wanted = tf.constant([height, width], "float32")
    scale = tf.reduce_max(wanted / size)
    fitted = tf.raw_ops.ScaleAndTranslate(
        images=image[None],
        size=[height, width],
        scale=tf.stack([scale, scale]),
        translation=(wanted - size * scale) / 2,
        kernel_type="keyscubic",
        antialias=True,
    )[0]
    return tf.clip_by_value(tf.round(fitted), 0.0, most)


def encoded_image(base: Endpoint, spec: Spec) -> Endpoint:
    """Returns the endpoint that takes image files.

    Args:
        base: The endpoint that takes one `image`, `(B, H, W, C)`.
        spec: What the model was trained on. For masks there is one more
            output, `mask_bytes`: a PNG whose pixels are class numbers.
    """
    [port] = base.inputs
    masks = spec.target == "mask"

    def serve(tensors: Tensors) -> Tensors:
        data = tensors[INPUT.name]
        image = decode_images(data, port.shape, spec.limits)
        answer = dict(base.serve({port.name: image}))
        if masks:
            answer["mask_bytes"] = _encode_masks(answer["probabilities"])
        return answer

    def expect(tensors: Tensors) -> Tensors:
        images = [_open(data, spec) for data in tensors[INPUT.name]]
        answer = base.expect({port.name: np.stack(images)})
        if masks:
            p = answer["probabilities"]
            dtype = "uint16" if p.shape[-1] > 256 else "uint8"
            answer["mask_bytes"] = to_png(p.argmax(-1).astype(dtype))
        return answer

    requests = [
        {INPUT.name: to_png(_pixels(r[port.name], spec))} for r in base.requests
    ]
    return Endpoint(
        "encoded_image", (INPUT,), serve, expect, requests, base.tracked
    )


def _encode_masks(probabilities: Any) -> Any:
    import tensorflow as tf

    deep = (probabilities.shape[-1] or 0) > 256
    dtype = tf.uint16 if deep else tf.uint8
    classes = tf.cast(tf.argmax(probabilities, axis=-1), dtype)[..., None]
    return _to_png_files(classes)


def _to_png_files(pixels: Any) -> Any:
    """Returns whole numbers `(B, H, W, 1 or 3)` as PNGs, in the graph."""
    import tensorflow as tf

    # The lowest level: the default takes several times as long.
    return tf.map_fn(
        lambda image: tf.io.encode_png(image, compression=1),
        pixels,
        fn_output_signature=tf.TensorSpec((), "string"),
    )


def encoded_sample(base: Endpoint, spec: Spec) -> Endpoint:
    """Returns the endpoint that answers with PNG files, `image_bytes`.

    Args:
        base: The endpoint whose one output is `image`, raw values.
        spec: What the model was trained on.
    """
    low, high = spec.limits

    def serve(tensors: Tensors) -> Tensors:
        import tensorflow as tf

        part = (base.serve(tensors)["image"] - low) / (high - low)
        pixels = tf.cast(tf.round(255 * tf.clip_by_value(part, 0, 1)), "uint8")
        return {INPUT.name: _to_png_files(pixels)}

    def expect(tensors: Tensors) -> Tensors:
        from kerasnotes.figures.sample_grid import to_bytes

        pixels = to_bytes(base.expect(tensors)["image"], spec.limits)
        return {INPUT.name: to_png(pixels)}

    return Endpoint(
        "encoded_sample",
        base.inputs,
        serve,
        expect,
        base.requests,
        base.tracked,
    )


def to_png(pixels: Array) -> Array:
    """Returns pictures `(B, H, W[, 1 or 3])` as PNG files, `(B,)`."""
    from PIL import Image

    found = np.empty(len(pixels), object)
    for number, picture in enumerate(pixels):
        if picture.ndim == 3 and picture.shape[-1] == 1:
            picture = picture[..., 0]
        file = io.BytesIO()
        Image.fromarray(picture).save(file, format="PNG")
        found[number] = file.getvalue()
    return found


def _pixels(image: Array, spec: Spec) -> Array:
    """Returns raw values, of 256 levels, as pixels of a file."""
    low, high = spec.limits
    pixels = np.rint(255 * (image - low) / (high - low))
    deep = high > 255 and spec.shape[-1] == 1
    return pixels.astype("uint16") * 257 if deep else pixels.astype("uint8")


def _open(data: bytes, spec: Spec) -> Array:
    """Returns a file of the right size as raw values, by Pillow."""
    from PIL import Image

    pixels = np.asarray(Image.open(io.BytesIO(data)))
    most = np.iinfo(pixels.dtype).max
    low, high = spec.limits
    part = pixels.astype("float64") / most
    raw = (low + (high - low) * part).astype("float32")
    return raw if raw.ndim == 3 else raw[..., None]
