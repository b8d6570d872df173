"""The child process that exports: always on TensorFlow, always float32.

    python -m kerasnotes.export.worker < request.json

Standard output carries one JSON object, `{"result": ...}` or
`{"error": ...}`, and nothing else, whatever the libraries print.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kerasnotes import errors
from kerasnotes.archive import archive


def export(request: dict[str, Any]) -> dict[str, Any]:
    """Loads a model, exports it, and compares the two.

    Args:
        request: `model`, `format`, `artefact` (paths and name) and `size`
            (`[height, width]` or null).

    Returns:
        `signature`, `checks` and `tolerance`, as JSON values.

    Raises:
        StorageError: If the model cannot be loaded or exported.
    """
    from kerasnotes import backend
    from kerasnotes.export import compare, formats, signature
    from kerasnotes.models.objective import ObjectiveModel

    choice = backend.setup("tensorflow", "float32")
    found = formats.find(request["format"])
    model = _load_float32(Path(request["model"]))
    if isinstance(model, ObjectiveModel):
        model = model.serving_model()
    size = request["size"]
    serving = signature.read_signature(model, tuple(size) if size else None)
    artefact = Path(request["artefact"])
    module = found.load_module()
    module.write(model, serving, artefact)
    predict = module.load(artefact, serving)
    checks = compare.compare(model, predict, serving)
    return {
        "signature": serving.to_json(),
        "checks": [
            {"shape": list(check.shape), "difference": check.difference}
            for check in checks
        ],
        "tolerance": compare.TOLERANCE,
        "versions": backend.versions(choice.backend),
    }


def _load_float32(path: Path) -> Any:
    """Loads a model so that every layer computes in float32.

    The policies of layers are written out in the files of bare Keras
    models, so that the global one does not reach them.
    """
    from kerasnotes import saving

    archive.check(path)
    if not archive.is_mixed(path):
        return saving.load_model(path)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "model.keras"
        archive.write_float32(path, copy)
        return saving.load_model(copy)


def _describe(error: BaseException) -> dict[str, Any]:
    """Turns an error into JSON that `export_model` raises again."""
    if isinstance(error, errors.KerasNotesError):
        parts = {k: getattr(error, k) for k in ("expected", "received", "hint")}
        kind = type(error).__name__
        return {"kind": kind, "message": error.message, **parts}
    from kerasnotes import backend

    reason = str(error).strip().split("\n")[0][:200]
    out = backend.is_out_of_memory(error)
    return {
        "kind": "OutOfMemoryError" if out else "StorageError",
        "message": "The model could not be exported.",
        "received": f"{type(error).__name__}: {reason}",
        "hint": "try another --format",
    }


def answer(
    request: str, work: Callable[[dict[str, Any]], dict[str, Any]] = export
) -> dict[str, Any]:
    """Does the work of one request; an error becomes an answer too."""
    try:
        return {"result": work(json.loads(request))}
    except Exception as error:
        # Whatever went wrong, the parent shows it on one screen.
        return {"error": _describe(error)}


def main() -> None:
    """Answers the request on standard input."""
    # Export on the CPU: a GPU's TF32 would differ by more than is allowed.
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with pipe:
        json.dump(answer(sys.stdin.read()), pipe)


if __name__ == "__main__":
    main()
