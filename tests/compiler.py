"""XLA compiles for tests: quickly, and nothing twice.

Most of JAX' time in the suite was LLVM optimizing code that runs once: a
U-Net of four filters took 36 CPU seconds to build, and takes 4. What is
tested is our code and what it is lowered to; only `make bench` asks how fast
the result is.
"""

import atexit
import os
import shutil
import tempfile

FOLDER = "JAX_COMPILATION_CACHE_DIR"
FLAGS = "--xla_backend_optimization_level=0"


def set_quick_compiler():
    """Sets this process' environment, and with it that of its children.

    One folder serves all workers of a run, and all stages of `tests.suite`:
    half of what one compiles another has compiled. JAX writes files in place;
    who reads half of one compiles (pyproject.toml passes the warning over).
    What `XLA_FLAGS` says already comes last, so it wins.
    """
    if FOLDER not in os.environ:
        folder = tempfile.mkdtemp(prefix="jax-cache-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ[FOLDER] = folder
    os.environ |= {
        "XLA_FLAGS": f"{FLAGS} {os.environ.get('XLA_FLAGS', '')}".strip(),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
