"""A stranger's model made to answer as ours do: raw in, probabilities out."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.inference.segmenter import CONTEXT, STRIDE
from kerasnotes.runs.saving import load_model
from kerasnotes.tasks.catalog import make_task
from kerasnotes.use.foreign import checks
from kerasnotes.use.foreign.reading import Foreign
from kerasnotes.use.trained_run import TrainedRun

LARGEST = 512
"""A product of strides beyond this is not what sides are divided by."""


def open_foreign(foreign: Foreign) -> TrainedRun:
    """Loads the model.

    Raises:
        StorageError: If Keras cannot rebuild it.
        UsageError: If its answers fit no task, which not every file tells.
        DataError: If they do not fit the data.
    """
    model = load_model(foreign.path)
    _check(model, foreign)
    record = {
        "task": foreign.task,
        "spec": foreign.spec.to_json(),
        "config": {"data": foreign.config.model_dump(mode="json")},
    }
    data = foreign.description.data
    return TrainedRun(
        path=foreign.path,
        file=foreign.path,
        model=to_probabilities(model, foreign),
        record=record,
        task=make_task(foreign.task, foreign.spec),
        arrays=None if isinstance(data, str) else data,
        remarks=foreign.remarks,
    )


def _check(model: Any, foreign: Foreign) -> None:
    """Checks the answer to one of the data's images, now that it is known."""
    side = max(64, _stride(foreign))
    shape = tuple(size or side for size in foreign.spec.input.shape)
    answer = _ask(model, keras.Input(shape), foreign)
    spec = foreign.spec.with_input(shape=shape)
    checks.check_output(tuple(answer.shape)[1:], foreign.interface, spec)
    checks.check_count(tuple(answer.shape)[1:], spec)


def to_probabilities(model: Any, foreign: Foreign) -> Any:
    """Returns a model from raw values to probabilities of all classes.

    Args:
        model: From `(B, H, W, C)`, `(B, H, W)` or `(B, D)` to one answer,
            with K units, or with one for two classes.
        foreign: What its numbers mean.

    Returns:
        A `keras.Model` to `(B, K)`, or to `(B, H, W, K)`.
    """
    shape = foreign.interface.inputs[0]
    raw = keras.Input((*shape, 1) if len(shape) == 2 else shape, name="raw")
    answer = ops.cast(_ask(model, raw, foreign), "float32")
    if answer.shape[-1] == 1:
        p = ops.sigmoid(answer) if foreign.logits else answer
        answer = ops.concatenate([1.0 - p, p], axis=-1)
    elif foreign.logits:
        answer = ops.softmax(answer, axis=-1)
    whole = keras.Model(raw, answer, name=model.name)
    # What tells `inference/segmenter.py` how to cut large images.
    whole.context, whole.stride = CONTEXT, _stride(foreign)
    whole.any_size = False
    return whole


def _ask(model: Any, raw: Tensor, foreign: Foreign) -> Tensor:
    """Returns the model's answer, `(B, ..., K)`, to raw values."""
    fed = ops.cast(raw, "float32")
    if foreign.description.scale is not None:
        (low, high), (first, last) = (
            foreign.spec.input.limits,
            foreign.description.scale,
        )
        factor = (last - first) / ((high - low) or 1.0)
        fed = fed * factor + (first - low * factor)
    if len(foreign.interface.inputs[0]) == 2:
        fed = ops.squeeze(fed, axis=-1)
    # Models may have a list or a dict of one input, and of one output.
    struct = getattr(model, "input", None)
    if isinstance(struct, list | dict):
        fed = keras.tree.pack_sequence_as(struct, [fed])
    return keras.tree.flatten(model(fed, training=False))[0]


def _stride(foreign: Foreign) -> int:
    stride = foreign.interface.stride
    return stride if stride <= LARGEST else STRIDE
