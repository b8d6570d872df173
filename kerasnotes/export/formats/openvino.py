"""OpenVINO's intermediate representation: a graph (.xml), weights (.bin)."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import StorageError
from kerasnotes.export.formats import saved_model
from kerasnotes.export.signature import Predict, Signature, Tensors

GRAPH = "model.xml"


def write(
    model: Any,
    signature: Signature,
    path: Path,
    *,
    quantize: str | None = None,
    calibration: Sequence[Tensors] = (),
) -> None:
    """Writes the folder with both files.

    Args:
        model: The functional model.
        signature: Of it.
        path: The folder, which does not exist yet.
        quantize: `float16` stores weights in half as many bits.
        calibration: Not used.

    Raises:
        StorageError: If OpenVINO cannot express the model.
    """
    import openvino
    from openvino.frontend import FrontEndManager

    with tempfile.TemporaryDirectory() as folder:
        saved_model.write(model, signature, Path(folder))
        # `openvino.convert_model` does the same, and reports to Intel.
        reader = FrontEndManager().load_by_framework("tf")
        try:
            converted = reader.convert(reader.load(folder))
        except Exception as error:
            # The converter's errors share no narrower type.
            reason = str(error).strip().split("\n")[0][:200]
            raise StorageError(
                "OpenVINO cannot express this model.",
                received=reason,
                hint="export to saved_model or onnx instead",
            ) from error
        _name(converted.inputs, [port.name for port in signature.inputs])
        _name(converted.outputs, [port.name for port in signature.outputs])
        path.mkdir()
        openvino.save_model(
            converted, path / GRAPH, compress_to_fp16=quantize == "float16"
        )


def _name(tensors: Any, names: list[str]) -> None:
    """Leaves each input or output one name, that of the signature."""
    for tensor in tensors:
        old = tensor.get_names()
        # The converter adds names like `serving_default_image:0`.
        [name] = [n for n in names if n in old] or [_only(old, names)]
        tensor.get_tensor().set_names({name})


def _only(old: set[str], names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    raise StorageError(
        "OpenVINO does not keep the names of inputs and outputs apart.",
        expected=", ".join(names),
        received=", ".join(sorted(old)),
        hint="export to saved_model or onnx instead",
    )


def load(path: Path, signature: Signature) -> Predict:
    """Returns the model as OpenVINO runs it on the CPU, in float32."""
    import openvino

    compiled = openvino.Core().compile_model(
        path / GRAPH, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    names = [port.name for port in signature.outputs]

    def predict(tensors: Tensors) -> Tensors:
        answer = compiled(tensors)
        return {name: answer[name] for name in names}

    return predict
