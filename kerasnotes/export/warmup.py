"""Requests that a server makes of itself before it answers others.

The first call of a graph takes many times as long as the next.

Reference:
    TensorFlow Serving, `g3doc/saved_model_warmup.md`; `PredictionLog` in
    `apis/prediction_log.proto`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasnotes.export.card import RECORDS
from kerasnotes.export.endpoint import CLASSIFY, Endpoint
from kerasnotes.export.endpoints import first_example

LARGEST = 2**22
"""Bytes of a request that is worth recording."""


def write_warmup(
    endpoints: Sequence[Endpoint], name: str, folder: Path
) -> None:
    """Writes one request of one example for each endpoint.

    Args:
        endpoints: What can be asked.
        name: The model's name.
        folder: `assets.extra` of the SavedModel.
    """
    import tensorflow as tf

    folder.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(folder / RECORDS)) as file:
        for endpoint in endpoints:
            record = _record(endpoint, name).SerializeToString()
            if len(record) <= LARGEST:
                file.write(record)


def _record(endpoint: Endpoint, name: str) -> Any:
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2

    record = prediction_log_pb2.PredictionLog()
    tensors = first_example(endpoint)
    if endpoint.method == CLASSIFY:
        request = record.classify_log.request
        examples = request.input.example_list.examples
        for data in tensors["inputs"]:
            examples.add().MergeFromString(data)
    else:
        request = record.predict_log.request
        for key, array in tensors.items():
            request.inputs[key].CopyFrom(tf.make_tensor_proto(array))
    request.model_spec.name = name
    request.model_spec.signature_name = endpoint.name
    return record
