"""TensorFlow Serving's `classify`: examples in, names of classes out.

Reference:
    TensorFlow Serving, `apis/classification.proto`, and `classifier.cc`: the
    input must be called `inputs`, the outputs `classes` and `scores`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.export.endpoint import CLASSIFY, Endpoint
from kerasnotes.export.signature import BYTES, Port, Tensors

INPUT = Port("inputs", (None,), BYTES)


def classify(base: Endpoint, classes: Sequence[str]) -> Endpoint:
    """Returns the endpoint that takes serialized `tf.Example`s.

    Args:
        base: The endpoint from one input of a fixed shape to
            `probabilities`, `(B, K)`. An example holds the input's numbers
            in a row, as floats, under the input's name.
        classes: The K names, in the order of the scores.
    """
    [port] = base.inputs
    names = [name.encode() for name in classes]

    def serve(tensors: Tensors) -> Tensors:
        import tensorflow as tf

        feature = tf.io.FixedLenFeature(port.shape[1:], "float32")
        parsed = tf.io.parse_example(tensors[INPUT.name], {port.name: feature})
        scores = base.serve(parsed)["probabilities"]
        shape = (tf.shape(scores)[0], len(names))
        return {
            "classes": tf.broadcast_to(tf.constant([names]), shape),
            "scores": scores,
        }

    def expect(tensors: Tensors) -> Tensors:
        sizes = [size or 1 for size in port.shape[1:]]
        rows = [read_example(data, port.name) for data in tensors[INPUT.name]]
        x = np.asarray(rows, "float32").reshape(-1, *sizes)
        return {
            "classes": np.array([names] * len(x), object),
            "scores": base.expect({port.name: x})["probabilities"],
        }

    requests = [
        {INPUT.name: write_examples(r[port.name], port.name)}
        for r in base.requests
    ]
    return Endpoint(
        "classify",
        (INPUT,),
        serve,
        expect,
        requests,
        base.tracked,
        method=CLASSIFY,
    )


def write_examples(x: Any, name: str) -> Any:
    """Returns arrays `(B, ...)` as serialized `tf.Example`s, `(B,)`."""
    import tensorflow as tf

    serialized = np.empty(len(x), object)
    for number, values in enumerate(x):
        example = tf.train.Example()
        numbers = example.features.feature[name].float_list.value
        numbers.extend(np.ravel(values).tolist())
        serialized[number] = example.SerializeToString()
    return serialized


def read_example(data: bytes, name: str) -> list[float]:
    """Returns the numbers of one `tf.Example`."""
    import tensorflow as tf

    example = tf.train.Example.FromString(data)
    return list(example.features.feature[name].float_list.value)
