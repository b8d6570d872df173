"""TensorFlow SavedModel: a folder with a graph, weights and signatures."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kerasnotes.export.endpoint import Endpoint
from kerasnotes.export.signature import (
    BYTES,
    Predict,
    Signature,
    Tensors,
    serving_function,
    tensor_specs,
)

DEFAULT = "serving_default"


def write(model: Any, signature: Signature, path: Path) -> None:
    """Writes a model with the signature `serving_default` alone."""
    from keras.export import ExportArchive

    archive = ExportArchive()
    archive.track(model)
    archive.add_endpoint(
        DEFAULT,
        serving_function(model, signature).python_function,
        input_signature=tensor_specs(signature.inputs),
    )
    archive.write_out(str(path), verbose=False)


def write_endpoints(endpoints: Sequence[Endpoint], path: Path) -> None:
    """Writes every endpoint under its name; they share their weights."""
    from keras.export import ExportArchive

    archive = ExportArchive()
    for model in {id(m): m for e in endpoints for m in e.tracked}.values():
        archive.track(model)
    for endpoint in endpoints:
        archive.add_endpoint(
            endpoint.name,
            _positional(endpoint),
            input_signature=tensor_specs(endpoint.inputs),
        )
    archive.write_out(str(path), verbose=False)
    _set_methods(path, {e.name: e.method for e in endpoints})


def _positional(endpoint: Endpoint) -> Callable[..., Tensors]:
    names = [port.name for port in endpoint.inputs]

    def serve(*tensors: Any) -> Tensors:
        return endpoint.serve(dict(zip(names, tensors, strict=True)))

    return serve


def _set_methods(path: Path, methods: dict[str, str]) -> None:
    """Says in the graph's file which of its signatures classify.

    `tf.saved_model.save` calls them all "predict"; TensorFlow Serving's
    `:classify` looks at the name.
    """
    graph = _read_graph(path)
    for name, method in methods.items():
        graph.meta_graphs[0].signature_def[name].method_name = method
    file = path / "saved_model.pb"
    file.write_bytes(graph.SerializeToString(deterministic=True))
    # It is a hash of what the file held before; no reader needs it.
    (path / "fingerprint.pb").unlink(missing_ok=True)


def _read_graph(path: Path) -> Any:
    from tensorflow.core.protobuf import saved_model_pb2

    data = (path / "saved_model.pb").read_bytes()
    return saved_model_pb2.SavedModel.FromString(data)


def describe_signatures(path: Path) -> dict[str, Any]:
    """Returns, by name, what each signature takes and gives, as JSON."""
    signatures = _read_graph(path).meta_graphs[0].signature_def
    return {
        name: {
            "inputs": _side(signatures[name].inputs),
            "outputs": _side(signatures[name].outputs),
            "method": signatures[name].method_name.rsplit("/", 1)[-1],
        }
        for name in sorted(signatures, key=lambda name: (name != DEFAULT, name))
        if not name.startswith("__")
    }


def _side(tensors: Any) -> dict[str, Any]:
    import tensorflow as tf

    ports = {}
    for name in sorted(tensors):
        dtype = tf.dtypes.as_dtype(tensors[name].dtype)
        sizes = [dim.size for dim in tensors[name].tensor_shape.dim]
        ports[name] = {
            "shape": [None if size < 0 else size for size in sizes],
            "dtype": BYTES if dtype == tf.string else dtype.name,
        }
    return ports


def load(path: Path, signature: Signature) -> Predict:
    """Returns the saved `serving_default`, as TensorFlow Serving calls it."""
    return load_signatures(path)[DEFAULT]


def load_signatures(path: Path) -> dict[str, Predict]:
    """Returns every saved signature by name."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    names = describe_signatures(path)
    return {name: _caller(loaded, name) for name in names}


def _caller(loaded: Any, name: str) -> Predict:
    import tensorflow as tf

    # `loaded` is kept alive here: the signature holds it weakly.
    function = loaded.signatures[name]
    specs = function.structured_input_signature[1]

    def predict(tensors: Tensors) -> Tensors:
        constants = {
            key: tf.constant(tensors[key], spec.dtype)
            for key, spec in specs.items()
        }
        answer = loaded and function(**constants)
        return {key: value.numpy() for key, value in answer.items()}

    return predict
