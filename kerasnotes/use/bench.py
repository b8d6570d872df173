"""Times a note on each backend: training step, memory, prediction.

Each backend runs in a process of its own, on random data of the shape of
the note's default data, through the same compiled step and the same batches
as `kn fit`. `python -m kerasnotes.use.bench REQUEST` is that process.
"""

import dataclasses
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasnotes.contracts.capabilities import PreparesTraining
from kerasnotes.data import fields
from kerasnotes.data.dataset import Array, ArraySplit
from kerasnotes.data.fields import Column
from kerasnotes.data.series.pictures import series_of
from kerasnotes.data.spec import Spec
from kerasnotes.notes import find
from kerasnotes.runtime import child

WINDOW, HORIZON = 96, 24
"""Rows of random series, and of their forecasts."""
RESPONSES, MEASURED = (61, 11, 2), 4
"""Of `frf-chain`: the shape of an image, and values that it tells."""
WARM_UP = 3
"""Steps after the first that are not counted."""

_DEFAULTS = {
    "segmentation": ("mask", 64, 11),
    "classification": ("class", 8, 10),
    "bayesian-classification": ("class", 8, 10),
    "generation": ("class", 8, 10),
}
"""Target, image side and classes of each task's embedded data."""


@dataclasses.dataclass(frozen=True)
class Request:
    """What to time.

    Args:
        note: The note's name.
        batch_size: Examples a step; by default the note's own.
        size: Side of the images, pixels; by default that of the note's
            embedded data.
        steps: Timed training steps.
        settings: `NAME=VALUE` of the note's fields, as for `kn fit --set`.
    """

    note: str
    batch_size: int | None = None
    size: int | None = None
    steps: int = 20
    settings: tuple[str, ...] = ()


def run(
    request: Request,
    backends: list[str],
    announce: Callable[[str], None] = lambda what: None,
) -> dict[str, Any]:
    """Times a note on each of `backends`, one after the other.

    Returns:
        `request`, and `results`: what `measure` returns, or `backend` and
        `error`, for each backend.

    Raises:
        UsageError: If the note or one of its settings is unknown.
    """
    find(request.note)
    fields = dataclasses.asdict(request)
    results = []
    for name in backends:
        announce(f"timing {request.note} on {name} ...")
        answered = child.ask(
            "kerasnotes.use.bench",
            json.dumps(fields),
            backend=name,
            timeout=3600,
        )
        child.reraise(answered)
        results.append({"backend": name, **answered})
    return {"request": fields, "results": results}


def make_spec(
    task: str, size: int | None = None, classes: int | None = None
) -> Spec:
    """Describes random data shaped like the embedded data of a task.

    Args:
        task: The task's name.
        size: Another side of the images, pixels.
        classes: Another number of classes.
    """
    if task == "forecasting":
        return Spec(
            name="random",
            inputs=(fields.series(WINDOW, [Column("x")]),),
            targets=(fields.forecast(HORIZON, [Column("x")]),),
        )
    if task in ("regression", "interval-regression"):
        shape = (size, size, 1) if size else RESPONSES
        columns = [Column(f"y{number}") for number in range(MEASURED)]
        return Spec(
            name="random",
            inputs=(fields.image(shape, "float32"),),
            targets=(fields.values(columns),),
        )
    target, side, count = _DEFAULTS[task]
    shape = (size or side, size or side, 1)
    names = tuple(map(str, range(classes or count)))
    return Spec(
        name="random",
        inputs=(fields.image(shape, "uint8"),),
        targets=(
            fields.mask(shape, names)
            if target == "mask"
            else fields.one_class(names),
        ),
    )


def measure(request: Request) -> dict[str, Any]:
    """Times a note on the backend of this process.

    Returns:
        `parameters`, `batch_size`, `compile_s`, `step_ms` (median),
        `examples_per_s`, `peak_memory_mib`, `predict_1_ms` and
        `predict_batch_ms` (median), and the environment.
    """
    from kerasnotes.runtime import devices, memory
    from kerasnotes.runtime import setup as backend

    choice = backend.setup()
    import keras

    model, batches = _prepare(request)
    seconds, _ = time_steps(model, batches)
    step = statistics.median(seconds[1 + WARM_UP :])
    peak = memory.peak_memory()
    x = batches[0][0]
    one = keras.tree.map_structure(lambda array: array[:1], x)
    return {
        **backend.environment(choice),
        "parameters": model.count_params(),
        "batch_size": batches.batch_size,
        "compile_s": round(max(0.0, seconds[0] - step), 3),
        "step_ms": round(step * 1e3, 3),
        "examples_per_s": round(batches.batch_size / step, 1),
        "peak_memory_mib": round(peak / 2**20) if peak else None,
        "peak_gpu_mib": round(devices.peak_gpu_memory(choice.backend) / 2**20),
        "predict_1_ms": round(_time_prediction(model, one) * 1e3, 3),
        "predict_batch_ms": round(_time_prediction(model, x) * 1e3, 3),
    }


