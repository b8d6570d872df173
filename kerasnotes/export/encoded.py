"""Images as PNG or JPEG instead of numbers: decoded and encoded in the graph.

A client sends a file as it is, and gets one; numbers in JSON are ten times
as long. Within one request all images must come out at one size.
"""

import io
from typing import Any

import numpy as np

from kerasnotes.data.readers.image import pixels
from kerasnotes.data.spec import Spec
from kerasnotes.export.decoding import decode_images
from kerasnotes.export.endpoint import Endpoint
from kerasnotes.export.signature import BYTES, Port, Tensors

Array = np.ndarray[Any, Any]

INPUT = Port("image_bytes", (None,), BYTES)


def can_encode(spec: Spec | None) -> bool:
    """Whether examples are grey or colour images of a known range."""
    return (
        spec is not None
        and spec.input.kind == "image"
        and spec.input.shape[-1] in (1, 3)
        and pixels.Form.of(spec).limits is not None
        and spec.input.limits[1] > spec.input.limits[0]
    )


def encoded_image(base: Endpoint, spec: Spec) -> Endpoint:
    """Returns the endpoint that takes image files.

    Args:
        base: The endpoint that takes one `image`, `(B, H, W, C)`.
        spec: What the model was trained on. For masks there is one more
            output, `mask_bytes`: a PNG whose pixels are class numbers.
    """
    [port] = base.inputs
    masks = spec.target.kind == "mask"

    def serve(tensors: Tensors) -> Tensors:
        data = tensors[INPUT.name]
        image = decode_images(
            data, port.shape, spec.input.limits, spec.input.dtype
        )
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


def _to_png_files(images: Any) -> Any:
    """Returns whole numbers `(B, H, W, 1 or 3)` as PNGs, in the graph."""
    import tensorflow as tf

    # The lowest level: the default takes several times as long.
    return tf.map_fn(
        lambda image: tf.io.encode_png(image, compression=1),
        images,
        fn_output_signature=tf.TensorSpec((), "string"),
    )


def encoded_sample(base: Endpoint, spec: Spec) -> Endpoint:
    """Returns the endpoint that answers with PNG files, `image_bytes`.

    Args:
        base: The endpoint whose one output is `image`, raw values.
        spec: What the model was trained on.
    """
    low, high = spec.input.limits

    def serve(tensors: Tensors) -> Tensors:
        import tensorflow as tf

        part = (base.serve(tensors)["image"] - low) / (high - low)
        shown = tf.cast(tf.round(255 * tf.clip_by_value(part, 0, 1)), "uint8")
        return {INPUT.name: _to_png_files(shown)}

    def expect(tensors: Tensors) -> Tensors:
        from kerasnotes.figures.sample_grid import to_bytes

        shown = to_bytes(base.expect(tensors)["image"], spec.input.limits)
        return {INPUT.name: to_png(shown)}

    return Endpoint(
        "encoded_sample",
        base.inputs,
        serve,
        expect,
        base.requests,
        base.tracked,
    )


def to_png(images: Array) -> Array:
    """Returns pictures `(B, H, W[, 1 or 3])` as PNG files, `(B,)`."""
    from PIL import Image

    files = np.empty(len(images), object)
    for number, picture in enumerate(images):
        if picture.ndim == 3 and picture.shape[-1] == 1:
            picture = picture[..., 0]
        file = io.BytesIO()
        Image.fromarray(picture).save(file, format="PNG")
        files[number] = file.getvalue()
    return files


def _pixels(image: Array, spec: Spec) -> Array:
    """Returns raw values, of 256 levels, as pixels of a file."""
    low, high = spec.input.limits
    values = np.rint(255 * (image - low) / (high - low))
    deep = high > 255 and spec.input.shape[-1] == 1
    return values.astype("uint16") * 257 if deep else values.astype("uint8")


def _open(data: bytes, spec: Spec) -> Array:
    """Returns a file as raw values, float32, by Pillow."""
    from PIL import Image

    form = pixels.Form.of(spec)
    picture = pixels.plain(Image.open(io.BytesIO(data)))
    values = pixels.finish(pixels.to_array(picture, form.size), form)
    return values.astype("float32")
