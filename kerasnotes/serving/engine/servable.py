"""One version of a model, loaded from its SavedModel.

The only file of this room that knows TensorFlow.
"""

import gc
import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.errors import reason
from kerasnotes.export.card import CARD, EXTRA
from kerasnotes.runtime.quiet import quiet_start
from kerasnotes.serving.engine.datatypes import BYTES
from kerasnotes.serving.engine.errors import Code, GraphError, ServingError
from kerasnotes.serving.engine.served_texts import TOKENS, find_texts
from kerasnotes.serving.engine.signature import (
    DEFAULT,
    SignatureInfo,
    TensorInfo,
    Tensors,
)

CARD_BYTES = 16 * 2**20
"""Largest description that is read."""


def start_framework() -> None:
    """Imports TensorFlow, quietly, before anything else depends on time."""
    with quiet_start("tensorflow"):
        tensorflow = importlib.import_module("tensorflow")
        # Looking for a GPU is as loud as the import.
        tensorflow.config.list_physical_devices()
    # Its hundred thousands of objects live as long as the process: later
    # collections, after a version was dropped, need not look at them.
    gc.collect()
    gc.freeze()


class Servable:
    """A loaded SavedModel, and what it says of itself.

    Args:
        name: Of the model.
        version: At least 0.
        path: Its folder.

    Attributes:
        signatures: By name; without TensorFlow's own `__saved_model_*`.
        card: What `kn export` wrote beside the graph; empty for others.
        texts: What makes numbers of texts, if it is asked about texts.
        alone: Signatures that turned out not to answer row by row.

    Raises:
        ServingError: If there is no SavedModel that can be loaded.
    """

    def __init__(self, name: str, version: int, path: Path) -> None:
        import tensorflow as tf

        self.name, self.version, self.path = name, version, path
        self.card = read_card(path)
        # A model of texts is given numbers of tokens, which it knows best.
        self.texts = find_texts(self.card)
        self.signatures = read_signatures(path)
        self.alone: set[str] = set()
        self._constant = tf.constant
        try:
            # Kept: signatures hold the object, and its weights, weakly.
            self._loaded = tf.saved_model.load(str(path))
        except Exception as error:
            # TensorFlow's errors share no narrower type.
            raise ServingError(
                Code.INTERNAL, f"Cannot load {path.name}: {reason(error)}"
            ) from error
        functions = self._loaded.signatures
        self._functions = {key: functions[key] for key in self.signatures}
        if self.texts is not None:
            self.signatures = self.texts.offer(self.signatures)
            self._functions[TOKENS] = functions[DEFAULT]

    def run(self, signature: str, tensors: Tensors) -> Tensors:
        """Asks the model; blocks; several threads may call it.

        Args:
            signature: Its name.
            tensors: An array for each input, of its type.

        Raises:
            ServingError: If the graph refuses the values.
        """
        import tensorflow as tf

        if self.texts is not None:
            tensors = self.texts.to_numbers(tensors)
        try:
            answer = self._functions[signature](
                **{k: self._constant(v) for k, v in tensors.items()}
            )
            found = {k: v.numpy() for k, v in answer.items()}
        except tf.errors.ResourceExhaustedError as error:
            raise ServingError(
                Code.RESOURCE_EXHAUSTED, "The model ran out of memory."
            ) from error
        except (tf.errors.InvalidArgumentError, ValueError, TypeError) as error:
            raise GraphError(reason(error)) from error
        if self.texts is None:
            return found
        return self.texts.to_texts(signature, found)


def read_card(path: Path) -> dict[str, Any]:
    """Returns the description in `assets.extra`, or nothing."""
    try:
        with (path / EXTRA / CARD).open("rb") as file:
            card = json.loads(file.read(CARD_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return card if isinstance(card, dict) else {}


def read_signatures(path: Path) -> dict[str, SignatureInfo]:
    """Returns the signatures that `saved_model.pb` defines.

    Raises:
        ServingError: If there is no such file, or it is damaged.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    proto = saved_model_pb2.SavedModel()
    try:
        proto.ParseFromString((path / "saved_model.pb").read_bytes())
    except OSError as error:
        raise ServingError(
            Code.NOT_FOUND,
            f"No saved_model.pb in {path.name}: {error.strerror}",
        ) from error
    except DecodeError as error:
        raise ServingError(
            Code.DATA_LOSS, f"{path.name}/saved_model.pb is damaged."
        ) from error
    graphs = [g for g in proto.meta_graphs if "serve" in g.meta_info_def.tags]
    if not graphs:
        raise ServingError(
            Code.NOT_FOUND, f"{path.name} has no graph tagged `serve`."
        )
    return {
        key: SignatureInfo(
            key,
            value.method_name,
            _side(value.inputs),
            _side(value.outputs),
        )
        for key, value in graphs[0].signature_def.items()
        if value.method_name
    }


def _side(tensors: Any) -> dict[str, TensorInfo]:
    return {key: _info(key, tensors[key]) for key in sorted(tensors)}


def _info(key: str, proto: Any) -> TensorInfo:
    import tensorflow as tf

    dtype = tf.dtypes.as_dtype(proto.dtype)
    shape = None
    if not proto.tensor_shape.unknown_rank:
        sizes = [dim.size for dim in proto.tensor_shape.dim]
        shape = tuple(None if size < 0 else size for size in sizes)
    name = BYTES if dtype == tf.string else dtype.name
    return TensorInfo(key, name, shape, proto.name)


def read_records(path: Path, most: int) -> Iterator[tuple[str, Tensors]]:
    """Yields recorded requests: signature and tensors.

    Args:
        path: A TFRecord file of `PredictionLog`.
        most: Records to read.

    Raises:
        Exception: TensorFlow's, if the file is damaged.
    """
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2

    for record in tf.data.TFRecordDataset(str(path)).take(most):
        entry = prediction_log_pb2.PredictionLog.FromString(record.numpy())
        if entry.HasField("predict_log"):
            request = entry.predict_log.request
            tensors = {k: tf.make_ndarray(v) for k, v in request.inputs.items()}
            yield request.model_spec.signature_name or DEFAULT, tensors


def blank(signature: SignatureInfo, rows: int, side: int) -> Tensors | None:
    """Returns zeros that a signature takes, to warm it up.

    Args:
        signature: What to ask.
        rows: Length of the first axis.
        side: Length of other free axes.

    Returns:
        Arrays by name; `None` where strings are taken, whose meaning is not
        known.
    """
    tensors: Tensors = {}
    for name, info in signature.inputs.items():
        if info.dtype == BYTES or info.shape is None:
            return None
        sizes = [side if size is None else size for size in info.shape]
        if info.batched:
            sizes[0] = rows
        tensors[name] = np.zeros(sizes, info.np_dtype)
    return tensors
