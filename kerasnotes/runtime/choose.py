"""Which backend to use: the user's wish, or the best for the machine.

Asked for by name, a backend that is not installed is an error; only where
nobody asked is one chosen. Imports no framework.
"""

import importlib.util
import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import UsageError, did_you_mean

BACKENDS = ("tensorflow", "torch", "jax")
"""In the order of preference on a CPU, see ARCHITECTURE.md."""

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")

_INSTALL = {
    "tensorflow": "pip install tensorflow",
    "jax": 'pip install "kerasnotes[jax]"',
    "torch": 'pip install "kerasnotes[torch]"',
}
_REINSTALL = {
    "tensorflow": "pip install --force-reinstall tensorflow",
    "jax": "pip install --force-reinstall jax jaxlib",
    "torch": "pip install --force-reinstall torch",
}
_INSTALL_FOR_GPU = {
    "tensorflow": 'pip install "kerasnotes[cuda]"',
    "jax": 'pip install "kerasnotes[jax-cuda]"',
    "torch": "pip install --force-reinstall torch",
}

# What Keras writes into keras.json by itself, the first time it is imported.
_UNTOUCHED = {
    "floatx": "float32",
    "epsilon": 1e-07,
    "backend": "tensorflow",
    "image_data_format": "channels_last",
}


def mend(backend: str, problem: str = "missing") -> str:
    """Returns the pip command that mends a backend.

    Args:
        backend: `"tensorflow"`, `"jax"` or `"torch"`.
        problem: `"missing"`, `"broken"`, or `"cpu only"` where a GPU is
            present that the backend does not see.
    """
    commands = {
        "missing": _INSTALL,
        "broken": _REINSTALL,
        "cpu only": _INSTALL_FOR_GPU,
    }
    return commands[problem][backend]


def choose(
    explicit: str | None,
    *,
    environ: Mapping[str, str],
    keras_json: Mapping[str, Any] | None,
    installed: Collection[str],
    sees_gpu: Callable[[str], bool],
) -> tuple[str, str]:
    """Returns the backend to use, and why.

    A keras.json that holds just what Keras itself writes at its first
    import is nobody's wish, and does not count.

    Args:
        explicit: What `--backend` says.
        environ: Environment variables.
        keras_json: Content of the user's keras.json.
        installed: The installed backends.
        sees_gpu: Returns whether a backend can use a GPU of this machine;
            asked only where no wish was found.

    Raises:
        UsageError: If the wish is unknown or not installed, or nothing is.
    """
    written = {} if keras_json == _UNTOUCHED else keras_json or {}
    wishes = (
        (explicit, "--backend"),
        (environ.get("KERAS_BACKEND"), "KERAS_BACKEND"),
        (written.get("backend"), "keras.json"),
    )
    for wish, source in wishes:
        if wish:
            return check_wish(wish, source, installed), f"asked by {source}"
    candidates = [name for name in BACKENDS if name in installed]
    if not candidates:
        raise UsageError(
            "No backend is installed.",
            expected="one of " + ", ".join(BACKENDS),
            hint=mend("tensorflow"),
        )
    for name in candidates:
        if sees_gpu(name):
            return name, "installed, and sees the GPU"
    return candidates[0], "the first choice on a CPU"


def check_wish(wish: Any, source: str, installed: Collection[str]) -> str:
    """Returns the backend asked for, if it can be had.

    Args:
        wish: Its name.
        source: Who asks: an option, a variable, a file.
        installed: The installed backends.

    Raises:
        UsageError: If it is unknown, or not installed.
    """
    if wish not in BACKENDS:
        raise UsageError(
            f"There is no backend called `{wish}`.",
            expected="one of " + ", ".join(BACKENDS),
            received=f"{wish} ({source})",
            hint=did_you_mean(str(wish), BACKENDS),
        )
    if wish not in installed:
        raise UsageError(
            f"The backend `{wish}`, asked for by {source}, is not installed.",
            expected="one of " + (", ".join(sorted(installed)) or "none"),
            received=wish,
            hint=mend(wish),
        )
    return str(wish)


def installed_backends() -> set[str]:
    """Returns the backends that can be found, without importing them."""
    return {name for name in BACKENDS if importlib.util.find_spec(name)}


def keras_home(environ: Mapping[str, str]) -> Path:
    """Returns the folder where Keras keeps keras.json and downloads."""
    if "KERAS_HOME" in environ:
        return Path(environ["KERAS_HOME"])
    return Path.home() / ".keras"


def read_keras_json(environ: Mapping[str, str]) -> dict[str, Any] | None:
    """Reads the user's keras.json; `None` if there is none.

    Raises:
        UsageError: If it holds something else than settings: Keras would
            fail on it with a traceback.
    """
    path = keras_home(environ) / "keras.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None  # Keras ignores such a file as well
    if not isinstance(content, dict):
        raise UsageError(
            f"{path} does not hold Keras settings.",
            expected='an object like {"backend": "jax"}',
            received=type(content).__name__,
            hint=f"mend or delete {path}",
        )
    return content
