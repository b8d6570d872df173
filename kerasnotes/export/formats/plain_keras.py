"""A `.keras` file of Keras' own layers: opens without kerasnotes.

A layer of ours that Keras has an equal of says so by a method
`plain(*inputs)`, which returns the same function of its inputs, built from
Keras' layers. A note of one's own may do the same.
"""

from pathlib import Path
from typing import Any

import keras

from kerasnotes.backends.keras_internals import input_structure
from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.base.types import Tensor
from kerasnotes.export.signature import Predict, Signature, ask_model
from kerasnotes.runs.archive import archive, config_json, zip_file


def write(model: Any, signature: Signature, path: Path) -> None:
    """Writes a functional model without any class of ours.

    Raises:
        UsageError: If a layer has no equal among Keras' own.
    """
    inputs = [
        keras.Input(port.shape[1:], dtype=port.dtype, name=port.name)
        for port in signature.inputs
    ]
    copy_plain(model, inputs).save(path)
    _check_plain(path)


def load(path: Path, signature: Signature) -> Predict:
    """Returns the saved model, loaded as Keras alone would load it."""
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    return lambda tensors: ask_model(model, signature, tensors)


def copy_plain(model: Any, inputs: list[Any] | None = None) -> Any:
    """Returns the same functional model, of Keras' own layers.

    Args:
        model: A functional model.
        inputs: Its new inputs; by default like the old ones.

    Raises:
        UsageError: If a layer has no equal among Keras' own.
    """
    originals: dict[int, Any] = {}

    def make(layer: Any) -> Any:
        if hasattr(layer, "plain"):
            return layer
        if isinstance(layer, keras.Model) and _is_graph(layer):
            return copy_plain(layer)
        if not isinstance(layer, keras.layers.Layer):
            return layer
        if not type(layer).__module__.startswith("keras."):
            raise _no_equal(layer)
        twin = type(layer).from_config(layer.get_config())
        originals[id(twin)] = layer
        return twin

    def call(layer: Any, *args: Any, **kwargs: Any) -> Tensor:
        if hasattr(layer, "plain"):
            return layer.plain(*args)
        answer = layer(*args, **kwargs)
        if id(layer) in originals:
            layer.set_weights(originals[id(layer)].get_weights())
        return answer

    new_inputs: Any = inputs and (inputs if len(inputs) > 1 else inputs[0])
    if inputs and isinstance(input_structure(model), dict):
        new_inputs = {each.name: each for each in inputs}
    return keras.models.clone_model(
        _as_graph(model), new_inputs, clone_function=make, call_function=call
    )


def _is_graph(layer: Any) -> bool:
    return bool(getattr(layer, "inputs", None))


def _as_graph(model: Any) -> Any:
    """Returns a model's graph without the class, which may be ours."""
    return keras.Model(model.input, model.output, name=model.name)


def _no_equal(layer: Any) -> UsageError:
    return UsageError(
        f"The layer `{layer.name}` has no equal among Keras' own layers.",
        expected="layers of Keras, or with a method `plain`",
        received=type(layer).__name__,
        hint="another --format holds any network: --format saved_model",
    )


def _check_plain(path: Path) -> None:
    """Refuses a file that names a class of anybody but Keras."""
    with zip_file.open_archive(path) as opened:
        foreign_class = config_json.find_foreign(
            archive.read_config(path, opened), ()
        )
    if foreign_class is not None:
        raise StorageError(
            "The exported model does not open without kerasnotes.",
            expected="classes of Keras alone",
            received=foreign_class,
            hint="nothing was kept; try another --format",
        )
