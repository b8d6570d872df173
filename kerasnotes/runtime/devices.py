"""What the running backend computes on, and how much of it is in use."""

from typing import Any


def list_devices(backend: str) -> list[tuple[str, str]]:
    """Returns each device that `backend` sees, as `(kind, name)`.

    Imports the backend. GPUs come first; `kind` is `"gpu"` or `"cpu"`.

    Args:
        backend: `"tensorflow"`, `"jax"` or `"torch"`.
    """
    found: list[tuple[str, str]] = _LISTS[backend]()
    return sorted(found, key=lambda device: device[0] != "gpu")


def _list_tensorflow() -> list[tuple[str, str]]:
    import tensorflow as tf

    devices = []
    for device in tf.config.list_physical_devices():
        if device.device_type not in ("CPU", "GPU"):
            continue  # XLA_CPU and the like are views of the same devices
        details = tf.config.experimental.get_device_details(device)
        name = details.get("device_name", device.device_type)
        devices.append((device.device_type.lower(), str(name)))
    return devices


def _list_jax() -> list[tuple[str, str]]:
    import jax

    return [
        ("cpu" if device.platform == "cpu" else "gpu", device.device_kind)
        for device in jax.local_devices()
    ]


def _list_torch() -> list[tuple[str, str]]:
    import torch

    devices = [
        ("gpu", torch.cuda.get_device_name(index))
        for index in range(torch.cuda.device_count())
    ]
    if torch.backends.mps.is_available():
        devices.append(("gpu", "Apple GPU"))
    return [*devices, ("cpu", "CPU")]


_LISTS = {
    "tensorflow": _list_tensorflow,
    "jax": _list_jax,
    "torch": _list_torch,
}


def peak_gpu_memory(backend: str) -> int:
    """Returns the most memory held on the first GPU, in bytes; 0 without."""
    if list_devices(backend)[0][0] != "gpu":
        return 0
    return int(_PEAKS[backend]())


def _peak_tensorflow() -> Any:
    import tensorflow as tf

    return tf.config.experimental.get_memory_info("GPU:0")["peak"]


def _peak_jax() -> Any:
    import jax

    statistics = jax.local_devices()[0].memory_stats() or {}
    return statistics.get("peak_bytes_in_use", 0)


def _peak_torch() -> Any:
    import torch

    return torch.cuda.max_memory_allocated()


_PEAKS = {
    "tensorflow": _peak_tensorflow,
    "jax": _peak_jax,
    "torch": _peak_torch,
}
