"""What an exported model takes and gives: names, shapes, one function."""

import dataclasses
from collections.abc import Callable
from typing import Any

from kerasnotes.errors import StorageError, UsageError
from kerasnotes.types import Shape


@dataclasses.dataclass(frozen=True)
class Signature:
    """The serving signature of a model with one input and one output.

    Args:
        input: Name of the input, `image` or `features`.
        output: Name of the output, `probabilities`.
        shape: Shape of the input, `None` where it is free.
        dtype: NumPy name of the input's values.
        output_shape: Shape of the output.
        output_dtype: NumPy name of the output's values.
    """

    input: str
    output: str
    shape: Shape
    dtype: str
    output_shape: Shape
    output_dtype: str

    def to_json(self) -> dict[str, Any]:
        return {
            "inputs": {self.input: _side(self.shape, self.dtype)},
            "outputs": {
                self.output: _side(self.output_shape, self.output_dtype)
            },
        }


def _side(shape: Shape, dtype: str) -> dict[str, Any]:
    return {"shape": list(shape), "dtype": dtype}


def read_signature(model: Any, size: tuple[int, int] | None) -> Signature:
    """Returns the signature that a model's named Input and output give.

    Args:
        model: A functional `keras.Model`.
        size: Height and width to fix; by default they stay as they are.

    Raises:
        StorageError: If the model has not one input and one output.
        UsageError: If `size` is given for an input that has its own.
    """
    inputs = getattr(model, "inputs", None) or []
    outputs = getattr(model, "outputs", None) or []
    if len(inputs) != 1 or len(outputs) != 1:
        raise StorageError(
            "Only models with one input and one output can be exported.",
            expected="one named keras.Input and one output",
            received=f"{len(inputs)} inputs, {len(outputs)} outputs",
        )
    shape = _fix_size((None, *inputs[0].shape[1:]), size)
    output_shape = outputs[0].shape[1:]
    if size is not None:
        output_shape = model.compute_output_shape((1, *shape[1:]))[1:]
    # A Sequential has no `output_names`; its last layer gives the name.
    names = getattr(model, "output_names", None) or [model.layers[-1].name]
    return Signature(
        input=inputs[0].name,
        output=names[0],
        shape=shape,
        dtype=str(inputs[0].dtype),
        output_shape=(None, *output_shape),
        output_dtype=str(outputs[0].dtype),
    )


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


def serving_function(model: Any, signature: Signature) -> Any:
    """Returns the `tf.function` that answers as the model's predictions."""
    import tensorflow as tf

    spec = tensor_spec(signature)

    def serve(inputs: Any) -> dict[str, Any]:
        return {signature.output: model(inputs, training=False)}

    return tf.function(serve, input_signature=[spec], autograph=False)


def tensor_spec(signature: Signature) -> Any:
    """Returns the input as a `tf.TensorSpec`, which carries its name."""
    import tensorflow as tf

    return tf.TensorSpec(signature.shape, signature.dtype, name=signature.input)


Predict = Callable[[Any], Any]
"""From an input array to the output array."""
