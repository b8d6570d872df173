"""The private names of Keras that we use, each behind a function of ours.

Nowhere else stands one. `tests/backends/test_keras_internals.py` fails when
a release of Keras moves one of them.
"""

from typing import Any

import keras


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


def adam_slots(optimizer: Any, variable: Any) -> tuple[Any, Any]:
    """Returns Adam's two moments of a weight."""
    index = place_of_weight(optimizer, variable)
    return optimizer._momentums[index], optimizer._velocities[index]


def native_variable(variable: Any) -> Any:
    """Returns the backend's own variable inside Keras', or itself."""
    own = isinstance(variable, keras.Variable)
    return variable._value if own else variable
