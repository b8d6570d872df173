"""What frozen layers say of each example, computed once for all epochs.

As long as nothing before it learns, draws or varies, a tensor inside the
network is a function of the example alone. Layers behind it then learn from
that by the same steps: only what would come out the same is left out.
"""

import contextlib
import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from kerasnotes.backends.keras_internals import draws, graph_of, layers_inside
from kerasnotes.base.types import Array
from kerasnotes.contracts.note import Behind, NoteModel
from kerasnotes.data.dataset import Split, SplitView
from kerasnotes.data.reading import parts, read_batch
from kerasnotes.inference.predictor import Predictor
from kerasnotes.training.job import Job
from kerasnotes.training.transfer.freezing import Stage

MOST = 2**30
"""Bytes of features that are kept, of training and validation together."""


class Features(SplitView):
    """A part of the data as the frozen layers see it.

    Order, names and targets are those of the examples themselves.

    Args:
        split: The examples.
        x: What the layers say of them, `(N, ...)`, float32.
        y: Their targets.
    """

    def __init__(self, split: Split, x: Array, y: Array) -> None:
        super().__init__(split)
        self.x, self.y = x, y

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        return self.x[index], self.y[index]


@contextlib.contextmanager
def from_features(job: Job, stage: Stage) -> Iterator[Job]:
    """Lets a network learn from what its frozen layers say, where it can.

    Args:
        job: What is trained; its frozen layers have their weights.
        stage: In which some layers may be frozen.

    Yields:
        The job with features in place of examples, whose network takes
        these; or the job as it was.
    """
    model, train = job.model, job.settings.train
    frozen = train.freeze and not stage.number
    if not frozen or not isinstance(model, NoteModel):
        yield job
        return
    cut = find_cut(model)
    if cut is None or not _is_kept(job, cut):
        yield job
        return
    dataset = job.dataset
    started, body = time.monotonic(), keras.Model(model.inputs[0], cut)
    ask, batch_size = Predictor(body), train.batch_size
    cached = dataclasses.replace(
        dataset,
        train=_compute(ask, dataset.train, batch_size),
        validation=_compute(ask, dataset.validation, batch_size),
    )
    count = len(dataset.train) + len(dataset.validation)
    seconds = time.monotonic() - started
    job.reporter.say(
        f"What the frozen layers say of the {count:,} examples is computed "
        f"once: {_size(cut):,} numbers each, in {seconds:.1f} s."
    )
    with _learning_behind(model, cut):
        yield dataclasses.replace(job, dataset=cached)


def _is_kept(job: Job, cut: Any) -> bool:
    """Returns whether features are the same in every epoch, and not large."""
    data, dataset = job.settings.data, job.dataset
    if data.patch or None in dataset.spec.input.shape:
        return False
    if data.augment not in (None, "none"):
        job.reporter.say(
            "Images are varied anew in every epoch, so that frozen layers are "
            "asked again; with --augment none they are asked once."
        )
        return False
    count = len(dataset.train) + len(dataset.validation)
    return 4 * _size(cut) * count <= MOST


def _size(tensor: Any) -> int:
    return int(np.prod(tensor.shape[1:]))


def _compute(ask: Predictor, split: Split, batch_size: int) -> Split:
    """Returns a part as features; nothing of an empty one."""
    if not len(split):
        return split
    read = [read_batch(split, i) for i in parts(len(split), batch_size)]
    return Features(
        split,
        np.concatenate([ask(x) for x, _ in read]),
        np.concatenate([y for _, y in read]),
    )


@contextlib.contextmanager
def _learning_behind(model: NoteModel, cut: Any) -> Iterator[None]:
    """Makes a network take the values of a tensor inside in place of inputs."""
    network: Any = model
    spec = network.input_spec
    network.behind = Behind(keras.Function(cut, model.outputs[0]))
    network.input_spec = None
    try:
        yield
    finally:
        network.behind, network.input_spec = None, spec
        # They are compiled for features.
        network.train_function = network.test_function = None


def find_cut(model: Any) -> Any:
    """Returns the one tensor through which all that is fixed is used.

    Args:
        model: A network of one graph, some of its layers frozen.

    Returns:
        A tensor of the graph, or `None`: what learns begins at the input, or
        at several tensors at once, or there are several inputs.
    """
    if len(model.inputs) > 1:
        return None
    fixed = {id(model.inputs[0])}
    used: dict[int, Any] = {}
    for operation, given, gives in graph_of(model):
        if all(id(t) in fixed for t in given) and _is_fixed(operation):
            fixed.update(map(id, gives))
        else:
            used |= {id(tensor): tensor for tensor in given}
    cut = [tensor for key, tensor in used.items() if key in fixed]
    return cut[0] if len(cut) == 1 and cut[0] is not model.inputs[0] else None


def _is_fixed(operation: Any) -> bool:
    """Returns whether an operation gives the same whenever it is asked."""
    if not isinstance(operation, keras.layers.Layer):
        return True
    if operation.trainable_weights or draws(operation):
        return False
    # Without weights to learn, it still normalizes by the batch.
    return not any(
        isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
        for layer in layers_inside(operation)
    )
