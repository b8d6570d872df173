"""Main memory: how much there is, was used, and whether it ran out."""

import contextlib
import ctypes
import os
import sys
from pathlib import Path


def total_memory() -> int | None:
    """Returns the bytes that this process may use, container limit included.

    `None` where the system does not tell (Windows).
    """
    try:
        installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    with contextlib.suppress(OSError, ValueError):
        # Holds "max", which is no integer, where there is no limit.
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
        return min(installed, limit)
    return installed


def peak_memory() -> int | None:
    """Returns the most main memory this process ever held, in bytes.

    `None` where the system does not tell (Windows). GPU memory is counted
    by `runtime.devices.peak_gpu_memory`.
    """
    with contextlib.suppress(OSError, StopIteration):
        # Unlike ru_maxrss, VmHWM starts anew when a program is started, so
        # that a child process does not report the size of its parent.
        lines = Path("/proc/self/status").read_text().splitlines()
        line = next(line for line in lines if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def keep_freed_memory() -> bool:
    """Tells glibc to keep freed memory for the next training step.

    A step frees and asks for the same large tensors again and again. By
    default those go back to the system every time, and come back as pages
    that must be zeroed: 6 to 14 % of a U-Net's step on a CPU. The process
    stays at its peak size instead (2 to 3 % more was measured).

    Returns:
        Whether anything was changed: not where another C library is in
        use, or where the user has set `MALLOC_...` or `GLIBC_TUNABLES`.

    Reference:
        mallopt(3). https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    chosen = ("MALLOC_MMAP_MAX_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES")
    if sys.platform != "linux" or any(name in os.environ for name in chosen):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all(mallopt(option, value) for option, value in _KEEP)


def return_freed_memory() -> bool:
    """Gives freed memory back to the system, where glibc keeps it.

    A server that was once asked for a large answer would else stay as large
    as that made it. Takes some milliseconds, in which no other thread can
    allocate.

    Returns:
        Whether this was done: not with another C library.

    Reference:
        malloc_trim(3). https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    if sys.platform != "linux":
        return False
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return False
    trim(ctypes.c_size_t(0))
    return True


# (M_MMAP_MAX, never), (M_TRIM_THRESHOLD, never), (M_TOP_PAD, 64 MiB)
_KEEP = ((-4, 0), (-1, 2**31 - 1), (-2, 64 * 2**20))

_OUT_OF_MEMORY_TYPES = ("ResourceExhaustedError", "OutOfMemoryError")
_OUT_OF_MEMORY_WORDS = (
    "resource_exhausted",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "out of memory",
    "oom when allocating",
    "status_alloc_failed",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Returns whether a framework failed for want of memory.

    Told by the names of types and by messages, so that no framework needs
    to be imported to ask; the causes of an error are looked at as well.
    """
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        if _says_out_of_memory(cause):
            return True
        seen.add(id(cause))
        cause = cause.__cause__ or cause.__context__
    return False


def _says_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return True
    kind, message = type(error), str(error).lower()
    if "no space left" in message:  # TensorFlow's type for a full disk, too
        return False
    if any(base.__name__ in _OUT_OF_MEMORY_TYPES for base in kind.__mro__):
        return True
    framework = kind.__module__.startswith(("tensorflow", "jax", "torch"))
    return (framework or isinstance(error, RuntimeError)) and any(
        words in message for words in _OUT_OF_MEMORY_WORDS
    )
