"""What does not need a framework; `setup` itself is at the end."""

import json
import os
import subprocess
import sys

import keras
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.runtime import choose as choosing
from kerasnotes.runtime import machine, memory
from kerasnotes.runtime import setup as backend

ALL = {"tensorflow", "torch", "jax"}
UNTOUCHED = {
    "floatx": "float32",
    "epsilon": 1e-07,
    "backend": "tensorflow",
    "image_data_format": "channels_last",
}
JAX_FILE = {**UNTOUCHED, "backend": "jax"}
TENSORFLOW_FILE = {"backend": "tensorflow"}


def choose(
    explicit=None, env=None, keras_json=None, installed=ALL, gpu=frozenset()
):
    environ = {"KERAS_BACKEND": env} if env is not None else {}
    return choosing.choose(
        explicit,
        environ=environ,
        keras_json=keras_json,
        installed=installed,
        sees_gpu=lambda name: name in gpu,
    )


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "tensorflow"),
        ({"installed": {"torch", "jax"}}, "torch"),
        ({"installed": {"jax"}}, "jax"),
        ({"gpu": {"torch"}}, "torch"),
        ({"gpu": {"jax", "torch"}}, "torch"),
        ({"gpu": ALL}, "tensorflow"),
        ({"gpu": {"jax"}, "keras_json": UNTOUCHED}, "jax"),
        ({"keras_json": JAX_FILE}, "jax"),
        (
            {"keras_json": {"backend": "tensorflow"}, "gpu": {"jax"}},
            "tensorflow",
        ),
        ({"keras_json": {"floatx": "float32"}}, "tensorflow"),
        ({"env": "torch", "keras_json": JAX_FILE}, "torch"),
        ({"env": "", "keras_json": JAX_FILE}, "jax"),
        ({"explicit": "jax", "env": "torch", "gpu": {"torch"}}, "jax"),
    ],
)
def test_choice(arguments, expected):
    assert choose(**arguments)[0] == expected


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"explicit": "jax"}, "asked by --backend"),
        ({"env": "jax"}, "asked by KERAS_BACKEND"),
        ({"keras_json": JAX_FILE}, "asked by keras.json"),
        ({"gpu": {"jax"}}, "installed, and sees the GPU"),
        ({}, "the first choice on a CPU"),
    ],
)
def test_reason(arguments, reason):
    assert choose(**arguments)[1] == reason


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"explicit": "jx"}, ["jx", "--backend", "did you mean `jax`"]),
        ({"env": "theano"}, ["theano", "KERAS_BACKEND"]),
        ({"keras_json": {"backend": "openvino"}}, ["openvino", "keras.json"]),
        ({"keras_json": {"backend": 3}}, ["3", "keras.json"]),
        (
            {"explicit": "jax", "installed": {"torch"}},
            ["not installed", 'pip install "kerasnotes[jax]"'],
        ),
        (
            {"env": "torch", "installed": {"jax"}},
            ["KERAS_BACKEND", 'pip install "kerasnotes[torch]"'],
        ),
        (
            {"keras_json": JAX_FILE, "installed": {"torch"}},
            ["keras.json", "not installed"],
        ),
        ({"installed": set()}, ["No backend", "pip install tensorflow"]),
    ],
)
def test_wish_that_cannot_be_met(arguments, words):
    with pytest.raises(UsageError) as caught:
        choose(**arguments)
    for word in words:
        assert word in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.once
def test_gpu_is_not_looked_for_where_there_is_a_wish():
    def fail(name):
        raise AssertionError("asked")

    chosen = choosing.choose(
        "jax", environ={}, keras_json=None, installed=ALL, sees_gpu=fail
    )
    assert chosen[0] == "jax"


@pytest.mark.once
def test_keras_json_is_read_from_keras_home(tmp_path):
    environ = {"KERAS_HOME": str(tmp_path)}
    assert choosing.read_keras_json(environ) is None
    path = tmp_path / "keras.json"
    path.write_text(json.dumps(JAX_FILE))
    assert choosing.read_keras_json(environ) == JAX_FILE
    path.write_text("{ half")
    assert choosing.read_keras_json(environ) is None
    path.write_text("[1]")
    with pytest.raises(UsageError, match="does not hold Keras settings"):
        choosing.read_keras_json(environ)


@pytest.mark.once
def test_untouched_file_is_what_keras_writes(tmp_path):
    """Keras' own file must not count as a wish, in any later Keras."""
    env = {"KERAS_HOME": str(tmp_path), "KERAS_BACKEND": "jax"}
    run_python("import keras", env)
    written = json.loads((tmp_path / "keras.json").read_text())
    assert choose(keras_json=written, gpu={"torch"})[0] == "torch"