def _prepare(request: Request) -> tuple[Any, Any]:
    """Returns the compiled model, and one epoch of random batches."""
    from kerasnotes.contracts.objective import ObjectiveModel
    from kerasnotes.data.batches import Batches
    from kerasnotes.tasks.catalog import make_task
    from kerasnotes.training import settings
    from kerasnotes.training.compiling import compile_model

    note = find(request.note)
    spec = make_spec(note.tasks[0], request.size)
    spec = series_of(spec, note.config_class().reads_images)
    named = {"train": {"batch_size": request.batch_size}}
    blocks = settings.gather(None, request.settings, named, note)
    resolved = settings.make(note, blocks).resolve(spec, examples=1000)
    steps = 1 + WARM_UP + request.steps
    x, y = random_batch(spec, resolved.train.batch_size)
    split = repeat(x, y, steps)
    # An image has one channel, a series' row as many columns.
    width = spec.input.shape[-1] or 1
    mean, variance = [127.5] * width, [5418.75] * width
    model = note.model_class()(resolved.model, spec, mean, variance)
    task = make_task(note.tasks[0], spec)
    batches = Batches(
        split,
        spec,
        batch_size=resolved.train.batch_size,
        labelled=isinstance(model, ObjectiveModel),
    )
    if isinstance(model, PreparesTraining):
        model.prepare_training(
            examples=len(split), steps_per_epoch=steps, epochs=1
        )
    compile_model(model, task, resolved.train, total_steps=steps)
    return model, batches


def random_batch(spec: Spec, batch_size: int) -> tuple[Array, Array]:
    """Returns random inputs and targets, the same every time."""
    rng = np.random.default_rng(0)
    shape = (batch_size, *(size or 64 for size in spec.input.shape))
    x = rng.integers(0, 256, shape).astype(spec.input.dtype)
    if spec.target.kind == "series":
        after = (batch_size, *(size or 1 for size in spec.target.shape))
        return x, rng.normal(size=after).astype("float32")
    if spec.target.kind == "values":
        measured = (batch_size, len(spec.target.columns))
        return x, rng.normal(size=measured).astype("float32")
    labels = shape[:3] if spec.target.kind == "mask" else shape[:1]
    return x, rng.integers(0, spec.target.num_classes, labels)


def repeat(x: Array, y: Array, times: int) -> ArraySplit:
    """Returns a split that is one batch, `times` times, held once."""
    return _Repeated(x, y, times)


class _Repeated(ArraySplit):
    def __init__(self, x: Array, y: Array, times: int) -> None:
        super().__init__(x, y)
        self.times = times

    def __len__(self) -> int:
        return len(self.x) * self.times

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        return super().__getitem__(index % len(self.x))


def time_steps(model: Any, batches: Any) -> tuple[list[float], list[float]]:
    """Trains for one epoch of `fit`.

    Returns:
        The seconds of each step, and the mean loss of the epoch so far
        after each step.
    """
    import keras

    from kerasnotes.training.session import to_floats

    class Clock(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.losses: list[float] = []
            self.ends = [time.perf_counter()]

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            # Waits until the device is done.
            self.losses.append(to_floats(logs)["loss"])
            self.ends.append(time.perf_counter())

    clock = Clock()
    model.fit(
        batches,
        steps_per_epoch=batches.steps,
        verbose=0,
        shuffle=False,
        callbacks=[clock],
    )
    return np.diff(clock.ends).tolist(), clock.losses


def _time_prediction(model: Any, x: Any) -> float:
    """Returns the median seconds of one prediction, NumPy to NumPy."""
    for _ in range(WARM_UP):
        model.predict_on_batch(x)
    seconds: list[float] = []
    start = time.perf_counter()
    while len(seconds) < 5 or (
        len(seconds) < 50 and time.perf_counter() - start < 2
    ):
        begin = time.perf_counter()
        model.predict_on_batch(x)
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def main(request: str) -> None:
    """Answers `run`, in the child."""
    from kerasnotes.runtime.memory import is_out_of_memory

    values = json.loads(request)
    values["settings"] = tuple(values["settings"])
    try:
        child.answer(measure(Request(**values)))
    except Exception as error:  # whatever a framework raises is the answer
        if is_out_of_memory(error):
            child.answer({"error": "out of memory: try a smaller batch"})
        else:
            child.answer_error(error)


if __name__ == "__main__":
    main(sys.argv[1])
