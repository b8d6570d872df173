"""What this computer is: cores, memory, GPUs, versions. No framework."""

import contextlib
import ctypes
import dataclasses
import importlib.metadata
import os
import platform
import sys
from pathlib import Path

_DISTRIBUTIONS = {
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tf-nightly"),
    "jax": ("jax",),
    "torch": ("torch",),
}


@dataclasses.dataclass(frozen=True)
class Gpu:
    """An NVIDIA GPU as its driver describes it.

    Args:
        name: The maker's name for it.
        capability: Compute capability, `(major, minor)`.
        memory: Bytes.
    """

    name: str
    capability: tuple[int, int]
    memory: int

    @property
    def precision(self) -> str:
        """The Keras dtype policy that its arithmetic units are made for."""
        # Ampere (8.0) brought bfloat16 units, Volta (7.0) float16 ones.
        if self.capability >= (8, 0):
            return "mixed_bfloat16"
        return "mixed_float16" if self.capability >= (7, 0) else "float32"


def find_gpus() -> list[Gpu]:
    """Asks the NVIDIA driver which GPUs this process may use.

    Costs nothing where there is no driver, and honours
    `CUDA_VISIBLE_DEVICES`, which `nvidia-smi` does not.

    Reference:
        CUDA Driver API, "Device Management".
        https://docs.nvidia.com/cuda/cuda-driver-api/group__CUDA__DEVICE.html
    """
    library = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        cuda = ctypes.CDLL(library)
    except OSError:
        return []
    count = ctypes.c_int()
    if cuda.cuInit(0) or cuda.cuDeviceGetCount(ctypes.byref(count)):
        return []
    return [_describe_gpu(cuda, index) for index in range(count.value)]


def _describe_gpu(cuda: ctypes.CDLL, index: int) -> Gpu:
    device, value = ctypes.c_int(), ctypes.c_int()
    name, memory = ctypes.create_string_buffer(256), ctypes.c_size_t()
    cuda.cuDeviceGet(ctypes.byref(device), index)
    cuda.cuDeviceGetName(name, len(name), device)
    cuda.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
    capability = []
    for attribute in (75, 76):  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*
        cuda.cuDeviceGetAttribute(ctypes.byref(value), attribute, device)
        capability.append(value.value)
    return Gpu(
        name.value.decode(errors="replace"),
        (capability[0], capability[1]),
        memory.value,
    )


def has_other_gpu() -> bool:
    """Returns whether an AMD GPU with its compute driver is here."""
    return os.path.exists("/dev/kfd")


def cpu_count() -> int:
    """Returns the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_name() -> str:
    """Returns what the processor calls itself."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def versions(*backends: str) -> dict[str, str]:
    """Returns the versions of Python, kerasnotes, Keras, NumPy and backends.

    Reads what pip noted down; imports nothing. What is not installed is
    left out.

    Args:
        *backends: Backends to include; by default the one that
            `KERAS_BACKEND` names.
    """
    if not backends:
        backends = (os.environ.get("KERAS_BACKEND", "tensorflow"),)
    found = {"python": platform.python_version()}
    for name in ("kerasnotes", "keras", "numpy", *backends):
        for distribution in _DISTRIBUTIONS.get(name, (name,)):
            with contextlib.suppress(importlib.metadata.PackageNotFoundError):
                found[name] = importlib.metadata.version(distribution)
                break
    return found