@pytest.mark.once
def test_broken_backend_is_named_with_its_remedy(tmp_path):
    (tmp_path / "jax.py").write_text("raise OSError('libxla.so:\\n lost')")
    code = """
from kerasnotes.base import errors
from kerasnotes.runtime import setup as backend
try:
    backend.setup("jax")
except errors.UsageError as error:
    print(error)
"""
    text = run_python(code, {"PYTHONPATH": str(tmp_path)})
    assert "OSError: libxla.so: lost" in text
    assert "pip install --force-reinstall jax jaxlib" in text


@pytest.mark.once
def test_importing_our_side_imports_no_framework():
    code = """
import sys
import kerasnotes.runtime.setup, kerasnotes.use.doctor, kerasnotes.runtime.probe
import kerasnotes.use.bench
print([m for m in ("keras", "tensorflow", "jax", "torch") if m in sys.modules])
"""
    assert run_python(code, {}).strip() == "[]"


def run_python(code, env):
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **env},
    )
    return done.stdout


class ResourceExhaustedError(Exception):
    """Called as TensorFlow's is."""


def _caused_by(cause):
    error = ValueError("while training")
    error.__cause__ = cause
    return error


@pytest.mark.once
@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        ResourceExhaustedError("OOM when allocating tensor with shape[9]"),
        RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("cuBLAS: CUBLAS_STATUS_ALLOC_FAILED"),
        _caused_by(MemoryError()),
    ],
)
def test_out_of_memory(error):
    assert memory.is_out_of_memory(error)


@pytest.mark.once
@pytest.mark.parametrize(
    "error",
    [
        ValueError("the word is out of memory range"),
        RuntimeError("shapes differ"),
        ResourceExhaustedError("/x: No space left on device"),
        KeyboardInterrupt(),
    ],
)
def test_not_out_of_memory(error):
    assert not memory.is_out_of_memory(error)


def test_out_of_memory_of_this_backend():
    """The real error; 2^50 floats are more than an address space holds."""
    try:
        keras.ops.convert_to_numpy(keras.ops.zeros((2**25, 2**25)))
    except Exception as error:
        caught = error
    assert backend.is_out_of_memory(caught), repr(caught)


@pytest.mark.once
def test_peak_memory_covers_what_was_held():
    block = bytearray(200 * 2**20)
    block[::4096] = b"x" * len(block[::4096])
    assert memory.peak_memory() >= len(block)


@pytest.mark.once
@pytest.mark.skipif(sys.platform != "linux", reason="glibc only")
def test_freed_memory_is_kept():
    """64 MiB taken again cost 16,384 page faults, or next to none."""
    code = """
import resource
from kerasnotes.runtime.memory import keep_freed_memory
if not keep_freed_memory():
    raise SystemExit("not glibc")
faults = []
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    block = bytearray(64 * 2**20)
    block[::4096] = b"x" * len(block[::4096])
    del block
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
print(max(faults[1:]))
"""
    assert int(run_python(code, {})) < 1000
    env = {"MALLOC_MMAP_MAX_": "65536"}
    ask = "from kerasnotes.runtime.memory import *; print(keep_freed_memory())"
    assert run_python(ask, env).strip() == "False"


@pytest.mark.once
@pytest.mark.parametrize(
    ("capability", "precision"),
    [
        ((9, 0), "mixed_bfloat16"),
        ((8, 0), "mixed_bfloat16"),
        ((7, 5), "mixed_float16"),
        ((7, 0), "mixed_float16"),
        ((6, 1), "float32"),
    ],
)
def test_precision_of_gpus(capability, precision):
    gpu = machine.Gpu("a", capability, 1)
    assert backend.best_precision("gpu", [gpu]) == precision
    assert backend.best_precision("cpu", [gpu]) == "float32"


@pytest.mark.once
def test_versions_leave_out_what_is_missing():
    found = machine.versions("tensorflow", "no-such-backend")
    assert {"python", "kerasnotes", "keras", "numpy"} <= set(found)
    assert "no-such-backend" not in found


def test_setup_keeps_the_running_backend():
    before = keras.config.dtype_policy().name
    running = keras.config.backend()
    choice = backend.setup()
    assert choice.backend == running
    assert choice.device in ("cpu", "gpu")
    assert backend.setup(running).backend == running
    record = backend.environment(choice)
    assert record["versions"]["keras"] == keras.__version__
    assert json.loads(json.dumps(record)) == record
    other = next(name for name in backend.BACKENDS if name != running)
    with pytest.raises(UsageError, match="already running"):
        backend.setup(other)
    assert keras.config.dtype_policy().name == before


def test_setup_sets_the_precision():
    try:
        assert backend.setup(precision="mixed_bfloat16").precision == (
            "mixed_bfloat16"
        )
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")
    with pytest.raises(UsageError, match="no precision called"):
        backend.setup(precision="float64")
