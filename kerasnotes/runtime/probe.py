"""What one backend can do, found out in a process of its own.

`python -m kerasnotes.runtime.probe devices|step BACKEND` prints one JSON
object.
"""

import itertools
import math
import statistics
import sys
import time
from typing import Any

from kerasnotes.runtime import child


def ask(what: str, backend: str, timeout: float = 300) -> child.Answer:
    """Probes `backend` in a child process.

    Args:
        what: `"devices"` imports it and lists its devices; `"step"` also
            trains a tiny network on it for about a second.
        backend: `"tensorflow"`, `"jax"` or `"torch"`.
        timeout: Seconds to wait at most.

    Returns:
        `devices`, list of `[kind, name]`; for `"step"` also `import_s`,
        `compile_s`, `step_ms` and `loss`; or `error`, one line.
    """
    return child.ask(
        "kerasnotes.runtime.probe",
        what,
        backend,
        backend=backend,
        timeout=timeout,
    )


def probe_devices(backend: str) -> child.Answer:
    """Imports `backend` and lists its devices."""
    from kerasnotes.runtime import devices
    from kerasnotes.runtime.environment import set_environment

    set_environment(backend)
    return {"devices": devices.list_devices(backend)}


def probe_step(backend: str) -> child.Answer:
    """Trains a tiny convolutional network on `backend` for a second."""
    start = time.perf_counter()
    found = probe_devices(backend)
    model, x, y = _tiny_network()
    imported = time.perf_counter()
    model.train_on_batch(x, y)
    compiled = time.perf_counter()
    loss, ends = math.nan, [compiled]
    while len(ends) < 4 or ends[-1] - compiled < 0.5:
        loss = float(model.train_on_batch(x, y))
        ends.append(time.perf_counter())
    step = statistics.median(
        end - begin for begin, end in itertools.pairwise(ends)
    )
    if not math.isfinite(loss):
        raise ArithmeticError(f"the loss of the test network is {loss}")
    return {
        **found,
        "import_s": round(imported - start, 2),
        "compile_s": round(max(0.0, compiled - imported - step), 2),
        "step_ms": round(step * 1e3, 2),
        "loss": loss,
    }


def _tiny_network() -> tuple[Any, Any, Any]:
    import keras
    import numpy as np

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            layers.Conv2D(8, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss)
    rng = np.random.default_rng(0)
    x = rng.random((32, 16, 16, 1), dtype="float32")
    return model, x, rng.integers(0, 10, 32)


def main(what: str, backend: str) -> None:
    """Answers `ask`, in the child."""
    functions = {"devices": probe_devices, "step": probe_step}
    try:
        child.answer(functions[what](backend))
    except Exception as error:  # a broken wheel raises anything
        child.answer_error(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
