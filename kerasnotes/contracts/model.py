"""`keras.Model`, with types: Keras ships none."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras

from kerasnotes.base.types import Array, Tensor

if TYPE_CHECKING:

    class KerasModel:
        """What we use of `keras.Model`, which mypy takes for `Any`.

        A class derived from `Any` has every attribute and fits every
        Protocol: no misspelt hook of a note would be found.
        """

        name: str
        built: bool
        optimizer: Any
        layers: list[Any]
        inputs: list[Tensor]
        outputs: list[Tensor]
        variables: list[Any]
        trainable_variables: list[Any]
        non_trainable_variables: list[Any]
        metrics_variables: list[Any]

        def __init__(self, *args: Any, **kwargs: Any) -> None: ...
        def __call__(self, x: Any, *, training: bool = False) -> Any: ...
        def call(self, *args: Any, **kwargs: Any) -> Any: ...
        def compute_output_spec(self, *args: Any) -> Any: ...
        def add_weight(self, **kwargs: Any) -> Any: ...
        def compile(self, **kwargs: Any) -> None: ...
        def fit(self, x: Any, **kwargs: Any) -> Any: ...
        def evaluate(self, x: Any, **kwargs: Any) -> Any: ...
        def predict_on_batch(self, x: Any) -> Any: ...
        def compute_metrics(self, x: Any, y: Any, y_pred: Any) -> Any: ...
        def get_metrics_result(self) -> Any: ...
        def get_weights(self) -> Any: ...
        def set_weights(self, weights: Sequence[Array]) -> None: ...
        def save(self, path: Any, **kwargs: Any) -> None: ...

        def compute_loss(
            self,
            x: Any = None,
            y: Any = None,
            y_pred: Any = None,
            sample_weight: Any = None,
            training: bool = True,
        ) -> Tensor: ...

else:
    KerasModel = keras.Model
