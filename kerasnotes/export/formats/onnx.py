"""ONNX, through tf2onnx."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import UsageError
from kerasnotes.export.signature import (
    Predict,
    Signature,
    Tensors,
    serving_function,
    tensor_specs,
)

OPSET = 17
"""ONNX operator set: the newest that ONNX Runtime 1.12 (2022) reads."""


def check(signature: Signature, quantize: str | None) -> None:
    """Raises a `UsageError` for what this format cannot do."""
    if quantize == "float16" and None in signature.shape[1:]:
        raise UsageError(
            "ONNX in float16 takes images of one size: it would compute "
            "with the sizes in float16 too.",
            expected="a height and a width",
            received=f"an input of shape {signature.shape}",
            hint="--size 256 256",
        )


def write(
    model: Any,
    signature: Signature,
    path: Path,
    *,
    quantize: str | None = None,
    calibration: Sequence[Tensors] = (),
) -> None:
    """Writes the model; free sizes get names, the batch is `batch`.

    Args:
        model: The functional model.
        signature: Of it.
        path: The file.
        quantize: `float16` or `int8`; inputs and outputs stay as they are.
        calibration: Requests of one example each, for `int8`: without any
            only weights of matrix products are 8-bit numbers.

    Raises:
        UsageError: If there is nothing that could be quantized.
    """
    import onnx

    proto = _convert(model, signature)
    if quantize and any(node.op_type == "Loop" for node in proto.graph.node):
        raise UsageError(
            "ONNX Runtime quantizes nothing inside of a loop, where this "
            "model computes.",
            received=f"--quantize {quantize}",
            hint=f"--format litert --quantize {quantize}",
        )
    if quantize == "float16":
        proto = _to_float16(proto)
    if quantize == "int8":
        _write_int8(proto, path, calibration)
    else:
        onnx.save(proto, path)
    onnx.checker.check_model(str(path))


def _convert(model: Any, signature: Signature) -> Any:
    import tf2onnx

    function = serving_function(model, signature)
    proto, _ = tf2onnx.convert.from_function(
        function,
        tensor_specs(signature.inputs),
        opset=OPSET,
        custom_op_handlers={"FloorMod": (_floor_mod, [])},
    )
    _store_constants(proto.graph, function.get_concrete_function())
    for port, entry in zip(signature.inputs, proto.graph.input, strict=True):
        names = ["batch", *_AXES.get(len(port.shape), ())]
        _name_axes(entry.type.tensor_type.shape, names)
    for entry in proto.graph.output:
        _name_axes(entry.type.tensor_type.shape, ["batch"])
    return proto


def _to_float16(proto: Any) -> Any:
    from onnxruntime.transformers import float16, onnx_model

    converted = float16.convert_float_to_float16(proto, keep_io_types=True)
    # The casts of inputs and outputs were put at the end.
    onnx_model.OnnxModel.graph_topological_sort(converted.graph)
    return converted


def _write_int8(proto: Any, path: Path, calibration: Sequence[Tensors]) -> None:
    from onnxruntime import quantization

    if not calibration:
        # Without examples only matrix products can be quantized.
        if not {"MatMul", "Gemm"} & {n.op_type for n in proto.graph.node}:
            raise UsageError(
                "Nothing of this model can be made int8 without examples of "
                "its data.",
                received="a file without a record of its training",
                hint="--quantize float16",
            )
        quantization.quantize_dynamic(
            proto, path, op_types_to_quantize=["MatMul", "Gemm"]
        )
        return

    class Reader(quantization.CalibrationDataReader):
        def __init__(self) -> None:
            self.rest = iter(calibration)

        def get_next(self) -> Tensors | None:
            return next(self.rest, None)

    # Weights of 7 bits: the sums of products of two 8-bit numbers overflow
    # on processors without VNNI (0.91 to 0.74 of the digits on one of them).
    quantization.quantize_static(
        proto, path, Reader(), per_channel=True, reduce_range=True
    )


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
