"""TensorFlow SavedModel: a folder with a graph, weights and signatures."""

from pathlib import Path
from typing import Any

from kerasnotes.export.signature import (
    Predict,
    Signature,
    Tensors,
    serving_function,
    tensor_specs,
)


def write(model: Any, signature: Signature, path: Path) -> None:
    """Writes the model with the signature `serving_default`."""
    from keras.export import ExportArchive

    archive = ExportArchive()
    archive.track(model)
    archive.add_endpoint(
        "serve",
        serving_function(model, signature).python_function,
        input_signature=tensor_specs(signature),
    )
    archive.write_out(str(path), verbose=False)


def load(path: Path, signature: Signature) -> Predict:
    """Returns the saved `serving_default`, as TensorFlow Serving calls it."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    function = loaded.signatures["serving_default"]

    def predict(tensors: Tensors) -> Tensors:
        given = {
            port.name: tf.constant(tensors[port.name], port.dtype)
            for port in signature.inputs
        }
        # `loaded` is kept alive here: the signature holds it weakly.
        answer = loaded and function(**given)
        return {name: value.numpy() for name, value in answer.items()}

    return predict
