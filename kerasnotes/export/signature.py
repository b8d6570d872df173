"""What an exported model takes and gives: names, shapes, one function."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.base.types import Shape

Tensors = dict[str, Any]
"""Arrays by name."""
Predict = Callable[[Tensors], Tensors]
"""From the inputs to the outputs of an artefact."""


BYTES = "bytes"
"""Type of strings, of which an encoded image is one."""


@dataclasses.dataclass(frozen=True)
class Port:
    """One input or output.

    Args:
        name: Its name, `image` or `probabilities`.
        shape: Its shape, `None` where it is free.
        dtype: NumPy name of its values, or `bytes`.
    """

    name: str
    shape: Shape
    dtype: str


@dataclasses.dataclass(frozen=True)
class Signature:
    """The serving signature of a model.

    Args:
        inputs: What it takes; the first is what the batch is counted by.
        outputs: What it gives.
    """

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    @property
    def shape(self) -> Shape:
        """Shape of the first input."""
        return self.inputs[0].shape

    def to_json(self) -> dict[str, Any]:
        return {"inputs": _side(self.inputs), "outputs": _side(self.outputs)}


def _side(ports: tuple[Port, ...]) -> dict[str, Any]:
    return {
        port.name: {"shape": list(port.shape), "dtype": port.dtype}
        for port in ports
    }


def read_signature(model: Any, size: tuple[int, int] | None) -> Signature:
    """Returns the signature that a model's named Inputs and outputs give.

    Args:
        model: A functional `keras.Model`.
        size: Height and width to fix; by default they stay as they are.

    Raises:
        StorageError: If the model is not functional.
        UsageError: If `size` is given for an input that has its own.
    """
    inputs = getattr(model, "inputs", None) or []
    outputs = getattr(model, "outputs", None) or []
    if not inputs or not outputs:
        raise StorageError(
            "Only functional models can be exported.",
            expected="named keras.Inputs and outputs",
            received=f"{len(inputs)} inputs, {len(outputs)} outputs",
        )
    shapes = [(None, *tensor.shape[1:]) for tensor in inputs]
    after = [tuple(tensor.shape[1:]) for tensor in outputs]
    if size is not None:
        shapes = [_fix_size(shape, size) for shape in shapes]
        whole = model.compute_output_shape((1, *shapes[0][1:]))
        after = [tuple(whole[1:])]
    return Signature(
        inputs=tuple(
            Port(tensor.name, shape, str(tensor.dtype))
            for tensor, shape in zip(inputs, shapes, strict=True)
        ),
        outputs=tuple(
            Port(name, (None, *shape), str(tensor.dtype))
            for name, shape, tensor in zip(
                _output_names(model), after, outputs, strict=True
            )
        ),
    )


def _output_names(model: Any) -> list[str]:
    # Here: the server knows these names and starts no Keras.
    from kerasnotes.backends.keras_internals import output_structure

    structure = output_structure(model)
    if isinstance(structure, dict):
        # Keras lists the outputs of a dict in the order of its keys.
        return sorted(structure)
    # A Sequential has no `output_names`; its last layer gives the name.
    return getattr(model, "output_names", None) or [model.layers[-1].name]


def _fix_size(shape: Shape, size: tuple[int, int] | None) -> Shape:
    if size is None:
        return shape
    if len(shape) != 4 or shape[1:3] != (None, None):
        raise UsageError(
            "This model's input has its own size; --size cannot change it.",
            expected="a model of images of any height and width",
            received=f"an input of shape {shape}",
            hint="leave --size out",
        )
    return (shape[0], *size, shape[3])


def call_model(model: Any, signature: Signature, tensors: Tensors) -> Tensors:
    """Returns the model's own outputs by name, as in prediction."""
    answer = model(_arranged(model, signature, tensors), training=False)
    if isinstance(answer, dict):
        return answer
    answers = answer if isinstance(answer, list | tuple) else [answer]
    names = [port.name for port in signature.outputs]
    return dict(zip(names, answers, strict=True))


def _arranged(model: Any, signature: Signature, tensors: Tensors) -> Any:
    """Returns inputs as the model takes them: one, a list, or by name."""
    from kerasnotes.backends.keras_internals import input_structure

    named = {port.name: tensors[port.name] for port in signature.inputs}
    if isinstance(input_structure(model), dict):
        return named
    inputs = list(named.values())
    return inputs if len(inputs) > 1 else inputs[0]


def ask_model(model: Any, signature: Signature, tensors: Tensors) -> Tensors:
    """Returns the model's own outputs as arrays."""
    from keras import ops

    answers = call_model(model, signature, tensors)
    return {k: np.asarray(ops.convert_to_numpy(v)) for k, v in answers.items()}


def serving_function(model: Any, signature: Signature) -> Any:
    """Returns the `tf.function` that answers as the model's predictions."""
    import tensorflow as tf

    names = [port.name for port in signature.inputs]

    def serve(*tensors: Any) -> Tensors:
        named = dict(zip(names, tensors, strict=True))
        return call_model(model, signature, named)

    return tf.function(
        serve, input_signature=tensor_specs(signature.inputs), autograph=False
    )


def tensor_specs(ports: tuple[Port, ...]) -> list[Any]:
    """Returns inputs as `tf.TensorSpec`s, which carry their names."""
    import tensorflow as tf

    return [
        tf.TensorSpec(port.shape, _tf_type(port.dtype), name=port.name)
        for port in ports
    ]


def _tf_type(dtype: str) -> str:
    return "string" if dtype == BYTES else dtype
