"""The formats a model is exported to: the only list of its kind.

Imports no framework, so that the command line can offer the names.
"""

import dataclasses
import importlib
import importlib.util
import shlex
from pathlib import Path
from typing import Any

from kerasnotes.errors import UsageError, did_you_mean


@dataclasses.dataclass(frozen=True)
class Format:
    """One file format of trained models.

    Args:
        summary: One line of help.
        module: Module with `write(model, signature, path)`, which writes the
            artefact, and `load(path, signature)`, which returns a function
            from an input to the artefact's output.
        suffix: Ending of the artefact's name; a folder if empty.
        requires: Packages it needs besides the main dependencies.
        extra: The extra of kerasnotes that installs them.
        usage: Lines that load the artefact, `{path}`, `{base}` and `{name}`
            to fill in.
    """

    summary: str
    module: str
    suffix: str
    requires: tuple[str, ...] = ()
    extra: str = ""
    usage: tuple[str, ...] = ()

    def load_module(self) -> Any:
        return importlib.import_module(self.module)


FORMATS = {
    "saved_model": Format(
        "TensorFlow SavedModel, as TensorFlow Serving loads it",
        "kerasnotes.export.saved_model",
        "",
        usage=(
            "python -c 'import tensorflow as tf; print(tf.saved_model.load(\""
            '{path}").signatures["serving_default"]'
            ".structured_input_signature)'",
            "tensorflow_model_server --model_name={name} "
            "--model_base_path={base}",
        ),
    ),
    "onnx": Format(
        "ONNX, for ONNX Runtime and many others",
        "kerasnotes.export.onnx",
        ".onnx",
        requires=("tf2onnx", "onnx", "onnxruntime"),
        extra="onnx",
        usage=(
            "python -c 'import onnxruntime as ort; "
            'print(ort.InferenceSession("{path}").get_inputs()[0])\'',
        ),
    ),
    "litert": Format(
        "LiteRT (TensorFlow Lite), for phones and small devices",
        "kerasnotes.export.litert",
        ".tflite",
        usage=(
            "python -c 'import tensorflow as tf; "
            'print(tf.lite.Interpreter("{path}").get_signature_list())\'',
        ),
    ),
}


def find(name: str) -> Format:
    """Returns the format called `name`, once all it needs is installed.

    Raises:
        UsageError: If there is none, or a package is missing.
    """
    if name not in FORMATS:
        raise UsageError(
            f"There is no format called `{name}`.",
            expected="one of " + ", ".join(FORMATS),
            received=name,
            hint=did_you_mean(name, FORMATS),
        )
    found = FORMATS[name]
    missing = [p for p in found.requires if not importlib.util.find_spec(p)]
    if missing:
        raise UsageError(
            f"The format `{name}` needs packages that are not installed.",
            expected=", ".join(found.requires),
            received=f"without {', '.join(missing)}",
            hint=f"pip install 'kerasnotes[{found.extra}]'",
        )
    return found


def describe_usage(found: Format, path: Path, base: Path) -> list[str]:
    """Returns the commands that load an artefact.

    Args:
        found: Its format.
        path: The artefact.
        base: The absolute folder of a SavedModel's versions.
    """
    quoted = {"base": shlex.quote(str(base)), "name": shlex.quote(base.name)}
    values = {"path": path, **quoted}
    return [line.format(**values) for line in found.usage]
