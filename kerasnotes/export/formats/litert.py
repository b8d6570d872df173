"""LiteRT, formerly TensorFlow Lite: one file for phones and small devices."""

import contextlib
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import StorageError
from kerasnotes.export.formats import saved_model
from kerasnotes.export.signature import Predict, Signature, Tensors

SIGNATURE = "serving_default"


def write(
    model: Any,
    signature: Signature,
    path: Path,
    *,
    quantize: str | None = None,
    calibration: Sequence[Tensors] = (),
) -> None:
    """Writes the model, with LiteRT's own operators only.

    Operators borrowed from TensorFlow would need its whole runtime on the
    device. Inputs and outputs stay float32, whatever is quantized inside.

    Args:
        model: The functional model.
        signature: Of it.
        path: The file.
        quantize: `float16` or `int8`, which is 8-bit weights, and 8-bit
            activations too where `calibration` shows how large they get.
        calibration: Requests of one example each.

    Raises:
        StorageError: If the model has operators that LiteRT lacks.
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        saved_model.write(model, signature, Path(folder))
        converter = tf.lite.TFLiteConverter.from_saved_model(
            folder, signature_keys=[SIGNATURE]
        )
        if quantize:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if quantize == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if quantize == "int8" and calibration and _one_size(signature):
            # The calibrator keeps the size that it saw first.
            converter.representative_dataset = lambda: (
                (SIGNATURE, tensors) for tensors in calibration
            )
        try:
            path.write_bytes(converter.convert())
        except OSError:
            raise
        except Exception as error:
            # The converter's errors share no narrower type.
            reason = str(error).strip().split("\n")[0][:200]
            raise StorageError(
                "LiteRT cannot express this model.",
                received=reason,
                hint=_hint(signature),
            ) from error


def _one_size(signature: Signature) -> bool:
    return None not in signature.shape[1:]


def _hint(signature: Signature) -> str:
    if None in signature.shape[1:3] and len(signature.shape) == 4:
        return "fix the size of images: --size HEIGHT WIDTH"
    return "export to saved_model or onnx instead"


def load(path: Path, signature: Signature) -> Predict:
    """Returns the model as the LiteRT interpreter runs it."""
    runner = _interpreter(path).get_signature_runner(SIGNATURE)

    def predict(tensors: Tensors) -> Tensors:
        # The runner resizes the input, and all after it, to what it gets.
        answer: Tensors = runner(**tensors)
        return answer

    return predict


def _interpreter(path: Path) -> Any:
    with contextlib.suppress(ImportError):
        from ai_edge_litert.interpreter import Interpreter

        return Interpreter(str(path))
    import tensorflow as tf

    with warnings.catch_warnings():
        # TensorFlow says to use ai_edge_litert, which is not there.
        warnings.simplefilter("ignore")
        return tf.lite.Interpreter(str(path))
