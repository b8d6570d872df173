"""Sets backend, device and precision up before Keras is imported.

`setup()` comes first in every process that computes. Imports no framework
at the top.
"""

import dataclasses
import importlib
import os
import platform
import sys
from collections.abc import Sequence
from typing import Any

from kerasnotes.base.errors import UsageError, did_you_mean
from kerasnotes.runtime import machine
from kerasnotes.runtime.choose import (
    BACKENDS,
    PRECISIONS,
    choose,
    installed_backends,
    mend,
    read_keras_json,
)
from kerasnotes.runtime.environment import set_environment
from kerasnotes.runtime.lazy_parts import lazy_parts
from kerasnotes.runtime.machine import versions
from kerasnotes.runtime.memory import (
    is_out_of_memory,
    keep_freed_memory,
    peak_memory,
)
from kerasnotes.runtime.quiet import quiet_start

__all__ = [
    "BACKENDS",
    "PRECISIONS",
    "Choice",
    "best_precision",
    "environment",
    "is_out_of_memory",
    "peak_memory",
    "setup",
    "versions",
]


@dataclasses.dataclass(frozen=True)
class Choice:
    """The backend in use, and what it computes on.

    Args:
        backend: `"tensorflow"`, `"jax"` or `"torch"`.
        reason: Why this one, in a few words.
        device: `"cpu"` or `"gpu"`.
        device_name: The maker's name for it.
        precision: Keras dtype policy, `"float32"` or `"mixed_..."`.
    """

    backend: str
    reason: str
    device: str
    device_name: str
    precision: str


def setup(backend: str | None = None, precision: str | None = None) -> Choice:
    """Chooses the backend, imports Keras on it, and sets the precision.

    Args:
        backend: What the user asks for; by default `KERAS_BACKEND`, then
            keras.json, then the best for the machine.
        precision: Keras dtype policy; by default the best for the device.

    Raises:
        UsageError: If the wish cannot be met, or the backend is broken.
    """
    if precision is not None and precision not in PRECISIONS:
        raise UsageError(
            f"There is no precision called `{precision}`.",
            expected="one of " + ", ".join(PRECISIONS),
            received=precision,
            hint=did_you_mean(precision, PRECISIONS),
        )
    gpus = machine.find_gpus()
    name, reason = _choose_here(backend, bool(gpus))
    set_environment(name)
    keep_freed_memory()
    with quiet_start(name):
        keras, device, device_name = _start(name)
    precision = precision or best_precision(device, gpus)
    # The user's keras.json may say otherwise; every note is channels last.
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy(precision)
    return Choice(name, reason, device, device_name, precision)


def best_precision(device: str, gpus: Sequence[machine.Gpu]) -> str:
    """Returns the Keras dtype policy that suits a device.

    Args:
        device: `"cpu"` or `"gpu"`.
        gpus: The NVIDIA GPUs; others are given float32, which is always
            right.
    """
    return gpus[0].precision if device == "gpu" and gpus else "float32"


def running_backend() -> str | None:
    """Returns what Keras runs on in this process; `None` before it does."""
    keras = sys.modules.get("keras")
    return str(keras.config.backend()) if keras else None


def _choose_here(backend: str | None, has_gpu: bool) -> tuple[str, str]:
    running = running_backend()
    if running and backend in (None, running):
        return running, "Keras is already running on it"
    if running:
        raise UsageError(
            f"Keras is already running on {running} in this process, and "
            "cannot switch.",
            received=f"backend={backend}",
            hint="start a new process (in a notebook: restart the kernel), "
            "and choose there, before anything imports Keras",
        )
    look = has_gpu or machine.has_other_gpu()
    return choose(
        backend,
        environ=os.environ,
        keras_json=read_keras_json(os.environ),
        installed=installed_backends(),
        sees_gpu=_ask_for_gpu if look else lambda name: False,
    )


def _ask_for_gpu(name: str) -> bool:
    """Asks `name` in a process of its own, which leaves this one free."""
    from kerasnotes.runtime import probe

    answer = probe.ask("devices", name)
    return any(kind == "gpu" for kind, _ in answer.get("devices", ()))


def _start(backend: str) -> tuple[Any, str, str]:
    """Returns Keras, and the kind and name of the first device."""
    try:
        with lazy_parts():
            importlib.import_module(backend)
            keras = importlib.import_module("keras")
        device, device_name = _first_device(backend)
    except Exception as error:  # a broken wheel or driver raises anything
        raise broken(backend, error) from error
    return keras, device, device_name


def broken(backend: str, error: BaseException) -> UsageError:
    """Returns the error that tells how to mend a broken backend."""
    reason = " ".join(str(error).split())[:200]
    return UsageError(
        f"The backend `{backend}` is installed but does not start.",
        received=f"{type(error).__name__}: {reason}",
        hint=f"{mend(backend, 'broken')}, or choose another --backend; "
        "`kn doctor` checks all",
    )


def _first_device(backend: str) -> tuple[str, str]:
    from kerasnotes.runtime import devices

    kind, name = devices.list_devices(backend)[0]
    return kind, machine.cpu_name() if kind == "cpu" else name


def environment(choice: Choice) -> dict[str, Any]:
    """Returns what `run.json` says about where a run was made."""
    return {
        **dataclasses.asdict(choice),
        "versions": versions(choice.backend),
        "platform": platform.platform(),
        "cpu_count": machine.cpu_count(),
    }
