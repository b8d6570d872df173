"""ONNX, through tf2onnx."""

from pathlib import Path
from typing import Any

from kerasnotes.export.signature import (
    Predict,
    Signature,
    Tensors,
    serving_function,
    tensor_specs,
)

OPSET = 17
"""ONNX operator set: the newest that ONNX Runtime 1.12 (2022) reads."""


def write(model: Any, signature: Signature, path: Path) -> None:
    """Writes the model; free sizes get names, the batch is `batch`."""
    import onnx
    import tf2onnx

    function = serving_function(model, signature)
    proto, _ = tf2onnx.convert.from_function(
        function,
        tensor_specs(signature),
        opset=OPSET,
        custom_op_handlers={"FloorMod": (_floor_mod, [])},
    )
    _store_constants(proto.graph, function.get_concrete_function())
    for port, entry in zip(signature.inputs, proto.graph.input, strict=True):
        names = ["batch", *_AXES.get(len(port.shape), ())]
        _name_axes(entry.type.tensor_type.shape, names)
    for entry in proto.graph.output:
        _name_axes(entry.type.tensor_type.shape, ["batch"])
    onnx.save(proto, path)
    onnx.checker.check_model(str(path))


def _floor_mod(graph: Any, node: Any, name: str, args: list[Any]) -> None:
    """Converts `x % y` of integers to ONNX's `Mod`, which has Python's sign.

    tf2onnx 1.17 divides integers towards zero instead, which is wrong for
    negative ones: the mirrored margin of a U-Net came out shifted.
    """
    from onnx import TensorProto
    from tf2onnx.onnx_opset.math import FloorMod

    integers = (TensorProto.INT32, TensorProto.INT64)
    if graph.get_dtype(node.input[0]) in integers:
        node.type = "Mod"
    else:
        FloorMod.version_7(graph, node)


def _store_constants(graph: Any, function: Any) -> None:
    """Stores the constants that tf2onnx takes for inputs.

    Statistics of a Normalization are values that the function captured from
    outside; tf2onnx freezes captured variables only.
    """
    from onnx import numpy_helper

    captured = function.captured_inputs
    inputs = function.inputs[len(function.inputs) - len(captured) :]
    values = {
        tensor.name: value.numpy()
        for tensor, value in zip(inputs, captured, strict=True)
        if tensor.dtype != "resource"
    }
    used = {name for node in graph.node for name in node.input}
    for entry in [e for e in graph.input if e.name in values]:
        graph.input.remove(entry)
        if entry.name in used:
            stored = numpy_helper.from_array(values[entry.name], entry.name)
            graph.initializer.append(stored)


_AXES = {4: ("height", "width", "channels"), 2: ("features",)}


def _name_axes(shape: Any, names: list[str]) -> None:
    """Replaces tf2onnx's made-up names (`unk__42`) of free axes."""
    for axis, name in zip(shape.dim, names, strict=False):
        if not axis.HasField("dim_value"):
            axis.dim_param = name


def load(path: Path, signature: Signature) -> Predict:
    """Returns the model as ONNX Runtime runs it on the CPU."""
    import onnxruntime

    session = onnxruntime.InferenceSession(
        str(path), providers=["CPUExecutionProvider"]
    )

    names = [port.name for port in signature.outputs]

    def predict(tensors: Tensors) -> Tensors:
        return dict(zip(names, session.run(names, tensors), strict=True))

    return predict
