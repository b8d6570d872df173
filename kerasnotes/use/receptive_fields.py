"""How much of an image each layer of a network looks at."""

from typing import Any

from kerasnotes.layers.convolution_sizes import ReceptiveField, Window

Fields = tuple[ReceptiveField, ReceptiveField]
"""Along height and along width."""

_EVERY_PIXEL_ALONE = frozenset(
    {
        "Activation",
        "Add",
        "AveragePooling2D",
        "BatchNorm",
        "BatchNormalization",
        "Concatenate",
        "Conv2D",
        "Conv2DTranspose",
        "DepthwiseConv2D",
        "Dropout",
        "InputLayer",
        "MaxPooling2D",
        "Normalization",
        "ReLU",
        "Rescaling",
        "UpSampling2D",
        "ZeroPadding2D",
    }
)
"""Layers that look at a window of their own, or at one place."""


def receptive_fields(model: Any) -> dict[str, tuple[int, int] | None]:
    """Returns the height and width that each layer's outputs depend on.

    Args:
        model: A functional model of images.

    Returns:
        By the layer's name; `None` from where a layer may look at all of the
        image, as dense layers, means and attention do.
    """
    known: dict[str, Fields | None] = {}
    found = {}
    for layer in model.layers:
        fields = _after(layer, [known.get(t.name) for t in _inputs(layer)])
        known |= {tensor.name: fields for tensor in _several(layer.output)}
        found[layer.name] = fields and (fields[0].size, fields[1].size)
    return found


def _inputs(layer: Any) -> list[Any]:
    if type(layer).__name__ == "InputLayer":
        return []
    return _several(layer.input)


def _several(tensors: Any) -> list[Any]:
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]


def _after(layer: Any, before: list[Fields | None]) -> Fields | None:
    image = all(len(tensor.shape) == 4 for tensor in _several(layer.output))
    if not image or type(layer).__name__ not in _EVERY_PIXEL_ALONE:
        return None
    if not before:
        return ReceptiveField(), ReceptiveField()
    fields = [field for field in before if field is not None]
    if len(fields) < len(before):
        return None
    height, width = (
        _widest([pair[axis] for pair in fields]) for axis in (0, 1)
    )
    return _through(layer, height, 0), _through(layer, width, 1)


def _widest(fields: list[ReceptiveField]) -> ReceptiveField:
    return max(fields, key=lambda field: field.size)


def _through(layer: Any, field: ReceptiveField, axis: int) -> ReceptiveField:
    """Returns the field of a layer's outputs along one axis."""
    if type(layer).__name__ == "UpSampling2D":
        return ReceptiveField(field.size, field.jump // layer.size[axis])
    kernel = getattr(layer, "kernel_size", getattr(layer, "pool_size", None))
    if kernel is None:
        return field
    stride = layer.strides[axis]
    if type(layer).__name__ == "Conv2DTranspose":
        seen = -(-kernel[axis] // stride)
        size = field.size + (seen - 1) * field.jump
        return ReceptiveField(size, field.jump // stride)
    dilation = getattr(layer, "dilation_rate", (1, 1))[axis]
    return field.after(Window(kernel[axis], stride, dilation))
