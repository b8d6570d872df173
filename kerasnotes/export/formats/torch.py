"""PyTorch's exported program (.pt2), with any batch size.

Traced on Keras' PyTorch backend; what comes out needs PyTorch alone.

Reference:
    https://docs.pytorch.org/docs/stable/export.html
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.export.examples import draw
from kerasnotes.export.signature import Predict, Signature, Tensors, call_model

TRACED = 2
"""Examples it is traced with: PyTorch takes 1 for a constant."""


def check(signature: Signature, quantize: str | None) -> None:
    """Raises a `UsageError` for what this format cannot do."""
    if None in signature.shape[1:]:
        raise UsageError(
            "A program exported by PyTorch takes images of one size.",
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
    """Writes the program, from tensors by name to tensors by name.

    Args:
        model: The functional model, on the backend torch.
        signature: Of it.
        path: The file.
        quantize: Not used.
        calibration: Not used.

    Raises:
        StorageError: If PyTorch cannot trace the model.
    """
    import torch

    served = _module(model, signature)
    shape = (TRACED, *(size or 1 for size in signature.shape[1:]))
    example = draw(np.random.default_rng(0), shape, signature.inputs)
    tensors = {name: torch.from_numpy(value) for name, value in example.items()}
    batch = torch.export.Dim("batch", min=1)
    try:
        with torch.no_grad():
            program = torch.export.export(
                served,
                (tensors,),
                dynamic_shapes=({key: {0: batch} for key in example},),
                strict=False,
            )
    except Exception as error:
        # The tracer's errors share no narrower type.
        reason = str(error).strip().split("\n")[0][:200]
        raise StorageError(
            "PyTorch cannot export this model.",
            received=reason,
            hint="export to saved_model or onnx instead",
        ) from error
    torch.export.save(program, path)


def _module(model: Any, signature: Signature) -> Any:
    """Returns the module that takes and gives tensors by name."""
    import torch

    class Served(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, tensors: Tensors) -> Any:
            return call_model(self.model, signature, tensors)

    return Served().eval()


def load(path: Path, signature: Signature) -> Predict:
    """Returns the program as PyTorch runs it, without Keras."""
    import torch

    program = torch.export.load(path).module()

    def predict(tensors: Tensors) -> Tensors:
        inputs = {k: torch.from_numpy(v) for k, v in tensors.items()}
        with torch.no_grad():
            answer = program(inputs)
        return {name: value.numpy() for name, value in answer.items()}

    return predict
