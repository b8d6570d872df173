"""One named signature of a SavedModel, and how it is checked."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from kerasnotes.export.signature import (
    Port,
    Predict,
    Signature,
    Tensors,
    ask_model,
    call_model,
)

PREDICT = "tensorflow/serving/predict"
CLASSIFY = "tensorflow/serving/classify"


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """What a client may call.

    Args:
        name: Its name, `serving_default`.
        inputs: What it takes.
        serve: The function in the graph: TensorFlow's tensors by name.
        expect: The same, computed in another way: arrays by name.
        requests: Arrays to try, of two batch sizes at least.
        tracked: Keras models whose weights it reads.
        method: What it is for, in TensorFlow Serving's words.
    """

    name: str
    inputs: tuple[Port, ...]
    serve: Callable[[Tensors], Tensors]
    expect: Predict
    requests: Sequence[Tensors]
    tracked: tuple[Any, ...] = ()
    method: str = PREDICT


def model_endpoint(
    name: str, model: Any, signature: Signature, requests: Sequence[Tensors]
) -> Endpoint:
    """Returns the endpoint that answers as a Keras model does."""

    def serve(tensors: Tensors) -> Tensors:
        return call_model(model, signature, tensors)

    def expect(tensors: Tensors) -> Tensors:
        return ask_model(model, signature, tensors)

    return Endpoint(
        name, signature.inputs, serve, expect, requests, tracked=(model,)
    )
