"""The private names of Keras that we use, each behind a function of ours.

Nowhere else stands one. `tests/backends/test_keras_internals.py` fails when
a release of Keras moves one of them.
"""

import collections
import contextlib
from collections.abc import Iterator
from typing import Any

import keras
from keras.src.backend.common import global_state
from keras.src.models.functional import operation_fn

_NAMES = "object_name_uids"
"""How often each name was given."""


def loss_tracker(model: Any) -> Any:
    """Returns the mean that `fit` shows as `loss`; of a compiled model."""
    return model._loss_tracker


def moving_averages(optimizer: Any) -> list[Any]:
    """Returns the averages that a built optimizer with `use_ema` keeps."""
    return list(optimizer._model_variables_moving_average)


def optimized_weights(optimizer: Any) -> list[Any]:
    """Returns the weights that a built optimizer moves, in its order."""
    return list(optimizer._trainable_variables)


def place_of_weight(optimizer: Any, variable: Any) -> int:
    """Returns which of the weights that a built optimizer moves one is.

    Args:
        optimizer: It.
        variable: Keras' variable, or the backend's own inside it.
    """
    return int(optimizer._get_variable_index(variable))


def output_structure(model: Any) -> Any:
    """Returns what a functional model gives, nested as it gives it.

    `None` for a model that is no graph.
    """
    return getattr(model, "_outputs_struct", None)


def input_structure(model: Any) -> Any:
    """Returns what a functional model takes, nested as it takes it.

    `None` for a model that is no graph.
    """
    return getattr(model, "_inputs_struct", None)


def adam_slots(optimizer: Any, variable: Any) -> tuple[Any, Any]:
    """Returns Adam's two moments of a weight."""
    index = place_of_weight(optimizer, variable)
    return optimizer._momentums[index], optimizer._velocities[index]


def native_variable(variable: Any) -> Any:
    """Returns the backend's own variable inside Keras', or itself."""
    own = isinstance(variable, keras.Variable)
    return variable._value if own else variable


@contextlib.contextmanager
def fresh_names() -> Iterator[None]:
    """Counts the names that layers get unasked from the first one, inside."""
    state: Any = global_state
    kept = state.get_global_attribute(_NAMES)
    state.set_global_attribute(_NAMES, collections.defaultdict(int))
    try:
        yield
    finally:
        state.set_global_attribute(_NAMES, kept)


def layers_inside(layer: Any) -> list[Any]:
    """Returns a layer and all that it is made of."""
    return list(layer._flatten_layers())


def draws(layer: Any) -> bool:
    """Returns whether a layer draws random numbers while it trains."""
    return any(inner._seed_generators for inner in layers_inside(layer))


def graph_of(model: Any) -> Iterator[tuple[Any, list[Any], list[Any]]]:
    """Yields what a functional model computes, in order.

    Yields:
        An operation, the tensors that it is given, and those that it gives.
    """
    for depth in sorted(model._nodes_by_depth, reverse=True):
        for node in model._nodes_by_depth[depth]:
            if not node.is_input:
                yield node.operation, node.input_tensors, node.outputs


def ask_function(function: Any, inputs: Any, training: bool | None) -> Any:
    """Returns what a `keras.Function` gives, while training or not.

    Called as it is, its layers are those of a network at rest.
    """
    return function._run_through_graph(
        inputs, operation_fn=lambda op: operation_fn(op, training=training)
    )


def add_state(model: Any, shapes: list[tuple[Any, str]]) -> list[Any]:
    """Adds variables that do not learn, zeros, to a model that is built.

    Args:
        model: It.
        shapes: The shape and the type of each.
    """
    model._tracker.unlock()
    try:
        return [
            model.add_weight(
                shape=shape,
                dtype=dtype,
                initializer="zeros",
                trainable=False,
                name=f"carried{number}",
            )
            for number, (shape, dtype) in enumerate(shapes)
        ]
    finally:
        model._tracker.lock()
