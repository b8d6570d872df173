"""Counting what a network costs: parameters, operations, memory."""

import dataclasses
import math
from typing import Any

from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.layers.spiking.encode import Encode
from kerasnotes.layers.spiking.neuron import Neuron
from kerasnotes.layers.spiking.readout import Readout
from kerasnotes.use.receptive_fields import receptive_fields


@dataclasses.dataclass(frozen=True)
class LayerCost:
    """What one layer costs for one example.

    Args:
        name: The layer's name.
        kind: Its class.
        shape: Output shape without the batch axis.
        parameters: Number of weights.
        flops: Floating-point operations of the forward pass; a multiply
            and an add are two.
        activations: Numbers in the output.
        sees: Height and width of the image that one output depends on;
            `None` if that may be all of it, or there is no image.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    flops: int
    activations: int
    sees: tuple[int, int] | None = None


def note_costs(model: Any, input_shape: tuple[int, ...]) -> list[LayerCost]:
    """Returns the cost of every layer of a note's network or networks.

    Args:
        model: A note's model.
        input_shape: Its input without the batch axis, no `None`.
    """
    if not isinstance(model, ObjectiveModel):
        return layer_costs(model, input_shape)
    return [
        dataclasses.replace(cost, name=f"{name}/{cost.name}")
        for name, part in model.parts.items()
        for cost in layer_costs(part)
    ]


def layer_costs(
    model: Any, input_shape: tuple[int, ...] | None = None
) -> list[LayerCost]:
    """Returns the cost of every layer for one example.

    Only products with weights are counted, one of each matrix a pixel or a
    step of time; not those of attention, of queries with keys. The rest is
    below one part in a hundred of most networks here.

    Args:
        model: A functional model.
        input_shape: Shape of its only input without the batch axis, no
            `None`; by default that of the model.
    """
    shapes = {t.name: (1, *t.shape[1:]) for t in model.inputs}
    if input_shape is not None:
        shapes[model.inputs[0].name] = (1, *input_shape)
    fields = receptive_fields(model)
    costs: list[LayerCost] = []
    rows: dict[str, int] = {}
    for layer in model.layers:
        fed = [rows.get(t.name, 1) for t in _tensors(layer.input)]
        given = max(fed, default=1)
        inputs = [_shape_of(t, shapes) for t in _tensors(layer.input)]
        first, *more = _tensors(layer.output)
        if more:
            # Their sizes do not depend on the image's.
            shapes |= {t.name: (1, *t.shape[1:]) for t in (first, *more)}
        shape = shapes.get(first.name) or _output_shape(layer, inputs)
        # Columns that are series of their own are examples more.
        shape = (1, *shape[1:])
        shapes[first.name] = shape
        rows[first.name] = _rows(layer, given, *inputs)
        costs.append(
            LayerCost(
                name=layer.name,
                kind=type(layer).__name__,
                shape=shape[1:],
                parameters=layer.count_params(),
                flops=given * _flops(layer, inputs, shape),
                activations=rows[first.name] * math.prod(shape),
                sees=fields[layer.name],
            )
        )
    return costs


def training_bytes(costs: list[LayerCost], batch_size: int) -> int:
    """Estimates the memory of one float32 training step, bytes.

    Every activation is kept for the backward pass and has a gradient;
    every weight has a gradient and AdamW's two moments.
    """
    activations = sum(cost.activations for cost in costs)
    parameters = sum(cost.parameters for cost in costs)
    return 4 * (2 * batch_size * activations + 4 * parameters)


def _tensors(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _shape_of(tensor: Any, shapes: dict[str, Any]) -> tuple[int, ...]:
    # What an operation without a layer made has the shape of the graph.
    return tuple(shapes.get(tensor.name, (1, *tensor.shape[1:])))


def _output_shape(layer: Any, inputs: list[Any]) -> tuple[int, ...]:
    # Keras' merging layers take a list, all others one argument an input.
    if type(layer).__name__ in ("Add", "Concatenate"):
        return tuple(layer.compute_output_shape(inputs))
    try:
        return tuple(layer.compute_output_shape(*inputs))
    except (NotImplementedError, TypeError):
        # A stack of blocks, or of columns: of one size, whatever the image.
        return tuple(layer.output.shape)


def _rows(layer: Any, given: int, *shapes: tuple[int, ...]) -> int:
    """Returns how many rows of a batch one example is behind a layer.

    Those of a spiking network, whose steps of time lie there.
    """
    if not isinstance(layer, Encode | Neuron | Readout):
        return given
    return int(layer.compute_output_shape((given, *shapes[0][1:]))[0] or 1)


def _flops(layer: Any, inputs: list[Any], after: Any) -> int:
    kernel = getattr(layer, "kernel", None)
    if kernel is None:
        return _flops_of_parts(layer, inputs, after)
    # A transposed convolution visits its kernel once per input pixel.
    transposed = "Transpose" in type(layer).__name__
    places = math.prod((inputs[0] if transposed else after)[1:-1])
    return int(2 * math.prod(kernel.shape) * places)


def _flops_of_parts(layer: Any, inputs: list[Any], after: Any) -> int:
    """Counts each matrix of a layer of several once a place, or a step."""
    if "Embedding" in type(layer).__name__:  # looked up, not multiplied
        return 0
    matrices = [w.shape for w in layer.weights if len(w.shape) > 1]
    if not matrices:
        return 0
    shapes = (*inputs, after)
    places = max(int(math.prod(shape[1:-1])) for shape in shapes)
    flat = int(math.prod(inputs[0][1:]))
    if places > 1 and any(shape[0] == flat for shape in matrices):
        places = 1  # all of them are one vector
    return 2 * sum(int(math.prod(shape)) for shape in matrices) * places
