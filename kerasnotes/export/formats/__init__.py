"""The formats a model is exported to: the only list of its kind.

Imports no framework, so that the command line can offer the names.
"""

import dataclasses
import importlib
import importlib.util
import shlex
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import UsageError, did_you_mean


@dataclasses.dataclass(frozen=True)
class Format:
    """One file format of trained models.

    Args:
        summary: One line of help.
        module: Module with `write(model, signature, path)`, which writes the
            artefact, and `load(path, signature)`, which returns a function
            from inputs to the artefact's outputs; and, where it cannot do
            everything, `check(signature, quantize)`, which raises before.
        suffix: Ending of the artefact's name; numbered folders if empty.
        backend: Backend that the model is exported from.
        quantize: What `--quantize` may be.
        requires: Packages it needs besides the main dependencies.
        extra: The extra of kerasnotes that installs them.
        usage: Lines that load the artefact, `{path}`, `{base}` and `{name}`
            to fill in.
    """

    summary: str
    module: str
    suffix: str
    backend: str = "tensorflow"
    quantize: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    extra: str = ""
    usage: tuple[str, ...] = ()

    def load_module(self) -> Any:
        return importlib.import_module(self.module)


FORMATS = {
    "saved_model": Format(
        "TensorFlow SavedModel, as TensorFlow Serving loads it",
        "kerasnotes.export.formats.saved_model",
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
        "kerasnotes.export.formats.onnx",
        ".onnx",
        quantize=("int8", "float16"),
        requires=("tf2onnx", "onnx", "onnxruntime"),
        extra="onnx",
        usage=(
            "python -c 'import onnxruntime as ort; "
            'print(ort.InferenceSession("{path}").get_inputs()[0])\'',
        ),
    ),
    "litert": Format(
        "LiteRT (TensorFlow Lite), for phones and small devices",
        "kerasnotes.export.formats.litert",
        ".tflite",
        quantize=("int8", "float16"),
        usage=(
            "python -c 'import tensorflow as tf; "
            'print(tf.lite.Interpreter("{path}").get_signature_list())\'',
        ),
    ),
    "openvino": Format(
        "OpenVINO, for Intel's processors and OpenVINO Model Server",
        "kerasnotes.export.formats.openvino",
        ".openvino",
        quantize=("float16",),
        requires=("openvino",),
        extra="openvino",
        usage=(
            "python -c 'import openvino as ov; "
            'print(ov.Core().read_model("{path}/model.xml"))\'',
        ),
    ),
    "torch": Format(
        "PyTorch's exported program, for PyTorch without Keras",
        "kerasnotes.export.formats.torch",
        ".pt2",
        backend="torch",
        requires=("torch",),
        extra="torch",
        usage=(
            "python -c 'import torch; print(torch.export.load(\"{path}\"))'",
        ),
    ),
    "keras": Format(
        "A .keras file of Keras' own layers, without kerasnotes",
        "kerasnotes.export.formats.plain_keras",
        ".keras",
        usage=(
            "python -c 'import keras; "
            'keras.saving.load_model("{path}").summary()\'',
        ),
    ),
}

QUANTIZED = ("int8", "float16")


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
    export_format = FORMATS[name]
    missing = [
        p for p in export_format.requires if not importlib.util.find_spec(p)
    ]
    if missing:
        raise UsageError(
            f"The format `{name}` needs packages that are not installed.",
            expected=", ".join(export_format.requires),
            received=f"without {', '.join(missing)}",
            hint=f"pip install 'kerasnotes[{export_format.extra}]'",
        )
    return export_format


def check_quantize(name: str, kind: str | None) -> None:
    """Raises a `UsageError` if a format cannot be quantized so."""
    known = FORMATS[name].quantize
    if kind is None or kind in known:
        return
    others = [key for key, f in FORMATS.items() if kind in f.quantize]
    raise UsageError(
        f"The format `{name}` is not quantized to {kind}.",
        expected=", ".join(known) or "no --quantize for this format",
        received=f"--quantize {kind}",
        hint="leave it out, or --format " + " or ".join(others)
        if others
        else "leave it out",
    )


def describe_usage(export_format: Format, path: Path, base: Path) -> list[str]:
    """Returns the commands that load an artefact.

    Args:
        export_format: Its format.
        path: The artefact.
        base: The absolute folder of a SavedModel's versions.
    """
    quoted = {"base": shlex.quote(str(base)), "name": shlex.quote(base.name)}
    values = {"path": path, **quoted}
    return [line.format(**values) for line in export_format.usage]
