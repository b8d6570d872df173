"""What fewer bits cost: the main metric of a model before and after.

    float16   half the size; rarely costs anything
    int8      a quarter of the size, and faster where the device has it; how
              large activations get is read off examples of the training part

A quantized model answers differently, so it is not compared number by
number: it is measured on the test part of the data it was trained on. Where
there is no such metric, as for generators, it is `agreement`: 1 less the
root-mean-square difference of the outputs, over their range.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasnotes.base import config as cfg
from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import StorageError
from kerasnotes.contracts.capabilities import TellsContext
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.load import load
from kerasnotes.data.reading import spread
from kerasnotes.data.spec import Spec
from kerasnotes.export.examples import draw, make_requests
from kerasnotes.export.signature import (
    Predict,
    Signature,
    Tensors,
    ask_model,
    serving_function,
)
from kerasnotes.tasks.catalog import make_task
from kerasnotes.tasks.matching import match

CALIBRATION = 100
"""Training examples that activations are measured on."""
MOST_LOST = 0.05
"""Of the metric, in absolute terms; more is refused."""
TASKS = {
    "classification": "classification",
    # The network of the mean weights is what is exported.
    "bayesian-classification": "classification",
    "segmentation": "segmentation",
}
"""Tasks with a metric of their own, and what measures them."""


@dataclasses.dataclass(frozen=True)
class Trial:
    """How a quantized model is made, and judged.

    Args:
        metric: Name of what is measured; larger is better, 1 is perfect.
        measure: Returns it for any way to answer.
        calibration: Requests of one example each: training examples, or
            noise; none of these for a file without a record.
    """

    metric: str
    measure: Callable[[Predict], float]
    calibration: Sequence[Tensors] = ()


@dataclasses.dataclass(frozen=True)
class Cost:
    """The metric before and after.

    Args:
        kind: `int8` or `float16`.
        metric: Its name.
        before: Of the model.
        after: Of the artefact.
    """

    kind: str
    metric: str
    before: float
    after: float


def make_trial(
    model: Any, signature: Signature, request: Mapping[str, Any]
) -> Trial:
    """Returns how to judge a model.

    Args:
        model: The functional model that is exported.
        signature: Of it.
        request: `task`, `spec` and `data` (the `DataConfig`) of its training,
            where they are known, and `batch_size`.

    Raises:
        DataError: If the data is gone, or has changed its kind.
    """
    task = TASKS.get(str(request.get("task")))
    if task is None or not request.get("spec") or not request.get("data"):
        return _by_agreement(model, signature)
    spec = Spec.from_json(request["spec"])
    data = load(cfg.build(DataConfig, request["data"], "data"))
    train = match(data.train, data.spec, spec)
    test = match(data.test, data.spec, spec)
    [port] = signature.inputs
    evaluator = make_task(task, spec.with_input(shape=data.spec.input.shape))
    metric = evaluator.monitor.removeprefix("val_")
    conditions = Conditions(batch_size=int(request.get("batch_size") or 32))

    def measure(predict: Predict) -> float:
        answering = _Answering(predict, model, signature)
        report = evaluator.evaluate(answering, test, conditions)
        return float(report.metrics[metric])

    examples = [
        {port.name: np.asarray(train[int(i)][0], "float32")[None]}
        for i in spread(len(train), CALIBRATION)
    ]
    return Trial(metric, measure, examples)


def measure_cost(
    trial: Trial, model: Any, signature: Signature, predict: Predict, kind: str
) -> Cost:
    """Measures a model and what was made of it."""

    def original(tensors: Tensors) -> Tensors:
        return ask_model(model, signature, tensors)

    before, after = trial.measure(original), trial.measure(predict)
    return Cost(kind, trial.metric, before, after)


def check_cost(cost: Cost) -> None:
    """Raises a `StorageError` if too much was lost."""
    if cost.before - cost.after <= MOST_LOST:
        return
    raise StorageError(
        f"With {cost.kind} the model loses more than "
        f"{100 * MOST_LOST:g} points of {cost.metric}; nothing was kept.",
        expected=f"at least {cost.before - MOST_LOST:.4f}",
        received=f"{cost.metric} {cost.before:.4f} -> {cost.after:.4f}",
        hint="--quantize float16, or --force to keep it all the same",
    )


class _Answering:
    """Lets an artefact stand where a task expects a Keras model."""

    def __init__(
        self, predict: Predict, model: Any, signature: Signature
    ) -> None:
        self._predict = predict
        self._input, self._output = signature.inputs[0], signature.outputs[0]
        self.input_shape = signature.shape
        if isinstance(model, TellsContext):
            self.context, self.stride = model.context, model.stride
            self.any_size = model.any_size

    def predict_on_batch(self, x: Any) -> Any:
        values = np.asarray(x, self._input.dtype)
        return self._predict({self._input.name: values})[self._output.name]


def _by_agreement(model: Any, signature: Signature) -> Trial:
    requests = make_requests(model, signature)
    expected = [ask_model(model, signature, each) for each in requests]

    def measure(predict: Predict) -> float:
        worst = 0.0
        for request, right in zip(requests, expected, strict=True):
            received = predict(request)
            for name, value in right.items():
                worst = max(worst, _relative(value, received[name]))
        return 1.0 - worst

    return Trial("agreement", measure, _draw_noise(model, signature))


def _draw_noise(model: Any, signature: Signature) -> list[Tensors]:
    """Returns what generators are asked with; nothing for other models.

    Nor for those that compute in a loop: activations get as large as they
    are at its first turns only, and calibrated so, the rest is lost.
    """
    if signature.inputs[0].name != "noise" or _loops(model, signature):
        return []
    rng = np.random.default_rng(1)
    shape = (1, *(size or 1 for size in signature.shape[1:]))
    return [draw(rng, shape, signature.inputs) for _ in range(CALIBRATION)]


def _loops(model: Any, signature: Signature) -> bool:
    function = serving_function(model, signature).get_concrete_function()
    return any("While" in op.type for op in function.graph.get_operations())


def _relative(expected: Any, received: Any) -> float:
    """Returns the root-mean-square difference over the range; 1 for NaN."""
    width = float(np.ptp(expected)) or 1.0
    error = np.asarray(received, "float64") - expected
    deviation = float(np.sqrt(np.mean(error**2))) / width
    return deviation if np.isfinite(deviation) else 1.0
